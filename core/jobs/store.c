#include "jobs/store.h"

#include <stdio.h>

static struct db_query *query(const char *sql) { return db_query_new(sql, strlen(sql)); }

static void add_text(struct db_query *q, const char *text) {
  db_query_param(q, text, text != NULL ? strlen(text) : 0);
}

static void add_slice(struct db_query *q, struct slice text) {
  db_query_param(q, text.len != 0 ? text.data : "", text.len);
}

static void add_int(struct db_query *q, int64_t value) {
  char digits[24];
  int len = snprintf(digits, sizeof digits, "%lld", (long long)value);
  db_query_param(q, digits, (size_t)len);
}

static void add_lease(struct db_query *q, const struct jobs_lease *lease) {
  add_int(q, lease->id);
  add_int(q, lease->attempt);
  add_text(q, lease->holder);
}

/* MATERIALIZED: joined in another way the inner select could run twice and lock more than asked. */
static const char claim_sql[] =
    "WITH picked AS MATERIALIZED ("
    "  SELECT id FROM job"
    "  WHERE state IN ('queued', 'running') AND NOT cancel_requested AND id <> ALL ($4::bigint[])"
    "    AND (state = 'queued' AND run_at <= now()"
    "         OR state = 'running' AND locked_until < now() AND attempts < max_attempts)"
    "  ORDER BY priority, run_at, id LIMIT $3::int FOR UPDATE SKIP LOCKED)"
    "UPDATE job SET state = 'running', attempts = attempts + 1, locked_by = $1,"
    "  locked_until = now() + $2::int * interval '1 ms', progress = 0, progress_total = 0,"
    "  progress_text = NULL"
    " FROM picked WHERE job.id = picked.id"
    " RETURNING job.id, kind, payload, attempts, max_attempts";

void jobs_store_claim(struct db *db, const char *holder, int lease_ms, int limit,
                      struct slice held, db_done_fn done, void *ctx) {
  struct db_query *q = query(claim_sql);
  add_text(q, holder);
  add_int(q, lease_ms);
  add_int(q, limit);
  add_slice(q, held);
  db_submit(db, q, done, ctx);
}

static const char sweep_sql[] =
    "UPDATE job SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'dead' END,"
    "  error = CASE WHEN cancel_requested THEN error"
    "               ELSE 'its worker died in attempt ' || attempts END,"
    "  finished_at = now(), locked_by = NULL, locked_until = NULL"
    " WHERE state IN ('queued', 'running') AND id <> ALL ($1::bigint[])"
    "  AND (state = 'queued' AND cancel_requested"
    "       OR state = 'running' AND locked_until < now()"
    "          AND (cancel_requested OR attempts >= max_attempts))"
    " RETURNING id, kind, state";

void jobs_store_sweep(struct db *db, struct slice held, db_done_fn done, void *ctx) {
  struct db_query *q = query(sweep_sql);
  add_slice(q, held);
  db_submit(db, q, done, ctx);
}

static const char renew_sql[] =
    "UPDATE job SET locked_until = now() + $2::int * interval '1 ms'"
    " FROM unnest($3::bigint[], $4::int[]) AS held (id, attempt)"
    " WHERE job.id = held.id AND attempts = held.attempt AND locked_by = $1 AND state = 'running'"
    " RETURNING job.id, cancel_requested";

void jobs_store_renew(struct db *db, const char *holder, int lease_ms, struct slice ids,
                      struct slice attempts, db_done_fn done, void *ctx) {
  struct db_query *q = query(renew_sql);
  add_text(q, holder);
  add_int(q, lease_ms);
  add_slice(q, ids);
  add_slice(q, attempts);
  db_submit(db, q, done, ctx);
}

static const char done_sql[] =
    "UPDATE job SET state = 'done', result = $4::jsonb, error = NULL, finished_at = now(),"
    "  locked_by = NULL, locked_until = NULL"
    " WHERE id = $1 AND attempts = $2 AND locked_by = $3 AND state = 'running' RETURNING state";

void jobs_store_done(struct db *db, const struct jobs_lease *lease, struct slice result,
                     db_done_fn done, void *ctx) {
  struct db_query *q = query(done_sql);
  add_lease(q, lease);
  db_query_param(q, result.len != 0 ? result.data : NULL, result.len);
  db_submit(db, q, done, ctx);
}

static const char retry_sql[] =
    "UPDATE job SET state = CASE WHEN cancel_requested THEN 'cancelled'"
    "    WHEN attempts >= max_attempts THEN 'dead' ELSE 'queued' END,"
    "  finished_at = CASE WHEN cancel_requested OR attempts >= max_attempts THEN now() END,"
    "  error = $4, locked_by = NULL, locked_until = NULL,"
    "  run_at = now() + (0.75 + random() / 2) * interval '1 ms'"
    "    * least($6::bigint, $5::bigint * power(2, least(attempts - 1, 30)))"
    " WHERE id = $1 AND attempts = $2 AND locked_by = $3 AND state = 'running' RETURNING state";

void jobs_store_retry(struct db *db, const struct jobs_lease *lease, struct slice error,
                      int64_t base_ms, int64_t max_ms, db_done_fn done, void *ctx) {
  struct db_query *q = query(retry_sql);
  add_lease(q, lease);
  add_slice(q, error);
  add_int(q, base_ms);
  add_int(q, max_ms);
  db_submit(db, q, done, ctx);
}

static const char fail_sql[] =
    "UPDATE job SET state = 'failed', error = $4, finished_at = now(), locked_by = NULL,"
    "  locked_until = NULL"
    " WHERE id = $1 AND attempts = $2 AND locked_by = $3 AND state = 'running' RETURNING state";

void jobs_store_fail(struct db *db, const struct jobs_lease *lease, struct slice error,
                     db_done_fn done, void *ctx) {
  struct db_query *q = query(fail_sql);
  add_lease(q, lease);
  add_slice(q, error);
  db_submit(db, q, done, ctx);
}

static const char release_sql[] =
    "UPDATE job SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END,"
    "  finished_at = CASE WHEN cancel_requested THEN now() END, locked_by = NULL,"
    "  locked_until = NULL, attempts = attempts - 1"
    " WHERE id = $1 AND attempts = $2 AND locked_by = $3 AND state = 'running' RETURNING state";

void jobs_store_release(struct db *db, const struct jobs_lease *lease, db_done_fn done, void *ctx) {
  struct db_query *q = query(release_sql);
  add_lease(q, lease);
  db_submit(db, q, done, ctx);
}

static const char progress_sql[] =
    "UPDATE job SET progress = $4, progress_total = $5, progress_text = $6"
    " WHERE id = $1 AND attempts = $2 AND locked_by = $3 AND state = 'running'"
    " RETURNING cancel_requested";

void jobs_store_progress(struct db *db, const struct jobs_lease *lease, int now, int total,
                         const char *text, db_done_fn done, void *ctx) {
  struct db_query *q = query(progress_sql);
  add_lease(q, lease);
  add_int(q, now);
  add_int(q, total);
  add_text(q, text);
  db_submit(db, q, done, ctx);
}

/* The unique key holds off a second job of the span while the first is queued or running; after it
 * has ended, its row does. (Two nodes could both miss a job that begins and ends within the few
 * microseconds between their snapshots; periodic work bears a second run like all jobs.) */
static const char every_sql[] =
    "WITH span AS ("
    "  SELECT n, 'every:' || $1::text || ':' || n AS key, to_timestamp(n * $2::bigint) AS starts_at"
    "  FROM (SELECT floor(extract(epoch FROM now()) / $2::bigint)::bigint) AS s (n)),"
    "held_up AS ("
    "  SELECT EXISTS (SELECT FROM job WHERE kind = $1 AND state IN ('queued', 'running')"
    "    AND unique_key LIKE 'every:%' AND unique_key <> span.key) AS yes FROM span),"
    "added AS ("
    "  INSERT INTO job (kind, unique_key) SELECT $1, key FROM span, held_up WHERE NOT held_up.yes"
    "    AND NOT EXISTS (SELECT FROM job"
    "      WHERE finished_at >= span.starts_at AND unique_key = span.key)"
    "  ON CONFLICT DO NOTHING RETURNING id)"
    "SELECT held_up.yes, ceil(1000 * ((n + 1) * $2::bigint - extract(epoch FROM now())))::bigint,"
    "  (SELECT count(*) FROM added)"
    " FROM span, held_up";

void jobs_store_every(struct db *db, const char *kind, int seconds, db_done_fn done, void *ctx) {
  struct db_query *q = query(every_sql);
  add_text(q, kind);
  add_int(q, seconds);
  db_submit(db, q, done, ctx);
}

static const char purge_sql[] =
    "DELETE FROM job WHERE id IN ("
    "  SELECT id FROM job"
    "  WHERE finished_at < now() - make_interval(days => least($1::int, $2::int))"
    "    AND finished_at < now() - make_interval(days =>"
    "      CASE WHEN state IN ('done', 'cancelled') THEN $1::int ELSE $2::int END)"
    "  ORDER BY finished_at LIMIT $3::int FOR UPDATE SKIP LOCKED)";

void jobs_store_purge(struct db *db, int keep_done_days, int keep_failed_days, db_done_fn done,
                      void *ctx) {
  struct db_query *q = query(purge_sql);
  add_int(q, keep_done_days);
  add_int(q, keep_failed_days);
  add_int(q, JOBS_PURGE_BATCH);
  db_submit(db, q, done, ctx);
}
