#include "support/pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <libpq-fe.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

/* ---- PostgreSQL ---- */

static struct db_cluster_config config_of(const struct pg *pg) {
  struct db_cluster_config config = {.data_dir = pg->dir, .throw_away = true};
  const struct passwd *user = getpwnam("postgres");
  if (user == NULL) user = getpwnam("nobody");
  config.uid = user->pw_uid;
  config.gid = user->pw_gid;
  return config;
}

static void start_cluster(struct pg *pg) {
  struct error err = {0};
  struct db_cluster_config config = config_of(pg);
  if (db_cluster_start(&config, &pg->cluster, &err)) return;
  fprintf(stderr, "no PostgreSQL for the tests: %s\n", err.text);
  exit(1);
}

struct pg *pg_start(void) {
  struct pg *pg = mem_zero(sizeof *pg);
  strcpy(pg->dir, "/tmp/copp-test-XXXXXX");
  if (mkdtemp(pg->dir) == NULL || chmod(pg->dir, 0755) != 0) exit(1);
  if (geteuid() == 0) { /* the cluster's user makes files here itself */
    struct db_cluster_config config = config_of(pg);
    if (chown(pg->dir, config.uid, config.gid) != 0) exit(1);
  }
  start_cluster(pg);
  return pg;
}

void pg_stop(struct pg *pg) { db_cluster_stop(pg->cluster, 0); }

void pg_start_again(struct pg *pg) {
  struct error err = {0};
  assert_true(db_cluster_launch(pg->cluster, &err));
}

void pg_free(struct pg *pg) {
  db_cluster_free(pg->cluster);
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", pg->dir);
  if (system(command) != 0) fprintf(stderr, "%s failed\n", command);
  free(pg);
}

static void hush(void *ctx, const char *message) { /* notices */
  (void)ctx;
  (void)message;
}

const char *pg_value(struct pg *pg, const char *sql) {
  static char value[256];
  PGconn *conn = PQconnectdb(db_cluster_url(pg->cluster));
  PQsetNoticeProcessor(conn, hush, NULL);
  PGresult *result = PQexec(conn, sql);
  bool has_rows = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0;
  snprintf(value, sizeof value, "%s", has_rows ? PQgetvalue(result, 0, 0) : "");
  bool ok = has_rows || PQresultStatus(result) == PGRES_COMMAND_OK ||
            PQresultStatus(result) == PGRES_TUPLES_OK;
  if (!ok) fprintf(stderr, "%s: %s", sql, PQerrorMessage(conn));
  PQclear(result);
  PQfinish(conn);
  return ok ? value : NULL;
}

bool pg_run(struct pg *pg, const char *sql) { return pg_value(pg, sql) != NULL; }

/* ---- loop and db ---- */

static void on_tick(void *ctx) { (void)ctx; } /* lets a turn of the loop end */

bool world_until(struct world *w, bool (*cond)(void *ctx), void *ctx, int timeout_ms) {
  uint64_t deadline = clock_monotonic_us() + (uint64_t)timeout_ms * 1000;
  struct loop_timer *ticks = loop_timer_new(&w->loop, on_tick, NULL);
  loop_timer_start(ticks, 5, 5);
  while (!cond(ctx) && clock_monotonic_us() < deadline) uv_run(&w->loop.uv, UV_RUN_ONCE);
  loop_timer_free(ticks);
  return cond(ctx);
}

static bool is_ready(void *ctx) {
  struct db_lane_stats stats;
  db_lane_stats(ctx, DB_LANE_FAST, &stats);
  return stats.connected == stats.size;
}

struct world *world_new(struct pg *pg, void (*change)(struct db_config *config)) {
  struct world *w = mem_zero(sizeof *w);
  struct error err = {0};
  struct db_config config;
  w->pg = pg;
  w->log = (struct log){.fd = 2, .from = LOG_ERROR, .who = "test"};
  if (getenv("COPP_TEST_LOG") != NULL) w->log.from = LOG_DEBUG;
  db_config_default(&config);
  config.url = db_cluster_url(pg->cluster);
  config.time_zone = "Asia/Yekaterinburg";
  if (change != NULL) change(&config);
  assert_true(loop_init(&w->loop, &err));
  assert_true(db_new(&w->loop, &config, &w->log, &w->db, &err));
  assert_true(world_until(w, is_ready, w->db, 10000));
  return w;
}

static void on_closed(void *ctx) { ((struct world *)ctx)->is_closed = true; }

static bool is_closed(void *ctx) { return ((struct world *)ctx)->is_closed; }

void world_free(struct world *w) {
  db_close(w->db, on_closed, w);
  assert_true(world_until(w, is_closed, w, 10000));
  loop_deinit(&w->loop);
  free(w);
}

/* ---- questions ---- */

void answer_done(void *ctx, struct db_outcome *outcome) {
  struct answer *a = ctx;
  assert_false(a->is_done); /* exactly once */
  a->is_done = true;
  a->done_at_us = clock_monotonic_us();
  a->has_result = outcome->result != NULL;
  if (outcome->err != NULL) {
    a->code = outcome->err->code;
    snprintf(a->error, sizeof a->error, "%s", outcome->err->text);
  }
  if (outcome->fault != NULL) a->fault = *outcome->fault;
  if (outcome->result == NULL) return;
  a->rows = db_result_rows(outcome->result);
  a->affected = db_result_affected(outcome->result);
  struct slice value;
  if (a->rows > 0 && db_result_get(outcome->result, 0, 0, &value))
    snprintf(a->text, sizeof a->text, "%.*s", (int)value.len, value.data);
}

static struct db_query *query_from(const char *sql, va_list args) {
  struct db_query *q = db_query_new(sql, strlen(sql));
  const char *value;
  while ((value = va_arg(args, const char *)) != NULL) db_query_param(q, value, strlen(value));
  return q;
}

struct db_query *query_of(const char *sql, ...) {
  va_list args;
  va_start(args, sql);
  struct db_query *q = query_from(sql, args);
  va_end(args);
  return q;
}

void world_ask(struct world *w, struct answer *a, const char *sql, ...) {
  va_list args;
  va_start(args, sql);
  *a = (struct answer){0};
  db_submit(w->db, query_from(sql, args), answer_done, a);
  va_end(args);
}

void world_ask_lane(struct world *w, struct answer *a, enum db_lane lane, const char *sql) {
  *a = (struct answer){0};
  struct db_query *q = query_of(sql, NULL);
  db_query_lane(q, lane);
  db_submit(w->db, q, answer_done, a);
}

static bool is_done(void *ctx) { return ((struct answer *)ctx)->is_done; }

void world_wait(struct world *w, struct answer *a) {
  assert_true(world_until(w, is_done, a, 10000));
}

const char *world_value(struct world *w, struct answer *a, const char *sql) {
  world_ask(w, a, sql, NULL);
  world_wait(w, a);
  if (a->code != ERR_NONE) fail_msg("%s", a->error);
  return a->text;
}
