/* script/memory.h - the counting allocator of one Lua state. It refuses what would pass the limit,
 * which Lua answers with a full collection and then with an error that ends one task.
 *
 * Small blocks, nearly all that Lua asks for, come from slabs: Lua tells the size of what it frees, so
 * a free list for each size does (a page costs a tenth less than with malloc, and the objects of a
 * collection lie side by side). Slabs live as long as the state. Under AddressSanitizer all is malloc. */
#pragma once
#include <stddef.h>

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

  struct script_slab *slabs;                  /* all of them, for the end */
  char *fresh;                                /* what the newest slab has not given yet */
  size_t fresh_left;
  void *free_blocks[SCRIPT_SMALL_CLASSES];    /* chains by size; a free block holds the next */
};

/* A lua_Alloc; ud is struct script_memory. */
void *script_memory_allocate(void *ud, void *block, size_t old_size, size_t new_size);

/* After lua_close(): gives the slabs back. */
void script_memory_deinit(struct script_memory *memory);
