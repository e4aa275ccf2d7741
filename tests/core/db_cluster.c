/* The embedded cluster: first start, crash, what a dead master leaves, odd paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/cluster.h"

#define TEST(name) static void name(void **state)

struct place {
  char top[64];
  char data_dir[192];
  struct db_cluster_config config;
};

static void make_place(struct place *p, const char *below) {
  memset(p, 0, sizeof *p);
  strcpy(p->top, "/tmp/copp-cluster-XXXXXX");
  assert_non_null(mkdtemp(p->top));
  chmod(p->top, 0755);
  snprintf(p->data_dir, sizeof p->data_dir, "%s/%s", p->top, below);
  mkdir(p->data_dir, 0755);
  const struct passwd *user = getpwnam("postgres");
  if (user == NULL) user = getpwnam("nobody");
  p->config = (struct db_cluster_config){.data_dir = p->data_dir, .throw_away = true};
  p->config.uid = geteuid() == 0 ? user->pw_uid : geteuid();
  p->config.gid = geteuid() == 0 ? user->pw_gid : getegid();
}

static void remove_place(struct place *p) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", p->top);
  if (system(command) != 0) fail_msg("%s", command);
}

static int set_up(void **state) {
  struct place *p = malloc(sizeof *p);
  make_place(p, "data");
  *state = p;
  return 0;
}

static int tear_down(void **state) {
  remove_place(*state);
  free(*state);
  return 0;
}

static struct db_cluster *started(struct place *p) {
  struct db_cluster *c;
  struct error err = {0};
  if (!db_cluster_start(&p->config, &c, &err)) fail_msg("%s", err.text);
  return c;
}

static const char *ask(struct db_cluster *c, const char *sql) {
  static char value[256];
  PGconn *pg = PQconnectdb(db_cluster_url(c));
  PGresult *result = PQexec(pg, sql);
  if (PQresultStatus(result) == PGRES_TUPLES_OK)
    snprintf(value, sizeof value, "%s", PQgetvalue(result, 0, 0));
  else
    snprintf(value, sizeof value, "%s",
             PQresultStatus(result) == PGRES_COMMAND_OK ? "ok" : PQerrorMessage(pg));
  PQclear(result);
  PQfinish(pg);
  return value;
}

static void wait_until(bool (*cond)(void *ctx), void *ctx) {
  uint64_t deadline = clock_monotonic_us() + 15000000;
  while (!cond(ctx) && clock_monotonic_us() < deadline) poll(NULL, 0, 5);
  assert_true(cond(ctx));
}

static bool answers(void *ctx) { return PQping(db_cluster_url(ctx)) == PQPING_OK; }

static bool is_dead(void *ctx) { return !db_cluster_is_alive(ctx); }

TEST(a_fresh_cluster_has_role_database_and_russian_order) {
  struct db_cluster *c = started(*state);
  assert_string_equal(ask(c, "SELECT current_user || ' ' || current_database()"), "copp copp");
  assert_string_equal(ask(c,
                          "SELECT datlocprovider::text || ' ' || daticulocale FROM pg_database "
                          "WHERE datname = 'copp'"),
                      "i ru-RU");
  assert_string_equal(
      ask(c, "SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['я','Ё','е','ж','А','б']) x"),
      "АбеЁжя");
  assert_string_equal(ask(c, "SELECT rolsuper FROM pg_roles WHERE rolname = 'copp'"), "f");
  assert_string_equal(ask(c, "CREATE EXTENSION btree_gist"), "ok");
  assert_string_equal(ask(c, "CREATE EXTENSION pg_trgm"), "ok");
  assert_string_equal(ask(c, "SHOW wal_level"), "logical");
  assert_string_equal(ask(c, "SHOW listen_addresses"), "");
  db_cluster_free(c);
}

TEST(it_is_private_to_its_user) {
  struct place *p = *state;
  struct db_cluster *c = started(p);
  static const char *const dirs[] = {"pg", "pg/data", "pg/run"};
  for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
    char path[256];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s", p->data_dir, dirs[i]);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_int_equal(info.st_uid, p->config.uid);
  }
  assert_int_not_equal(db_cluster_pid(c), 0);
  assert_int_equal(getpgid(db_cluster_pid(c)), db_cluster_pid(c)); /* Ctrl-C does not reach it */
  db_cluster_free(c);
}

TEST(a_second_start_keeps_the_data_and_is_quick) {
  struct db_cluster *c = started(*state);
  assert_string_equal(ask(c, "CREATE TABLE kept AS SELECT 42 AS value"), "ok");
  db_cluster_free(c);
  uint64_t from = clock_monotonic_us();
  c = started(*state);
  printf("# second start: %llu ms\n", (unsigned long long)(clock_monotonic_us() - from) / 1000);
  assert_string_equal(ask(c, "SELECT value FROM kept"), "42");
  db_cluster_free(c);
}

TEST(a_dead_postmaster_is_noticed_and_launched_again) {
  struct db_cluster *c = started(*state);
  struct error err = {0};
  pid_t first = db_cluster_pid(c);
  assert_true(db_cluster_is_alive(c));
  kill(first, SIGKILL);
  wait_until(is_dead, c);
  assert_int_equal(db_cluster_pid(c), 0);
  assert_true(db_cluster_launch(c, &err));
  wait_until(answers, c);
  assert_true(db_cluster_pid(c) != first);
  db_cluster_free(c);
}

TEST(a_second_master_is_refused) {
  struct place *p = *state;
  struct db_cluster *c = started(p), *second;
  struct error err = {0};
  assert_false(db_cluster_start(&p->config, &second, &err));
  assert_null(second);
  assert_int_equal(err.code, ERR_CONFLICT);
  assert_true(db_cluster_is_alive(c));
  assert_string_equal(ask(c, "SELECT 1"), "1");
  db_cluster_free(c);
}

/* A master that is killed takes PostgreSQL along, or the next one ends it. */
TEST(what_a_killed_master_left_is_cleared_away) {
  struct place *p = *state;
  int ready[2];
  assert_int_equal(pipe(ready), 0);
  fflush(NULL);
  pid_t master = fork();
  if (master == 0) {
    struct db_cluster *c = started(p);
    ssize_t ignored = write(ready[1], "x", 1);
    (void)ignored;
    for (;;) poll(NULL, 0, 1000);
    db_cluster_free(c);
  }
  char byte;
  assert_int_equal(read(ready[0], &byte, 1), 1);
  kill(master, SIGKILL);
  assert_int_equal(waitpid(master, NULL, 0), master);
  struct db_cluster *c = started(p);
  assert_string_equal(ask(c, "SELECT 1"), "1");
  db_cluster_free(c);
}

TEST(a_stale_pid_file_with_somebody_elses_number_does_no_harm) {
  struct place *p = *state;
  db_cluster_free(started(p));
  char path[256];
  snprintf(path, sizeof path, "%s/pg/data/postmaster.pid", p->data_dir);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fprintf(file, "%d\n%s/pg/data\n1700000000\n5432\n", (int)getppid(), p->data_dir);
  fclose(file);
  struct db_cluster *c = started(p);
  assert_string_equal(ask(c, "SELECT 1"), "1");
  db_cluster_free(c);
  assert_int_equal(kill(getppid(), 0), 0);
}

TEST(a_long_path_with_spaces_works) {
  (void)state;
  struct place p;
  make_place(&p,
             "каталог с пробелами and a name that is much longer than a unix socket address may "
             "be, really");
  struct db_cluster *c = started(&p);
  assert_string_equal(ask(c, "SELECT 1"), "1");
  assert_non_null(strstr(db_cluster_url(c), "copp-")); /* a short directory elsewhere */
  db_cluster_free(c);
  remove_place(&p);
}

TEST(an_interrupted_initdb_is_begun_anew) {
  (void)state;
  struct place p;
  char path[256];
  make_place(&p, "data");
  snprintf(path, sizeof path, "%s/pg", p.data_dir);
  mkdir(path, 0700);
  if (chown(path, p.config.uid, p.config.gid) != 0) fail();
  strcat(path, "/data.new");
  mkdir(path, 0700);
  if (chown(path, p.config.uid, p.config.gid) != 0) fail();
  db_cluster_free(started(&p));
  remove_place(&p);
}

TEST(what_it_cannot_do_is_a_sentence) {
  struct place *p = *state;
  struct db_cluster *c;
  struct error err = {0};
  struct db_cluster_config config = p->config;
  config.bin_dir = "/no/such/dir";
  assert_false(db_cluster_start(&config, &c, &err));
  assert_non_null(strstr(err.text, "/no/such/dir"));
  config = p->config;
  config.data_dir = "relative";
  assert_false(db_cluster_start(&config, &c, &err));
  assert_non_null(strstr(err.text, "absolute"));
  if (geteuid() != 0) return;
  config = p->config;
  config.uid = 0;
  assert_false(db_cluster_start(&config, &c, &err));
  assert_non_null(strstr(err.text, "root"));
}

TEST(a_setting_that_postgresql_refuses_is_quoted) {
  struct place *p = *state;
  struct db_cluster *c;
  struct error err = {0};
  db_cluster_free(started(p));
  char path[256];
  snprintf(path, sizeof path, "%s/pg/local.conf", p->data_dir);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs("no_such_setting = 1\n", file);
  fclose(file);
  chmod(path, 0644);
  assert_false(db_cluster_start(&p->config, &c, &err));
  assert_non_null(strstr(err.text, "no_such_setting"));
  unlink(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_fresh_cluster_has_role_database_and_russian_order),
      cmocka_unit_test(it_is_private_to_its_user),
      cmocka_unit_test(a_second_start_keeps_the_data_and_is_quick),
      cmocka_unit_test(a_dead_postmaster_is_noticed_and_launched_again),
      cmocka_unit_test(a_second_master_is_refused),
      cmocka_unit_test(what_a_killed_master_left_is_cleared_away),
      cmocka_unit_test(a_stale_pid_file_with_somebody_elses_number_does_no_harm),
      cmocka_unit_test(a_long_path_with_spaces_works),
      cmocka_unit_test(an_interrupted_initdb_is_begun_anew),
      cmocka_unit_test(what_it_cannot_do_is_a_sentence),
      cmocka_unit_test(a_setting_that_postgresql_refuses_is_quoted),
  };
  return cmocka_run_group_tests_name("db_cluster", tests, set_up, tear_down);
}
