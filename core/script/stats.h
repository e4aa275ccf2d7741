/* script/stats.h - what one process counted, for /metrics. Names of routes and counters come from
 * our own Lua, and their number is bounded all the same. */
#pragma once
#include <stdint.h>

#include "base/bytes.h"
#include "base/map.h"

enum { STATS_BUCKETS = 14, STATS_ROUTES = 1024, STATS_COUNTERS = 1024 };

struct stats_route {
  uint64_t buckets[STATS_BUCKETS + 1]; /* requests that took at most stats_bound(i); the last: more */
  uint64_t count;
  double sum_seconds;
  uint64_t lua_us;
  uint64_t queries;
  uint64_t status[6];                  /* by class */
};

struct script_stats {
  struct map routes;   /* "GET /x/{id}" to struct stats_route, owned */
  struct map counters; /* `name{labels}` to double, owned */
  uint64_t script_errors, over_time, over_memory;
};

void script_stats_deinit(struct script_stats *stats);
void script_stats_request(struct script_stats *stats, const char *method, const char *route,
                          int status, uint64_t us, uint64_t lua_us, int queries);
/* labels is `a="b",c="d"` or "". */
void script_stats_count(struct script_stats *stats, const char *name, const char *labels,
                        double value);
/* Appends Prometheus sample lines; worker is a label on each. */
void script_stats_write(const struct script_stats *stats, const char *worker, struct bytes *out);
