/* Rules beyond plain overlap: calendars (H5), ways between sites (H12), hours a day and a week (H13). */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "schedule/inside.h"

static inline int32_t end_of(const struct interval *interval) { return interval->start + interval->minutes; }

/* ---- calendars */

int32_t schedule_add_calendar(struct schedule *plan, const struct schedule_calendar *calendar) {
  plan->calendar = mem_grow(plan->calendar, (size_t)(plan->calendar_count + 1) * sizeof *plan->calendar);
  struct calendar *copy = &plan->calendar[plan->calendar_count];
  copy->is = *calendar;
  struct schedule_day *except = mem_alloc(calendar->except_count * sizeof *except);
  if (calendar->except_count > 0) memcpy(except, calendar->except, calendar->except_count * sizeof *except);
  copy->is.except = except;
  return plan->calendar_count++;
}

static const struct schedule_day *day_of(const struct schedule_calendar *calendar, int32_t day) {
  size_t low = 0, high = calendar->except_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (calendar->except[middle].day < day) low = middle + 1;
    else high = middle;
  }
  if (low < calendar->except_count && calendar->except[low].day == day) return &calendar->except[low];
  return &calendar->week[((day + 3) % 7 + 7) % 7]; /* day 0 is a Thursday */
}

static bool is_open(const struct schedule_day *day, int32_t from, int32_t to) {
  for (int i = 0; i < day->count; i++) {
    if (day->span[i].from <= from && to <= day->span[i].to) return true;
  }
  return false;
}

bool schedule_is_available(const struct schedule *plan, uint32_t at, const struct asked *asked, struct schedule_hits *hits) {
  const struct schedule_resource *resource = &plan->resource[at].is;
  if (resource->calendar == SCHEDULE_NONE) return true;
  const struct schedule_calendar *calendar = &plan->calendar[resource->calendar].is;
  int32_t day, minute, last, until;
  schedule_local(plan, resource->zone, asked->start, &day, &minute);
  schedule_local(plan, resource->zone, asked->end - 1, &last, &until);
  bool holds = true;
  for (int32_t on = day; holds && on <= last; on++)
    holds = is_open(day_of(calendar, on), on == day ? minute : 0, on == last ? until + 1 : DAY_MINUTES);
  if (!holds && hits != NULL)
    schedule_hit_add(hits, &(struct schedule_hit){.rule = SCHEDULE_H5_AVAILABILITY, .resource = at, .from = asked->start, .to = asked->end});
  return holds;
}

/* ---- ways */

void schedule_set_travel(struct schedule *plan, int32_t a, int32_t b, uint16_t minutes) {
  int32_t most = a > b ? a : b;
  if (a < 0 || b < 0 || most >= SCHEDULE_MAX_SITES) return;
  if (most >= plan->site_count) {
    int32_t count = most + 1;
    uint16_t *fresh = mem_zero((size_t)count * (size_t)count * sizeof *fresh);
    for (int32_t row = 0; row < plan->site_count; row++)
      memcpy(fresh + row * count, plan->travel + row * plan->site_count, (size_t)plan->site_count * sizeof *fresh);
    free(plan->travel);
    plan->travel = fresh;
    plan->site_count = count;
  }
  plan->travel[a * plan->site_count + b] = plan->travel[b * plan->site_count + a] = minutes;
  if (minutes > plan->longest_way) plan->longest_way = minutes;
}

static int32_t way(const struct schedule *plan, int32_t a, int32_t b) {
  if (a < 0 || b < 0 || a == b || a >= plan->site_count || b >= plan->site_count) return 0;
  return plan->travel[a * plan->site_count + b];
}

/* The gap between two bookings of one person that do not overlap, too short for the way? */
static bool is_reachable(const struct schedule *plan, uint32_t at, const struct asked *asked, const struct interval *other,
                         struct schedule_hits *hits) {
  bool is_before = end_of(other) <= asked->start;
  int32_t gap = is_before ? asked->start - end_of(other) : other->start - asked->end;
  int32_t lacks = gap < 0 ? 0 : way(plan, asked->site, other->site) - gap;
  if (lacks <= 0) return true;
  if (hits != NULL)
    schedule_hit_add(hits, &(struct schedule_hit){.rule = SCHEDULE_H12_TRAVEL, .resource = at, .other = other->id,
                                                  .from = is_before ? end_of(other) : asked->end,
                                                  .to = is_before ? asked->start : other->start, .lacks = lacks});
  return false;
}

bool schedule_has_time_to_travel(const struct schedule *plan, uint32_t at, const struct asked *asked, struct schedule_hits *hits) {
  const struct resource *resource = &plan->resource[at];
  if (!resource->is.travels || asked->site == SCHEDULE_NONE || plan->longest_way == 0) return true;
  int32_t until = asked->end + plan->longest_way;
  bool holds = true;
  for (uint32_t i = schedule_busy_from(resource, asked->start - plan->longest_way); i < resource->count; i++) {
    const struct interval *other = &resource->interval[i];
    if (other->start >= until) break;
    if (other->id == asked->except || is_reachable(plan, at, asked, other, hits)) continue;
    holds = false;
    if (hits == NULL) break;
  }
  return holds;
}

/* ---- hours */

static int32_t hours_between(const struct resource *resource, int32_t from, int32_t to, uint64_t except) {
  int32_t hours = 0;
  for (uint32_t i = schedule_busy_from(resource, from); i < resource->count && resource->interval[i].start < to; i++) {
    const struct interval *other = &resource->interval[i];
    if (other->start >= from && other->id != except) hours += other->academic_hours;
  }
  return hours;
}

static bool is_within(const struct schedule *plan, uint32_t at, const struct asked *asked, int32_t first, int32_t days,
                      int32_t limit, struct schedule_hits *hits) {
  const struct resource *resource = &plan->resource[at];
  int32_t from = schedule_moment(plan, resource->is.zone, first, 0), to = schedule_moment(plan, resource->is.zone, first + days, 0);
  int32_t lacks = hours_between(resource, from, to, asked->except) + asked->academic_hours - limit;
  if (lacks <= 0) return true;
  if (hits != NULL)
    schedule_hit_add(hits, &(struct schedule_hit){.rule = SCHEDULE_H13_HOURS, .resource = at, .from = from, .to = to, .lacks = lacks});
  return false;
}

bool schedule_is_within_hours(const struct schedule *plan, uint32_t at, const struct asked *asked, struct schedule_hits *hits) {
  const struct schedule_resource *resource = &plan->resource[at].is;
  if (asked->academic_hours == 0 || (resource->day_hours == 0 && resource->week_hours == 0)) return true;
  int32_t day, minute;
  schedule_local(plan, resource->zone, asked->start, &day, &minute);
  bool holds = resource->day_hours == 0 || is_within(plan, at, asked, day, 1, resource->day_hours, hits);
  if (!holds && hits == NULL) return false;
  int32_t monday = day - ((day + 3) % 7 + 7) % 7;
  return (resource->week_hours == 0 || is_within(plan, at, asked, monday, 7, resource->week_hours, hits)) && holds;
}
