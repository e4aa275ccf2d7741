/* schedule/schedule.h - who is busy when: conflicts and free places of a whole region, in memory.
 *
 *   resources (teacher, room, group, learner …)        lessons and other bookings
 *        │  calendar, limits, capacity                        │  put / drop
 *        ▼                                                    ▼
 *   per resource: intervals sorted by start  +  two words a day (64 × 15 min from 06:00 to 22:00)
 *        ▲                                                    ▲
 *   schedule_check(): each hit with its rule and the other side      schedule_find_free()
 *
 * Pure: no I/O, no clock, no Lua, no threads of its own. One thread uses an index at a time.
 * PostgreSQL stays the judge; this answers while a person drags a lesson.
 *
 * Time. A moment is minutes since 1970-01-01 00:00 UTC. A day is days since 1970-01-01 of a local calendar,
 * 0 = Thursday. Zones are tables of offsets given by the owner, so that one region may have several and a
 * change of a zone's rules is a change of its table.
 *
 * Exactness. The words answer "surely free" and "surely busy" only; all between goes to the sorted intervals.
 * Two bookings that touch do not clash.
 *
 *   struct schedule *plan = schedule_new(300);                  region's offset: where its days begin
 *   uint32_t room = schedule_add_resource(plan, &(struct schedule_resource){.kind = SCHEDULE_ROOM, .capacity = 1});
 *   schedule_put(plan, &(struct schedule_booking){.id = 7, .start = t, .minutes = 90, .uses = &use, .use_count = 1});
 *   schedule_check(plan, &probe, &hits);
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schedule;

enum schedule_kind {
  SCHEDULE_TEACHER,
  SCHEDULE_ROOM,
  SCHEDULE_GROUP, /* and subgroups: a lesson of a group uses the group and each of its subgroups */
  SCHEDULE_LEARNER,
  SCHEDULE_COUNTED, /* equipment, software seats, conference licences */
};

/* Rules of schedule_check(), numbered as people know them. */
enum schedule_rule {
  SCHEDULE_H1_TEACHER = 1,
  SCHEDULE_H2_ROOM = 2,
  SCHEDULE_H3_LEARNERS = 3,
  SCHEDULE_H4_QUANTITY = 4,
  SCHEDULE_H5_AVAILABILITY = 5,
  SCHEDULE_H6_SEATS = 6,
  SCHEDULE_H11_LOCKED = 11,
  SCHEDULE_H12_TRAVEL = 12,
  SCHEDULE_H13_HOURS = 13,
};

enum {
  SCHEDULE_NONE = -1,      /* no calendar, no zone, no site */
  SCHEDULE_MAX_USES = 255, /* of one booking */
  SCHEDULE_MAX_MINUTES = 60 * 24 * 40, /* of one booking: a repair or a leave may take weeks */
  SCHEDULE_MAX_SITES = 2048,
  SCHEDULE_LAST_DAY = 60000, /* 2134: a mistyped year must not reserve words for ten thousand */
};

struct schedule_resource {
  enum schedule_kind kind;
  uint16_t capacity;       /* 1: exclusive; more: counted (a shareable room is counted, too) */
  uint16_t seats;          /* of a room, 0 = not told; of a group: its learners */
  int32_t calendar;        /* of schedule_add_calendar(), or SCHEDULE_NONE: always available */
  int32_t zone;            /* of schedule_add_zone(), or SCHEDULE_NONE: the region's offset */
  uint16_t day_hours;      /* most academic hours a local day, 0 = no limit */
  uint16_t week_hours;     /* the same for a week from Monday */
  bool travels;            /* a person: needs time between sites */
};

struct schedule_use {
  uint32_t resource; /* of schedule_add_resource() */
  uint16_t qty;      /* units; 1 for an exclusive resource */
};

struct schedule_booking {
  uint64_t id; /* the owner's key; not 0 */
  int32_t start;   /* 0 … SCHEDULE_LAST_DAY * 1440 */
  int32_t minutes; /* 1 … SCHEDULE_MAX_MINUTES */
  int32_t site;    /* 0 … SCHEDULE_MAX_SITES - 1, or SCHEDULE_NONE: online, or no lesson */
  uint16_t academic_hours;
  bool is_locked;
  const struct schedule_use *uses;
  size_t use_count; /* 0 … SCHEDULE_MAX_USES; a resource stands there once */
};

struct schedule_hit {
  enum schedule_rule rule;
  uint32_t resource;
  uint64_t other;   /* id of the booking it meets; 0: a limit or a calendar */
  int32_t from, to; /* the overlap, or the time that the rule speaks of */
  int32_t lacks;    /* units, seats, minutes of travel or academic hours that are missing */
};

struct schedule_hits {
  struct schedule_hit *hit; /* owned */
  size_t count, capacity;
};

struct schedule_zone_step {
  int32_t from;   /* moment from which … */
  int32_t offset; /* … local time is UTC plus these minutes */
};

struct schedule_span {
  int16_t from, to; /* minutes of a local day, 0 ≤ from < to ≤ 1440 */
};

enum { SCHEDULE_MAX_SPANS = 8 };

/* What a calendar says of one day. */
struct schedule_day {
  int32_t day;
  uint8_t count; /* 0: closed */
  struct schedule_span span[SCHEDULE_MAX_SPANS]; /* ascending, not touching */
};

struct schedule_calendar {
  struct schedule_day week[7];       /* Monday first; `day` is not read */
  const struct schedule_day *except; /* holidays, moved and short days, ascending by day; copied */
  size_t except_count;
};

struct schedule_question {
  const struct schedule_use *fixed; /* all of these … */
  size_t fixed_count;
  const uint32_t *any;              /* … and one of these, when there are any (rooms) */
  size_t any_count;
  int32_t zone;                     /* of day and starts */
  int32_t first_day, days;
  const int16_t *starts;            /* minutes of the day to try, ascending: the bells */
  size_t start_count;
  int32_t minutes;
  int32_t site;                     /* for travel; SCHEDULE_NONE: not looked at */
  uint16_t academic_hours;          /* for limits a day and a week */
  uint64_t except;                  /* a booking that is being moved, 0: none */
};

struct schedule_place {
  int32_t start;
  uint32_t any; /* index into question.any; 0 when there are none */
};

/* base_offset: minutes from UTC to the clock of the region, to which the words of days are laid. */
struct schedule *schedule_new(int32_t base_offset);
void schedule_free(struct schedule *plan); /* NULL is fine */

/* Each returns the number by which it is named from then on. Steps ascend by `from`; the first one holds before it, too. */
int32_t schedule_add_zone(struct schedule *plan, const struct schedule_zone_step *steps, size_t count);
int32_t schedule_add_calendar(struct schedule *plan, const struct schedule_calendar *calendar);
uint32_t schedule_add_resource(struct schedule *plan, const struct schedule_resource *resource);
/* Capacity, calendar, seats or limits have changed; what is booked stays booked. An exclusive resource stays exclusive. */
void schedule_set_resource(struct schedule *plan, uint32_t resource, const struct schedule_resource *fresh);
const struct schedule_resource *schedule_resource(const struct schedule *plan, uint32_t resource);
/* Minutes of way between two sites, both directions. */
void schedule_set_travel(struct schedule *plan, int32_t a, int32_t b, uint16_t minutes);

/* Puts a booking in, or in place of the one with the same id. What it uses may be over capacity: the index mirrors
 * what PostgreSQL holds and forbids nothing. False when the booking is not well formed; then nothing has changed. */
bool schedule_put(struct schedule *plan, const struct schedule_booking *booking);
/* Takes a booking out; false when there is none of this id. */
bool schedule_drop(struct schedule *plan, uint64_t id);
/* Fills *out; its uses live until the next change. False when there is none of this id. */
bool schedule_find(const struct schedule *plan, uint64_t id, struct schedule_booking *out);
size_t schedule_count(const struct schedule *plan);
/* Bytes held by the index. */
size_t schedule_memory(const struct schedule *plan);

/* What would be wrong if `probe` were put in (in place of the booking of its id). Hits are in the order of probe's uses,
 * then of rules, then of time; an earlier content of *hits is dropped. Returns the number of hits. */
size_t schedule_check(const struct schedule *plan, const struct schedule_booking *probe, struct schedule_hits *hits);
void schedule_hits_deinit(struct schedule_hits *hits);

/* At most `most` places where nothing clashes and no calendar, way or limit forbids, ascending by time, then by position
 * in `any`; for each start only the first of `any` that is free. Returns their number. */
size_t schedule_find_free(const struct schedule *plan, const struct schedule_question *question, struct schedule_place *out,
                          size_t most);

/* Local time of a zone: the moment of a minute of a day (a minute that a clock change skips is the moment after it), and back. */
int32_t schedule_moment(const struct schedule *plan, int32_t zone, int32_t day, int32_t minute);
void schedule_local(const struct schedule *plan, int32_t zone, int32_t moment, int32_t *day, int32_t *minute);
