#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/archive.h"
#include "app/backup.h"
#include "app/tree.h"
#include "base/mem.h"

struct restore {
  struct archive archive;
  bool is_forced;
  struct bytes manifest;
};

/* ---- the archive ---- */

static bool unpack(const struct archive *archive, int fd, struct error *err) {
  char *argv[] = {"tar", "--extract", "--file=-", "--no-same-owner", "--no-same-permissions", "--directory", archive->dir, NULL};
  return archive_run(argv, fd, -1, err);
}

static bool read_all(const char *path, struct bytes *out, struct error *err) {
  FILE *file = fopen(path, "re");
  if (file == NULL) return error_set(err, ERR_IO, "Это не архив платформы: в нём нет %s", strrchr(path, '/') + 1);
  char part[65536];
  size_t count;
  while ((count = fread(part, 1, sizeof part, file)) > 0) bytes_add(out, part, count);
  fclose(file);
  return true;
}

/* Calls each line of the manifest that begins with what. */
static bool each_line(const struct bytes *manifest, const char *what, bool (*fn)(void *ctx, const char *line, struct error *err), void *ctx,
                      struct error *err) {
  size_t len = strlen(what);
  bool ok = true;
  for (const char *line = manifest->data; ok && line != NULL && *line != '\0';) {
    const char *end = strchr(line, '\n');
    size_t size = end != NULL ? (size_t)(end - line) : strlen(line);
    if (strncmp(line, what, len) == 0 && line[len] == '\t') {
      char *copy = mem_dup_n(line, size);
      ok = fn(ctx, copy, err);
      free(copy);
    }
    line = end != NULL ? end + 1 : NULL;
  }
  return ok;
}

static bool check_sum(const char *what, const char *path, const char *line, struct error *err) {
  struct bytes found = {0};
  bool ok = archive_describe(what, path, &found, err);
  if (ok && strncmp(found.data, line, strlen(line)) != 0)
    ok = error_set(err, ERR_INVALID, "Архив повреждён: %s не сходится с описью", strrchr(path, '/') + 1);
  bytes_deinit(&found);
  return ok;
}

static bool check_dump(void *ctx, const char *line, struct error *err) {
  char *path = archive_path(ctx, "database.dump");
  bool ok = check_sum("dump", path, line, err);
  free(path);
  return ok;
}

static bool check_file(void *ctx, const char *line, struct error *err) {
  const char *sum = line + strlen("file\t");
  struct bytes name = {0};
  if (strspn(sum, "0123456789abcdef") != 64) return error_set(err, ERR_INVALID, "Опись архива не читается");
  bytes_addf(&name, "files/%.2s/%.64s", sum, sum);
  char *path = archive_path(ctx, name.data);
  bool ok = check_sum("file", path, line, err);
  free(path);
  bytes_deinit(&name);
  return ok;
}

static bool check_archive(struct restore *restore, struct error *err) {
  char *path = archive_path(&restore->archive, "manifest.tsv");
  bool ok = read_all(path, &restore->manifest, err) &&
            (strncmp(restore->manifest.data, "version\t1\n", 10) == 0 || error_set(err, ERR_INVALID, "Архив сделан более новой платформой")) &&
            each_line(&restore->manifest, "dump", check_dump, &restore->archive, err) &&
            each_line(&restore->manifest, "file", check_file, &restore->archive, err);
  free(path);
  return ok;
}

/* ---- the database ---- */

static bool value_is(struct db_blocking *db, const char *sql, const char *wanted, bool *out, struct error *err) {
  struct pg_result *row = NULL;
  struct slice value = {0};
  if (!db_blocking_run(db, sql, 0, NULL, &row, err)) return false;
  db_result_get(row, 0, 0, &value);
  *out = slice_is(value, wanted);
  db_result_free(row);
  return true;
}

static bool make_room(struct restore *restore, struct db_blocking *db, struct error *err) {
  bool is_empty = false, is_alone = false;
  if (!value_is(db, "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'copp %'"
                    " AND pid <> pg_backend_pid()", "0", &is_alone, err) ||
      !value_is(db, "SELECT count(*)::text FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace"
                    " WHERE s.nspname = 'public' AND c.relkind = 'r'", "0", &is_empty, err))
    return false;
  if (!is_alone) return error_set(err, ERR_CONFLICT, "С этой базой работает платформа. Остановите её на всех узлах и повторите.");
  if (!is_empty && !restore->is_forced)
    return error_set(err, ERR_CONFLICT, "База не пуста. Чтобы заменить всё, что в ней есть, добавьте --force.");
  return db_blocking_run(db, "DROP SCHEMA public CASCADE", 0, NULL, NULL, err) &&
         db_blocking_run(db, "CREATE SCHEMA public", 0, NULL, NULL, err) &&
         db_blocking_run(db, "GRANT USAGE ON SCHEMA public TO PUBLIC", 0, NULL, NULL, err);
}

static bool compare_counts(struct restore *restore, struct db_blocking *db, struct error *err) {
  struct bytes found = {0};
  bool ok = archive_count(db, &found, err);
  const char *first = strstr(restore->manifest.data, "\ntable\t");
  /* The lines of tables stand together in the manifest, in the same order. */
  if (ok && (first == NULL || found.data == NULL || strncmp(first + 1, found.data, found.len) != 0))
    ok = error_set(err, ERR_INVALID, "Число строк в таблицах не сошлось с описью архива");
  bytes_deinit(&found);
  return ok;
}

static bool load_database(struct restore *restore, struct error *err) {
  struct archive *archive = &restore->archive;
  struct db_blocking *db = NULL;
  char *dump = archive_path(archive, "database.dump");
  char *argv[] = {"pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-comments", "--dbname=", dump, NULL};
  bool ok = db_set_environment(archive->database.url, err) && db_blocking_open(archive->database.url, "restore", &db, err) &&
            make_room(restore, db, err);
  struct bytes name = {0};
  bytes_addf(&name, "--dbname=%s", getenv("PGDATABASE") != NULL ? getenv("PGDATABASE") : "copp");
  argv[6] = name.data;
  ok = ok && archive_run_pg(archive, argv, err) && compare_counts(restore, db, err);
  bytes_deinit(&name);
  db_blocking_close(db);
  free(dump);
  return ok;
}

/* ---- the files ---- */

static bool put_file(void *ctx, const char *line, struct error *err) {
  const struct archive *archive = ctx;
  const char *sum = line + strlen("file\t");
  struct bytes name = {0}, folder = {0};
  bytes_addf(&name, "files/%.2s/%.64s", sum, sum);
  bytes_addf(&folder, "%s/files/%.2s", archive->setup->data_dir, sum);
  char *from = archive_path(archive, name.data), *to = app_path(archive->setup, name.data);
  bool ok = mkdir(folder.data, 0755) == 0 || errno == EEXIST;
  ok = ok && (rename(from, to) == 0 || access(to, F_OK) == 0); /* an archive names a content once, a resumed restore twice */
  if (!ok) error_set(err, ERR_IO, "%s: %s", to, strerror(errno));
  free(from);
  free(to);
  bytes_deinit(&name);
  bytes_deinit(&folder);
  return ok;
}

/* Sealed values open only with the key they were sealed by. */
static bool put_secret(const struct archive *archive, struct error *err) {
  const char *given = script_settings_text(archive->setup->settings, "secret_file");
  char *to = given != NULL && *given != '\0' ? mem_dup(given) : app_path(archive->setup, "secret");
  char *from = archive_path(archive, "secret");
  bool ok = access(from, F_OK) != 0 || app_copy_file(from, to, 0600, err);
  free(from);
  free(to);
  return ok;
}

static bool bring_back(struct app_setup *setup, int fd, void *ctx, struct error *err) {
  struct restore *restore = ctx;
  char answer[4096];
  if (app_ask_master(setup, "status\n", answer, sizeof answer))
    return error_set(err, ERR_CONFLICT, "Платформа работает с этим каталогом данных. Остановите её и повторите.");
  bool ok = archive_open(&restore->archive, setup, "restore", err) && unpack(&restore->archive, fd, err) && check_archive(restore, err) &&
            app_database_open(setup, &restore->archive.database, err) && load_database(restore, err) &&
            each_line(&restore->manifest, "file", put_file, &restore->archive, err) && put_secret(&restore->archive, err);
  archive_close(&restore->archive);
  bytes_deinit(&restore->manifest);
  return ok;
}

static bool try_out(struct app_setup *setup, int fd, void *ctx, struct error *err) {
  struct restore *restore = ctx;
  bool ok = archive_open(&restore->archive, setup, "verify", err) && unpack(&restore->archive, fd, err) && check_archive(restore, err);
  struct app_database *database = &restore->archive.database;
  struct db_cluster_config config = {.data_dir = restore->archive.dir, .uid = setup->uid, .gid = setup->gid, .throw_away = true};
  ok = ok && db_cluster_start(&config, &database->cluster, err);
  if (ok) database->url = mem_dup(db_cluster_url(database->cluster));
  ok = ok && load_database(restore, err);
  archive_close(&restore->archive);
  bytes_deinit(&restore->manifest);
  return ok;
}

static int run(struct app_setup *setup, const char *file, bool is_forced,
               bool (*work)(struct app_setup *setup, int fd, void *ctx, struct error *err), const char *words) {
  struct restore restore = {.is_forced = is_forced};
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    fprintf(stderr, "%s: %s\n", file, strerror(errno));
    return 1;
  }
  int exit_code = archive_in_child(setup, fd, work, &restore);
  close(fd);
  if (exit_code == 0) printf("%s\n", words);
  return exit_code;
}

int app_restore(struct app_setup *setup, const char *file, bool is_forced) {
  return run(setup, file, is_forced, bring_back, "Восстановлено: число строк во всех таблицах и суммы файлов сошлись с описью архива.");
}

int app_backup_verify(struct app_setup *setup, const char *file) {
  return run(setup, file, true, try_out, "Архив цел: он восстановлен в отдельную базу, число строк и суммы файлов сошлись.");
}
