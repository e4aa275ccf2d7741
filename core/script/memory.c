#include "script/memory.h"

#include <stdlib.h>

static void *refuse(struct script_memory *memory) {
  memory->failed++;
  return NULL;
}

void *script_memory_allocate(void *ud, void *block, size_t old_size, size_t new_size) {
  struct script_memory *memory = ud;
  if (block == NULL) old_size = 0; /* Lua passes a type here */
  if (new_size == 0) {
    free(block);
    memory->used -= old_size;
    return NULL;
  }
  if (new_size > old_size) {
    memory->allocations++;
    if (memory->fail_at != 0 && memory->allocations >= memory->fail_at) return refuse(memory);
    if (new_size - old_size > memory->limit - memory->used || memory->used > memory->limit)
      return refuse(memory);
  }
  void *moved = realloc(block, new_size);
  if (moved == NULL) return new_size <= old_size ? block : refuse(memory); /* Lua: shrinking works */
  memory->used += new_size - old_size;
  if (memory->used > memory->peak) memory->peak = memory->used;
  return moved;
}
