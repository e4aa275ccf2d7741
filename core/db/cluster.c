#include "db/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/mem.h"
#include "db/cluster_private.h"

enum { START_MS = 60000, STOP_MS = 20000, IMMEDIATE_MS = 5000 };

const char *db_cluster_url(const struct db_cluster *cluster) { return cluster->url; }

const char *db_cluster_app_url(const struct db_cluster *cluster) { return cluster->app_url; }

pid_t db_cluster_pid(const struct db_cluster *cluster) { return cluster->pid; }

bool db_cluster_is_alive(struct db_cluster *cluster) {
  int status;
  if (cluster->pid != 0 && db_cluster_wait(cluster->pid, 0, &status)) cluster->pid = 0;
  return cluster->pid != 0;
}

bool db_cluster_launch(struct db_cluster *cluster, struct error *err) {
  struct bytes program = {0};
  bytes_addf(&program, "%s/postgres", cluster->bin);
  char *argv[] = {program.data, "-D", cluster->data, NULL};
  pid_t pid = db_cluster_spawn(cluster, argv, "start.log", true, err);
  bytes_deinit(&program);
  if (pid > 0) cluster->pid = pid;
  return pid > 0;
}

static bool wait_until_it_answers(struct db_cluster *c, struct error *err) {
  const char *keys[] = {"host", "user", "dbname", "connect_timeout", NULL};
  const char *values[] = {c->socket_dir, "postgres", "postgres", "2", NULL};
  uint64_t deadline = clock_monotonic_us() + (uint64_t)c->start_timeout_ms * 1000;
  while (PQpingParams(keys, values, 0) != PQPING_OK) {
    char tail[300];
    db_cluster_log_tail(c, "start.log", tail, sizeof tail);
    if (!db_cluster_is_alive(c))
      return error_set(err, ERR_UNAVAILABLE, "PostgreSQL ended at its start (%s/start.log): %s",
                       c->root, tail);
    if (clock_monotonic_us() >= deadline)
      return error_set(err, ERR_TIMEOUT, "PostgreSQL does not answer (%s/start.log): %s", c->root,
                       tail);
    db_cluster_pause();
  }
  return true;
}

/* Two masters over one cluster would end each other's PostgreSQL. The lock goes with the process. */
static bool take_lock(struct db_cluster *c, struct error *err) {
  struct bytes path = {0};
  bytes_addf(&path, "%s/lock", c->root);
  c->lock_fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  bool ok = c->lock_fd >= 0 && flock(c->lock_fd, LOCK_EX | LOCK_NB) == 0;
  if (!ok && errno == EWOULDBLOCK)
    error_set(err, ERR_CONFLICT, "another copp runs on %s already", c->root);
  else if (!ok) error_set(err, ERR_IO, "cannot lock %s: %s", path.data, strerror(errno));
  bytes_deinit(&path);
  return ok;
}

static char *make_url(const struct db_cluster *c, const char *role) {
  struct bytes url = {0};
  bytes_addf(&url, "postgresql://%s@/copp?host=", role);
  bytes_add_url(&url, c->socket_dir, strlen(c->socket_dir));
  return url.data; /* it takes the bytes over */
}

static struct db_cluster *new_cluster(const struct db_cluster_config *config) {
  struct db_cluster *c = mem_zero(sizeof *c);
  struct bytes root = {0}, data = {0};
  bytes_addf(&root, "%s/pg", config->data_dir);
  bytes_addf(&data, "%s/data", root.data);
  c->root = root.data;
  c->data = data.data;
  c->uid = geteuid() == 0 ? config->uid : geteuid();
  c->gid = geteuid() == 0 ? config->gid : getegid();
  c->lock_fd = -1;
  c->start_timeout_ms = config->start_timeout_ms > 0 ? config->start_timeout_ms : START_MS;
  c->throw_away = config->throw_away;
  return c;
}

bool db_cluster_programs(const char *data_dir, char **out, struct error *err) {
  struct db_cluster_config config = {.data_dir = data_dir};
  struct db_cluster *c = new_cluster(&config);
  bool ok = db_cluster_find_bin(NULL, db_cluster_data_version(c), out, err);
  db_cluster_free(c);
  return ok;
}

static bool bring_up(struct db_cluster *c, const char *bin_dir, struct error *err) {
  if (!db_cluster_make_dirs(c, err) || !take_lock(c, err)) return false;
  int version = db_cluster_data_version(c);
  if (!db_cluster_find_bin(bin_dir, version, &c->bin, err)) return false;
  if (version == 0 && !db_cluster_make_data(c, err)) return false;
  if (!db_cluster_end_leftovers(c, err)) return false;
  if (!db_cluster_make_socket_dir(c, err) || !db_cluster_write_config(c, err)) return false;
  c->url = make_url(c, "copp");
  c->app_url = make_url(c, "copp_app");
  return db_cluster_launch(c, err) && wait_until_it_answers(c, err) &&
         db_cluster_make_database(c, err);
}

bool db_cluster_start(const struct db_cluster_config *config, struct db_cluster **out,
                      struct error *err) {
  *out = NULL;
  if (geteuid() == 0 && config->uid == 0)
    return error_set(err, ERR_INVALID, "PostgreSQL does not run as root: name another user");
  if (config->data_dir[0] != '/')
    return error_set(err, ERR_INVALID, "the data directory must be an absolute path");
  struct db_cluster *c = new_cluster(config);
  if (!bring_up(c, config->bin_dir, err)) {
    db_cluster_free(c);
    return false;
  }
  *out = c;
  return true;
}

static bool end_with(struct db_cluster *c, int signum, int timeout_ms) {
  int status;
  kill(c->pid, signum);
  uint64_t deadline = clock_monotonic_us() + (uint64_t)timeout_ms * 1000;
  return db_cluster_wait(c->pid, deadline, &status);
}

void db_cluster_stop(struct db_cluster *cluster, int timeout_ms) {
  if (!db_cluster_is_alive(cluster)) return;
  if (!end_with(cluster, SIGINT, timeout_ms > 0 ? timeout_ms : STOP_MS) &&
      !end_with(cluster, SIGQUIT, IMMEDIATE_MS))
    end_with(cluster, SIGKILL, IMMEDIATE_MS);
  cluster->pid = 0;
}

void db_cluster_free(struct db_cluster *cluster) {
  if (cluster == NULL) return;
  db_cluster_stop(cluster, 0);
  if (cluster->socket_dir != NULL) rmdir(cluster->socket_dir); /* it may lie outside data_dir */
  if (cluster->lock_fd >= 0) close(cluster->lock_fd);
  free(cluster->root);
  free(cluster->data);
  free(cluster->bin);
  free(cluster->socket_dir);
  free(cluster->url);
  free(cluster->app_url);
  free(cluster);
}
