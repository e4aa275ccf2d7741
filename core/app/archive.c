#include "app/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/tree.h"
#include "base/mem.h"
#include "crypto/hash.h"

char *archive_path(const struct archive *archive, const char *name) {
  struct bytes path = {0};
  bytes_addf(&path, "%s/%s", archive->dir, name);
  return path.data;
}

bool archive_open(struct archive *archive, struct app_setup *setup, const char *what, struct error *err) {
  struct bytes dir = {0};
  bytes_addf(&dir, "%s/tmp/%s-%d", setup->data_dir, what, (int)getpid());
  *archive = (struct archive){.setup = setup, .dir = dir.data};
  if (mkdir(dir.data, 0700) != 0) return error_set(err, ERR_IO, "Каталог %s не создать: %s", dir.data, strerror(errno));
  return db_cluster_programs(setup->data_dir, &archive->bin, err);
}

void archive_close(struct archive *archive) {
  app_database_close(&archive->database);
  if (archive->dir != NULL) app_tree_remove(archive->dir);
  free(archive->dir);
  free(archive->bin);
}

/* ---- programs ---- */

static void become(char *const argv[], int in, int out) {
  if ((in >= 0 && dup2(in, STDIN_FILENO) < 0) || (out >= 0 && dup2(out, STDOUT_FILENO) < 0)) _exit(126);
  execvp(argv[0], argv);
  fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
  _exit(127);
}

bool archive_run(char *const argv[], int in, int out, struct error *err) {
  int status = 0;
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) become(argv, in, out);
  while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  return error_set(err, ERR_IO, "Программа %s не справилась (строки выше)", argv[0]);
}

bool archive_run_pg(const struct archive *archive, char *argv[], struct error *err) {
  struct bytes program = {0};
  bytes_addf(&program, "%s/%s", archive->bin, argv[0]);
  argv[0] = program.data;
  bool ok = archive_run(argv, -1, -1, err);
  bytes_deinit(&program);
  return ok;
}

/* ---- facts ---- */

bool archive_count(struct db_blocking *db, struct bytes *out, struct error *err) {
  static const char sql[] =
      "SELECT c.relname::text, (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM public.%I', c.relname),"
      " false, true, '')))[1]::text FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace"
      " WHERE s.nspname = 'public' AND c.relkind = 'r' ORDER BY 1";
  struct pg_result *rows = NULL;
  if (!db_blocking_run(db, "SET statement_timeout = 0", 0, NULL, NULL, err) || !db_blocking_run(db, sql, 0, NULL, &rows, err)) return false;
  for (int row = 0; row < db_result_rows(rows); row++) {
    struct slice name = {0}, count = {0};
    db_result_get(rows, row, 0, &name);
    db_result_get(rows, row, 1, &count);
    bytes_addf(out, "table\t%.*s\t%.*s\n", (int)name.len, name.data, (int)count.len, count.data);
  }
  db_result_free(rows);
  return true;
}

bool archive_describe(const char *what, const char *path, struct bytes *out, struct error *err) {
  FILE *file = fopen(path, "re");
  if (file == NULL) return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
  struct crypto_sha256 sum;
  char part[65536], hex[CRYPTO_SHA256_HEX];
  size_t count, size = 0;
  crypto_sha256_init(&sum);
  while ((count = fread(part, 1, sizeof part, file)) > 0) {
    crypto_sha256_add(&sum, part, count);
    size += count;
  }
  bool ok = ferror(file) == 0 || error_set(err, ERR_IO, "%s не читается", path);
  crypto_sha256_hex_end(&sum, hex);
  fclose(file);
  if (ok) bytes_addf(out, "%s\t%s\t%zu\n", what, hex, size);
  return ok;
}

/* ---- the child ---- */

int archive_in_child(struct app_setup *setup, int fd, bool (*work)(struct app_setup *setup, int fd, void *ctx, struct error *err), void *ctx) {
  int status = 0;
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    struct error err = {0};
    bool ok = app_drop_root(setup, &err) && work(setup, fd, ctx, &err);
    if (!ok) fprintf(stderr, "%s\n", err.text);
    fflush(NULL);
    _exit(ok ? 0 : 1);
  }
  while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
