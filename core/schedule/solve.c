/* Simulated annealing: a plan by scarcity, conflicts out, then cooling from a temperature that the instance itself tells. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "schedule/search.h"

enum { LOGS = 4096, BLOCK = 2048, SAMPLES = 4000, PLACED_A_PULSE = 16, HARD_WEIGHT = 20, FIRST_WEIGHT = 150, FIRST_HEAT = 20 };

struct run {
  struct search s;
  const struct schedule_solve_options *options;
  struct schedule_at *best; /* owned by the caller */
  int32_t best_hard, best_soft;
  uint64_t moves;
  double over;              /* share of the time */
  float log_of[LOGS];       /* -ln of the middle of each of LOGS parts of (0, 1) */
};

static void keep_best(struct run *run) {
  const struct search *s = &run->s;
  if (s->hard > run->best_hard || (s->hard == run->best_hard && s->soft >= run->best_soft)) return;
  run->best_hard = s->hard;
  run->best_soft = s->soft;
  memcpy(run->best, s->at, s->term->lecture_count * sizeof *s->at);
}

/* False: the time is over. */
static bool pulse(struct run *run) {
  const struct schedule_solve_options *options = run->options;
  if (options->pulse == NULL) {
    run->over = options->moves > 0 ? (double)run->moves / (double)options->moves : 1;
  } else {
    run->over = options->pulse(options->pulse_ctx, &(struct schedule_progress){
        .moves = run->moves, .hard = run->s.hard, .soft = run->s.soft, .best_hard = run->best_hard, .best_soft = run->best_soft});
  }
  return run->over < 1;
}

/* ---- a first draft */

/* The place of least price; ties go to a random one. */
static struct schedule_at cheapest(struct search *s, uint32_t lecture) {
  uint32_t course = s->term->lecture_course[lecture], ties = 0;
  int64_t least = INT64_MAX;
  struct schedule_at best = {SCHEDULE_NOWHERE, 0};
  for (uint32_t p = 0; p < s->periods; p++) {
    if (!search_is_open(s, course, p)) continue;
    uint32_t room = search_best_room(s, course, p);
    search_enter(s, lecture, p, room);
    int64_t cost = (int64_t)s->hard * 1000 + s->soft;
    search_leave(s, lecture);
    if (cost > least) continue;
    if (cost < least) ties = 0;
    least = cost;
    if (search_random(s, ++ties) == 0) best = (struct schedule_at){(uint16_t)p, (uint16_t)room};
  }
  return best;
}

struct scarce {
  uint32_t course;
  int64_t ease; /* open periods left over after what it and its neighbours need */
};

static int by_ease(const void *a, const void *b) {
  const struct scarce *x = a, *y = b;
  if (x->ease != y->ease) return x->ease < y->ease ? -1 : 1;
  return (x->course > y->course) - (x->course < y->course);
}

static struct scarce *by_scarcity(struct search *s) {
  const struct schedule_term *term = s->term;
  struct scarce *order = mem_alloc(term->course_count * sizeof *order);
  for (uint32_t c = 0; c < term->course_count; c++) {
    int64_t open = 0, met = 0;
    for (uint32_t p = 0; p < s->periods; p++) open += search_is_open(s, c, p);
    for (uint32_t w = 0; w < s->words; w++) met += __builtin_popcountll(s->conflict[(size_t)c * s->words + w]);
    order[c] = (struct scarce){c, (open - term->course[c].lectures) * 4 - met};
  }
  qsort(order, term->course_count, sizeof *order, by_ease);
  return order;
}

/* A course with more lectures than open periods has no plan: schedule_term_blockers() says so in words. */
static bool is_hopeless(const struct search *s) {
  for (uint32_t c = 0; c < s->term->course_count; c++) {
    uint32_t open = 0;
    for (uint32_t p = 0; p < s->periods; p++) open += search_is_open(s, c, p);
    if (open < s->term->course[c].lectures) return true;
  }
  return false;
}

/* Every lecture to where it costs least, the scarce ones first. False: some are nowhere, for want of periods or of time. */
static bool construct(struct run *run) {
  struct search *s = &run->s;
  const struct schedule_term *term = s->term;
  if (is_hopeless(s)) return false;
  bool has_time = true;
  uint32_t placed = 0;
  struct scarce *order = by_scarcity(s);
  uint32_t *first = mem_alloc(term->course_count * sizeof *first);
  for (uint32_t c = 0, at = 0; c < term->course_count; at += term->course[c++].lectures) first[c] = at;
  for (uint32_t i = 0; has_time && i < term->course_count; i++) {
    uint32_t course = order[i].course;
    for (uint32_t k = 0; has_time && k < term->course[course].lectures; k++) {
      uint32_t lecture = first[course] + k;
      if (s->at[lecture].period != SCHEDULE_NOWHERE) continue;
      struct schedule_at at = cheapest(s, lecture);
      search_enter(s, lecture, at.period, at.room);
      if (run->options->pulse != NULL && ++placed % PLACED_A_PULSE == 0) has_time = pulse(run);
    }
  }
  free(order);
  free(first);
  return has_time;
}

static int32_t count_nowhere(const struct schedule_term *term, const struct schedule_at *draft) {
  int32_t count = 0;
  for (uint32_t l = 0; l < term->lecture_count; l++) count += draft[l].period == SCHEDULE_NOWHERE;
  return count;
}

/* What of the published plan can stay; a locked lecture stays whatever it meets. */
static void take_over(struct search *s) {
  const struct schedule_term *term = s->term;
  for (int is_second = 0; is_second < 2; is_second++) { /* locked ones first */
    for (uint32_t l = 0; l < term->lecture_count; l++) {
      struct schedule_at was = term->was[l];
      uint32_t course = term->lecture_course[l];
      bool is_locked = search_is_locked(s, l);
      if (is_locked == (is_second == 1) || was.period >= s->periods || was.room >= s->rooms) continue;
      if (s->cell[was.period * s->rooms + was.room] != CELL_FREE) continue;
      if (!is_locked && (!search_is_open(s, course, was.period) || s->room_cost[(size_t)course * s->rooms + was.room] == INT32_MAX)) continue;
      search_enter(s, l, was.period, was.room);
    }
  }
}

/* ---- cooling */

static void move_block(struct run *run, double temperature, int32_t hard_weight) {
  struct search *s = &run->s;
  for (int i = 0; i < BLOCK; i++) {
    uint64_t dice = search_random(s, LOGS * 100);
    int32_t limit = (int32_t)(temperature * (double)run->log_of[dice % LOGS]);
    if (search_try(s, (uint32_t)(dice / LOGS), limit, hard_weight) && s->hard <= run->best_hard) keep_best(run);
  }
  run->moves += BLOCK;
}

/* Hard faults out, at a heat to which soft costs are nothing. Ends as soon as there are none, or when half of the time is
 * over: cooling removes faults too, though not in every instance. */
static void make_feasible(struct run *run) {
  while (run->best_hard > 0 && pulse(run) && run->over < 0.5) move_block(run, FIRST_HEAT, FIRST_WEIGHT);
}

/* What a random move that makes things worse costs on average, hard faults left out: the scale of this instance. */
static double sample_scale(struct run *run) {
  struct search *s = &run->s;
  double sum = 0;
  int count = 0;
  for (int i = 0; i < SAMPLES; i++) {
    uint32_t lecture = search_random(s, s->term->lecture_count), period = search_random(s, s->periods);
    uint32_t course = s->term->lecture_course[lecture];
    if (search_is_locked(s, lecture) || period == s->at[lecture].period || !search_is_open(s, course, period)) continue;
    uint32_t room = search_best_room(s, course, period);
    if (room == s->rooms) continue;
    struct price price = search_price(s, lecture, period, room);
    if (price.hard > 0 || price.soft <= 0) continue;
    sum += price.soft;
    count++;
  }
  return count > 0 ? sum / count : 1;
}

static void cool(struct run *run, double first, double last, int32_t hard_weight) {
  double began = run->over;
  while (pulse(run)) {
    double share = began < 1 ? (run->over - began) / (1 - began) : 1;
    move_block(run, first * pow(last / first, share), hard_weight);
  }
}

static void improve(struct run *run) {
  make_feasible(run);
  double scale = sample_scale(run);
  cool(run, scale * 0.8 < 1 ? 1 : scale * 0.8, 0.13, HARD_WEIGHT);
}

/* Warm enough for a lesson to make way now and then, never for the plan to melt; a fault costs more than three moved lessons. */
static void repair(struct run *run) {
  double price = run->s.term->weight.moved;
  cool(run, 0.2 * price + 0.2, 0.12, (int32_t)(3 * price) + HARD_WEIGHT);
}

bool schedule_solve(const struct schedule_term *term, const struct schedule_solve_options *options, struct schedule_at *draft, int32_t *hard) {
  struct run *run = mem_zero(sizeof *run);
  *run = (struct run){.options = options, .best = draft, .best_hard = INT32_MAX, .best_soft = INT32_MAX};
  for (int i = 0; i < LOGS; i++) run->log_of[i] = (float)-log((i + 0.5) / LOGS);
  search_init(&run->s, term, options->seed);
  if (term->was != NULL && (options->is_repair || term->locked != NULL)) take_over(&run->s);
  bool is_placed = construct(run);
  memcpy(draft, run->s.at, term->lecture_count * sizeof *draft);
  if (is_placed) {
    keep_best(run);
    if (options->is_repair) repair(run);
    else improve(run);
  }
  *hard = is_placed ? run->best_hard : run->s.hard + count_nowhere(term, draft);
  search_deinit(&run->s);
  free(run);
  return is_placed && *hard == 0;
}
