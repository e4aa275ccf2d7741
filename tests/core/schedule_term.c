/* Timetables: the reader, what is impossible, costs beside brute force, the search's own counts beside those from scratch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schedule/search.h"
#include "schedule/term.h"

#define TEST(name) static void name(void **state)

static const char SMALL[] =
    "Name: Small\nCourses: 3\nRooms: 2\nDays: 2\nPeriods_per_day: 3\nCurricula: 2\nConstraints: 2\n\n"
    "COURSES:\nA t1 2 2 30\nB t2 2 2 20\nC t1 1 1 10\n\nROOMS:\nr1 30\nr2 15\n\n"
    "CURRICULA:\nq1 2 A B\nq2 1 C\n\nUNAVAILABILITY_CONSTRAINTS:\nA 0 0\nC 1 2\n\nEND.\n";

static bool read_text(const char *text, struct schedule_term *term, struct error *err) {
  *err = (struct error){0};
  return schedule_term_read_ctt(slice_of(text), term, err);
}

/* SMALL with `from` turned into `to` wherever it stands. */
static char *changed(const char *from, const char *to) {
  struct bytes out = {0};
  for (const char *at = SMALL; *at != '\0';) {
    if (strncmp(at, from, strlen(from)) == 0) {
      bytes_add_str(&out, to);
      at += strlen(from);
    } else {
      bytes_add_char(&out, *at++);
    }
  }
  return out.data;
}

static void refuses(const char *from, const char *to, const char *reason) {
  char *text = changed(from, to);
  struct schedule_term term;
  struct error err;
  assert_false(read_text(text, &term, &err));
  if (strstr(err.text, reason) == NULL) fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
  assert_null(term.course);
  free(text);
}

TEST(an_instance_is_read_whatever_its_blanks_and_alphabet) {
  (void)state;
  const char *forms[][2] = {{"\n", "\r\n"}, {" ", "\t"}, {"A ", "Сварка "}, {"Name", "\xef\xbb\xbfName"}, {"\n", " \n\n"}};
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    char *text = changed(forms[i][0], forms[i][1]);
    struct schedule_term term;
    struct error err;
    if (!read_text(text, &term, &err)) fail_msg("form %zu: %s", i, err.text);
    assert_int_equal(3, term.course_count);
    assert_int_equal(5, term.lecture_count);
    assert_int_equal(3, term.line_count); /* two curricula and the teacher of two courses */
    assert_int_equal(1, term.closed[0]);
    if (i == 2) assert_string_equal("Сварка", term.course[0].name);
    schedule_term_free(&term);
    free(text);
  }
}

TEST(what_cannot_be_meant_is_refused_with_the_line) {
  (void)state;
  refuses("q1 2 A B", "q1 2 A A", "line 19: a course stands twice in its curriculum: A");
  refuses("q1 2 A B", "q1 2 A X", "unknown course in a curriculum: X");
  refuses("q1 2 A B", "q1 3 A B", "as many courses as promised");
  refuses("B t2 2 2 20\n", "", "unknown course");
  refuses("C t1 1 1 10\n", "C t1 1 1 10\nC t1 1 1 10\n", "a second course C");
  refuses("r2 15\n", "", "2 rooms are promised, 1 are there");
  refuses("A 0 0", "A 2 0", "outside of the week");
  refuses("A 0 0", "A 0 x", "a number is expected");
  refuses("Periods_per_day: 3", "Periods_per_day: 17", "too large");
  refuses("Days: 2\n", "", "outside of the week");
  refuses("A t1 2", "A t1 99999", "too large");
  refuses("END.\n", "", "cut off");
}

TEST(a_file_cut_anywhere_is_refused) {
  (void)state;
  size_t whole = strlen(SMALL);
  for (size_t len = 0; len + 2 < whole; len++) {
    char *text = strndup(SMALL, len);
    struct schedule_term term;
    struct error err;
    assert_false(read_text(text, &term, &err));
    assert_true(err.text[0] != '\0');
    free(text);
  }
}

/* ---- what is impossible */

static struct schedule_blockers blockers_of(const char *from, const char *to, struct schedule_term *term) {
  char *text = changed(from, to);
  struct error err;
  struct schedule_blockers why;
  assert_true(read_text(text, term, &err));
  free(text);
  schedule_term_blockers(term, &why);
  return why;
}

TEST(the_impossible_is_told_as_its_smallest_set) {
  (void)state;
  struct schedule_term term;
  struct schedule_blockers why = blockers_of("r1", "r1", &term);
  assert_null(why.course);
  schedule_term_free(&term);

  why = blockers_of("B t2 2 2 20", "B t2 7 2 20", &term); /* six periods a week */
  assert_int_equal(1, why.count);
  assert_int_equal(1, why.course[0]);
  assert_int_equal(7, why.needed);
  assert_int_equal(6, why.open);
  schedule_blockers_deinit(&why);
  schedule_term_free(&term);

  why = blockers_of("A t1 2 2 30\nB t2 2 2 20", "A t1 4 2 30\nB t2 3 2 20", &term); /* q1 needs 7 of 6 */
  assert_int_equal(2, why.count);
  assert_string_equal("q1", why.line->name);
  assert_int_equal(7, why.needed);
  schedule_blockers_deinit(&why);
  schedule_term_free(&term);

  why = blockers_of("A t1 2 2 30\nB t2 2 2 20\nC t1 1", "A t1 5 2 30\nB t2 1 2 20\nC t1 6", &term);
  assert_int_equal(1, why.count); /* C alone has six lectures and five periods */
  assert_int_equal(2, why.course[0]);
  schedule_blockers_deinit(&why);
  schedule_term_free(&term);
}

TEST(more_lectures_than_rooms_can_hold_are_refused_and_not_searched) {
  (void)state;
  struct schedule_term term;
  const char crowded[] = "Courses: 3\nRooms: 1\nDays: 1\nPeriods_per_day: 2\nCurricula: 0\nConstraints: 0\n"
                         "COURSES:\nA a 1 1 1\nB b 1 1 1\nC c 1 1 1\nROOMS:\nr 1\nCURRICULA:\nUNAVAILABILITY_CONSTRAINTS:\nEND.\n";
  struct error err;
  assert_true(read_text(crowded, &term, &err));
  struct schedule_blockers why;
  assert_true(schedule_term_blockers(&term, &why));
  assert_int_equal(0, why.count);
  assert_int_equal(3, why.needed);
  assert_int_equal(2, why.open);
  schedule_blockers_deinit(&why);
  schedule_term_free(&term);
}

TEST(a_teacher_who_is_never_free_and_a_room_too_small_end_at_once) {
  (void)state;
  struct schedule_term term;
  struct error err;
  char text[900];
  snprintf(text, sizeof text, "Courses: 1\nRooms: 1\nDays: 1\nPeriods_per_day: 2\nCurricula: 1\nConstraints: 2\nCOURSES:\nA t 1 1 30\nROOMS:\nr 5\n"
           "CURRICULA:\nq 1 A\nUNAVAILABILITY_CONSTRAINTS:\nA 0 0\nA 0 1\nEND.\n");
  assert_true(read_text(text, &term, &err));
  struct schedule_blockers why;
  assert_true(schedule_term_blockers(&term, &why));
  assert_int_equal(0, why.open);
  schedule_blockers_deinit(&why);
  struct schedule_at draft[1];
  int32_t hard = 0;
  assert_false(schedule_solve(&term, &(struct schedule_solve_options){.seed = 1, .moves = 1000}, draft, &hard));
  assert_true(hard > 0);
  memset(term.closed, 0, 2); /* now he is free, and 25 of 30 stand */
  assert_true(schedule_solve(&term, &(struct schedule_solve_options){.seed = 1, .moves = 1000}, draft, &hard));
  struct schedule_cost cost;
  schedule_cost(&term, draft, &cost);
  assert_int_equal(25, cost.seats);
  schedule_term_free(&term);
}

/* ---- costs */

static uint64_t dice = 88172645463325252ull;
static uint32_t roll(uint32_t below) {
  dice ^= dice << 13, dice ^= dice >> 7, dice ^= dice << 17;
  return (uint32_t)((dice >> 32) * below >> 32);
}

static char *name_of(const char *kind, uint32_t at) {
  char text[32];
  snprintf(text, sizeof text, "%s%u", kind, at);
  return strdup(text);
}

/* A term with everything in it: lines of all shapes, closed periods, unfit rooms, a plan it had. */
static struct schedule_term random_term(void) {
  struct schedule_term term = {.days = 1 + roll(4), .day_periods = 2 + roll(5), .course_count = 2 + roll(9), .room_count = 1 + roll(4), .line_count = 1 + roll(5),
                               .weight = {.seat = 1, .day = 5, .room = 1, .moved = (int32_t)roll(4)}};
  uint32_t periods = schedule_term_periods(&term), courses = term.course_count;
  term.course = calloc(courses, sizeof *term.course);
  term.room = calloc(term.room_count, sizeof *term.room);
  term.line = calloc(term.line_count, sizeof *term.line);
  term.closed = calloc(courses * periods, 1);
  term.unfit = calloc(courses * term.room_count, 1);
  for (uint32_t i = 0; i < courses; i++)
    term.course[i] = (struct schedule_course){name_of("c", i), (uint16_t)(1 + roll(3)), (uint16_t)(1 + roll(4)), roll(40)};
  for (uint32_t i = 0; i < term.room_count; i++) term.room[i] = (struct schedule_place_room){name_of("r", i), roll(40)};
  for (uint32_t i = 0; i < courses * periods; i++) term.closed[i] = roll(8) == 0;
  for (uint32_t i = 0; i < courses * term.room_count; i++) term.unfit[i] = roll(6) == 0;
  term.taken = calloc(term.room_count * periods, 1);
  for (uint32_t i = 0; i < term.room_count * periods; i++) term.taken[i] = roll(9) == 0;
  for (uint32_t i = 0; i < term.line_count; i++) {
    struct schedule_line *line = &term.line[i];
    *line = (struct schedule_line){name_of("q", i), calloc(courses, sizeof(uint32_t)), 0, (uint8_t)(roll(2) * (1 + roll(3))), (uint8_t)roll(3), (uint8_t)roll(3)};
    for (uint32_t c = 0; c < courses; c++) {
      if (roll(2) == 0) line->course[line->course_count++] = c;
    }
  }
  struct error err = {0};
  assert_true(schedule_term_close(&term, &err));
  term.was = calloc(term.lecture_count, sizeof *term.was);
  for (uint32_t l = 0; l < term.lecture_count; l++) term.was[l] = (struct schedule_at){(uint16_t)roll(periods), (uint16_t)roll(term.room_count)};
  return term;
}

/* What the search counts as faults, from the full count: it has no closed period and no shared room. */
static void check_counts(const struct search *s) {
  struct schedule_cost cost;
  schedule_cost(s->term, s->at, &cost);
  assert_int_equal(0, cost.availability);
  assert_int_equal(0, cost.occupancy);
  assert_int_equal(schedule_hard(&cost), s->hard);
  assert_int_equal(schedule_soft(&cost), s->soft);
}

/* A lecture without a room is moved, too; the search counts it as one fault as the full count does. */
static void put_all(struct search *s) {
  for (uint32_t l = 0; l < s->term->lecture_count; l++) {
    uint32_t course = s->term->lecture_course[l], period = roll(s->periods), tries = 0;
    while (!search_is_open(s, course, period) && ++tries < 1000) period = roll(s->periods);
    search_enter(s, l, period, search_best_room(s, course, period));
  }
}

static bool has_open_periods(const struct schedule_term *term) {
  uint32_t periods = schedule_term_periods(term);
  for (uint32_t c = 0; c < term->course_count; c++) {
    if (memchr(term->closed + c * periods, 0, periods) == NULL) return false;
  }
  return true;
}

TEST(the_count_kept_by_the_search_is_the_count_from_scratch) {
  (void)state;
  const char *asked = getenv("COPP_SCHEDULE_ROUNDS");
  int rounds = asked != NULL ? atoi(asked) : 150;
  for (int round = 0; round < rounds; round++) {
    struct schedule_term term = random_term();
    struct search s;
    search_init(&s, &term, (uint64_t)round);
    if (has_open_periods(&term)) {
      put_all(&s);
      check_counts(&s);
      for (int i = 0; i < 400; i++) {
        int32_t limit = (int32_t)roll(60), before = s.hard * 20 + s.soft;
        bool is_done = search_try(&s, roll(100), limit, 20);
        int32_t after = s.hard * 20 + s.soft;
        assert_true(is_done ? after - before <= limit : after == before);
        check_counts(&s);
      }
    }
    search_deinit(&s);
    schedule_term_free(&term);
  }
}

TEST(a_price_is_what_the_move_then_costs) {
  (void)state;
  for (int round = 0; round < 60; round++) {
    struct schedule_term term = random_term();
    struct search s;
    search_init(&s, &term, 7);
    if (has_open_periods(&term)) put_all(&s);
    for (int i = 0; has_open_periods(&term) && i < 200; i++) {
      uint32_t lecture = roll(term.lecture_count), period = roll(s.periods), room = roll(s.rooms), course = term.lecture_course[lecture];
      int32_t there = s.cell[period * s.rooms + room];
      bool is_own = s.at[lecture].period == period && s.at[lecture].room == room;
      if (is_own || there >= 0 || !search_is_open(&s, course, period) || s.room_cost[course * s.rooms + room] == INT32_MAX) continue;
      struct price price = search_price(&s, lecture, period, room);
      int32_t hard = s.hard, soft = s.soft;
      search_leave(&s, lecture);
      search_enter(&s, lecture, period, room);
      assert_int_equal(price.hard, s.hard - hard);
      assert_int_equal(price.soft, s.soft - soft);
    }
    search_deinit(&s);
    schedule_term_free(&term);
  }
}

/* ---- against every draft there is */

static bool find_any(const struct schedule_term *term, struct schedule_at *draft, uint32_t lecture, int64_t *least) {
  if (lecture == term->lecture_count) {
    struct schedule_cost cost;
    schedule_cost(term, draft, &cost);
    if (schedule_hard(&cost) > 0) return false;
    if (schedule_soft(&cost) < *least) *least = schedule_soft(&cost);
    return true;
  }
  bool found = false;
  for (uint16_t p = 0; p < schedule_term_periods(term); p++) {
    for (uint16_t r = 0; r < term->room_count; r++) {
      draft[lecture] = (struct schedule_at){p, r};
      found = find_any(term, draft, lecture + 1, least) || found;
    }
  }
  return found;
}

TEST(small_terms_are_solved_as_well_as_trying_everything) {
  (void)state;
  int solved = 0, impossible = 0;
  for (int round = 0; round < 4000 && (solved < 25 || impossible < 5); round++) {
    struct schedule_term term = random_term();
    uint64_t drafts = 1;
    for (uint32_t l = 0; l < term.lecture_count && drafts <= 20000; l++) drafts *= schedule_term_periods(&term) * term.room_count;
    if (drafts <= 20000) {
      struct schedule_at draft[16], any[16];
      int64_t least = INT64_MAX;
      bool can_be = find_any(&term, any, 0, &least);
      int32_t hard;
      bool is_found = schedule_solve(&term, &(struct schedule_solve_options){.seed = 1, .moves = 60000}, draft, &hard);
      assert_int_equal(can_be, is_found);
      if (can_be) {
        struct schedule_cost cost;
        schedule_cost(&term, draft, &cost);
        assert_int_equal(0, schedule_hard(&cost));
        assert_int_equal(least, schedule_soft(&cost));
        struct schedule_blockers why;
        assert_false(schedule_term_blockers(&term, &why));
      }
      solved += can_be;
      impossible += !can_be;
    }
    schedule_term_free(&term);
  }
  assert_true(solved >= 25 && impossible >= 5);
}

/* ---- instances of the competition */

static struct schedule_term load(const char *name) {
  char path[400];
  snprintf(path, sizeof path, "%s/tests/bench/timetabling/%s", COPP_SOURCE_DIR, name);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  char *text = malloc(1 << 20);
  size_t len = fread(text, 1, 1 << 20, file);
  fclose(file);
  struct schedule_term term;
  struct error err = {0};
  if (!schedule_term_read_ctt((struct slice){text, len}, &term, &err)) fail_msg("%s: %s", name, err.text);
  free(text);
  return term;
}

/* Reads a standard solution into a draft. */
static void load_solution(const struct schedule_term *term, const char *name, struct schedule_at *draft) {
  char path[400], course[64], room[64];
  unsigned day, period;
  snprintf(path, sizeof path, "%s/tests/bench/timetabling/%s", COPP_SOURCE_DIR, name);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  for (uint32_t l = 0; l < term->lecture_count; l++) draft[l].period = SCHEDULE_NOWHERE;
  while (fscanf(file, "%63s %63s %u %u", course, room, &day, &period) == 4) {
    for (uint32_t l = 0; l < term->lecture_count; l++) {
      if (draft[l].period != SCHEDULE_NOWHERE || strcmp(term->course[term->lecture_course[l]].name, course) != 0) continue;
      draft[l].period = (uint16_t)(day * term->day_periods + period);
      for (uint16_t r = 0; r < term->room_count; r++) {
        if (strcmp(term->room[r].name, room) == 0) draft[l].room = r;
      }
      break;
    }
  }
  fclose(file);
}

TEST(the_best_known_solutions_cost_what_the_world_knows) {
  (void)state;
  const struct { const char *instance, *solution; int64_t cost; } known[] = {{"comp01.ctt", "comp01.best.sol", 5}, {"comp05.ctt", "comp05.best.sol", 284}};
  for (size_t i = 0; i < 2; i++) {
    struct schedule_term term = load(known[i].instance);
    struct schedule_at *draft = malloc(term.lecture_count * sizeof *draft);
    struct schedule_cost cost;
    load_solution(&term, known[i].solution, draft);
    schedule_cost(&term, draft, &cost);
    assert_int_equal(0, schedule_hard(&cost));
    assert_int_equal(known[i].cost, schedule_soft(&cost));
    free(draft);
    schedule_term_free(&term);
  }
}

TEST(a_seed_and_a_number_of_moves_repeat_byte_for_byte) {
  (void)state;
  struct schedule_term term = load("comp01.ctt");
  struct schedule_at *a = malloc(term.lecture_count * sizeof *a), *b = malloc(term.lecture_count * sizeof *b);
  int32_t hard;
  struct schedule_solve_options options = {.seed = 5, .moves = 200000};
  assert_true(schedule_solve(&term, &options, a, &hard));
  assert_true(schedule_solve(&term, &options, b, &hard));
  assert_memory_equal(a, b, term.lecture_count * sizeof *a);
  options.seed = 6;
  assert_true(schedule_solve(&term, &options, b, &hard));
  assert_memory_not_equal(a, b, term.lecture_count * sizeof *a);
  free(a);
  free(b);
  schedule_term_free(&term);
}

struct cancel { int pulses; uint64_t last_moves, widest; int32_t best_soft; };
static double cancel_soon(void *ctx, const struct schedule_progress *progress) {
  struct cancel *cancel = ctx;
  if (progress->moves - cancel->last_moves > cancel->widest) cancel->widest = progress->moves - cancel->last_moves;
  cancel->last_moves = progress->moves;
  if (progress->best_hard == 0) cancel->best_soft = progress->best_soft;
  return ++cancel->pulses >= 60 ? 1 : 0.3;
}

TEST(who_cancels_gets_the_best_so_far_within_a_few_thousand_moves) {
  (void)state;
  struct schedule_term term = load("comp04.ctt");
  struct schedule_at *draft = malloc(term.lecture_count * sizeof *draft);
  struct cancel cancel = {0};
  int32_t hard;
  assert_true(schedule_solve(&term, &(struct schedule_solve_options){.seed = 1, .pulse = cancel_soon, .pulse_ctx = &cancel}, draft, &hard));
  struct schedule_cost cost;
  schedule_cost(&term, draft, &cost);
  assert_int_equal(0, schedule_hard(&cost));
  assert_int_equal(cancel.best_soft, schedule_soft(&cost));
  assert_int_equal(60, cancel.pulses);
  assert_true(cancel.widest <= 4096);
  free(draft);
  schedule_term_free(&term);
}

/* ---- a teacher falls ill */

static double pulse_of_nothing(void *ctx, const struct schedule_progress *progress) {
  (void)ctx, (void)progress;
  return 1;
}

TEST(who_cancels_during_the_first_draft_gets_what_is_placed_so_far) {
  (void)state;
  struct schedule_term term = {.days = 10, .day_periods = 6, .course_count = 40, .room_count = 3};
  struct error err;
  term.course = calloc(40, sizeof *term.course);
  term.room = calloc(3, sizeof *term.room);
  for (uint32_t i = 0; i < 40; i++) term.course[i] = (struct schedule_course){name_of("c", i), 4, 1, 10};
  for (uint32_t i = 0; i < 3; i++) term.room[i] = (struct schedule_place_room){name_of("r", i), 30};
  assert_true(schedule_term_close(&term, &err));
  struct schedule_at draft[160];
  int32_t hard, placed = 0;
  assert_false(schedule_solve(&term, &(struct schedule_solve_options){.seed = 1, .pulse = pulse_of_nothing}, draft, &hard));
  for (int i = 0; i < 160; i++) placed += draft[i].period != SCHEDULE_NOWHERE;
  assert_int_equal(16, placed);
  assert_int_equal(160 - 16, hard);
  schedule_term_free(&term);
}

TEST(an_illness_moves_few_lessons_and_only_where_it_must) {
  (void)state;
  struct schedule_term term = load("comp04.ctt");
  uint32_t periods = schedule_term_periods(&term);
  struct schedule_at *plan = malloc(term.lecture_count * sizeof *plan), *mended = malloc(term.lecture_count * sizeof *mended);
  int32_t hard;
  assert_true(schedule_solve(&term, &(struct schedule_solve_options){.seed = 3, .moves = 400000}, plan, &hard));
  term.was = malloc(term.lecture_count * sizeof *term.was);
  memcpy(term.was, plan, term.lecture_count * sizeof *plan);
  term.weight.moved = 30;
  uint32_t touched_all = 0, moved_all = 0;
  for (uint32_t course = 0; course < 20; course++) { /* its teacher is away on the day of its first lecture */
    uint8_t *kept = malloc(periods);
    memcpy(kept, term.closed + course * periods, periods);
    uint32_t first = 0, touched = 0, moved = 0;
    while (term.lecture_course[first] != course) first++;
    uint32_t day = plan[first].period / term.day_periods;
    memset(term.closed + course * periods + day * term.day_periods, 1, term.day_periods);
    for (uint32_t l = 0; l < term.lecture_count; l++) touched += term.lecture_course[l] == course && plan[l].period / term.day_periods == day;
    if (schedule_solve(&term, &(struct schedule_solve_options){.seed = 1, .moves = 60000, .is_repair = true}, mended, &hard)) {
      for (uint32_t l = 0; l < term.lecture_count; l++) moved += plan[l].period != mended[l].period || plan[l].room != mended[l].room;
      assert_true(moved >= touched);
      touched_all += touched;
      moved_all += moved;
    }
    memcpy(term.closed + course * periods, kept, periods);
    free(kept);
  }
  assert_true(touched_all >= 10);
  assert_true(moved_all <= 2 * touched_all);
  free(plan);
  free(mended);
  schedule_term_free(&term);
}

TEST(a_locked_lecture_stays) {
  (void)state;
  struct schedule_term term = load("toy.ectt");
  struct schedule_at plan[32], fresh[32];
  int32_t hard;
  assert_true(schedule_solve(&term, &(struct schedule_solve_options){.seed = 1, .moves = 50000}, plan, &hard));
  term.was = malloc(term.lecture_count * sizeof *term.was);
  term.locked = calloc(term.lecture_count, 1);
  memcpy(term.was, plan, term.lecture_count * sizeof *plan);
  for (uint32_t l = 0; l < term.lecture_count; l += 3) term.locked[l] = 1;
  for (uint64_t seed = 0; seed < 5; seed++) {
    assert_true(schedule_solve(&term, &(struct schedule_solve_options){.seed = seed, .moves = 50000}, fresh, &hard));
    for (uint32_t l = 0; l < term.lecture_count; l += 3) assert_memory_equal(&plan[l], &fresh[l], sizeof *plan);
  }
  schedule_term_free(&term);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_instance_is_read_whatever_its_blanks_and_alphabet),
      cmocka_unit_test(what_cannot_be_meant_is_refused_with_the_line),
      cmocka_unit_test(a_file_cut_anywhere_is_refused),
      cmocka_unit_test(the_impossible_is_told_as_its_smallest_set),
      cmocka_unit_test(more_lectures_than_rooms_can_hold_are_refused_and_not_searched),
      cmocka_unit_test(a_teacher_who_is_never_free_and_a_room_too_small_end_at_once),
      cmocka_unit_test(the_count_kept_by_the_search_is_the_count_from_scratch),
      cmocka_unit_test(a_price_is_what_the_move_then_costs),
      cmocka_unit_test(small_terms_are_solved_as_well_as_trying_everything),
      cmocka_unit_test(the_best_known_solutions_cost_what_the_world_knows),
      cmocka_unit_test(a_seed_and_a_number_of_moves_repeat_byte_for_byte),
      cmocka_unit_test(who_cancels_gets_the_best_so_far_within_a_few_thousand_moves),
      cmocka_unit_test(who_cancels_during_the_first_draft_gets_what_is_placed_so_far),
      cmocka_unit_test(an_illness_moves_few_lessons_and_only_where_it_must),
      cmocka_unit_test(a_locked_lecture_stays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
