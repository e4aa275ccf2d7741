#include "app/engine_feed.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "loop/loop.h"

enum { RETRY_MS = 1000, CHANGES_MAX = 50000, LOAD_TIMEOUT_MS = 600000, POLL_TIMEOUT_MS = 5000 };

/* ---- what is read; %s narrows it to some keys */

static const char SNAPSHOT[] = "SELECT pg_current_snapshot()::text";

/* The first note of a transaction below `upto` may be gone: then the last snapshot is too old to go on from. */
static const char NEWS[] =
    "SELECT pg_current_snapshot()::text, (SELECT upto > pg_snapshot_xmin($1::pg_snapshot) FROM schedule_trim), "
    "(SELECT string_agg(kind::text || key, ' ') FROM (SELECT DISTINCT kind, key FROM schedule_change "
    "WHERE xid >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $1::pg_snapshot) LIMIT 50001) news)";

/* Offsets of the zones of all sites, found by the day and then to the quarter of an hour. */
static const char ZONES[] =
    "COPY (WITH zones AS (SELECT DISTINCT zone FROM site), days AS (SELECT zone, t, (date_part('epoch', (t AT TIME ZONE zone) - "
    "(t AT TIME ZONE 'UTC')) / 60)::int AS shift FROM zones, generate_series('2000-01-01Z'::timestamptz, '2060-01-01Z', '1 day') t), "
    "steps AS (SELECT *, lag(shift) OVER (PARTITION BY zone ORDER BY t) AS before FROM days) "
    "SELECT 'z', zone, coalesce((SELECT (date_part('epoch', min(q)) / 60)::bigint FROM generate_series(t - interval '1 day', t, '15 minutes') q "
    "WHERE before IS NOT NULL AND (date_part('epoch', (q AT TIME ZONE zone) - (q AT TIME ZONE 'UTC')) / 60)::int = shift), 0), shift "
    "FROM steps WHERE shift IS DISTINCT FROM before ORDER BY zone, t) TO STDOUT";
static const char WAYS[] = "COPY (SELECT 'w', site_a, site_b, minutes FROM site_travel) TO STDOUT";
static const char RESOURCES[] =
    "COPY (SELECT 'r', id, kind, CASE WHEN exclusive THEN 1 ELSE least(capacity, 65535) END FROM resource WHERE %s) TO STDOUT";
static const char GROUPS[] = "COPY (SELECT 'g', id, resource_id FROM study_group WHERE %s) TO STDOUT";
static const char SUBGROUPS[] = "COPY (SELECT 's', group_id, id, resource_id FROM subgroup WHERE %s) TO STDOUT";
static const char LEARNERS[] =
    "COPY (SELECT 'l', e.group_id, p.resource_id, coalesce(e.subgroup_id, 0) FROM enrollment e JOIN person p ON p.id = e.person_id "
    "WHERE p.resource_id IS NOT NULL AND e.state NOT IN ('expelled', 'transferred', 'graduated') AND %s) TO STDOUT";
/* A person may have cards in several organisations: the widest limits hold, and time is short only when every card says when. */
static const char TEACHERS[] =
    "COPY (SELECT 't', p.resource_id, max(c.max_hours_per_day), max(c.max_hours_per_week), "
    "CASE WHEN bool_and(w.said IS NOT NULL) THEN (SELECT string_agg(a.weekday || ':' || date_part('epoch', a.starts) / 60 || '-' || "
    "date_part('epoch', a.ends) / 60, ',' ORDER BY a.weekday, a.starts) FROM staff_availability a JOIN staff_resource o ON o.id = a.staff_id "
    "WHERE o.person_id = p.id) END, string_agg(c.id::text, ',') FROM staff_resource c JOIN person p ON p.id = c.person_id "
    "LEFT JOIN LATERAL (SELECT true AS said FROM staff_availability a WHERE a.staff_id = c.id LIMIT 1) w ON true WHERE %s GROUP BY p.id) TO STDOUT";
static const char BOOKINGS[] =
    "COPY (SELECT 'b', b.lesson_id, b.id, b.resource_id, b.qty, floor(date_part('epoch', lower(b.during)) / 60)::bigint, "
    "ceil(date_part('epoch', upper(b.during)) / 60)::bigint, l.site_id, l.academic_hours, l.state = 'locked' FROM booking b "
    "LEFT JOIN lesson l ON l.id = b.lesson_id WHERE b.state IN ('confirmed', 'in_use', 'finished') AND %s ORDER BY b.lesson_id, b.id) TO STDOUT";

/* Order matters: what is named must be known before. kind: of the notes that lead to it; filter: of their keys. */
static const struct step {
  const char *sql;
  char kind;
  const char *filter; /* NULL: only a load reads it */
} STEPS[] = {
    {ZONES, 'w', NULL},
    {WAYS, 'w', NULL},
    {RESOURCES, 'r', "id = ANY ('{%s}'::bigint[])"},
    {GROUPS, 'g', "id = ANY ('{%s}'::bigint[])"},
    {SUBGROUPS, 'g', "group_id = ANY ('{%s}'::bigint[])"},
    {LEARNERS, 'g', "e.group_id = ANY ('{%s}'::bigint[])"},
    {TEACHERS, 't', "c.person_id IN (SELECT person_id FROM staff_resource WHERE id = ANY ('{%s}'::bigint[]))"},
    {BOOKINGS, 'l', "b.lesson_id = ANY ('{%s}'::bigint[])"},
    {BOOKINGS, 'b', "b.id = ANY ('{%s}'::bigint[])"},
};
enum { STEP_COUNT = sizeof STEPS / sizeof *STEPS };

struct engine_feed {
  struct db *db;
  const struct log *log;
  struct loop_timer *retry;
  int32_t base_offset;
  engine_fresh_fn fresh;
  void *ctx;
  struct engine_world *world;   /* NULL: nothing to answer from */
  struct engine_world *loading; /* NULL: none is made */
  struct bytes snapshot, next;  /* what the world shows; what it will show after this reading */
  struct bytes keys;            /* of the news: "l12 g7 …" */
  struct bytes lines;           /* of things read anew, put in together */
  size_t step;
  uint64_t begun;               /* readings */
  uint64_t load_began_us;
  struct engine_feed_stats stats;
  bool is_busy, is_stopped;
};

static void load(struct engine_feed *feed);
static void next_step(struct engine_feed *feed);

/* ---- failing */

static void lose(struct engine_feed *feed, const char *reason) {
  if (feed->is_stopped) return;
  if (feed->world != NULL || feed->loading != NULL) log_text(feed->log, LOG_WARN, "engine lost its stream", "%s", reason);
  engine_world_free(feed->world);
  engine_world_free(feed->loading);
  feed->world = feed->loading = NULL;
  feed->is_busy = false;
  loop_timer_start(feed->retry, RETRY_MS, 0);
  feed->fresh(feed->ctx, feed->begun); /* who waits is told that there is nothing */
}

static void on_retry(void *ctx) { load(ctx); }

/* ---- reading things */

/* "1,2,3" of the keys of one kind; at least "" when there are none. */
static void keys_of_kind(const struct engine_feed *feed, char kind, struct bytes *out) {
  bytes_add_str(out, "");
  for (const char *at = feed->keys.data; at != NULL && *at != '\0';) {
    size_t len = strcspn(at, " ");
    if (*at == kind) {
      if (out->len > 0) bytes_add_char(out, ',');
      bytes_add(out, at + 1, len - 1);
    }
    at += len + (at[len] == ' ');
  }
}

static void forget_changed(struct engine_feed *feed) {
  for (const char *at = feed->keys.data; at != NULL && *at != '\0';) {
    size_t len = strcspn(at, " ");
    engine_world_forget(feed->world, *at, strtoll(at + 1, NULL, 10));
    feed->stats.changes++;
    at += len + (at[len] == ' ');
  }
}

static void take_lines(struct engine_feed *feed, struct engine_world *world, struct slice lines) {
  struct error err;
  while (lines.len > 0) {
    const char *feed_at = memchr(lines.data, '\n', lines.len);
    size_t len = feed_at != NULL ? (size_t)(feed_at - lines.data) : lines.len;
    if (!engine_world_line(world, (struct slice){lines.data, len}, &err)) log_text(feed->log, LOG_ERROR, "engine feed", "%s", err.text);
    size_t gone = feed_at != NULL ? len + 1 : len;
    lines = (struct slice){lines.data + gone, lines.len - gone};
  }
}

static void end_load(struct engine_feed *feed) {
  engine_world_flush(feed->loading);
  feed->world = feed->loading;
  feed->loading = NULL;
  feed->stats.loads++;
  feed->stats.loaded_us = clock_monotonic_us() - feed->load_began_us;
  log_text(feed->log, LOG_INFO, "engine ready", "%zu bookings, %zu bytes, %llu ms%s", schedule_count(feed->world->plan),
           schedule_memory(feed->world->plan), (unsigned long long)(feed->stats.loaded_us / 1000), feed->world->refused > 0 ? ", some refused" : "");
}

static void end_reading(struct engine_feed *feed) {
  if (feed->loading != NULL) {
    end_load(feed);
  } else if (feed->keys.len > 0) {
    forget_changed(feed);
    take_lines(feed, feed->world, (struct slice){feed->lines.data, feed->lines.len});
    engine_world_flush(feed->world);
  }
  struct bytes former = feed->snapshot;
  feed->snapshot = feed->next;
  feed->next = former;
  bytes_clear(&feed->next);
  bytes_clear(&feed->lines);
  bytes_clear(&feed->keys);
  feed->is_busy = false;
  feed->stats.readings++;
  feed->fresh(feed->ctx, feed->begun);
}

static bool on_chunk(void *ctx, struct slice lines) {
  struct engine_feed *feed = ctx;
  if (feed->loading == NULL) bytes_add(&feed->lines, lines.data, lines.len);
  else take_lines(feed, feed->loading, lines);
  return true;
}

static void on_copied(void *ctx, struct db_outcome *outcome) {
  struct engine_feed *feed = ctx;
  if (feed->is_stopped) return;
  if (outcome->err != NULL) return lose(feed, outcome->err->text);
  feed->step++;
  next_step(feed);
}

static void copy(struct engine_feed *feed, const char *sql) {
  static const struct db_copy_events events = {.chunk = on_chunk, .done = on_copied};
  struct db_query *query = db_query_new(sql, strlen(sql));
  db_query_timeout(query, LOAD_TIMEOUT_MS);
  db_copy_start(feed->db, NULL, query, &events, feed);
}

/* The statement of a step, or false when nothing of its kind has changed. */
static bool write_step(const struct engine_feed *feed, const struct step *step, struct bytes *sql) {
  struct bytes keys = {0}, filter = {0};
  bool is_load = feed->loading != NULL;
  if (is_load) bytes_add_str(&filter, "true");
  else if (step->filter != NULL) keys_of_kind(feed, step->kind, &keys);
  bool is_wanted = is_load ? step->kind != 'b' : keys.len > 0; /* a load takes all bookings in the step before */
  if (keys.len > 0) bytes_addf(&filter, step->filter, keys.data); /* NOLINT: the formats stand above */
  if (is_wanted) bytes_addf(sql, step->sql, filter.data);
  bytes_deinit(&keys);
  bytes_deinit(&filter);
  return is_wanted;
}

static void next_step(struct engine_feed *feed) {
  struct bytes sql = {0};
  while (feed->step < STEP_COUNT && !write_step(feed, &STEPS[feed->step], &sql)) feed->step++;
  if (feed->step == STEP_COUNT) end_reading(feed);
  else copy(feed, sql.data);
  bytes_deinit(&sql);
}

/* ---- loading and following */

static void set_snapshot(struct bytes *snapshot, struct slice text) {
  bytes_clear(snapshot);
  bytes_add(snapshot, text.data, text.len);
}

static void on_snapshot(void *ctx, struct db_outcome *outcome) {
  struct engine_feed *feed = ctx;
  struct slice text;
  if (feed->is_stopped) return;
  if (outcome->err != NULL || !db_result_get(outcome->result, 0, 0, &text)) return lose(feed, outcome->err != NULL ? outcome->err->text : "no snapshot");
  set_snapshot(&feed->next, text);
  feed->loading = engine_world_new(feed->base_offset);
  feed->step = 0;
  next_step(feed);
}

/* All that is read comes after the snapshot; what changes meanwhile is among the news of the next reading. */
static void load(struct engine_feed *feed) {
  engine_world_free(feed->world);
  engine_world_free(feed->loading);
  feed->world = feed->loading = NULL;
  feed->is_busy = true;
  feed->begun++;
  feed->load_began_us = clock_monotonic_us();
  struct db_query *query = db_query_new(SNAPSHOT, sizeof SNAPSHOT - 1);
  db_submit(feed->db, query, on_snapshot, feed);
}

static bool needs_load(struct slice keys, struct slice is_trimmed) {
  size_t count = 1;
  for (size_t i = 0; i < keys.len; i++) count += keys.data[i] == ' ';
  bool has_ways = keys.len > 0 && (keys.data[0] == 'w' || memmem(keys.data, keys.len, " w", 2) != NULL);
  return slice_is(is_trimmed, "t") || has_ways || count > CHANGES_MAX;
}

static void on_news(void *ctx, struct db_outcome *outcome) {
  struct engine_feed *feed = ctx;
  struct slice snapshot, keys = {"", 0}, is_trimmed = {"", 0};
  if (feed->is_stopped) return;
  if (outcome->err != NULL || !db_result_get(outcome->result, 0, 0, &snapshot)) return lose(feed, outcome->err != NULL ? outcome->err->text : "no snapshot");
  db_result_get(outcome->result, 0, 1, &is_trimmed);
  db_result_get(outcome->result, 0, 2, &keys);
  if (needs_load(keys, is_trimmed)) return load(feed);
  set_snapshot(&feed->next, snapshot);
  bytes_clear(&feed->keys);
  bytes_add(&feed->keys, keys.data, keys.len);
  feed->step = 0;
  if (keys.len > 0) next_step(feed);
  else end_reading(feed);
}

uint64_t engine_feed_poll(struct engine_feed *feed) {
  if (feed->is_busy || feed->world == NULL) return feed->begun + 1;
  feed->is_busy = true;
  feed->begun++;
  struct db_query *query = db_query_new(NEWS, sizeof NEWS - 1);
  db_query_param(query, feed->snapshot.data, feed->snapshot.len);
  db_query_timeout(query, POLL_TIMEOUT_MS);
  db_submit(feed->db, query, on_news, feed);
  return feed->begun;
}

/* ---- for the owner */

struct engine_feed *engine_feed_new(struct loop *loop, struct db *db, const struct log *log, int32_t base_offset, engine_fresh_fn fresh,
                                    void *ctx) {
  struct engine_feed *feed = mem_zero(sizeof *feed);
  *feed = (struct engine_feed){.db = db, .log = log, .base_offset = base_offset, .fresh = fresh, .ctx = ctx};
  feed->retry = loop_timer_new(loop, on_retry, feed);
  load(feed);
  return feed;
}

void engine_feed_stop(struct engine_feed *feed) {
  feed->is_stopped = true;
  loop_timer_free(feed->retry);
  feed->retry = NULL;
}

void engine_feed_free(struct engine_feed *feed) {
  if (feed == NULL) return;
  engine_world_free(feed->world);
  engine_world_free(feed->loading);
  struct bytes *texts[] = {&feed->snapshot, &feed->next, &feed->keys, &feed->lines};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) bytes_deinit(texts[i]);
  free(feed);
}

const struct engine_world *engine_feed_world(const struct engine_feed *feed) { return feed->world; }

struct engine_feed_stats engine_feed_stats(const struct engine_feed *feed) {
  struct engine_feed_stats stats = feed->stats;
  stats.is_ready = feed->world != NULL;
  return stats;
}
