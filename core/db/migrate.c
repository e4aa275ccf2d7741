#include "db/migrate.h"

#include <libpq-fe.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "db/migrate_files.h"
#include "db/sql_split.h"

/* Any number will do, as long as nothing else of ours takes it: "copp" in ASCII. */
#define MIGRATION_LOCK "1668247664"

/* ---- statements ---- */

static void hush(void *ctx, const char *message) { /* notices such as "already exists, skipping" */
  (void)ctx;
  (void)message;
}

static bool run(PGconn *pg, const char *sql, struct error *err) {
  PGresult *result = PQexec(pg, sql);
  ExecStatusType status = PQresultStatus(result);
  PQclear(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return true;
  enum error_code code = PQstatus(pg) == CONNECTION_OK ? ERR_DB : ERR_UNAVAILABLE;
  return error_set(err, code, "%s: %s", sql, PQerrorMessage(pg));
}

static PGconn *connect_to(const char *url, struct error *err) {
  const char *keys[] = {"dbname",          "fallback_application_name", "client_encoding",
                        "connect_timeout", "target_session_attrs",      NULL};
  const char *values[] = {url, "copp migrate", "UTF8", "10", "read-write", NULL};
  PGconn *pg = PQconnectdbParams(keys, values, 1);
  if (PQstatus(pg) != CONNECTION_OK) {
    error_set(err, ERR_UNAVAILABLE, "cannot connect to the database: %s", PQerrorMessage(pg));
    PQfinish(pg);
    return NULL;
  }
  PQsetNoticeProcessor(pg, hush, NULL);
  return pg;
}

/* lock_timeout comes after the lock: another node may migrate for long, but a migration that waits
 * for a table makes all others wait behind it. */
static bool open_session(PGconn *pg, struct error *err) {
  return run(pg, "SET statement_timeout = 0", err) && run(pg, "SET search_path = public", err) &&
         run(pg, "SET TimeZone = 'UTC'", err) &&
         run(pg, "SET standard_conforming_strings = on", err) &&
         run(pg, "SELECT pg_advisory_lock(" MIGRATION_LOCK ")", err) &&
         run(pg, "SET lock_timeout = '15s'", err);
}

/* ---- what was applied ---- */

static bool has_table(PGconn *pg, bool *out, struct error *err) {
  PGresult *result = PQexec(pg, "SELECT to_regclass('public.schema_migration') IS NOT NULL");
  bool ok = PQresultStatus(result) == PGRES_TUPLES_OK;
  *out = ok && *PQgetvalue(result, 0, 0) == 't';
  PQclear(result);
  return ok || error_set(err, ERR_DB, "%s", PQerrorMessage(pg));
}

static bool make_table(PGconn *pg, struct error *err) {
  return run(pg,
             "CREATE TABLE schema_migration (name text PRIMARY KEY, checksum text NOT NULL,"
             " applied_at timestamptz NOT NULL DEFAULT now(), ms int NOT NULL)",
             err);
}

static bool compare(struct db_migrations *files, const char *name, const char *checksum,
                    struct error *err) {
  struct db_migration *file = db_migrations_find(files, name);
  if (file == NULL)
    return error_set(err, ERR_CONFLICT, "%s was applied to this database but its file is gone",
                     name);
  if (strcmp(file->checksum, checksum) != 0)
    return error_set(err, ERR_CONFLICT, "%s was changed after it had been applied", name);
  file->is_applied = true;
  return true;
}

static bool mark_applied(PGconn *pg, struct db_migrations *files, struct error *err) {
  PGresult *rows = PQexec(pg, "SELECT name, checksum FROM schema_migration ORDER BY name");
  bool ok = PQresultStatus(rows) == PGRES_TUPLES_OK;
  if (!ok) error_set(err, ERR_DB, "schema_migration: %s", PQerrorMessage(pg));
  for (int row = 0; ok && row < PQntuples(rows); row++)
    ok = compare(files, PQgetvalue(rows, row, 0), PQgetvalue(rows, row, 1), err);
  PQclear(rows);
  return ok;
}

/* ---- running one ---- */

static int line_at(const char *text, const char *end) {
  int line = 1;
  for (; text < end; text++) line += *text == '\n';
  return line;
}

/* The place of PostgreSQL's character position (from 1) in the statement. */
static const char *place_of(struct slice statement, int position) {
  size_t at = 0;
  while (position-- > 1 && at < statement.len) {
    size_t width = utf8_width(statement.data + at, statement.len - at);
    at += width > 0 ? width : 1;
  }
  return statement.data + at;
}

static const char *field(const PGresult *result, int code) {
  const char *text = PQresultErrorField(result, code);
  return text != NULL ? text : "";
}

static bool report(const struct db_migration *m, struct slice statement, PGconn *pg,
                   const PGresult *result, struct error *err) {
  int position = atoi(field(result, PG_DIAG_STATEMENT_POSITION));
  int line = line_at(m->text.data, place_of(statement, position));
  const char *message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  const char *detail = field(result, PG_DIAG_MESSAGE_DETAIL);
  const char *hint = field(result, PG_DIAG_MESSAGE_HINT);
  return error_set(err, PQstatus(pg) == CONNECTION_OK ? ERR_DB : ERR_UNAVAILABLE,
                   "%s:%d: %s: %s%s%.150s%s%.100s%s", m->name, line,
                   *message != '\0' ? field(result, PG_DIAG_SEVERITY) : "ERROR",
                   *message != '\0' ? message : PQerrorMessage(pg), *detail != '\0' ? " - " : "",
                   detail, *hint != '\0' ? " - " : "", hint,
                   m->has_transaction ? "" : " (no transaction: what ran before it stays)");
}

static bool run_statement(PGconn *pg, const struct db_migration *m, struct slice statement,
                          struct error *err) {
  struct bytes sql = {0};
  bytes_add(&sql, statement.data, statement.len);
  PGresult *result = PQexec(pg, sql.data);
  ExecStatusType status = PQresultStatus(result);
  bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  if (!ok) report(m, statement, pg, result, err);
  PQclear(result);
  bytes_deinit(&sql);
  return ok;
}

static bool run_statements(PGconn *pg, const struct db_migration *m, struct error *err) {
  struct slice rest = {m->text.data, m->text.len}, statement;
  while (db_sql_next(&rest, &statement)) {
    if (!run_statement(pg, m, statement, err)) return false;
    bool is_inside = PQtransactionStatus(pg) == PQTRANS_INTRANS;
    if (is_inside != m->has_transaction)
      return error_set(err, ERR_INVALID, "%s:%d: a migration must not begin or end transactions",
                       m->name, line_at(m->text.data, statement.data));
  }
  return true;
}

static bool note_applied(PGconn *pg, const struct db_migration *m, const char *ms,
                         struct error *err) {
  const char *values[] = {m->name, m->checksum, ms};
  PGresult *result = PQexecParams(
      pg, "INSERT INTO public.schema_migration (name, checksum, ms) VALUES ($1, $2, $3)", 3, NULL,
      values, NULL, NULL, 0);
  bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;
  PQclear(result);
  return ok || error_set(err, ERR_DB, "%s: %s", m->name, PQerrorMessage(pg));
}

static bool apply(PGconn *pg, const struct db_migration *m, FILE *progress, struct error *err) {
  uint64_t from = clock_monotonic_us();
  bool ok = !m->has_transaction || run(pg, "BEGIN", err);
  ok = ok && run_statements(pg, m, err);
  char ms[24];
  snprintf(ms, sizeof ms, "%llu", (unsigned long long)(clock_monotonic_us() - from) / 1000);
  ok = ok && note_applied(pg, m, ms, err);
  if (PQtransactionStatus(pg) != PQTRANS_IDLE) {
    /* COMMIT may still fail: deferred constraints speak up here. */
    bool is_ended = run(pg, ok ? "COMMIT" : "ROLLBACK", ok ? err : NULL);
    ok = ok && is_ended;
  }
  if (ok && progress != NULL) fprintf(progress, "applied %s (%s ms)\n", m->name, ms);
  return ok;
}

/* ---- all ---- */

static bool run_pending(PGconn *pg, const struct db_migrations *files, bool plan_only,
                        FILE *progress, struct db_migrate_report *counts, struct error *err) {
  for (int i = 0; i < files->count; i++) {
    const struct db_migration *m = &files->items[i];
    if (m->is_applied) {
      counts->present++;
      continue;
    }
    if (!plan_only && !apply(pg, m, progress, err)) return false;
    if (plan_only && progress != NULL)
      fprintf(progress, "would apply %s%s\n", m->name,
              m->has_transaction ? "" : " (no transaction)");
    counts->applied++;
  }
  return true;
}

static bool migrate(PGconn *pg, struct db_migrations *files, bool plan_only, FILE *progress,
                    struct db_migrate_report *counts, struct error *err) {
  bool is_there;
  if (!open_session(pg, err) || !has_table(pg, &is_there, err)) return false;
  if (!is_there && !plan_only && !make_table(pg, err)) return false;
  if (is_there && !mark_applied(pg, files, err)) return false;
  return run_pending(pg, files, plan_only, progress, counts, err);
}

bool db_migrate(const char *url, const char *dir, bool plan_only, FILE *progress,
                struct db_migrate_report *report_out, struct error *err) {
  struct db_migrate_report ignored, *counts = report_out != NULL ? report_out : &ignored;
  *counts = (struct db_migrate_report){0};
  struct db_migrations files;
  if (!db_migrations_read(dir, &files, err)) return false;
  PGconn *pg = connect_to(url, err);
  bool ok = pg != NULL && migrate(pg, &files, plan_only, progress, counts, err);
  PQfinish(pg); /* which frees the advisory lock */
  db_migrations_deinit(&files);
  return ok;
}
