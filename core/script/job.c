/* A job of the queue as a task: app.job(job), or the function of a timer of that name. */
#include <stdlib.h>

#include "base/mem.h"
#include "script/box.h"
#include "script/host.h"

struct script_job {
  struct script_task task; /* first */
  struct loop_timer *deadline;
  const struct script_timer *timer; /* NULL: an ordinary job */
  struct jobs_end end;
  struct bytes result, error;
};

static void finish_job(struct script_job *self) {
  struct jobs_job *job = self->task.job;
  self->end.result = (struct slice){self->result.data, self->result.len};
  self->end.error = (struct slice){self->error.data, self->error.len};
  job->task = NULL;
  jobs_finish(job, &self->end);
  loop_timer_free(self->deadline);
  bytes_deinit(&self->result);
  bytes_deinit(&self->error);
  free(self);
}

static void on_ended(struct script_task *task, enum script_end how, const char *reason) {
  struct script_job *self = LIST_OWNER(task, struct script_job, task);
  if (how == SCRIPT_END_FAILED) {
    self->end.outcome = JOBS_RETRY;
    bytes_add_str(&self->error, reason);
  } else if (how == SCRIPT_END_STOPPED) {
    self->end.outcome = task->must_stop ? JOBS_STOPPED : JOBS_RETRY;
    bytes_add_str(&self->error, task->must_stop ? "stopped" : "the job took too long");
  }
  finish_job(self);
}

static void on_deadline(void *ctx) {
  struct script_job *self = ctx;
  script_task_stop(&self->task);
}

/* The second result is an error table: its `final` says that another try is useless. */
static void take_failure(lua_State *L, struct script_job *self) {
  self->end.outcome = JOBS_RETRY;
  if (lua_istable(L, 3)) {
    lua_getfield(L, 3, "final");
    if (lua_toboolean(L, -1)) self->end.outcome = JOBS_FAILED;
    lua_getfield(L, 3, "text");
  }
  size_t len;
  const char *text = luaL_tolstring(L, -1, &len);
  bytes_add(&self->error, text, len);
}

/* Stack: 1 task, 2 result (JSON text, true or nothing; nil or false with an error failed), 3 error. */
static int finished(lua_State *L, int status, lua_KContext ctx) {
  struct script_task *task = lua_touserdata(L, 1);
  struct script_job *self = LIST_OWNER(task, struct script_job, task);
  (void)status, (void)ctx;
  lua_settop(L, 3);
  bool has_failed = !lua_toboolean(L, 2) && !lua_isnil(L, 3);
  if (has_failed && task->must_stop) self->end.outcome = JOBS_STOPPED;
  else if (has_failed) take_failure(L, self);
  if (!has_failed && lua_type(L, 2) == LUA_TSTRING) {
    size_t len;
    const char *text = lua_tolstring(L, 2, &len);
    bytes_add(&self->result, text, len);
  }
  return 0;
}

static void push_job(lua_State *L, const struct jobs_job *job) {
  lua_createtable(L, 0, 6);
  lua_pushinteger(L, job->id);
  lua_setfield(L, -2, "id");
  lua_pushstring(L, job->kind);
  lua_setfield(L, -2, "kind");
  lua_pushlstring(L, job->payload.len != 0 ? job->payload.data : "", job->payload.len);
  lua_setfield(L, -2, "payload");
  lua_pushinteger(L, job->attempt);
  lua_setfield(L, -2, "attempt");
  lua_pushinteger(L, job->max_attempts);
  lua_setfield(L, -2, "max_attempts");
}

static int enter(lua_State *L) {
  struct script_task *task = lua_touserdata(L, 1);
  struct script_job *self = LIST_OWNER(task, struct script_job, task);
  int ref = self->timer != NULL ? self->timer->ref : task->generation->job_ref;
  lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
  push_job(L, task->job);
  lua_callk(L, 1, 2, 0, finished);
  return finished(L, LUA_OK, 0);
}

static const struct script_timer *find_timer(const struct script *script, const char *kind) {
  const struct script_generation *generation = script->generation;
  for (int i = 0; generation != NULL && i < generation->timer_count; i++)
    if (strcmp(generation->timers[i].name, kind) == 0) return &generation->timers[i];
  return NULL;
}

const struct script_timer *script_timers(const struct script *script, int *count) {
  *count = script->generation != NULL ? script->generation->timer_count : 0;
  return *count != 0 ? script->generation->timers : NULL;
}

static struct script_job *new_job(struct script *script, struct jobs_job *job) {
  struct script_job *self = mem_zero(sizeof *self);
  struct script_task *task = &self->task;
  self->end.outcome = JOBS_DONE;
  self->timer = find_timer(script, job->kind);
  self->deadline = loop_timer_new(script->config.loop, on_deadline, self);
  loop_timer_start(self->deadline, script->config.job.wall_us / 1000, 0);
  task->script = script;
  task->limits = &script->config.job;
  task->ended = on_ended;
  task->job = job;
  task->started_us = uv_hrtime() / 1000;
  snprintf(task->id, sizeof task->id, "job-%lld-%d", (long long)job->id, job->attempt);
  snprintf(task->route, sizeof task->route, "%s", job->kind);
  job->task = task;
  return self;
}

void script_execute_job(struct jobs_job *job, void *ctx) {
  struct script *script = ctx;
  struct script_job *self = new_job(script, job);
  struct error err;
  const struct script_generation *generation = script->generation;
  bool can_run = generation != NULL && (self->timer != NULL || generation->job_ref != LUA_NOREF);
  if (!can_run) error_set(&err, ERR_UNAVAILABLE, "no Lua code for jobs is loaded");
  if (can_run && script_task_start(script, &self->task, enter, &err)) return;
  self->end.outcome = JOBS_RETRY;
  bytes_add_str(&self->error, err.text);
  finish_job(self);
}

void script_stop_job(struct jobs_job *job, enum jobs_stop_reason reason, void *ctx) {
  struct script_task *task = job->task;
  (void)ctx;
  if (task == NULL) return;
  task->must_stop = true; /* core.job.is_stopping() tells it; a lost one has nothing to finish */
  if (reason == JOBS_STOP_LOST) script_task_stop(task);
}
