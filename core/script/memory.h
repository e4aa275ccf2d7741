/* script/memory.h - the counting allocator of one Lua state. It refuses what would pass the limit,
 * which Lua answers with a full collection and then with an error that ends one task.
 *
 * Small blocks, nearly all that Lua asks for, come from slabs: Lua tells the size of what it frees, so
 * a free list for each size does (a page costs a tenth less than with malloc, and the objects of a
 * collection lie side by side). Slabs live as long as the state. Under AddressSanitizer all is malloc.
 *
 * A state that is thrown away without lua_close() (script/vm.h) sets is_owner: then the memory knows its
 * larger blocks too, and script_memory_deinit() gives everything back. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/list.h"

enum { SCRIPT_SMALL_STEP = 16, SCRIPT_SMALL_CLASSES = 32 }; /* small: up to 512 bytes */

struct script_slab;

struct script_memory {
  size_t used;      /* bytes Lua holds now, dead objects included */
  size_t limit;     /* used never passes it; moved by script_resume() for each task */
  size_t ceiling;   /* of the whole state, whatever the tasks */
  size_t peak;
  long fail_at;     /* tests: the allocation with this number fails, and each one after it; 0: none */
  long allocations; /* how many were asked for so far */
  int failed;       /* allocations refused since somebody set this to 0 */

  bool is_owner;    /* set before the first allocation */
  struct list large; /* blocks that no slab holds, of an owner; list_init() by the one who sets is_owner */

  struct script_slab *slabs;                  /* all of them, for the end */
  char *fresh;                                /* what the newest slab has not given yet */
  size_t fresh_left;
  void *free_blocks[SCRIPT_SMALL_CLASSES];    /* chains by size; a free block holds the next */
};

/* A lua_Alloc; ud is struct script_memory. */
void *script_memory_allocate(void *ud, void *block, size_t old_size, size_t new_size);

/* After lua_close(), or instead of it for an owner. */
void script_memory_deinit(struct script_memory *memory);
