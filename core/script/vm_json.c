#include "script/vm_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"

enum { DEPTH_MAX = 64 };

/* ---- in ---- */

static void push_number(lua_State *L, struct slice text) {
  char copy[64];
  if (text.len >= sizeof copy) luaL_error(L, "a number of %d digits", (int)text.len);
  memcpy(copy, text.data, text.len);
  copy[text.len] = '\0';
  if (lua_stringtonumber(L, copy) == 0) lua_pushnumber(L, strtod(copy, NULL));
}

static bool push_value(lua_State *L, struct json_reader *in, enum json_token token);

static bool push_array(lua_State *L, struct json_reader *in) {
  enum json_token token;
  lua_newtable(L);
  for (lua_Integer i = 1; (token = json_next(in)) != JSON_ARRAY_END; i++) {
    if (!push_value(L, in, token)) return false;
    lua_rawseti(L, -2, i);
  }
  return true;
}

static bool push_object(lua_State *L, struct json_reader *in) {
  enum json_token token;
  lua_createtable(L, 0, 8); /* most have some: growing from one costs more than the room */
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
    case JSON_NULL: lua_pushnil(L); return true;
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

bool script_vm_push_json(lua_State *L, struct slice text) {
  struct json_reader in;
  int top = lua_gettop(L);
  json_reader_init(&in, text);
  bool ok = push_value(L, &in, json_next(&in)) && json_next(&in) == JSON_END;
  json_reader_deinit(&in);
  if (!ok) lua_settop(L, top);
  return ok;
}

/* ---- out ---- */

struct writer {
  lua_State *L;
  struct bytes *out;
  const void *path[DEPTH_MAX];
  int depth;
};

static bool refuse(const struct writer *w, enum script_vm_kind kind, const char *text) {
  struct script_vm_failure *failure = &script_vm_of(w->L)->failure;
  failure->kind = kind;
  snprintf(failure->text, sizeof failure->text, "%s", text);
  return false;
}

static bool add_value(struct writer *w);

static bool add_number(struct writer *w) {
  if (lua_isinteger(w->L, -1)) {
    bytes_add_int(w->out, lua_tointeger(w->L, -1));
    return true;
  }
  double number = lua_tonumber(w->L, -1);
  if (!isfinite(number)) return refuse(w, SCRIPT_VM_RESULT, "JSON has no infinity and no NaN");
  char text[40];
  snprintf(text, sizeof text, "%.15g", number);
  if (strtod(text, NULL) != number) snprintf(text, sizeof text, "%.17g", number);
  bytes_add_str(w->out, text);
  return true;
}

static bool add_array(struct writer *w, lua_Integer len) {
  bytes_add_char(w->out, '[');
  for (lua_Integer i = 1; i <= len; i++) {
    if (i > 1) bytes_add_char(w->out, ',');
    lua_rawgeti(w->L, -1, i);
    if (!add_value(w)) return false;
    lua_pop(w->L, 1);
  }
  bytes_add_char(w->out, ']');
  return true;
}

/* The table is on top; its keys are walked in order. */
static bool add_object(struct writer *w) {
  lua_State *L = w->L;
  size_t len;
  bytes_add_char(w->out, '{');
  script_vm_push_keys(L, -1);
  for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
    if (lua_type(L, -1) != LUA_TSTRING) return refuse(w, SCRIPT_VM_RESULT, "a table for JSON is either a sequence or has text keys");
    const char *name = lua_tolstring(L, -1, &len);
    if (i > 1) bytes_add_char(w->out, ',');
    bytes_add_json(w->out, name, len);
    bytes_add_char(w->out, ':');
    lua_rawget(L, -3);
    if (!add_value(w)) return false;
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
  bytes_add_char(w->out, '}');
  return true;
}

static bool add_table(struct writer *w) {
  lua_State *L = w->L;
  const void *table = lua_topointer(L, -1);
  lua_Unsigned count = 0, len = lua_rawlen(L, -1);
  for (int i = 0; i < w->depth; i++)
    if (w->path[i] == table) return refuse(w, SCRIPT_VM_RESULT, "the value contains itself");
  if (w->depth == DEPTH_MAX) return refuse(w, SCRIPT_VM_DEPTH, "the value is nested too deeply");
  luaL_checkstack(L, 8, "JSON");
  w->path[w->depth++] = table;
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) count++;
  bool ok = count > 0 && count == len ? add_array(w, (lua_Integer)len) : add_object(w);
  w->depth--;
  return ok;
}

static bool add_value(struct writer *w) { /* of the value on top */
  size_t len;
  const char *text;
  script_vm_tick(w->L);
  if (w->out->len > script_vm_of(w->L)->limits.output_bytes) return refuse(w, SCRIPT_VM_OUTPUT, "the result is too large");
  switch (lua_type(w->L, -1)) {
    case LUA_TNIL: bytes_add_str(w->out, "null"); return true;
    case LUA_TBOOLEAN: bytes_add_str(w->out, lua_toboolean(w->L, -1) ? "true" : "false"); return true;
    case LUA_TNUMBER: return add_number(w);
    case LUA_TSTRING:
      text = lua_tolstring(w->L, -1, &len);
      if (len > script_vm_of(w->L)->limits.output_bytes) return refuse(w, SCRIPT_VM_OUTPUT, "the result is too large");
      bytes_add_json(w->out, text, len);
      return true;
    case LUA_TTABLE: return add_table(w);
    default: break;
  }
  char reason[64];
  snprintf(reason, sizeof reason, "a %s cannot be a result", luaL_typename(w->L, -1));
  return refuse(w, SCRIPT_VM_RESULT, reason);
}

bool script_vm_add_json(lua_State *L, int idx, struct bytes *out) {
  struct writer w = {.L = L, .out = out};
  lua_pushvalue(L, idx);
  if (!add_value(&w) || out->len > script_vm_of(L)->limits.output_bytes)
    return script_vm_of(L)->failure.kind != SCRIPT_VM_OK ? false : refuse(&w, SCRIPT_VM_OUTPUT, "the result is too large");
  lua_pop(L, 1);
  return true;
}
