#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "jobs/runner.h"

enum { MAX_ERROR_BYTES = 4000, PROGRESS_PAUSE_US = 500000 };

static void unref(struct jobs_held *held) {
  if (--held->refs > 0) return;
  free(held->kind);
  free(held->payload);
  bytes_deinit(&held->result);
  bytes_deinit(&held->error);
  free(held);
}

static struct jobs_lease lease_of(const struct jobs_held *held) {
  return (struct jobs_lease){held->job.id, held->job.attempt, held->runner->holder};
}

/* ---- beginning ---- */

static int64_t column_int(const struct pg_result *rows, int row, int column) {
  struct slice text = {0};
  return db_result_get(rows, row, column, &text) ? strtoll(text.data, NULL, 10) : 0;
}

static char *column_text(const struct pg_result *rows, int row, int column, size_t *len) {
  struct slice text = {0};
  db_result_get(rows, row, column, &text);
  if (len != NULL) *len = text.len;
  return mem_dup_n(text.data, text.len);
}

void jobs_held_start(struct jobs_runner *runner, const struct pg_result *rows, int row) {
  struct jobs_held *held = mem_zero(sizeof *held);
  held->runner = runner;
  held->kind = column_text(rows, row, JOBS_CLAIM_KIND, NULL);
  held->job.kind = held->kind;
  held->payload = column_text(rows, row, JOBS_CLAIM_PAYLOAD, &held->job.payload.len);
  held->job.payload.data = held->payload;
  held->job.id = column_int(rows, row, JOBS_CLAIM_ID);
  held->job.attempt = (int)column_int(rows, row, JOBS_CLAIM_ATTEMPT);
  held->job.max_attempts = (int)column_int(rows, row, JOBS_CLAIM_MAX_ATTEMPTS);
  held->started_us = clock_monotonic_us();
  held->refs = 2; /* the executor's and the list's */
  list_push(&runner->held, &held->link);
  runner->held_count++;
  if (runner->stage == JOBS_STOP_NONE) {
    runner->execute(&held->job, runner->ctx);
  } else { /* claimed while a stop began: back it goes */
    jobs_finish(&held->job, &(struct jobs_end){.outcome = JOBS_STOPPED});
  }
}

/* ---- ending ---- */

static void leave(struct jobs_held *held) {
  struct jobs_runner *runner = held->runner;
  if (!link_is_in_list(&held->link)) return;
  list_remove(&held->link);
  runner->held_count--;
  jobs_runner_on_free_place(runner);
  unref(held);
}

void jobs_held_orphan(struct jobs_held *held) {
  list_remove(&held->link);
  held->runner->held_count--;
  unref(held);
}

static uint64_t *counter_of(struct jobs_stats *stats, struct slice state) {
  if (slice_is(state, "done")) return &stats->done;
  if (slice_is(state, "queued")) return &stats->retried;
  if (slice_is(state, "failed")) return &stats->failed;
  if (slice_is(state, "dead")) return &stats->dead;
  return &stats->cancelled;
}

/* Payloads and error texts may hold personal data: they stay in the table. */
static void log_end_of(const struct jobs_held *held, struct slice state) {
  bool is_trouble = slice_is(state, "failed") || slice_is(state, "dead") || slice_is(state, "lost");
  struct log_line line;
  log_begin(&line, held->runner->log, is_trouble ? LOG_WARN : LOG_INFO, "job");
  log_int(&line, "id", held->job.id);
  log_str(&line, "kind", slice_of(held->kind));
  log_str(&line, "state", state);
  log_int(&line, "attempt", held->job.attempt);
  log_int(&line, "us", (long long)(clock_monotonic_us() - held->started_us));
  log_end(&line);
}

static void lose(struct jobs_held *held) {
  held->runner->stats.lost++;
  log_end_of(held, slice_of("lost"));
  leave(held);
}

/* PostgreSQL refused the row itself (a result that is no JSON …): tried once more, as a failure. */
static void degrade(struct jobs_held *held, const struct error *err) {
  if (held->outcome == JOBS_FAILED) { /* twice refused: the lease will run out, then it is dead */
    log_text(held->runner->log, LOG_ERROR, "job end refused", "%s", err->text);
    leave(held);
    return;
  }
  held->outcome = JOBS_FAILED;
  bytes_clear(&held->error);
  bytes_addf(&held->error, "its end could not be stored: %s", err->text);
  jobs_held_write(held);
}

static bool is_refusal(const struct db_outcome *outcome) {
  return outcome->fault != NULL && !outcome->fault->retry &&
         outcome->err->code != ERR_UNAVAILABLE && outcome->err->code != ERR_TIMEOUT;
}

static void on_written(void *ctx, struct db_outcome *outcome) {
  struct jobs_held *held = ctx;
  struct jobs_runner *runner = held->runner;
  held->is_writing = false;
  struct slice state;
  if (!link_is_in_list(&held->link)) {
    /* orphaned meanwhile */
  } else if (outcome->err != NULL) {
    if (is_refusal(outcome)) degrade(held, outcome->err);
    /* else the database is away: the next tick tries again */
  } else if (db_result_rows(outcome->result) > 0 && db_result_get(outcome->result, 0, 0, &state)) {
    ++*counter_of(&runner->stats, state);
    log_end_of(held, state);
    leave(held);
  } else {
    lose(held);
  }
  unref(held);
  jobs_runner_unref(runner);
}

void jobs_held_write(struct jobs_held *held) {
  if (held->is_writing || !held->is_ended) return;
  struct jobs_runner *runner = held->runner;
  struct jobs_lease lease = lease_of(held);
  struct slice error = {held->error.data, held->error.len};
  held->is_writing = true;
  held->refs++;
  jobs_runner_ref(runner);
  switch (held->outcome) {
    case JOBS_DONE:
      jobs_store_done(runner->db, &lease, (struct slice){held->result.data, held->result.len},
                      on_written, held);
      return;
    case JOBS_RETRY:
      jobs_store_retry(runner->db, &lease, error, runner->config.retry_base_ms,
                       runner->config.retry_max_ms, on_written, held);
      return;
    case JOBS_FAILED: jobs_store_fail(runner->db, &lease, error, on_written, held); return;
    case JOBS_STOPPED: jobs_store_release(runner->db, &lease, on_written, held); return;
  }
}

/* PostgreSQL takes neither NUL nor broken UTF-8, and an error text may quote anything. */
static void add_clean(struct bytes *out, struct slice text) {
  for (size_t i = 0; i < text.len && out->len < MAX_ERROR_BYTES;) {
    size_t width = text.data[i] != '\0' ? utf8_width(text.data + i, text.len - i) : 0;
    if (width == 0) bytes_add_char(out, '?');
    else bytes_add(out, text.data + i, width);
    i += width != 0 ? width : 1;
  }
}

void jobs_finish(struct jobs_job *job, const struct jobs_end *end) {
  struct jobs_held *held = (struct jobs_held *)job;
  if (link_is_in_list(&held->link) && !held->is_ended) {
    held->is_ended = true;
    held->outcome = end->outcome;
    bytes_add(&held->result, end->result.data, end->result.len);
    add_clean(&held->error, end->error);
    if (held->is_lost) lose(held);
    else jobs_held_write(held);
  }
  unref(held);
}

/* ---- stopping ---- */

void jobs_held_tell(struct jobs_held *held, enum jobs_stop_reason reason) {
  struct jobs_runner *runner = held->runner;
  if (held->is_told || held->is_ended || runner->stop == NULL) return;
  held->is_told = true;
  runner->stop(&held->job, reason, runner->ctx);
}

void jobs_held_drop(struct jobs_held *held) {
  if (held->is_ended) return;
  held->is_ended = true;
  held->outcome = JOBS_STOPPED;
  jobs_held_write(held);
}

/* ---- progress ---- */

static void on_progress_written(void *ctx, struct db_outcome *outcome) {
  struct jobs_held *held = ctx;
  struct jobs_runner *runner = held->runner;
  held->is_progressing = false;
  struct slice wish;
  /* A failure is no harm: the next value comes, and a lost lease is seen by the renewal. */
  bool is_cancelled = link_is_in_list(&held->link) && outcome->err == NULL &&
                      db_result_rows(outcome->result) > 0 &&
                      db_result_get(outcome->result, 0, 0, &wish) && slice_is(wish, "t");
  if (is_cancelled) jobs_held_tell(held, JOBS_STOP_CANCELLED);
  unref(held);
  jobs_runner_unref(runner);
}

void jobs_held_write_progress(struct jobs_held *held, uint64_t now) {
  bool is_due = held->has_progress && !held->is_progressing && now >= held->progress_at;
  if (!is_due || held->is_ended) return;
  held->has_progress = false;
  held->is_progressing = true;
  held->progress_at = now + PROGRESS_PAUSE_US;
  held->refs++;
  jobs_runner_ref(held->runner);
  struct jobs_lease lease = lease_of(held);
  const char *text = held->progress_text[0] != '\0' ? held->progress_text : NULL;
  jobs_store_progress(held->runner->db, &lease, held->progress, held->progress_total, text,
                      on_progress_written, held);
}

static void copy_text(char *out, size_t room, const char *text) {
  struct bytes clean = {0};
  if (text != NULL) add_clean(&clean, slice_of(text));
  size_t len = 0;
  while (len < clean.len) { /* whole characters only */
    size_t width = utf8_width(clean.data + len, clean.len - len);
    if (len + width >= room) break;
    len += width;
  }
  if (len > 0) memcpy(out, clean.data, len);
  out[len] = '\0';
  bytes_deinit(&clean);
}

void jobs_progress(struct jobs_job *job, int done, int total, const char *text) {
  struct jobs_held *held = (struct jobs_held *)job;
  if (!link_is_in_list(&held->link)) return;
  held->progress = done;
  held->progress_total = total;
  copy_text(held->progress_text, sizeof held->progress_text, text);
  held->has_progress = true;
  jobs_held_write_progress(held, clock_monotonic_us());
}
