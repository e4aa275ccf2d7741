#include "script/work.h"

#include <stdlib.h>

#include "base/mem.h"
#include "script/host.h"

#define WORK "core.work"

struct work_box {
  struct script_work *work;
};

static void free_work(struct script_work *work) {
  if (work->deinit != NULL) work->deinit(work);
  free(work);
}

static int l_free(lua_State *L) {
  struct work_box *box = lua_touserdata(L, 1);
  struct script_work *work = box->work;
  box->work = NULL;
  if (work == NULL) return 0;
  if (work->is_running) work->is_orphan = true;
  else free_work(work);
  return 0;
}

void script_open_work(lua_State *L) {
  luaL_newmetatable(L, WORK);
  lua_pushcfunction(L, l_free);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}

void *script_work_new(lua_State *L, size_t size, void (*run)(struct script_work *),
                      void (*deinit)(struct script_work *)) {
  struct work_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->work = NULL;
  luaL_setmetatable(L, WORK);
  box->work = mem_zero(size);
  box->work->run = run;
  box->work->deinit = deinit;
  return box->work;
}

static void run(void *ctx) {
  struct script_work *work = ctx;
  work->run(work);
}

static void done(void *ctx) {
  struct script_work *work = ctx;
  work->is_running = false;
  if (work->counter != NULL) --*work->counter;
  if (work->is_orphan) free_work(work);
  else script_wake(&work->wait);
}

/* The box may be collected long after; work->is_running keeps the memory until done(). */
static void cancel(struct script_wait *wait) { (void)wait; }

int script_work_start(lua_State *L, struct script_work *work, lua_KFunction finish) {
  struct script_task *task = script_task_that_waits(L);
  lua_replace(L, 1);
  lua_settop(L, 1);
  struct error err;
  if (!loop_work(task->script->config.loop, run, done, work, &err)) return script_fail(L, &err);
  work->is_running = true;
  if (work->counter != NULL) ++*work->counter;
  return script_wait(L, &work->wait, cancel, finish);
}

void *script_work_of(lua_State *L) { return ((struct work_box *)lua_touserdata(L, 1))->work; }
