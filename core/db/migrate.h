/* db/migrate.h - plain SQL files, forward only.
 *
 * dir holds <UTC minute>_<name>.sql (202611232000_foundation.sql). Each runs once, in order of
 * name, in one transaction with its row in schema_migration; "-- no-transaction" on line 1 opts
 * out. Of several nodes one migrates and the others wait (advisory lock). Files that were applied
 * must stay as they were: a changed or vanished one stops everything, by name, before anything runs.
 *
 * Blocking; for the command line and for the master before its loop runs.
 */
#pragma once
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

struct db_migrate_report {
  int applied; /* now, or that would be with plan_only */
  int present; /* applied before */
};

/* Brings the database at url up to the files in dir. plan_only: says what would run, changes
 * nothing. progress (may be NULL) gets a line a file. report may be NULL. A failure of SQL is
 * reported as "202611232000_x.sql:12: ERROR: …"; files before it stay applied. */
COPP_MUST_USE bool db_migrate(const char *url, const char *dir, bool plan_only, FILE *progress,
                              struct db_migrate_report *report, struct error *err);
