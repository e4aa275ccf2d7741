/* Moves of the search: one lecture, two lectures that change places, a chain between two periods (Kempe). */
#include "schedule/search.h"

enum { CHAIN_MAX = 64 };

static inline int32_t whole(struct price price, int32_t hard_weight) { return price.hard * hard_weight + price.soft; }

static void relocate(struct search *s, uint32_t lecture, uint32_t period, uint32_t room) {
  search_leave(s, lecture);
  search_enter(s, lecture, period, room);
}

static bool try_place(struct search *s, uint32_t lecture, uint32_t period, uint32_t room, int32_t limit, int32_t hard_weight) {
  if (whole(search_price(s, lecture, period, room), hard_weight) > limit) return false;
  relocate(s, lecture, period, room);
  return true;
}

/* To the free room of another period that costs least. */
static bool try_best_room(struct search *s, uint32_t lecture, int32_t limit, int32_t hard_weight) {
  uint32_t course = s->term->lecture_course[lecture], period = search_random(s, s->periods);
  if (period == s->at[lecture].period || !search_is_open(s, course, period)) return false;
  uint32_t room = search_best_room(s, course, period);
  if (room == s->rooms && s->at[lecture].room != s->rooms) return false;
  return try_place(s, lecture, period, room, limit, hard_weight);
}

/* Faults that two courses make when they change periods; what is cheap to know is asked first. */
static int32_t swap_clashes(const struct search *s, uint32_t a, uint32_t b, uint32_t from, uint32_t to) {
  int32_t meet = search_do_meet(s, a, b) ? 1 : 0;
  return search_clashes(s, a, to) - meet - search_clashes(s, a, from) + search_clashes(s, b, from) - meet - search_clashes(s, b, to);
}

static bool try_swap(struct search *s, uint32_t lecture, uint32_t other, int32_t limit, int32_t hard_weight) {
  const struct schedule_term *term = s->term;
  uint32_t a = term->lecture_course[lecture], b = term->lecture_course[other];
  struct schedule_at here = s->at[lecture], there = s->at[other];
  if (search_is_locked(s, other) || a == b || !search_is_open(s, b, here.period)) return false;
  if (s->room_cost[(size_t)a * s->rooms + there.room] == INT32_MAX || (here.room < s->rooms && s->room_cost[(size_t)b * s->rooms + here.room] == INT32_MAX)) return false;
  /* Nearly all swaps die of new clashes. The soft side can hardly win that back. */
  if (here.period != there.period && swap_clashes(s, a, b, here.period, there.period) * hard_weight > limit + hard_weight / 2) return false;
  int32_t before = s->hard * hard_weight + s->soft;
  search_leave(s, lecture);
  search_leave(s, other);
  search_enter(s, lecture, there.period, there.room);
  search_enter(s, other, here.period, here.room);
  if (s->hard * hard_weight + s->soft - before <= limit) return true;
  search_leave(s, lecture);
  search_leave(s, other);
  search_enter(s, lecture, here.period, here.room);
  search_enter(s, other, there.period, there.room);
  return false;
}

/* Any room of any period; who is there comes back in exchange. */
static bool try_cell(struct search *s, uint32_t lecture, uint32_t period, int32_t limit, int32_t hard_weight) {
  uint32_t course = s->term->lecture_course[lecture];
  if (s->fit_count[course] == 0 || !search_is_open(s, course, period)) return false;
  uint32_t room = s->fit_rooms[(size_t)course * s->rooms + search_random(s, s->fit_count[course])];
  int32_t other = s->cell[period * s->rooms + room];
  if (other == (int32_t)lecture || other == CELL_TAKEN) return false;
  if (other >= 0) return try_swap(s, lecture, (uint32_t)other, limit, hard_weight);
  return try_place(s, lecture, period, room, limit, hard_weight);
}

/* ---- chains */

struct chain {
  uint32_t lecture[CHAIN_MAX];
  struct schedule_at former[CHAIN_MAX];
  uint32_t count;
  uint32_t a, b; /* the two periods */
};

static bool is_in(const struct chain *chain, uint32_t lecture) {
  for (uint32_t i = 0; i < chain->count; i++) {
    if (chain->lecture[i] == lecture) return true;
  }
  return false;
}

/* Everybody who would clash with the one at `at` once it has changed sides. */
static bool extend(const struct search *s, struct chain *chain, uint32_t at) {
  uint32_t course = s->term->lecture_course[chain->lecture[at]];
  uint32_t to = chain->former[at].period == chain->a ? chain->b : chain->a;
  if (!search_is_open(s, course, to)) return false;
  for (uint32_t room = 0; room < s->rooms; room++) {
    int32_t other = s->cell[to * s->rooms + room];
    if (other < 0) continue;
    uint32_t its = s->term->lecture_course[other];
    if ((its != course && !search_do_meet(s, course, its)) || is_in(chain, (uint32_t)other)) continue;
    if (chain->count == CHAIN_MAX || search_is_locked(s, (uint32_t)other)) return false;
    chain->former[chain->count] = s->at[other];
    chain->lecture[chain->count++] = (uint32_t)other;
  }
  return true;
}

/* First those whose room is free on the other side, then the rest as well as it goes. */
static bool settle(struct search *s, const struct chain *chain) {
  bool has_rooms = true;
  uint64_t settled = 0;
  for (uint32_t i = 0; i < chain->count; i++) {
    uint32_t to = chain->former[i].period == chain->a ? chain->b : chain->a, room = chain->former[i].room;
    if (room < s->rooms && s->cell[to * s->rooms + room] != CELL_FREE) continue;
    search_enter(s, chain->lecture[i], to, room);
    settled |= UINT64_C(1) << i;
  }
  for (uint32_t i = 0; i < chain->count; i++) {
    if (settled >> i & 1) continue;
    uint32_t to = chain->former[i].period == chain->a ? chain->b : chain->a;
    uint32_t room = search_best_room(s, s->term->lecture_course[chain->lecture[i]], to);
    has_rooms = has_rooms && room < s->rooms;
    search_enter(s, chain->lecture[i], to, room);
  }
  return has_rooms;
}

static bool try_chain(struct search *s, uint32_t lecture, int32_t limit, int32_t hard_weight) {
  struct chain chain = {.count = 1, .a = s->at[lecture].period, .b = search_random(s, s->periods)};
  if (chain.a == chain.b) return false;
  chain.lecture[0] = lecture;
  chain.former[0] = s->at[lecture];
  for (uint32_t i = 0; i < chain.count; i++) {
    if (!extend(s, &chain, i)) return false;
  }
  int32_t before = s->hard * hard_weight + s->soft;
  for (uint32_t i = 0; i < chain.count; i++) search_leave(s, chain.lecture[i]);
  bool has_rooms = settle(s, &chain);
  if (has_rooms && s->hard * hard_weight + s->soft - before <= limit) return true;
  for (uint32_t i = 0; i < chain.count; i++) search_leave(s, chain.lecture[i]);
  for (uint32_t i = 0; i < chain.count; i++) search_enter(s, chain.lecture[i], chain.former[i].period, chain.former[i].room);
  return false;
}

/* kind: 0 … 99, how the moves are shared out. */
bool search_try(struct search *s, uint32_t kind, int32_t limit, int32_t hard_weight) {
  uint32_t lecture = search_random(s, s->term->lecture_count);
  if (search_is_locked(s, lecture)) return false;
  if (kind < 10) return try_chain(s, lecture, limit, hard_weight);
  if (kind < 55) return try_best_room(s, lecture, limit, hard_weight);
  if (kind < 70) return try_cell(s, lecture, s->at[lecture].period, limit, hard_weight);
  return try_cell(s, lecture, search_random(s, s->periods), limit, hard_weight);
}
