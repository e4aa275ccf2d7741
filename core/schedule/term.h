/* schedule/term.h - the timetable of a group, of several, or of a term: what is wanted, what a plan costs, a search for a good one.
 *
 *   schedule_term_read_ctt(), or an owner who fills struct schedule_term      courses, rooms, lines, weights
 *        │  schedule_term_close(): checks it and derives what the search reads
 *        ▼
 *   schedule_term_blockers()   impossible? the smallest set of courses that stands in the way
 *        ▼
 *   schedule_solve()           a draft without hard faults, as cheap as the time allows; interruptible
 *        ▼
 *   schedule_cost()            every fault by kind, counted from the draft alone
 *
 * Pure, as all of schedule/: no clock (the owner's pulse says how much of the time is over), no threads, no Lua. A term
 * is read only while it is solved, so several threads may solve one term with seeds of their own.
 *
 * A line is somebody or something that is in one place at a time over several courses: a teacher, a group, a subgroup, a
 * learner with a plan of his own. Its courses never meet, and the shape of its days may cost: lonely lessons, windows, more
 * lessons a day than it may have.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

enum {
  SCHEDULE_MAX_COURSES = 20000,
  SCHEDULE_MAX_PERIODS = 4096,   /* of a term: days × periods a day */
  SCHEDULE_MAX_DAY_PERIODS = 16,
  SCHEDULE_MAX_ROOMS = 4000,
  SCHEDULE_MAX_LECTURES = 200000,
  SCHEDULE_MAX_CELLS = 64 << 20, /* courses × periods, courses × rooms, lines × periods: bounds the memory of a search */
};

struct schedule_course {
  char *name;    /* owned */
  uint16_t lectures;
  uint16_t min_days; /* lectures should be spread over so many days */
  uint32_t learners;
};

struct schedule_place_room {
  char *name; /* owned */
  uint32_t seats;
};

struct schedule_line {
  char *name;        /* owned */
  uint32_t *course;  /* owned; each once */
  uint32_t course_count;
  uint8_t day_limit; /* most lectures a day, hard; 0: none */
  uint8_t lonely;    /* cost of a lecture without a neighbour */
  uint8_t window;    /* cost of a free period between two lectures of a day */
};

struct schedule_weights {
  int32_t seat;  /* a learner beyond the seats, a lecture */
  int32_t day;   /* a day below min_days */
  int32_t room;  /* a room of a course beyond its first */
  int32_t moved; /* a lecture that is not where `was` had it */
};

/* One lecture's place. Lectures are numbered course by course. */
struct schedule_at {
  uint16_t period; /* day × day_periods + period of the day; SCHEDULE_NOWHERE: not placed */
  uint16_t room;
};
#define SCHEDULE_NOWHERE UINT16_MAX

struct schedule_term {
  uint32_t days, day_periods;
  struct schedule_course *course; /* these arrays are owned */
  uint32_t course_count;
  struct schedule_place_room *room;
  uint32_t room_count;
  struct schedule_line *line;
  uint32_t line_count;
  uint8_t *closed;      /* course × period: 1 = never then; NULL: always open */
  uint8_t *unfit;       /* course × room: 1 = not there; NULL: any room */
  uint8_t *taken;       /* room × period: 1 = somebody else is there; NULL: all free */
  uint8_t *locked;      /* lecture: 1 = stays where `was` has it; NULL: none */
  struct schedule_at *was; /* lecture: the published plan; NULL: none */
  struct schedule_weights weight;
  /* derived by schedule_term_close() */
  uint32_t lecture_count;
  uint32_t *lecture_course;
};

/* Reads the public format of curriculum-based timetabling, .ctt and .ectt, with its costs (1, 5, 2 and 1). Any white space,
 * any UTF-8 names, CRLF. What cannot be meant (a course twice in a curriculum, fewer lines than promised, an unknown name)
 * is refused with the number of the line. On false *term is empty. */
COPP_MUST_USE bool schedule_term_read_ctt(struct slice text, struct schedule_term *term, struct error *err);
/* Checks sizes and numbers of a term that its owner has filled. False: err says what is wrong with it. */
COPP_MUST_USE bool schedule_term_close(struct schedule_term *term, struct error *err);
void schedule_term_free(struct schedule_term *term); /* leaves it empty; what it points to was made by malloc */
static inline uint32_t schedule_term_periods(const struct schedule_term *term) { return term->days * term->day_periods; }

struct schedule_cost {
  /* hard, 1 each: what the validator of the competition counts */
  int64_t lectures, conflicts, availability, occupancy, unfit, day_limit;
  /* soft, weighted */
  int64_t seats, days, shape, rooms, moved;
};
/* Counts everything from the draft alone, so that it judges the search too. draft: a place a lecture. */
void schedule_cost(const struct schedule_term *term, const struct schedule_at *draft, struct schedule_cost *out);
static inline int64_t schedule_hard(const struct schedule_cost *c) {
  return c->lectures + c->conflicts + c->availability + c->occupancy + c->unfit + c->day_limit;
}
static inline int64_t schedule_soft(const struct schedule_cost *c) { return c->seats + c->days + c->shape + c->rooms + c->moved; }
/* COURSE ROOM DAY PERIOD, a line a lecture. */
void schedule_write_ctt(const struct schedule_term *term, const struct schedule_at *draft, struct bytes *out);

/* Why there can be no plan: courses of one line (or one course) that need more periods than all of them together may use;
 * without any one of them the rest would fit. */
struct schedule_blockers {
  const struct schedule_line *line; /* NULL: one course, or the whole term when count is 0 */
  uint32_t *course;                 /* owned */
  uint32_t count;
  uint32_t needed, open;            /* lectures, and periods (or periods × rooms) they have */
};
/* True when it finds one: then there is no use in a search. False does not promise a plan. */
bool schedule_term_blockers(const struct schedule_term *term, struct schedule_blockers *out);
void schedule_blockers_deinit(struct schedule_blockers *blockers);

/* ---- the search */

struct schedule_progress {
  uint64_t moves;
  int32_t hard, soft;           /* now */
  int32_t best_hard, best_soft; /* so far */
};
/* Called every few thousand moves, and between the lectures of the first draft. Returns how much of the time is over, 0 … 1; 1 or more ends the search. */
typedef double (*schedule_pulse_fn)(void *ctx, const struct schedule_progress *progress);

struct schedule_solve_options {
  uint64_t seed;
  uint64_t moves;          /* when there is no pulse: this many, and the same seed gives the same draft */
  schedule_pulse_fn pulse; /* or NULL */
  void *pulse_ctx;
  bool is_repair;          /* begin with `was` and stay near it, instead of from nothing */
};

/* Fills draft (a place a lecture) with the best found. True: no hard fault is left. False: *hard are left; the draft is then
 * for looking at only, and lectures that were not reached in time are at SCHEDULE_NOWHERE. */
bool schedule_solve(const struct schedule_term *term, const struct schedule_solve_options *options, struct schedule_at *draft,
                    int32_t *hard);
