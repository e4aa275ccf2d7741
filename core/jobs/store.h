/* jobs/store.h - all SQL of the job queue. Each call submits one statement on the fast lane and
 * calls done once (see db_submit). Private to jobs/. */
#pragma once
#include <stdint.h>

#include "base/bytes.h"
#include "db/db.h"

struct jobs_lease { /* names one run of one job */
  int64_t id;
  int attempt;
  const char *holder;
};

enum jobs_claim_column { JOBS_CLAIM_ID, JOBS_CLAIM_KIND, JOBS_CLAIM_PAYLOAD, JOBS_CLAIM_ATTEMPT,
                         JOBS_CLAIM_MAX_ATTEMPTS };
/* Takes up to limit jobs that are due or whose lease ran out, but none of `held` (an array literal
 * of ids: a job of ours whose renewal is late must not be run twice here). */
void jobs_store_claim(struct db *db, const char *holder, int lease_ms, int limit,
                      struct slice held, db_done_fn done, void *ctx);

/* Ends what nobody will run: attempts used up by dying workers, cancelled while queued or orphaned.
 * Columns: id, kind, state. */
void jobs_store_sweep(struct db *db, struct slice held, db_done_fn done, void *ctx);

/* Columns: id, cancel_requested; a lease that is lost has no row. ids and attempts are array
 * literals of the same length. */
void jobs_store_renew(struct db *db, const char *holder, int lease_ms, struct slice ids,
                      struct slice attempts, db_done_fn done, void *ctx);

/* The ends. Each answers one row with the new state, or none when the lease was lost. */
void jobs_store_done(struct db *db, const struct jobs_lease *lease, struct slice result,
                     db_done_fn done, void *ctx);
void jobs_store_retry(struct db *db, const struct jobs_lease *lease, struct slice error,
                      int64_t base_ms, int64_t max_ms, db_done_fn done, void *ctx);
void jobs_store_fail(struct db *db, const struct jobs_lease *lease, struct slice error,
                     db_done_fn done, void *ctx);
/* Back to the queue as if it had not run; cancelled when that was asked for. */
void jobs_store_release(struct db *db, const struct jobs_lease *lease, db_done_fn done, void *ctx);

/* Columns: cancel_requested. */
void jobs_store_progress(struct db *db, const struct jobs_lease *lease, int now, int total,
                         const char *text, db_done_fn done, void *ctx);

/* Columns: is_held_up ("t": the former job still runs), milliseconds to the next span. */
void jobs_store_every(struct db *db, const char *kind, int seconds, db_done_fn done, void *ctx);

/* Deletes one batch of old jobs; the affected count is JOBS_PURGE_BATCH when there may be more. */
enum { JOBS_PURGE_BATCH = 1000 };
void jobs_store_purge(struct db *db, int keep_done_days, int keep_failed_days, db_done_fn done,
                      void *ctx);
