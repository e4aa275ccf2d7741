/* Resources and bookings come and go; what is in a resource's arrays and what is in the slots always agree. */
#include "base/mem.h"
#include "schedule/inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct resource) == RESOURCE_ALIGN, "a resource is one cache line");

struct schedule *schedule_new(int32_t base_offset) {
  struct schedule *plan = mem_zero(sizeof *plan);
  plan->base_offset = base_offset;
  return plan;
}

void schedule_free(struct schedule *plan) {
  if (plan == NULL) return;
  for (uint32_t i = 0; i < plan->resource_count; i++) schedule_busy_deinit(&plan->resource[i]);
  for (int32_t i = 0; i < plan->zone_count; i++) free(plan->zone[i].step);
  for (int32_t i = 0; i < plan->calendar_count; i++) free((void *)plan->calendar[i].is.except);
  free(plan->resource);
  free(plan->slot);
  free(plan->use);
  free(plan->key);
  free(plan->zone);
  free(plan->calendar);
  free(plan->travel);
  free(plan);
}

/* ---- resources */

uint32_t schedule_add_resource(struct schedule *plan, const struct schedule_resource *resource) {
  if (plan->resource_count == plan->resource_capacity) {
    plan->resource_capacity += plan->resource_capacity / 2 + 64;
    struct resource *fresh = mem_aligned(RESOURCE_ALIGN, plan->resource_capacity * sizeof *fresh);
    if (plan->resource_count > 0) memcpy(fresh, plan->resource, plan->resource_count * sizeof *fresh);
    free(plan->resource);
    plan->resource = fresh;
  }
  plan->resource[plan->resource_count] = (struct resource){.is = *resource};
  return plan->resource_count++;
}

void schedule_set_resource(struct schedule *plan, uint32_t resource, const struct schedule_resource *fresh) {
  assert(resource < plan->resource_count);
  struct resource *known = &plan->resource[resource];
  bool changes_words = (known->is.capacity <= 1) != (fresh->capacity <= 1);
  known->is = *fresh;
  if (changes_words) schedule_busy_recount(plan, known);
}

const struct schedule_resource *schedule_resource(const struct schedule *plan, uint32_t resource) {
  return resource < plan->resource_count ? &plan->resource[resource].is : NULL;
}

/* ---- runs of uses: those of one length are handed out again */

static uint32_t take_run(struct schedule *plan, size_t count) {
  uint32_t run = plan->free_run[count];
  if (run != 0) {
    plan->free_run[count] = plan->use[run - 1].resource;
    return run - 1;
  }
  if (plan->use_count + count > plan->use_capacity) {
    plan->use_capacity += plan->use_capacity / 4 + 1024;
    plan->use = mem_grow(plan->use, plan->use_capacity * sizeof *plan->use);
  }
  run = plan->use_count;
  plan->use_count += (uint32_t)count;
  return run;
}

static void give_run(struct schedule *plan, uint32_t run, size_t count) {
  if (count == 0) return;
  plan->use[run].resource = plan->free_run[count];
  plan->free_run[count] = run + 1;
}

/* ---- bookings */

static bool is_well_formed(const struct schedule *plan, const struct schedule_booking *booking) {
  if (booking->start < 0 || booking->start > SCHEDULE_LAST_DAY * DAY_MINUTES) return false;
  if (booking->id == 0 || booking->minutes < 1 || booking->minutes > SCHEDULE_MAX_MINUTES) return false;
  if (booking->use_count > SCHEDULE_MAX_USES || booking->site < SCHEDULE_NONE || booking->site >= SCHEDULE_MAX_SITES) return false;
  for (size_t i = 0; i < booking->use_count; i++) {
    if (booking->uses[i].resource >= plan->resource_count || booking->uses[i].qty == 0) return false;
    for (size_t k = 0; k < i; k++) {
      if (booking->uses[k].resource == booking->uses[i].resource) return false;
    }
  }
  return true;
}

static uint32_t take_slot(struct schedule *plan) {
  if (plan->free_slot != 0) {
    uint32_t slot = plan->free_slot - 1;
    plan->free_slot = (uint32_t)plan->slot[slot].start;
    return slot;
  }
  if (plan->slot_count == plan->slot_capacity) {
    plan->slot_capacity += plan->slot_capacity / 4 + 256;
    plan->slot = mem_grow(plan->slot, plan->slot_capacity * sizeof *plan->slot);
  }
  return plan->slot_count++;
}

static void fill_slot(struct schedule *plan, uint32_t at, const struct schedule_booking *booking) {
  uint32_t run = booking->use_count > 0 ? take_run(plan, booking->use_count) : 0;
  if (booking->use_count > 0) memcpy(plan->use + run, booking->uses, booking->use_count * sizeof *booking->uses);
  plan->slot[at] = (struct slot){
      .id = booking->id, .start = booking->start, .uses = run, .minutes = (uint16_t)booking->minutes, .site = (int16_t)booking->site,
      .academic_hours = booking->academic_hours, .use_count = (uint8_t)booking->use_count, .is_locked = booking->is_locked};
  for (size_t i = 0; i < booking->use_count; i++) {
    struct interval added = {.start = booking->start, .id = booking->id, .minutes = (uint16_t)booking->minutes, .qty = booking->uses[i].qty,
                             .academic_hours = booking->academic_hours, .site = (int16_t)booking->site};
    schedule_busy_add(plan, &plan->resource[booking->uses[i].resource], &added);
  }
}

static void empty_slot(struct schedule *plan, uint32_t at) {
  struct slot *slot = &plan->slot[at];
  for (uint32_t i = 0; i < slot->use_count; i++)
    schedule_busy_remove(plan, &plan->resource[plan->use[slot->uses + i].resource], slot->start, slot->id);
  give_run(plan, slot->uses, slot->use_count);
}

bool schedule_put(struct schedule *plan, const struct schedule_booking *booking) {
  if (!is_well_formed(plan, booking)) return false;
  uint32_t at = schedule_slot_of(plan, booking->id);
  if (at != UINT32_MAX) {
    empty_slot(plan, at);
    fill_slot(plan, at, booking);
    return true;
  }
  at = take_slot(plan);
  fill_slot(plan, at, booking);
  schedule_key_put(plan, at);
  plan->booked++;
  return true;
}

bool schedule_drop(struct schedule *plan, uint64_t id) {
  uint32_t at = schedule_slot_of(plan, id);
  if (at == UINT32_MAX) return false;
  empty_slot(plan, at);
  schedule_key_remove(plan, id);
  plan->slot[at] = (struct slot){.start = (int32_t)plan->free_slot};
  plan->free_slot = at + 1;
  plan->booked--;
  return true;
}

bool schedule_find(const struct schedule *plan, uint64_t id, struct schedule_booking *out) {
  uint32_t at = schedule_slot_of(plan, id);
  if (at == UINT32_MAX) return false;
  const struct slot *slot = &plan->slot[at];
  *out = (struct schedule_booking){
      .id = id, .start = slot->start, .minutes = slot->minutes, .site = slot->site, .academic_hours = slot->academic_hours,
      .is_locked = slot->is_locked, .uses = plan->use + slot->uses, .use_count = slot->use_count};
  return true;
}

size_t schedule_count(const struct schedule *plan) { return plan->booked; }

size_t schedule_memory(const struct schedule *plan) {
  size_t bytes = sizeof *plan + plan->resource_capacity * sizeof *plan->resource + plan->slot_capacity * sizeof *plan->slot +
                 plan->use_capacity * sizeof *plan->use + (size_t)plan->site_count * (size_t)plan->site_count * sizeof *plan->travel;
  if (plan->key_mask != 0) bytes += (plan->key_mask + 1ull) * sizeof *plan->key;
  for (int32_t i = 0; i < plan->calendar_count; i++)
    bytes += sizeof *plan->calendar + plan->calendar[i].is.except_count * sizeof(struct schedule_day);
  for (uint32_t i = 0; i < plan->resource_count; i++) {
    const struct resource *resource = &plan->resource[i];
    size_t day = resource->is.capacity <= 1 ? sizeof(struct day_words) : sizeof(struct day_counts);
    bytes += resource->capacity * sizeof *resource->interval + (size_t)resource->day_count * day;
  }
  return bytes;
}
