/* Pipelined lanes: answers, isolation of errors, the choice of a lane, deadlines. */
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
  pg_run(pg, "CREATE TABLE item (id bigint PRIMARY KEY, name text NOT NULL)");
  *state = pg;
  return 0;
}

static int tear_down(void **state) {
  pg_free(*state);
  return 0;
}

static void one_connection(struct db_config *config) {
  config->lanes[DB_LANE_FAST].connections = 1;
}

/* ---- answers ---- */

TEST(a_query_with_parameters_gives_its_value) {
  struct world *w = world_new(*state, NULL);
  struct answer a, b;
  world_ask(w, &a, "SELECT $1::int + $2::int", "40", "2", NULL);
  struct db_query *q = query_of("SELECT coalesce($1::text, 'absent')", NULL);
  db_query_param(q, NULL, 0);
  b = (struct answer){0};
  db_submit(w->db, q, answer_done, &b);
  world_wait(w, &a);
  world_wait(w, &b);
  assert_string_equal(a.text, "42");
  assert_string_equal(b.text, "absent");
  world_free(w);
}

TEST(many_parameters_arrive_in_order) {
  struct world *w = world_new(*state, NULL);
  struct bytes sql = {0};
  bytes_add_str(&sql, "SELECT concat_ws(',', $1::text");
  for (int i = 2; i <= 60; i++) bytes_addf(&sql, ", $%d::text", i);
  bytes_add_str(&sql, ")");
  struct db_query *q = db_query_new(sql.data, sql.len);
  char number[8];
  for (int i = 1; i <= 60; i++) db_query_param(q, number, (size_t)sprintf(number, "%d", i));
  struct answer a = {0};
  db_submit(w->db, q, answer_done, &a);
  world_wait(w, &a);
  assert_int_equal(strncmp(a.text, "1,2,3,", 6), 0);
  assert_non_null(strstr(a.text, ",50,51,52,"));
  bytes_deinit(&sql);
  world_free(w);
}

TEST(a_nul_byte_in_a_parameter_is_refused) {
  struct world *w = world_new(*state, NULL);
  struct db_query *q = db_query_new("SELECT $1", 9);
  db_query_param(q, "a\0b", 3);
  struct answer a = {0};
  db_submit(w->db, q, answer_done, &a);
  assert_false(a.is_done); /* never inside the call */
  world_wait(w, &a);
  assert_int_equal(a.code, ERR_INVALID);
  world_free(w);
}

TEST(an_empty_statement_is_an_error) {
  struct world *w = world_new(*state, NULL);
  struct answer a;
  world_ask(w, &a, "", NULL);
  world_wait(w, &a);
  assert_int_not_equal(a.code, ERR_NONE);
  assert_string_equal(world_value(w, &a, "SELECT 'alive'"), "alive");
  world_free(w);
}

TEST(the_session_has_our_settings) {
  struct world *w = world_new(*state, NULL);
  struct answer a;
  assert_string_equal(world_value(w, &a, "SELECT timestamptz '2026-11-23 09:02:00+00'"),
                      "2026-11-23 14:02:00+05");
  assert_string_equal(world_value(w, &a, "SHOW statement_timeout"), "12s");
  assert_string_equal(world_value(w, &a, "SHOW application_name"), "copp");
  world_ask_lane(w, &a, DB_LANE_SLOW, "SHOW statement_timeout");
  world_wait(w, &a);
  assert_string_equal(a.text, "130s");
  world_free(w);
}

/* ---- isolation ---- */

TEST(an_error_in_the_middle_leaves_neighbours_intact) {
  struct world *w = world_new(*state, one_connection);
  struct answer a[5];
  pg_run(*state, "TRUNCATE item");
  world_ask(w, &a[0], "INSERT INTO item VALUES ($1, 'first')", "1", NULL);
  world_ask(w, &a[1], "SELECT 1 / $1::int", "0", NULL);
  world_ask(w, &a[2], "INSERT INTO item VALUES ($1, 'first')", "2", NULL);
  world_ask(w, &a[3], "SELECT nonsense", NULL);
  world_ask(w, &a[4], "SELECT count(*) FROM item", NULL);
  for (int i = 0; i < 5; i++) world_wait(w, &a[i]);
  assert_int_equal(a[0].code, ERR_NONE);
  assert_int_equal(a[0].affected, 1);
  assert_int_equal(a[1].code, ERR_DB);
  assert_string_equal(a[1].fault.sqlstate, "22012");
  assert_int_equal(a[2].code, ERR_NONE);
  assert_string_equal(a[3].fault.sqlstate, "42703");
  assert_int_equal(a[3].fault.position, 8);
  assert_string_equal(a[4].text, "2");
  assert_string_equal(pg_value(*state, "SELECT count(*) FROM item"), "2");
  world_free(w);
}

TEST(a_broken_constraint_is_named) {
  struct world *w = world_new(*state, NULL);
  struct answer a, b;
  pg_run(*state, "TRUNCATE item; INSERT INTO item VALUES (7, 'seven')");
  world_ask(w, &a, "INSERT INTO item VALUES (7, 'again')", NULL);
  world_ask(w, &b, "INSERT INTO item VALUES (8, NULL)", NULL);
  world_wait(w, &a);
  world_wait(w, &b);
  assert_int_equal(a.code, ERR_CONFLICT);
  assert_string_equal(a.fault.sqlstate, "23505");
  assert_string_equal(a.fault.constraint, "item_pkey");
  assert_string_equal(a.fault.table, "item");
  assert_non_null(strstr(a.fault.detail, "(7)"));
  assert_false(a.fault.retry);
  assert_string_equal(b.fault.sqlstate, "23502");
  assert_string_equal(b.fault.column, "name");
  world_free(w);
}

TEST(a_trigger_speaks_through_message_and_hint) {
  struct world *w = world_new(*state, NULL);
  struct answer a;
  struct bytes sql = {0};
  /* A text longer than its field is cut between characters. */
  bytes_add_str(&sql,
                "DO $$ BEGIN RAISE EXCEPTION USING MESSAGE = repeat('ж', 400), "
                "HINT = 'seats_taken', ERRCODE = 'P0001'; END $$");
  world_ask(w, &a, sql.data, NULL);
  world_wait(w, &a);
  assert_int_equal(a.code, ERR_CONFLICT);
  assert_string_equal(a.fault.sqlstate, "P0001");
  assert_string_equal(a.fault.hint, "seats_taken");
  assert_int_equal(strlen(a.fault.message), 510);
  bytes_deinit(&sql);
  world_free(w);
}

TEST(a_statement_that_would_change_a_shared_connection_is_refused) {
  struct world *w = world_new(*state, NULL);
  static const char *const refused[] = {"BEGIN",
                                        "begin;",
                                        "START TRANSACTION",
                                        "LISTEN x",
                                        "COPY item FROM STDIN",
                                        "copy item to stdout"};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    struct answer a;
    world_ask(w, &a, refused[i], NULL);
    world_wait(w, &a);
    assert_int_equal(a.code, ERR_INVALID);
  }
  world_free(w);
}

TEST(copy_hidden_behind_a_comment_harms_only_its_connection) {
  struct world *w = world_new(*state, one_connection);
  struct answer a, b;
  world_ask(w, &a, "/* x */ COPY item TO STDOUT", NULL);
  world_wait(w, &a);
  assert_int_not_equal(a.code, ERR_NONE);
  world_ask(w, &b, "/* x */ BEGIN", NULL);
  world_wait(w, &b);
  assert_string_equal(world_value(w, &a, "SELECT 'alive'"), "alive");
  world_free(w);
}

TEST(big_values_go_both_ways_on_a_busy_pipeline) {
  struct world *w = world_new(*state, one_connection);
  enum { COUNT = 20, SIZE = 1 << 20 };
  static struct answer a[COUNT];
  char *big = malloc(SIZE + 1);
  memset(big, 'x', SIZE);
  big[SIZE] = '\0';
  /* Both directions are full at once: a reader that writes first would deadlock. */
  for (int i = 0; i < COUNT; i++)
    world_ask(w, &a[i], "SELECT $1::text, length($1::text)", big, NULL);
  for (int i = 0; i < COUNT; i++) {
    world_wait(w, &a[i]);
    assert_int_equal(a[i].code, ERR_NONE);
    assert_int_equal(a[i].rows, 1);
  }
  free(big);
  world_free(w);
}

/* ---- lanes ---- */

TEST(a_slow_query_does_not_delay_the_fast_lane) {
  struct world *w = world_new(*state, NULL);
  struct answer slow, fast;
  world_ask_lane(w, &slow, DB_LANE_SLOW, "SELECT pg_sleep(2)");
  uint64_t from = clock_monotonic_us();
  for (int i = 0; i < 50; i++) world_value(w, &fast, "SELECT 1");
  assert_false(slow.is_done);
  assert_true(clock_monotonic_us() - from < 1500000);
  world_free(w); /* and closing does not wait for it */
}

TEST(the_connection_with_the_least_in_flight_is_chosen) {
  struct world *w = world_new(*state, NULL);
  struct answer slow, fast;
  world_ask(w, &slow, "SELECT pg_sleep(1)", NULL);
  for (int i = 0; i < 20; i++) world_value(w, &fast, "SELECT 1");
  assert_false(slow.is_done);
  world_free(w);
}

static void small_queue(struct db_config *config) { config->lanes[DB_LANE_SLOW].queue_limit = 3; }

TEST(a_full_queue_is_told_at_once) {
  struct world *w = world_new(*state, small_queue);
  struct answer a[6];
  for (int i = 0; i < 6; i++) world_ask_lane(w, &a[i], DB_LANE_SLOW, "SELECT pg_sleep(0.05)");
  struct db_lane_stats stats;
  db_lane_stats(w->db, DB_LANE_SLOW, &stats);
  assert_int_equal(stats.queued, 3);
  for (int i = 0; i < 6; i++) world_wait(w, &a[i]);
  assert_int_equal(a[2].code, ERR_NONE); /* the lane was not connected yet, so three could wait */
  assert_int_equal(a[3].code, ERR_OVERLOADED);
  assert_int_equal(a[5].code, ERR_OVERLOADED);
  world_free(w);
}

/* ---- deadlines and cancelling ---- */

TEST(a_deadline_ends_one_query_and_spares_its_neighbours) {
  struct world *w = world_new(*state, one_connection);
  struct answer slow, before, behind[20];
  pg_run(*state, "TRUNCATE item");
  world_ask(w, &before, "SELECT 'before'", NULL);
  struct db_query *q = query_of("SELECT pg_sleep(8)", NULL);
  db_query_timeout(q, 150);
  slow = (struct answer){0};
  uint64_t from = clock_monotonic_us();
  db_submit(w->db, q, answer_done, &slow);
  char id[8];
  for (int i = 0; i < 20; i++) {
    sprintf(id, "%d", i);
    world_ask(w, &behind[i], "INSERT INTO item VALUES ($1, 'behind')", id, NULL);
  }
  world_wait(w, &slow);
  assert_int_equal(slow.code, ERR_TIMEOUT);
  assert_true(clock_monotonic_us() - from < 1000000);
  for (int i = 0; i < 20; i++) {
    world_wait(w, &behind[i]);
    assert_int_equal(behind[i].code, ERR_NONE);
  }
  assert_true(clock_monotonic_us() - from < 3000000); /* the server was cancelled, not waited for */
  assert_string_equal(pg_value(*state, "SELECT count(*) FROM item"), "20");
  struct db_lane_stats stats;
  db_lane_stats(w->db, DB_LANE_FAST, &stats);
  assert_int_equal(stats.timeouts, 1);
  assert_int_equal(stats.reconnects, 0);
  world_free(w);
}

TEST(two_late_queries_in_a_row_are_both_cancelled) {
  struct world *w = world_new(*state, one_connection);
  struct answer late[3], behind;
  for (int i = 0; i < 3; i++) {
    struct db_query *q = query_of("SELECT pg_sleep(8)", NULL);
    db_query_timeout(q, 100);
    late[i] = (struct answer){0};
    db_submit(w->db, q, answer_done, &late[i]);
  }
  uint64_t from = clock_monotonic_us();
  world_ask(w, &behind, "SELECT 'behind'", NULL);
  world_wait(w, &behind);
  assert_string_equal(behind.text, "behind");
  for (int i = 0; i < 3; i++) assert_int_equal(late[i].code, ERR_TIMEOUT);
  assert_true(clock_monotonic_us() - from < 4000000);
  world_free(w);
}

static void short_statement_timeout(struct db_config *config) {
  config->lanes[DB_LANE_FAST].statement_timeout_ms = 100;
}

TEST(the_servers_own_guard_is_a_timeout_too) {
  struct world *w = world_new(*state, short_statement_timeout);
  struct answer a;
  world_ask(w, &a, "SELECT pg_sleep(5)", NULL);
  world_wait(w, &a);
  assert_int_equal(a.code, ERR_TIMEOUT);
  assert_string_equal(a.fault.sqlstate, "57014");
  world_free(w);
}

TEST(a_cancelled_query_never_calls_back) {
  struct world *w = world_new(*state, one_connection);
  struct answer gone = {0}, queued = {0}, a;
  struct db_query *q = query_of("SELECT pg_sleep(0.1)", NULL);
  db_submit(w->db, q, answer_done, &gone);
  db_query_cancel(q);
  /* On the slow lane it is stopped in PostgreSQL, too, and one that waits behind it is dropped. */
  struct db_query *slow = query_of("SELECT pg_sleep(30)", NULL);
  db_query_lane(slow, DB_LANE_SLOW);
  db_submit(w->db, slow, answer_done, &gone);
  world_value(w, &a, "SELECT 1");
  struct db_query *behind = query_of("SELECT 1", NULL);
  db_query_lane(behind, DB_LANE_SLOW);
  db_submit(w->db, behind, answer_done, &queued);
  db_query_cancel(behind);
  db_query_cancel(slow);
  world_ask_lane(w, &a, DB_LANE_SLOW, "SELECT 'free again'");
  world_wait(w, &a);
  assert_string_equal(a.text, "free again");
  assert_false(gone.is_done);
  assert_false(queued.is_done);
  world_free(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_query_with_parameters_gives_its_value),
      cmocka_unit_test(many_parameters_arrive_in_order),
      cmocka_unit_test(a_nul_byte_in_a_parameter_is_refused),
      cmocka_unit_test(an_empty_statement_is_an_error),
      cmocka_unit_test(the_session_has_our_settings),
      cmocka_unit_test(an_error_in_the_middle_leaves_neighbours_intact),
      cmocka_unit_test(a_broken_constraint_is_named),
      cmocka_unit_test(a_trigger_speaks_through_message_and_hint),
      cmocka_unit_test(a_statement_that_would_change_a_shared_connection_is_refused),
      cmocka_unit_test(copy_hidden_behind_a_comment_harms_only_its_connection),
      cmocka_unit_test(big_values_go_both_ways_on_a_busy_pipeline),
      cmocka_unit_test(a_slow_query_does_not_delay_the_fast_lane),
      cmocka_unit_test(the_connection_with_the_least_in_flight_is_chosen),
      cmocka_unit_test(a_full_queue_is_told_at_once),
      cmocka_unit_test(a_deadline_ends_one_query_and_spares_its_neighbours),
      cmocka_unit_test(two_late_queries_in_a_row_are_both_cancelled),
      cmocka_unit_test(the_servers_own_guard_is_a_timeout_too),
      cmocka_unit_test(a_cancelled_query_never_calls_back),
  };
  return cmocka_run_group_tests_name("db_pool", tests, set_up, tear_down);
}
