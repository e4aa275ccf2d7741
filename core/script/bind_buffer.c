/* core.buffer - the byte buffer that views write into. */
#include "script/box.h"
#include "script/sandbox.h"

#define BUFFER "core.buffer"
#define BUFFER_LIMIT (64u << 20)
#define BUFFER_FIRST 8191 /* bytes to begin with: growing from nothing would copy a page nine times */

/* A box knows itself: to compare metatables at each call cost more than most calls write. */
struct buffer_box {
  struct buffer_box *self;
  struct bytes bytes;
};

static struct bytes *check_buffer(lua_State *L) {
  struct buffer_box *box = lua_touserdata(L, 1);
  if (box == NULL || lua_rawlen(L, 1) != sizeof *box || box->self != box)
    luaL_typeerror(L, 1, BUFFER);
  struct bytes *buffer = &box->bytes;
  if (buffer->len > BUFFER_LIMIT) luaL_error(L, "the page is too large");
  if (buffer->cap == 0) bytes_reserve(buffer, BUFFER_FIRST);
  return buffer;
}

/* Integers are printed here: as Lua strings each would be interned, and garbage at once. */
static void add_value(lua_State *L, struct bytes *buffer, int arg, bool is_escaped) {
  size_t len = 0;
  const char *text = "";
  switch (lua_type(L, arg)) {
    case LUA_TNIL: return;
    case LUA_TNUMBER:
      if (lua_isinteger(L, arg)) {
        bytes_add_int(buffer, lua_tointeger(L, arg));
        return;
      }
      text = lua_tolstring(L, arg, &len);
      break;
    case LUA_TSTRING: text = lua_tolstring(L, arg, &len); break;
    case LUA_TBOOLEAN: text = lua_toboolean(L, arg) ? "true" : "false"; len = strlen(text); break;
    default: luaL_typeerror(L, arg, "text, number or boolean");
  }
  if (is_escaped) bytes_add_html(buffer, text, len);
  else bytes_add(buffer, text, len);
}

/* b:w(literal, value, literal, value, …): literals as they are, values escaped. */
static int l_w(lua_State *L) {
  struct bytes *buffer = check_buffer(L);
  int top = lua_gettop(L);
  for (int i = 2; i <= top; i++) add_value(L, buffer, i, (i & 1) != 0);
  return 0;
}

static int l_raw(lua_State *L) {
  struct bytes *buffer = check_buffer(L);
  int top = lua_gettop(L);
  for (int i = 2; i <= top; i++) add_value(L, buffer, i, false);
  return 0;
}

static int l_string(lua_State *L) {
  struct bytes *buffer = check_buffer(L);
  lua_pushlstring(L, buffer->len != 0 ? buffer->data : "", buffer->len);
  return 1;
}

static int l_len(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)check_buffer(L)->len);
  return 1;
}

static int l_free(lua_State *L) {
  struct buffer_box *box = lua_touserdata(L, 1);
  bytes_deinit(&box->bytes);
  return 0;
}

static int l_new(lua_State *L) {
  struct buffer_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = (struct buffer_box){.self = box};
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_setmetatable(L, -2);
  return 1;
}

bool script_take_buffer(lua_State *L, int idx, struct bytes *out) {
  struct buffer_box *box = luaL_testudata(L, idx, BUFFER);
  if (box == NULL) return false;
  *out = box->bytes;
  box->bytes = (struct bytes){0};
  return true;
}

int script_open_buffer(lua_State *L) {
  static const luaL_Reg methods[] = {{"w", l_w},         {"raw", l_raw}, {"string", l_string},
                                     {"__len", l_len},   {"__gc", l_free}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"new", l_new}, {NULL, NULL}};
  luaL_newmetatable(L, BUFFER);
  lua_pushvalue(L, -1);
  luaL_setfuncs(L, methods, 1);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  luaL_newlibtable(L, functions);
  lua_insert(L, -2);
  luaL_setfuncs(L, functions, 1);
  return 1;
}
