#include "jobs/runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "db/array.h"
#include "jobs/jobs.h"
#include "loop/loop.h"

enum { STAGE_MS = 2000, FIRST_PURGE_MS = 60000, PURGE_PAUSE_MS = 3600000, PURGE_AGAIN_MS = 1000 };

static uint64_t after_ms(uint64_t now, int64_t ms) { return now + (uint64_t)ms * 1000; }

static struct jobs_held *held_of(struct link *k) { return LIST_OWNER(k, struct jobs_held, link); }

void jobs_runner_ref(struct jobs_runner *runner) { runner->refs++; }

void jobs_runner_unref(struct jobs_runner *runner) {
  if (--runner->refs == 0) free(runner);
}

static void list_ids(struct jobs_runner *runner, struct bytes *ids, struct bytes *attempts) {
  char digits[24];
  db_array_begin(ids);
  db_array_begin(attempts);
  for (struct link *k = runner->held.head.next; k != &runner->held.head; k = k->next) {
    const struct jobs_job *job = &held_of(k)->job;
    int len = snprintf(digits, sizeof digits, "%lld", (long long)job->id);
    db_array_add(ids, digits, (size_t)len);
    len = snprintf(digits, sizeof digits, "%d", job->attempt);
    db_array_add(attempts, digits, (size_t)len);
  }
  db_array_end(ids);
  db_array_end(attempts);
}

/* ---- claiming ---- */

static void claim(struct jobs_runner *runner);

static void on_claimed(void *ctx, struct db_outcome *outcome) {
  struct jobs_runner *runner = ctx;
  runner->is_claiming = false;
  if (!runner->is_free && outcome->err == NULL) {
    int rows = db_result_rows(outcome->result);
    for (int row = 0; row < rows && !runner->is_free; row++) {
      jobs_held_start(runner, outcome->result, row);
    }
  }
  if (!runner->is_free && runner->must_claim) claim(runner);
  jobs_runner_unref(runner);
}

static void claim(struct jobs_runner *runner) {
  int places = runner->config.concurrency - runner->held_count;
  /* With no free place the wish stays, and the next job that ends acts on it. */
  runner->must_claim = true;
  if (runner->stage != JOBS_STOP_NONE || runner->is_claiming || places <= 0) return;
  runner->must_claim = false;
  runner->is_claiming = true;
  jobs_runner_ref(runner);
  struct bytes ids = {0}, attempts = {0};
  list_ids(runner, &ids, &attempts);
  jobs_store_claim(runner->db, runner->holder, runner->config.lease_ms, places,
                   (struct slice){ids.data, ids.len}, on_claimed, runner);
  bytes_deinit(&ids);
  bytes_deinit(&attempts);
}

void jobs_wake(struct jobs_runner *runner) {
  /* A cancel is told by the same notification, and seen by a renewal. */
  if (runner->held_count > 0) runner->renew_at = 0;
  claim(runner);
}

void jobs_runner_on_free_place(struct jobs_runner *runner) { claim(runner); }

static void log_swept(const struct jobs_runner *runner, const struct pg_result *rows, int row) {
  struct slice id = {0}, kind = {0}, state = {0};
  db_result_get(rows, row, 0, &id);
  db_result_get(rows, row, 1, &kind);
  db_result_get(rows, row, 2, &state);
  struct log_line line;
  log_begin(&line, runner->log, slice_is(state, "dead") ? LOG_WARN : LOG_INFO, "job swept");
  log_str(&line, "id", id);
  log_str(&line, "kind", kind);
  log_str(&line, "state", state);
  log_end(&line);
}

static void on_swept(void *ctx, struct db_outcome *outcome) {
  struct jobs_runner *runner = ctx;
  if (!runner->is_free && outcome->err == NULL) {
    int rows = db_result_rows(outcome->result);
    for (int row = 0; row < rows; row++) log_swept(runner, outcome->result, row);
  }
  jobs_runner_unref(runner);
}

static void sweep(struct jobs_runner *runner) {
  struct bytes ids = {0}, attempts = {0};
  list_ids(runner, &ids, &attempts);
  jobs_runner_ref(runner);
  jobs_store_sweep(runner->db, (struct slice){ids.data, ids.len}, on_swept, runner);
  bytes_deinit(&ids);
  bytes_deinit(&attempts);
}

/* ---- leases ---- */

/* What the database says of one of our leases: 'c' cancel asked, 'k' kept, 'l' lost. */
static char find_lease(const struct pg_result *rows, int64_t id) {
  struct slice value;
  for (int row = 0; row < db_result_rows(rows); row++) {
    if (!db_result_get(rows, row, 0, &value) || strtoll(value.data, NULL, 10) != id) continue;
    return db_result_get(rows, row, 1, &value) && slice_is(value, "t") ? 'c' : 'k';
  }
  return 'l';
}

static void note_leases(struct jobs_runner *runner, const struct pg_result *rows) {
  for (struct link *k = runner->held.head.next; k != &runner->held.head; k = k->next) {
    struct jobs_held *held = held_of(k);
    if (!held->is_in_renewal) continue; /* claimed since */
    held->is_in_renewal = false;
    char lease = find_lease(rows, held->job.id);
    if (lease == 'k') continue;
    held->is_lost = lease == 'l';
    held->must_tell = true;
    held->tell_reason = held->is_lost ? JOBS_STOP_LOST : JOBS_STOP_CANCELLED;
  }
}

/* A job may end inside its stop(), and take others with it: after each the list is read anew. */
static void tell_noted(struct jobs_runner *runner) {
  struct link *k = runner->held.head.next;
  while (k != &runner->held.head) {
    struct jobs_held *held = held_of(k);
    k = k->next;
    if (!held->must_tell) continue;
    held->must_tell = false;
    jobs_held_tell(held, held->tell_reason);
    k = runner->held.head.next;
  }
}

static void on_renewed(void *ctx, struct db_outcome *outcome) {
  struct jobs_runner *runner = ctx;
  runner->is_renewing = false;
  if (!runner->is_free) {
    if (outcome->err == NULL) note_leases(runner, outcome->result);
    else runner->renew_at = 0; /* leases run: again at the next tick */
    tell_noted(runner);
  }
  jobs_runner_unref(runner);
}

static void renew(struct jobs_runner *runner, uint64_t now) {
  if (runner->held_count == 0 || runner->is_renewing || now < runner->renew_at) return;
  runner->renew_at = after_ms(now, runner->config.lease_ms / 3);
  runner->is_renewing = true;
  for (struct link *k = runner->held.head.next; k != &runner->held.head; k = k->next) {
    held_of(k)->is_in_renewal = true;
  }
  struct bytes ids = {0}, attempts = {0};
  list_ids(runner, &ids, &attempts);
  jobs_runner_ref(runner);
  jobs_store_renew(runner->db, runner->holder, runner->config.lease_ms,
                   (struct slice){ids.data, ids.len}, (struct slice){attempts.data, attempts.len},
                   on_renewed, runner);
  bytes_deinit(&ids);
  bytes_deinit(&attempts);
}

/* ---- old rows ---- */

static void on_purged(void *ctx, struct db_outcome *outcome) {
  struct jobs_runner *runner = ctx;
  bool is_more = outcome->err == NULL && db_result_affected(outcome->result) == JOBS_PURGE_BATCH;
  if (is_more) runner->purge_at = after_ms(clock_monotonic_us(), PURGE_AGAIN_MS);
  jobs_runner_unref(runner);
}

static void purge(struct jobs_runner *runner, uint64_t now) {
  if (now < runner->purge_at) return;
  runner->purge_at = after_ms(now, PURGE_PAUSE_MS);
  jobs_runner_ref(runner);
  jobs_store_purge(runner->db, runner->config.keep_done_days, runner->config.keep_failed_days,
                   on_purged, runner);
}

/* ---- stopping ---- */

static void orphan_all(struct jobs_runner *runner) {
  struct link *k;
  while ((k = list_first(&runner->held)) != NULL) jobs_held_orphan(held_of(k));
}

static void ask_all(struct jobs_runner *runner) {
  for (struct link *k = runner->held.head.next; k != &runner->held.head; k = k->next) {
    held_of(k)->must_tell = true;
    held_of(k)->tell_reason = JOBS_STOP_SHUTDOWN;
  }
  tell_noted(runner);
}

static void drop_all(struct jobs_runner *runner) {
  for (struct link *k = runner->held.head.next; k != &runner->held.head; k = k->next) {
    jobs_held_drop(held_of(k));
  }
}

static void go_on_stopping(struct jobs_runner *runner, uint64_t now) {
  if (runner->stage == JOBS_STOP_WAITING && now >= runner->stage_ends_at) {
    runner->stage = JOBS_STOP_ASKED;
    runner->stage_ends_at = after_ms(now, STAGE_MS);
    ask_all(runner);
  } else if (runner->stage == JOBS_STOP_ASKED && now >= runner->stage_ends_at) {
    runner->stage = JOBS_STOP_DROPPED;
    runner->stage_ends_at = after_ms(now, STAGE_MS);
    drop_all(runner);
  } else if (runner->stage == JOBS_STOP_DROPPED && now >= runner->stage_ends_at) {
    orphan_all(runner); /* the database is away too: the leases will run out */
  }
  if (runner->held_count > 0 || runner->is_claiming) return;
  runner->stage = JOBS_STOP_ENDED;
  runner->stopped(runner->stopped_ctx);
}

void jobs_runner_stop(struct jobs_runner *runner, int grace_ms, void (*done)(void *ctx),
                      void *ctx) {
  runner->stage = JOBS_STOP_WAITING;
  runner->stage_ends_at = after_ms(clock_monotonic_us(), grace_ms);
  runner->stopped = done;
  runner->stopped_ctx = ctx;
}

/* ---- the clock ---- */

static void tend_held(struct jobs_runner *runner, uint64_t now) {
  for (struct link *k = runner->held.head.next; k != &runner->held.head; k = k->next) {
    jobs_held_write(held_of(k));
    jobs_held_write_progress(held_of(k), now);
  }
}

static void take_work(struct jobs_runner *runner, uint64_t now) {
  jobs_timers_check(runner, now);
  purge(runner, now);
  if (now < runner->poll_at) return;
  runner->poll_at = after_ms(now, runner->config.poll_ms);
  sweep(runner);
  claim(runner);
}

static void on_tick(uv_timer_t *tick) {
  struct jobs_runner *runner = tick->data;
  uint64_t now = clock_monotonic_us();
  jobs_runner_ref(runner); /* stopped() may free it */
  tend_held(runner, now);
  renew(runner, now);
  if (runner->stage == JOBS_STOP_NONE) take_work(runner, now);
  else if (runner->stage != JOBS_STOP_ENDED) go_on_stopping(runner, now);
  jobs_runner_unref(runner);
}

/* ---- the runner ---- */

/* Unique, so that a process that got the number of a dead one does not inherit its leases. */
static void make_holder(struct jobs_runner *runner, const char *node) {
  struct bytes token = {0};
  crypto_token(&token, 9);
  snprintf(runner->holder, sizeof runner->holder, "%.60s:%d:%s", node, (int)getpid(), token.data);
  bytes_deinit(&token);
}

struct jobs_runner *jobs_runner_new(struct loop *loop, struct db *db,
                                    const struct jobs_config *config, const struct log *log,
                                    jobs_execute_fn execute, jobs_stop_fn stop, void *ctx) {
  struct jobs_runner *runner = mem_zero(sizeof *runner);
  runner->db = db;
  runner->log = log;
  runner->config = *config;
  make_holder(runner, config->node);
  runner->config.node = NULL;
  runner->execute = execute;
  runner->stop = stop;
  runner->ctx = ctx;
  runner->refs = 2; /* the owner's and the tick's */
  runner->purge_at = after_ms(clock_monotonic_us(), FIRST_PURGE_MS);
  list_init(&runner->held);
  list_init(&runner->timers);
  uv_timer_init(&loop->uv, &runner->tick);
  runner->tick.data = runner;
  uv_timer_start(&runner->tick, on_tick, 0, (uint64_t)config->tick_ms);
  return runner;
}

static void on_tick_closed(uv_handle_t *tick) { jobs_runner_unref(tick->data); }

void jobs_runner_free(struct jobs_runner *runner) {
  if (runner == NULL) return;
  runner->is_free = true;
  orphan_all(runner);
  jobs_forget_timers(runner);
  uv_close((uv_handle_t *)&runner->tick, on_tick_closed);
  jobs_runner_unref(runner);
}

struct jobs_stats jobs_stats(const struct jobs_runner *runner) {
  struct jobs_stats stats = runner->stats;
  stats.running = runner->held_count;
  return stats;
}
