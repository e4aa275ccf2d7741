/* The environment of rules: what is not listed here does not exist. */
#include <lualib.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "script/vm.h"

#define SHADOWS "copp.shadows" /* registry: a script's metatable → what Lua really uses; weak keys */

static const char ORIGINAL;    /* its address is the key of the script's metatable in the shadow */

/* ---- metatables ----
 * A script could put __close or __concat into its table after setmetatable() has looked at it, and the first
 * runs when a state is left, the second crashes Lua 5.4.4. So an object gets a shadow that holds only what is
 * allowed, copied anew at each setmetatable(); getmetatable() shows the script's own. */

static const char *const EVENTS[] = {
    "__index", "__newindex", "__call", "__eq",  "__lt",   "__le",   "__add", "__sub", "__mul",  "__div",      "__mod",
    "__pow",   "__idiv",     "__unm",  "__shl", "__shr",  "__band", "__bor", "__bxor", "__bnot", "__tostring", "__pairs", NULL};
static const char *const REFUSED[] = {"__gc", "__close", "__concat", "__mode", "__metatable", "__len", NULL};

static void push_shadow(lua_State *L, int mt) {
  lua_getfield(L, LUA_REGISTRYINDEX, SHADOWS);
  lua_pushvalue(L, mt);
  if (lua_rawget(L, -2) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, mt);
    lua_rawsetp(L, -2, &ORIGINAL);
    lua_pushvalue(L, mt);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
  }
  lua_remove(L, -2);
}

static bool is_protected(lua_State *L, int idx) {
  if (luaL_getmetafield(L, idx, "__metatable") == LUA_TNIL) return false;
  lua_pop(L, 1);
  return true;
}

static int l_setmetatable(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
  lua_settop(L, 2);
  if (is_protected(L, 1)) return luaL_error(L, "cannot change a protected metatable");
  if (lua_isnil(L, 2)) {
    lua_setmetatable(L, 1);
    lua_settop(L, 1);
    return 1;
  }
  for (const char *const *name = REFUSED; *name != NULL; name++) {
    lua_pushstring(L, *name);
    if (lua_rawget(L, 2) != LUA_TNIL) return luaL_error(L, "%s is not allowed in rules", *name);
    lua_pop(L, 1);
  }
  push_shadow(L, 2);
  for (const char *const *name = EVENTS; *name != NULL; name++) {
    lua_pushstring(L, *name);
    lua_pushvalue(L, -1);
    lua_rawget(L, 2);
    lua_rawset(L, 3);
  }
  lua_setmetatable(L, 1);
  lua_settop(L, 1);
  return 1;
}

static int l_getmetatable(lua_State *L) {
  luaL_checkany(L, 1);
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return 1;
  if (!lua_getmetatable(L, 1)) {
    lua_pushnil(L);
    return 1;
  }
  lua_rawgetp(L, -1, &ORIGINAL);
  return 1;
}

static int l_rawset(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  luaL_checkany(L, 3);
  lua_settop(L, 3);
  if (is_protected(L, 1)) return luaL_error(L, "this table may not be changed");
  lua_rawset(L, 1);
  return 1;
}

/* ---- text ---- */

/* Replaces the value at idx by its text: without addresses, which differ from run to run. */
static void to_text(lua_State *L, int idx) {
  idx = lua_absindex(L, idx);
  if (luaL_callmeta(L, idx, "__tostring")) {
    if (!lua_isstring(L, -1)) luaL_error(L, "'__tostring' must return a string");
  } else {
    switch (lua_type(L, idx)) {
      case LUA_TNIL:
      case LUA_TBOOLEAN:
      case LUA_TNUMBER:
      case LUA_TSTRING: luaL_tolstring(L, idx, NULL); break;
      default: lua_pushstring(L, luaL_typename(L, idx)); break;
    }
  }
  lua_replace(L, idx);
}

static int l_tostring(lua_State *L) {
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  to_text(L, 1);
  return 1;
}

static int l_print(lua_State *L) {
  struct script_vm *vm = script_vm_of(L);
  int count = lua_gettop(L);
  luaL_Buffer line;
  for (int i = 1; i <= count; i++) to_text(L, i);
  luaL_buffinit(L, &line);
  for (int i = 1; i <= count; i++) {
    if (i > 1) luaL_addchar(&line, '\t');
    lua_pushvalue(L, i);
    luaL_addvalue(&line);
  }
  luaL_pushresult(&line);
  struct slice text;
  text.data = lua_tolstring(L, -1, &text.len);
  vm->printed += text.len + 1;
  if (vm->printed > vm->limits.output_bytes || ++vm->lines > SCRIPT_VM_LINES) script_vm_stop(L, SCRIPT_VM_OUTPUT, NULL);
  if (vm->print != NULL) vm->print(vm->print_ctx, text);
  return 0;
}

/* string.format: tables show no address, %p does not exist. The original is the upvalue. */
static int l_format(lua_State *L) {
  const char *format = luaL_checkstring(L, 1);
  for (; (format = strchr(format, '%')) != NULL; format++) {
    format += 1 + strspn(format + 1, "-+ #0123456789.");
    if (*format == 'p') return luaL_error(L, "'%%p' does not exist in rules");
    if (*format == '\0') break;
  }
  int count = lua_gettop(L);
  for (int i = 2; i <= count; i++)
    if (lua_type(L, i) >= LUA_TTABLE) to_text(L, i);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, count, 1);
  return 1;
}

/* utf8.lower, utf8.upper: Russian and Latin letters. */
static int map_case(lua_State *L, uint32_t (*map)(uint32_t code)) {
  size_t len, width;
  const char *text = luaL_checklstring(L, 1, &len);
  luaL_Buffer out;
  luaL_buffinitsize(L, &out, len + 4);
  for (size_t at = 0; at < len; at += width) {
    uint32_t code = utf8_decode(text + at, len - at, &width);
    char *to = luaL_prepbuffsize(&out, 4);
    if (width == 1) luaL_addchar(&out, code < 0x80 ? (char)map(code) : text[at]);
    else luaL_addsize(&out, utf8_encode(map(code), to));
  }
  luaL_pushresult(&out);
  return 1;
}

static int l_lower(lua_State *L) { return map_case(L, utf8_lower); }
static int l_upper(lua_State *L) { return map_case(L, utf8_upper); }

/* ---- walking tables ---- */

static int l_next(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  if (!script_vm_next_key(L, 1)) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushvalue(L, -1);
  lua_rawget(L, 1);
  return 2;
}

/* Upvalues: the keys, how many are done. A key that lost its value meanwhile is passed over. */
static int step_keys(lua_State *L) {
  lua_Integer at = lua_tointeger(L, lua_upvalueindex(2));
  lua_settop(L, 1);
  luaL_checktype(L, 1, LUA_TTABLE);
  while (lua_rawgeti(L, lua_upvalueindex(1), ++at) != LUA_TNIL) {
    lua_pushvalue(L, -1);
    if (lua_rawget(L, 1) != LUA_TNIL) {
      lua_pushinteger(L, at);
      lua_replace(L, lua_upvalueindex(2));
      return 2;
    }
    lua_pop(L, 2);
  }
  return 1;
}

/* Upvalue: length at the beginning. */
static int step_sequence(lua_State *L) {
  lua_Integer at = luaL_checkinteger(L, 2), count = lua_tointeger(L, lua_upvalueindex(1));
  luaL_checktype(L, 1, LUA_TTABLE);
  while (at++ < count) {
    lua_pushinteger(L, at);
    if (lua_rawgeti(L, 1, at) != LUA_TNIL) return 2;
    lua_pop(L, 2);
  }
  lua_pushnil(L);
  return 1;
}

static bool is_sequence(lua_State *L, int idx, lua_Unsigned len) {
  lua_Unsigned count = 0;
  for (lua_pushnil(L); lua_next(L, idx) != 0; lua_pop(L, 1)) {
    if (++count > len || !lua_isinteger(L, -2)) {
      lua_pop(L, 2);
      return false;
    }
  }
  return count == len;
}

static int l_pairs(lua_State *L) {
  if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
    lua_pushvalue(L, 1);
    lua_call(L, 1, 3);
    return 3;
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_Unsigned len = lua_rawlen(L, 1);
  if (is_sequence(L, 1, len)) {
    lua_pushinteger(L, (lua_Integer)len);
    lua_pushcclosure(L, step_sequence, 1);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
  }
  script_vm_push_keys(L, 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, step_keys, 2);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

/* ---- tables that nobody can write to ---- */

static int refuse_write(lua_State *L) {
  to_text(L, 2);
  return luaL_error(L, "'%s' of %s may not be set", lua_tostring(L, 2), lua_tostring(L, lua_upvalueindex(1)));
}

/* pairs() of a protected table walks the real one and does not show it. */
static int pairs_of_protected(lua_State *L) {
  lua_settop(L, 0);
  script_vm_push_keys(L, lua_upvalueindex(1));
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, step_keys, 2);
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, lua_upvalueindex(1)) != 0;) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -4);
  }
  lua_pushnil(L);
  return 3;
}

void script_vm_protect(lua_State *L, const char *name) {
  int real = lua_gettop(L);
  lua_newtable(L);
  lua_createtable(L, 0, 4);
  lua_pushvalue(L, real);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, name);
  lua_pushcclosure(L, refuse_write, 1);
  lua_setfield(L, -2, "__newindex");
  lua_pushvalue(L, real);
  lua_pushcclosure(L, pairs_of_protected, 1);
  lua_setfield(L, -2, "__pairs");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_replace(L, real);
}

/* ---- opening ---- */

/* Copies these fields of the table at `from` to the one on top. */
static void copy_fields(lua_State *L, int from, const char *const *names) {
  for (; *names != NULL; names++) {
    lua_getfield(L, from, *names);
    lua_setfield(L, -2, *names);
  }
}

void script_vm_open_base(lua_State *L) {
  static const char *const taken[] = {"assert",   "error",  "ipairs",   "rawequal", "rawget", "rawlen",
                                      "select",   "tonumber", "type",   "_VERSION", NULL};
  static const luaL_Reg own[] = {{"setmetatable", l_setmetatable}, {"getmetatable", l_getmetatable}, {"rawset", l_rawset},
                                 {"tostring", l_tostring}, {"print", l_print}, {"next", l_next}, {"pairs", l_pairs}, {NULL, NULL}};
  luaL_requiref(L, "_G", luaopen_base, 0);
  lua_insert(L, -2);
  copy_fields(L, lua_absindex(L, -2), taken);
  luaL_setfuncs(L, own, 0);
  lua_remove(L, -2);
}

/* Opens one of Lua's libraries and pushes a table with these functions of it. */
static void take_library(lua_State *L, lua_CFunction open, const char *name, const char *const *names) {
  lua_pushcfunction(L, open);
  lua_pushstring(L, name);
  lua_call(L, 1, 1);
  lua_newtable(L);
  copy_fields(L, lua_absindex(L, -2), names);
  lua_remove(L, -2);
}

static void add_string(lua_State *L) {
  static const char *const taken[] = {"byte", "char", "format", "len", "lower", "reverse", "sub", "upper", NULL};
  take_library(L, luaopen_string, "string", taken);
  lua_getfield(L, -1, "format");
  lua_pushcclosure(L, l_format, 1);
  lua_setfield(L, -2, "format");
  script_vm_open_string(L);
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
  script_vm_protect(L, "string");
  lua_setfield(L, -2, "string");
}

static void add_utf8_and_math(lua_State *L) {
  static const char *const utf8[] = {"char", "charpattern", "codepoint", "codes", "len", "offset", NULL};
  static const char *const math[] = {"abs",  "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log",  "max",       "maxinteger", "min",
                                     "mininteger", "modf", "pi", "rad", "sin", "sqrt", "tan", "tointeger", "type", "ult", NULL};
  take_library(L, luaopen_utf8, "utf8", utf8);
  lua_pushcfunction(L, l_lower);
  lua_setfield(L, -2, "lower");
  lua_pushcfunction(L, l_upper);
  lua_setfield(L, -2, "upper");
  script_vm_protect(L, "utf8");
  lua_setfield(L, -2, "utf8");
  take_library(L, luaopen_math, "math", math);
  script_vm_protect(L, "math");
  lua_setfield(L, -2, "math");
}

static void make_shadows(lua_State *L) {
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_setfield(L, LUA_REGISTRYINDEX, SHADOWS);
}

void script_vm_open(lua_State *L) {
  make_shadows(L);
  lua_newtable(L);
  script_vm_open_base(L);
  add_string(L);
  lua_newtable(L);
  script_vm_open_table(L);
  script_vm_protect(L, "table");
  lua_setfield(L, -2, "table");
  add_utf8_and_math(L);
  script_vm_open_coroutine(L); /* also pcall and xpcall */
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, "copp.globals"); /* the owner may add to it */
  script_vm_protect(L, "the environment");
  lua_getfield(L, LUA_REGISTRYINDEX, "copp.globals");
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "_G");
  lua_pop(L, 1);
  lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}
