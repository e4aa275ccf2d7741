/* db/blocking.h - a connection of its own for work off the loop: one statement, its answer.
 *
 *   if (!db_blocking_open(url, "copp published", &db, err)) return false;
 *   bool ok = db_blocking_run(db, "SELECT path, content FROM …", 0, NULL, &result, err);
 *   db_result_free(result);
 *   db_blocking_close(db);
 *
 * For the thread pool and for the master before its loop runs; never on the loop thread.
 */
#pragma once
#include "base/error.h"
#include "db/result.h"

struct db_blocking;

/* Connects to the writable server; a statement may take a minute. On false *out is NULL. */
COPP_MUST_USE bool db_blocking_open(const char *url, const char *name, struct db_blocking **out, struct error *err);
/* params are texts, NULL for NULL. Values of *out are PostgreSQL's binary form: select text and
 * bytea. *out may be NULL when nobody reads it; on false *out is NULL. */
COPP_MUST_USE bool db_blocking_run(struct db_blocking *db, const char *sql, int count, const char *const *params,
                                   struct pg_result **out, struct error *err);
/* Environment for programs of PostgreSQL (PGHOST, PGPASSWORD …), so that no password is in their command line. */
COPP_MUST_USE bool db_set_environment(const char *url, struct error *err);
void db_blocking_close(struct db_blocking *db); /* NULL is fine */
