/* script/generation.h - one loaded version of the product's Lua code.
 *
 *   script_generation_build (any thread) --> script_use() --> serves new tasks
 *        \-- error: file, line, reason            \--> replaced --> last task ends --> freed
 *
 * A Lua state of its own with everything compiled, and the set of static files that belongs to it.
 * Counted by reference: each task holds one, the script one. After the build only the loop's thread
 * touches it. The state's memory is capped; see script/memory.h.
 */
#pragma once
#include <lua.h>
#include <stdio.h>

#include "base/json.h"
#include "base/log.h"
#include "script/chunks.h"
#include "script/memory.h"
#include "script/settings.h"

struct net_static;
struct script;

struct script_source {              /* where the code comes from; copied */
  const char *tree;                 /* directory with lua/, views/, assets/ … */
  int number;
  const struct script_settings *settings;
  const struct log *log;            /* must outlive the generation */
  const char *chunks;               /* file of compiled Lua, see script/chunks.h; NULL: none */
  bool has_assets;                  /* load tree/assets; only web workers serve them */
  long fail_at;                     /* tests: see script/memory.h */
};

struct script_place { /* where loading failed */
  char file[256];     /* relative to the tree; "" when unknown */
  int line;
};

enum { SCRIPT_IDLE_THREADS = 256, SCRIPT_TIMERS = 64 };

struct script_timer {
  char name[64];
  int every_s;
  int ref;            /* its function */
};

struct script_generation {
  struct script_memory memory;
  lua_State *L;
  int refs;
  int number;
  char *tree;
  const struct script_settings *settings;
  const struct log *log;
  struct script *script;        /* NULL until it is in use */
  struct loop *loop;            /* where it is closed off the loop; NULL: in place */
  struct net_static *statics;   /* may be NULL */
  bool is_loading;              /* core.tree works only now */
  struct script_chunks chunks;  /* while it loads */
  size_t baseline;              /* bytes right after loading */
  uint64_t build_us;

  struct bytes scratch;         /* of bindings: filled and read without a wait in between */
  struct json_reader reader;    /* of core.json, for the same reason */

  int request_ref, job_ref, command_ref; /* functions in the registry; LUA_NOREF when absent */
  struct script_timer timers[SCRIPT_TIMERS];
  int timer_count;

  struct { lua_State *thread; int ref; } idle[SCRIPT_IDLE_THREADS]; /* finished well, to be used again */
  int idle_count;
};

struct loop;

/* Loads boot.lua and calls boot.load(settings). Blocking. NULL on failure, with *place (may be NULL)
 * and err->text as the reason. The caller holds one reference. */
struct script_generation *script_generation_build(const struct script_source *source,
                                                  struct script_place *place, struct error *err);
/* The same without boot.lua: for tests and for reading data files. */
struct script_generation *script_generation_bare(const struct script_source *source,
                                                 struct error *err);
void script_generation_ref(struct script_generation *generation);
void script_generation_unref(struct script_generation *generation); /* NULL is fine */

/* The generation a state belongs to. */
struct script_generation *script_generation_of(lua_State *L);

/* Compiles every .lua file below the tree's lua/ without running it, then builds. Prints
 * "file:line: reason" for each fault to out; returns how many there are. */
int script_check(const struct script_source *source, FILE *out);

/* A thread to run a task on, and its registry reference. false: no memory. */
bool script_thread_take(struct script_generation *generation, lua_State **thread, int *ref);
/* is_clean: it ended without an error and may be used again. */
void script_thread_give(struct script_generation *generation, lua_State *thread, int ref,
                        bool is_clean);
