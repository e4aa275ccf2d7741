/* jobs/runner.h - the runner's inside, shared by runner.c (claiming, leases, stopping), held.c (one
 * running job, its progress and end) and periodic.c. Private to jobs/.
 *
 * A statement under way keeps the runner (and the job it is about) alive by a reference, since its
 * callback comes even after jobs_runner_free(). */
#pragma once
#include <uv.h>

#include "base/list.h"
#include "db/db.h"
#include "jobs/jobs.h"
#include "jobs/store.h"

enum jobs_stop_stage {
  JOBS_STOP_NONE,    /* at work */
  JOBS_STOP_WAITING, /* running jobs may end by themselves */
  JOBS_STOP_ASKED,   /* they were asked to */
  JOBS_STOP_DROPPED, /* those that did not go back to the queue */
  JOBS_STOP_ENDED,   /* stopped() was called */
};

struct jobs_runner {
  struct db *db;
  const struct log *log;
  struct jobs_config config; /* node is not kept: see holder */
  char holder[96];           /* node:pid:random, in locked_by */
  jobs_execute_fn execute;
  jobs_stop_fn stop;
  void *ctx;

  uv_timer_t tick;
  struct list held;   /* struct jobs_held: running, or ended and not yet written */
  int held_count;
  struct list timers; /* struct jobs_timer of periodic.c */
  uint64_t poll_at, renew_at, purge_at; /* monotonic microseconds */
  bool is_claiming, is_renewing, must_claim;

  enum jobs_stop_stage stage;
  uint64_t stage_ends_at; /* monotonic microseconds */
  void (*stopped)(void *ctx);
  void *stopped_ctx;

  bool is_free; /* jobs_runner_free() was called */
  int refs;     /* owner, tick handle, statements under way */
  struct jobs_stats stats;
};

struct jobs_held {
  struct jobs_job job; /* first: the executor holds a pointer to it */
  struct link link;    /* in runner->held; in no list once written, lost or orphaned */
  struct jobs_runner *runner; /* valid while in the list, or while a statement is under way */
  char *kind, *payload;       /* owned texts behind job */
  uint64_t started_us;
  int refs;      /* executor, list, statements under way */
  bool is_ended; /* by the executor, or by us in its place */

  bool is_in_renewal; /* the renewal under way names it */
  bool is_lost;       /* the lease: its end will not be recorded */
  bool must_tell;     /* stop() is to be called, with: */
  enum jobs_stop_reason tell_reason;
  bool is_told;       /* stop() was called */

  enum jobs_outcome outcome; /* once ended */
  struct bytes result, error;
  bool is_writing; /* the end is on its way to the database */

  int progress, progress_total;
  char progress_text[200];
  bool has_progress, is_progressing; /* not yet written; on its way */
  uint64_t progress_at;              /* when it may be written */
};

void jobs_runner_ref(struct jobs_runner *runner);
void jobs_runner_unref(struct jobs_runner *runner);

/* held.c */
void jobs_held_start(struct jobs_runner *runner, const struct pg_result *rows, int row);
void jobs_held_tell(struct jobs_held *held, enum jobs_stop_reason reason); /* once; then nothing */
void jobs_held_write(struct jobs_held *held);          /* the end; nothing when it is under way */
void jobs_held_write_progress(struct jobs_held *held, uint64_t now); /* when there is any and due */
void jobs_held_drop(struct jobs_held *held);   /* back to the queue; its own end will not count */
void jobs_held_orphan(struct jobs_held *held); /* nobody waits for its end any more */
/* A job of ours left the list: there is room for another. */
void jobs_runner_on_free_place(struct jobs_runner *runner);

/* periodic.c */
void jobs_timers_check(struct jobs_runner *runner, uint64_t now);
