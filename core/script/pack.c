#include "script/pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define COMPILED "copp.compiled" /* registry: module → its function */
#define EXPORTS "copp.exports"   /* registry: module → what it returned; false while it loads */

/* ---- life ---- */

struct script_pack *script_pack_new(const char *name, const struct script_pack_limits *limits) {
  struct script_pack *pack = mem_zero(sizeof *pack);
  pack->name = mem_dup(name);
  pack->limits = *limits;
  return pack;
}

static void drop_state(struct script_pack *pack) {
  script_vm_free(pack->vm);
  pack->vm = NULL;
}

void script_pack_free(struct script_pack *pack) {
  if (pack == NULL) return;
  drop_state(pack);
  script_coverage_free(pack->coverage);
  for (int i = 0; i < pack->count; i++) {
    free(pack->chunks[i].name);
    free(pack->chunks[i].module);
    free(pack->chunks[i].text);
  }
  free(pack->chunks);
  free(pack->name);
  free(pack);
}

static char *module_of(const char *chunk) {
  size_t len = strlen(chunk);
  if (len > 4 && strcmp(chunk + len - 4, ".lua") == 0) len -= 4;
  char *module = mem_dup_n(chunk, len);
  for (char *at = module; (at = strchr(at, '/')) != NULL;) *at = '.';
  return module;
}

bool script_pack_add(struct script_pack *pack, const char *chunk, struct slice text) {
  if (pack->count >= SCRIPT_PACK_CHUNKS || text.len > SCRIPT_PACK_BYTES - pack->bytes) return false;
  for (int i = 0; i < pack->count; i++)
    if (strcmp(pack->chunks[i].name, chunk) == 0) return false;
  pack->chunks = mem_grow(pack->chunks, ((size_t)pack->count + 1) * sizeof *pack->chunks);
  pack->chunks[pack->count++] = (struct script_pack_chunk){
      .name = mem_dup(chunk), .module = module_of(chunk), .text = mem_dup_n(text.data, text.len), .len = text.len};
  pack->bytes += text.len;
  return true;
}

/* ---- inside the state ---- */

/* require(name): a module of the pack, run once. */
static int l_require(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, EXPORTS);
  lua_pushvalue(L, 1);
  if (lua_rawget(L, 2) != LUA_TNIL) {
    if (lua_isboolean(L, -1) && !lua_toboolean(L, -1))
      return luaL_error(L, "module '%s' requires itself, perhaps by way of others", name);
    return 1;
  }
  lua_getfield(L, LUA_REGISTRYINDEX, COMPILED);
  lua_pushvalue(L, 1);
  if (lua_rawget(L, -2) == LUA_TNIL) return luaL_error(L, "module '%s' is not a part of this pack", name);
  lua_pushvalue(L, 1);
  lua_pushboolean(L, 0);
  lua_rawset(L, 2);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushboolean(L, 1);
  }
  lua_pushvalue(L, 1);
  lua_pushvalue(L, -2);
  lua_rawset(L, 2);
  return 1;
}

static void add_require(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "copp.globals");
  lua_pushcfunction(L, l_require);
  lua_setfield(L, -2, "require");
  lua_pop(L, 1);
  lua_newtable(L);
  lua_setfield(L, LUA_REGISTRYINDEX, EXPORTS);
}

static int load_chunks(lua_State *L) {
  const struct script_pack *pack = lua_touserdata(L, 1);
  add_require(L);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, COMPILED);
  for (int i = 0; i < pack->count; i++) {
    const struct script_pack_chunk *chunk = &pack->chunks[i];
    if (!script_vm_compile(L, (struct slice){chunk->text, chunk->len}, chunk->name)) return 0;
    if (pack->coverage != NULL) script_coverage_mark(&pack->coverage->chunks[i], L);
    lua_setfield(L, -2, chunk->module);
  }
  for (int i = 0; i < pack->count; i++) {
    lua_pushcfunction(L, l_require);
    lua_pushstring(L, pack->chunks[i].module);
    lua_call(L, 1, 0);
  }
  return 0;
}

/* Raises at the place of nobody: what is asked for is the platform's mistake or the pack's lack. */
static void push_export(lua_State *L, const char *module) {
  lua_getfield(L, LUA_REGISTRYINDEX, EXPORTS);
  if (lua_getfield(L, -1, module) == LUA_TNIL) luaL_error(L, "the pack has no module '%s'", module);
  lua_replace(L, -2);
}

static void push_function(lua_State *L, const char *module, const char *path) {
  push_export(L, module);
  for (const char *name = path; *name != '\0';) {
    size_t len = strcspn(name, ".");
    if (!lua_istable(L, -1)) break;
    lua_pushlstring(L, name, len);
    lua_rawget(L, -2);
    lua_replace(L, -2);
    name += len + (name[len] == '.');
  }
  if (!lua_isfunction(L, -1)) luaL_error(L, "%s has no function '%s'", module, path);
}

struct call {
  const struct script_pack *pack;
  const char *module, *path;
  lua_State *app;
  int idx;
};

static int enter_call(lua_State *L) {
  const struct call *call = lua_touserdata(L, 1);
  struct script_vm *vm = script_vm_of(L);
  struct script_copy copy = {.depth = vm->limits.depth, .bytes = vm->limits.memory_bytes, .failure = &vm->failure};
  push_function(L, call->module, call->path);
  if (!script_copy_value(&copy, call->app, call->idx, L)) return 0;
  lua_call(L, 1, LUA_MULTRET);
  return lua_gettop(L) - 1;
}

struct call_with {
  const char *module, *path;
  int (*push)(lua_State *L, void *ctx);
  void *ctx;
};

static int enter_call_with(lua_State *L) {
  const struct call_with *call = lua_touserdata(L, 1);
  push_function(L, call->module, call->path);
  lua_call(L, call->push(L, call->ctx), LUA_MULTRET);
  return lua_gettop(L) - 1;
}

static int enter_export(lua_State *L) {
  push_export(L, lua_touserdata(L, 1));
  return 1;
}

/* ---- from outside ---- */

static bool fail(struct script_pack *pack, enum script_vm_kind kind, const char *text) {
  pack->failure = (struct script_vm_failure){.kind = kind};
  snprintf(pack->failure.text, sizeof pack->failure.text, "%s", text);
  return false;
}

/* Takes over what a run said, and a state that hit a limit is thrown away. */
static bool failed(struct script_pack *pack) {
  pack->failure = pack->vm->failure;
  if (pack->vm->is_dead) drop_state(pack);
  return false;
}

static bool load(struct script_pack *pack) {
  drop_state(pack);
  pack->vm = script_vm_new(&pack->limits.vm, pack->fail_at);
  if (pack->vm == NULL) return fail(pack, SCRIPT_VM_MEMORY, "memory limit exceeded");
  pack->vm->watchdog = pack->watchdog;
  pack->vm->coverage = pack->coverage;
  if (pack->coverage != NULL) pack->coverage->source = NULL;
  if (script_vm_run(pack->vm, load_chunks, pack, pack->limits.load_ms)) {
    lua_settop(pack->vm->L, 0);
    return true;
  }
  pack->failure = pack->vm->failure;
  drop_state(pack);
  return false;
}

static bool prepare(struct script_pack *pack);

bool script_pack_load(struct script_pack *pack) {
  drop_state(pack);
  if (pack->slot != NULL) script_board_enter(pack->slot, pack->name, "loading", "");
  bool ok = prepare(pack);
  if (pack->slot != NULL) script_board_leave(pack->slot);
  return ok;
}

/* A pack that cost two processes their lives is not entered again. */
static bool is_quarantined(struct script_pack *pack) {
  if (pack->board == NULL) return false;
  uint32_t now = pack->board->changes + 1;
  if (pack->seen != now) pack->is_quarantined = script_board_strikes(pack->board, pack->name) >= SCRIPT_BOARD_STRIKES;
  pack->seen = now;
  return pack->is_quarantined;
}

static bool prepare(struct script_pack *pack) {
  if (is_quarantined(pack)) return fail(pack, SCRIPT_VM_CRASH, "the pack is in quarantine: it brought a process down twice");
  if (pack->vm == NULL && !load(pack)) return false;
  pack->vm->watchdog = pack->watchdog;
  return true;
}

bool script_pack_call(struct script_pack *pack, const char *module, const char *path, lua_State *app, int idx) {
  struct call call = {pack, module, path, app, lua_absindex(app, idx)};
  int top = lua_gettop(app);
  if (pack->slot != NULL) script_board_enter(pack->slot, pack->name, module, path);
  bool is_ready = prepare(pack);
  if (is_ready) pack->vm->has_verdict = true;
  bool ok = is_ready && script_vm_run(pack->vm, enter_call, &call, pack->limits.ms);
  if (is_ready) pack->vm->has_verdict = false;
  if (pack->slot != NULL) script_board_leave(pack->slot);
  lua_settop(app, top);
  if (!is_ready) return false;
  if (!ok) return failed(pack);
  pack->verdict = (struct script_vm_place){.line = pack->vm->verdict_line};
  if (pack->vm->verdict_chunk != NULL)
    snprintf(pack->verdict.chunk, sizeof pack->verdict.chunk, "%s", pack->vm->verdict_chunk + 1);
  return true;
}

bool script_pack_call_with(struct script_pack *pack, const char *module, const char *path, int (*push)(lua_State *L, void *ctx), void *ctx) {
  struct call_with call = {module, path, push, ctx};
  return prepare(pack) && (script_vm_run(pack->vm, enter_call_with, &call, pack->limits.ms) || failed(pack));
}

bool script_pack_export(struct script_pack *pack, const char *module) {
  return prepare(pack) && (script_vm_run(pack->vm, enter_export, (void *)(uintptr_t)module, pack->limits.ms) || failed(pack));
}

static int count_lines(const struct script_pack_chunk *chunk) {
  int lines = 1;
  for (size_t i = 0; i < chunk->len; i++) lines += chunk->text[i] == '\n';
  return lines;
}

void script_pack_count_lines(struct script_pack *pack, bool is_on) {
  script_coverage_free(pack->coverage);
  pack->coverage = is_on ? script_coverage_new(pack->count) : NULL;
  for (int i = 0; is_on && i < pack->count; i++)
    script_coverage_set(pack->coverage, i, pack->chunks[i].name, count_lines(&pack->chunks[i]));
  drop_state(pack); /* the next one counts from its first line, and knows which have code */
}
