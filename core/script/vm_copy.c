#include "script/vm_copy.h"

#include <math.h>
#include <stdio.h>

enum { VALUE_BYTES = 16 };

static bool refuse(struct script_copy *copy, enum script_vm_kind kind, const char *text) {
  copy->failure->kind = kind;
  snprintf(copy->failure->text, sizeof copy->failure->text, "%s", text);
  return false;
}

static bool refuse_type(struct script_copy *copy, lua_State *from, int idx) {
  char text[64];
  snprintf(text, sizeof text, "a %s cannot cross between rules and the platform", lua_typename(from, lua_type(from, idx)));
  return refuse(copy, SCRIPT_VM_RESULT, text);
}

static bool pay(struct script_copy *copy, size_t bytes) {
  if (bytes > copy->bytes - copy->used) return refuse(copy, SCRIPT_VM_OUTPUT, "the value is too large");
  copy->used += bytes;
  return true;
}

static bool enter(struct script_copy *copy, const void *table) {
  if (copy->level >= copy->depth || copy->level >= SCRIPT_COPY_DEPTH_MAX)
    return refuse(copy, SCRIPT_VM_DEPTH, "the value is nested too deeply");
  for (int i = 0; i < copy->level; i++)
    if (copy->path[i] == table) return refuse(copy, SCRIPT_VM_RESULT, "the value contains itself");
  copy->path[copy->level++] = table;
  return true;
}

static bool copy_text(struct script_copy *copy, lua_State *from, int idx, lua_State *to) {
  size_t len;
  const char *text = lua_tolstring(from, idx, &len);
  if (!pay(copy, len)) return false;
  lua_pushlstring(to, text, len);
  return true;
}

static bool copy_number(lua_State *from, int idx, lua_State *to) {
  if (lua_isinteger(from, idx)) lua_pushinteger(to, lua_tointeger(from, idx));
  else lua_pushnumber(to, lua_tonumber(from, idx));
  return true;
}

static bool copy_key(struct script_copy *copy, lua_State *from, int idx, lua_State *to) {
  if (!pay(copy, VALUE_BYTES)) return false;
  switch (lua_type(from, idx)) {
    case LUA_TSTRING: return copy_text(copy, from, idx, to);
    case LUA_TNUMBER: return copy_number(from, idx, to);
    case LUA_TBOOLEAN: lua_pushboolean(to, lua_toboolean(from, idx)); return true;
    default: return refuse_type(copy, from, idx);
  }
}

/* How many fields there are beside the sequence: a table that grows by itself is made anew at each power of two. */
static int count_fields(lua_State *from, int idx, lua_Unsigned len) {
  enum { MOST = 1 << 20 };
  lua_Unsigned count = 0;
  for (lua_pushnil(from); lua_next(from, idx) != 0; lua_pop(from, 1)) count++;
  count = count > len ? count - len : 0;
  return count < MOST ? (int)count : MOST;
}

static bool copy_table(struct script_copy *copy, lua_State *from, int idx, lua_State *to) {
  enum { LEAST = 6 };
  if (!enter(copy, lua_topointer(from, idx))) return false;
  if (!lua_checkstack(from, LEAST)) return refuse(copy, SCRIPT_VM_MEMORY, "memory limit exceeded");
  luaL_checkstack(to, LEAST, "copying");
  lua_Unsigned len = lua_rawlen(from, idx);
  int fields = count_fields(from, idx, len);
  if (len > copy->bytes / VALUE_BYTES || (size_t)fields > copy->bytes / VALUE_BYTES) return refuse(copy, SCRIPT_VM_OUTPUT, "the value is too large");
  lua_createtable(to, (int)len, fields);
  for (lua_pushnil(from); lua_next(from, idx) != 0; lua_pop(from, 1)) {
    if (!copy_key(copy, from, lua_gettop(from) - 1, to)) return false;
    if (!script_copy_value(copy, from, -1, to)) return false;
    lua_rawset(to, -3);
  }
  copy->level--;
  return true;
}

bool script_copy_value(struct script_copy *copy, lua_State *from, int idx, lua_State *to) {
  idx = lua_absindex(from, idx);
  if (!pay(copy, VALUE_BYTES)) return false;
  switch (lua_type(from, idx)) {
    case LUA_TNIL: lua_pushnil(to); return true;
    case LUA_TBOOLEAN: lua_pushboolean(to, lua_toboolean(from, idx)); return true;
    case LUA_TNUMBER: return copy_number(from, idx, to);
    case LUA_TSTRING: return copy_text(copy, from, idx, to);
    case LUA_TTABLE: return copy_table(copy, from, idx, to);
    case LUA_TLIGHTUSERDATA:
      if (lua_touserdata(from, idx) != NULL) break;
      lua_pushnil(to); /* the null of core.json */
      return true;
    case LUA_TFUNCTION:
      if (copy->functions != SCRIPT_COPY_NAME_FUNCTIONS) break;
      lua_pushliteral(to, "function");
      return true;
    default: break;
  }
  return refuse_type(copy, from, idx);
}
