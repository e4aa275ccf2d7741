/* PostgreSQL's side: the product's own table and constraint, filled by COPY, asked as lua/domain/lessons asks it. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/bytes.h"
#include "conflicts.h"
#include "db/migrate.h"
#include "support/pg.h"

/* One probe a resource: "= ANY (…) AND &&" reads the index a thousand times longer. */
#define BUSY(n) \
  "EXISTS (SELECT FROM booking WHERE resource_id = " n " AND during && tstzrange(to_timestamp($4), to_timestamp($4 + 5400)) " \
  "AND exclusive AND state IN ('confirmed', 'in_use', 'finished'))"
static const char CHECK[] = "SELECT " BUSY("$1") " OR " BUSY("$2") " OR " BUSY("$3");
static const char INSIDE[] =
    "CREATE FUNCTION bench_check(bigint, bigint, bigint, double precision) RETURNS boolean LANGUAGE plpgsql STABLE AS $f$ BEGIN RETURN "
    BUSY("$1") " OR " BUSY("$2") " OR " BUSY("$3") "; END $f$";

static double now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool run(PGconn *pg, const char *sql) {
  PGresult *result = PQexec(pg, sql);
  bool ok = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
  if (!ok) fprintf(stderr, "%s: %s", sql, PQerrorMessage(pg));
  PQclear(result);
  return ok;
}

static bool copy_lessons(PGconn *pg, const struct bench_region *region) {
  PGresult *begun = PQexec(pg, "COPY booking (resource_id, during) FROM STDIN");
  bool ok = PQresultStatus(begun) == PGRES_COPY_IN;
  PQclear(begun);
  char line[400];
  for (size_t i = 0; ok && i < region->count; i++) {
    const struct bench_lesson *lesson = &region->lesson[i];
    time_t from = (time_t)lesson->start * 60, to = from + PAIR_MINUTES * 60;
    struct tm a, b;
    char during[96], begins[32], ends[32];
    strftime(begins, sizeof begins, "%F %T+00", gmtime_r(&from, &a));
    strftime(ends, sizeof ends, "%F %T+00", gmtime_r(&to, &b));
    snprintf(during, sizeof during, "[%s,%s)", begins, ends);
    int len = snprintf(line, sizeof line, "%u\t%s\n%u\t%s\n%u\t%s\n", lesson->teacher + 1, during, lesson->room + 1, during, lesson->group + 1, during);
    ok = PQputCopyData(pg, line, len) == 1;
  }
  ok = ok && PQputCopyEnd(pg, NULL) == 1;
  PGresult *ended = PQgetResult(pg);
  ok = ok && PQresultStatus(ended) == PGRES_COMMAND_OK;
  PQclear(ended);
  while ((ended = PQgetResult(pg)) != NULL) PQclear(ended);
  return ok;
}

/* The constraint is taken off for the load and put back as the schema has it; the foreign key is not asked for here. */
static bool load(PGconn *pg, const struct bench_region *region) {
  char resources[160], restore[600];
  snprintf(resources, sizeof resources, "INSERT INTO resource (id, kind) OVERRIDING SYSTEM VALUE SELECT n, 'room' FROM generate_series(1, %u) n",
           region->teachers + region->rooms + region->groups);
  PGresult *definition = PQexec(pg, "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'booking_overlap'");
  if (PQntuples(definition) != 1) return false;
  snprintf(restore, sizeof restore, "ALTER TABLE booking ADD CONSTRAINT booking_overlap %s", PQgetvalue(definition, 0, 0));
  PQclear(definition);
  return run(pg, "SET maintenance_work_mem = '1GB'") && run(pg, resources) &&
         run(pg, "ALTER TABLE booking DROP CONSTRAINT booking_overlap, DROP CONSTRAINT booking_resource_id_fkey") && copy_lessons(pg, region) && run(pg, restore) &&
         run(pg, "VACUUM (ANALYZE) booking") && run(pg, INSIDE);
}

static void ask_one_by_one(PGconn *pg, const struct bench_lesson *probe, size_t count, struct bench_sql *out) {
  PQclear(PQprepare(pg, "ask", CHECK, 0, NULL));
  double began = now_s();
  for (size_t i = 0; i < count; i++) {
    char text[4][24];
    const char *params[4] = {text[0], text[1], text[2], text[3]};
    const uint32_t key[3] = {probe[i].teacher, probe[i].room, probe[i].group};
    for (int k = 0; k < 3; k++) snprintf(text[k], sizeof text[k], "%u", key[k] + 1);
    snprintf(text[3], sizeof text[3], "%lld", (long long)probe[i].start * 60);
    PGresult *result = PQexecPrepared(pg, "ask", 4, params, NULL, NULL, 0);
    out->hits += PQntuples(result) == 1 && PQgetvalue(result, 0, 0)[0] == 't';
    PQclear(result);
  }
  out->round_trip_us = (now_s() - began) * 1e6 / (double)count;
  out->probes = (long long)count;
}

static bool ask_inside(PGconn *pg, const struct bench_lesson *probe, size_t count, struct bench_sql *out) {
  if (!run(pg, "CREATE UNLOGGED TABLE probe (a bigint, b bigint, c bigint, at double precision)")) return false;
  PQclear(PQexec(pg, "COPY probe FROM STDIN"));
  for (size_t i = 0; i < count; i++) {
    char line[96];
    int len = snprintf(line, sizeof line, "%u\t%u\t%u\t%lld\n", probe[i].teacher + 1, probe[i].room + 1, probe[i].group + 1, (long long)probe[i].start * 60);
    if (PQputCopyData(pg, line, len) != 1) return false;
  }
  PQputCopyEnd(pg, NULL);
  for (PGresult *ended; (ended = PQgetResult(pg)) != NULL;) PQclear(ended);
  double began = now_s();
  bool ok = run(pg, "SELECT count(*) FROM probe WHERE bench_check(a, b, c, at)");
  out->check_us = (now_s() - began) * 1e6 / (double)count;
  return ok;
}

int bench_sql(struct bench_region *region, const struct bench_lesson *probe, size_t count, struct bench_sql *out) {
  *out = (struct bench_sql){0};
  struct error err = {0};
  struct pg *server = pg_start();
  double began = now_s();
  bool ok = db_migrate(db_cluster_url(server->cluster), COPP_SOURCE_DIR "/migrations", false, NULL, NULL, &err);
  if (!ok) fprintf(stderr, "%s\n", err.text);
  PGconn *pg = PQconnectdb(db_cluster_url(server->cluster));
  ok = ok && load(pg, region);
  out->load_s = now_s() - began;
  if (ok) ask_one_by_one(pg, probe, count, out);
  ok = ok && ask_inside(pg, probe, count, out);
  PQfinish(pg);
  pg_free(server);
  return ok ? 0 : 1;
}
