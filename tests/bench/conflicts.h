/* bench/conflicts.h - the region of ./copp bench conflicts, shared by the index's part and by PostgreSQL's. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "schedule/schedule.h"

enum { WEEKDAYS = 5, PAIRS = 6, PAIR_MINUTES = 90, FIRST_MONDAY = 20696 /* 2026-08-31 */, REGION_OFFSET = 300 };

struct bench_lesson {
  uint32_t teacher, room, group; /* resources of the index */
  int32_t start;                 /* minutes since 1970, UTC */
};

struct bench_region {
  struct schedule *plan;
  uint32_t teachers, rooms, groups; /* so many, in this order: resource numbers follow each other */
  int32_t weeks;
  struct bench_lesson *lesson; /* owned; the lesson's id is its place + 1 */
  size_t count;
  uint64_t random; /* state of the generator */
};

uint32_t bench_random(struct bench_region *region, uint32_t below);
int32_t bench_start(struct bench_region *region); /* of a random pair of the year */
/* Puts the same lessons into a throw-away PostgreSQL with the product's own schema and asks it the same. */
struct bench_sql {
  double load_s;
  double check_us;        /* inside the server, statement prepared, no way over a socket */
  double round_trip_us;   /* as a worker asks */
  long long hits, probes; /* must be what the index says */
};
int bench_sql(struct bench_region *region, const struct bench_lesson *probe, size_t count, struct bench_sql *out);
