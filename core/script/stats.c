#include "script/stats.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

static double bound(int i) { /* seconds */
  static const double bounds[STATS_BUCKETS] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                               0.1,    0.25,  0.5,    1,     2.5,  5,     10};
  return bounds[i];
}

static void free_values(struct map *map) {
  struct map_slot *slot;
  for (size_t at = 0; (slot = map_next(map, &at)) != NULL;) free(slot->value);
  map_deinit(map);
}

void script_stats_deinit(struct script_stats *stats) {
  free_values(&stats->routes);
  free_values(&stats->counters);
}

/* The entry for key; past the limit all share the entry "other". */
static void *entry(struct map *map, struct slice key, size_t size, size_t limit) {
  void *value = map_get(map, key);
  if (value != NULL) return value;
  if (map->used >= limit) key = slice_of("other");
  value = map_get(map, key);
  if (value != NULL) return value;
  value = mem_zero(size);
  map_put(map, key, value);
  return value;
}

/* "GET /x/{id}", cut at size; returns its length. */
static size_t join_key(char *out, size_t size, const char *method, const char *route) {
  const char *const parts[] = {method, " ", route[0] != '\0' ? route : "other"};
  size_t len = 0;
  for (size_t i = 0; i < 3; i++) {
    size_t part = strlen(parts[i]);
    if (part > size - len) part = size - len;
    memcpy(out + len, parts[i], part);
    len += part;
  }
  return len;
}

void script_stats_request(struct script_stats *stats, const char *method, const char *route,
                          int status, uint64_t us, uint64_t lua_us, int queries) {
  char key[160];
  size_t len = join_key(key, sizeof key, method, route);
  struct stats_route *it =
      entry(&stats->routes, (struct slice){key, len}, sizeof *it, STATS_ROUTES);
  double seconds = (double)us / 1e6;
  int bucket = 0;
  while (bucket < STATS_BUCKETS && seconds > bound(bucket)) bucket++;
  it->buckets[bucket]++;
  it->count++;
  it->sum_seconds += seconds;
  it->lua_us += lua_us;
  it->queries += (uint64_t)queries;
  it->status[status >= 100 && status < 600 ? status / 100 : 0]++;
}

void script_stats_count(struct script_stats *stats, const char *name, const char *labels,
                        double value) {
  struct bytes key = {0};
  bytes_addf(&key, "%s{%s}", name, labels);
  double *it = entry(&stats->counters, (struct slice){key.data, key.len}, sizeof *it,
                     STATS_COUNTERS);
  *it += value;
  bytes_deinit(&key);
}

static void write_route(const struct map_slot *slot, const char *worker, struct bytes *out) {
  const struct stats_route *it = slot->value;
  char labels[256];
  const char *space = memchr(slot->key, ' ', slot->len);
  size_t method_len = space != NULL ? (size_t)(space - slot->key) : 0;
  const char *route = space != NULL ? space + 1 : slot->key;
  snprintf(labels, sizeof labels, "method=\"%.*s\",route=\"%.*s\",worker=\"%s\"", (int)method_len,
           slot->key, (int)(slot->len - (size_t)(route - slot->key)), route, worker);
  uint64_t sum = 0;
  for (int i = 0; i < STATS_BUCKETS; i++) {
    sum += it->buckets[i];
    bytes_addf(out, "copp_request_seconds_bucket{%s,le=\"%g\"} %llu\n", labels, bound(i),
               (unsigned long long)sum);
  }
  bytes_addf(out, "copp_request_seconds_bucket{%s,le=\"+Inf\"} %llu\n", labels,
             (unsigned long long)it->count);
  bytes_addf(out, "copp_request_seconds_sum{%s} %.6f\n", labels, it->sum_seconds);
  bytes_addf(out, "copp_request_seconds_count{%s} %llu\n", labels, (unsigned long long)it->count);
  bytes_addf(out, "copp_request_lua_seconds_total{%s} %.6f\n", labels, (double)it->lua_us / 1e6);
  bytes_addf(out, "copp_request_queries_total{%s} %llu\n", labels, (unsigned long long)it->queries);
  for (int i = 1; i <= 5; i++)
    if (it->status[i] != 0)
      bytes_addf(out, "copp_requests_total{%s,status=\"%dxx\"} %llu\n", labels, i,
                 (unsigned long long)it->status[i]);
}

static void write_counter(const struct map_slot *slot, const char *worker, struct bytes *out) {
  bytes_add(out, slot->key, slot->len - 1); /* up to the closing brace */
  if (slot->key[slot->len - 2] != '{') bytes_add_char(out, ',');
  bytes_addf(out, "worker=\"%s\"} %.17g\n", worker, *(double *)slot->value);
}

void script_stats_write(const struct script_stats *stats, const char *worker, struct bytes *out) {
  struct map_slot *slot;
  for (size_t at = 0; (slot = map_next(&stats->routes, &at)) != NULL;)
    write_route(slot, worker, out);
  for (size_t at = 0; (slot = map_next(&stats->counters, &at)) != NULL;)
    if (memchr(slot->key, '{', slot->len) != NULL) write_counter(slot, worker, out);
  bytes_addf(out, "copp_script_faults_total{kind=\"error\",worker=\"%s\"} %llu\n", worker,
             (unsigned long long)stats->script_errors);
  bytes_addf(out, "copp_script_faults_total{kind=\"time\",worker=\"%s\"} %llu\n", worker,
             (unsigned long long)stats->over_time);
  bytes_addf(out, "copp_script_faults_total{kind=\"memory\",worker=\"%s\"} %llu\n", worker,
             (unsigned long long)stats->over_memory);
}
