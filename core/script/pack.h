/* script/pack.h - a rule pack at work: chunks of text in one sandboxed state (script/vm.h).
 *
 *   struct script_pack *pack = script_pack_new("application@1a2b3c", &limits);
 *   script_pack_add(pack, "rules/guards/application.lua", text);  …
 *   script_pack_load(pack) --script_pack_call()--> …     a limit throws the state away: made anew at the next call
 *
 * Each chunk is a module named by its path with dots; `require` sees those of the pack. What a chunk
 * returns is its export. All run once when the state is made.
 */
#pragma once
#include "script/board.h"
#include "script/vm_copy.h"
#include "script/vm_coverage.h"

enum { SCRIPT_PACK_CHUNKS = 512, SCRIPT_PACK_BYTES = 8 << 20 };

struct script_pack_limits {
  struct script_vm_limits vm;
  unsigned ms;      /* of a call */
  unsigned load_ms; /* of compiling and running all chunks */
};

struct script_pack_chunk {
  char *name;   /* "rules/guards/application.lua" */
  char *module; /* "rules.guards.application" */
  char *text;
  size_t len;
};

struct script_pack {
  char *name;
  struct script_pack_limits limits;
  struct script_pack_chunk *chunks;
  int count;
  size_t bytes;
  struct script_vm *vm;              /* NULL: to be made */
  struct script_watchdog *watchdog;  /* the caller's thread's; NULL: none. Set before each use */
  const struct script_board *board;  /* NULL: none; the caller's, as the slot */
  struct script_board_slot *slot;    /* where a crash is known by; NULL: none */
  uint32_t seen;                     /* board->changes when is_quarantined was found out, and 1 more */
  bool is_quarantined;
  struct script_coverage *coverage;  /* NULL: not counted */
  struct script_vm_failure failure;  /* of the last load or call */
  struct script_vm_place verdict;    /* of the last call: where the function returned */
  long fail_at;                      /* tests: see script/memory.h */
};

struct script_pack *script_pack_new(const char *name, const struct script_pack_limits *limits);
void script_pack_free(struct script_pack *pack); /* NULL is fine */
/* False when there would be too many, too long ones, or two of one name. */
bool script_pack_add(struct script_pack *pack, const char *chunk, struct slice text);
/* False with pack->failure. */
bool script_pack_load(struct script_pack *pack);

/* Calls path ("a.b") of the module's export with a copy of app's value at idx. On true the results are
 * on the stack of pack->vm->L until the next use, and pack->verdict is set. */
bool script_pack_call(struct script_pack *pack, const char *module, const char *path, lua_State *app, int idx);
/* The same with arguments that push() leaves in the state of the pack: it runs inside, may raise, and says how many. Without a verdict. */
bool script_pack_call_with(struct script_pack *pack, const char *module, const char *path, int (*push)(lua_State *L, void *ctx), void *ctx);
/* The export itself, in the same way. */
bool script_pack_export(struct script_pack *pack, const char *module);
void script_pack_count_lines(struct script_pack *pack, bool is_on);
