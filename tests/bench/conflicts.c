/* ./copp bench conflicts: the conflict index over a region, beside PostgreSQL's own check of the same lessons.
 * Times are CPU of this thread over cold, random resources, the best of some rounds: neighbours on the machine only add.
 * Nearly all of a check is waiting for memory, so what one random read costs here and now is printed beside it. */
#include "conflicts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/report.h"

enum { ROUNDS = 9, PROBES = 200000, MOVES = 40000, SEARCHES = 20000, SQL_PROBES = 20000, ROOM_CHOICE = 20, DAYS = 14 };

static const int16_t BELLS[PAIRS] = {8 * 60 + 30, 10 * 60 + 10, 12 * 60 + 20, 14 * 60, 15 * 60 + 40, 17 * 60 + 20};

uint32_t bench_random(struct bench_region *region, uint32_t below) {
  region->random ^= region->random << 13;
  region->random ^= region->random >> 7;
  region->random ^= region->random << 17;
  return (uint32_t)((region->random >> 32) * below >> 32);
}

int32_t bench_start(struct bench_region *region) {
  int32_t day = FIRST_MONDAY + (int32_t)bench_random(region, (uint32_t)region->weeks) * 7 + (int32_t)bench_random(region, WEEKDAYS);
  return day * 1440 + BELLS[bench_random(region, PAIRS)] - REGION_OFFSET;
}

static struct bench_lesson random_lesson(struct bench_region *region) {
  return (struct bench_lesson){
      .teacher = bench_random(region, region->teachers), .room = region->teachers + bench_random(region, region->rooms),
      .group = region->teachers + region->rooms + bench_random(region, region->groups), .start = bench_start(region)};
}

static struct schedule_booking booking_of(const struct bench_lesson *lesson, uint64_t id, struct schedule_use uses[3]) {
  uses[0] = (struct schedule_use){lesson->teacher, 1};
  uses[1] = (struct schedule_use){lesson->room, 1};
  uses[2] = (struct schedule_use){lesson->group, 1};
  return (struct schedule_booking){.id = id, .start = lesson->start, .minutes = PAIR_MINUTES, .site = SCHEDULE_NONE,
                                   .academic_hours = 2, .uses = uses, .use_count = 3};
}

enum { HOLIDAYS = 14 };

/* Five working days with a lunch break, and holidays. */
static int32_t add_calendar(struct bench_region *region) {
  struct schedule_day holiday[HOLIDAYS] = {0};
  for (int i = 0; i < HOLIDAYS; i++) holiday[i].day = FIRST_MONDAY + 5 + i * 21; /* Saturdays: no lesson of ours is there */
  struct schedule_calendar calendar = {.except = holiday, .except_count = HOLIDAYS};
  for (int i = 0; i < WEEKDAYS; i++) calendar.week[i] = (struct schedule_day){.count = 2, .span = {{480, 715}, {740, 1260}}};
  return schedule_add_calendar(region->plan, &calendar);
}

static void add_resources(struct bench_region *region, enum schedule_kind kind, uint32_t count, int32_t calendar) {
  struct schedule_resource resource = {.kind = kind, .capacity = 1, .calendar = calendar, .zone = SCHEDULE_NONE};
  for (uint32_t i = 0; i < count; i++) schedule_add_resource(region->plan, &resource);
}

static void make_region(struct bench_region *region, size_t lessons) {
  *region = (struct bench_region){.plan = schedule_new(REGION_OFFSET), .weeks = 50, .random = 88172645463325252ull, .count = lessons};
  region->teachers = (uint32_t)(lessons / 260 + 40);
  region->rooms = (uint32_t)(lessons / 400 + 40);
  region->groups = (uint32_t)(lessons / 240 + 40);
  int32_t calendar = add_calendar(region);
  add_resources(region, SCHEDULE_TEACHER, region->teachers, calendar);
  add_resources(region, SCHEDULE_ROOM, region->rooms, calendar);
  add_resources(region, SCHEDULE_GROUP, region->groups, calendar);
  region->lesson = malloc((lessons + 1) * sizeof *region->lesson);
  struct schedule_hits hits = {0};
  struct schedule_use uses[3];
  for (size_t i = 0; i < lessons;) {
    region->lesson[i] = random_lesson(region);
    struct schedule_booking booking = booking_of(&region->lesson[i], i + 1, uses);
    if (schedule_check(region->plan, &booking, &hits) > 0) continue;
    schedule_put(region->plan, &booking);
    i++;
  }
  schedule_hits_deinit(&hits);
}

static double best(const double *values) {
  double least = values[0];
  for (int r = 1; r < ROUNDS; r++) least = values[r] < least ? values[r] : least;
  return least;
}

enum { READ_LINES = 1 << 20, LINE_WORDS = 16 };

/* One dependent read after another through 64 MB, about what the index of a million lessons takes. */
static double read_ns(struct bench_region *region) {
  uint32_t *place = malloc(READ_LINES * LINE_WORDS * sizeof *place);
  double round[ROUNDS];
  for (uint32_t i = 0; i < READ_LINES; i++) place[i * LINE_WORDS] = i;
  for (uint32_t i = READ_LINES - 1; i > 0; i--) { /* one cycle through all lines */
    uint32_t other = bench_random(region, i), kept = place[i * LINE_WORDS];
    place[i * LINE_WORDS] = place[other * LINE_WORDS];
    place[other * LINE_WORDS] = kept;
  }
  uint32_t at = 0;
  for (int r = 0; r < ROUNDS; r++) {
    double began = cpu_seconds();
    for (int i = 0; i < PROBES; i++) at = place[at * LINE_WORDS];
    round[r] = (cpu_seconds() - began) * 1e9 / PROBES;
  }
  free(place);
  return best(round) + (at == UINT32_MAX ? 1 : 0); /* at is used: the loop stays */
}

/* ---- the index */

static double check_ns(struct bench_region *region, const struct bench_lesson *probe, size_t count, long long *hit_probes) {
  struct schedule_hits hits = {0};
  double round[ROUNDS];
  for (int r = 0; r < ROUNDS; r++) {
    *hit_probes = 0;
    double began = cpu_seconds();
    for (size_t i = 0; i < count; i++) {
      struct schedule_use uses[3];
      struct schedule_booking booking = booking_of(&probe[i], UINT64_MAX, uses);
      *hit_probes += schedule_check(region->plan, &booking, &hits) > 0;
    }
    round[r] = (cpu_seconds() - began) * 1e9 / (double)count;
  }
  schedule_hits_deinit(&hits);
  return best(round);
}

/* Lessons go to another place of the year and back, so that the region stays what it was. */
static double move_us(struct bench_region *region) {
  double round[ROUNDS];
  for (int r = 0; r < ROUNDS; r++) {
    double spent = 0;
    for (int i = 0; i < MOVES; i++) {
      size_t at = bench_random(region, (uint32_t)region->count);
      struct bench_lesson moved = region->lesson[at];
      struct schedule_use uses[3];
      moved.start = bench_start(region);
      struct schedule_booking there = booking_of(&moved, at + 1, uses);
      double began = cpu_seconds();
      schedule_put(region->plan, &there);
      there.start = region->lesson[at].start;
      schedule_put(region->plan, &there);
      spent += cpu_seconds() - began;
    }
    round[r] = spent * 1e6 / MOVES / 2;
  }
  return best(round);
}

struct search {
  struct schedule_use fixed[2];
  uint32_t any[ROOM_CHOICE];
  int32_t first_day;
};

static double search_us(struct bench_region *region, const struct search *search, size_t count, double *found) {
  double round[ROUNDS];
  for (int r = 0; r < ROUNDS; r++) {
    size_t places = 0;
    double began = cpu_seconds();
    for (size_t i = 0; i < count; i++) {
      struct schedule_place place;
      places += schedule_find_free(region->plan, &(struct schedule_question){
          .fixed = search[i].fixed, .fixed_count = 2, .any = search[i].any, .any_count = ROOM_CHOICE, .zone = SCHEDULE_NONE,
          .first_day = search[i].first_day, .days = DAYS, .starts = BELLS, .start_count = PAIRS, .minutes = PAIR_MINUTES,
          .site = SCHEDULE_NONE, .academic_hours = 2}, &place, 1);
    }
    round[r] = (cpu_seconds() - began) * 1e6 / (double)count;
    *found = (double)places / (double)count;
  }
  return best(round);
}

static struct search *searches(struct bench_region *region, size_t count, uint32_t teachers, uint32_t groups, uint32_t rooms, int32_t week) {
  struct search *search = malloc(count * sizeof *search);
  for (size_t i = 0; i < count; i++) {
    uint32_t first_room = bench_random(region, rooms - ROOM_CHOICE);
    search[i].fixed[0] = (struct schedule_use){bench_random(region, teachers), 1};
    search[i].fixed[1] = (struct schedule_use){region->teachers + region->rooms + bench_random(region, groups), 1};
    for (uint32_t k = 0; k < ROOM_CHOICE; k++) search[i].any[k] = region->teachers + first_room + k;
    int32_t on = week >= 0 ? week : (int32_t)bench_random(region, (uint32_t)region->weeks - 2);
    search[i].first_day = FIRST_MONDAY + on * 7 + (week >= 0 ? 0 : (int32_t)bench_random(region, WEEKDAYS));
  }
  return search;
}

enum { CROWD = 40 };

/* Two weeks after the year: of 40 teachers, groups and rooms nine pairs in ten are taken. */
static uint64_t crowd(struct bench_region *region) {
  uint64_t id = region->count;
  for (int32_t on = 0; on < DAYS; on++) {
    if (on % 7 >= WEEKDAYS) continue;
    for (int pair = 0; pair < PAIRS; pair++) {
      for (uint32_t k = 0; k < CROWD; k++) {
        if (bench_random(region, 10) == 0) continue;
        struct bench_lesson lesson = {.teacher = k, .room = region->teachers + (k + (uint32_t)pair) % CROWD,
            .group = region->teachers + region->rooms + (k * 7 + (uint32_t)on) % CROWD,
            .start = (FIRST_MONDAY + region->weeks * 7 + on) * 1440 + BELLS[pair] - REGION_OFFSET};
        struct schedule_use uses[3];
        struct schedule_booking booking = booking_of(&lesson, ++id, uses);
        schedule_put(region->plan, &booking);
      }
    }
  }
  return id;
}

/* Teachers with sites to travel between and hours a day and a week: more of the neighbourhood is read. */
static void limit_teachers(struct bench_region *region) {
  schedule_set_travel(region->plan, 0, 1, 40);
  for (uint32_t i = 0; i < region->teachers; i++) {
    struct schedule_resource limited = *schedule_resource(region->plan, i);
    limited.day_hours = 8, limited.week_hours = 36, limited.travels = true;
    schedule_set_resource(region->plan, i, &limited);
  }
}

static void measure_search(struct bench_region *region, struct report *report) {
  double found = 0;
  struct search *easy = searches(region, SEARCHES, region->teachers, region->groups, region->rooms, -1);
  report_at_most(report, "free place, any of 20 rooms, 14 days, easy", search_us(region, easy, SEARCHES, &found), "us", 2);
  report_figure(report, "  of which found", found * 100, "%");
  free(easy);
  uint64_t last = crowd(region);
  struct search *crowded = searches(region, SEARCHES, CROWD, CROWD, CROWD, region->weeks);
  report_at_most(report, "free place, any of 20 rooms, 14 days, crowded", search_us(region, crowded, SEARCHES, &found), "us", 2);
  report_figure(report, "  of which found", found * 100, "%");
  free(crowded);
  for (uint64_t id = region->count + 1; id <= last; id++) schedule_drop(region->plan, id);
}

/* ---- the run */

struct options {
  size_t lessons;
  bool is_json, has_sql;
};

static bool read_options(int argc, char **argv, struct options *options) {
  *options = (struct options){.lessons = 1000000, .has_sql = true};
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--json") == 0) options->is_json = true;
    else if (strcmp(argv[i], "--no-sql") == 0) options->has_sql = false;
    else if (strcmp(argv[i], "--lessons") == 0 && i + 1 < argc) options->lessons = (size_t)strtoul(argv[++i], NULL, 10);
    else if (strncmp(argv[i], "--lessons=", 10) == 0) options->lessons = (size_t)strtoul(argv[i] + 10, NULL, 10);
    else return false;
  }
  return options->lessons >= 1000 && options->lessons <= 20000000;
}

static int compare_with_sql(struct bench_region *region, const struct bench_lesson *probe, double ns, long long hits, struct report *report) {
  struct bench_sql sql;
  if (bench_sql(region, probe, SQL_PROBES, &sql) != 0) return 1;
  report_figure(report, "PostgreSQL: load and index", sql.load_s, "s");
  report_figure(report, "PostgreSQL: check inside the server", sql.check_us, "us");
  report_figure(report, "PostgreSQL: check as a worker asks", sql.round_trip_us, "us");
  report_at_most(report, "answers that differ from PostgreSQL's", (double)llabs(sql.hits - hits), "probes", 0);
  report_at_least(report, "times faster than PostgreSQL's check", sql.round_trip_us * 1e3 / ns, "times", 100);
  report_figure(report, "times faster than it inside the server", sql.check_us * 1e3 / ns, "times");
  return 0;
}

int main(int argc, char **argv) {
  struct options options;
  if (!read_options(argc, argv, &options)) {
    fprintf(stderr, "./copp bench conflicts [--lessons N] [--json] [--no-sql]\n"
                    "  N: 1000 … 20000000, 1000000 when not given; --no-sql leaves PostgreSQL out, and its gate with it\n");
    return argc == 2 && strcmp(argv[1], "--help") == 0 ? 0 : 2;
  }
  struct bench_region region;
  struct report report = {0};
  double began = cpu_seconds();
  make_region(&region, options.lessons);
  report_figure(&report, "lessons", (double)options.lessons, "");
  report_figure(&report, "resources", (double)(region.teachers + region.rooms + region.groups), "");
  report_figure(&report, "made and put in", cpu_seconds() - began, "s");
  struct bench_lesson *probe = malloc(PROBES * sizeof *probe);
  for (size_t i = 0; i < PROBES; i++) probe[i] = random_lesson(&region);
  report_figure(&report, "a random read of this machine's memory", read_ns(&region), "ns");
  long long hits, sql_hits;
  double ns = check_ns(&region, probe, PROBES, &hits);
  report_at_most(&report, "check of teacher, room and group", ns, "ns", 300);
  report_figure(&report, "  of which with a conflict", (double)hits * 100 / PROBES, "%");
  report_at_most(&report, "move of a lesson", move_us(&region), "us", 10);
  measure_search(&region, &report);
  report_at_most(&report, "memory a lesson", (double)schedule_memory(region.plan) / (double)options.lessons, "bytes", 300);
  check_ns(&region, probe, SQL_PROBES, &sql_hits);
  limit_teachers(&region);
  long long limited_hits;
  report_figure(&report, "check with hours a day, a week and ways as well", check_ns(&region, probe, PROBES, &limited_hits), "ns");
  if (options.has_sql && compare_with_sql(&region, probe, ns, sql_hits, &report) != 0) return 1;
  int exit_code = report_end(&report, options.is_json);
  free(probe);
  free(region.lesson);
  schedule_free(region.plan);
  return exit_code;
}
