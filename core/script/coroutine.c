/* Coroutines, pcall and xpcall for product code. They differ from Lua's own in two points: a limit
 * error passes through them, and a binding that waits inside a nested coroutine suspends the whole
 * task, not just that coroutine. */
#include "script/host.h"
#include "script/sandbox.h"

/* ---- protected calls ---- */

static int finish_pcall(lua_State *L, int status, lua_KContext extra) {
  if (status != LUA_OK && status != LUA_YIELD) {
    script_rethrow_limit(L, status);
    lua_pushboolean(L, 0);
    lua_pushvalue(L, -2);
    return 2;
  }
  return lua_gettop(L) - (int)extra;
}

static int l_pcall(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_pcall);
  return finish_pcall(L, status, 0);
}

static int l_xpcall(lua_State *L) {
  int top = lua_gettop(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_pushboolean(L, 1);
  lua_pushvalue(L, 1);
  lua_rotate(L, 3, 2); /* handler stays at 2; true and the function go before the arguments */
  int status = lua_pcallk(L, top - 2, LUA_MULTRET, 2, 2, finish_pcall);
  return finish_pcall(L, status, 2);
}

/* ---- coroutines ---- */

static lua_State *check_thread(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co != NULL, 1, "coroutine");
  return co;
}

enum { AS_RESUME, AS_WRAP };

static int step(lua_State *L, lua_State *co, int args, lua_KContext kind);

static int go_on(lua_State *L, int status, lua_KContext kind) {
  (void)status;
  return step(L, lua_tothread(L, 1), 0, kind);
}

/* co began to wait for the outside world: so does L. */
static int pass_wait(lua_State *L, lua_KContext kind) {
  struct script_task *task = script_task(L);
  if (!lua_isyieldable(L)) {
    struct script_wait *wait = task->wait;
    task->wait = NULL;
    wait->task = NULL;
    wait->cancel(wait);
    return luaL_error(L, "waiting is not possible inside this callback");
  }
  return lua_yieldk(L, 0, kind, go_on);
}

static int give_results(lua_State *L, lua_State *co, int results, lua_KContext kind) {
  luaL_checkstack(L, results + 1, "too many results");
  if (kind == AS_RESUME) lua_pushboolean(L, 1);
  lua_xmove(co, L, results);
  return results + (kind == AS_RESUME);
}

static int give_error(lua_State *L, lua_State *co, int status, lua_KContext kind) {
  lua_xmove(co, L, 1);
  script_rethrow_limit(L, status);
  if (kind == AS_WRAP) return lua_error(L);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

/* L's stack: the coroutine at 1; args are on co's stack already. */
static int step(lua_State *L, lua_State *co, int args, lua_KContext kind) {
  struct script_task *task = script_task_or_null(L);
  *(struct script_task **)lua_getextraspace(co) = task;
  lua_State *before = NULL;
  if (task != NULL) before = script_watchdog_switch(&task->script->watchdog, co);
  int results = 0;
  int status = lua_resume(co, L, args, &results);
  if (task != NULL) script_watchdog_switch(&task->script->watchdog, before);
  if (status == LUA_YIELD && task != NULL && task->wait != NULL) return pass_wait(L, kind);
  if (status == LUA_OK || status == LUA_YIELD) return give_results(L, co, results, kind);
  return give_error(L, co, status, kind);
}

static bool can_resume(lua_State *co) {
  lua_Debug ar;
  if (lua_status(co) == LUA_YIELD) return true;
  return lua_status(co) == LUA_OK && lua_getstack(co, 0, &ar) == 0 && lua_gettop(co) > 0;
}

static int resume_with_args(lua_State *L, lua_KContext kind) {
  lua_State *co = lua_tothread(L, 1);
  int args = lua_gettop(L) - 1;
  if (!can_resume(co) || !lua_checkstack(co, args)) {
    if (kind == AS_WRAP) return luaL_error(L, "cannot resume this coroutine");
    lua_pushboolean(L, 0);
    lua_pushliteral(L, "cannot resume this coroutine");
    return 2;
  }
  lua_xmove(L, co, args);
  return step(L, co, args, kind);
}

static int l_resume(lua_State *L) {
  check_thread(L);
  return resume_with_args(L, AS_RESUME);
}

static int l_create(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  *(struct script_task **)lua_getextraspace(co) = script_task_or_null(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  return 1;
}

static int call_wrapped(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  return resume_with_args(L, AS_WRAP);
}

static int l_wrap(lua_State *L) {
  l_create(L);
  lua_pushcclosure(L, call_wrapped, 1);
  return 1;
}

static int l_yield(lua_State *L) { return lua_yield(L, lua_gettop(L)); }

static int l_status(lua_State *L) {
  lua_State *co = check_thread(L);
  lua_Debug ar;
  const char *name = co == L                                                 ? "running"
                     : lua_status(co) == LUA_YIELD                           ? "suspended"
                     : lua_status(co) != LUA_OK                              ? "dead"
                     : lua_getstack(co, 0, &ar) != 0                         ? "normal"
                     : lua_gettop(co) == 0                                   ? "dead"
                                                                             : "suspended";
  lua_pushstring(L, name);
  return 1;
}

static int l_running(lua_State *L) {
  lua_pushboolean(L, lua_pushthread(L));
  return 2;
}

static int l_isyieldable(lua_State *L) {
  lua_pushboolean(L, lua_isyieldable(L));
  return 1;
}

void script_open_coroutines(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"create", l_create}, {"resume", l_resume},   {"wrap", l_wrap},
      {"yield", l_yield},   {"status", l_status},   {"running", l_running},
      {"isyieldable", l_isyieldable}, {NULL, NULL},
  };
  luaL_newlib(L, functions);
  lua_setglobal(L, "coroutine");
  lua_pushcfunction(L, l_pcall);
  lua_setglobal(L, "pcall");
  lua_pushcfunction(L, l_xpcall);
  lua_setglobal(L, "xpcall");
}
