/* What would be wrong with a booking: every hit with its rule, the other side and what is missing. */
#include <stdlib.h>

#include "base/mem.h"
#include "schedule/inside.h"

static inline int32_t end_of(const struct interval *interval) { return interval->start + interval->minutes; }
static inline int32_t later(int32_t a, int32_t b) { return a > b ? a : b; }
static inline int32_t earlier(int32_t a, int32_t b) { return a < b ? a : b; }

void schedule_hit_add(struct schedule_hits *hits, const struct schedule_hit *hit) {
  if (hits->count == hits->capacity) {
    hits->capacity = hits->capacity * 2 + 8;
    hits->hit = mem_grow(hits->hit, hits->capacity * sizeof *hits->hit);
  }
  hits->hit[hits->count++] = *hit;
}

void schedule_hits_deinit(struct schedule_hits *hits) {
  free(hits->hit);
  *hits = (struct schedule_hits){0};
}

static enum schedule_rule rule_of(enum schedule_kind kind) {
  switch (kind) {
    case SCHEDULE_TEACHER: return SCHEDULE_H1_TEACHER;
    case SCHEDULE_ROOM: return SCHEDULE_H2_ROOM;
    case SCHEDULE_GROUP:
    case SCHEDULE_LEARNER: return SCHEDULE_H3_LEARNERS;
    case SCHEDULE_COUNTED: return SCHEDULE_H4_QUANTITY;
  }
  return SCHEDULE_H4_QUANTITY;
}

/* Names all that overlap: of a counted resource they share the blame for the peak. */
static void add_overlaps(const struct schedule *plan, uint32_t at, const struct asked *asked, int32_t lacks, struct schedule_hits *hits) {
  const struct resource *resource = &plan->resource[at];
  bool is_named = false;
  for (uint32_t i = schedule_busy_from(resource, asked->start); i < resource->count && resource->interval[i].start < asked->end; i++) {
    const struct interval *other = &resource->interval[i];
    if (end_of(other) <= asked->start || other->id == asked->except) continue;
    is_named = true;
    schedule_hit_add(hits, &(struct schedule_hit){.rule = rule_of(resource->is.kind), .resource = at, .other = other->id,
                                                  .from = later(other->start, asked->start), .to = earlier(end_of(other), asked->end), .lacks = lacks});
  }
  if (!is_named) /* more is asked for than there is */
    schedule_hit_add(hits, &(struct schedule_hit){.rule = rule_of(resource->is.kind), .resource = at, .from = asked->start, .to = asked->end, .lacks = lacks});
}

/* The calendar that was open to the one before: most resources of a lesson share theirs. */
struct open_calendar {
  int32_t calendar, zone;
};

static void check_calendar(const struct schedule *plan, uint32_t at, const struct asked *asked, struct open_calendar *known, struct schedule_hits *hits) {
  const struct schedule_resource *is = &plan->resource[at].is;
  if (is->calendar == SCHEDULE_NONE || (is->calendar == known->calendar && is->zone == known->zone)) return;
  if (schedule_is_available(plan, at, asked, hits)) *known = (struct open_calendar){is->calendar, is->zone};
}

static void check_use(const struct schedule *plan, const struct schedule_use *use, const struct asked *asked, struct open_calendar *known,
                      struct schedule_hits *hits) {
  const struct resource *resource = &plan->resource[use->resource];
  if (schedule_busy_ask(resource, asked, use->qty) != BUSY_NO &&
      !schedule_busy_is_free(resource, asked->start, asked->end, use->qty, asked->except)) {
    int32_t lacks = 0;
    if (resource->is.capacity > 1)
      lacks = schedule_busy_peak(resource, asked->start, asked->end, asked->except) + use->qty - resource->is.capacity;
    add_overlaps(plan, use->resource, asked, lacks, hits);
  }
  check_calendar(plan, use->resource, asked, known, hits);
  if (resource->is.travels) schedule_has_time_to_travel(plan, use->resource, asked, hits);
  if (resource->is.day_hours != 0 || resource->is.week_hours != 0) schedule_is_within_hours(plan, use->resource, asked, hits);
}

/* Seats of all rooms together against the largest group: a group's subgroups are among its uses. */
static void check_seats(const struct schedule *plan, const struct schedule_booking *probe, struct schedule_hits *hits) {
  int32_t learners = 0, seats = 0;
  uint32_t room = 0;
  bool is_told = false;
  for (size_t i = 0; i < probe->use_count; i++) {
    const struct schedule_resource *resource = &plan->resource[probe->uses[i].resource].is;
    if (resource->kind == SCHEDULE_GROUP) learners = later(learners, resource->seats);
    if (resource->kind != SCHEDULE_ROOM) continue;
    if (resource->seats == 0) return;
    if (!is_told) room = probe->uses[i].resource;
    is_told = true;
    seats += resource->seats;
  }
  if (is_told && seats < learners)
    schedule_hit_add(hits, &(struct schedule_hit){.rule = SCHEDULE_H6_SEATS, .resource = room, .from = probe->start,
                                                  .to = probe->start + probe->minutes, .lacks = learners - seats});
}

size_t schedule_check(const struct schedule *plan, const struct schedule_booking *probe, struct schedule_hits *hits) {
  hits->count = 0;
  struct asked asked = {.start = probe->start, .end = probe->start + probe->minutes, .site = probe->site,
                        .academic_hours = probe->academic_hours, .except = probe->id};
  for (size_t i = 0; i < probe->use_count; i++) __builtin_prefetch(&plan->resource[probe->uses[i].resource]);
  schedule_busy_lay(plan, &asked);
  for (size_t i = 0; i < probe->use_count; i++)
    schedule_busy_prefetch(&plan->resource[probe->uses[i].resource], &asked);
  struct open_calendar known = {SCHEDULE_NONE, SCHEDULE_NONE};
  for (size_t i = 0; i < probe->use_count; i++) check_use(plan, &probe->uses[i], &asked, &known, hits);
  check_seats(plan, probe, hits);
  uint32_t own_slot = schedule_slot_of(plan, probe->id);
  if (own_slot != UINT32_MAX && plan->slot[own_slot].is_locked) {
    const struct slot *own = &plan->slot[own_slot];
    schedule_hit_add(hits, &(struct schedule_hit){.rule = SCHEDULE_H11_LOCKED, .other = own->id, .from = own->start, .to = own->start + own->minutes});
  }
  return hits->count;
}
