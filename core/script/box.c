#include "script/box.h"

#include <string.h>

#include "script/host.h"

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

/* Files outside of tmp/ and files/ are nobody's business here; commands also keep notes such as
 * demo-logins.txt in the data directory itself. */
const char *script_check_path(lua_State *L, int arg) {
  const char *path = luaL_checkstring(L, arg);
  const char *dir = script_task(L)->script->config.data_dir;
  size_t len = strlen(dir);
  bool is_note = script_task(L)->script->config.has_console && path[0] != '\0' &&
                 strrchr(path, '/') == path + len;
  bool is_ours = strncmp(path, dir, len) == 0 && (strncmp(path + len, "/tmp/", 5) == 0 || is_note ||
                                                  strncmp(path + len, "/files/", 7) == 0);
  luaL_argcheck(L, is_ours && strstr(path, "/../") == NULL, arg, "a path in tmp or files expected");
  return path;
}
