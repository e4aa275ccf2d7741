/* script/vm.h - a Lua state for rules: no way out, and limits that nothing inside can swallow.
 *
 *   script_vm_new --script_vm_run()--> … --script_vm_run()--> … --> script_vm_free
 *                        \-- a limit: jumps out; is_dead, only to be freed and made anew
 *
 * A limit (time, memory, output, depth of calls) does not raise an error that pcall, a coroutine, a
 * metamethod or a comparator could catch: script_vm_stop() jumps to script_vm_run() over all of Lua's
 * frames. The state is never entered again and never closed: its memory is given back as a whole, which
 * also means that no finaliser of a script ever runs.
 *
 *   time    watchdog sets a hook on every instruction; loops in C ask script_vm_tick()
 *   memory  the allocator refuses; what Lua then raises is stopped where it could be caught, and here
 *   output  bytes and lines of print()
 *   depth   of calls (Lua's own stack overflow), of values that cross (script/vm_copy.h)
 *
 * Without a watchdog (another thread than the loop's, tests) a count hook looks at the clock instead:
 * twice as slow, as strict. The state knows nothing of the product's generation. One thread at a time.
 */
#pragma once
#include <lauxlib.h>
#include <lua.h>
#include <setjmp.h>

#include "base/bytes.h"
#include "script/memory.h"
#include "script/watchdog.h"

enum script_vm_kind {
  SCRIPT_VM_OK,
  SCRIPT_VM_SYNTAX,
  SCRIPT_VM_RUNTIME,
  SCRIPT_VM_TIME,
  SCRIPT_VM_MEMORY,
  SCRIPT_VM_OUTPUT,
  SCRIPT_VM_DEPTH,
  SCRIPT_VM_RESULT, /* a value that cannot cross */
  SCRIPT_VM_CRASH,  /* of a child process */
};

enum { SCRIPT_VM_TRACE = 12, SCRIPT_VM_LINES = 1000, SCRIPT_VM_CHUNK_BYTES = 4 << 20 };

struct script_vm_place {
  char chunk[120]; /* "rules/guards/application.lua"; "" when unknown */
  int line;
};

struct script_vm_failure {
  enum script_vm_kind kind;
  char text[400]; /* without the place */
  struct script_vm_place place;
  struct script_vm_place trace[SCRIPT_VM_TRACE]; /* innermost first */
  int trace_len;
};

struct script_vm_limits {
  size_t memory_bytes;
  size_t output_bytes; /* of print(), and of a result */
  int depth;           /* of values that cross */
};

struct script_vm {
  struct script_memory memory; /* first: Lua's allocator data */
  lua_State *L;
  struct script_vm_limits limits;
  struct script_watchdog *watchdog; /* NULL: a count hook looks at the clock */
  void (*print)(void *ctx, struct slice line); /* NULL: lines are counted and dropped */
  void *print_ctx;
  struct script_coverage *coverage; /* NULL: not counted */
  void *owner;                      /* the caller's */

  bool is_dead;                     /* was stopped: nothing of the state may be touched */
  bool has_verdict;                 /* the hook notes where functions return */
  struct script_vm_failure failure; /* of the last run */
  const char *verdict_chunk;        /* "=rules/x.lua" in the state; NULL: none */
  int verdict_line;

  jmp_buf out;
  volatile sig_atomic_t is_late;
  uint64_t deadline_us;
  size_t printed;                   /* bytes in this run */
  int lines;
};

/* NULL when there is no memory for it. fail_at: see script/memory.h. */
struct script_vm *script_vm_new(const struct script_vm_limits *limits, long fail_at);
void script_vm_free(struct script_vm *vm); /* NULL is fine */

/* Calls fn with arg as light userdata, for at most ms of Lua. On true its results are on the stack of
 * vm->L until the next run. On false vm->failure tells; fn may fill that itself and return. */
bool script_vm_run(struct script_vm *vm, lua_CFunction fn, void *arg, unsigned ms);

struct script_vm *script_vm_of(lua_State *L);
/* Leaves the run; does not return. text NULL: the usual words. */
_Noreturn void script_vm_stop(lua_State *L, enum script_vm_kind kind, const char *text);
/* For loops in C: leaves the run when time is over. */
void script_vm_tick(lua_State *L);
/* For functions that catch errors (the error is on top): leaves the run when it was a limit. */
void script_vm_pass_limit(lua_State *L, int status);
const char *script_vm_kind_name(enum script_vm_kind kind);

/* Compiles text under "=chunk" and pushes the function; false with vm->failure filled and nothing
 * pushed. Only inside a run. */
bool script_vm_compile(lua_State *L, struct slice text, const char *chunk);
/* Fills where from "chunk:12: text"; returns the text behind. */
const char *script_vm_split_place(const char *text, struct script_vm_place *where);

/* vm_base.c, vm_string.c, vm_table.c, vm_coroutine.c: fill the table on top with their functions. May raise. */
void script_vm_open_base(lua_State *L);
void script_vm_open_string(lua_State *L);
void script_vm_open_table(lua_State *L);
void script_vm_open_coroutine(lua_State *L);
/* Makes the environment: globals by allow-list, behind a table that nobody can write to. May raise. */
void script_vm_open(lua_State *L);
/* Replaces the table on top by one that reads from it, refuses writes and shows no metatable. */
void script_vm_protect(lua_State *L, const char *name);

/* vm_keys.c: pushes a sequence of the keys of the table at idx in a fixed order: numbers, text by bytes, the rest. */
void script_vm_push_keys(lua_State *L, int idx);
/* Pushes the key that follows the one on top (which it takes; nil: the first) in that order; false: none. */
bool script_vm_next_key(lua_State *L, int idx);
