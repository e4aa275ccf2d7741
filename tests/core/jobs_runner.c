/* The job runner against a real PostgreSQL and the real table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "jobs/jobs.h"
#include "jobs/store.h"
#include "support/pg.h"

#define TEST(name) static void name(void **state)

/* ---- the table, as the migration makes it ---- */

static char *read_system_migration(void) {
  glob_t found;
  assert_int_equal(0, glob(COPP_SOURCE_DIR "/migrations/*_system.sql", 0, NULL, &found));
  FILE *in = fopen(found.gl_pathv[0], "r");
  assert_non_null(in);
  char *text = mem_zero(256 * 1024);
  assert_true(fread(text, 1, 256 * 1024 - 1, in) > 0);
  fclose(in);
  globfree(&found);
  return text;
}

/* Only the part about jobs, and without users: that is all a runner knows. */
static void make_table(struct pg *pg) {
  char *text = read_system_migration();
  char *from = strstr(text, "CREATE TABLE job ("), *to = strstr(text, "CREATE TABLE mail_message");
  assert_true(from != NULL && to != NULL && from < to);
  *to = '\0';
  char *reference = strstr(from, "REFERENCES user_account");
  if (reference != NULL) memset(reference, ' ', strlen("REFERENCES user_account"));
  assert_true(pg_run(pg, from));
  free(text);
}

static int set_up(void **state) {
  struct pg *pg = pg_start();
  make_table(pg);
  *state = pg;
  return 0;
}

static int tear_down(void **state) {
  pg_free(*state);
  return 0;
}

/* ---- an executor that does what the job's kind says ---- */

enum { MAX_RUNS = 64 };

struct run {
  struct jobs_job *job; /* NULL once finished */
  int64_t id;
  int attempt;
  char kind[32];
  bool is_told;
  enum jobs_stop_reason reason;
};

struct shop {
  struct world *w;
  struct jobs_runner *runner;
  struct run runs[MAX_RUNS]; /* in order of beginning */
  int count;
  bool is_stopped;
};

static void end(struct shop *shop, int run, enum jobs_outcome outcome, const char *result,
                const char *error) {
  struct jobs_job *job = shop->runs[run].job;
  shop->runs[run].job = NULL;
  jobs_finish(job, &(struct jobs_end){outcome, slice_of(result), slice_of(error)});
}

static void execute(struct jobs_job *job, void *ctx) {
  struct shop *shop = ctx;
  assert_true(shop->count < MAX_RUNS);
  int at = shop->count++;
  struct run *run = &shop->runs[at];
  *run = (struct run){.job = job, .id = job->id, .attempt = job->attempt};
  snprintf(run->kind, sizeof run->kind, "%s", job->kind);
  if (strcmp(job->kind, "quick") == 0) end(shop, at, JOBS_DONE, "{\"n\": 1}", NULL);
  if (strcmp(job->kind, "echo") == 0) end(shop, at, JOBS_DONE, job->payload.data, NULL);
  if (strcmp(job->kind, "flaky") == 0) end(shop, at, JOBS_RETRY, NULL, "away");
  if (strcmp(job->kind, "hopeless") == 0) end(shop, at, JOBS_FAILED, NULL, "no \xff \x01 thing");
  if (strcmp(job->kind, "garbled") == 0) end(shop, at, JOBS_DONE, "{not json", NULL);
} /* others are left to the test */

static void on_stop(struct jobs_job *job, enum jobs_stop_reason reason, void *ctx) {
  struct shop *shop = ctx;
  for (int i = 0; i < shop->count; i++) {
    struct run *run = &shop->runs[i];
    if (run->job != job) continue;
    assert_false(run->is_told); /* once */
    run->is_told = true;
    run->reason = reason;
    if (strcmp(run->kind, "polite") == 0) end(shop, i, JOBS_STOPPED, NULL, NULL);
    return;
  }
  fail_msg("told about a job that nobody runs");
}

static struct jobs_config fast(void) {
  struct jobs_config config = JOBS_CONFIG;
  config.tick_ms = 5;
  config.poll_ms = 20;
  config.retry_base_ms = 1;
  return config;
}

static void open_shop_beside(struct shop *shop, struct pg *pg, struct jobs_config config) {
  *shop = (struct shop){0};
  shop->w = world_new(pg, NULL);
  shop->runner = jobs_runner_new(&shop->w->loop, shop->w->db, &config, &shop->w->log, execute,
                                 on_stop, shop);
}

static void open_shop(struct shop *shop, struct pg *pg, struct jobs_config config) {
  assert_true(pg_run(pg, "TRUNCATE job"));
  open_shop_beside(shop, pg, config);
}

static void close_shop(struct shop *shop) {
  jobs_runner_free(shop->runner);
  for (int i = 0; i < shop->count; i++) { /* orphans may still end */
    if (shop->runs[i].job != NULL) end(shop, i, JOBS_DONE, NULL, NULL);
  }
  world_free(shop->w);
}

/* ---- conditions ---- */

static struct pg *pg_of(struct shop *shop) { return shop->w->pg; }

struct wish {
  struct shop *shop;
  const char *sql, *value;
  int runs;
};

static bool is_value(void *ctx) {
  const struct wish *wish = ctx;
  const char *value = pg_value(pg_of(wish->shop), wish->sql);
  return value != NULL && strcmp(value, wish->value) == 0;
}

static bool has_run(void *ctx) {
  const struct wish *wish = ctx;
  return wish->shop->count >= wish->runs;
}

static bool is_told(void *ctx) {
  const struct wish *wish = ctx;
  return wish->shop->runs[wish->runs].is_told;
}

/* Waits until the query's first value is `value`. */
static void until_value(struct shop *shop, const char *sql, const char *value) {
  struct wish wish = {.shop = shop, .sql = sql, .value = value};
  if (!world_until(shop->w, is_value, &wish, 10000)) {
    fail_msg("%s: %s, not %s", sql, pg_value(pg_of(shop), sql), value);
  }
}

static void until_runs(struct shop *shop, int runs) {
  struct wish wish = {.shop = shop, .runs = runs};
  if (!world_until(shop->w, has_run, &wish, 10000)) fail_msg("%d runs, not %d", shop->count, runs);
}

static void until_told(struct shop *shop, int run) {
  struct wish wish = {.shop = shop, .runs = run};
  assert_true(world_until(shop->w, is_told, &wish, 10000));
}

static bool is_idle(void *ctx) {
  return jobs_stats(((struct shop *)ctx)->runner).running == 0;
}

/* The table may know of an end before the runner has heard that it was written. */
static struct jobs_stats settled_stats(struct shop *shop) {
  assert_true(world_until(shop->w, is_idle, shop, 10000));
  return jobs_stats(shop->runner);
}

static void add(struct shop *shop, const char *kind) {
  char sql[200];
  snprintf(sql, sizeof sql, "INSERT INTO job (kind) VALUES ('%s')", kind);
  assert_true(pg_run(pg_of(shop), sql));
}

static void assert_value(struct shop *shop, const char *sql, const char *value) {
  assert_string_equal(value, pg_value(pg_of(shop), sql));
}

/* ---- ends ---- */

TEST(a_job_runs_once_and_keeps_its_result) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  add(&shop, "quick");
  until_value(&shop, "SELECT state FROM job", "done");
  assert_int_equal(1, shop.count);
  assert_int_equal(1, shop.runs[0].attempt);
  assert_value(&shop,
               "SELECT result || jsonb_build_object('a', attempts, 'free', locked_by IS NULL,"
               " 'at', finished_at IS NOT NULL) FROM job",
               "{\"a\": 1, \"n\": 1, \"at\": true, \"free\": true}");
  assert_int_equal(1, settled_stats(&shop).done);
  close_shop(&shop);
}

TEST(the_payload_reaches_the_executor) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  assert_true(pg_run(pg_of(&shop), "INSERT INTO job (kind, payload)"
                                   " VALUES ('echo', '{\"имя\": \"Анна\"}')"));
  until_value(&shop, "SELECT state FROM job", "done");
  assert_value(&shop, "SELECT result = payload FROM job", "t");
  close_shop(&shop);
}

TEST(a_job_that_fails_is_tried_again_until_it_is_dead) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  assert_true(pg_run(pg_of(&shop), "INSERT INTO job (kind, max_attempts) VALUES ('flaky', 3)"));
  until_value(&shop, "SELECT state FROM job", "dead");
  assert_int_equal(3, shop.count);
  assert_int_equal(3, shop.runs[2].attempt);
  assert_value(&shop, "SELECT error || ' ' || attempts FROM job", "away 3");
  assert_int_equal(2, settled_stats(&shop).retried);
  assert_int_equal(1, settled_stats(&shop).dead);
  close_shop(&shop);
}

TEST(the_pause_before_a_retry_doubles_and_has_a_cap) {
  struct shop shop;
  struct jobs_config config = fast();
  config.retry_base_ms = 100000;
  config.retry_max_ms = 300000;
  open_shop(&shop, *state, config);
  assert_true(pg_run(pg_of(&shop), "INSERT INTO job (kind, attempts, max_attempts)"
                                   " SELECT 'flaky', n, 50 FROM generate_series(0, 3) AS g (n)"
                                   " UNION ALL SELECT 'flaky', 40, 50"));
  until_value(&shop, "SELECT count(*) FROM job WHERE error = 'away'", "5");
  static const char *const checks[] = {
      "SELECT run_at - now() BETWEEN '70 s' AND '126 s' FROM job WHERE attempts = 1",
      "SELECT run_at - now() BETWEEN '145 s' AND '251 s' FROM job WHERE attempts = 2",
      "SELECT bool_and(run_at - now() BETWEEN '220 s' AND '376 s') FROM job WHERE attempts > 2"};
  for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) assert_value(&shop, checks[i], "t");
  assert_int_equal(5, shop.count);
  close_shop(&shop);
}

TEST(a_job_that_says_no_for_good_is_not_tried_again) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  add(&shop, "hopeless");
  until_value(&shop, "SELECT state FROM job", "failed");
  assert_int_equal(1, shop.count);
  assert_value(&shop, "SELECT error FROM job", "no ? \x01 thing");
  close_shop(&shop);
}

TEST(a_result_that_cannot_be_stored_fails_the_job_visibly) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  add(&shop, "garbled");
  until_value(&shop, "SELECT state FROM job", "failed");
  assert_value(&shop, "SELECT error LIKE 'its end could not be stored: %' FROM job", "t");
  close_shop(&shop);
}

/* ---- order and claiming ---- */

TEST(urgent_jobs_go_first_and_later_ones_wait_for_their_time) {
  struct shop shop;
  struct jobs_config config = fast();
  config.concurrency = 1;
  open_shop(&shop, *state, config);
  assert_true(pg_run(pg_of(&shop),
                     "INSERT INTO job (kind, priority, run_at) VALUES ('hold', 100, now()),"
                     " ('hold', 5, now()), ('hold', 1, now() + interval '1 hour')"));
  until_runs(&shop, 1);
  assert_value(&shop, "SELECT priority FROM job WHERE state = 'running'", "5");
  end(&shop, 0, JOBS_DONE, NULL, NULL);
  until_runs(&shop, 2);
  assert_value(&shop, "SELECT priority FROM job WHERE state = 'running'", "100");
  end(&shop, 1, JOBS_DONE, NULL, NULL);
  until_value(&shop, "SELECT count(*) FROM job WHERE state = 'done'", "2");
  assert_value(&shop, "SELECT state FROM job WHERE priority = 1", "queued");
  close_shop(&shop);
}

TEST(no_more_jobs_run_at_once_than_allowed) {
  struct shop shop;
  struct jobs_config config = fast();
  config.concurrency = 3;
  open_shop(&shop, *state, config);
  assert_true(pg_run(*state, "INSERT INTO job (kind) SELECT 'hold' FROM generate_series(1, 8)"));
  for (int i = 0; i < 8; i++) {
    until_runs(&shop, i + 1);
    assert_true(shop.count <= i + 3);
    assert_true(jobs_stats(shop.runner).running <= 3);
    end(&shop, i, JOBS_DONE, NULL, NULL);
  }
  until_value(&shop, "SELECT count(*) FROM job WHERE state = 'done'", "8");
  close_shop(&shop);
}

TEST(two_runners_share_the_work_without_doubles) {
  struct shop one, two;
  open_shop(&one, *state, fast());
  open_shop_beside(&two, *state, fast());
  assert_true(pg_run(*state, "INSERT INTO job (kind) SELECT 'quick' FROM generate_series(1, 60)"));
  const char *left = "SELECT count(*) FROM job WHERE state <> 'done'";
  uint64_t deadline = clock_monotonic_us() + 10000000;
  while (strcmp(pg_value(*state, left), "0") != 0 && clock_monotonic_us() < deadline) {
    uv_run(&one.w->loop.uv, UV_RUN_NOWAIT);
    uv_run(&two.w->loop.uv, UV_RUN_NOWAIT);
  }
  assert_int_equal(60, one.count + two.count);
  assert_true(one.count > 0 && two.count > 0);
  assert_value(&one, "SELECT max(attempts) FROM job", "1");
  close_shop(&one);
  close_shop(&two);
}

TEST(a_wake_starts_a_job_before_the_poll) {
  struct shop shop;
  struct jobs_config config = fast();
  config.poll_ms = 3600000;
  open_shop(&shop, *state, config);
  add(&shop, "quick");
  until_runs(&shop, 1); /* the first poll */
  add(&shop, "quick");
  jobs_wake(shop.runner);
  jobs_wake(shop.runner);
  until_runs(&shop, 2);
  until_value(&shop, "SELECT count(*) FROM job WHERE state = 'done'", "2");
  close_shop(&shop);
}

TEST(a_unique_key_is_free_again_after_the_end) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  const char *insert = "INSERT INTO job (kind, unique_key) VALUES ('hold', 'k')"
                       " ON CONFLICT DO NOTHING";
  assert_true(pg_run(*state, insert));
  until_runs(&shop, 1);
  assert_true(pg_run(*state, insert));
  assert_value(&shop, "SELECT count(*) FROM job", "1");
  end(&shop, 0, JOBS_DONE, NULL, NULL);
  until_value(&shop, "SELECT state FROM job", "done");
  assert_true(pg_run(*state, insert));
  assert_value(&shop, "SELECT count(*) FROM job", "2");
  close_shop(&shop);
}

/* ---- leases ---- */

TEST(the_job_of_a_dead_worker_is_taken_again) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  assert_true(pg_run(*state, "INSERT INTO job (kind, state, attempts, locked_by, locked_until)"
                             " VALUES ('quick', 'running', 1, 'gone:1:x', now() - interval '1 s'),"
                             " ('held', 'running', 1, 'other:2:y', now() + interval '1 hour')"));
  until_value(&shop, "SELECT state FROM job WHERE kind = 'quick'", "done");
  assert_int_equal(2, shop.runs[0].attempt);
  assert_value(&shop, "SELECT locked_by FROM job WHERE kind = 'held'", "other:2:y");
  assert_int_equal(1, shop.count);
  close_shop(&shop);
}

TEST(a_job_that_kills_its_workers_ends_dead) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  assert_true(pg_run(*state, "INSERT INTO job (kind, state, attempts, max_attempts, locked_by,"
                             " locked_until) VALUES ('quick', 'running', 2, 2, 'gone:1', now())"));
  until_value(&shop, "SELECT state FROM job", "dead");
  assert_value(&shop, "SELECT error FROM job", "its worker died in attempt 2");
  assert_int_equal(0, shop.count);
  close_shop(&shop);
}

TEST(a_lease_is_renewed_while_the_job_runs) {
  struct shop shop;
  struct jobs_config config = fast();
  config.lease_ms = 90;
  open_shop(&shop, *state, config);
  add(&shop, "hold");
  until_runs(&shop, 1);
  assert_true(pg_run(*state, "CREATE TABLE IF NOT EXISTS seen AS SELECT locked_until FROM job"));
  until_value(&shop, "SELECT job.locked_until > seen.locked_until + interval '200 ms'"
                     " FROM job, seen", "t");
  assert_true(pg_run(*state, "DROP TABLE seen"));
  assert_int_equal(1, shop.count); /* not taken again by ourselves */
  end(&shop, 0, JOBS_DONE, NULL, NULL);
  until_value(&shop, "SELECT state || attempts FROM job", "done1");
  close_shop(&shop);
}

TEST(who_lost_the_lease_is_told_and_cannot_overwrite_the_next_run) {
  struct shop shop;
  struct jobs_config config = fast();
  config.lease_ms = 60;
  open_shop(&shop, *state, config);
  add(&shop, "hold");
  until_runs(&shop, 1);
  assert_true(pg_run(*state, "UPDATE job SET attempts = 2, locked_by = 'other:1:z',"
                             " locked_until = now() + interval '1 hour'"));
  until_told(&shop, 0);
  assert_int_equal(JOBS_STOP_LOST, shop.runs[0].reason);
  end(&shop, 0, JOBS_DONE, "{\"mine\": 1}", NULL);
  assert_int_equal(1, settled_stats(&shop).lost);
  assert_value(&shop, "SELECT state || locked_by || (result IS NULL) FROM job",
               "runningother:1:ztrue");
  close_shop(&shop);
}

TEST(an_end_that_comes_before_the_loss_is_noticed_is_dropped_too) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  add(&shop, "hold");
  until_runs(&shop, 1);
  assert_true(pg_run(*state, "UPDATE job SET attempts = 2"));
  end(&shop, 0, JOBS_RETRY, NULL, "late");
  assert_int_equal(1, settled_stats(&shop).lost);
  assert_value(&shop, "SELECT state || attempts || (error IS NULL) FROM job", "running2true");
  close_shop(&shop);
}

/* ---- cancel and progress ---- */

TEST(a_cancel_reaches_the_running_job) {
  struct shop shop;
  struct jobs_config config = fast();
  config.lease_ms = 60;
  open_shop(&shop, *state, config);
  add(&shop, "polite");
  until_runs(&shop, 1);
  assert_true(pg_run(*state, "UPDATE job SET cancel_requested = true"));
  until_value(&shop, "SELECT state FROM job", "cancelled");
  assert_int_equal(JOBS_STOP_CANCELLED, shop.runs[0].reason);
  assert_int_equal(1, settled_stats(&shop).cancelled);
  close_shop(&shop);
}

TEST(a_wake_brings_the_cancel_before_the_renewal) {
  struct shop shop;
  open_shop(&shop, *state, fast()); /* the renewal would come after ten seconds */
  add(&shop, "polite");
  until_runs(&shop, 1);
  assert_true(pg_run(*state, "UPDATE job SET cancel_requested = true"));
  jobs_wake(shop.runner);
  until_value(&shop, "SELECT state FROM job", "cancelled");
  close_shop(&shop);
}

TEST(a_cancelled_job_that_fails_is_not_tried_again) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  add(&shop, "hold");
  until_runs(&shop, 1);
  assert_true(pg_run(*state, "UPDATE job SET cancel_requested = true"));
  end(&shop, 0, JOBS_RETRY, NULL, "interrupted");
  until_value(&shop, "SELECT state FROM job", "cancelled");
  close_shop(&shop);
}

TEST(a_job_cancelled_while_queued_never_runs) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  assert_true(pg_run(*state, "INSERT INTO job (kind, cancel_requested, run_at)"
                             " VALUES ('quick', true, now()),"
                             " ('quick', true, now() + interval '1 hour')"));
  until_value(&shop, "SELECT count(*) FROM job WHERE state = 'cancelled'", "2");
  assert_int_equal(0, shop.count);
  close_shop(&shop);
}

TEST(progress_is_written_and_a_flood_of_it_is_thinned) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  add(&shop, "hold");
  until_runs(&shop, 1);
  assert_true(pg_run(*state, "CREATE TABLE written (at int);"
                             "CREATE RULE count AS ON UPDATE TO job"
                             " WHERE old.progress <> new.progress"
                             " DO ALSO INSERT INTO written VALUES (new.progress)"));
  for (int i = 1; i <= 5000; i++) jobs_progress(shop.runs[0].job, i, 5000, "строка \xff");
  until_value(&shop, "SELECT progress || '/' || progress_total || ' ' || progress_text FROM job",
              "5000/5000 строка ?");
  assert_value(&shop, "SELECT count(*) <= 3 FROM written", "t");
  assert_true(pg_run(*state, "DROP RULE count ON job; DROP TABLE written"));
  end(&shop, 0, JOBS_DONE, NULL, NULL);
  until_value(&shop, "SELECT state FROM job", "done");
  close_shop(&shop);
}

/* ---- periodic work ---- */

TEST(periodic_work_is_queued_once_a_span_by_however_many_runners) {
  struct shop worker, planner;
  struct jobs_config config = fast();
  config.concurrency = 0; /* it only plans: its loop stands still while the other's turns */
  open_shop(&planner, *state, config);
  jobs_every(planner.runner, "quick", 1000000);
  until_value(&planner, "SELECT count(*) || min(state) FROM job", "1queued");
  open_shop_beside(&worker, *state, fast());
  jobs_every(worker.runner, "quick", 1000000);
  until_value(&worker, "SELECT count(*) || min(state) FROM job", "1done");
  jobs_forget_timers(worker.runner); /* as a reload does */
  jobs_every(worker.runner, "quick", 1000000);
  struct answer a = {0};
  jobs_store_every(planner.w->db, "quick", 1000000, answer_done, &a);
  world_wait(planner.w, &a);
  assert_string_equal("f", a.text); /* nothing runs, and yet nothing is queued: */
  add(&worker, "quick");
  until_value(&worker, "SELECT count(*) FROM job WHERE state = 'done'", "2");
  assert_value(&worker, "SELECT count(*) FROM job WHERE unique_key LIKE 'every:quick:%'", "1");
  close_shop(&worker);
  close_shop(&planner);
}

TEST(periodic_work_comes_again_in_the_next_span) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  jobs_every(shop.runner, "quick", 1);
  until_value(&shop, "SELECT count(*) >= 3 AND count(*) = count(DISTINCT unique_key) FROM job",
              "t");
  close_shop(&shop);
}

TEST(periodic_work_does_not_pile_up_behind_a_slow_run) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  assert_true(pg_run(*state, "INSERT INTO job (kind, state, unique_key, attempts, locked_by,"
                             " locked_until) VALUES ('quick', 'running', 'every:quick:1', 1,"
                             " 'other:1:a', now() + interval '1 hour')"));
  struct answer a;
  a = (struct answer){0};
  jobs_store_every(shop.w->db, "quick", 60, answer_done, &a);
  world_wait(shop.w, &a);
  assert_string_equal("t", a.text);
  assert_value(&shop, "SELECT count(*) FROM job", "1");
  close_shop(&shop);
}

TEST(old_ends_are_purged_and_dead_letters_kept_longer) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  assert_true(pg_run(*state,
                     "INSERT INTO job (kind, state, finished_at) SELECT 'x', s, now() - d * "
                     "interval '1 day' FROM unnest(ARRAY['done', 'cancelled', 'failed', 'dead']) s,"
                     " unnest(ARRAY[13, 15, 89, 91]) d"));
  struct answer a = {0};
  jobs_store_purge(shop.w->db, 14, 90, answer_done, &a);
  world_wait(shop.w, &a);
  assert_int_equal(ERR_NONE, a.code);
  assert_int_equal(8, a.affected);
  assert_value(&shop, "SELECT string_agg(state, ' ' ORDER BY state) FROM job",
               "cancelled dead dead dead done failed failed failed");
  close_shop(&shop);
}

/* ---- stopping ---- */

static void on_stopped(void *ctx) { ((struct shop *)ctx)->is_stopped = true; }

static bool is_stopped(void *ctx) { return ((struct shop *)ctx)->is_stopped; }

TEST(a_stop_waits_for_running_jobs_and_takes_no_new_ones) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  add(&shop, "hold");
  until_runs(&shop, 1);
  jobs_runner_stop(shop.runner, 60000, on_stopped, &shop);
  add(&shop, "quick");
  jobs_wake(shop.runner);
  struct answer a;
  world_value(shop.w, &a, "SELECT 1");
  assert_false(shop.is_stopped);
  end(&shop, 0, JOBS_DONE, NULL, NULL);
  assert_true(world_until(shop.w, is_stopped, &shop, 10000));
  assert_value(&shop, "SELECT string_agg(state, ' ' ORDER BY id) FROM job", "done queued");
  close_shop(&shop);
}

TEST(after_the_grace_period_jobs_go_back_unmarked) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  add(&shop, "polite");
  add(&shop, "stubborn");
  until_runs(&shop, 2);
  jobs_runner_stop(shop.runner, 0, on_stopped, &shop);
  assert_true(world_until(shop.w, is_stopped, &shop, 10000));
  assert_int_equal(JOBS_STOP_SHUTDOWN, shop.runs[0].reason);
  assert_true(shop.runs[1].is_told);
  assert_value(&shop, "SELECT string_agg(state || attempts || (locked_by IS NULL), ' ') FROM job",
               "queued0true queued0true");
  end(&shop, 1, JOBS_DONE, "{\"late\": 1}", NULL); /* its end does not count any more */
  assert_value(&shop, "SELECT count(result) FROM job", "0");
  close_shop(&shop);
}

static void on_stopped_free(void *ctx) {
  struct shop *shop = ctx;
  shop->is_stopped = true;
  jobs_runner_free(shop->runner);
  shop->runner = NULL;
}

TEST(the_runner_may_be_freed_where_its_stop_is_told) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  add(&shop, "quick");
  until_runs(&shop, 1);
  jobs_runner_stop(shop.runner, 0, on_stopped_free, &shop);
  assert_true(world_until(shop.w, is_stopped, &shop, 10000));
  close_shop(&shop);
}

TEST(a_runner_may_go_in_the_middle_of_everything) {
  struct shop shop;
  struct jobs_config config = fast();
  config.lease_ms = 30;
  open_shop(&shop, *state, config);
  jobs_every(shop.runner, "quick", 1);
  assert_true(pg_run(*state, "INSERT INTO job (kind) SELECT 'hold' FROM generate_series(1, 4)"));
  until_runs(&shop, 4);
  jobs_progress(shop.runs[0].job, 1, 2, NULL);
  end(&shop, 1, JOBS_DONE, NULL, NULL);
  jobs_wake(shop.runner);
  close_shop(&shop); /* with a progress, an end and a claim under way, and three orphans */
}

/* ---- the database is away ---- */

TEST(an_end_survives_a_restart_of_the_database) {
  struct shop shop;
  open_shop(&shop, *state, fast());
  add(&shop, "hold");
  until_runs(&shop, 1);
  pg_stop(*state);
  end(&shop, 0, JOBS_DONE, "{\"kept\": true}", NULL);
  for (int i = 0; i < 50; i++) uv_run(&shop.w->loop.uv, UV_RUN_ONCE);
  assert_int_equal(1, jobs_stats(shop.runner).running);
  pg_start_again(*state);
  assert_int_equal(1, settled_stats(&shop).done);
  assert_value(&shop, "SELECT state || attempts || result FROM job", "done1{\"kept\": true}");
  close_shop(&shop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_job_runs_once_and_keeps_its_result),
      cmocka_unit_test(the_payload_reaches_the_executor),
      cmocka_unit_test(a_job_that_fails_is_tried_again_until_it_is_dead),
      cmocka_unit_test(the_pause_before_a_retry_doubles_and_has_a_cap),
      cmocka_unit_test(a_job_that_says_no_for_good_is_not_tried_again),
      cmocka_unit_test(a_result_that_cannot_be_stored_fails_the_job_visibly),
      cmocka_unit_test(urgent_jobs_go_first_and_later_ones_wait_for_their_time),
      cmocka_unit_test(no_more_jobs_run_at_once_than_allowed),
      cmocka_unit_test(two_runners_share_the_work_without_doubles),
      cmocka_unit_test(a_wake_starts_a_job_before_the_poll),
      cmocka_unit_test(a_unique_key_is_free_again_after_the_end),
      cmocka_unit_test(the_job_of_a_dead_worker_is_taken_again),
      cmocka_unit_test(a_job_that_kills_its_workers_ends_dead),
      cmocka_unit_test(a_lease_is_renewed_while_the_job_runs),
      cmocka_unit_test(who_lost_the_lease_is_told_and_cannot_overwrite_the_next_run),
      cmocka_unit_test(an_end_that_comes_before_the_loss_is_noticed_is_dropped_too),
      cmocka_unit_test(a_cancel_reaches_the_running_job),
      cmocka_unit_test(a_wake_brings_the_cancel_before_the_renewal),
      cmocka_unit_test(a_cancelled_job_that_fails_is_not_tried_again),
      cmocka_unit_test(a_job_cancelled_while_queued_never_runs),
      cmocka_unit_test(progress_is_written_and_a_flood_of_it_is_thinned),
      cmocka_unit_test(periodic_work_is_queued_once_a_span_by_however_many_runners),
      cmocka_unit_test(periodic_work_comes_again_in_the_next_span),
      cmocka_unit_test(periodic_work_does_not_pile_up_behind_a_slow_run),
      cmocka_unit_test(old_ends_are_purged_and_dead_letters_kept_longer),
      cmocka_unit_test(a_stop_waits_for_running_jobs_and_takes_no_new_ones),
      cmocka_unit_test(after_the_grace_period_jobs_go_back_unmarked),
      cmocka_unit_test(the_runner_may_be_freed_where_its_stop_is_told),
      cmocka_unit_test(a_runner_may_go_in_the_middle_of_everything),
      cmocka_unit_test(an_end_survives_a_restart_of_the_database),
  };
  return cmocka_run_group_tests_name("jobs_runner", tests, set_up, tear_down);
}
