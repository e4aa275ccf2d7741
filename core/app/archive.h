/* app/archive.h - what backup and restore share: a working directory, programs, the manifest. Private to app/. */
#pragma once
#include <stdio.h>
#include <sys/types.h>

#include "app/database.h"
#include "db/blocking.h"

struct archive {
  struct app_setup *setup;
  char *dir;                 /* <data_dir>/tmp/<what>-<pid>, removed at the end */
  char *bin;                 /* of PostgreSQL's programs */
  struct app_database database;
};

/* Makes the directory and finds the programs. */
COPP_MUST_USE bool archive_open(struct archive *archive, struct app_setup *setup, const char *what, struct error *err);
void archive_close(struct archive *archive);
char *archive_path(const struct archive *archive, const char *name); /* to be freed */

/* Runs argv (ends with NULL) and waits; its output goes to out, its input comes from in (-1: ours). */
COPP_MUST_USE bool archive_run(char *const argv[], int in, int out, struct error *err);
/* A program of PostgreSQL: argv[0] is its bare name. */
COPP_MUST_USE bool archive_run_pg(const struct archive *archive, char *argv[], struct error *err);

/* The rows of each table, as lines "table <name> <rows>", on this connection. */
COPP_MUST_USE bool archive_count(struct db_blocking *db, struct bytes *out, struct error *err);
/* "<what> <sha256> <bytes>" of a file, or false. */
COPP_MUST_USE bool archive_describe(const char *what, const char *path, struct bytes *out, struct error *err);

/* Runs work in a child that has given root up, with fd of a file that our caller may open. Returns the exit code. */
int archive_in_child(struct app_setup *setup, int fd, bool (*work)(struct app_setup *setup, int fd, void *ctx, struct error *err), void *ctx);
