/* core.solver - plans of lessons, searched for in the thread pool of a job.
 *
 *   solve(term) --> run: searching --time is over, stop()--> done --> draft()
 *
 * A run belongs to its box; a box that goes while it searches stops it, and the pool frees it. */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "script/box.h"
#include "script/host.h"
#include "script/sandbox.h"
#include "script/term_table.h"

#define RUN "core.solver.run"

struct solver_run {
  struct script_wait wait;
  struct loop_timer *timer; /* while somebody waits with a limit */
  struct schedule_term term;
  struct schedule_at *draft; /* owned; read when done */
  struct schedule_cost cost;
  int32_t hard;
  uint64_t seed, began_us, limit_us;
  bool is_repair;
  bool is_searching, is_orphan; /* loop thread only */
  atomic_bool must_stop;
  atomic_uint_fast64_t moves;
  atomic_int best_hard, best_soft;
};

struct run_box {
  struct solver_run *run;
};

static void free_run(struct solver_run *run) {
  schedule_term_free(&run->term);
  free(run->draft);
  free(run);
}

static void end_wait(struct solver_run *run) {
  loop_timer_free(run->timer);
  run->timer = NULL;
}

static int l_free(lua_State *L) {
  struct run_box *box = lua_touserdata(L, 1);
  struct solver_run *run = box->run;
  box->run = NULL;
  if (run == NULL) return 0;
  atomic_store(&run->must_stop, true);
  end_wait(run);
  if (run->is_searching) run->is_orphan = true;
  else free_run(run);
  return 0;
}

/* ---- in the pool */

static double pulse(void *ctx, const struct schedule_progress *progress) {
  struct solver_run *run = ctx;
  atomic_store(&run->moves, progress->moves);
  atomic_store(&run->best_hard, progress->best_hard);
  atomic_store(&run->best_soft, progress->best_soft);
  if (atomic_load(&run->must_stop)) return 1;
  return (double)(clock_monotonic_us() - run->began_us) / (double)run->limit_us;
}

static void search(void *ctx) {
  struct solver_run *run = ctx;
  struct schedule_solve_options options = {.seed = run->seed, .pulse = pulse, .pulse_ctx = run, .is_repair = run->is_repair};
  run->began_us = clock_monotonic_us();
  schedule_solve(&run->term, &options, run->draft, &run->hard);
  schedule_cost(&run->term, run->draft, &run->cost);
}

static void on_searched(void *ctx) {
  struct solver_run *run = ctx;
  run->is_searching = false;
  if (run->is_orphan) {
    free_run(run);
    return;
  }
  end_wait(run);
  script_wake(&run->wait);
}

/* ---- for Lua */

static struct solver_run *run_of(lua_State *L) { return ((struct run_box *)luaL_checkudata(L, 1, RUN))->run; }

static struct solver_run *push_run(lua_State *L) {
  struct run_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->run = NULL;
  luaL_setmetatable(L, RUN);
  box->run = mem_zero(sizeof *box->run);
  atomic_store(&box->run->best_hard, -1);
  return box->run;
}

/* solve(term, {seconds =, seed =, is_repair =}) → run | nil, err */
static int l_solve(lua_State *L) {
  struct script_task *task = script_task(L);
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  if (!task->script->config.may_run_processes) return luaL_error(L, "core.solver searches in jobs and commands");
  lua_getfield(L, 2, "seconds");
  lua_Number seconds = luaL_checknumber(L, -1);
  luaL_argcheck(L, seconds > 0 && seconds <= 3600, 2, "up to 3600 seconds expected");
  lua_getfield(L, 2, "is_repair");
  bool is_repair = lua_toboolean(L, -1);
  uint64_t seed = (uint64_t)script_option_integer(L, 2, "seed", 1, 0, 1000000000);
  struct solver_run *run = push_run(L);
  script_read_term(L, 1, &run->term);
  run->draft = mem_zero(run->term.lecture_count * sizeof *run->draft);
  run->seed = seed;
  run->limit_us = (uint64_t)(seconds * 1e6);
  run->is_repair = is_repair && run->term.was != NULL;
  struct error err;
  if (!loop_work(task->script->config.loop, search, on_searched, run, &err)) return script_fail(L, &err);
  run->is_searching = true;
  return 1;
}

static void on_waited(void *ctx) {
  struct solver_run *run = ctx;
  end_wait(run);
  script_wake(&run->wait);
}

/* Who waited has died: nobody wants the rest of the search. */
static void cancel_wait(struct script_wait *wait) {
  struct solver_run *run = LIST_OWNER(wait, struct solver_run, wait);
  end_wait(run);
  atomic_store(&run->must_stop, true);
}

static void set_integer(lua_State *L, const char *name, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static int push_state(lua_State *L, struct solver_run *run) {
  lua_createtable(L, 0, 5);
  set_integer(L, "moves", (lua_Integer)atomic_load(&run->moves));
  set_integer(L, "hard", run->is_searching ? atomic_load(&run->best_hard) : run->hard);
  set_integer(L, "soft", run->is_searching ? atomic_load(&run->best_soft) : (lua_Integer)schedule_soft(&run->cost));
  lua_pushboolean(L, !run->is_searching);
  lua_setfield(L, -2, "is_done");
  return 1;
}

static int finish_wait(lua_State *L, int status, lua_KContext ctx) {
  (void)status, (void)ctx;
  return push_state(L, run_of(L));
}

/* run:wait(timeout_ms) → {moves, hard, soft, is_done} */
static int l_wait(lua_State *L) {
  struct script_task *task = script_task_that_waits(L);
  struct solver_run *run = run_of(L);
  lua_Integer timeout_ms = luaL_checkinteger(L, 2);
  luaL_argcheck(L, timeout_ms >= 1 && timeout_ms <= 60000, 2, "1 to 60000 expected");
  lua_settop(L, 1);
  if (!run->is_searching) return push_state(L, run);
  run->timer = loop_timer_new(task->script->config.loop, on_waited, run);
  loop_timer_start(run->timer, (uint64_t)timeout_ms, 0);
  return script_wait(L, &run->wait, cancel_wait, finish_wait);
}

/* run:stop(): the best so far is done within some milliseconds. */
static int l_stop(lua_State *L) {
  atomic_store(&run_of(L)->must_stop, true);
  return 0;
}

/* run:draft() → {period, room, …}, {kind = cost}, when it is done: numbers from 1, 0 for nowhere */
static int l_draft(lua_State *L) {
  struct solver_run *run = run_of(L);
  if (run->is_searching) return luaL_error(L, "it still searches");
  lua_createtable(L, (int)run->term.lecture_count * 2, 0);
  for (uint32_t i = 0; i < run->term.lecture_count; i++) {
    bool is_placed = run->draft[i].period != SCHEDULE_NOWHERE;
    lua_pushinteger(L, is_placed ? run->draft[i].period + 1 : 0);
    lua_rawseti(L, -2, i * 2 + 1);
    lua_pushinteger(L, is_placed && run->draft[i].room < run->term.room_count ? run->draft[i].room + 1 : 0);
    lua_rawseti(L, -2, i * 2 + 2);
  }
  lua_createtable(L, 0, 6);
  set_integer(L, "hard", schedule_hard(&run->cost));
  set_integer(L, "seats", run->cost.seats);
  set_integer(L, "days", run->cost.days);
  set_integer(L, "shape", run->cost.shape);
  set_integer(L, "rooms", run->cost.rooms);
  set_integer(L, "moved", run->cost.moved);
  return 2;
}

/* blockers(term) → {line, courses, needed, open} | nil: the smallest set of courses that cannot all be placed */
static int l_blockers(lua_State *L) {
  script_task(L);
  struct solver_run *run = push_run(L);
  script_read_term(L, 1, &run->term);
  struct schedule_blockers blockers;
  if (!schedule_term_blockers(&run->term, &blockers)) return 0;
  lua_createtable(L, 0, 4);
  if (blockers.line != NULL) set_integer(L, "line", blockers.line - run->term.line + 1);
  set_integer(L, "needed", blockers.needed);
  set_integer(L, "open", blockers.open);
  lua_createtable(L, (int)blockers.count, 0);
  for (uint32_t i = 0; i < blockers.count; i++) {
    lua_pushinteger(L, blockers.course[i] + 1);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "courses");
  schedule_blockers_deinit(&blockers);
  return 1;
}

int script_open_solver(lua_State *L) {
  static const luaL_Reg functions[] = {{"solve", l_solve}, {"blockers", l_blockers}, {NULL, NULL}};
  static const luaL_Reg methods[] = {{"wait", l_wait}, {"stop", l_stop}, {"draft", l_draft}, {"__gc", l_free}, {NULL, NULL}};
  luaL_newmetatable(L, RUN);
  luaL_setfuncs(L, methods, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
