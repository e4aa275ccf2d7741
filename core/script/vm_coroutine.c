/* Coroutines, pcall and xpcall for rules. A limit passes through them: script_vm_pass_limit() leaves the run. There is
 * no coroutine.close: 20 000 of them nested crash Lua 5.4.4. */
#include "script/vm.h"

/* ---- protected calls ---- */

static int finish_pcall(lua_State *L, int status, lua_KContext extra) {
  if (status != LUA_OK && status != LUA_YIELD) {
    script_vm_pass_limit(L, status);
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

static const char *status_of(lua_State *L, lua_State *co) {
  lua_Debug ar;
  if (co == L) return "running";
  if (lua_status(co) == LUA_YIELD) return "suspended";
  if (lua_status(co) != LUA_OK) return "dead";
  if (lua_getstack(co, 0, &ar) != 0) return "normal";
  return lua_gettop(co) == 0 ? "dead" : "suspended";
}

static int resume(lua_State *L, lua_State *co, int args, int *results) {
  struct script_vm *vm = script_vm_of(L);
  lua_State *before = NULL;
  if (vm->watchdog != NULL) before = script_watchdog_switch(vm->watchdog, co);
  int status = lua_resume(co, L, args, results);
  if (vm->watchdog != NULL) script_watchdog_switch(vm->watchdog, before);
  return status;
}

enum { AS_RESUME, AS_WRAP };

static int give_error(lua_State *L, int kind, const char *text) { /* text NULL: the error is on top */
  if (text != NULL) lua_pushstring(L, text);
  if (kind == AS_WRAP) return lua_error(L);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

static int step(lua_State *L, int kind) { /* the coroutine is at 1 */
  lua_State *co = lua_tothread(L, 1);
  int args = lua_gettop(L) - 1, results = 0;
  if (status_of(L, co)[0] != 's') /* suspended */
    return give_error(L, kind, lua_pushfstring(L, "cannot resume %s coroutine", status_of(L, co)));
  if (!lua_checkstack(co, args)) return give_error(L, kind, "too many arguments to resume");
  lua_xmove(L, co, args);
  int status = resume(L, co, args, &results);
  script_vm_tick(L);
  if (status == LUA_OK || status == LUA_YIELD) {
    if (!lua_checkstack(L, results + 1)) {
      lua_pop(co, results);
      return give_error(L, kind, "too many results to resume");
    }
    if (kind == AS_RESUME) lua_pushboolean(L, 1);
    lua_xmove(co, L, results);
    return results + (kind == AS_RESUME);
  }
  lua_xmove(co, L, 1);
  script_vm_pass_limit(L, status);
  return give_error(L, kind, NULL);
}

static int l_resume(lua_State *L) {
  check_thread(L);
  return step(L, AS_RESUME);
}

static int l_create(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  return 1;
}

static int call_wrapped(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  return step(L, AS_WRAP);
}

static int l_wrap(lua_State *L) {
  l_create(L);
  lua_pushcclosure(L, call_wrapped, 1);
  return 1;
}

static int l_yield(lua_State *L) { return lua_yield(L, lua_gettop(L)); }

static int l_status(lua_State *L) {
  lua_pushstring(L, status_of(L, check_thread(L)));
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

void script_vm_open_coroutine(lua_State *L) {
  static const luaL_Reg functions[] = {{"create", l_create}, {"resume", l_resume},   {"wrap", l_wrap},
                                       {"yield", l_yield},   {"status", l_status},   {"running", l_running},
                                       {"isyieldable", l_isyieldable}, {NULL, NULL}};
  luaL_newlib(L, functions);
  script_vm_protect(L, "coroutine");
  lua_setfield(L, -2, "coroutine");
  lua_pushcfunction(L, l_pcall);
  lua_setfield(L, -2, "pcall");
  lua_pushcfunction(L, l_xpcall);
  lua_setfield(L, -2, "xpcall");
}
