#include "script/task.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "db/db.h"
#include "script/host.h"

struct script_task *script_task_or_null(lua_State *L) {
  return *(struct script_task **)lua_getextraspace(L);
}

struct script_task *script_task(lua_State *L) {
  struct script_task *task = script_task_or_null(L);
  if (task == NULL) luaL_error(L, "this is possible only inside a request, a job or a command");
  return task;
}

struct script_task *script_task_that_waits(lua_State *L) {
  struct script_task *task = script_task(L);
  if (!lua_isyieldable(L)) luaL_error(L, "waiting is not possible inside this callback");
  return task;
}

int script_wait(lua_State *L, struct script_wait *wait, void (*cancel)(struct script_wait *),
                lua_KFunction k) {
  return script_wait_with(L, wait, cancel, k, 0);
}

int script_wait_with(lua_State *L, struct script_wait *wait, void (*cancel)(struct script_wait *),
                     lua_KFunction k, lua_KContext ctx) {
  struct script_task *task = script_task(L);
  assert(task->wait == NULL);
  wait->task = task;
  wait->cancel = cancel;
  task->wait = wait;
  return lua_yieldk(L, 0, ctx, k);
}

/* ---- limits ---- */

static const char *limit_text(const struct script_task *task) {
  return task->over == SCRIPT_OVER_TIME ? "time limit of the task exceeded"
                                        : "memory limit of the task exceeded";
}

void script_overrun_hook(lua_State *L, lua_Debug *ar) {
  (void)ar;
  struct script_task *task = script_task_or_null(L);
  if (task == NULL) return;
  if (task->over == SCRIPT_WITHIN) task->over = SCRIPT_OVER_TIME;
  luaL_error(L, "%s", limit_text(task));
}

void script_rethrow_limit(lua_State *L, int status) {
  struct script_task *task = script_task_or_null(L);
  if (task == NULL) return;
  if (status == LUA_ERRMEM && task->over == SCRIPT_WITHIN) task->over = SCRIPT_OVER_MEMORY;
  if (task->over != SCRIPT_WITHIN) lua_error(L);
}

static uint64_t burst_allowed(const struct script_task *task) {
  uint64_t burst = task->limits->burst_us;
  if (task->limits->total_us == 0) return burst;
  uint64_t left = task->limits->total_us > task->lua_us ? task->limits->total_us - task->lua_us : 1;
  return left < burst ? left : burst;
}

static void limit_memory(struct script_task *task) {
  struct script_memory *memory = &task->generation->memory;
  int64_t left = (int64_t)task->limits->memory_bytes - task->memory;
  size_t limit = memory->used + (left > 0 ? (size_t)left : 0);
  memory->limit = limit < memory->ceiling ? limit : memory->ceiling;
}

/* ---- end ---- */

static int describe(lua_State *L) {
  struct script_task *task = lua_touserdata(L, 1);
  const char *text = lua_tostring(task->thread, -1);
  if (text == NULL) text = "an error that is no text";
  luaL_traceback(L, task->thread, text, 0);
  return 1;
}

static void log_fault(struct script_task *task, const char *text) {
  struct script_stats *stats = task->script->config.stats;
  stats->script_errors++;
  if (task->over == SCRIPT_OVER_TIME) stats->over_time++;
  if (task->over == SCRIPT_OVER_MEMORY) stats->over_memory++;
  struct log_line line;
  log_begin(&line, task->script->config.log, LOG_ERROR, "script fault");
  log_str(&line, "id", slice_of(task->id));
  log_str(&line, "route", slice_of(task->route));
  log_int(&line, "generation", task->generation->number);
  log_str(&line, "text", slice_of(text));
  log_end(&line);
}

/* The message with its traceback, into out. Lua may be out of memory: then the plain message. */
static void report_fault(struct script_task *task, int status, char *out, size_t size) {
  lua_State *L = task->generation->L;
  const char *text = "not enough memory";
  int top = lua_gettop(L);
  lua_pushcfunction(L, describe);
  lua_pushlightuserdata(L, task);
  if (lua_pcall(L, 1, 1, 0) == LUA_OK) text = lua_tostring(L, -1);
  else if (status != LUA_ERRMEM) text = "a fault without a traceback: not enough memory";
  log_fault(task, text);
  size_t len = strcspn(text, "\n");
  if (len >= size) len = size - 1;
  memcpy(out, text, len);
  out[len] = '\0';
  lua_settop(L, top);
}

static void abandon_transaction(struct script_task *task, const char *why) {
  if (task->copy != NULL) db_copy_cancel(task->copy);
  task->copy = NULL;
  if (task->tx == NULL) return;
  db_tx_abandon(task->tx);
  task->tx = NULL;
  if (why != NULL) log_text(task->script->config.log, LOG_WARN, "transaction abandoned", "%s", why);
}

/* Before anything can collect what the coroutine held. */
static void part_from_lua(struct script_task *task) {
  if (task->lua_side != NULL) *task->lua_side = NULL;
  task->lua_side = NULL;
}

static void end_task(struct script_task *task, enum script_end how, const char *reason,
                     bool is_clean) {
  struct script *script = task->script;
  struct script_generation *generation = task->generation;
  part_from_lua(task);
  abandon_transaction(task, how == SCRIPT_END_OK ? "the task ended without commit" : NULL);
  script_feed_drop(task);
  script_thread_give(generation, task->thread, task->thread_ref, is_clean);
  task->thread = NULL;
  list_remove(&task->link);
  script->task_count--;
  task->ended(task, how, reason); /* task is gone */
  script_generation_unref(generation);
}

static void finish(struct script_task *task, int status) {
  char reason[512];
  part_from_lua(task);
  if (status == LUA_OK) {
    end_task(task, SCRIPT_END_OK, NULL, lua_gethook(task->thread) == NULL);
    return;
  }
  if (status == LUA_ERRMEM && task->over == SCRIPT_WITHIN) task->over = SCRIPT_OVER_MEMORY;
  if (status == LUA_YIELD) {
    snprintf(reason, sizeof reason, "coroutine.yield outside of a coroutine");
    log_fault(task, reason);
  } else {
    report_fault(task, status, reason, sizeof reason);
  }
  end_task(task, SCRIPT_END_FAILED, reason, false);
}

/* ---- running ---- */

/* The only way into Lua. */
static void script_resume(struct script_task *task, int args) {
  struct script *script = task->script;
  struct script_memory *memory = &task->generation->memory;
  assert(script->current == NULL);
  uint64_t start = clock_monotonic_us();
  size_t before = memory->used;
  limit_memory(task);
  script->current = task;
  script_watchdog_begin(&script->watchdog, task->thread, start + burst_allowed(task));
  int results = 0;
  int status = lua_resume(task->thread, NULL, args, &results);
  script_watchdog_end(&script->watchdog);
  script->current = NULL;
  memory->limit = memory->ceiling;
  task->lua_us += clock_monotonic_us() - start;
  task->memory += (int64_t)memory->used - (int64_t)before;
  if (task->memory < 0) task->memory = 0; /* a collection freed what others had left */
  if (status == LUA_YIELD && task->wait != NULL) return;
  finish(task, status);
}

bool script_task_start(struct script *script, struct script_task *task, lua_CFunction body,
                       struct error *err) {
  struct script_generation *generation = script->generation;
  if (!script_thread_take(generation, &task->thread, &task->thread_ref))
    return error_set(err, ERR_OVERLOADED, "no memory for one more coroutine");
  script_generation_ref(generation);
  task->script = script;
  task->generation = generation;
  *(struct script_task **)lua_getextraspace(task->thread) = task;
  list_push(&script->tasks, &task->link);
  script->task_count++;
  lua_pushcfunction(task->thread, body);
  lua_pushlightuserdata(task->thread, task);
  script_resume(task, 1);
  return true;
}

void script_wake(struct script_wait *wait) {
  struct script_task *task = wait->task;
  if (task == NULL) return;
  wait->task = NULL;
  task->wait = NULL;
  script_resume(task, 0);
}

void script_task_stop(struct script_task *task) {
  assert(task->script->current != task);
  struct script_wait *wait = task->wait;
  if (wait != NULL) {
    task->wait = NULL;
    wait->task = NULL;
    wait->cancel(wait);
  }
  end_task(task, SCRIPT_END_STOPPED, "stopped", false);
}

/* ---- failure as values ---- */

int script_fail_text(lua_State *L, const char *code, const char *text) {
  lua_pushnil(L);
  lua_createtable(L, 0, 2);
  lua_pushstring(L, code);
  lua_setfield(L, -2, "code");
  lua_pushstring(L, text);
  lua_setfield(L, -2, "text");
  return 2;
}

int script_fail(lua_State *L, const struct error *err) {
  return script_fail_text(L, error_name(err->code), err->text);
}
