/* Prepared statements: made once, made anew when they are gone or outdated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "support/pg.h"

#define TEST(name) static void name(void **state)

static int set_up(void **state) {
  *state = pg_start();
  return 0;
}

static int tear_down(void **state) {
  pg_free(*state);
  return 0;
}

static void one_connection(struct db_config *config) {
  config->lanes[DB_LANE_FAST].connections = 1;
}

TEST(a_statement_is_prepared_once) {
  struct world *w = world_new(*state, one_connection);
  struct answer a;
  for (int i = 0; i < 5; i++) world_value(w, &a, "SELECT 'same'");
  assert_string_equal(
      world_value(w, &a,
                  "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%same%'"
                  " AND statement NOT LIKE '%count%'"),
      "1");
  world_free(w);
}

TEST(a_plan_that_ddl_made_stale_is_prepared_anew) {
  struct world *w = world_new(*state, one_connection);
  pg_run(*state, "CREATE TABLE shape (a int); INSERT INTO shape VALUES (1)");
  struct answer a[4];
  world_value(w, &a[0], "SELECT * FROM shape");
  pg_run(*state, "ALTER TABLE shape ADD COLUMN b text DEFAULT 'new'");
  /* Several at once: the later ones fail with the plan that the first has already replaced. */
  for (int i = 0; i < 4; i++) world_ask(w, &a[i], "SELECT * FROM shape", NULL);
  for (int i = 0; i < 4; i++) {
    world_wait(w, &a[i]);
    assert_int_equal(a[i].code, ERR_NONE);
  }
  world_free(w);
}

TEST(statements_that_somebody_deallocated_are_prepared_anew) {
  struct world *w = world_new(*state, one_connection);
  struct answer a[4];
  world_value(w, &a[0], "SELECT 'kept'");
  world_value(w, &a[0], "DEALLOCATE ALL");
  for (int i = 0; i < 4; i++) world_ask(w, &a[i], "SELECT 'kept'", NULL);
  for (int i = 0; i < 4; i++) {
    world_wait(w, &a[i]);
    assert_string_equal(a[i].text, "kept");
  }
  world_free(w);
}

static void few_statements(struct db_config *config) {
  one_connection(config);
  config->statements = 4;
}

TEST(the_least_recently_used_statement_makes_room) {
  struct world *w = world_new(*state, few_statements);
  static struct answer a[120];
  char sql[32];
  for (int i = 0; i < 120; i++) {
    sprintf(sql, "SELECT %d + 0", i % 9);
    world_ask(w, &a[i], sql, NULL);
  }
  for (int i = 0; i < 120; i++) {
    world_wait(w, &a[i]);
    assert_int_equal(atoi(a[i].text), i % 9);
  }
  const char *count = world_value(w, &a[0], "SELECT count(*) FROM pg_prepared_statements");
  assert_string_equal(count, "4");
  world_free(w);
}

static void without_names(struct db_config *config) {
  one_connection(config);
  config->unnamed = true;
}

TEST(unnamed_mode_leaves_nothing_prepared) {
  struct world *w = world_new(*state, without_names);
  struct answer a, b;
  world_ask(w, &a, "SELECT $1::int * 2", "21", NULL);
  world_ask(w, &b, "SELECT count(*) FROM pg_prepared_statements", NULL);
  world_wait(w, &a);
  world_wait(w, &b);
  assert_string_equal(a.text, "42");
  assert_string_equal(b.text, "0");
  world_free(w);
}

TEST(a_statement_that_cannot_be_prepared_fails_the_same_way_each_time) {
  struct world *w = world_new(*state, one_connection);
  struct answer a[3];
  for (int i = 0; i < 3; i++) world_ask(w, &a[i], "SELECT * FROM no_such_table", NULL);
  for (int i = 0; i < 3; i++) {
    world_wait(w, &a[i]);
    assert_string_equal(a[i].fault.sqlstate, "42P01");
  }
  world_free(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_statement_is_prepared_once),
      cmocka_unit_test(a_plan_that_ddl_made_stale_is_prepared_anew),
      cmocka_unit_test(statements_that_somebody_deallocated_are_prepared_anew),
      cmocka_unit_test(the_least_recently_used_statement_makes_room),
      cmocka_unit_test(unnamed_mode_leaves_nothing_prepared),
      cmocka_unit_test(a_statement_that_cannot_be_prepared_fails_the_same_way_each_time),
  };
  return cmocka_run_group_tests_name("db_statements", tests, set_up, tear_down);
}
