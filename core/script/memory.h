/* script/memory.h - the counting allocator of one Lua state. It refuses what would pass the limit,
 * which Lua answers with a full collection and then with an error that ends one task. */
#pragma once
#include <stddef.h>

struct script_memory {
  size_t used;      /* bytes Lua holds now, dead objects included */
  size_t limit;     /* used never passes it; moved by script_resume() for each task */
  size_t ceiling;   /* of the whole state, whatever the tasks */
  size_t peak;
  long fail_at;     /* tests: the allocation with this number fails, and each one after it; 0: none */
  long allocations; /* how many were asked for so far */
  int failed;       /* allocations refused since somebody set this to 0 */
};

/* A lua_Alloc; ud is struct script_memory. */
void *script_memory_allocate(void *ud, void *block, size_t old_size, size_t new_size);
