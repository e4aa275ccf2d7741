/* db/cluster.h - the embedded PostgreSQL: a private cluster that the master starts and stops itself.
 *
 *   <data_dir>/pg/data       the cluster (0700, owned by uid)
 *   <data_dir>/pg/log        its log, a file a weekday; start.log: what it said before that
 *   <data_dir>/pg/local.conf settings of the administrator, read last; postgresql.conf is ours
 *   <data_dir>/pg/lock       held while a master runs the cluster
 *
 * It listens on a unix socket in a directory of its own (0700, hence "trust" is enough), never on
 * TCP. The postmaster is a direct child, in a session of its own so that Ctrl-C does not reach it,
 * and ends with its parent (PR_SET_PDEATHSIG): call start from the main thread.
 *
 * db_cluster_start() blocks (initdb takes seconds) and belongs before the loop. While the loop runs:
 *
 *   every 200 ms or on SIGCHLD: if (!db_cluster_is_alive(c)) db_cluster_launch(c, &err), with a
 *   back-off of the master's; workers reconnect by themselves. libuv reaps only its own children, so
 *   the two do not meet.
 */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct db_cluster;

struct db_cluster_config {
  const char *data_dir; /* $COPP_DATA_DIR; must exist and be reachable for uid */
  uid_t uid;            /* who runs PostgreSQL; not 0. When we are not root: our own */
  gid_t gid;
  const char *bin_dir;  /* NULL: the newest of /usr/lib/postgresql/<n>/bin and PATH, 15 or later */
  int start_timeout_ms; /* 0: 60 s; crash recovery of a large database counts too */
  bool throw_away;      /* tests: no fsync, little memory */
};

/* Finds PostgreSQL, makes the cluster, the database `copp` and its roles when absent, deals with what a
 * crashed master left, starts it and waits until it answers. On false *out is NULL and nothing
 * runs. */
COPP_MUST_USE bool db_cluster_start(const struct db_cluster_config *config, struct db_cluster **out,
                                    struct error *err);

/* A libpq URI; valid as long as the cluster object. Safe for paths with spaces. The owner, `copp`, migrates and backs up. */
const char *db_cluster_url(const struct db_cluster *cluster);
/* The same for `copp_app`, the role that serves: it owns nothing. */
const char *db_cluster_app_url(const struct db_cluster *cluster);
pid_t db_cluster_pid(const struct db_cluster *cluster); /* 0 when it does not run */

/* The directory of PostgreSQL's programs that fit the cluster in data_dir, or the newest ones; to be freed. */
COPP_MUST_USE bool db_cluster_programs(const char *data_dir, char **out, struct error *err);

/* Reaps a dead postmaster; never blocks. */
bool db_cluster_is_alive(struct db_cluster *cluster);
/* Starts a postmaster that died and returns at once; it may need a while until it answers. */
COPP_MUST_USE bool db_cluster_launch(struct db_cluster *cluster, struct error *err);

/* Fast shutdown; after timeout_ms without it (0: 20 s) an immediate one, then SIGKILL. Blocks. */
void db_cluster_stop(struct db_cluster *cluster, int timeout_ms);
/* Stops it when it runs, releases the lock. NULL is fine. */
void db_cluster_free(struct db_cluster *cluster);
