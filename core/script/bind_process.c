/* core.process - other programs, without a shell; jobs and commands only. */
#include "loop/process.h"

#include <stdlib.h>

#include "script/box.h"
#include "script/host.h"
#include "script/sandbox.h"

#define PROCESS "core.process.run"
#define ARGS_MAX 64

struct process_box {
  struct script_wait wait;
  struct loop_command *command;
  struct error err;
  int status;
  struct bytes output, errors;
};

static int l_free(lua_State *L) {
  struct process_box *box = lua_touserdata(L, 1);
  bytes_deinit(&box->output);
  bytes_deinit(&box->errors);
  return 0;
}

static void on_done(void *ctx, struct loop_command_outcome *outcome) {
  struct process_box *box = ctx;
  if (outcome->err != NULL) box->err = *outcome->err;
  box->status = outcome->status;
  box->output = outcome->output;
  box->errors = outcome->errors;
  outcome->output = outcome->errors = (struct bytes){0};
  script_wake(&box->wait);
}

static void cancel_run(struct script_wait *wait) {
  loop_command_cancel(LIST_OWNER(wait, struct process_box, wait)->command);
}

static void set_bytes(lua_State *L, const char *name, const struct bytes *text) {
  lua_pushlstring(L, text->len != 0 ? text->data : "", text->len);
  lua_setfield(L, -2, name);
}

static int finish_run(lua_State *L, int status, lua_KContext ctx) {
  struct process_box *box = lua_touserdata(L, 1);
  (void)status, (void)ctx;
  if (box->err.code != ERR_NONE) return script_fail(L, &box->err);
  lua_createtable(L, 0, 3);
  lua_pushinteger(L, box->status);
  lua_setfield(L, -2, "status");
  set_bytes(L, "output", &box->output);
  set_bytes(L, "errors", &box->errors);
  return 1;
}

/* The strings stay in the table argv of argument 1, which stays on the stack. */
static void collect_args(lua_State *L, char *argv[ARGS_MAX + 1]) {
  luaL_argcheck(L, lua_getfield(L, 1, "argv") == LUA_TTABLE, 1, "argv = {…} expected");
  lua_Integer count = luaL_len(L, -1);
  luaL_argcheck(L, count >= 1 && count <= ARGS_MAX, 1, "1 to 64 words in argv expected");
  for (lua_Integer i = 0; i < count; i++) {
    if (lua_rawgeti(L, -1, i + 1) != LUA_TSTRING) luaL_error(L, "argv holds text");
    argv[i] = (char *)(uintptr_t)lua_tostring(L, -1); /* execvp wants char * and only reads */
    lua_pop(L, 1);
  }
  argv[count] = NULL;
}

/* run{argv =, input =, timeout_ms =, max_bytes =} → {status, output, errors} */
static int l_run(lua_State *L) {
  struct script_task *task = script_task_that_waits(L);
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  if (!task->script->config.may_run_processes)
    return luaL_error(L, "core.process belongs to jobs and commands");
  struct process_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = (struct process_box){0};
  luaL_setmetatable(L, PROCESS);
  char *argv[ARGS_MAX + 1];
  collect_args(L, argv);
  struct loop_command_options options = {
      .argv = argv,
      .timeout_ms = (unsigned)script_option_integer(L, 1, "timeout_ms", 60000, 1, 3600000),
      .max_bytes = (size_t)script_option_integer(L, 1, "max_bytes", 16 << 20, 0, 256 << 20)};
  lua_getfield(L, 1, "input");
  options.input.data = luaL_optlstring(L, -1, "", &options.input.len);
  box->command = loop_command_run(task->script->config.loop, &options, on_done, box);
  lua_pushvalue(L, 2);
  lua_replace(L, 1);
  return script_wait(L, &box->wait, cancel_run, finish_run);
}

int script_open_process(lua_State *L) {
  static const luaL_Reg functions[] = {{"run", l_run}, {NULL, NULL}};
  luaL_newmetatable(L, PROCESS);
  lua_pushcfunction(L, l_free);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
