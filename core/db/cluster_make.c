#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/mem.h"
#include "db/cluster_private.h"

/* ---- directories ---- */

/* A directory of the cluster's user that nobody else can enter. One that is there already must be
 * exactly that: in /tmp a stranger may have been first. */
static bool make_private_dir(const struct db_cluster *c, const char *path, struct error *err) {
  bool is_new = mkdir(path, 0700) == 0;
  if (!is_new && errno != EEXIST)
    return error_set(err, ERR_IO, "cannot make %s: %s", path, strerror(errno));
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return error_set(err, ERR_IO, "cannot open %s: %s", path, strerror(errno));
  if (is_new && geteuid() == 0 && fchown(fd, c->uid, c->gid) != 0) is_new = false;
  struct stat info;
  bool ok = fstat(fd, &info) == 0 && info.st_uid == c->uid;
  if (ok) ok = fchmod(fd, 0700) == 0;
  close(fd);
  if (ok) return true;
  return error_set(err, ERR_IO, "%s must be a directory of uid %d alone", path, (int)c->uid);
}

bool db_cluster_make_dirs(struct db_cluster *c, struct error *err) {
  return make_private_dir(c, c->root, err);
}

/* Unix socket addresses have 107 bytes, and PostgreSQL adds a name of about 20. */
static bool is_good_for_socket(const char *path) {
  return strlen(path) < 80 && strpbrk(path, " ,'\"\\@") == NULL;
}

static uint64_t hash_of(const char *text) { /* FNV-1a: one short directory for each long one */
  uint64_t h = 1469598103934665603ULL;
  for (; *text != '\0'; text++) h = (h ^ (unsigned char)*text) * 1099511628211ULL;
  return h;
}

bool db_cluster_make_socket_dir(struct db_cluster *c, struct error *err) {
  struct bytes path = {0};
  bytes_addf(&path, "%s/run", c->root);
  if (!is_good_for_socket(path.data)) {
    bytes_clear(&path);
    bool has_run = geteuid() == 0 && access("/run", W_OK) == 0;
    bytes_addf(&path, "%s/copp-%d-%012llx", has_run ? "/run" : "/tmp", (int)c->uid,
               (unsigned long long)(hash_of(c->root) & 0xFFFFFFFFFFFF));
  }
  c->socket_dir = path.data; /* it takes the bytes over */
  return make_private_dir(c, c->socket_dir, err);
}

int db_cluster_data_version(const struct db_cluster *c) {
  int version = 0;
  struct bytes path = {0};
  bytes_addf(&path, "%s/PG_VERSION", c->data);
  FILE *file = fopen(path.data, "re");
  if (file != NULL) {
    if (fscanf(file, "%d", &version) != 1) version = 0;
    fclose(file);
  }
  bytes_deinit(&path);
  return version;
}

/* ---- initdb ---- */

static bool remove_tree(const struct db_cluster *c, char *path, struct error *err) {
  int status = 0;
  pid_t pid =
      db_cluster_spawn(c, (char *[]){"/bin/rm", "-rf", "--", path, NULL}, "start.log", false, err);
  if (pid < 0) return false;
  return db_cluster_wait(pid, clock_monotonic_us() + 60000000, &status) && status == 0;
}

/* initdb works beside and the result is moved into place: one that was killed leaves no half. */
static bool run_initdb(const struct db_cluster *c, char *data_new, struct error *err) {
  enum { TIMEOUT_US = 120 * 1000 * 1000 };
  struct bytes program = {0};
  bytes_addf(&program, "%s/initdb", c->bin);
  char *argv[] = {program.data,
                  "--pgdata",
                  data_new,
                  "--username=postgres",
                  "--encoding=UTF8",
                  "--locale-provider=icu",
                  "--icu-locale=ru-RU",
                  "--locale=C.UTF-8",
                  "--auth-local=trust",
                  "--auth-host=reject",
                  "--data-checksums",
                  c->throw_away ? "--no-sync" : NULL,
                  NULL};
  int status = 0;
  pid_t pid = db_cluster_spawn(c, argv, "start.log", false, err);
  bytes_deinit(&program);
  if (pid < 0) return false;
  if (db_cluster_wait(pid, clock_monotonic_us() + TIMEOUT_US, &status) && status == 0) return true;
  char tail[300];
  db_cluster_log_tail(c, "start.log", tail, sizeof tail);
  return error_set(err, ERR_IO, "initdb failed in %s: %s", c->root, tail);
}

bool db_cluster_make_data(const struct db_cluster *c, struct error *err) {
  struct bytes data_new = {0};
  bytes_addf(&data_new, "%s.new", c->data);
  bool ok = remove_tree(c, data_new.data, err) && run_initdb(c, data_new.data, err);
  if (ok && rename(data_new.data, c->data) != 0)
    ok = error_set(err, ERR_IO, "cannot move %s into place: %s", data_new.data, strerror(errno));
  bytes_deinit(&data_new);
  return ok;
}

/* ---- postgresql.conf ---- */

static long clamp(long value, long low, long high) {
  return value < low ? low : value > high ? high : value;
}

static void add_memory(struct bytes *out, bool throw_away) {
  long ram_mb = sysconf(_SC_PHYS_PAGES) / 1024 * (sysconf(_SC_PAGESIZE) / 1024);
  bytes_addf(out, "shared_buffers = %ldMB\n", throw_away ? 32 : clamp(ram_mb / 8, 64, 4096));
  bytes_addf(out, "effective_cache_size = %ldMB\n", clamp(ram_mb / 2, 128, 65536));
  bytes_addf(out, "maintenance_work_mem = %ldMB\n", clamp(ram_mb / 32, 32, 512));
  bytes_add_str(out, "work_mem = 8MB\n");
  if (sysconf(_SC_NPROCESSORS_ONLN) < 4)
    bytes_add_str(out, "max_parallel_workers_per_gather = 0 # cores are for requests\n");
}

/* Quoted for postgresql.conf. */
static void add_setting(struct bytes *out, const char *name, const char *value) {
  bytes_addf(out, "%s = '", name);
  for (; *value != '\0'; value++) {
    if (*value == '\'') bytes_add_char(out, '\'');
    bytes_add_char(out, *value);
  }
  bytes_add_str(out, "'\n");
}

static const char same_for_all[] =
    "# Written by copp at every start: put your own settings into ../local.conf.\n"
    "listen_addresses = ''\n"
    "unix_socket_permissions = 0700\n"
    "max_connections = 100\n"
    "wal_level = logical # the engine follows the change stream\n"
    "max_slot_wal_keep_size = 2GB # a lost follower must not fill the disk\n"
    "max_wal_size = 2GB\n"
    "wal_compression = on\n"
    "random_page_cost = 1.1\n"
    "jit = off\n"
    "autovacuum_vacuum_scale_factor = 0.05\n"
    "autovacuum_analyze_scale_factor = 0.05\n"
    "timezone = 'UTC'\n"
    "log_timezone = 'UTC'\n"
    "datestyle = 'iso, ymd'\n"
    "lc_messages = 'C'\n"
    "lc_monetary = 'C'\n"
    "lc_numeric = 'C'\n"
    "lc_time = 'C'\n"
    "default_text_search_config = 'pg_catalog.russian'\n"
    "# No values in the log: they are personal data.\n"
    "log_error_verbosity = terse\n"
    "log_parameter_max_length = 0\n"
    "log_line_prefix = '%m [%p] %a '\n";

static void render_config(const struct db_cluster *c, struct bytes *out) {
  bytes_add_str(out, same_for_all);
  struct bytes log_dir = {0};
  bytes_addf(&log_dir, "%s/log", c->root);
  add_setting(out, "log_directory", log_dir.data);
  add_setting(out, "unix_socket_directories", c->socket_dir);
  bytes_deinit(&log_dir);
  add_memory(out, c->throw_away);
  bytes_add_str(out, c->throw_away ? "fsync = off\nfull_page_writes = off\nmin_wal_size = 32MB\n"
                                     "synchronous_commit = off\nautovacuum_naptime = 1h\n"
                                   : "synchronous_commit = on\n"
                                     "log_min_duration_statement = 2s\n"
                                     "logging_collector = on\n"
                                     "log_filename = 'postgresql-%a.log'\n"
                                     "log_truncate_on_rotation = on\n"
                                     "log_rotation_age = 1d\n"
                                     "log_rotation_size = 0\n");
  bytes_add_str(out, "include_if_exists = '../local.conf'\n");
}

static bool write_config(const struct db_cluster *c, struct error *err) {
  struct bytes text = {0}, path = {0}, path_new = {0};
  render_config(c, &text);
  bytes_addf(&path, "%s/postgresql.conf", c->data);
  bytes_addf(&path_new, "%s.new", path.data);
  FILE *file = fopen(path_new.data, "we");
  bool ok = file != NULL && fwrite(text.data, 1, text.len, file) == text.len;
  if (file != NULL && fclose(file) != 0) ok = false;
  ok = ok && rename(path_new.data, path.data) == 0;
  if (!ok) error_set(err, ERR_IO, "cannot write %s: %s", path.data, strerror(errno));
  bytes_deinit(&text);
  bytes_deinit(&path);
  bytes_deinit(&path_new);
  return ok;
}

bool db_cluster_write_config(const struct db_cluster *c, struct error *err) {
  return db_cluster_as_user(c, write_config, err);
}

/* ---- role and database ---- */

static bool run_unless(PGconn *pg, const char *there, const char *sql, struct error *err) {
  PGresult *result = PQexec(pg, there);
  bool ok = PQresultStatus(result) == PGRES_TUPLES_OK;
  bool is_there = ok && PQntuples(result) > 0;
  PQclear(result);
  if (is_there) return true;
  if (ok) {
    result = PQexec(pg, sql);
    ok = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
  }
  return ok || error_set(err, ERR_DB, "%s: %s", sql, PQerrorMessage(pg));
}

bool db_cluster_make_database(const struct db_cluster *c, struct error *err) {
  const char *keys[] = {"host", "user", "dbname", "connect_timeout", NULL};
  const char *values[] = {c->socket_dir, "postgres", "postgres", "10", NULL};
  PGconn *pg = PQconnectdbParams(keys, values, 0);
  bool ok = PQstatus(pg) == CONNECTION_OK;
  if (!ok) error_set(err, ERR_UNAVAILABLE, "%s", PQerrorMessage(pg));
  ok = ok &&
       run_unless(pg, "SELECT 1 FROM pg_roles WHERE rolname = 'copp'",
                  "CREATE ROLE copp LOGIN REPLICATION", err) &&
       run_unless(pg, "SELECT 1 FROM pg_roles WHERE rolname = 'copp_app'", "CREATE ROLE copp_app LOGIN", err) &&
       run_unless(pg, "SELECT 1 FROM pg_database WHERE datname = 'copp'",
                  "CREATE DATABASE copp OWNER copp", err);
  PQfinish(pg);
  return ok;
}
