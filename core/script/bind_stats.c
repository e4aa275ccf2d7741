/* core.stats - counters for /metrics. */
#include "script/box.h"
#include "script/host.h"
#include "script/sandbox.h"

static void check_name(lua_State *L, const char *name) {
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
  if (name[0] == '\0' || strspn(name, allowed) != strlen(name))
    luaL_error(L, "'%s' is no name of a counter or label", name);
}

static void add_label(lua_State *L, struct bytes *out) { /* name at -2, value at -1 */
  if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) == LUA_TTABLE)
    luaL_error(L, "labels are {name = text}");
  check_name(L, lua_tostring(L, -2));
  size_t len;
  const char *value = luaL_tolstring(L, -1, &len);
  if (len > 64) luaL_error(L, "a label may have 64 bytes");
  bytes_addf(out, "%s%s=\"", out->len != 0 ? "," : "", lua_tostring(L, -3));
  for (size_t i = 0; i < len; i++)
    bytes_add_char(out, value[i] == '"' || value[i] == '\\' || value[i] == '\n' ? '_' : value[i]);
  bytes_add_char(out, '"');
  lua_pop(L, 1);
}

/* count(name [, labels [, value]]) */
static int l_count(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  lua_Number value = luaL_optnumber(L, 3, 1);
  struct script *script = script_generation_of(L)->script;
  check_name(L, name);
  struct bytes *labels = script_scratch(L);
  bytes_add_str(labels, "");
  if (!lua_isnoneornil(L, 2)) {
    luaL_checktype(L, 2, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, 2) != 0; lua_pop(L, 1)) add_label(L, labels);
  }
  if (script != NULL)
    script_stats_count(script->config.stats, name, labels->len != 0 ? labels->data : "", value);
  return 0;
}

int script_open_stats(lua_State *L) {
  static const luaL_Reg functions[] = {{"count", l_count}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
