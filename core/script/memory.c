#include "script/memory.h"

#include <stdlib.h>
#include <string.h>

#define SLAB_BYTES (64 * 1024)

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SMALL_BYTES 0 /* malloc sees every block, and so does the sanitizer */
#endif
#endif
#if !defined(SMALL_BYTES) && defined(__SANITIZE_ADDRESS__)
#define SMALL_BYTES 0
#endif
#ifndef SMALL_BYTES
#define SMALL_BYTES (SCRIPT_SMALL_STEP * SCRIPT_SMALL_CLASSES)
#endif

struct script_slab {
  struct script_slab *next;
  _Alignas(SCRIPT_SMALL_STEP) char blocks[];
};

/* ---- large blocks ---- */

/* In front of each large block of an owner. */
struct script_large {
  _Alignas(SCRIPT_SMALL_STEP) struct link link;
};

static void *take_large(struct script_memory *memory, size_t size) {
  if (!memory->is_owner) return malloc(size);
  struct script_large *large = malloc(sizeof *large + size);
  if (large == NULL) return NULL;
  list_push(&memory->large, &large->link);
  return large + 1;
}

static void give_large(struct script_memory *memory, void *block) {
  if (!memory->is_owner) {
    free(block);
    return;
  }
  struct script_large *large = (struct script_large *)block - 1;
  list_remove(&large->link);
  free(large);
}

static void *resize_large(struct script_memory *memory, void *block, size_t size) {
  if (!memory->is_owner) return realloc(block, size);
  struct script_large *large = (struct script_large *)block - 1;
  list_remove(&large->link); /* it may move */
  struct script_large *moved = realloc(large, sizeof *large + size);
  list_push(&memory->large, moved != NULL ? &moved->link : &large->link);
  return moved != NULL ? moved + 1 : NULL;
}

/* ---- small blocks ---- */

static size_t class_of(size_t size) { return (size - 1) / SCRIPT_SMALL_STEP; }

static void *cut_block(struct script_memory *memory, size_t size) {
  if (memory->fresh_left < size) {
    struct script_slab *slab = malloc(SLAB_BYTES);
    if (slab == NULL) return NULL;
    slab->next = memory->slabs;
    memory->slabs = slab;
    memory->fresh = slab->blocks;
    memory->fresh_left = SLAB_BYTES - offsetof(struct script_slab, blocks);
  }
  void *block = memory->fresh;
  memory->fresh += size;
  memory->fresh_left -= size;
  return block;
}

static void *take(struct script_memory *memory, size_t size) {
  if (size > SMALL_BYTES) return take_large(memory, size);
  void **chain = &memory->free_blocks[class_of(size)];
  void *block = *chain;
  if (block == NULL) return cut_block(memory, (class_of(size) + 1) * SCRIPT_SMALL_STEP);
  memcpy(chain, block, sizeof *chain);
  __builtin_prefetch(*chain, 1); /* what a collection freed has left the cache */
  return block;
}

static void give(struct script_memory *memory, void *block, size_t size) {
  if (block == NULL) return;
  if (size > SMALL_BYTES) {
    give_large(memory, block);
    return;
  }
  void **chain = &memory->free_blocks[class_of(size)];
  memcpy(block, chain, sizeof *chain);
  *chain = block;
}

static void *move(struct script_memory *memory, void *block, size_t old_size, size_t new_size) {
  bool is_small = new_size <= SMALL_BYTES, was_small = old_size <= SMALL_BYTES;
  if (block != NULL && !is_small && !was_small) return resize_large(memory, block, new_size);
  if (block != NULL && is_small && was_small && class_of(old_size) == class_of(new_size)) return block;
  void *moved = take(memory, new_size);
  if (moved == NULL || block == NULL) return moved;
  memcpy(moved, block, old_size < new_size ? old_size : new_size);
  give(memory, block, old_size);
  return moved;
}

void script_memory_deinit(struct script_memory *memory) {
  for (struct script_slab *slab = memory->slabs, *next; slab != NULL; slab = next) {
    next = slab->next;
    free(slab);
  }
  memory->slabs = NULL;
  struct link *link;
  while (memory->is_owner && (link = list_first(&memory->large)) != NULL)
    give_large(memory, LIST_OWNER(link, struct script_large, link) + 1);
}

/* ---- what Lua calls ---- */

static void *refuse(struct script_memory *memory) {
  memory->failed++;
  return NULL;
}

void *script_memory_allocate(void *ud, void *block, size_t old_size, size_t new_size) {
  struct script_memory *memory = ud;
  if (block == NULL) old_size = 0; /* Lua passes a type here */
  if (new_size == 0) {
    give(memory, block, old_size);
    memory->used -= old_size;
    return NULL;
  }
  if (new_size > old_size) {
    memory->allocations++;
    if (memory->fail_at != 0 && memory->allocations >= memory->fail_at) return refuse(memory);
    if (new_size - old_size > memory->limit - memory->used || memory->used > memory->limit)
      return refuse(memory);
  }
  void *moved = move(memory, block, old_size, new_size);
  if (moved == NULL && new_size > old_size) return refuse(memory);
  if (moved == NULL) moved = block; /* Lua: shrinking works */
  memory->used += new_size - old_size;
  if (memory->used > memory->peak) memory->peak = memory->used;
  return moved;
}
