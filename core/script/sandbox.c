#include "script/sandbox.h"

#include <lualib.h>
#include <stdbool.h>
#include <string.h>

#define REP_LIMIT (16 << 20)

/* load(text [, name [, mode [, env]]]): text chunks only, bytecode could crash the process. */
static int l_load(lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  const char *name = luaL_optstring(L, 2, "=(load)");
  bool has_env = !lua_isnone(L, 4);
  if (luaL_loadbufferx(L, text, len, name, "t") != LUA_OK) {
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
  }
  if (has_env) {
    lua_pushvalue(L, 4);
    if (lua_setupvalue(L, -2, 1) == NULL) lua_pop(L, 1);
  }
  return 1;
}

/* __gc runs where no limit holds; __concat crashes Lua 5.4.4 when it grows a coroutine's stack. */
static int l_setmetatable(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
  lua_settop(L, 2);
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
    return luaL_error(L, "cannot change a protected metatable");
  static const char *const refused[] = {"__gc", "__concat"};
  for (int i = 0; lua_istable(L, 2) && i < 2; i++) {
    lua_pushstring(L, refused[i]);
    if (lua_rawget(L, 2) != LUA_TNIL) return luaL_error(L, "%s is not allowed", refused[i]);
    lua_pop(L, 1);
  }
  lua_setmetatable(L, 1);
  return 1;
}

/* The original loops 2^62 times over an empty string. */
static int l_rep(lua_State *L) {
  size_t len, separator_len;
  const char *text = luaL_checklstring(L, 1, &len);
  lua_Integer count = luaL_checkinteger(L, 2);
  const char *separator = luaL_optlstring(L, 3, "", &separator_len);
  if (count <= 0 || len + separator_len == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  if ((size_t)count > REP_LIMIT / (len + separator_len))
    return luaL_error(L, "resulting string too large");
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  for (lua_Integer i = 0; i < count; i++) {
    luaL_addlstring(&out, text, len);
    if (i + 1 < count) luaL_addlstring(&out, separator, separator_len);
  }
  luaL_pushresult(&out);
  return 1;
}

static void drop(lua_State *L, const char *const *names) {
  for (; *names != NULL; names++) {
    lua_pushnil(L);
    lua_setfield(L, -2, *names);
  }
}

/* Replaces the global table `name` by one that has only these functions of it. */
static void keep(lua_State *L, const char *name, lua_CFunction open, const char *const *names) {
  luaL_requiref(L, name, open, 0);
  lua_newtable(L);
  for (; *names != NULL; names++) {
    lua_getfield(L, -2, *names);
    lua_setfield(L, -2, *names);
  }
  lua_setglobal(L, name);
  lua_pop(L, 1);
}

static void open_libraries(lua_State *L) {
  static const char *const base[] = {"dofile", "loadfile", "collectgarbage", "print", "warn", NULL};
  static const char *const string[] = {"dump", NULL};
  static const char *const os[] = {"time", "clock", "date", NULL};
  static const char *const debug[] = {"traceback", NULL};
  luaL_requiref(L, "_G", luaopen_base, 1);
  drop(L, base);
  luaL_requiref(L, "string", luaopen_string, 1);
  drop(L, string);
  lua_pushcfunction(L, l_rep);
  lua_setfield(L, -2, "rep");
  luaL_requiref(L, "table", luaopen_table, 1);
  luaL_requiref(L, "math", luaopen_math, 1);
  luaL_requiref(L, "utf8", luaopen_utf8, 1);
  lua_pop(L, 5);
  keep(L, "os", luaopen_os, os);
  keep(L, "debug", luaopen_debug, debug);
  lua_register(L, "load", l_load);
  lua_register(L, "setmetatable", l_setmetatable);
}

static int refuse_write(lua_State *L) {
  return luaL_error(L, "global '%s' may not be set", luaL_tolstring(L, 2, NULL));
}

static int refuse_read(lua_State *L) {
  return luaL_error(L, "global '%s' does not exist", luaL_tolstring(L, 2, NULL));
}

/* Chunks see an empty table whose reads fall through to the real globals and whose writes raise. */
static void close_globals(lua_State *L) {
  lua_newtable(L); /* what chunks see */
  lua_newtable(L); /* its metatable */
  lua_pushglobaltable(L);
  lua_newtable(L);
  lua_pushcfunction(L, refuse_read);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "_G");
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, refuse_write);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}

void script_open_sandbox(lua_State *L) {
  open_libraries(L);
  script_open_coroutines(L);
  script_open_require(L);
  close_globals(L);
}
