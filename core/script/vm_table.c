/* `table` for rules. Lua's own asks metamethods for elements and may be told to do so 2^62 times; here access
 * is raw, and loops end when time is over. */
#include "script/vm.h"

static void check_writable(lua_State *L, int arg) {
  luaL_checktype(L, arg, LUA_TTABLE);
  if (luaL_getmetafield(L, arg, "__metatable") != LUA_TNIL) luaL_error(L, "this table may not be changed");
}

static void tick_sometimes(lua_State *L, lua_Integer i) {
  if ((i & 1023) == 0) script_vm_tick(L);
}

static lua_Integer length(lua_State *L, int arg) { return (lua_Integer)lua_rawlen(L, arg); }

static int l_insert(lua_State *L) {
  check_writable(L, 1);
  lua_Integer end = length(L, 1) + 1, at = end;
  int count = lua_gettop(L);
  if (count != 2 && count != 3) return luaL_error(L, "wrong number of arguments to 'insert'");
  if (count == 3) {
    at = luaL_checkinteger(L, 2);
    luaL_argcheck(L, at >= 1 && at <= end, 2, "position out of bounds");
  }
  for (lua_Integer i = end; i > at; i--) {
    tick_sometimes(L, i);
    lua_rawgeti(L, 1, i - 1);
    lua_rawseti(L, 1, i);
  }
  lua_pushvalue(L, count);
  lua_rawseti(L, 1, at);
  return 0;
}

static int l_remove(lua_State *L) {
  check_writable(L, 1);
  lua_Integer len = length(L, 1), at = luaL_optinteger(L, 2, len);
  luaL_argcheck(L, at == len || (at >= 1 && at <= len + 1), 2, "position out of bounds");
  lua_rawgeti(L, 1, at);
  for (; at < len; at++) {
    tick_sometimes(L, at);
    lua_rawgeti(L, 1, at + 1);
    lua_rawseti(L, 1, at);
  }
  lua_pushnil(L);
  lua_rawseti(L, 1, at);
  return 1;
}

static int l_move(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer from = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3), to = luaL_checkinteger(L, 4);
  int target = lua_isnoneornil(L, 5) ? 1 : 5;
  check_writable(L, target);
  lua_settop(L, 5);
  if (last < from) goto done;
  luaL_argcheck(L, from > 0 || last < LUA_MAXINTEGER + from, 3, "too many elements to move");
  luaL_argcheck(L, to <= LUA_MAXINTEGER - (last - from), 4, "destination wrap around");
  bool is_upwards = to > last || to <= from || (target == 5 && !lua_rawequal(L, 1, 5));
  lua_Integer count = last - from;
  for (lua_Integer i = 0; i <= count; i++) {
    lua_Integer step = is_upwards ? i : count - i;
    tick_sometimes(L, i);
    lua_rawgeti(L, 1, from + step);
    lua_rawseti(L, target, to + step);
  }
done:
  lua_pushvalue(L, target);
  return 1;
}

static int l_concat(lua_State *L) {
  size_t len;
  luaL_checktype(L, 1, LUA_TTABLE);
  const char *separator = luaL_optlstring(L, 2, "", &len);
  lua_Integer from = luaL_optinteger(L, 3, 1), last = luaL_optinteger(L, 4, length(L, 1));
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  for (lua_Integer i = from; i <= last; i++) {
    tick_sometimes(L, i);
    if (lua_rawgeti(L, 1, i) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER)
      return luaL_error(L, "invalid value (at index %I) in table for 'concat'", (LUAI_UACINT)i);
    luaL_addvalue(&out);
    if (i == last) break; /* also when last is the largest integer */
    luaL_addlstring(&out, separator, len);
  }
  luaL_pushresult(&out);
  return 1;
}

static int l_pack(lua_State *L) {
  int count = lua_gettop(L);
  lua_createtable(L, count, 1);
  lua_insert(L, 1);
  for (int i = count; i >= 1; i--) lua_rawseti(L, 1, i);
  lua_pushinteger(L, count);
  lua_setfield(L, 1, "n");
  return 1;
}

static int l_unpack(lua_State *L) {
  enum { MOST = 200000 };
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer from = luaL_optinteger(L, 2, 1), last = luaL_optinteger(L, 3, length(L, 1));
  if (from > last) return 0;
  lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)from + 1;
  if (count == 0 || count > MOST || !lua_checkstack(L, (int)count)) return luaL_error(L, "too many results to unpack");
  for (lua_Unsigned i = 0; i < count; i++) lua_rawgeti(L, 1, from + (lua_Integer)i);
  return (int)count;
}

/* ---- sort: a merge sort over copies. Stable, so equal elements keep their order whatever the library does;
 * a comparator that lies, raises or changes the table can spoil nothing but the order. ---- */

enum { ARG_TABLE = 1, ARG_LESS, FROM, TO };

static bool is_less(lua_State *L) { /* of the two values on top, which stay */
  if (lua_isnil(L, ARG_LESS)) return lua_compare(L, -2, -1, LUA_OPLT);
  lua_pushvalue(L, ARG_LESS);
  lua_pushvalue(L, -3);
  lua_pushvalue(L, -3);
  lua_call(L, 2, 1);
  bool is_it = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return is_it;
}

/* [low, middle) and [middle, high) of `from` are sorted; `to` gets both. */
static void merge(lua_State *L, int from, int to, lua_Integer low, lua_Integer middle, lua_Integer high) {
  lua_Integer left = low, right = middle;
  for (lua_Integer i = low; i < high; i++) {
    tick_sometimes(L, i);
    bool takes_right = left >= middle;
    if (left < middle && right < high) {
      lua_rawgeti(L, from, right);
      lua_rawgeti(L, from, left);
      takes_right = is_less(L);
      lua_pop(L, 2);
    }
    lua_rawgeti(L, from, takes_right ? right++ : left++);
    lua_rawseti(L, to, i);
  }
}

static int sort_copies(lua_State *L, lua_Integer count) {
  int from = FROM, to = TO;
  for (lua_Integer width = 1; width < count; width *= 2) {
    for (lua_Integer low = 1; low <= count; low += 2 * width) {
      lua_Integer middle = low + width, high = low + 2 * width;
      merge(L, from, to, low, middle < count + 1 ? middle : count + 1, high < count + 1 ? high : count + 1);
    }
    int other = from;
    from = to;
    to = other;
  }
  return from;
}

static int l_sort(lua_State *L) {
  check_writable(L, 1);
  if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_Integer count = length(L, ARG_TABLE);
  if (count < 2) return 0;
  luaL_argcheck(L, count < INT32_MAX / 2, 1, "array too big");
  lua_createtable(L, (int)count, 0);
  lua_createtable(L, (int)count, 0);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, ARG_TABLE, i);
    lua_rawseti(L, FROM, i);
  }
  int sorted = sort_copies(L, count);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, sorted, i);
    lua_rawseti(L, ARG_TABLE, i);
  }
  return 0;
}

void script_vm_open_table(lua_State *L) {
  static const luaL_Reg functions[] = {{"insert", l_insert}, {"remove", l_remove}, {"move", l_move}, {"concat", l_concat},
                                       {"pack", l_pack},     {"unpack", l_unpack}, {"sort", l_sort}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
