/* jobs/jobs.h - runs the durable queue of table `job`: the job worker's heart.
 *
 *   queued --claim--> running --done--> done
 *     ^  ^               | |--stopped by a cancel--> cancelled
 *     |  |               | |--it says that a retry is useless--> failed
 *     |  '--back-off-----' '--attempts used up--> dead
 *     '---- the lease of a dead worker ran out, or this one shuts down
 *
 * Anybody may insert rows (the kit does, in the transaction of the request). A running job is held
 * by a lease that the runner renews; when its process dies, another runner takes the job again, so
 * a job runs at least once and must bear a second run. Every write names the attempt: a runner that
 * lost its lease cannot overwrite what the next one did.
 *
 * Loop thread only. The executor owns a job from jobs_execute_fn until jobs_finish(), which may be
 * called inside it. Needs: db, and someone who calls jobs_wake() on a notification; without one new
 * jobs wait for the poll.
 *
 *   struct jobs_config config = JOBS_CONFIG;
 *   struct jobs_runner *runner = jobs_runner_new(loop, db, &config, log, execute, stop, ctx);
 *   jobs_every(runner, "audit_seal", 60);
 */
#pragma once
#include <stdint.h>

#include "base/log.h"

struct loop;
struct db;
struct jobs_runner;

struct jobs_config {
  const char *node;      /* who holds the lease, for people; made unique by the runner; copied */
  int concurrency;       /* jobs at once in this process */
  int poll_ms;           /* how long a missed notification can delay a job */
  int lease_ms;          /* renewed at a third of it */
  int tick_ms;           /* how often the runner looks at its clocks */
  int64_t retry_base_ms; /* pause after the first failure, doubled by each further one … */
  int64_t retry_max_ms;  /* … up to this; a quarter more or less at random */
  int keep_done_days;    /* done and cancelled jobs are deleted after this … */
  int keep_failed_days;  /* … failed and dead ones after this */
};

#define JOBS_CONFIG                                                                            \
  {.node = "jobs", .concurrency = 4, .poll_ms = 5000, .lease_ms = 30000, .tick_ms = 1000,      \
   .retry_base_ms = 10000, .retry_max_ms = 3600000, .keep_done_days = 14, .keep_failed_days = 90}

struct jobs_job { /* read only, but for task */
  int64_t id;
  const char *kind;
  struct slice payload; /* JSON text */
  int attempt;          /* 1 for the first */
  int max_attempts;
  void *task;           /* the executor's */
};

/* Begins a job. The executor must call jobs_finish() once, now or later. */
typedef void (*jobs_execute_fn)(struct jobs_job *job, void *ctx);

enum jobs_stop_reason {
  JOBS_STOP_CANCELLED, /* somebody asked for it */
  JOBS_STOP_LOST,      /* another runner has the job now; nothing of this run will be recorded */
  JOBS_STOP_SHUTDOWN,  /* the grace period is over; the job goes back to the queue */
};
/* Asks the executor to end the job soon (JOBS_STOPPED); told once. It may call jobs_finish(). */
typedef void (*jobs_stop_fn)(struct jobs_job *job, enum jobs_stop_reason reason, void *ctx);

enum jobs_outcome {
  JOBS_DONE,
  JOBS_RETRY,   /* it failed; again after a pause, until its attempts are used up */
  JOBS_FAILED,  /* it failed and would fail again: bad payload, partner said no */
  JOBS_STOPPED, /* it gave way to a stop: cancelled, or back to the queue without a mark */
};

struct jobs_end {
  enum jobs_outcome outcome;
  struct slice result; /* JSON text, copied; empty: none. Kept only with JOBS_DONE */
  struct slice error;  /* for people who look at the queue, copied, cut at 4000 bytes */
};

/* The job is the runner's again; the pointer is dead. While the database is away the runner keeps
 * the end and its lease and writes it later. */
void jobs_finish(struct jobs_job *job, const struct jobs_end *end);

/* How far it is; the latest value is written at most twice a second. text may be NULL. */
void jobs_progress(struct jobs_job *job, int done, int total, const char *text);

/* Starts at once. db and log must outlive the runner. stop may be NULL: jobs run to their end. */
struct jobs_runner *jobs_runner_new(struct loop *loop, struct db *db,
                                    const struct jobs_config *config, const struct log *log,
                                    jobs_execute_fn execute, jobs_stop_fn stop, void *ctx);

/* Something was queued, or a cancel was asked for: look now. Cheap to call too often. */
void jobs_wake(struct jobs_runner *runner);

/* Queues a job of that kind (payload {}) once in every span of so many seconds, over all nodes; a
 * span is skipped over while the former job is still queued or running. Spans begin at multiples of
 * seconds since 1970 UTC. */
void jobs_every(struct jobs_runner *runner, const char *kind, int seconds);
/* Forgets all jobs_every(): a reload declares them anew. */
void jobs_forget_timers(struct jobs_runner *runner);

/* Takes no further jobs and calls done when none is left. After grace_ms the running ones are asked
 * to stop; those still running two seconds later go back to the queue, their ends are dropped. */
void jobs_runner_stop(struct jobs_runner *runner, int grace_ms, void (*done)(void *ctx),
                      void *ctx);

/* Before db_close(). Jobs still running are orphaned: jobs_finish() stays allowed and does nothing.
 * Memory goes when the last callback of db and loop has come. NULL is fine. */
void jobs_runner_free(struct jobs_runner *runner);

struct jobs_stats {
  int running;                                      /* now; the others count since the start */
  uint64_t done, retried, failed, dead, cancelled, lost;
};
struct jobs_stats jobs_stats(const struct jobs_runner *runner);
