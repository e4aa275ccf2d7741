/* The migration runner, and the cutting of SQL into statements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/migrate.h"
#include "db/sql_split.h"
#include "support/pg.h"

#define TEST(name) static void name(void **state)

struct bench {
  struct pg *pg;
  char dir[64];
  struct error err;
  struct db_migrate_report report;
  char progress[1024];
};

static int set_up_group(void **state) {
  struct bench *b = calloc(1, sizeof *b);
  b->pg = pg_start();
  *state = b;
  return 0;
}

static int tear_down_group(void **state) {
  struct bench *b = *state;
  pg_free(b->pg);
  free(b);
  return 0;
}

static int set_up(void **state) {
  struct bench *b = *state;
  strcpy(b->dir, "/tmp/copp-migrations-XXXXXX");
  assert_non_null(mkdtemp(b->dir));
  assert_true(pg_run(b->pg, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"));
  return 0;
}

static int tear_down(void **state) {
  struct bench *b = *state;
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", b->dir);
  return system(command);
}

static void write_file(struct bench *b, const char *name, const char *text) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", b->dir, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static void remove_file(struct bench *b, const char *name) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", b->dir, name);
  assert_int_equal(unlink(path), 0);
}

static bool run(struct bench *b, bool plan_only) {
  memset(b->progress, 0, sizeof b->progress);
  b->err = (struct error){0};
  FILE *out = fmemopen(b->progress, sizeof b->progress - 1, "w");
  bool ok = db_migrate(db_cluster_url(b->pg->cluster), b->dir, plan_only, out, &b->report, &b->err);
  fclose(out);
  return ok;
}

static void assert_says(const struct bench *b, const char *part) {
  if (strstr(b->err.text, part) == NULL) fail_msg("no \"%s\" in: %s", part, b->err.text);
}

/* ---- running ---- */

TEST(files_run_once_in_order_of_name) {
  struct bench *b = *state;
  write_file(b, "202601010002_second.sql", "INSERT INTO t VALUES ('second; not cut');");
  write_file(b, "202601010001_first.sql", "-- Why: a table.\nCREATE TABLE t (name text);\n");
  write_file(b, "README.md", "not SQL");
  assert_true(run(b, false));
  assert_int_equal(b->report.applied, 2);
  assert_non_null(strstr(b->progress, "applied 202601010001_first.sql"));
  assert_string_equal(pg_value(b->pg, "SELECT name FROM t"), "second; not cut");
  assert_string_equal(
      pg_value(
          b->pg,
          "SELECT string_agg(name || length(checksum), ' ' ORDER BY name) FROM schema_migration"),
      "202601010001_first.sql64 202601010002_second.sql64");
  assert_true(run(b, false));
  assert_int_equal(b->report.applied, 0);
  assert_int_equal(b->report.present, 2);
  assert_string_equal(pg_value(b->pg, "SELECT count(*) FROM t"), "1");
}

TEST(a_file_of_a_branch_that_comes_late_still_runs) {
  struct bench *b = *state;
  write_file(b, "202601010002_main.sql", "CREATE TABLE main (id int)");
  assert_true(run(b, false));
  write_file(b, "202601010001_branch.sql", "CREATE TABLE branch (id int)");
  assert_true(run(b, false));
  assert_int_equal(b->report.applied, 1);
}

TEST(a_plan_changes_nothing) {
  struct bench *b = *state;
  write_file(b, "202601010001_first.sql", "CREATE TABLE t (name text)");
  write_file(b, "202601010002_index.sql",
             "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON t (name)");
  assert_true(run(b, true));
  assert_int_equal(b->report.applied, 2);
  assert_string_equal(b->progress,
                      "would apply 202601010001_first.sql\n"
                      "would apply 202601010002_index.sql (no transaction)\n");
  assert_string_equal(pg_value(b->pg, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"),
                      "0");
}

TEST(a_changed_file_stops_everything) {
  struct bench *b = *state;
  write_file(b, "202601010001_first.sql", "CREATE TABLE t (name text)");
  assert_true(run(b, false));
  write_file(b, "202601010001_first.sql", "CREATE TABLE t (name varchar)");
  write_file(b, "202601010002_second.sql", "CREATE TABLE u (id int)");
  assert_false(run(b, false));
  assert_int_equal(b->err.code, ERR_CONFLICT);
  assert_says(b, "202601010001_first.sql was changed");
  assert_false(run(b, true));
  assert_string_equal(pg_value(b->pg, "SELECT to_regclass('u') IS NULL"), "t");
}

TEST(a_vanished_file_stops_everything) {
  struct bench *b = *state;
  write_file(b, "202601010001_first.sql", "CREATE TABLE t (name text)");
  assert_true(run(b, false));
  remove_file(b, "202601010001_first.sql");
  assert_false(run(b, false));
  assert_says(b, "202601010001_first.sql was applied to this database but its file is gone");
}

TEST(an_error_names_file_and_line_and_undoes_the_file) {
  struct bench *b = *state;
  write_file(b, "202601010001_good.sql", "CREATE TABLE good (id int)");
  write_file(b, "202601010002_bad.sql",
             "-- Причина: проверка.\n"
             "CREATE TABLE bad (name text DEFAULT 'ёлка');\n"
             "\n"
             "/* comment */ SELECT 'ёлка',\n"
             "       no_such_column\n"
             "  FROM bad;\n");
  assert_false(run(b, false));
  assert_says(b, "202601010002_bad.sql:5: ERROR: column \"no_such_column\" does not exist");
  assert_string_equal(pg_value(b->pg, "SELECT to_regclass('bad') IS NULL"), "t");
  assert_string_equal(pg_value(b->pg, "SELECT count(*) FROM schema_migration"), "1");
}

TEST(an_error_without_a_position_names_the_line_of_its_statement) {
  struct bench *b = *state;
  write_file(b, "202601010001_bad.sql",
             "CREATE TABLE t (id int PRIMARY KEY);\n"
             "INSERT INTO t VALUES (1);\n"
             "\n"
             "INSERT INTO t\n"
             "VALUES (1);\n");
  assert_false(run(b, false));
  assert_says(b, "202601010001_bad.sql:4: ERROR: duplicate key");
  assert_says(b, "Key (id)=(1) already exists");
}

TEST(without_a_transaction_what_ran_stays) {
  struct bench *b = *state;
  write_file(b, "202601010001_first.sql",
             "CREATE TABLE t (name text); INSERT INTO t VALUES ('x'), ('x')");
  write_file(b, "202601010002_index.sql",
             "-- no-transaction\n"
             "CREATE INDEX CONCURRENTLY plain ON t (name);\n"
             "CREATE UNIQUE INDEX CONCURRENTLY strict ON t (name);\n");
  assert_false(run(b, false));
  assert_says(b, "202601010002_index.sql:3: ERROR: could not create unique index");
  assert_says(b, "what ran before it stays");
  assert_string_equal(pg_value(b->pg, "SELECT to_regclass('plain') IS NOT NULL"), "t");
}

TEST(a_deferred_constraint_fails_at_the_end) {
  struct bench *b = *state;
  write_file(b, "202601010001_bad.sql",
             "CREATE TABLE p (id int PRIMARY KEY);\n"
             "CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED);\n"
             "INSERT INTO c VALUES (1);");
  assert_false(run(b, false));
  assert_string_equal(pg_value(b->pg, "SELECT count(*) FROM schema_migration"), "0");
}

TEST(a_file_must_not_end_its_transaction) {
  struct bench *b = *state;
  write_file(b, "202601010001_bad.sql", "CREATE TABLE t (id int);\nCOMMIT;\n");
  assert_false(run(b, false));
  assert_says(b, "202601010001_bad.sql:2: a migration must not begin or end transactions");
}

TEST(a_wrongly_named_file_is_refused) {
  struct bench *b = *state;
  write_file(b, "1_first.sql", "SELECT 1");
  assert_false(run(b, false));
  assert_says(b, "1_first.sql");
  assert_says(b, "<UTC minute>");
}

TEST(a_missing_directory_or_database_is_told) {
  struct bench *b = *state;
  struct error err = {0};
  assert_false(db_migrate(db_cluster_url(b->pg->cluster), "/no/such/dir", false, NULL, NULL, &err));
  assert_int_equal(err.code, ERR_IO);
  assert_false(db_migrate("host=/no/such/socket", b->dir, false, NULL, NULL, &err));
  assert_int_equal(err.code, ERR_UNAVAILABLE);
}

/* Two nodes start at once: one migrates, the other finds it done. */
TEST(two_runners_at_once_apply_each_file_once) {
  struct bench *b = *state;
  write_file(b, "202601010001_slow.sql", "CREATE TABLE t (id int); SELECT pg_sleep(0.3);");
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0)
    _exit(db_migrate(db_cluster_url(b->pg->cluster), b->dir, false, NULL, NULL, NULL) ? 0 : 1);
  assert_true(run(b, false));
  int status;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  assert_string_equal(pg_value(b->pg, "SELECT count(*) FROM schema_migration"), "1");
}

#ifdef COPP_SOURCE_DIR
TEST(the_migrations_of_the_product_run) {
  struct bench *b = *state;
  struct error err = {0};
  if (!db_migrate(db_cluster_url(b->pg->cluster), COPP_SOURCE_DIR "/migrations", false, NULL,
                  &b->report, &err))
    fail_msg("%s", err.text);
  assert_true(b->report.applied > 0);
}
#endif

/* ---- cutting ---- */

TEST(statements_are_cut_where_psql_cuts_them) {
  (void)state;
  static const char text[] =
      "-- comment; with semicolon\n"
      "SELECT 1; ;; /* a; /* nested; */ b */ SELECT 'it''s; one';"
      "SELECT E'back\\'; slash';SELECT \"odd;name\";"
      "CREATE FUNCTION f() AS $body$ BEGIN; $x$ ; $x$ END; $body$ LANGUAGE plpgsql;"
      "SELECT $$;$$, $1, a$b$c;CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);"
      "SELECT 'last' -- no semicolon; here\n";
  static const char *const expected[] = {
      "SELECT 1",
      "SELECT 'it''s; one'",
      "SELECT E'back\\'; slash'",
      "SELECT \"odd;name\"",
      "CREATE FUNCTION f() AS $body$ BEGIN; $x$ ; $x$ END; $body$ LANGUAGE plpgsql",
      "SELECT $$;$$, $1, a$b$c",
      "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
      "SELECT 'last' -- no semicolon; here\n"};
  struct slice rest = slice_of(text), statement;
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    assert_true(db_sql_next(&rest, &statement));
    if (!slice_is(statement, expected[i])) fail_msg("%.*s", (int)statement.len, statement.data);
  }
  assert_false(db_sql_next(&rest, &statement));
}

TEST(unfinished_sql_ends_with_the_text) {
  (void)state;
  static const char *const texts[] = {"'open", "$a$ open", "/* open", "\"open",
                                      "E'\\",  "(;",       "$",       "$a"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    struct slice rest = slice_of(texts[i]), statement;
    while (db_sql_next(&rest, &statement)) continue;
    assert_int_equal(rest.len, 0);
  }
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      WITH_FILES(files_run_once_in_order_of_name),
      WITH_FILES(a_file_of_a_branch_that_comes_late_still_runs),
      WITH_FILES(a_plan_changes_nothing),
      WITH_FILES(a_changed_file_stops_everything),
      WITH_FILES(a_vanished_file_stops_everything),
      WITH_FILES(an_error_names_file_and_line_and_undoes_the_file),
      WITH_FILES(an_error_without_a_position_names_the_line_of_its_statement),
      WITH_FILES(without_a_transaction_what_ran_stays),
      WITH_FILES(a_deferred_constraint_fails_at_the_end),
      WITH_FILES(a_file_must_not_end_its_transaction),
      WITH_FILES(a_wrongly_named_file_is_refused),
      WITH_FILES(a_missing_directory_or_database_is_told),
      WITH_FILES(two_runners_at_once_apply_each_file_once),
#ifdef COPP_SOURCE_DIR
      WITH_FILES(the_migrations_of_the_product_run),
#endif
      cmocka_unit_test(statements_are_cut_where_psql_cuts_them),
      cmocka_unit_test(unfinished_sql_ends_with_the_text),
  };
  return cmocka_run_group_tests_name("db_migrate", tests, set_up_group, tear_down_group);
}
