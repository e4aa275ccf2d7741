/* core.rules - rule packs in sandboxed states. See script/pack.h. */
#include "base/clock.h"
#include "script/box.h"
#include "script/host.h"
#include "script/pack.h"
#include "script/replay.h"
#include "script/sandbox.h"
#include "script/work.h"

#define PACK "core.rules.pack"

/* ---- the box ---- */

struct pack_box {
  struct script_pack *pack; /* NULL once closed */
};

static int l_free(lua_State *L) {
  struct pack_box *box = lua_touserdata(L, 1);
  script_pack_free(box->pack);
  box->pack = NULL;
  return 0;
}

/* The watchdog is that of the loop's thread: while a generation is built elsewhere, a count hook does. */
static void watch(lua_State *L, struct script_pack *pack) {
  struct script_task *task = script_task_or_null(L);
  pack->watchdog = task != NULL ? &task->script->watchdog : NULL;
  pack->board = task != NULL ? task->script->config.board : NULL;
  pack->slot = task != NULL ? task->script->slot : NULL;
}

static struct script_pack *check_pack(lua_State *L) {
  struct pack_box *box = luaL_checkudata(L, 1, PACK);
  if (box->pack == NULL) luaL_error(L, "the pack is closed");
  watch(L, box->pack);
  return box->pack;
}

/* ---- failures ---- */

static void push_place(lua_State *L, const struct script_vm_place *place) {
  lua_pushfstring(L, "%s:%d", place->chunk, place->line);
}

/* {kind =, text =, chunk =, line =, traceback = {"chunk:line", …}} */
static void push_failure(lua_State *L, const struct script_vm_failure *failure) {
  lua_createtable(L, 0, 5);
  lua_pushstring(L, script_vm_kind_name(failure->kind));
  lua_setfield(L, -2, "kind");
  lua_pushstring(L, failure->text);
  lua_setfield(L, -2, "text");
  if (failure->place.chunk[0] != '\0') {
    lua_pushstring(L, failure->place.chunk);
    lua_setfield(L, -2, "chunk");
    lua_pushinteger(L, failure->place.line);
    lua_setfield(L, -2, "line");
  }
  lua_createtable(L, failure->trace_len, 0);
  for (int i = 0; i < failure->trace_len; i++) {
    push_place(L, &failure->trace[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "traceback");
}

static int fail(lua_State *L, const struct script_vm_failure *failure) {
  lua_pushnil(L);
  push_failure(L, failure);
  return 2;
}

/* ---- loading ---- */

static struct script_pack_limits check_limits(lua_State *L, int table) {
  struct script_pack_limits limits = {
      .ms = (unsigned)script_option_integer(L, table, "ms", 50, 1, 10000),
      .load_ms = (unsigned)script_option_integer(L, table, "load_ms", 1000, 1, 10000),
      .vm = {.memory_bytes = (size_t)script_option_integer(L, table, "memory", 8 << 20, 256 << 10, 256 << 20),
             .output_bytes = (size_t)script_option_integer(L, table, "output", 1 << 20, 0, 64 << 20),
             .depth = (int)script_option_integer(L, table, "depth", 64, 1, SCRIPT_COPY_DEPTH_MAX)}};
  return limits;
}

static void add_chunks(lua_State *L, struct script_pack *pack, int list) {
  lua_Integer count = luaL_len(L, list);
  for (lua_Integer i = 1; i <= count; i++) {
    if (lua_geti(L, list, i) != LUA_TTABLE) luaL_error(L, "a chunk is {name =, text =}");
    if (lua_getfield(L, -1, "name") != LUA_TSTRING || lua_getfield(L, -2, "text") != LUA_TSTRING)
      luaL_error(L, "a chunk is {name =, text =}");
    struct slice text = script_check_slice(L, -1);
    if (!script_pack_add(pack, lua_tostring(L, -2), text))
      luaL_error(L, "chunk %s: twice in the pack, or the pack is too large", lua_tostring(L, -2));
    lua_pop(L, 3);
  }
}

/* load{name =, chunks =, ms =, load_ms =, memory =, depth =, output =} */
static int l_load(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  struct script_pack_limits limits = check_limits(L, 1);
  if (lua_getfield(L, 1, "name") != LUA_TSTRING) return luaL_error(L, "option 'name' must be text");
  if (lua_getfield(L, 1, "chunks") != LUA_TTABLE) return luaL_error(L, "option 'chunks' must be a list");
  struct pack_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->pack = NULL;
  luaL_setmetatable(L, PACK);
  box->pack = script_pack_new(lua_tostring(L, 2), &limits);
  add_chunks(L, box->pack, 3);
  watch(L, box->pack);
  if (script_pack_load(box->pack)) return 1;
  return fail(L, &box->pack->failure);
}

/* ---- calling ---- */

static struct script_copy copy_out(struct script_pack *pack, enum script_copy_functions functions) {
  return (struct script_copy){.depth = pack->limits.vm.depth, .bytes = pack->limits.vm.output_bytes + 1024,
                              .functions = functions, .failure = &pack->failure};
}

/* Pushes {n =, v1, v2 …} of what the call left; false with pack->failure and nothing pushed. */
static bool push_results(lua_State *L, struct script_pack *pack) {
  lua_State *from = pack->vm->L;
  struct script_copy copy = copy_out(pack, SCRIPT_COPY_REFUSE_FUNCTIONS);
  int count = lua_gettop(from), top = lua_gettop(L);
  pack->failure = (struct script_vm_failure){0};
  luaL_checkstack(L, 8, "results");
  lua_createtable(L, count, 3);
  for (int i = 1; i <= count; i++) {
    if (!script_copy_value(&copy, from, i, L)) {
      pack->failure.place = pack->verdict;
      lua_settop(L, top);
      return false;
    }
    lua_rawseti(L, -2, i);
  }
  lua_pushinteger(L, count);
  lua_setfield(L, -2, "n");
  return true;
}

static void set_verdict(lua_State *L, const struct script_vm_place *verdict) {
  if (verdict->chunk[0] == '\0') return;
  lua_pushstring(L, verdict->chunk);
  lua_setfield(L, -2, "chunk");
  lua_pushinteger(L, verdict->line);
  lua_setfield(L, -2, "line");
}

/* pack:call(module, path, value) → {n =, …}, {chunk =, line =, us =} | nil, err */
static int l_call(lua_State *L) {
  struct script_pack *pack = check_pack(L);
  const char *module = luaL_checkstring(L, 2), *path = luaL_checkstring(L, 3);
  uint64_t began = clock_monotonic_us();
  lua_settop(L, 4);
  if (!script_pack_call(pack, module, path, L, 4) || !push_results(L, pack)) return fail(L, &pack->failure);
  lua_createtable(L, 0, 3);
  set_verdict(L, &pack->verdict);
  lua_pushinteger(L, (lua_Integer)(clock_monotonic_us() - began));
  lua_setfield(L, -2, "us");
  return 2;
}

/* pack:map(module, path, list) → a list: of {n =, …, chunk =, line =} and {error = err} */
static int l_map(lua_State *L) {
  struct script_pack *pack = check_pack(L);
  const char *module = luaL_checkstring(L, 2), *path = luaL_checkstring(L, 3);
  luaL_checktype(L, 4, LUA_TTABLE);
  lua_settop(L, 4);
  lua_Integer count = (lua_Integer)lua_rawlen(L, 4);
  lua_createtable(L, count < 1 << 20 ? (int)count : 1 << 20, 0);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, 4, i);
    if (script_pack_call(pack, module, path, L, 6) && push_results(L, pack)) {
      set_verdict(L, &pack->verdict);
    } else {
      lua_createtable(L, 0, 1);
      push_failure(L, &pack->failure);
      lua_setfield(L, -2, "error");
    }
    lua_rawseti(L, 5, i);
    lua_settop(L, 5);
  }
  return 1;
}

/* pack:value(module) → what the chunk returned, functions as the text "function" | nil, err */
static int l_value(lua_State *L) {
  struct script_pack *pack = check_pack(L);
  const char *module = luaL_checkstring(L, 2);
  if (!script_pack_export(pack, module)) return fail(L, &pack->failure);
  struct script_copy copy = copy_out(pack, SCRIPT_COPY_NAME_FUNCTIONS);
  pack->failure = (struct script_vm_failure){0};
  if (script_copy_value(&copy, pack->vm->L, 1, L)) return 1;
  return fail(L, &pack->failure);
}

/* ---- many at once, in the thread pool ---- */

struct replay_work {
  struct script_work base;
  struct script_replay *replay; /* owned */
};

static void run_replay(struct script_work *base) { script_replay_run(((struct replay_work *)base)->replay); }

static void free_replay(struct script_work *base) { script_replay_free(((struct replay_work *)base)->replay); }

static int finish_replay(lua_State *L, int status, lua_KContext ctx) {
  const struct replay_work *work = script_work_of(L);
  (void)status, (void)ctx;
  lua_newtable(L);
  for (int i = 0; i < work->replay->count; i++) {
    struct slice result = script_replay_result(work->replay, i);
    if (result.data == NULL) continue;
    lua_pushlstring(L, result.data, result.len);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

static void add_cases(lua_State *L, struct script_replay *replay, int list) {
  lua_Integer count = luaL_len(L, list);
  if (count % SCRIPT_REPLAY_PARTS != 0 || count > 3 << 20) luaL_error(L, "cases come as role, expected, inputs; at most a million");
  for (lua_Integer i = 1; i <= count; i += SCRIPT_REPLAY_PARTS) {
    struct slice parts[SCRIPT_REPLAY_PARTS];
    for (int part = 0; part < SCRIPT_REPLAY_PARTS; part++) {
      if (lua_rawgeti(L, list, i + part) != LUA_TSTRING) luaL_error(L, "a part of a case must be text");
      parts[part] = script_check_slice(L, -1);
    }
    script_replay_add(replay, parts);
    lua_pop(L, SCRIPT_REPLAY_PARTS);
  }
}

/* replay{name =, chunks =, module =, path =, cases = {role, expected, inputs, …}, …} → {[case] = text}; yields */
static int l_replay(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  struct script_pack_limits limits = check_limits(L, 1);
  if (lua_getfield(L, 1, "name") != LUA_TSTRING || lua_getfield(L, 1, "module") != LUA_TSTRING || lua_getfield(L, 1, "path") != LUA_TSTRING)
    return luaL_error(L, "options 'name', 'module' and 'path' must be text");
  if (lua_getfield(L, 1, "chunks") != LUA_TTABLE || lua_getfield(L, 1, "cases") != LUA_TTABLE)
    return luaL_error(L, "options 'chunks' and 'cases' must be lists");
  script_task_that_waits(L);
  struct replay_work *work = script_work_new(L, sizeof *work, run_replay, free_replay);
  work->replay = script_replay_new(script_pack_new(lua_tostring(L, 2), &limits), lua_tostring(L, 3), lua_tostring(L, 4));
  add_chunks(L, work->replay->pack, 5);
  add_cases(L, work->replay, 6);
  return script_work_start(L, &work->base, finish_replay);
}

/* ---- lines ---- */

static int l_coverage(lua_State *L) {
  script_pack_count_lines(check_pack(L), lua_toboolean(L, 2));
  return 0;
}

/* pack:lines() → {["rules/x.lua"] = {[12] = 3, …}}: how often each line ran since coverage(true) */
static int l_lines(lua_State *L) {
  const struct script_pack *pack = check_pack(L);
  lua_newtable(L);
  for (int i = 0; pack->coverage != NULL && i < pack->coverage->count; i++) {
    const struct script_coverage_chunk *chunk = &pack->coverage->chunks[i];
    lua_newtable(L);
    for (int line = 1; line <= chunk->lines; line++) {
      if (chunk->hits[line] == 0 && !chunk->is_code[line]) continue;
      lua_pushinteger(L, chunk->hits[line]);
      lua_rawseti(L, -2, line);
    }
    lua_setfield(L, -2, chunk->name);
  }
  return 1;
}

/* ---- packs that brought a process down ---- */

static struct script_board *board_of(lua_State *L) { return script_task(L)->script->config.board; }

/* quarantined(name) → boolean, strikes */
static int l_quarantined(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  const struct script_board *board = board_of(L);
  unsigned strikes = board != NULL && *name != '\0' ? script_board_strikes(board, name) : 0;
  lua_pushboolean(L, strikes >= SCRIPT_BOARD_STRIKES);
  lua_pushinteger(L, strikes);
  return 2;
}

/* struck() → {{pack =, where =, strikes =, at =}, …} */
static int l_struck(lua_State *L) {
  const struct script_board *board = board_of(L);
  lua_newtable(L);
  for (int i = 0; board != NULL && i < SCRIPT_BOARD_STRUCK; i++) {
    const struct script_board_struck *struck = &board->struck[i];
    if (struck->strikes == 0) continue;
    lua_createtable(L, 0, 4);
    lua_pushstring(L, struck->pack);
    lua_setfield(L, -2, "pack");
    lua_pushstring(L, struck->function);
    lua_setfield(L, -2, "where");
    lua_pushinteger(L, struck->strikes);
    lua_setfield(L, -2, "strikes");
    lua_pushnumber(L, (double)struck->at_us / 1e6);
    lua_setfield(L, -2, "at");
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  }
  return 1;
}

/* pardon(name) → whether there was something to pardon */
static int l_pardon(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  struct script_board *board = board_of(L);
  lua_pushboolean(L, board != NULL && script_board_pardon(board, name));
  return 1;
}

static int l_close(lua_State *L) {
  luaL_checkudata(L, 1, PACK);
  return l_free(L);
}

int script_open_rules(lua_State *L) {
  static const luaL_Reg methods[] = {{"call", l_call},   {"map", l_map},     {"value", l_value}, {"coverage", l_coverage},
                                     {"lines", l_lines}, {"close", l_close}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"load", l_load},     {"replay", l_replay}, {"quarantined", l_quarantined},
                                       {"struck", l_struck}, {"pardon", l_pardon}, {NULL, NULL}};
  luaL_newmetatable(L, PACK);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, l_free);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
