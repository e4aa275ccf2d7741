/* Keys of a table in an order that depends on nothing but the keys: Lua's own is made of a random seed and
 * of addresses, and a rule must answer the same each time. */
#include <stdlib.h>
#include <string.h>

#include "script/vm.h"

enum { RANK_NUMBER, RANK_TEXT, RANK_BOOLEAN, RANK_OTHER };

struct key {
  int rank;
  bool is_integer;
  lua_Integer integer; /* of a boolean as well */
  lua_Number number;
  struct slice text;   /* in the state; the table holds it */
  const void *address;
  lua_Integer at;      /* in the sequence of keys as found */
};

static struct key key_at(lua_State *L, int idx) {
  struct key key = {.rank = RANK_OTHER};
  switch (lua_type(L, idx)) {
    case LUA_TNUMBER:
      key.rank = RANK_NUMBER;
      key.is_integer = lua_isinteger(L, idx);
      key.integer = key.is_integer ? lua_tointeger(L, idx) : 0;
      key.number = lua_tonumber(L, idx);
      break;
    case LUA_TSTRING:
      key.rank = RANK_TEXT;
      key.text.data = lua_tolstring(L, idx, &key.text.len);
      break;
    case LUA_TBOOLEAN:
      key.rank = RANK_BOOLEAN;
      key.integer = lua_toboolean(L, idx);
      break;
    default: key.address = lua_topointer(L, idx); break;
  }
  return key;
}

static int compare_text(struct slice a, struct slice b) {
  size_t len = a.len < b.len ? a.len : b.len;
  int order = len != 0 ? memcmp(a.data, b.data, len) : 0;
  return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare(const struct key *a, const struct key *b) {
  if (a->rank != b->rank) return a->rank - b->rank;
  if (a->rank == RANK_TEXT) return compare_text(a->text, b->text);
  if (a->rank == RANK_OTHER) return (a->address > b->address) - (a->address < b->address);
  if (a->rank == RANK_NUMBER && !(a->is_integer && b->is_integer))
    return (a->number > b->number) - (a->number < b->number);
  return (a->integer > b->integer) - (a->integer < b->integer);
}

/* ---- all of them ---- */

static void sift(struct key *keys, size_t at, size_t count) {
  struct key moved = keys[at];
  for (size_t child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && compare(&keys[child], &keys[child + 1]) < 0) child++;
    if (compare(&moved, &keys[child]) >= 0) break;
    keys[at] = keys[child];
  }
  keys[at] = moved;
}

static void sort_keys(lua_State *L, struct key *keys, size_t count) {
  for (size_t i = count / 2; i-- > 0;) sift(keys, i, count);
  for (size_t end = count; end-- > 1;) {
    struct key largest = keys[0];
    keys[0] = keys[end];
    keys[end] = largest;
    sift(keys, 0, end);
    if (end % 1024 == 0) script_vm_tick(L);
  }
}

static size_t count_keys(lua_State *L, int idx) {
  size_t count = 0;
  for (lua_pushnil(L); lua_next(L, idx) != 0; lua_pop(L, 1)) count++;
  return count;
}

void script_vm_push_keys(lua_State *L, int idx) {
  enum { FEW = 32 };
  struct key few[FEW];
  idx = lua_absindex(L, idx);
  size_t count = count_keys(L, idx), i = 0;
  struct key *keys = count <= FEW ? few : lua_newuserdatauv(L, count * sizeof *keys, 0);
  if (count <= FEW) lua_pushnil(L); /* in the userdata's place */
  lua_createtable(L, (int)count, 0); /* as found, which keeps their texts alive */
  for (lua_pushnil(L); lua_next(L, idx) != 0; lua_pop(L, 1)) {
    keys[i] = key_at(L, -2);
    keys[i].at = (lua_Integer)i + 1;
    lua_pushvalue(L, -2);
    lua_rawseti(L, -4, (lua_Integer)++i);
  }
  sort_keys(L, keys, count);
  lua_createtable(L, (int)count, 0);
  for (i = 0; i < count; i++) {
    lua_rawgeti(L, -2, keys[i].at);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_replace(L, -3);
  lua_pop(L, 1);
}

/* ---- one after another: what `next` does, without a state of its own ---- */

/* On top: the key before, or nil. Ends with the smallest key beyond it, or nothing. */
bool script_vm_next_key(lua_State *L, int idx) {
  idx = lua_absindex(L, idx);
  bool is_first = lua_isnil(L, -1), has_best = false;
  struct key before = key_at(L, -1), best = {0};
  int steps = 0;
  lua_pushnil(L); /* the best so far */
  for (lua_pushnil(L); lua_next(L, idx) != 0; lua_pop(L, 1)) {
    if (++steps % 1024 == 0) script_vm_tick(L);
    struct key key = key_at(L, -2);
    if (!is_first && compare(&key, &before) <= 0) continue;
    if (has_best && compare(&key, &best) >= 0) continue;
    best = key;
    has_best = true;
    lua_pushvalue(L, -2);
    lua_replace(L, -4);
  }
  lua_remove(L, -2);
  if (!has_best) lua_pop(L, 1);
  return has_best;
}
