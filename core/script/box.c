#include "script/box.h"

#define SCRATCH_KEPT (1 << 20)

struct bytes *script_scratch(lua_State *L) {
  struct bytes *scratch = &script_generation_of(L)->scratch;
  if (scratch->cap > SCRATCH_KEPT) bytes_deinit(scratch);
  bytes_clear(scratch);
  return scratch;
}

void script_push_scratch(lua_State *L) {
  const struct bytes *scratch = &script_generation_of(L)->scratch;
  lua_pushlstring(L, scratch->len != 0 ? scratch->data : "", scratch->len);
}

struct slice script_check_slice(lua_State *L, int arg) {
  struct slice text;
  text.data = luaL_checklstring(L, arg, &text.len);
  return text;
}

lua_Integer script_option_integer(lua_State *L, int table, const char *name, lua_Integer otherwise,
                                  lua_Integer least, lua_Integer most) {
  lua_Integer value = otherwise;
  if (lua_getfield(L, table, name) != LUA_TNIL) {
    int is_integer;
    value = lua_tointegerx(L, -1, &is_integer);
    if (!is_integer || value < least || value > most)
      luaL_error(L, "option '%s' must be an integer from %I to %I", name, (LUAI_UACINT)least,
                 (LUAI_UACINT)most);
  }
  lua_pop(L, 1);
  return value;
}
