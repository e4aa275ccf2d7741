/* db/cluster_private.h - the parts of the embedded cluster (inside db only).
 *
 *   cluster_find.c   which PostgreSQL is installed
 *   cluster_make.c   directories, initdb, postgresql.conf, role and database
 *   cluster_run.c    child processes with dropped rights; what a crashed master left running
 *   cluster.c        start, watch, stop
 */
#pragma once
#include <stdint.h>

#include "db/cluster.h"

struct db_cluster {
  char *root;       /* <data_dir>/pg */
  char *data;       /* <root>/data */
  char *bin;        /* directory of postgres and initdb */
  char *socket_dir; /* short enough for a unix socket */
  char *url;        /* of the owner */
  char *app_url;    /* of who serves */
  uid_t uid;
  gid_t gid;
  int lock_fd; /* -1: not locked */
  pid_t pid;   /* 0: not running */
  int start_timeout_ms;
  bool throw_away;
};

enum { DB_CLUSTER_OLDEST = 15 };

/* cluster_find.c: wanted is the major version the data is of, 0 when there is none yet. */
COPP_MUST_USE bool db_cluster_find_bin(const char *bin_dir, int wanted, char **out,
                                       struct error *err);

/* cluster_make.c */
COPP_MUST_USE bool db_cluster_make_dirs(struct db_cluster *c, struct error *err);
COPP_MUST_USE bool db_cluster_make_socket_dir(struct db_cluster *c, struct error *err);
int db_cluster_data_version(const struct db_cluster *c); /* 0: no data yet */
COPP_MUST_USE bool db_cluster_make_data(const struct db_cluster *c, struct error *err);
COPP_MUST_USE bool db_cluster_write_config(const struct db_cluster *c, struct error *err);
COPP_MUST_USE bool db_cluster_make_database(const struct db_cluster *c, struct error *err);

/* cluster_run.c */
/* Runs argv as the cluster's user in its root directory, output appended to <root>/<log>. keep:
 * in a session of its own, ending with us. -1 on failure. */
pid_t db_cluster_spawn(const struct db_cluster *c, char *const argv[], const char *log, bool keep,
                       struct error *err);
/* Calls work(c, err) in a child with the cluster's rights, and waits. */
COPP_MUST_USE bool db_cluster_as_user(const struct db_cluster *c,
                                      bool (*work)(const struct db_cluster *c, struct error *err),
                                      struct error *err);
/* Waits until pid has ended or until the deadline (monotonic µs). false: still running. */
bool db_cluster_wait(pid_t pid, uint64_t deadline_us, int *status);
/* Ends every process of the cluster that an earlier master left, and its pid file. */
COPP_MUST_USE bool db_cluster_end_leftovers(const struct db_cluster *c, struct error *err);
void db_cluster_pause(void); /* 10 ms, between two looks */
/* The last lines of <root>/<log>, for an error message. */
void db_cluster_log_tail(const struct db_cluster *c, const char *log, char *out, int size);
