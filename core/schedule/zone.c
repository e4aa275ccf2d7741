/* Local time: zones are tables of offsets, so that a clock change is two rows and no library is asked. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "schedule/inside.h"

static int32_t offset_at(const struct schedule *plan, int32_t zone, int32_t moment) {
  if (zone == SCHEDULE_NONE) return plan->base_offset;
  const struct zone *known = &plan->zone[zone];
  size_t low = 0, high = known->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (known->step[middle].from <= moment) low = middle + 1;
    else high = middle;
  }
  return known->step[low == 0 ? 0 : low - 1].offset;
}

void schedule_local(const struct schedule *plan, int32_t zone, int32_t moment, int32_t *day, int32_t *minute) {
  int32_t local = moment + offset_at(plan, zone, moment);
  *day = floor_div(local, DAY_MINUTES);
  *minute = local - *day * DAY_MINUTES;
}

int32_t schedule_moment(const struct schedule *plan, int32_t zone, int32_t day, int32_t minute) {
  int32_t local = day * DAY_MINUTES + minute;
  /* The offset before the change is tried first: of a minute that comes twice the earlier one is meant, and a minute
   * that is skipped lands behind the change. */
  int32_t early = local - offset_at(plan, zone, local - DAY_MINUTES);
  if (early + offset_at(plan, zone, early) == local) return early;
  int32_t late = local - offset_at(plan, zone, local + DAY_MINUTES);
  return late + offset_at(plan, zone, late) == local ? late : early;
}

int32_t schedule_add_zone(struct schedule *plan, const struct schedule_zone_step *steps, size_t count) {
  plan->zone = mem_grow(plan->zone, (size_t)(plan->zone_count + 1) * sizeof *plan->zone);
  struct zone *zone = &plan->zone[plan->zone_count];
  zone->count = count;
  zone->step = mem_alloc(count * sizeof *steps);
  memcpy(zone->step, steps, count * sizeof *steps);
  return plan->zone_count++;
}
