/* Transactions: pinning, the wait for a connection, ends of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "support/pg.h"

#define TEST(name) static void name(void **state)

static int set_up(void **state) {
  struct pg *pg = pg_start();
  pg_run(pg,
         "CREATE TABLE account (id int PRIMARY KEY, money int NOT NULL CHECK (money >= 0));"
         "CREATE TABLE parent (id int PRIMARY KEY);"
         "CREATE TABLE child (parent_id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)");
  *state = pg;
  return 0;
}

static int tear_down(void **state) {
  pg_free(*state);
  return 0;
}

static struct world *fresh_world(void **state, void (*change)(struct db_config *config)) {
  pg_run(*state, "TRUNCATE account; INSERT INTO account VALUES (1, 100), (2, 100)");
  return world_new(*state, change);
}

static struct db_tx *begin(struct world *w, enum db_tx_mode mode) {
  struct answer a = {0};
  struct db_tx *tx = db_tx_begin(w->db, mode, 0, answer_done, &a);
  world_wait(w, &a);
  assert_int_equal(a.code, ERR_NONE);
  return tx;
}

static void ask_in(struct db_tx *tx, struct answer *a, const char *sql) {
  *a = (struct answer){0};
  db_tx_submit(tx, query_of(sql, NULL), answer_done, a);
}

static const char *value_in(struct world *w, struct db_tx *tx, struct answer *a, const char *sql) {
  ask_in(tx, a, sql);
  world_wait(w, a);
  if (a->code != ERR_NONE) fail_msg("%s", a->error);
  return a->text;
}

static enum error_code end(struct world *w, struct db_tx *tx, bool commit) {
  struct answer a = {0};
  db_tx_end(tx, commit, answer_done, &a);
  world_wait(w, &a);
  return a.code;
}

static const char *money_of_1(void **state) {
  return pg_value(*state, "SELECT money FROM account WHERE id = 1");
}

/* ---- ends ---- */

TEST(what_is_committed_stays_and_what_is_rolled_back_does_not) {
  struct world *w = fresh_world(state, NULL);
  struct answer a;
  struct db_tx *tx = begin(w, DB_TX_DEFAULT);
  value_in(w, tx, &a, "UPDATE account SET money = 150 WHERE id = 1");
  assert_string_equal(money_of_1(state), "100"); /* nobody else sees it yet */
  assert_int_equal(end(w, tx, true), ERR_NONE);
  assert_string_equal(money_of_1(state), "150");
  tx = begin(w, DB_TX_DEFAULT);
  value_in(w, tx, &a, "UPDATE account SET money = 1 WHERE id = 1");
  assert_int_equal(end(w, tx, false), ERR_NONE);
  assert_string_equal(money_of_1(state), "150");
  world_free(w);
}

TEST(queries_inside_may_be_sent_without_waiting_and_run_in_order) {
  struct world *w = fresh_world(state, NULL);
  struct answer a[4];
  struct db_tx *tx = begin(w, DB_TX_DEFAULT);
  ask_in(tx, &a[0], "UPDATE account SET money = money - 30 WHERE id = 1");
  ask_in(tx, &a[1], "UPDATE account SET money = money + 30 WHERE id = 2");
  ask_in(tx, &a[2], "SELECT money FROM account WHERE id = 2");
  assert_int_equal(end(w, tx, true), ERR_NONE);
  assert_int_equal(a[0].affected, 1);
  assert_string_equal(a[2].text, "130");
  assert_string_equal(money_of_1(state), "70");
  world_free(w);
}

TEST(commit_after_a_failed_statement_is_a_conflict) {
  struct world *w = fresh_world(state, NULL);
  struct answer a, b;
  struct db_tx *tx = begin(w, DB_TX_DEFAULT);
  ask_in(tx, &a, "UPDATE account SET money = -1 WHERE id = 1");
  ask_in(tx, &b, "SELECT 1");
  world_wait(w, &b);
  assert_string_equal(a.fault.sqlstate, "23514");
  assert_string_equal(a.fault.constraint, "account_money_check");
  assert_string_equal(b.fault.sqlstate, "25P02");
  assert_int_equal(end(w, tx, true), ERR_CONFLICT);
  world_free(w);
}

TEST(a_deferred_constraint_speaks_at_commit) {
  struct world *w = fresh_world(state, NULL);
  struct answer a, ended = {0};
  struct db_tx *tx = begin(w, DB_TX_DEFAULT);
  value_in(w, tx, &a, "INSERT INTO child VALUES (99)");
  db_tx_end(tx, true, answer_done, &ended);
  world_wait(w, &ended);
  assert_int_equal(ended.code, ERR_CONFLICT);
  assert_string_equal(ended.fault.sqlstate, "23503");
  assert_string_equal(ended.fault.constraint, "child_parent_id_fkey");
  world_free(w);
}

TEST(two_serializable_writers_get_a_code_to_retry_by) {
  struct world *w = fresh_world(state, NULL);
  struct answer a, b;
  struct db_tx *one = begin(w, DB_TX_SERIALIZABLE), *two = begin(w, DB_TX_SERIALIZABLE);
  value_in(w, one, &a, "SELECT sum(money) FROM account");
  value_in(w, two, &a, "SELECT sum(money) FROM account");
  value_in(w, one, &a, "UPDATE account SET money = 0 WHERE id = 1");
  ask_in(two, &b, "UPDATE account SET money = 0 WHERE id = 1"); /* waits for one */
  assert_int_equal(end(w, one, true), ERR_NONE);
  world_wait(w, &b);
  assert_int_equal(b.code, ERR_CONFLICT);
  assert_string_equal(b.fault.sqlstate, "40001");
  assert_true(b.fault.retry);
  assert_int_equal(end(w, two, false), ERR_NONE);
  world_free(w);
}

TEST(a_deadlock_has_one_victim_that_may_retry) {
  struct world *w = fresh_world(state, NULL);
  struct answer a, b;
  struct db_tx *one = begin(w, DB_TX_DEFAULT), *two = begin(w, DB_TX_DEFAULT);
  value_in(w, one, &a, "UPDATE account SET money = 1 WHERE id = 1");
  value_in(w, two, &a, "UPDATE account SET money = 2 WHERE id = 2");
  ask_in(one, &a, "UPDATE account SET money = 1 WHERE id = 2");
  ask_in(two, &b, "UPDATE account SET money = 2 WHERE id = 1");
  world_wait(w, a.is_done ? &b : &a);
  struct answer *victim = a.is_done && a.code != ERR_NONE ? &a : &b;
  world_wait(w, victim);
  assert_string_equal(victim->fault.sqlstate, "40P01");
  assert_true(victim->fault.retry);
  db_tx_abandon(victim == &a ? one : two);
  world_wait(w, victim == &a ? &b : &a);
  db_tx_abandon(victim == &a ? two : one);
  world_free(w);
}

TEST(a_read_only_transaction_refuses_to_write) {
  struct world *w = fresh_world(state, NULL);
  struct answer a;
  struct db_tx *tx = begin(w, DB_TX_READ_ONLY);
  ask_in(tx, &a, "UPDATE account SET money = 0");
  world_wait(w, &a);
  assert_string_equal(a.fault.sqlstate, "25006");
  assert_int_equal(end(w, tx, false), ERR_NONE);
  struct db_lane_stats stats;
  db_lane_stats(w->db, DB_LANE_TX, &stats);
  assert_int_equal(stats.connected, 1); /* that was no failover */
  world_free(w);
}

/* ---- the wait ---- */

static void one_place(struct db_config *config) {
  config->lanes[DB_LANE_TX].connections = 1;
  config->lanes[DB_LANE_TX].queue_limit = 2;
}

TEST(waiting_transactions_are_served_in_order_and_within_their_deadline) {
  struct world *w = fresh_world(state, one_place);
  struct answer late = {0}, next = {0}, over = {0};
  struct db_tx *first = begin(w, DB_TX_DEFAULT);
  struct db_tx *late_tx = db_tx_begin(w->db, DB_TX_DEFAULT, 100, answer_done, &late);
  struct db_tx *next_tx = db_tx_begin(w->db, DB_TX_DEFAULT, 0, answer_done, &next);
  struct db_tx *over_tx = db_tx_begin(w->db, DB_TX_DEFAULT, 0, answer_done, &over);
  world_wait(w, &over);
  assert_int_equal(over.code, ERR_OVERLOADED);
  db_tx_abandon(over_tx);
  world_wait(w, &late);
  assert_int_equal(late.code, ERR_TIMEOUT);
  assert_false(next.is_done);
  assert_int_equal(end(w, late_tx, false), ERR_NONE);
  assert_int_equal(end(w, first, true), ERR_NONE);
  world_wait(w, &next);
  assert_int_equal(next.code, ERR_NONE);
  assert_int_equal(end(w, next_tx, true), ERR_NONE);
  world_free(w);
}

TEST(one_who_stops_waiting_leaves_no_trace) {
  struct world *w = fresh_world(state, one_place);
  struct answer gone = {0};
  struct db_tx *first = begin(w, DB_TX_DEFAULT);
  db_tx_abandon(db_tx_begin(w->db, DB_TX_DEFAULT, 0, answer_done, &gone));
  assert_int_equal(end(w, first, false), ERR_NONE);
  struct db_tx *second = begin(w, DB_TX_DEFAULT);
  assert_int_equal(end(w, second, false), ERR_NONE);
  assert_false(gone.is_done);
  world_free(w);
}

/* ---- owners and connections die ---- */

TEST(an_abandoned_transaction_is_rolled_back) {
  struct world *w = fresh_world(state, one_place);
  struct answer a, gone;
  struct db_tx *tx = begin(w, DB_TX_DEFAULT);
  value_in(w, tx, &a, "UPDATE account SET money = 0 WHERE id = 1");
  ask_in(tx, &gone, "SELECT pg_sleep(30)");
  ask_in(tx, &gone, "UPDATE account SET money = 1 WHERE id = 1");
  uint64_t from = clock_monotonic_us();
  db_tx_abandon(tx);
  tx = begin(w, DB_TX_DEFAULT); /* the only connection is free again */
  assert_true(clock_monotonic_us() - from < 2500000);
  assert_int_equal(end(w, tx, false), ERR_NONE);
  assert_string_equal(money_of_1(state), "100");
  assert_false(gone.is_done);
  world_free(w);
}

TEST(a_transaction_abandoned_before_begin_was_answered_frees_its_connection) {
  struct world *w = fresh_world(state, one_place);
  struct answer gone = {0};
  assert_int_equal(end(w, begin(w, DB_TX_DEFAULT), false), ERR_NONE); /* connects */
  db_tx_abandon(db_tx_begin(w->db, DB_TX_DEFAULT, 0, answer_done, &gone));
  assert_int_equal(end(w, begin(w, DB_TX_DEFAULT), false), ERR_NONE);
  assert_false(gone.is_done);
  world_free(w);
}

TEST(a_statement_out_of_time_forbids_the_commit) {
  struct world *w = fresh_world(state, one_place);
  struct answer a, late = {0};
  struct db_tx *tx = begin(w, DB_TX_DEFAULT);
  value_in(w, tx, &a, "UPDATE account SET money = 0 WHERE id = 1");
  struct db_query *q = query_of("SELECT pg_sleep(30)", NULL);
  db_query_timeout(q, 100);
  db_tx_submit(tx, q, answer_done, &late);
  world_wait(w, &late);
  assert_int_equal(late.code, ERR_TIMEOUT);
  assert_int_equal(end(w, tx, true), ERR_CONFLICT);
  assert_string_equal(money_of_1(state), "100");
  assert_int_equal(end(w, begin(w, DB_TX_DEFAULT), true), ERR_NONE);
  world_free(w);
}

TEST(a_lost_connection_ends_the_transaction_for_good) {
  struct world *w = fresh_world(state, one_place);
  struct answer a, b, after;
  struct db_tx *tx = begin(w, DB_TX_DEFAULT);
  value_in(w, tx, &a, "UPDATE account SET money = 0 WHERE id = 1");
  ask_in(tx, &a, "SELECT pg_terminate_backend(pg_backend_pid())");
  ask_in(tx, &b, "SELECT 1");
  world_wait(w, &a);
  world_wait(w, &b);
  assert_int_equal(a.code, ERR_UNAVAILABLE);
  assert_int_equal(b.code, ERR_UNAVAILABLE);
  ask_in(tx, &after, "SELECT 1");
  world_wait(w, &after);
  assert_int_equal(after.code, ERR_UNAVAILABLE);
  assert_int_equal(end(w, tx, true), ERR_UNAVAILABLE);
  assert_string_equal(money_of_1(state), "100");
  assert_int_equal(end(w, begin(w, DB_TX_DEFAULT), true), ERR_NONE);
  world_free(w);
}

static void impatient(struct db_config *config) {
  one_place(config);
  config->idle_in_transaction_ms = 100;
  config->lock_timeout_ms = 100;
}

static bool is_lost(void *ctx) {
  struct db_lane_stats stats;
  db_lane_stats(ctx, DB_LANE_TX, &stats);
  return stats.reconnects > 0;
}

TEST(an_owner_who_sleeps_loses_the_transaction) {
  struct world *w = fresh_world(state, impatient);
  struct answer a;
  struct db_tx *tx = begin(w, DB_TX_DEFAULT);
  assert_true(world_until(w, is_lost, w->db, 3000));
  ask_in(tx, &a, "SELECT 1");
  world_wait(w, &a);
  assert_int_equal(a.code, ERR_UNAVAILABLE);
  db_tx_abandon(tx);
  world_free(w);
}

static void two_impatient(struct db_config *config) { config->lock_timeout_ms = 100; }

TEST(a_lock_that_is_not_granted_is_a_timeout) {
  struct world *w = fresh_world(state, two_impatient);
  struct answer a, b;
  struct db_tx *one = begin(w, DB_TX_DEFAULT), *two = begin(w, DB_TX_DEFAULT);
  value_in(w, one, &a, "UPDATE account SET money = 1 WHERE id = 1");
  ask_in(two, &b, "UPDATE account SET money = 2 WHERE id = 1");
  world_wait(w, &b);
  assert_int_equal(b.code, ERR_TIMEOUT);
  assert_string_equal(b.fault.sqlstate, "55P03");
  assert_int_equal(end(w, two, false), ERR_NONE);
  assert_int_equal(end(w, one, true), ERR_NONE);
  world_free(w);
}

TEST(a_stale_plan_inside_a_transaction_asks_for_a_retry_and_heals) {
  struct world *w = fresh_world(state, one_place);
  struct answer a;
  pg_run(*state, "CREATE TABLE shape (a int); INSERT INTO shape VALUES (1)");
  struct db_tx *tx = begin(w, DB_TX_DEFAULT);
  value_in(w, tx, &a, "SELECT * FROM shape");
  assert_int_equal(end(w, tx, true), ERR_NONE);
  pg_run(*state, "ALTER TABLE shape ADD COLUMN b int");
  tx = begin(w, DB_TX_DEFAULT);
  ask_in(tx, &a, "SELECT * FROM shape");
  world_wait(w, &a);
  assert_true(a.fault.retry);
  assert_int_equal(end(w, tx, false), ERR_NONE);
  tx = begin(w, DB_TX_DEFAULT);
  assert_string_equal(value_in(w, tx, &a, "SELECT * FROM shape"), "1");
  assert_int_equal(end(w, tx, true), ERR_NONE);
  world_free(w);
}

TEST(closing_tells_an_open_transaction) {
  struct world *w = fresh_world(state, one_place);
  struct answer a, ended = {0}, waiting = {0};
  struct db_tx *tx = begin(w, DB_TX_DEFAULT);
  db_tx_begin(w->db, DB_TX_DEFAULT, 0, answer_done, &waiting);
  ask_in(tx, &a, "SELECT pg_sleep(30)");
  db_tx_end(tx, true, answer_done, &ended);
  world_free(w);
  assert_int_equal(a.code, ERR_CLOSED);
  assert_int_equal(ended.code, ERR_CLOSED);
  assert_int_equal(waiting.code, ERR_CLOSED);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_committed_stays_and_what_is_rolled_back_does_not),
      cmocka_unit_test(queries_inside_may_be_sent_without_waiting_and_run_in_order),
      cmocka_unit_test(commit_after_a_failed_statement_is_a_conflict),
      cmocka_unit_test(a_deferred_constraint_speaks_at_commit),
      cmocka_unit_test(two_serializable_writers_get_a_code_to_retry_by),
      cmocka_unit_test(a_deadlock_has_one_victim_that_may_retry),
      cmocka_unit_test(a_read_only_transaction_refuses_to_write),
      cmocka_unit_test(waiting_transactions_are_served_in_order_and_within_their_deadline),
      cmocka_unit_test(one_who_stops_waiting_leaves_no_trace),
      cmocka_unit_test(an_abandoned_transaction_is_rolled_back),
      cmocka_unit_test(a_transaction_abandoned_before_begin_was_answered_frees_its_connection),
      cmocka_unit_test(a_statement_out_of_time_forbids_the_commit),
      cmocka_unit_test(a_lost_connection_ends_the_transaction_for_good),
      cmocka_unit_test(an_owner_who_sleeps_loses_the_transaction),
      cmocka_unit_test(a_lock_that_is_not_granted_is_a_timeout),
      cmocka_unit_test(a_stale_plan_inside_a_transaction_asks_for_a_retry_and_heals),
      cmocka_unit_test(closing_tells_an_open_transaction),
  };
  return cmocka_run_group_tests_name("db_tx", tests, set_up, tear_down);
}
