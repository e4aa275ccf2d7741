/* Keys of the owner to slots: open addressing with linear probing; a removal moves its followers up, so there are no
 * tombstones however long the engine runs. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "schedule/inside.h"

static uint32_t home_of(const struct schedule *plan, uint64_t id) {
  uint64_t hash = (id ^ (id >> 29)) * 0x9e3779b97f4a7c15ull;
  return (uint32_t)(hash >> 32) & plan->key_mask;
}

/* Where the id stands, or the empty place where it would. */
static uint32_t place_of(const struct schedule *plan, uint64_t id) {
  uint32_t at = home_of(plan, id);
  while (plan->key[at] != 0 && plan->slot[plan->key[at] - 1].id != id) at = (at + 1) & plan->key_mask;
  return at;
}

uint32_t schedule_slot_of(const struct schedule *plan, uint64_t id) {
  if (plan->key_mask == 0 || id == 0) return UINT32_MAX;
  return plan->key[place_of(plan, id)] - 1; /* an empty place gives UINT32_MAX */
}

static void grow(struct schedule *plan) {
  uint32_t *former = plan->key;
  uint32_t former_count = plan->key_mask == 0 ? 0 : plan->key_mask + 1;
  uint32_t capacity = former_count == 0 ? 64 : former_count * 2;
  plan->key = mem_zero(capacity * sizeof *plan->key);
  plan->key_mask = capacity - 1;
  for (uint32_t i = 0; i < former_count; i++) {
    if (former[i] != 0) plan->key[place_of(plan, plan->slot[former[i] - 1].id)] = former[i];
  }
  free(former);
}

void schedule_key_put(struct schedule *plan, uint32_t slot) {
  if (plan->key_mask == 0 || (plan->booked + 1) * 4ull > (plan->key_mask + 1ull) * 3) grow(plan);
  plan->key[place_of(plan, plan->slot[slot].id)] = slot + 1;
}

void schedule_key_remove(struct schedule *plan, uint64_t id) {
  uint32_t hole = place_of(plan, id);
  for (uint32_t at = (hole + 1) & plan->key_mask; plan->key[at] != 0; at = (at + 1) & plan->key_mask) {
    uint32_t home = home_of(plan, plan->slot[plan->key[at] - 1].id);
    bool may_stay = hole <= at ? home > hole && home <= at : home > hole || home <= at;
    if (may_stay) continue;
    plan->key[hole] = plan->key[at];
    hole = at;
  }
  plan->key[hole] = 0;
}
