/* The conflict index beside brute force: random plans, edits, zones and clock changes. COPP_SCHEDULE_ROUNDS makes it longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schedule/schedule.h"

#define TEST(name) static void name(void **state)

enum { BASE = 300, MONDAY = 20780 /* 2026-11-23 */, RESOURCES = 14, SITES = 4, BOOKINGS = 120, DAYS = 4 };

static int32_t at(int day, int hour, int minute) { return (MONDAY + day) * 1440 + hour * 60 + minute - BASE; }

static uint32_t add(struct schedule *plan, enum schedule_kind kind, uint16_t capacity) {
  return schedule_add_resource(plan, &(struct schedule_resource){.kind = kind, .capacity = capacity, .calendar = SCHEDULE_NONE,
                                                                 .zone = SCHEDULE_NONE});
}

static struct schedule_booking booking(uint64_t id, int32_t start, int32_t minutes, const struct schedule_use *use) {
  return (struct schedule_booking){.id = id, .start = start, .minutes = minutes, .site = SCHEDULE_NONE, .uses = use, .use_count = 1};
}

/* ---- what people expect */

TEST(lessons_that_touch_do_not_clash) {
  (void)state;
  struct schedule *plan = schedule_new(BASE);
  struct schedule_use room = {add(plan, SCHEDULE_ROOM, 1), 1};
  struct schedule_hits hits = {0};
  struct schedule_booking first = booking(1, at(0, 9, 0), 90, &room), second = booking(2, at(0, 10, 30), 90, &room);
  assert_true(schedule_put(plan, &first));
  assert_int_equal(0, schedule_check(plan, &second, &hits));
  second.start -= 1;
  assert_int_equal(1, schedule_check(plan, &second, &hits));
  assert_int_equal(SCHEDULE_H2_ROOM, hits.hit[0].rule);
  assert_int_equal(1, hits.hit[0].other);
  assert_int_equal(at(0, 10, 29), hits.hit[0].from);
  assert_int_equal(at(0, 10, 30), hits.hit[0].to);
  schedule_hits_deinit(&hits);
  schedule_free(plan);
}

TEST(a_moved_lesson_does_not_meet_itself_but_a_locked_one_stays) {
  (void)state;
  struct schedule *plan = schedule_new(BASE);
  struct schedule_use teacher = {add(plan, SCHEDULE_TEACHER, 1), 1};
  struct schedule_hits hits = {0};
  struct schedule_booking lesson = booking(1, at(0, 9, 0), 90, &teacher);
  schedule_put(plan, &lesson);
  lesson.start += 30;
  assert_int_equal(0, schedule_check(plan, &lesson, &hits));
  lesson.is_locked = true;
  schedule_put(plan, &lesson);
  assert_int_equal(1, schedule_check(plan, &lesson, &hits));
  assert_int_equal(SCHEDULE_H11_LOCKED, hits.hit[0].rule);
  schedule_hits_deinit(&hits);
  schedule_free(plan);
}

TEST(quantities_are_counted_at_their_peak_and_all_who_share_it_are_named) {
  (void)state;
  struct schedule *plan = schedule_new(BASE);
  uint32_t posts = add(plan, SCHEDULE_COUNTED, 12);
  struct schedule_use five = {posts, 5}, seven = {posts, 7}, eight = {posts, 8};
  struct schedule_hits hits = {0};
  struct schedule_booking a = booking(1, at(0, 9, 0), 90, &five), b = booking(2, at(0, 10, 30), 90, &five),
                          probe = booking(3, at(0, 9, 30), 120, &seven);
  schedule_put(plan, &a);
  schedule_put(plan, &b);
  assert_int_equal(0, schedule_check(plan, &probe, &hits)); /* a and b do not overlap: the peak is 5 */
  probe.uses = &eight;
  assert_int_equal(2, schedule_check(plan, &probe, &hits));
  assert_int_equal(1, hits.hit[0].lacks);
  schedule_hits_deinit(&hits);
  schedule_free(plan);
}

TEST(a_teacher_needs_time_between_sites_and_a_day_has_only_so_many_hours) {
  (void)state;
  struct schedule *plan = schedule_new(BASE);
  struct schedule_use teacher = {schedule_add_resource(plan, &(struct schedule_resource){.kind = SCHEDULE_TEACHER, .capacity = 1,
      .calendar = SCHEDULE_NONE, .zone = SCHEDULE_NONE, .day_hours = 3, .travels = true}), 1};
  struct schedule_hits hits = {0};
  schedule_set_travel(plan, 0, 1, 40);
  struct schedule_booking first = booking(1, at(0, 9, 0), 90, &teacher), second = booking(2, at(0, 11, 0), 90, &teacher);
  first.site = 0, second.site = 1, first.academic_hours = second.academic_hours = 2;
  schedule_put(plan, &first);
  assert_int_equal(2, schedule_check(plan, &second, &hits));
  assert_int_equal(SCHEDULE_H12_TRAVEL, hits.hit[0].rule);
  assert_int_equal(10, hits.hit[0].lacks);
  assert_int_equal(SCHEDULE_H13_HOURS, hits.hit[1].rule);
  assert_int_equal(1, hits.hit[1].lacks);
  schedule_hits_deinit(&hits);
  schedule_free(plan);
}

TEST(a_calendar_closes_holidays_and_shortens_days) {
  (void)state;
  struct schedule *plan = schedule_new(BASE);
  struct schedule_day except[] = {{.day = MONDAY + 1, .count = 0}, {.day = MONDAY + 2, .count = 1, .span = {{480, 15 * 60}}}};
  struct schedule_calendar calendar = {.except = except, .except_count = 2};
  for (int i = 0; i < 5; i++) calendar.week[i] = (struct schedule_day){.count = 2, .span = {{480, 720}, {780, 1200}}};
  struct schedule_use room = {schedule_add_resource(plan, &(struct schedule_resource){.kind = SCHEDULE_ROOM, .capacity = 1,
      .calendar = schedule_add_calendar(plan, &calendar), .zone = SCHEDULE_NONE}), 1};
  struct schedule_hits hits = {0};
  struct { int32_t start; int hits; } cases[] = {{at(0, 9, 0), 0}, {at(0, 11, 0), 1} /* over the break */, {at(1, 9, 0), 1},
                                                 {at(2, 13, 30), 0}, {at(2, 14, 0), 1}, {at(5, 9, 0), 1}, {at(7, 9, 0), 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct schedule_booking probe = booking(1, cases[i].start, 90, &room);
    assert_int_equal(cases[i].hits, schedule_check(plan, &probe, &hits));
  }
  schedule_hits_deinit(&hits);
  schedule_free(plan);
}

TEST(seats_are_those_of_all_rooms_together) {
  (void)state;
  struct schedule *plan = schedule_new(BASE);
  struct schedule_resource like = {.kind = SCHEDULE_ROOM, .capacity = 1, .seats = 10, .calendar = SCHEDULE_NONE, .zone = SCHEDULE_NONE};
  struct schedule_use uses[3] = {{schedule_add_resource(plan, &like), 1}, {schedule_add_resource(plan, &like), 1}};
  like.kind = SCHEDULE_GROUP, like.seats = 15;
  uses[2] = (struct schedule_use){schedule_add_resource(plan, &like), 1};
  struct schedule_hits hits = {0};
  struct schedule_booking probe = {.id = 1, .start = at(0, 9, 0), .minutes = 90, .site = 0, .uses = uses, .use_count = 3};
  assert_int_equal(0, schedule_check(plan, &probe, &hits));
  probe.uses = uses + 1, probe.use_count = 2;
  assert_int_equal(1, schedule_check(plan, &probe, &hits));
  assert_int_equal(5, hits.hit[0].lacks);
  schedule_hits_deinit(&hits);
  schedule_free(plan);
}

TEST(malformed_bookings_change_nothing) {
  (void)state;
  struct schedule *plan = schedule_new(BASE);
  struct schedule_use use = {add(plan, SCHEDULE_ROOM, 1), 1}, unknown = {99, 1}, twice[2] = {use, use};
  struct schedule_booking good = booking(1, 0, 90, &use), bad[] = {booking(0, 0, 90, &use), booking(2, 0, 0, &use),
      booking(2, 0, SCHEDULE_MAX_MINUTES + 1, &use), booking(2, 0, 90, &unknown), booking(2, 0, 90, twice)};
  bad[4].use_count = 2;
  assert_true(schedule_put(plan, &good));
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(schedule_put(plan, &bad[i]));
  assert_int_equal(1, schedule_count(plan));
  assert_false(schedule_drop(plan, 2));
  assert_true(schedule_drop(plan, 1));
  assert_int_equal(0, schedule_count(plan));
  schedule_free(plan);
}

/* ---- brute force */

struct world {
  struct schedule *plan;
  struct schedule_resource resource[RESOURCES];
  struct schedule_booking booking[BOOKINGS]; /* id 0: not there; uses in use[] */
  struct schedule_use use[BOOKINGS][4];
  uint16_t travel[SITES][SITES];
  int32_t zone_from, zone_before, zone_after; /* of the only zone */
  uint64_t random;
};

static uint32_t draw(struct world *w, uint32_t below) {
  w->random = w->random * 6364136223846793005ull + 1442695040888963407ull;
  return (uint32_t)(w->random >> 33) % below;
}

static int32_t offset(const struct world *w, int32_t zone, int32_t moment) {
  return zone < 0 ? BASE : moment < w->zone_from ? w->zone_before : w->zone_after;
}

static int32_t day_of(const struct world *w, int32_t zone, int32_t moment) { return (moment + offset(w, zone, moment)) / 1440; }

static bool uses(const struct schedule_booking *b, uint32_t resource, int32_t *qty) {
  for (size_t i = 0; i < b->use_count; i++) {
    if (b->uses[i].resource == resource) return *qty = b->uses[i].qty, true;
  }
  return false;
}

static bool overlap(const struct schedule_booking *a, const struct schedule_booking *b) {
  return a->start < b->start + b->minutes && b->start < a->start + a->minutes;
}

/* Minute by minute, so that it shares no idea with the index. */
static int32_t brute_peak(const struct world *w, const struct schedule_booking *probe, uint32_t resource) {
  int32_t peak = 0, qty;
  for (int32_t moment = probe->start; moment < probe->start + probe->minutes; moment++) {
    int32_t used = 0;
    for (int i = 0; i < BOOKINGS; i++) {
      const struct schedule_booking *b = &w->booking[i];
      if (b->id != 0 && b->id != probe->id && b->start <= moment && moment < b->start + b->minutes && uses(b, resource, &qty)) used += qty;
    }
    if (used > peak) peak = used;
  }
  return peak;
}

static int32_t brute_hours(const struct world *w, const struct schedule_booking *probe, uint32_t resource, int32_t day) {
  int32_t hours = probe->academic_hours, qty;
  for (int i = 0; i < BOOKINGS; i++) {
    const struct schedule_booking *b = &w->booking[i];
    if (b->id != 0 && b->id != probe->id && uses(b, resource, &qty) && day_of(w, w->resource[resource].zone, b->start) == day)
      hours += b->academic_hours;
  }
  return hours;
}

static size_t brute_use(const struct world *w, const struct schedule_booking *probe, const struct schedule_use *use) {
  const struct schedule_resource *resource = &w->resource[use->resource];
  size_t hits = 0, overlaps = 0;
  int32_t qty;
  for (int i = 0; i < BOOKINGS; i++) {
    const struct schedule_booking *b = &w->booking[i];
    if (b->id == 0 || b->id == probe->id || !uses(b, use->resource, &qty)) continue;
    if (overlap(b, probe)) overlaps++;
    else if (resource->travels && probe->site >= 0 && b->site >= 0) {
      int32_t gap = b->start >= probe->start + probe->minutes ? b->start - probe->start - probe->minutes : probe->start - b->start - b->minutes;
      if (gap < w->travel[probe->site][b->site]) hits++;
    }
  }
  if (resource->capacity <= 1) hits += overlaps;
  else if (brute_peak(w, probe, use->resource) + use->qty > resource->capacity) hits += overlaps == 0 ? 1 : overlaps;
  if (resource->day_hours > 0 && probe->academic_hours > 0 &&
      brute_hours(w, probe, use->resource, day_of(w, resource->zone, probe->start)) > resource->day_hours)
    hits++;
  return hits;
}

static size_t brute_check(const struct world *w, const struct schedule_booking *probe) {
  size_t hits = 0;
  for (size_t i = 0; i < probe->use_count; i++) hits += brute_use(w, probe, &probe->uses[i]);
  return hits;
}

static void make_world(struct world *w, uint64_t seed) {
  *w = (struct world){.plan = schedule_new(BASE), .random = seed * 7919 + 1};
  w->zone_from = at((int)draw(w, DAYS), (int)draw(w, 24), 0);
  w->zone_before = 180 + 60 * (int32_t)draw(w, 6), w->zone_after = w->zone_before + (draw(w, 2) ? 60 : -60);
  struct schedule_zone_step steps[] = {{0, w->zone_before}, {w->zone_from, w->zone_after}};
  int32_t zone = schedule_add_zone(w->plan, steps, 2);
  for (int i = 0; i < RESOURCES; i++) {
    bool is_counted = i >= 10;
    w->resource[i] = (struct schedule_resource){
        .kind = is_counted ? SCHEDULE_COUNTED : (enum schedule_kind)(i % 4), .capacity = is_counted ? (uint16_t)(2 + draw(w, 9)) : 1,
        .calendar = SCHEDULE_NONE, .zone = draw(w, 2) ? zone : SCHEDULE_NONE, .day_hours = draw(w, 3) ? 0 : (uint16_t)(2 + draw(w, 8)),
        .travels = i % 4 == SCHEDULE_TEACHER};
    schedule_add_resource(w->plan, &w->resource[i]);
  }
  for (int a = 0; a < SITES; a++)
    for (int b = 0; b < a; b++) {
      w->travel[a][b] = w->travel[b][a] = (uint16_t)draw(w, 90);
      schedule_set_travel(w->plan, a, b, w->travel[a][b]);
    }
}

/* Half of the times lie on quarters, the rest anywhere, some over midnight or of many hours. */
static struct schedule_booking draw_booking(struct world *w, uint64_t id, struct schedule_use *use) {
  bool is_even = draw(w, 2);
  int32_t minutes = draw(w, 20) == 0 ? 1 + (int32_t)draw(w, 2000) : is_even ? 15 * (1 + (int32_t)draw(w, 10)) : 1 + (int32_t)draw(w, 150);
  int32_t start = at(0, 0, 0) + (is_even ? 15 * (int32_t)draw(w, DAYS * 96) : (int32_t)draw(w, DAYS * 1440));
  struct schedule_booking b = {.id = id, .start = start, .minutes = minutes, .site = (int32_t)draw(w, SITES + 1) - 1,
                               .academic_hours = (uint16_t)draw(w, 4), .uses = use};
  uint32_t count = draw(w, 5), first = draw(w, RESOURCES);
  for (uint32_t i = 0; i < count; i++, b.use_count++) {
    uint32_t resource = (first + i * 3) % RESOURCES;
    use[i] = (struct schedule_use){resource, (uint16_t)(resource >= 10 ? 1 + draw(w, 4) : 1)};
  }
  return b;
}

static void edit(struct world *w) {
  uint32_t i = draw(w, BOOKINGS);
  if (w->booking[i].id != 0 && draw(w, 4) == 0) {
    assert_true(schedule_drop(w->plan, w->booking[i].id));
    w->booking[i].id = 0;
    return;
  }
  w->booking[i] = draw_booking(w, 1 + i * 1000003ull, w->use[i]);
  assert_true(schedule_put(w->plan, &w->booking[i]));
}

static void compare_check(struct world *w, struct schedule_hits *hits) {
  struct schedule_use use[4];
  struct schedule_booking probe = draw_booking(w, draw(w, 2) ? 1 + draw(w, BOOKINGS) * 1000003ull : 9999, use);
  size_t expected = brute_check(w, &probe), found = schedule_check(w->plan, &probe, hits);
  if (expected != found)
    fail_msg("brute force finds %zu hits, the index %zu (start %d, %d minutes, %zu uses)", expected, found, probe.start, probe.minutes, probe.use_count);
}

static void compare_free(struct world *w) {
  static const int16_t bells[] = {480, 575, 590, 700, 830, 1000, 1290};
  uint32_t rooms[] = {1, 5, 9};
  struct schedule_use fixed[] = {{draw(w, 10) / 4 * 4, 1}, {2, 1}};
  struct schedule_question question = {.fixed = fixed, .fixed_count = fixed[0].resource == 2 ? 1 : 2, .any = rooms, .any_count = 3,
      .zone = draw(w, 2) ? 0 : SCHEDULE_NONE, .first_day = MONDAY, .days = DAYS, .starts = bells, .start_count = 7,
      .minutes = 20 + (int32_t)draw(w, 100), .site = (int32_t)draw(w, SITES), .academic_hours = 2, .except = draw(w, 2) ? 1 + draw(w, BOOKINGS) * 1000003ull : 0};
  struct schedule_place place[DAYS * 7];
  size_t found = schedule_find_free(w->plan, &question, place, DAYS * 7), expected = 0;
  for (int32_t slot = 0; slot < DAYS * 7; slot++) {
    int32_t day = MONDAY + slot / 7, start = schedule_moment(w->plan, question.zone, day, bells[slot % 7]);
    for (uint32_t room = 0; room < 3; room++) {
      struct schedule_use use[3] = {fixed[0], fixed[1], {rooms[room], 1}};
      if (question.fixed_count == 1) use[1] = use[2];
      struct schedule_booking probe = {.id = question.except ? question.except : 9999, .start = start, .minutes = question.minutes, .site = question.site,
                                       .academic_hours = 2, .uses = use, .use_count = question.fixed_count + 1};
      if (brute_check(w, &probe) != 0) continue;
      assert_true(expected < found);
      assert_int_equal(start, place[expected].start);
      assert_int_equal(room, place[expected].any);
      expected++;
      break;
    }
  }
  assert_int_equal(expected, found);
}

TEST(the_index_agrees_with_brute_force) {
  (void)state;
  const char *asked = getenv("COPP_SCHEDULE_ROUNDS");
  uint64_t rounds = asked != NULL ? strtoull(asked, NULL, 10) : 40;
  struct schedule_hits hits = {0};
  for (uint64_t seed = 1; seed <= rounds; seed++) {
    struct world w;
    make_world(&w, seed);
    for (int step = 0; step < 400; step++) {
      edit(&w);
      compare_check(&w, &hits);
      if (step % 40 == 39) compare_free(&w);
    }
    size_t left = 0;
    for (int i = 0; i < BOOKINGS; i++) left += w.booking[i].id != 0;
    assert_int_equal(left, schedule_count(w.plan));
    schedule_free(w.plan);
  }
  schedule_hits_deinit(&hits);
}

TEST(a_clock_change_neither_loses_nor_doubles_a_minute) {
  (void)state;
  struct schedule *plan = schedule_new(BASE);
  int32_t change = at(1, 2, 0);
  struct schedule_zone_step forward[] = {{0, 300}, {change, 360}}, back[] = {{0, 300}, {change, 240}};
  int32_t zones[] = {schedule_add_zone(plan, forward, 2), schedule_add_zone(plan, back, 2)};
  for (int z = 0; z < 2; z++) {
    for (int32_t moment = change - 3000; moment < change + 3000; moment++) {
      int32_t day, minute;
      schedule_local(plan, zones[z], moment, &day, &minute);
      int32_t again = schedule_moment(plan, zones[z], day, minute);
      bool is_repeated = z == 1 && moment >= change && moment < change + 60;
      assert_int_equal(is_repeated ? moment - 60 : moment, again);
    }
  }
  schedule_free(plan);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lessons_that_touch_do_not_clash),
      cmocka_unit_test(a_moved_lesson_does_not_meet_itself_but_a_locked_one_stays),
      cmocka_unit_test(quantities_are_counted_at_their_peak_and_all_who_share_it_are_named),
      cmocka_unit_test(a_teacher_needs_time_between_sites_and_a_day_has_only_so_many_hours),
      cmocka_unit_test(a_calendar_closes_holidays_and_shortens_days),
      cmocka_unit_test(seats_are_those_of_all_rooms_together),
      cmocka_unit_test(malformed_bookings_change_nothing),
      cmocka_unit_test(the_index_agrees_with_brute_force),
      cmocka_unit_test(a_clock_change_neither_loses_nor_doubles_a_minute),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
