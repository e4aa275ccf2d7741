/* The value copier: bytes build a value in one state; it crosses to a rule state and back. What arrives is
 * equal, or refused with a name; cycles, depth and size hold. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "script/vm_copy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
  const uint8_t *at, *end;
  int tables;
};

static int next(struct input *in) { return in->at < in->end ? *in->at++ : 0; }

static void build(lua_State *L, struct input *in, int depth);

static void build_table(lua_State *L, struct input *in, int depth) {
  int fields = next(in) % 8;
  luaL_checkstack(L, 4, NULL); /* a table, a key and a value a level */
  lua_newtable(L);
  in->tables++;
  for (int i = 0; i < fields && in->at < in->end; i++) {
    int kind = next(in);
    if (kind % 4 == 0) lua_pushinteger(L, i + 1);
    else if (kind % 4 == 1) lua_pushlstring(L, (const char *)in->at, (size_t)(in->end - in->at) < 3 ? 0 : 3);
    else if (kind % 4 == 2) lua_pushnumber(L, kind + 0.5);
    else lua_pushboolean(L, kind & 4);
    build(L, in, depth + 1);
    lua_rawset(L, -3);
  }
}

static void build(lua_State *L, struct input *in, int depth) {
  static const double numbers[] = {0.0, -0.0, 1.5, 1e308, -1e-308, INFINITY, -INFINITY, NAN};
  int kind = next(in);
  size_t len = (size_t)next(in) % 40;
  switch (kind % 8) {
    case 0: lua_pushnil(L); break;
    case 1: lua_pushboolean(L, kind & 8); break;
    case 2: lua_pushinteger(L, (lua_Integer)kind << (len % 60)); break;
    case 3: lua_pushnumber(L, numbers[len % 8]); break;
    case 4:
      if (len > (size_t)(in->end - in->at)) len = (size_t)(in->end - in->at);
      lua_pushlstring(L, (const char *)in->at, len);
      break;
    case 5:
      if (kind == 253) lua_pushcfunction(L, lua_error);
      else lua_pushlightuserdata(L, NULL);
      break;
    case 6:
      if (depth > 0 && kind == 254) { /* an outer table once more: a cycle */
        lua_pushvalue(L, 1);
        break;
      }
      /* falls through */
    default:
      if (depth < 100) build_table(L, in, depth);
      else lua_pushnil(L);
      break;
  }
}

static bool is_equal(lua_State *a, int i, lua_State *b, int j) {
  i = lua_absindex(a, i);
  j = lua_absindex(b, j);
  if (lua_islightuserdata(a, i)) return lua_isnil(b, j);
  if (lua_type(a, i) != lua_type(b, j)) return false;
  if (lua_type(a, i) == LUA_TNUMBER) {
    if (lua_isinteger(a, i)) return lua_isinteger(b, j) && lua_tointeger(a, i) == lua_tointeger(b, j);
    double x = lua_tonumber(a, i), y = lua_tonumber(b, j);
    return (isnan(x) && isnan(y)) || (x == y && signbit(x) == signbit(y));
  }
  if (lua_type(a, i) == LUA_TSTRING) {
    size_t x, y;
    const char *s = lua_tolstring(a, i, &x), *t = lua_tolstring(b, j, &y);
    return x == y && memcmp(s, t, x) == 0;
  }
  if (lua_type(a, i) == LUA_TBOOLEAN) return lua_toboolean(a, i) == lua_toboolean(b, j);
  if (lua_type(a, i) != LUA_TTABLE) return true;
  luaL_checkstack(a, 8, NULL);
  luaL_checkstack(b, 8, NULL);
  for (lua_pushnil(a); lua_next(a, i) != 0; lua_pop(a, 1)) {
    switch (lua_type(a, -2)) {
      case LUA_TSTRING: {
        size_t len;
        const char *name = lua_tolstring(a, -2, &len);
        lua_pushlstring(b, name, len);
        break;
      }
      case LUA_TBOOLEAN: lua_pushboolean(b, lua_toboolean(a, -2)); break;
      default:
        if (lua_isinteger(a, -2)) lua_pushinteger(b, lua_tointeger(a, -2));
        else lua_pushnumber(b, lua_tonumber(a, -2));
        break;
    }
    lua_rawget(b, j);
    if (!is_equal(a, -1, b, -1)) return false;
    lua_pop(b, 1);
  }
  return true;
}

struct job {
  lua_State *app;
  struct script_copy copy;
  bool ok;
};

static int copy_in(lua_State *L) {
  struct job *job = lua_touserdata(L, 1);
  job->ok = script_copy_value(&job->copy, job->app, 1, L);
  return job->ok ? 1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct script_vm_limits limits = {.memory_bytes = 8 << 20, .output_bytes = 1 << 20, .depth = 64};
  struct input in = {data, data + size, 0};
  lua_State *app = luaL_newstate();
  struct script_vm *vm = script_vm_new(&limits, 0);
  struct script_vm_failure failure = {0};
  build(app, &in, 0);
  struct job job = {.app = app, .copy = {.depth = 32, .bytes = 1 << 16, .failure = &failure}};
  bool has_run = script_vm_run(vm, copy_in, &job, 1000);
  assert(has_run || vm->failure.kind == SCRIPT_VM_MEMORY);
  if (has_run && job.ok) {
    lua_settop(app, 1);
    assert(is_equal(app, 1, vm->L, 1));
    struct script_copy back = {.depth = 32, .bytes = 1 << 16, .failure = &failure};
    assert(script_copy_value(&back, vm->L, 1, app));
    assert(is_equal(app, 1, vm->L, 1));
  } else if (has_run) {
    assert(failure.kind == SCRIPT_VM_RESULT || failure.kind == SCRIPT_VM_DEPTH || failure.kind == SCRIPT_VM_OUTPUT);
    assert(failure.text[0] != '\0');
  }
  script_vm_free(vm);
  lua_close(app);
  return 0;
}
