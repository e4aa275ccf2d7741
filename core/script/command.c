/* A command of the front end, e.g. `copp user add`, as a task: boot.command(name, args). */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "script/box.h"
#include "script/host.h"

struct script_command {
  struct script_task task; /* first */
  const char *name;
  const char *const *args;
  int exit_code;
  struct bytes message;
  void (*done)(void *ctx, int exit_code, const char *message);
  void *ctx;
};

static void on_ended(struct script_task *task, enum script_end how, const char *reason) {
  struct script_command *self = LIST_OWNER(task, struct script_command, task);
  if (how != SCRIPT_END_OK) {
    self->exit_code = 1;
    bytes_add_str(&self->message, reason);
  }
  self->done(self->ctx, self->exit_code, self->message.len != 0 ? self->message.data : NULL);
  bytes_deinit(&self->message);
  free(self);
}

/* Stack: 1 task, 2 result, 3 error. */
static int finished(lua_State *L, int status, lua_KContext ctx) {
  struct script_task *task = lua_touserdata(L, 1);
  struct script_command *self = LIST_OWNER(task, struct script_command, task);
  (void)status, (void)ctx;
  lua_settop(L, 3);
  if (lua_isinteger(L, 2)) self->exit_code = (int)(lua_tointeger(L, 2) & 0xff);
  if (lua_isnil(L, 2) && !lua_isnil(L, 3)) {
    self->exit_code = 1;
    if (lua_istable(L, 3)) lua_getfield(L, 3, "text");
    bytes_add_str(&self->message, luaL_tolstring(L, -1, NULL));
  }
  return 0;
}

static int enter(lua_State *L) {
  struct script_task *task = lua_touserdata(L, 1);
  struct script_command *self = LIST_OWNER(task, struct script_command, task);
  lua_rawgeti(L, LUA_REGISTRYINDEX, task->generation->command_ref);
  lua_pushstring(L, self->name);
  lua_newtable(L);
  for (const char *const *arg = self->args; arg != NULL && *arg != NULL; arg += 2) {
    lua_pushstring(L, arg[1]);
    lua_setfield(L, -2, arg[0]);
  }
  lua_callk(L, 2, 2, 0, finished);
  return finished(L, LUA_OK, 0);
}

void script_command(struct script *script, const char *name, const char *const *args,
                    void (*done)(void *ctx, int exit_code, const char *message), void *ctx) {
  struct error err;
  if (script->generation == NULL || script->generation->command_ref == LUA_NOREF) {
    done(ctx, 1, "lua/boot.lua has no function 'command'");
    return;
  }
  struct script_command *self = mem_zero(sizeof *self);
  self->name = name;
  self->args = args;
  self->done = done;
  self->ctx = ctx;
  self->task.script = script;
  self->task.limits = &script->config.command;
  self->task.ended = on_ended;
  self->task.started_us = clock_monotonic_us();
  snprintf(self->task.id, sizeof self->task.id, "command-%s", name);
  snprintf(self->task.route, sizeof self->task.route, "%s", name);
  if (script_task_start(script, &self->task, enter, &err)) return;
  free(self);
  done(ctx, 1, err.text);
}
