/* The published layer: what a tree gets, and how a change is claimed, accepted and refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/published.h"
#include "db/migrate.h"
#include "support/pg.h"

#define TEST(name) static void name(void **state)

struct bench {
  struct pg *pg;
  const char *url;
  char tree[64];
  struct error err;
};

static int set_up_group(void **state) {
  struct bench *b = calloc(1, sizeof *b);
  b->pg = pg_start();
  b->url = db_cluster_url(b->pg->cluster);
  bool ok = db_migrate(b->url, COPP_SOURCE_DIR "/migrations", false, NULL, NULL, &b->err);
  if (!ok) fprintf(stderr, "%s\n", b->err.text);
  *state = b;
  return ok ? 0 : -1;
}

static int tear_down_group(void **state) {
  struct bench *b = *state;
  pg_free(b->pg);
  free(b);
  return 0;
}

static int set_up(void **state) {
  struct bench *b = *state;
  strcpy(b->tree, "/tmp/copp-published-XXXXXX");
  assert_non_null(mkdtemp(b->tree));
  return pg_run(b->pg, "TRUNCATE published_change, published_change_file, published_file RESTART IDENTITY") ? 0 : -1;
}

static int tear_down(void **state) {
  struct bench *b = *state;
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", b->tree);
  return system(command);
}

/* A change of one file; content is an SQL expression. */
static void ask(struct bench *b, const char *path, const char *content, int base) {
  char sql[600];
  snprintf(sql, sizeof sql,
           "WITH c AS (INSERT INTO published_change (summary) VALUES ('x') RETURNING id) INSERT INTO published_change_file"
           " SELECT id, '%s', %s, %d FROM c", path, content, base);
  assert_true(pg_run(b->pg, sql));
}

static void look(struct bench *b, const char *change) {
  struct app_published_news news;
  assert_true(app_published_look(b->url, &news, &b->err));
  assert_string_equal(news.change, change);
  free(news.revision);
}

static void take(struct bench *b, const char *change) {
  char *revision = NULL;
  assert_true(app_published_accept(b->url, change, &revision, &b->err));
  free(revision);
}

static const char *content_of(struct bench *b, const char *path) {
  static char text[256];
  snprintf(text, sizeof text, "%s/published/%s", b->tree, path);
  FILE *file = fopen(text, "r");
  if (file == NULL) return NULL;
  size_t len = fread(text, 1, sizeof text - 1, file);
  text[len] = '\0';
  fclose(file);
  return text;
}

static void write_tree(struct bench *b, const char *change) {
  char *revision = NULL;
  if (!app_published_write(b->url, b->tree, change, &revision, &b->err)) fail_msg("%s", b->err.text);
  free(revision);
}

TEST(a_change_is_in_its_own_tree_only_until_it_is_accepted) {
  struct bench *b = *state;
  ask(b, "views/mail/x.txt", "'\\x00ff41'", 0);
  look(b, "1");
  look(b, ""); /* claimed */
  write_tree(b, "");
  assert_null(content_of(b, "views/mail/x.txt"));
  write_tree(b, "1");
  assert_memory_equal(content_of(b, "views/mail/x.txt"), "\x00\xff" "A", 3);
  assert_string_equal(pg_value(b->pg, "SELECT count(*) FROM published_file"), "0");
  take(b, "1");
  assert_string_equal(pg_value(b->pg, "SELECT version FROM published_file"), "1");
  assert_string_equal(pg_value(b->pg, "SELECT state FROM published_change"), "accepted");
}

TEST(a_withdrawn_file_is_not_written) {
  struct bench *b = *state;
  ask(b, "assets/logo.svg", "'\\x41'", 0);
  look(b, "1");
  take(b, "1");
  ask(b, "assets/logo.svg", "NULL", 1);
  look(b, "2");
  write_tree(b, "2");
  assert_null(content_of(b, "assets/logo.svg"));
  take(b, "2");
  assert_string_equal(pg_value(b->pg, "SELECT count(*) FROM published_file"), "0");
}

TEST(the_second_of_two_authors_is_refused) {
  struct bench *b = *state;
  char *revision = NULL;
  ask(b, "assets/brand.css", "'a'", 0);
  ask(b, "assets/brand.css", "'b'", 0);
  look(b, "1");
  look(b, "2");
  take(b, "2");
  assert_false(app_published_accept(b->url, "1", &revision, &b->err));
  assert_non_null(strstr(b->err.text, "brand.css"));
  assert_true(app_published_refuse(b->url, "1", "", "", b->err.text, &b->err));
  assert_string_equal(pg_value(b->pg, "SELECT state || ' ' || (file IS NULL) FROM published_change WHERE id = 1"), "refused true");
}

TEST(a_refused_change_keeps_its_place_and_reason) {
  struct bench *b = *state;
  ask(b, "views/a.html", "'x'", 0);
  look(b, "1");
  assert_true(app_published_refuse(b->url, "1", "published/views/a.html", "7", "<% without %>", &b->err));
  assert_string_equal(pg_value(b->pg, "SELECT concat_ws('|', state, file, line, reason) FROM published_change"),
                      "refused|published/views/a.html|7|<% without %>");
  look(b, "");
}

TEST(a_change_of_a_node_that_died_is_claimed_again) {
  struct bench *b = *state;
  ask(b, "views/a.html", "'x'", 0);
  look(b, "1");
  assert_true(pg_run(b->pg, "UPDATE published_change SET claimed_at = now() - interval '4 minutes'"));
  look(b, "1");
}

TEST(paths_stay_inside_the_layer) {
  struct bench *b = *state;
  static const char *const bad[] = {"../x", "views/../x", "/etc/passwd", "views/.x", "migrations/x.sql", "views", "views/a b"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char sql[300];
    snprintf(sql, sizeof sql,
             "WITH c AS (INSERT INTO published_change (summary) VALUES ('x') RETURNING id) INSERT INTO published_change_file"
             " SELECT id, '%s', 'x', 0 FROM c", bad[i]);
    if (pg_run(b->pg, sql)) fail_msg("%s was taken", bad[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_change_is_in_its_own_tree_only_until_it_is_accepted, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_withdrawn_file_is_not_written, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_second_of_two_authors_is_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_refused_change_keeps_its_place_and_reason, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_change_of_a_node_that_died_is_claimed_again, set_up, tear_down),
      cmocka_unit_test_setup_teardown(paths_stay_inside_the_layer, set_up, tear_down),
  };
  return cmocka_run_group_tests_name("app published", tests, set_up_group, tear_down_group);
}
