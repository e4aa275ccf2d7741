/* base/map.h - byte-string keys to pointers; open addressing, keys copied.
 * Keys that clients name need a bound on their number by the caller. */
#pragma once
#include <stdint.h>

#include "base/bytes.h"

struct map_slot {
  char *key; /* owned; NULL = free */
  size_t len;
  uint64_t hash;
  void *value;
};

struct map {
  struct map_slot *slots;
  size_t cap;  /* power of two, 0 before the first put */
  size_t used;
};

void *map_get(const struct map *map, struct slice key);               /* NULL when absent */
void map_put(struct map *map, struct slice key, void *value);         /* value not NULL; replaces */
void *map_remove(struct map *map, struct slice key);                  /* the value, or NULL */
/* Next used slot after *at (start with 0); NULL at the end. Do not change the map while iterating. */
struct map_slot *map_next(const struct map *map, size_t *at);
void map_deinit(struct map *map); /* frees keys; values are the caller's */
