/* ./copp bench timetable: the solver on public instances of curriculum-based timetabling (ITC-2007, track 3).
 * With a file: its costs by kind, and its solution in the standard form. Without: the table of ten, five seeds each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/report.h"
#include "schedule/term.h"
#include "timetable_region.h"

enum { INSTANCES = 10, SEEDS_MAX = 31, SUM_GATE = 900, REGION_GATE_S = 600 };

static const char *const NAME[INSTANCES] = {"01", "02", "03", "04", "05", "06", "07", "11", "12", "14"};
static const int BEST_KNOWN[INSTANCES] = {5, 24, 64, 35, 284, 27, 6, 0, 294, 51};

struct options {
  const char *file, *out;
  double seconds;
  uint64_t iterations, seed;
  uint32_t region; /* lectures of a made-up region; 0: an instance or the table */
  int seeds;
  bool is_json;
};

struct outcome {
  bool is_feasible;
  double seconds, feasible_s; /* CPU; until the first plan without hard faults */
  uint64_t moves;
  struct schedule_cost cost;
};

struct watch { /* of one search */
  double began, seconds, feasible_s;
  uint64_t moves;
};

static double on_pulse(void *ctx, const struct schedule_progress *progress) {
  struct watch *watch = ctx;
  double spent = cpu_seconds() - watch->began;
  watch->moves = progress->moves;
  if (watch->feasible_s < 0 && progress->best_hard == 0) watch->feasible_s = spent;
  return spent / watch->seconds;
}

/* A whole file, NUL added behind; NULL with a line on standard error. */
static char *read_file(const char *path, size_t *len) {
  FILE *file = fopen(path, "rb");
  char *text = NULL;
  size_t size = 0;
  *len = 0;
  if (file != NULL) {
    do {
      size = size * 2 + 65536;
      text = realloc(text, size);
      *len += fread(text + *len, 1, size - *len, file);
    } while (*len == size && size < (64u << 20));
    fclose(file);
  }
  if (file == NULL) fprintf(stderr, "%s: the file cannot be read\n", path);
  return text;
}

static void say_blockers(const char *path, const struct schedule_term *term, const struct schedule_blockers *why) {
  fprintf(stderr, "%s: there is no timetable: ", path);
  if (why->count == 0) {
    fprintf(stderr, "%u lectures, but %u places in all rooms and periods together\n", why->needed, why->open);
    return;
  }
  if (why->line != NULL) fprintf(stderr, "courses of %s: ", why->line->name);
  for (uint32_t i = 0; i < why->count; i++) fprintf(stderr, "%s%s", i > 0 ? ", " : "", term->course[why->course[i]].name);
  fprintf(stderr, " need %u periods and may have %u\n", why->needed, why->open);
}

static bool load(const char *path, struct schedule_term *term) {
  size_t len;
  char *text = read_file(path, &len);
  struct error err = {0};
  if (text == NULL) return false;
  bool ok = schedule_term_read_ctt((struct slice){text, len}, term, &err);
  free(text);
  if (!ok) {
    fprintf(stderr, "%s: %s\n", path, err.text);
    return false;
  }
  struct schedule_blockers why;
  bool is_blocked = schedule_term_blockers(term, &why);
  if (is_blocked) say_blockers(path, term, &why);
  schedule_blockers_deinit(&why);
  if (is_blocked) schedule_term_free(term);
  return !is_blocked;
}

/* The draft is judged by schedule_cost(), which shares nothing with the search. */
static struct outcome solve(const struct schedule_term *term, const struct options *options, uint64_t seed, struct schedule_at *draft) {
  struct watch watch = {.began = cpu_seconds(), .seconds = options->seconds, .feasible_s = -1};
  struct schedule_solve_options how = {.seed = seed, .moves = options->iterations};
  if (options->iterations == 0) how.pulse = on_pulse, how.pulse_ctx = &watch;
  int32_t hard;
  struct outcome outcome = {0};
  bool is_feasible = schedule_solve(term, &how, draft, &hard);
  schedule_cost(term, draft, &outcome.cost);
  outcome.is_feasible = is_feasible && schedule_hard(&outcome.cost) == 0;
  outcome.seconds = cpu_seconds() - watch.began;
  outcome.feasible_s = watch.feasible_s;
  outcome.moves = options->iterations > 0 ? options->iterations : watch.moves;
  return outcome;
}

static bool write_solution(const struct schedule_term *term, const struct schedule_at *draft, const char *path) {
  struct bytes text = {0};
  schedule_write_ctt(term, draft, &text);
  FILE *file = fopen(path, "wb");
  bool ok = file != NULL && fwrite(text.data, 1, text.len, file) == text.len;
  if (file != NULL && fclose(file) != 0) ok = false;
  if (!ok) fprintf(stderr, "%s: the solution cannot be written\n", path);
  bytes_deinit(&text);
  return ok;
}

static int run_one(const struct options *options) {
  struct schedule_term term;
  if (!load(options->file, &term)) return 1;
  struct schedule_at *draft = malloc(term.lecture_count * sizeof *draft);
  struct outcome outcome = solve(&term, options, options->seed, draft);
  const struct schedule_cost *c = &outcome.cost;
  struct report report = {0};
  report_at_most(&report, "Lectures", (double)c->lectures, "hard", 0);
  report_at_most(&report, "Conflicts", (double)c->conflicts, "hard", 0);
  report_at_most(&report, "RoomOccupancy", (double)(c->occupancy + c->unfit), "hard", 0);
  report_at_most(&report, "Availability", (double)c->availability, "hard", 0);
  report_figure(&report, "RoomCapacity", (double)c->seats, "soft");
  report_figure(&report, "MinWorkingDays", (double)c->days, "soft");
  report_figure(&report, "CurriculumCompactness", (double)c->shape, "soft");
  report_figure(&report, "RoomStability", (double)c->rooms, "soft");
  report_figure(&report, "cost", (double)schedule_soft(c), "soft");
  if (options->iterations == 0) report_figure(&report, "first plan without hard faults", outcome.feasible_s, "CPU s");
  if (options->iterations == 0) report_figure(&report, "moves a second", (double)outcome.moves / outcome.seconds / 1e6, "million");
  int exit_code = report_end(&report, options->is_json);
  if (outcome.is_feasible && options->out != NULL && !write_solution(&term, draft, options->out)) exit_code = 1;
  if (!outcome.is_feasible) fprintf(stderr, "%s: no timetable without hard faults was found in this time\n", options->file);
  free(draft);
  schedule_term_free(&term);
  return outcome.is_feasible ? exit_code : 1;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Median over the seeds; false when an instance cannot be read or a plan has hard faults. */
static bool run_instance(const struct options *options, int at, struct report *report, double *median, double *slowest) {
  char path[600], name[40];
  snprintf(path, sizeof path, "%s/tests/bench/timetabling/comp%s.ctt", COPP_SOURCE_DIR, NAME[at]);
  struct schedule_term term;
  if (!load(path, &term)) return false;
  struct schedule_at *draft = malloc(term.lecture_count * sizeof *draft);
  double cost[SEEDS_MAX];
  bool ok = true;
  for (int i = 0; i < options->seeds; i++) {
    struct outcome outcome = solve(&term, options, options->seed + (uint64_t)i, draft);
    cost[i] = (double)schedule_soft(&outcome.cost);
    ok = ok && outcome.is_feasible;
    if (outcome.feasible_s > *slowest || outcome.feasible_s < 0) *slowest = outcome.feasible_s < 0 ? 1e9 : outcome.feasible_s;
    fprintf(stderr, "comp%s seed %llu: %g%s, %.0f million moves\n", NAME[at], (unsigned long long)(options->seed + (uint64_t)i), cost[i],
            outcome.is_feasible ? "" : " and hard faults", (double)outcome.moves / 1e6);
  }
  qsort(cost, (size_t)options->seeds, sizeof *cost, ascending);
  *median = cost[options->seeds / 2];
  snprintf(name, sizeof name, "comp%s, best known %d", NAME[at], BEST_KNOWN[at]);
  report_figure(report, name, *median, "cost");
  free(draft);
  schedule_term_free(&term);
  return ok;
}

/* ---- a teacher is ill for a day */

enum { REPAIRS_MAX = 200, MOVED_PRICE = 30 };

struct repairs {
  double seconds[REPAIRS_MAX], ratio[REPAIRS_MAX]; /* CPU until the first repair, and lessons moved for each one touched */
  int count, failed;
};

static double repair_pulse(void *ctx, const struct schedule_progress *progress) {
  struct watch *watch = ctx;
  double share = on_pulse(ctx, progress);
  return watch->feasible_s < 0 ? share / 20 : share; /* a repair comes first, a small one then */
}

/* The day of the first lecture of a course is closed to it; the rest of `was` should stay. */
static void repair(struct schedule_term *term, uint32_t course, uint32_t first, struct schedule_at *draft, struct repairs *all) {
  uint32_t day = term->was[first].period / term->day_periods, touched = 0, moved = 0;
  memset(term->closed + course * schedule_term_periods(term) + day * term->day_periods, 1, term->day_periods);
  struct schedule_blockers why;
  bool is_blocked = schedule_term_blockers(term, &why);
  schedule_blockers_deinit(&why);
  if (is_blocked) return;
  struct watch watch = {.began = cpu_seconds(), .seconds = 0.03, .feasible_s = -1};
  int32_t hard;
  if (!schedule_solve(term, &(struct schedule_solve_options){.seed = 1, .pulse = repair_pulse, .pulse_ctx = &watch, .is_repair = true}, draft, &hard)) {
    all->failed++;
    return;
  }
  for (uint32_t l = 0; l < term->lecture_count; l++) {
    bool is_moved = draft[l].period != term->was[l].period || draft[l].room != term->was[l].room;
    moved += is_moved;
    touched += term->lecture_course[l] == course && term->was[l].period / term->day_periods == day;
  }
  all->seconds[all->count] = cpu_seconds() - watch.began;
  all->ratio[all->count++] = (double)moved / touched;
}

static bool run_repairs(struct report *report) {
  struct schedule_term term;
  if (!load(COPP_SOURCE_DIR "/tests/bench/timetabling/comp04.ctt", &term)) return false;
  size_t cells = (size_t)term.course_count * schedule_term_periods(&term);
  struct schedule_at *draft = malloc(term.lecture_count * sizeof *draft);
  uint8_t *closed = malloc(cells);
  struct repairs all = {0};
  int32_t hard;
  term.was = malloc(term.lecture_count * sizeof *term.was);
  schedule_solve(&term, &(struct schedule_solve_options){.seed = 1, .moves = 5000000}, term.was, &hard);
  term.weight.moved = MOVED_PRICE;
  memcpy(closed, term.closed, cells);
  for (uint32_t course = 0, first = 0; course < term.course_count && course < REPAIRS_MAX; first += term.course[course++].lectures) {
    repair(&term, course, first, draft, &all);
    memcpy(term.closed, closed, cells);
  }
  qsort(all.seconds, (size_t)all.count, sizeof(double), ascending);
  qsort(all.ratio, (size_t)all.count, sizeof(double), ascending);
  if (all.count > 0) {
    report_at_most(report, "illness of a teacher repaired, median", all.seconds[all.count / 2] * 1e3, "CPU ms", 50);
    report_at_most(report, "lessons moved for each one touched, median", all.ratio[all.count / 2], "", 2);
    report_figure(report, "  95 of 100 repairs move no more than", all.ratio[all.count * 95 / 100], "");
  }
  report_figure(report, "repairs not found in 0.6 s", all.failed, "");
  free(closed);
  free(draft);
  schedule_term_free(&term);
  return all.count > 0;
}

static int run_table(const struct options *options) {
  struct report report = {0};
  double sum = 0, slowest = 0, median = 0;
  bool ok = true;
  for (int i = 0; i < INSTANCES; i++) {
    ok = run_instance(options, i, &report, &median, &slowest) && ok;
    sum += median;
  }
  ok = run_repairs(&report) && ok;
  report_at_most(&report, "instances with hard faults", ok ? 0 : 1, "", 0);
  if (options->iterations == 0) report_at_most(&report, "slowest first plan without hard faults", slowest, "CPU s", 0.5);
  if (options->iterations == 0 && options->seconds >= 60) report_at_most(&report, "sum of the ten", sum, "cost", SUM_GATE);
  else report_figure(&report, "sum of the ten (its gate is for 60 s)", sum, "cost");
  return report_end(&report, options->is_json);
}

static double region_pulse(void *ctx, const struct schedule_progress *progress) {
  double share = on_pulse(ctx, progress);
  struct watch *watch = ctx;
  return watch->feasible_s >= 0 ? 1 : share;
}

/* How long until a region has a first plan without hard faults. */
static int run_region(const struct options *options) {
  struct schedule_term term;
  struct error err = {0};
  if (!bench_region_term(options->region, &term, &err)) {
    fprintf(stderr, "%s\n", err.text);
    schedule_term_free(&term);
    return 1;
  }
  struct schedule_at *draft = malloc(term.lecture_count * sizeof *draft);
  struct watch watch = {.began = cpu_seconds(), .seconds = options->seconds, .feasible_s = -1};
  int32_t hard;
  schedule_solve(&term, &(struct schedule_solve_options){.seed = options->seed, .pulse = region_pulse, .pulse_ctx = &watch}, draft, &hard);
  struct schedule_cost cost;
  double spent = cpu_seconds() - watch.began;
  schedule_cost(&term, draft, &cost);
  struct report report = {0};
  report_figure(&report, "lectures", term.lecture_count, "");
  report_figure(&report, "courses", term.course_count, "");
  report_figure(&report, "rooms", term.room_count, "");
  report_at_most(&report, "hard faults", (double)schedule_hard(&cost), "", 0);
  report_at_most(&report, "first plan without hard faults", spent, "CPU s", REGION_GATE_S);
  report_figure(&report, "its cost", (double)schedule_soft(&cost), "soft");
  free(draft);
  schedule_term_free(&term);
  return report_end(&report, options->is_json);
}

static bool read_number(const char *text, double most, double *out) {
  char *end;
  *out = strtod(text, &end);
  return end != text && *end == '\0' && *out > 0 && *out <= most;
}

/* The value of --name VALUE or --name=VALUE, NULL when word is another one. */
static const char *value_of(const char *name, int argc, char **argv, int *at) {
  size_t len = strlen(name);
  if (strncmp(argv[*at], name, len) != 0) return NULL;
  if (argv[*at][len] == '=') return argv[*at] + len + 1;
  return argv[*at][len] == '\0' && *at + 1 < argc ? argv[++*at] : NULL;
}

static bool read_options(int argc, char **argv, struct options *options) {
  double seeds = 0, seed = -1, iterations = 0, seconds = 0, region = 0;
  for (int i = 1; i < argc; i++) {
    const char *value;
    bool ok = true;
    if (strcmp(argv[i], "--json") == 0) options->is_json = true;
    else if ((value = value_of("--seconds", argc, argv, &i)) != NULL) ok = read_number(value, 86400, &seconds);
    else if ((value = value_of("--iterations", argc, argv, &i)) != NULL) ok = read_number(value, 1e15, &iterations);
    else if ((value = value_of("--seeds", argc, argv, &i)) != NULL) ok = read_number(value, SEEDS_MAX, &seeds);
    else if ((value = value_of("--seed", argc, argv, &i)) != NULL) ok = read_number(value, 9e15, &seed) || strcmp(value, "0") == 0;
    else if ((value = value_of("--region", argc, argv, &i)) != NULL) ok = read_number(value, SCHEDULE_MAX_LECTURES, &region) && region >= 1000;
    else if ((value = value_of("--out", argc, argv, &i)) != NULL) options->out = value;
    else if (argv[i][0] != '-' && options->file == NULL) options->file = argv[i];
    else ok = false;
    if (!ok) return false;
  }
  options->region = (uint32_t)region;
  options->seconds = seconds > 0 ? seconds : region > 0 ? REGION_GATE_S : 60;
  options->iterations = (uint64_t)iterations;
  options->seed = seed >= 0 ? (uint64_t)seed : 1;
  options->seeds = seeds >= 1 ? (int)seeds : 5;
  return (seconds == 0 || iterations == 0) && (options->file != NULL || options->out == NULL);
}

int main(int argc, char **argv) {
  struct options options = {0};
  bool is_help = argc == 2 && strcmp(argv[1], "--help") == 0;
  if (is_help || !read_options(argc, argv, &options)) {
    fprintf(is_help ? stdout : stderr,
            "./copp bench timetable FILE [--seconds S | --iterations N] [--seed N] [--out FILE] [--json]\n"
            "  solves a .ctt or .ectt instance; --seconds are of CPU, 60 when not given; --iterations repeats byte for byte\n"
            "./copp bench timetable [--seconds S] [--seeds N] [--json]\n"
            "  the table of ten instances, the median of N seeds each (5): 50 minutes of CPU at 60 s\n"
            "./copp bench timetable --region LECTURES [--seconds S] [--seed N] [--json]\n"
            "  a made-up region of 1000 … 200000 lectures: the time until it has a plan without hard faults\n");
    return is_help ? 0 : 2;
  }
  if (options.region > 0) return run_region(&options);
  return options.file != NULL ? run_one(&options) : run_table(&options);
}
