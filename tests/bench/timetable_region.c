/* A synthetic region for the solver: sites of twenty rooms, groups that stay at their site, teachers with days off. */
#include "timetable_region.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { DAYS = 80, PAIRS = 6, COURSE_LECTURES = 10, GROUP_COURSES = 8, TEACHER_COURSES = 6, SITE_ROOMS = 20, SITE_LECTURES = 5700, DAY_PAIRS = 4 };

static uint32_t roll(uint64_t *random, uint32_t below) {
  *random ^= *random << 13;
  *random ^= *random >> 7;
  *random ^= *random << 17;
  return (uint32_t)((*random >> 32) * below >> 32);
}

static char *name_of(const char *kind, uint32_t at) {
  char text[32];
  snprintf(text, sizeof text, "%s%u", kind, at);
  return mem_dup(text);
}

static void add_line(struct schedule_term *term, const char *kind, uint32_t first, uint32_t count, struct schedule_line shape) {
  struct schedule_line *line = &term->line[term->line_count];
  *line = shape;
  line->name = name_of(kind, term->line_count++);
  line->course = mem_zero((count + 1ull) * sizeof *line->course);
  for (uint32_t i = 0; i < count && first + i < term->course_count; i++) line->course[line->course_count++] = first + i;
}

static void close_days(struct schedule_term *term, uint32_t first, uint32_t count, uint64_t *random) {
  for (uint32_t day = 0; day < DAYS; day++) {
    if (roll(random, 5) != 0) continue; /* a fifth of the days is not the teacher's */
    for (uint32_t c = first; c < first + count && c < term->course_count; c++)
      memset(term->closed + (size_t)c * DAYS * PAIRS + day * PAIRS, 1, PAIRS);
  }
}

bool bench_region_term(uint32_t lectures, struct schedule_term *term, struct error *err) {
  uint64_t random = 88172645463325252ull;
  uint32_t courses = lectures / COURSE_LECTURES, sites = lectures / SITE_LECTURES + 1;
  *term = (struct schedule_term){.days = DAYS, .day_periods = PAIRS, .course_count = courses, .room_count = sites * SITE_ROOMS, .weight = {.seat = 1, .day = 2, .room = 1}};
  term->course = mem_zero(courses * sizeof *term->course);
  term->room = mem_zero(term->room_count * sizeof *term->room);
  term->line = mem_zero((courses + 2ull) * sizeof *term->line);
  term->closed = mem_zero((size_t)courses * DAYS * PAIRS);
  term->unfit = mem_alloc((size_t)courses * term->room_count);
  memset(term->unfit, 1, (size_t)courses * term->room_count);
  for (uint32_t r = 0; r < term->room_count; r++) term->room[r] = (struct schedule_place_room){name_of("r", r), 15 + roll(&random, 4) * 5};
  for (uint32_t c = 0; c < courses; c++) {
    uint32_t site = (uint32_t)((uint64_t)c * sites / courses);
    term->course[c] = (struct schedule_course){name_of("c", c), COURSE_LECTURES, 6, 12 + roll(&random, 10)};
    memset(term->unfit + (size_t)c * term->room_count + site * SITE_ROOMS, 0, SITE_ROOMS);
  }
  for (uint32_t c = 0; c < courses; c += GROUP_COURSES)
    add_line(term, "g", c, GROUP_COURSES, (struct schedule_line){.day_limit = DAY_PAIRS, .lonely = 2, .window = 3});
  for (uint32_t c = 0; c < courses; c += TEACHER_COURSES) {
    add_line(term, "t", c, TEACHER_COURSES, (struct schedule_line){.day_limit = DAY_PAIRS, .window = 1});
    close_days(term, c, TEACHER_COURSES, &random);
  }
  return schedule_term_close(term, err);
}
