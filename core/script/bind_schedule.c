/* core.schedule - the engine of this node: who is busy when. */
#include "script/box.h"
#include "script/host.h"
#include "script/sandbox.h"

#define ASK "core.schedule.ask"

struct ask_box {
  struct script_wait wait;
  struct engine_ask ask;
};

static int l_free(lua_State *L) {
  struct ask_box *box = lua_touserdata(L, 1);
  bytes_deinit(&box->ask.answer);
  return 0;
}

static void on_answer(struct engine_ask *ask) { script_wake(&LIST_OWNER(ask, struct ask_box, ask)->wait); }

static void cancel_ask(struct script_wait *wait) { script_engine_withdraw(&LIST_OWNER(wait, struct ask_box, wait)->ask); }

static int finish_ask(lua_State *L, int status, lua_KContext ctx) {
  struct ask_box *box = lua_touserdata(L, 1);
  (void)status, (void)ctx;
  if (box->ask.err.code != ERR_NONE) return script_fail(L, &box->ask.err);
  lua_pushlstring(L, box->ask.answer.data, box->ask.answer.len);
  return 1;
}

/* ask(question, timeout_ms) → answer | nil, err */
static int l_ask(lua_State *L) {
  struct script_task *task = script_task_that_waits(L);
  struct slice question = script_check_slice(L, 1);
  lua_Integer timeout_ms = luaL_checkinteger(L, 2);
  luaL_argcheck(L, timeout_ms >= 1 && timeout_ms <= 10000, 2, "1 to 10000 expected");
  luaL_argcheck(L, memchr(question.data, '\n', question.len) == NULL, 1, "one line expected");
  struct ask_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = (struct ask_box){.ask = {.done = on_answer}};
  luaL_setmetatable(L, ASK);
  struct error err = {0};
  if (!script_engine_ask(task->script->engine, question, (unsigned)timeout_ms, &box->ask, &err)) return script_fail(L, &err);
  lua_replace(L, 1);
  lua_settop(L, 1);
  return script_wait(L, &box->wait, cancel_ask, finish_ask);
}

int script_open_schedule(lua_State *L) {
  static const luaL_Reg functions[] = {{"ask", l_ask}, {NULL, NULL}};
  luaL_newmetatable(L, ASK);
  lua_pushcfunction(L, l_free);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
