/* COPY in both directions, on the slow lane and inside transactions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "support/pg.h"

#define TEST(name) static void name(void **state)

static int set_up(void **state) {
  struct pg *pg = pg_start();
  pg_run(pg, "CREATE TABLE item (id int, name text)");
  *state = pg;
  return 0;
}

static int tear_down(void **state) {
  pg_free(*state);
  return 0;
}

static struct world *fresh_world(void **state) {
  pg_run(*state, "TRUNCATE item");
  return world_new(*state, NULL);
}

/* Feeds rows 1…count, then ends; or reads and counts. */
struct traffic {
  struct db_copy *copy;
  struct answer answer;
  int count, next;
  const char *stop_with; /* reason for a broken end, or NULL */
  int stop_after;        /* 0: never */
  int bad_line_at;       /* 0: none */
  int pauses;            /* times that put() said enough, or that we paused */
  size_t bytes, chunks;
  int pause_every; /* chunks; 0: never */
};

static void on_ready(void *ctx) {
  struct traffic *t = ctx;
  while (t->next < t->count) {
    char line[64];
    t->next++;
    if (t->next == t->stop_after) break;
    int len = t->next == t->bad_line_at ? sprintf(line, "no number\tx\n")
                                        : sprintf(line, "%d\tитем %d\n", t->next, t->next);
    if (!db_copy_put(t->copy, line, (size_t)len)) {
      t->pauses++;
      return;
    }
  }
  db_copy_finish(t->copy, t->stop_with);
}

static bool on_chunk(void *ctx, struct slice lines) {
  struct traffic *t = ctx;
  t->bytes += lines.len;
  t->chunks++;
  assert_int_equal(lines.data[lines.len - 1], '\n');
  if (t->pause_every == 0 || t->chunks % (size_t)t->pause_every != 0) return true;
  t->pauses++;
  return false;
}

static void on_done(void *ctx, struct db_outcome *outcome) {
  answer_done(&((struct traffic *)ctx)->answer, outcome);
}

static const struct db_copy_events events = {on_ready, on_chunk, on_done};

static void start(struct world *w, struct db_tx *tx, struct traffic *t, const char *sql) {
  t->copy = db_copy_start(w->db, tx, query_of(sql, NULL), &events, t);
}

TEST(rows_go_in_with_back_pressure) {
  struct world *w = fresh_world(state);
  struct traffic t = {.count = 200000};
  start(w, NULL, &t, "COPY item FROM STDIN");
  assert_int_equal(t.next, 0); /* not inside the call */
  world_wait(w, &t.answer);
  assert_int_equal(t.answer.code, ERR_NONE);
  assert_int_equal(t.answer.affected, 200000);
  assert_true(t.pauses > 0);
  assert_string_equal(
      pg_value(*state, "SELECT count(*) || ' ' || max(name) FROM item WHERE id > 199998"),
      "2 итем 200000");
  struct answer a;
  world_ask_lane(w, &a, DB_LANE_SLOW, "SELECT 'pipeline again'");
  world_wait(w, &a);
  assert_string_equal(a.text, "pipeline again");
  world_free(w);
}

TEST(a_bad_line_fails_the_whole_copy) {
  struct world *w = fresh_world(state);
  struct traffic t = {.count = 50000, .bad_line_at = 3};
  start(w, NULL, &t, "COPY item FROM STDIN");
  world_wait(w, &t.answer);
  assert_int_equal(t.answer.code, ERR_DB);
  assert_string_equal(t.answer.fault.sqlstate, "22P02");
  assert_string_equal(pg_value(*state, "SELECT count(*) FROM item"), "0");
  world_free(w);
}

TEST(a_producer_that_gives_up_leaves_nothing) {
  struct world *w = fresh_world(state);
  struct traffic t = {.count = 1000, .stop_after = 500, .stop_with = "the file ended early"};
  start(w, NULL, &t, "COPY item FROM STDIN");
  world_wait(w, &t.answer);
  assert_string_equal(t.answer.fault.sqlstate, "57014");
  assert_non_null(strstr(t.answer.error, "the file ended early"));
  assert_string_equal(pg_value(*state, "SELECT count(*) FROM item"), "0");
  world_free(w);
}

TEST(a_wrong_statement_is_an_error) {
  struct world *w = fresh_world(state);
  struct traffic t = {0}, u = {0}, v = {0};
  start(w, NULL, &t, "COPY no_such_table FROM STDIN");
  start(w, NULL, &u, "SELECT 1");
  v.copy = db_copy_start(w->db, NULL, query_of("COPY item FROM STDIN", "1", NULL), &events, &v);
  world_wait(w, &t.answer);
  world_wait(w, &u.answer);
  world_wait(w, &v.answer);
  assert_string_equal(t.answer.fault.sqlstate, "42P01");
  assert_int_not_equal(u.answer.code, ERR_NONE);
  assert_int_equal(v.answer.code, ERR_INVALID);
  world_free(w);
}

static bool is_paused(void *ctx) {
  struct traffic *t = ctx;
  return t->pauses == 1;
}

TEST(rows_come_out_in_chunks_and_pause_when_told) {
  struct world *w = fresh_world(state);
  struct traffic t = {.pause_every = 3};
  start(w, NULL, &t,
        "COPY (SELECT n, repeat('x', 100) FROM generate_series(1, 20000) n) TO STDOUT");
  assert_true(world_until(w, is_paused, &t, 5000));
  t.pause_every = 0;
  struct answer a;
  world_value(w, &a, "SELECT 1"); /* the loop turns, the copy does not */
  assert_int_equal(t.chunks, 3);
  assert_false(t.answer.is_done);
  db_copy_resume(t.copy);
  world_wait(w, &t.answer);
  assert_int_equal(t.answer.code, ERR_NONE);
  assert_int_equal(t.answer.affected, 20000);
  assert_true(t.bytes > 2000000);
  assert_true(t.chunks < 200); /* not one a row */
  world_free(w);
}

TEST(an_error_in_the_middle_of_reading_is_told) {
  struct world *w = fresh_world(state);
  struct traffic t = {0};
  start(w, NULL, &t, "COPY (SELECT 1 / (5000 - n) FROM generate_series(1, 20000) n) TO STDOUT");
  world_wait(w, &t.answer);
  assert_string_equal(t.answer.fault.sqlstate, "22012");
  world_free(w);
}

static struct db_tx *begin(struct world *w) {
  struct answer a = {0};
  struct db_tx *tx = db_tx_begin(w->db, DB_TX_DEFAULT, 0, answer_done, &a);
  world_wait(w, &a);
  assert_int_equal(a.code, ERR_NONE);
  return tx;
}

TEST(inside_a_transaction_it_takes_its_turn) {
  struct world *w = fresh_world(state);
  struct traffic t = {.count = 1000};
  struct answer before = {0}, after = {0}, ended = {0};
  struct db_tx *tx = begin(w);
  db_tx_submit(tx, query_of("INSERT INTO item VALUES (0, 'before')", NULL), answer_done, &before);
  start(w, tx, &t, "COPY item FROM STDIN");
  db_tx_submit(tx, query_of("SELECT count(*) FROM item", NULL), answer_done, &after);
  db_tx_end(tx, true, answer_done, &ended);
  world_wait(w, &ended);
  assert_int_equal(ended.code, ERR_NONE);
  assert_string_equal(after.text, "1001");
  assert_string_equal(pg_value(*state, "SELECT count(*) FROM item"), "1001");
  world_free(w);
}

TEST(one_that_is_broken_off_rolls_back_its_transaction) {
  struct world *w = fresh_world(state);
  struct answer a = {0};
  struct traffic t = {.pause_every = 1};
  struct db_tx *tx = begin(w);
  db_tx_submit(tx, query_of("INSERT INTO item VALUES (0, 'before')", NULL), answer_done, &a);
  start(w, tx, &t, "COPY (SELECT n FROM generate_series(1, 1000000) n) TO STDOUT");
  assert_true(world_until(w, is_paused, &t, 5000));
  db_tx_abandon(tx);
  struct db_tx *next = begin(w);
  db_tx_abandon(next);
  assert_false(t.answer.is_done);
  assert_string_equal(pg_value(*state, "SELECT count(*) FROM item"), "0");
  world_free(w);
}

TEST(a_cancelled_copy_never_calls_back) {
  struct world *w = fresh_world(state);
  struct traffic running = {.pause_every = 1}, queued = {.count = 10};
  start(w, NULL, &running, "COPY (SELECT n FROM generate_series(1, 1000000) n) TO STDOUT");
  assert_true(world_until(w, is_paused, &running, 5000));
  start(w, NULL, &queued, "COPY item FROM STDIN");
  db_copy_cancel(queued.copy);
  db_copy_cancel(running.copy);
  struct answer a;
  world_ask_lane(w, &a, DB_LANE_SLOW, "SELECT 'free'");
  world_wait(w, &a);
  assert_string_equal(a.text, "free");
  assert_false(running.answer.is_done || queued.answer.is_done);
  world_free(w);
}

TEST(a_deadline_ends_a_copy) {
  struct world *w = fresh_world(state);
  struct traffic t = {.pause_every = 1};
  struct db_query *q =
      query_of("COPY (SELECT n FROM generate_series(1, 1000000) n) TO STDOUT", NULL);
  db_query_timeout(q, 200);
  t.copy = db_copy_start(w->db, NULL, q, &events, &t);
  world_wait(w, &t.answer);
  assert_int_equal(t.answer.code, ERR_TIMEOUT);
  world_free(w);
}

TEST(closing_tells_a_running_copy) {
  struct world *w = fresh_world(state);
  struct traffic t = {.pause_every = 1};
  start(w, NULL, &t, "COPY (SELECT n FROM generate_series(1, 1000000) n) TO STDOUT");
  assert_true(world_until(w, is_paused, &t, 5000));
  world_free(w);
  assert_int_equal(t.answer.code, ERR_CLOSED);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_go_in_with_back_pressure),
      cmocka_unit_test(a_bad_line_fails_the_whole_copy),
      cmocka_unit_test(a_producer_that_gives_up_leaves_nothing),
      cmocka_unit_test(a_wrong_statement_is_an_error),
      cmocka_unit_test(rows_come_out_in_chunks_and_pause_when_told),
      cmocka_unit_test(an_error_in_the_middle_of_reading_is_told),
      cmocka_unit_test(inside_a_transaction_it_takes_its_turn),
      cmocka_unit_test(one_that_is_broken_off_rolls_back_its_transaction),
      cmocka_unit_test(a_cancelled_copy_never_calls_back),
      cmocka_unit_test(a_deadline_ends_a_copy),
      cmocka_unit_test(closing_tells_a_running_copy),
  };
  return cmocka_run_group_tests_name("db_copy", tests, set_up, tear_down);
}
