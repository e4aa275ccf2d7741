/* The draft of a search: every count that a price needs is kept as lectures leave and enter. */
#include "schedule/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

uint32_t search_random(struct search *s, uint32_t below) {
  s->random ^= s->random << 13;
  s->random ^= s->random >> 7;
  s->random ^= s->random << 17;
  return (uint32_t)((s->random >> 32) * below >> 32);
}

/* ---- tables */

static struct shape shape_of(uint32_t mask, const struct schedule_line *line) {
  uint32_t lonely = (uint32_t)__builtin_popcount(mask & ~(mask << 1) & ~(mask >> 1));
  uint32_t lectures = (uint32_t)__builtin_popcount(mask), window = 0;
  if (mask != 0) window = 32 - (uint32_t)__builtin_clz(mask) - (uint32_t)__builtin_ctz(mask) - lectures;
  bool is_over = line->day_limit > 0 && lectures > line->day_limit;
  return (struct shape){.soft = (int16_t)(lonely * line->lonely + window * line->window), .hard = (int16_t)(is_over ? lectures - line->day_limit : 0)};
}

static bool has_shape(const struct schedule_line *line) { return line->lonely > 0 || line->window > 0 || line->day_limit > 0; }

static bool is_alike(const struct schedule_line *a, const struct schedule_line *b) {
  return a->lonely == b->lonely && a->window == b->window && a->day_limit == b->day_limit;
}

static const struct shape *table_of(struct search *s, uint32_t at) {
  const struct schedule_line *line = &s->term->line[at];
  for (uint32_t i = 0; i < at; i++) {
    if (s->line_shape[i] != NULL && is_alike(&s->term->line[i], line)) return s->line_shape[i];
  }
  uint32_t size = 1u << s->term->day_periods;
  struct shape *table = mem_alloc(size * sizeof *table);
  for (uint32_t mask = 0; mask < size; mask++) table[mask] = shape_of(mask, line);
  s->tables = mem_grow(s->tables, (s->table_count + 1) * sizeof *s->tables);
  return s->tables[s->table_count++] = table;
}

static void init_lines(struct search *s) {
  const struct schedule_term *term = s->term;
  s->line_from = mem_zero((term->course_count + 2ull) * sizeof *s->line_from);
  s->line_shape = mem_zero((term->line_count + 1ull) * sizeof *s->line_shape);
  uint32_t *ends = s->line_from + 1; /* counted one further on, so that filling moves them to where they belong */
  for (uint32_t i = 0; i < term->line_count; i++) {
    if (!has_shape(&term->line[i])) continue;
    s->line_shape[i] = table_of(s, i);
    for (uint32_t k = 0; k < term->line[i].course_count; k++) ends[term->line[i].course[k] + 1]++;
  }
  for (uint32_t i = 0; i <= term->course_count; i++) s->line_from[i + 1] += s->line_from[i];
  s->line_list = mem_alloc((s->line_from[term->course_count + 1] + 1ull) * sizeof *s->line_list);
  for (uint32_t i = 0; i < term->line_count; i++) {
    for (uint32_t k = 0; s->line_shape[i] != NULL && k < term->line[i].course_count; k++) s->line_list[ends[term->line[i].course[k]]++] = i;
  }
}

static void init_conflicts(struct search *s) {
  const struct schedule_term *term = s->term;
  s->words = (term->course_count + 63) / 64;
  s->conflict = mem_zero((size_t)term->course_count * s->words * sizeof *s->conflict);
  for (uint32_t i = 0; i < term->line_count; i++) {
    const struct schedule_line *line = &term->line[i];
    for (uint32_t a = 0; a < line->course_count; a++) {
      for (uint32_t b = 0; b < line->course_count; b++) {
        if (a != b) s->conflict[(size_t)line->course[a] * s->words + line->course[b] / 64] |= UINT64_C(1) << line->course[b] % 64;
      }
    }
  }
}

static void init_rooms(struct search *s) {
  const struct schedule_term *term = s->term;
  size_t cells = (size_t)term->course_count * s->rooms;
  s->room_cost = mem_alloc(cells * sizeof *s->room_cost);
  s->fit_rooms = mem_alloc(cells * sizeof *s->fit_rooms);
  s->fit_count = mem_zero(term->course_count * sizeof *s->fit_count);
  for (uint32_t c = 0; c < term->course_count; c++) {
    int32_t *cost = s->room_cost + (size_t)c * s->rooms;
    uint16_t *fit = s->fit_rooms + (size_t)c * s->rooms;
    for (uint32_t r = 0; r < s->rooms; r++) {
      int64_t over = (int64_t)term->course[c].learners - term->room[r].seats;
      int64_t priced = over > 0 ? over * term->weight.seat : 0;
      bool is_unfit = term->unfit != NULL && term->unfit[c * s->rooms + r];
      cost[r] = is_unfit ? INT32_MAX : priced < 1000000 ? (int32_t)priced : 1000000;
      if (is_unfit) continue;
      uint32_t at = s->fit_count[c]++;
      while (at > 0 && cost[fit[at - 1]] > cost[r]) { /* insertion: rooms are few hundreds, once */
        fit[at] = fit[at - 1];
        at--;
      }
      fit[at] = (uint16_t)r;
    }
  }
}

void search_init(struct search *s, const struct schedule_term *term, uint64_t seed) {
  *s = (struct search){.term = term, .periods = schedule_term_periods(term), .rooms = term->room_count};
  s->random = (seed + 1) * 0x9e3779b97f4a7c15ull;
  if (s->random == 0) s->random = 1;
  init_lines(s);
  init_conflicts(s);
  init_rooms(s);
  size_t courses = term->course_count;
  s->day_of = mem_alloc(s->periods * sizeof *s->day_of);
  for (uint32_t p = 0; p < s->periods; p++) s->day_of[p] = (uint16_t)(p / term->day_periods);
  s->at = mem_alloc(term->lecture_count * sizeof *s->at);
  for (uint32_t l = 0; l < term->lecture_count; l++) s->at[l].period = SCHEDULE_NOWHERE;
  s->cell = mem_alloc((size_t)s->periods * s->rooms * sizeof *s->cell);
  for (uint32_t p = 0; p < s->periods; p++) {
    for (uint32_t r = 0; r < s->rooms; r++) s->cell[p * s->rooms + r] = term->taken != NULL && term->taken[r * s->periods + p] ? CELL_TAKEN : CELL_FREE;
  }
  s->present = mem_zero((size_t)s->periods * s->words * sizeof *s->present);
  s->count = mem_zero(courses * s->periods * sizeof *s->count);
  s->in_room = mem_zero(courses * (s->rooms + 1) * sizeof *s->in_room);
  s->rooms_used = mem_zero(courses * sizeof *s->rooms_used);
  s->on_day = mem_zero(courses * term->days * sizeof *s->on_day);
  s->days_used = mem_zero(courses * sizeof *s->days_used);
  s->line_count = mem_zero(((size_t)term->line_count * s->periods + 1) * sizeof *s->line_count);
  s->mask = mem_zero(((size_t)term->line_count * term->days + 1) * sizeof *s->mask);
  for (uint32_t c = 0; c < courses; c++) s->soft += term->course[c].min_days * term->weight.day; /* of no lecture at all */
}

void search_deinit(struct search *s) {
  for (uint32_t i = 0; i < s->table_count; i++) free(s->tables[i]);
  void *owned[] = {s->tables, s->line_from, s->line_list, s->line_shape, s->conflict, s->room_cost, s->fit_rooms, s->fit_count, s->day_of, s->at, s->cell,
                   s->present, s->count, s->in_room, s->rooms_used, s->on_day, s->days_used, s->line_count, s->mask};
  for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
}

/* ---- counts */

int32_t search_clashes(const struct search *s, uint32_t course, uint32_t period) {
  const uint64_t *conflict = s->conflict + (size_t)course * s->words, *present = s->present + (size_t)period * s->words;
  int32_t clashes = 0;
  for (uint32_t w = 0; w < s->words; w++) clashes += __builtin_popcountll(conflict[w] & present[w]);
  return clashes;
}

static int32_t moved_price(const struct search *s, uint32_t lecture, uint32_t period, uint32_t room) {
  const struct schedule_term *term = s->term;
  if (term->was == NULL) return 0;
  return term->was[lecture].period == period && term->was[lecture].room == room ? 0 : term->weight.moved;
}

/* Turns one period of a line on or off. */
static void shift_line(struct search *s, uint32_t line, uint32_t period, int sign) {
  uint16_t *count = &s->line_count[(size_t)line * s->periods + period];
  bool was = *count > 0;
  *count = (uint16_t)(*count + sign);
  if (was == (*count > 0)) return;
  uint32_t day = s->day_of[period];
  uint16_t *mask = &s->mask[(size_t)line * s->term->days + day];
  const struct shape *shape = s->line_shape[line];
  s->soft -= shape[*mask].soft;
  s->hard -= shape[*mask].hard;
  *mask ^= (uint16_t)(1u << (period - day * s->term->day_periods));
  s->soft += shape[*mask].soft;
  s->hard += shape[*mask].hard;
}

static void shift_lines(struct search *s, uint32_t course, uint32_t period, int sign) {
  for (uint32_t i = s->line_from[course]; i < s->line_from[course + 1]; i++) shift_line(s, s->line_list[i], period, sign);
}

void search_leave(struct search *s, uint32_t lecture) {
  const struct schedule_term *term = s->term;
  uint32_t course = term->lecture_course[lecture], period = s->at[lecture].period, room = s->at[lecture].room, day = s->day_of[period];
  if (--s->count[course * s->periods + period] == 0) {
    s->present[(size_t)period * s->words + course / 64] &= ~(UINT64_C(1) << course % 64);
    s->hard -= search_clashes(s, course, period);
  } else {
    s->hard--;
  }
  if (room < s->rooms) {
    s->cell[period * s->rooms + room] = CELL_FREE;
    s->soft -= s->room_cost[(size_t)course * s->rooms + room];
    if (--s->in_room[course * (s->rooms + 1) + room] == 0 && --s->rooms_used[course] > 0) s->soft -= term->weight.room;
  } else {
    s->hard--;
  }
  if (--s->on_day[course * term->days + day] == 0 && --s->days_used[course] < term->course[course].min_days) s->soft += term->weight.day;
  shift_lines(s, course, period, -1);
  s->soft -= moved_price(s, lecture, period, room);
  s->at[lecture].period = SCHEDULE_NOWHERE;
}

void search_enter(struct search *s, uint32_t lecture, uint32_t period, uint32_t room) {
  const struct schedule_term *term = s->term;
  uint32_t course = term->lecture_course[lecture], day = s->day_of[period];
  if (s->count[course * s->periods + period]++ == 0) {
    s->present[(size_t)period * s->words + course / 64] |= UINT64_C(1) << course % 64;
    s->hard += search_clashes(s, course, period);
  } else {
    s->hard++;
  }
  if (room < s->rooms) {
    s->cell[period * s->rooms + room] = (int32_t)lecture;
    s->soft += s->room_cost[(size_t)course * s->rooms + room];
    if (s->in_room[course * (s->rooms + 1) + room]++ == 0 && s->rooms_used[course]++ > 0) s->soft += term->weight.room;
  } else {
    s->hard++;
  }
  if (s->on_day[course * term->days + day]++ == 0 && s->days_used[course]++ < term->course[course].min_days) s->soft -= term->weight.day;
  shift_lines(s, course, period, 1);
  s->soft += moved_price(s, lecture, period, room);
  s->at[lecture] = (struct schedule_at){(uint16_t)period, (uint16_t)room};
}

/* ---- prices, nothing is changed */

static void price_room(const struct search *s, uint32_t course, uint32_t from, uint32_t to, struct price *price) {
  if (from == to) return;
  const uint16_t *used = s->in_room + (size_t)course * (s->rooms + 1);
  int32_t rooms = s->rooms_used[course], fresh = rooms;
  if (from < s->rooms) {
    price->soft -= s->room_cost[(size_t)course * s->rooms + from];
    fresh -= used[from] == 1;
  } else {
    price->hard--;
  }
  if (to < s->rooms) {
    price->soft += s->room_cost[(size_t)course * s->rooms + to];
    fresh += used[to] == 0;
  } else {
    price->hard++;
  }
  price->soft += ((fresh > 1 ? fresh - 1 : 0) - (rooms > 1 ? rooms - 1 : 0)) * s->term->weight.room;
}

static void price_days(const struct search *s, uint32_t course, uint32_t from, uint32_t to, struct price *price) {
  const uint16_t *used = s->on_day + (size_t)course * s->term->days;
  int32_t wanted = s->term->course[course].min_days, days = s->days_used[course];
  int32_t fresh = days - (used[from] == 1) + (used[to] == 0);
  price->soft += ((fresh < wanted ? wanted - fresh : 0) - (days < wanted ? wanted - days : 0)) * s->term->weight.day;
}

static void price_lines(const struct search *s, uint32_t course, uint32_t from, uint32_t to, struct price *price) {
  uint32_t from_day = s->day_of[from], to_day = s->day_of[to], day_periods = s->term->day_periods;
  uint32_t from_bit = 1u << (from - from_day * day_periods), to_bit = 1u << (to - to_day * day_periods);
  for (uint32_t i = s->line_from[course]; i < s->line_from[course + 1]; i++) {
    uint32_t line = s->line_list[i];
    const struct shape *shape = s->line_shape[line];
    const uint16_t *mask = s->mask + (size_t)line * s->term->days;
    const uint16_t *count = s->line_count + (size_t)line * s->periods;
    uint32_t left = mask[from_day], was = left;
    if (count[from] == 1) left &= ~from_bit;
    if (from_day == to_day) {
      left |= to_bit;
      price->soft += shape[left].soft - shape[was].soft;
      price->hard += shape[left].hard - shape[was].hard;
      continue;
    }
    uint32_t there = mask[to_day];
    price->soft += shape[left].soft - shape[was].soft + shape[there | to_bit].soft - shape[there].soft;
    price->hard += shape[left].hard - shape[was].hard + shape[there | to_bit].hard - shape[there].hard;
  }
}

struct price search_price(const struct search *s, uint32_t lecture, uint32_t period, uint32_t room) {
  struct price price = {0};
  uint32_t course = s->term->lecture_course[lecture], from = s->at[lecture].period;
  price_room(s, course, s->at[lecture].room, room, &price);
  if (from != period) {
    const uint16_t *count = s->count + (size_t)course * s->periods;
    price.hard += (count[period] > 0 ? 1 : search_clashes(s, course, period)) - (count[from] > 1 ? 1 : search_clashes(s, course, from));
    if (s->day_of[from] != s->day_of[period]) price_days(s, course, s->day_of[from], s->day_of[period], &price);
    price_lines(s, course, from, period, &price);
  }
  if (s->term->was != NULL) price.soft += moved_price(s, lecture, period, room) - moved_price(s, lecture, from, s->at[lecture].room);
  return price;
}

uint32_t search_best_room(const struct search *s, uint32_t course, uint32_t period) {
  const uint16_t *fit = s->fit_rooms + (size_t)course * s->rooms, *used = s->in_room + (size_t)course * (s->rooms + 1);
  const int32_t *cost = s->room_cost + (size_t)course * s->rooms, *cell = s->cell + (size_t)period * s->rooms;
  uint32_t best = s->rooms;
  int32_t least = INT32_MAX;
  for (uint32_t i = 0; i < s->fit_count[course] && cost[fit[i]] < least; i++) {
    uint32_t room = fit[i];
    if (cell[room] != CELL_FREE) continue;
    int32_t priced = cost[room] + (used[room] > 0 ? 0 : s->term->weight.room);
    if (priced >= least) continue;
    least = priced;
    best = room;
  }
  return best;
}
