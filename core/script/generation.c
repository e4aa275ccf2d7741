#include "script/generation.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "net/static.h"
#include "script/sandbox.h"

#define STATE_CEILING ((size_t)1 << 30)
#define BUILD_LIMIT_US 30000000

struct script_generation *script_generation_of(lua_State *L) {
  void *ud;
  lua_getallocf(L, &ud);
  return (struct script_generation *)ud; /* memory is its first member */
}

/* ---- life ---- */

static void free_generation(void *ctx) {
  struct script_generation *generation = ctx;
  lua_close(generation->L);
  script_memory_deinit(&generation->memory);
  bytes_deinit(&generation->scratch);
  json_reader_deinit(&generation->reader);
  free(generation->tree);
  free(generation);
}

static void nothing(void *ctx) { (void)ctx; }

/* Closing a state takes milliseconds, so the pool does it. */
static void release(struct script_generation *generation) {
  struct error ignored;
  net_static_unref(generation->statics);
  if (generation->loop != NULL &&
      loop_work(generation->loop, free_generation, nothing, generation, &ignored))
    return;
  free_generation(generation);
}

void script_generation_ref(struct script_generation *generation) { generation->refs++; }

void script_generation_unref(struct script_generation *generation) {
  if (generation != NULL && --generation->refs == 0) release(generation);
}

/* Every entry into Lua is protected, so this is a mistake of ours. */
static int on_panic(lua_State *L) {
  const char *text = lua_tostring(L, -1);
  log_text(script_generation_of(L)->log, LOG_ERROR, "lua panic", "%s", text != NULL ? text : "?");
  return 0;
}

static struct script_generation *new_generation(const struct script_source *source) {
  struct script_generation *generation = mem_zero(sizeof *generation);
  generation->memory.ceiling = generation->memory.limit = STATE_CEILING;
  generation->memory.fail_at = source->fail_at;
  generation->refs = 1;
  generation->number = source->number;
  generation->tree = mem_dup(source->tree);
  generation->settings = source->settings;
  generation->log = source->log;
  generation->is_loading = true;
  generation->request_ref = generation->job_ref = generation->command_ref = LUA_NOREF;
  generation->L = lua_newstate(script_memory_allocate, &generation->memory);
  if (generation->L == NULL) {
    script_memory_deinit(&generation->memory);
    free(generation->tree);
    free(generation);
    return NULL;
  }
  *(void **)lua_getextraspace(generation->L) = NULL;
  lua_atpanic(generation->L, on_panic);
  return generation;
}

/* ---- loading ---- */

static int keep_function(lua_State *L, const char *name) { /* of the table on top */
  int type = lua_getfield(L, -1, name);
  if (type == LUA_TFUNCTION) return luaL_ref(L, LUA_REGISTRYINDEX);
  if (type != LUA_TNIL) luaL_error(L, "lua/boot.lua:0: '%s' must be a function", name);
  lua_pop(L, 1);
  return LUA_NOREF;
}

static void keep_timer(lua_State *L, struct script_timer *timer) { /* of the table on top */
  lua_getfield(L, -1, "name");
  lua_getfield(L, -2, "every_s");
  lua_getfield(L, -3, "fn");
  const char *name = lua_tostring(L, -3);
  if (name == NULL || strlen(name) >= sizeof timer->name || !lua_isinteger(L, -2) ||
      lua_tointeger(L, -2) < 1 || lua_tointeger(L, -2) > 366 * 86400 || !lua_isfunction(L, -1))
    luaL_error(L, "lua/boot.lua:0: a timer is {name, every_s, fn}");
  memcpy(timer->name, name, strlen(name) + 1);
  timer->every_s = (int)lua_tointeger(L, -2);
  timer->ref = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pop(L, 2);
}

static void keep_timers(lua_State *L, struct script_generation *generation) {
  if (lua_getfield(L, -1, "timers") == LUA_TTABLE) {
    lua_Integer count = luaL_len(L, -1);
    if (count > SCRIPT_TIMERS) luaL_error(L, "lua/boot.lua:0: too many timers");
    for (lua_Integer i = 1; i <= count; i++) {
      lua_geti(L, -1, i);
      if (!lua_istable(L, -1)) luaL_error(L, "lua/boot.lua:0: a timer is {name, every_s, fn}");
      keep_timer(L, &generation->timers[generation->timer_count++]);
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
}

static int load_product(lua_State *L) {
  struct script_generation *generation = lua_touserdata(L, 1);
  script_require(L, "core.http"); /* its userdata comes with every request, required or not */
  lua_pop(L, 1);
  script_require(L, "boot");
  if (!lua_istable(L, -1)) return luaL_error(L, "lua/boot.lua:0: must return a table");
  generation->command_ref = keep_function(L, "command");
  if (lua_getfield(L, -1, "load") != LUA_TFUNCTION)
    return luaL_error(L, "lua/boot.lua:0: has no function 'load'");
  script_require(L, "core.settings");
  lua_replace(L, 1);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  if (!lua_istable(L, -1)) return luaL_error(L, "lua/boot.lua:0: load must return a table");
  generation->request_ref = keep_function(L, "request");
  generation->job_ref = keep_function(L, "job");
  keep_timers(L, generation);
  return 0;
}

static int open_state(lua_State *L) {
  script_open_sandbox(L);
  return 0;
}

/* Generational: most of what a request makes dies with it, and memory that is used again soon is still in the
 * cache. Beside the incremental kind a page cost 14 % less, JSON 9 %, a worker held a tenth less. */
static int collect(lua_State *L) {
  lua_gc(L, LUA_GCRESTART);
  lua_gc(L, LUA_GCCOLLECT);
  lua_gc(L, LUA_GCGEN, 0, 0); /* Lua's own parameters: 20 and 100 */
  return 0;
}

/* A module that never ends loading must not hold a pool thread for ever. */
static void watch_loading(lua_State *L, lua_Debug *ar) {
  (void)ar;
  struct script_generation *generation = script_generation_of(L);
  if (generation->is_loading && clock_monotonic_us() - generation->build_us > BUILD_LIMIT_US)
    luaL_error(L, "loading takes too long");
}

static void find_place(const char *text, struct script_place *place, struct error *err) {
  const char *colon = strchr(text, ':');
  char *end = NULL;
  long line = colon != NULL ? strtol(colon + 1, &end, 10) : -1;
  *place = (struct script_place){0};
  if (colon != NULL && end > colon + 1 && *end == ':' && (size_t)(colon - text) < sizeof place->file &&
      memchr(text, ' ', (size_t)(colon - text)) == NULL) {
    memcpy(place->file, text, (size_t)(colon - text));
    place->line = (int)line;
    text = end + 1 + (end[1] == ' ');
  }
  error_set(err, ERR_SCRIPT, "%s", text);
}

static int describe_failure(lua_State *L) { /* the error value to a text */
  if (lua_istable(L, 1) && lua_getfield(L, 1, "text") == LUA_TSTRING) return 1;
  luaL_tolstring(L, 1, NULL);
  return 1;
}

static void take_failure(lua_State *L, struct script_place *place, struct error *err) {
  struct script_place unused;
  lua_pushcfunction(L, describe_failure);
  lua_insert(L, -2);
  const char *text = NULL;
  if (lua_pcall(L, 1, 1, 0) == LUA_OK) text = lua_tostring(L, -1);
  find_place(text != NULL ? text : "not enough memory", place != NULL ? place : &unused, err);
}

static bool run_protected(struct script_generation *generation, lua_CFunction fn,
                          struct script_place *place, struct error *err) {
  lua_State *L = generation->L;
  lua_pushcfunction(L, fn);
  lua_pushlightuserdata(L, generation);
  if (lua_pcall(L, 1, 0, 0) == LUA_OK) return true;
  take_failure(L, place, err);
  return false;
}

struct script_generation *script_generation_bare(const struct script_source *source,
                                                 struct error *err) {
  struct script_generation *generation = new_generation(source);
  if (generation == NULL) {
    error_set(err, ERR_OVERLOADED, "no memory for a Lua state");
    return NULL;
  }
  generation->build_us = clock_monotonic_us();
  if (run_protected(generation, open_state, NULL, err)) return generation;
  free_generation(generation);
  return NULL;
}

static bool load_assets(struct script_generation *generation, struct error *err) {
  struct bytes path = {0}, overlay = {0};
  bytes_addf(&path, "%s/assets", generation->tree);
  bytes_addf(&overlay, "%s/published/assets", generation->tree);
  generation->statics = net_static_load(path.data, overlay.data, err);
  bytes_deinit(&path);
  bytes_deinit(&overlay);
  return generation->statics != NULL;
}

struct script_generation *script_generation_build(const struct script_source *source,
                                                  struct script_place *place, struct error *err) {
  if (place != NULL) *place = (struct script_place){0};
  struct script_generation *generation = script_generation_bare(source, err);
  if (generation == NULL) return NULL;
  lua_State *L = generation->L;
  script_chunks_open(&generation->chunks, source->chunks);
  lua_sethook(L, watch_loading, LUA_MASKCOUNT, 1000000);
  /* Without collecting meanwhile a worker would hold 10 MB of holes for ever, and load no sooner. */
  lua_gc(L, LUA_GCINC, 140, 200, 0);
  bool ok = (!source->has_assets || load_assets(generation, err)) &&
            run_protected(generation, load_product, place, err) &&
            run_protected(generation, collect, place, err);
  script_chunks_close(&generation->chunks, ok);
  if (!ok) {
    net_static_unref(generation->statics);
    free_generation(generation);
    return NULL;
  }
  lua_sethook(L, NULL, 0, 0);
  generation->is_loading = false;
  generation->baseline = generation->memory.used;
  generation->build_us = clock_monotonic_us() - generation->build_us;
  return generation;
}

/* ---- threads ---- */

static int new_thread(lua_State *L) {
  lua_State **thread = lua_touserdata(L, 1);
  int *ref = lua_touserdata(L, 2);
  *thread = lua_newthread(L);
  *ref = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

bool script_thread_take(struct script_generation *generation, lua_State **thread, int *ref) {
  if (generation->idle_count > 0) {
    generation->idle_count--;
    *thread = generation->idle[generation->idle_count].thread;
    *ref = generation->idle[generation->idle_count].ref;
    return true;
  }
  lua_State *L = generation->L;
  lua_pushcfunction(L, new_thread);
  lua_pushlightuserdata(L, thread);
  lua_pushlightuserdata(L, ref);
  if (lua_pcall(L, 2, 0, 0) == LUA_OK) return true;
  lua_pop(L, 1);
  return false;
}

void script_thread_give(struct script_generation *generation, lua_State *thread, int ref,
                        bool is_clean) {
  *(void **)lua_getextraspace(thread) = NULL;
  if (is_clean && generation->idle_count < SCRIPT_IDLE_THREADS) {
    lua_settop(thread, 0);
    generation->idle[generation->idle_count].thread = thread;
    generation->idle[generation->idle_count].ref = ref;
    generation->idle_count++;
    return;
  }
  luaL_unref(generation->L, LUA_REGISTRYINDEX, ref);
}
