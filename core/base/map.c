#include "base/map.h"

#include <stdlib.h>

#include "base/mem.h"

static uint64_t hash_of(struct slice key) { /* FNV-1a, then mixed: low bits index the table */
  uint64_t h = 1469598103934665603ULL;
  for (size_t i = 0; i < key.len; i++) h = (h ^ (unsigned char)key.data[i]) * 1099511628211ULL;
  h ^= h >> 32;
  return h * 0x9E3779B97F4A7C15ULL;
}

static size_t place(const struct map *map, struct slice key, uint64_t hash) {
  size_t i = (size_t)hash & (map->cap - 1);
  while (map->slots[i].key != NULL) {
    const struct map_slot *s = &map->slots[i];
    if (s->hash == hash && s->len == key.len && memcmp(s->key, key.data, key.len) == 0) break;
    i = (i + 1) & (map->cap - 1);
  }
  return i;
}

static void grow(struct map *map) {
  struct map old = *map;
  map->cap = old.cap != 0 ? old.cap * 2 : 16;
  map->slots = mem_zero(map->cap * sizeof *map->slots);
  for (size_t i = 0; i < old.cap; i++) {
    struct map_slot *s = &old.slots[i];
    if (s->key == NULL) continue;
    map->slots[place(map, (struct slice){s->key, s->len}, s->hash)] = *s;
  }
  free(old.slots);
}

void *map_get(const struct map *map, struct slice key) {
  if (map->cap == 0) return NULL;
  return map->slots[place(map, key, hash_of(key))].value;
}

void map_put(struct map *map, struct slice key, void *value) {
  if ((map->used + 1) * 4 > map->cap * 3) grow(map);
  uint64_t hash = hash_of(key);
  struct map_slot *s = &map->slots[place(map, key, hash)];
  if (s->key == NULL) {
    *s = (struct map_slot){mem_dup_n(key.data, key.len), key.len, hash, NULL};
    map->used++;
  }
  s->value = value;
}

/* Moves later entries of the probe run back, so that no tombstones are needed. */
static void close_gap(struct map *map, size_t gap) {
  size_t i = (gap + 1) & (map->cap - 1);
  while (map->slots[i].key != NULL) {
    size_t home = (size_t)map->slots[i].hash & (map->cap - 1);
    bool reachable = ((i - home) & (map->cap - 1)) >= ((i - gap) & (map->cap - 1));
    if (reachable) {
      map->slots[gap] = map->slots[i];
      map->slots[i] = (struct map_slot){0};
      gap = i;
    }
    i = (i + 1) & (map->cap - 1);
  }
}

void *map_remove(struct map *map, struct slice key) {
  if (map->cap == 0) return NULL;
  size_t i = place(map, key, hash_of(key));
  void *value = map->slots[i].value;
  if (map->slots[i].key == NULL) return NULL;
  free(map->slots[i].key);
  map->slots[i] = (struct map_slot){0};
  map->used--;
  close_gap(map, i);
  return value;
}

struct map_slot *map_next(const struct map *map, size_t *at) {
  while (*at < map->cap) {
    struct map_slot *s = &map->slots[(*at)++];
    if (s->key != NULL) return s;
  }
  return NULL;
}

void map_deinit(struct map *map) {
  for (size_t i = 0; i < map->cap; i++) free(map->slots[i].key);
  free(map->slots);
  *map = (struct map){0};
}
