/* core.json - JSON of Lua values. Depth is bounded in both directions; empty arrays stay arrays. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/box.h"
#include "script/sandbox.h"

#define ARRAY "core.json.array" /* metatables that mark a table */
#define OBJECT "core.json.object"
#define RAW "core.json.raw"
#define TEXT_LIMIT (256u << 20)

/* ---- encoding ---- */

static void encode_value(lua_State *L, struct bytes *out, int depth);

static void encode_number(lua_State *L, struct bytes *out) {
  if (lua_isinteger(L, -1)) {
    bytes_add_int(out, lua_tointeger(L, -1));
    return;
  }
  double number = lua_tonumber(L, -1);
  if (!isfinite(number)) luaL_error(L, "JSON has no infinity and no NaN");
  char text[40];
  snprintf(text, sizeof text, "%.15g", number);
  if (strtod(text, NULL) != number) snprintf(text, sizeof text, "%.17g", number);
  bytes_add_str(out, text);
}

static bool has_mark(lua_State *L, const char *mark) { /* of the table on top */
  if (!lua_getmetatable(L, -1)) return false;
  luaL_getmetatable(L, mark);
  bool is_it = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return is_it;
}

static bool is_array(lua_State *L) {
  if (has_mark(L, ARRAY)) return true;
  if (lua_rawlen(L, -1) == 0) return false;
  return !has_mark(L, OBJECT);
}

static void encode_array(lua_State *L, struct bytes *out, int depth) {
  lua_Unsigned len = lua_rawlen(L, -1);
  lua_Unsigned count = 0;
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) count++;
  if (count != len) luaL_error(L, "a table for JSON is either a sequence or has text keys");
  bytes_add_char(out, '[');
  for (lua_Unsigned i = 1; i <= len; i++) {
    if (i > 1) bytes_add_char(out, ',');
    lua_rawgeti(L, -1, (lua_Integer)i);
    encode_value(L, out, depth);
    lua_pop(L, 1);
  }
  bytes_add_char(out, ']');
}

static void encode_object(lua_State *L, struct bytes *out, int depth) {
  bool is_first = true;
  bytes_add_char(out, '{');
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING)
      luaL_error(L, "a table for JSON is either a sequence or has text keys");
    if (!is_first) bytes_add_char(out, ',');
    is_first = false;
    size_t len;
    const char *name = lua_tolstring(L, -2, &len);
    bytes_add_json(out, name, len);
    bytes_add_char(out, ':');
    encode_value(L, out, depth);
  }
  bytes_add_char(out, '}');
}

static void encode_table(lua_State *L, struct bytes *out, int depth) {
  if (depth > JSON_DEPTH_MAX) luaL_error(L, "a table for JSON is nested too deeply");
  luaL_checkstack(L, 6, "JSON");
  if (has_mark(L, RAW)) {
    lua_rawgeti(L, -1, 1);
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);
    bytes_add(out, text, len);
    lua_pop(L, 1);
  } else if (is_array(L)) {
    encode_array(L, out, depth + 1);
  } else {
    encode_object(L, out, depth + 1);
  }
}

static void encode_value(lua_State *L, struct bytes *out, int depth) {
  size_t len;
  const char *text;
  if (out->len > TEXT_LIMIT) luaL_error(L, "the JSON text is too large");
  switch (lua_type(L, -1)) {
    case LUA_TNIL: bytes_add_str(out, "null"); return;
    case LUA_TBOOLEAN: bytes_add_str(out, lua_toboolean(L, -1) ? "true" : "false"); return;
    case LUA_TNUMBER: encode_number(L, out); return;
    case LUA_TTABLE: encode_table(L, out, depth); return;
    case LUA_TSTRING:
      text = lua_tolstring(L, -1, &len);
      bytes_add_json(out, text, len);
      return;
    case LUA_TLIGHTUSERDATA:
      if (lua_touserdata(L, -1) == NULL) {
        bytes_add_str(out, "null");
        return;
      }
      break;
    default: break;
  }
  luaL_error(L, "JSON has no %s", luaL_typename(L, -1));
}

static int l_encode(lua_State *L) {
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  encode_value(L, script_scratch(L), 0);
  script_push_scratch(L);
  return 1;
}

/* ---- decoding ---- */

static void push_number(lua_State *L, struct slice text) {
  char copy[512];
  if (text.len >= sizeof copy) luaL_error(L, "a number of %d digits", (int)text.len);
  memcpy(copy, text.data, text.len);
  copy[text.len] = '\0';
  if (lua_stringtonumber(L, copy) == 0) lua_pushnumber(L, strtod(copy, NULL));
}

static bool push_value(lua_State *L, struct json_reader *in, enum json_token token);

static bool push_array(lua_State *L, struct json_reader *in) {
  lua_newtable(L);
  luaL_setmetatable(L, ARRAY);
  enum json_token token;
  for (lua_Integer i = 1; (token = json_next(in)) != JSON_ARRAY_END; i++) {
    if (!push_value(L, in, token)) return false;
    lua_rawseti(L, -2, i);
  }
  return true;
}

static bool push_object(lua_State *L, struct json_reader *in) {
  lua_newtable(L);
  enum json_token token;
  while ((token = json_next(in)) == JSON_KEY) {
    lua_pushlstring(L, in->text.data, in->text.len);
    if (!push_value(L, in, json_next(in))) return false;
    lua_rawset(L, -3);
  }
  return token == JSON_OBJECT_END;
}

static bool push_value(lua_State *L, struct json_reader *in, enum json_token token) {
  luaL_checkstack(L, 8, "JSON");
  switch (token) {
    case JSON_NULL: lua_pushlightuserdata(L, NULL); return true;
    case JSON_TRUE:
    case JSON_FALSE: lua_pushboolean(L, token == JSON_TRUE); return true;
    case JSON_NUMBER: push_number(L, in->text); return true;
    case JSON_STRING: lua_pushlstring(L, in->text.data, in->text.len); return true;
    case JSON_ARRAY: return push_array(L, in);
    case JSON_OBJECT: return push_object(L, in);
    case JSON_KEY:
    case JSON_ARRAY_END:
    case JSON_OBJECT_END:
    case JSON_END:
    case JSON_BROKEN: break;
  }
  return false;
}

bool script_push_json(lua_State *L, struct slice text, const char **reason) {
  struct json_reader *in = &script_generation_of(L)->reader;
  int top = lua_gettop(L);
  json_reader_deinit(in); /* of one that raised */
  json_reader_init(in, text);
  bool ok = push_value(L, in, json_next(in)) && json_next(in) == JSON_END;
  *reason = in->reason != NULL ? in->reason : "malformed";
  json_reader_deinit(in);
  if (!ok) lua_settop(L, top);
  return ok;
}

static int l_decode(lua_State *L) {
  const char *reason;
  if (script_push_json(L, script_check_slice(L, 1), &reason)) return 1;
  lua_pushnil(L);
  lua_createtable(L, 0, 2);
  lua_pushliteral(L, "invalid");
  lua_setfield(L, -2, "code");
  lua_pushstring(L, reason);
  lua_setfield(L, -2, "text");
  return 2;
}

/* ---- marks ---- */

static int l_array(lua_State *L) {
  if (lua_isnoneornil(L, 1)) lua_newtable(L);
  else luaL_checktype(L, 1, LUA_TTABLE), lua_settop(L, 1);
  luaL_setmetatable(L, ARRAY);
  return 1;
}

static int l_object(lua_State *L) {
  if (lua_isnoneornil(L, 1)) lua_newtable(L);
  else luaL_checktype(L, 1, LUA_TTABLE), lua_settop(L, 1);
  luaL_setmetatable(L, OBJECT);
  return 1;
}

static int l_raw(lua_State *L) {
  luaL_checkstring(L, 1);
  lua_createtable(L, 1, 0);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, 1);
  luaL_setmetatable(L, RAW);
  return 1;
}

int script_open_json(lua_State *L) {
  static const luaL_Reg functions[] = {{"encode", l_encode}, {"decode", l_decode},
                                       {"array", l_array},   {"object", l_object},
                                       {"raw", l_raw},       {NULL, NULL}};
  luaL_newmetatable(L, ARRAY);
  luaL_newmetatable(L, OBJECT);
  luaL_newmetatable(L, RAW);
  lua_pop(L, 3);
  luaL_newlib(L, functions);
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  return 1;
}
