/* PostgreSQL goes away and comes back; several hosts; closing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
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

static void kill_lane(struct pg *pg, const char *name) {
  char sql[256];
  snprintf(sql, sizeof sql,
           "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
           "WHERE application_name = '%s' AND pid <> pg_backend_pid()",
           name);
  pg_run(pg, sql);
}

static bool fast_is_complete(void *ctx) {
  struct db_lane_stats stats;
  db_lane_stats(ctx, DB_LANE_FAST, &stats);
  return stats.connected == stats.size;
}

static bool has_lost_one(void *ctx) { return !fast_is_complete(ctx); }

TEST(terminated_backends_come_back_within_two_seconds) {
  struct world *w = world_new(*state, NULL);
  struct answer a;
  world_value(w, &a, "SELECT 1");
  kill_lane(*state, "copp");
  uint64_t from = clock_monotonic_us();
  assert_true(world_until(w, has_lost_one, w->db, 2000));
  assert_true(world_until(w, fast_is_complete, w->db, 2000));
  printf("# back after %llu ms\n", (unsigned long long)(clock_monotonic_us() - from) / 1000);
  assert_string_equal(world_value(w, &a, "SELECT 'back'"), "back");
  struct db_lane_stats stats;
  db_lane_stats(w->db, DB_LANE_FAST, &stats);
  assert_int_equal(stats.reconnects, 2);
  world_free(w);
}

TEST(a_write_under_a_dying_connection_is_unknown_and_a_read_is_sent_again) {
  struct world *w = world_new(*state, one_connection);
  struct answer write, read, warm;
  world_value(w, &warm, "SELECT pg_sleep(0)");
  world_ask(w, &write, "SELECT pg_sleep(0.4)", NULL);
  struct db_query *q = query_of("SELECT 'read again'", NULL);
  db_query_idempotent(q);
  read = (struct answer){0};
  db_submit(w->db, q, answer_done, &read);
  kill_lane(*state, "copp");
  world_wait(w, &write);
  world_wait(w, &read);
  assert_int_equal(write.code, ERR_UNAVAILABLE);
  assert_int_equal(read.code, ERR_NONE);
  assert_string_equal(read.text, "read again");
  world_free(w);
}

TEST(while_postgresql_is_stopped_queries_fail_soon_and_later_at_once) {
  struct world *w = world_new(*state, NULL);
  struct answer a;
  world_value(w, &a, "SELECT 1");
  assert_int_equal(db_state(w->db), DB_READY);
  pg_stop(*state);
  assert_true(world_until(w, has_lost_one, w->db, 2000));
  uint64_t from = clock_monotonic_us();
  world_ask(w, &a, "SELECT 1", NULL);
  world_wait(w, &a);
  assert_int_equal(a.code, ERR_UNAVAILABLE);
  assert_true(clock_monotonic_us() - from < 2000000); /* the grace is one second */
  assert_int_equal(db_state(w->db), DB_AWAY);
  from = clock_monotonic_us();
  world_ask(w, &a, "SELECT 1", NULL);
  world_wait(w, &a);
  assert_int_equal(a.code, ERR_UNAVAILABLE);
  assert_true(clock_monotonic_us() - from < 100000);

  pg_start_again(*state);
  assert_true(world_until(w, fast_is_complete, w->db, 10000));
  assert_string_equal(world_value(w, &a, "SELECT 'recovered'"), "recovered");
  assert_int_equal(db_state(w->db), DB_READY);
  world_free(w);
}

TEST(a_short_outage_is_only_a_wait) {
  struct world *w = world_new(*state, one_connection);
  struct answer a;
  world_value(w, &a, "SELECT 1");
  kill_lane(*state, "copp");
  assert_true(world_until(w, has_lost_one, w->db, 2000));
  assert_string_equal(world_value(w, &a, "SELECT 'waited'"), "waited");
  world_free(w);
}

TEST(closing_tells_everybody) {
  struct world *w = world_new(*state, one_connection);
  struct answer flying, waiting;
  world_ask(w, &flying, "SELECT pg_sleep(5)", NULL);
  world_ask_lane(w, &waiting, DB_LANE_SLOW, "SELECT 1");
  world_free(w);
  assert_int_equal(flying.code, ERR_CLOSED);
  assert_int_equal(waiting.code, ERR_CLOSED);
}

static void unknown_zone(struct db_config *config) { config->time_zone = "Nowhere/Atlantis"; }

static void set_true(void *ctx) { *(bool *)ctx = true; }

static bool is_true(void *ctx) { return *(bool *)ctx; }

static bool is_done(void *ctx) { return ((struct answer *)ctx)->is_done; }

TEST(a_session_that_cannot_be_set_up_is_told_with_its_reason) {
  struct world w = {.log = {.fd = 2, .from = LOG_ERROR, .who = "test"}};
  struct error err = {0};
  struct db_config config;
  db_config_default(&config);
  config.url = db_cluster_url(((struct pg *)*state)->cluster);
  unknown_zone(&config);
  assert_true(loop_init(&w.loop, &err));
  assert_true(db_new(&w.loop, &config, &w.log, &w.db, &err));
  struct answer a;
  world_ask(&w, &a, "SELECT 1", NULL);
  assert_true(world_until(&w, is_done, &a, 5000));
  assert_int_equal(a.code, ERR_UNAVAILABLE);
  assert_non_null(strstr(a.error, "Atlantis"));
  assert_int_equal(db_state(w.db), DB_STARTING);
  bool closed = false;
  db_close(w.db, set_true, &closed);
  assert_true(world_until(&w, is_true, &closed, 5000));
  loop_deinit(&w.loop);
}

static void many_hosts(struct db_config *config) {
  static char url[512];
  const char *host = strstr(config->url, "host=");
  /* A name that does not resolve, a port where nobody listens, then ours. */
  snprintf(url, sizeof url,
           "postgresql://copp@/copp?host=no-such-host.invalid,127.0.0.1,%s&port=5432,1,5432",
           host + 5);
  config->url = url;
}

TEST(of_several_hosts_the_one_that_answers_is_used) {
  struct world *w = world_new(*state, many_hosts);
  struct answer a;
  assert_string_equal(world_value(w, &a, "SELECT 'found'"), "found");
  world_free(w);
}

TEST(a_url_that_cannot_be_read_is_refused_without_quoting_it) {
  (void)state;
  struct loop loop;
  struct error err = {0};
  struct db *db;
  struct db_config config;
  db_config_default(&config);
  config.url = "host=x password='secret";
  assert_true(loop_init(&loop, &err));
  assert_false(db_new(&loop, &config, NULL, &db, &err));
  assert_null(db);
  assert_int_equal(err.code, ERR_INVALID);
  assert_null(strstr(err.text, "secret"));
  loop_deinit(&loop);
}

/* ---- hosts that do not answer ---- */

/* A socket that lets everybody connect and says nothing. */
static int silent_listener(int *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
  assert_int_equal(listen(fd, 16), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
  *port = ntohs(address.sin_port);
  return fd;
}

static int silent_port; /* for the configuration below */

static void silent_first(struct db_config *config) {
  static char url[512];
  const char *host = strstr(config->url, "host=") + 5;
  snprintf(url, sizeof url, "postgresql://copp@/copp?host=127.0.0.1,%s&port=%d,5432", host,
           silent_port);
  config->url = url;
  config->connect_timeout_ms = 200;
}

TEST(a_host_that_says_nothing_does_not_block_the_others) {
  int fd = silent_listener(&silent_port);
  struct world *w = world_new(*state, silent_first);
  struct answer a;
  assert_string_equal(world_value(w, &a, "SELECT 'found'"), "found");
  world_free(w);
  close(fd);
}

static void silent_replica(struct db_config *config) {
  static char url[128];
  snprintf(url, sizeof url, "postgresql://copp@127.0.0.1:%d/copp", silent_port);
  config->replica_url = url;
}

static void same_replica(struct db_config *config) { config->replica_url = config->url; }

TEST(reads_for_a_replica_that_is_away_go_to_the_primary) {
  int fd = silent_listener(&silent_port);
  struct world *w = world_new(*state, silent_replica);
  struct answer a;
  world_ask_lane(w, &a, DB_LANE_REPLICA, "SELECT 'read'");
  world_wait(w, &a);
  assert_string_equal(a.text, "read");
  world_free(w);
  close(fd);
}

static bool has_replica(void *ctx) {
  struct db_lane_stats stats;
  db_lane_stats(ctx, DB_LANE_REPLICA, &stats);
  return stats.connected > 0;
}

TEST(reads_for_a_replica_go_there) {
  struct world *w = world_new(*state, same_replica);
  struct db_lane_stats stats;
  struct answer a;
  assert_true(world_until(w, has_replica, w->db, 5000));
  world_ask_lane(w, &a, DB_LANE_REPLICA, "SELECT 'read'");
  world_wait(w, &a);
  db_lane_stats(w->db, DB_LANE_REPLICA, &stats);
  assert_int_equal(stats.total, 1);
  world_free(w);
}

/* ---- callers that do not give up ---- */

struct stubborn {
  struct world *w;
  int failures;
  bool stops;
};

static void ask_again(void *ctx, struct db_outcome *outcome) {
  struct stubborn *s = ctx;
  if (outcome != NULL && outcome->err == NULL) s->stops = true;
  if (outcome != NULL && outcome->err != NULL) s->failures++;
  if (!s->stops) db_submit(s->w->db, query_of("SELECT 1", NULL), ask_again, s);
}

static bool has_stopped(void *ctx) { return ((struct stubborn *)ctx)->stops; }

static bool has_failed(void *ctx) { return ((struct stubborn *)ctx)->failures > 10; }

TEST(one_who_asks_again_at_once_does_not_stop_the_loop) {
  struct world *w = world_new(*state, NULL);
  struct stubborn s = {.w = w};
  pg_stop(*state);
  assert_true(world_until(w, has_lost_one, w->db, 2000));
  ask_again(&s, NULL);
  assert_true(world_until(w, has_failed, &s, 5000));
  pg_start_again(*state);
  assert_true(world_until(w, has_stopped, &s, 10000)); /* the loop got to its sockets */
  world_free(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(terminated_backends_come_back_within_two_seconds),
      cmocka_unit_test(a_write_under_a_dying_connection_is_unknown_and_a_read_is_sent_again),
      cmocka_unit_test(while_postgresql_is_stopped_queries_fail_soon_and_later_at_once),
      cmocka_unit_test(a_short_outage_is_only_a_wait),
      cmocka_unit_test(closing_tells_everybody),
      cmocka_unit_test(a_session_that_cannot_be_set_up_is_told_with_its_reason),
      cmocka_unit_test(of_several_hosts_the_one_that_answers_is_used),
      cmocka_unit_test(a_url_that_cannot_be_read_is_refused_without_quoting_it),
      cmocka_unit_test(a_host_that_says_nothing_does_not_block_the_others),
      cmocka_unit_test(reads_for_a_replica_that_is_away_go_to_the_primary),
      cmocka_unit_test(reads_for_a_replica_go_there),
      cmocka_unit_test(one_who_asks_again_at_once_does_not_stop_the_loop),
  };
  return cmocka_run_group_tests_name("db_outage", tests, set_up, tear_down);
}
