#include "db/blocking.h"

#include <libpq-fe.h>
#include <stdlib.h>

struct db_blocking; /* is libpq's PGconn */

static PGconn *pg_of(struct db_blocking *db) { return (PGconn *)db; }

bool db_blocking_open(const char *url, const char *name, struct db_blocking **out, struct error *err) {
  const char *keys[] = {"dbname", "application_name", "client_encoding", "connect_timeout", "target_session_attrs", "options", NULL};
  const char *values[] = {url, name, "UTF8", "10", "read-write", "-c statement_timeout=60000 -c search_path=public -c client_min_messages=warning", NULL};
  *out = NULL;
  PGconn *pg = PQconnectdbParams(keys, values, 1);
  if (PQstatus(pg) != CONNECTION_OK) {
    error_set(err, ERR_UNAVAILABLE, "cannot connect to the database: %s", PQerrorMessage(pg));
    PQfinish(pg);
    return false;
  }
  *out = (struct db_blocking *)pg;
  return true;
}

bool db_blocking_run(struct db_blocking *db, const char *sql, int count, const char *const *params,
                     struct pg_result **out, struct error *err) {
  if (out != NULL) *out = NULL;
  PGresult *result = PQexecParams(pg_of(db), sql, count, NULL, params, NULL, NULL, 1);
  ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
    if (out != NULL) *out = (struct pg_result *)result;
    else PQclear(result);
    return true;
  }
  const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  error_set(err, PQstatus(pg_of(db)) == CONNECTION_OK ? ERR_DB : ERR_UNAVAILABLE, "%s",
            message != NULL ? message : PQerrorMessage(pg_of(db)));
  PQclear(result);
  return false;
}

bool db_set_environment(const char *url, struct error *err) {
  char *message = NULL;
  PQconninfoOption *options = PQconninfoParse(url, &message);
  if (options == NULL) error_set(err, ERR_INVALID, "%s", message != NULL ? message : "bad database URL");
  for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
    if (option->val != NULL && option->envvar != NULL) setenv(option->envvar, option->val, 1);
  bool ok = options != NULL;
  PQfreemem(message);
  PQconninfoFree(options);
  return ok;
}

void db_blocking_close(struct db_blocking *db) {
  if (db != NULL) PQfinish(pg_of(db));
}
