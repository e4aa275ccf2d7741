/* schedule/search.h - the state of a search and the price of a move. Private to schedule/.
 *
 * Two lectures are never in one room at one period, and none in a period that is closed to its course: such moves do not
 * exist. What may be wrong on the way, and costs HARD each: courses of one line that meet, a lecture without a room (room
 * number room_count), a line with too many lectures a day.
 */
#pragma once
#include "schedule/term.h"

enum { CELL_FREE = -1, CELL_TAKEN = -2 }; /* taken: by somebody who is not of this term */

struct shape { /* what a day of a line costs, by its mask of periods */
  int16_t soft, hard;
};

struct search {
  const struct schedule_term *term;
  uint32_t periods, rooms, words; /* words of 64 courses */
  uint32_t *line_from; /* course → its lines in line_list, course_count + 1 entries; only lines whose shape costs */
  uint32_t *line_list;
  const struct shape **line_shape; /* line → its table; lines alike share one */
  struct shape **tables;           /* owned tables */
  uint32_t table_count;
  uint64_t *conflict;  /* course × words: courses that it must not meet */
  int32_t *room_cost;  /* course × room: seats missing; INT32_MAX: unfit */
  uint16_t *fit_rooms; /* course × room: rooms from the cheapest; unfit ones are not there */
  uint32_t *fit_count; /* course */
  uint16_t *day_of;    /* period → day: a division is slow */
  /* the draft */
  struct schedule_at *at;  /* lecture; room == rooms: none */
  int32_t *cell;           /* period × room: lecture, CELL_FREE or CELL_TAKEN */
  uint64_t *present;       /* period × words: courses held then */
  uint16_t *count;         /* course × period */
  uint16_t *in_room;       /* course × (rooms + 1) */
  uint16_t *rooms_used;    /* course */
  uint16_t *on_day;        /* course × day */
  uint16_t *days_used;     /* course */
  uint16_t *line_count;    /* line × period */
  uint16_t *mask;          /* line × day */
  int32_t hard, soft;
  uint64_t random;
};

struct price {
  int32_t hard, soft;
};

void search_init(struct search *s, const struct schedule_term *term, uint64_t seed);
void search_deinit(struct search *s);
/* Takes a lecture out of the draft, or puts it in at an open period and a free room (or none). */
void search_leave(struct search *s, uint32_t lecture);
void search_enter(struct search *s, uint32_t lecture, uint32_t period, uint32_t room);
/* What a move to an open period and a free room (or its own cell) would change. */
struct price search_price(const struct search *s, uint32_t lecture, uint32_t period, uint32_t room);
/* Courses that meet this one at the period. */
int32_t search_clashes(const struct search *s, uint32_t course, uint32_t period);
/* The free room of the period that costs this course least, `rooms` when there is none. */
uint32_t search_best_room(const struct search *s, uint32_t course, uint32_t period);
uint32_t search_random(struct search *s, uint32_t below);

static inline bool search_is_open(const struct search *s, uint32_t course, uint32_t period) {
  return s->term->closed == NULL || !s->term->closed[course * s->periods + period];
}
static inline bool search_is_locked(const struct search *s, uint32_t lecture) {
  return s->term->locked != NULL && s->term->locked[lecture];
}
static inline bool search_do_meet(const struct search *s, uint32_t a, uint32_t b) {
  return s->conflict[(size_t)a * s->words + b / 64] >> (b % 64) & 1;
}

/* moves.c: one try. limit: most that the whole cost (hard faults at HARD each) may grow. True: done and kept. */
bool search_try(struct search *s, uint32_t kind, int32_t limit, int32_t hard_weight);
