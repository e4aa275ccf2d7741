#include "app/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/archive.h"
#include "app/tree.h"
#include "base/clock.h"
#include "base/mem.h"

/* ---- files ---- */

/* Links of all that lies in one directory of files/; what is linked already is left alone. */
static bool link_folder(const char *from, const char *to, struct error *err) {
  DIR *dir = opendir(from);
  if (dir == NULL) return errno == ENOENT || error_set(err, ERR_IO, "%s: %s", from, strerror(errno));
  bool ok = mkdir(to, 0700) == 0 || errno == EEXIST || error_set(err, ERR_IO, "%s: %s", to, strerror(errno));
  struct dirent *entry;
  while (ok && (entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] == '.') continue;
    struct bytes source = {0}, target = {0};
    struct stat st;
    bytes_addf(&source, "%s/%s", from, entry->d_name);
    bytes_addf(&target, "%s/%s", to, entry->d_name);
    if (stat(source.data, &st) != 0) ok = errno == ENOENT; /* removed meanwhile: nobody names it any more */
    else if (S_ISDIR(st.st_mode)) ok = link_folder(source.data, target.data, err);
    else ok = link(source.data, target.data) == 0 || errno == EEXIST || errno == ENOENT || app_copy_file(source.data, target.data, 0600, err);
    bytes_deinit(&source);
    bytes_deinit(&target);
  }
  closedir(dir);
  return ok;
}

static bool link_files(const struct archive *archive, struct error *err) {
  char *from = app_path(archive->setup, "files"), *to = archive_path(archive, "files");
  bool ok = link_folder(from, to, err);
  free(from);
  free(to);
  return ok;
}

static bool describe_files(const char *dir, struct bytes *out, struct error *err) {
  DIR *all = opendir(dir);
  if (all == NULL) return errno == ENOENT || error_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
  bool ok = true;
  struct dirent *entry;
  while (ok && (entry = readdir(all)) != NULL) {
    if (entry->d_name[0] == '.') continue;
    struct bytes path = {0}, line = {0};
    struct stat st;
    bytes_addf(&path, "%s/%s", dir, entry->d_name);
    if (stat(path.data, &st) == 0 && S_ISDIR(st.st_mode)) {
      ok = describe_files(path.data, out, err);
    } else if ((ok = archive_describe("file", path.data, &line, err))) {
      if (strstr(line.data, entry->d_name) == NULL) fprintf(stderr, "Файл %s испорчен: его сумма другая\n", entry->d_name);
      bytes_add(out, line.data, line.len);
    }
    bytes_deinit(&path);
    bytes_deinit(&line);
  }
  closedir(all);
  return ok;
}

/* ---- database ---- */

static bool dump(const struct archive *archive, const char *snapshot, struct error *err) {
  char *file = archive_path(archive, "database.dump");
  struct bytes snapshot_option = {0}, file_option = {0};
  bytes_addf(&snapshot_option, "--snapshot=%s", snapshot);
  bytes_addf(&file_option, "--file=%s", file);
  char *argv[] = {"pg_dump", "--format=custom", "--no-comments", snapshot_option.data, file_option.data, NULL};
  bool ok = archive_run_pg(archive, argv, err);
  bytes_deinit(&snapshot_option);
  bytes_deinit(&file_option);
  free(file);
  return ok;
}

/* Dump and counts see one moment: they share a snapshot. */
static bool save_database(const struct archive *archive, struct bytes *manifest, struct error *err) {
  struct db_blocking *db = NULL;
  struct pg_result *row = NULL;
  struct slice snapshot = {0};
  bool ok = db_blocking_open(archive->database.url, "copp backup", &db, err) &&
            db_blocking_run(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", 0, NULL, NULL, err) &&
            db_blocking_run(db, "SELECT pg_export_snapshot()", 0, NULL, &row, err);
  if (ok) {
    db_result_get(row, 0, 0, &snapshot);
    char *name = mem_dup_n(snapshot.data, snapshot.len);
    ok = dump(archive, name, err) && archive_count(db, manifest, err);
    free(name);
  }
  db_result_free(row);
  db_blocking_close(db);
  return ok;
}

/* ---- all ---- */

static bool save_secret(const struct archive *archive, struct error *err) {
  const char *given = script_settings_text(archive->setup->settings, "secret_file");
  char *from = given != NULL && *given != '\0' ? mem_dup(given) : app_path(archive->setup, "secret");
  char *to = archive_path(archive, "secret");
  bool ok = access(from, F_OK) != 0 || app_copy_file(from, to, 0600, err);
  free(from);
  free(to);
  return ok;
}

static bool write_manifest(const struct archive *archive, const struct bytes *text, struct error *err) {
  char *path = archive_path(archive, "manifest.tsv");
  FILE *file = fopen(path, "we");
  bool ok = file != NULL && fwrite(text->data, 1, text->len, file) == text->len;
  if (file != NULL && fclose(file) != 0) ok = false;
  if (!ok) error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
  free(path);
  return ok;
}

static bool gather(const struct archive *archive, struct error *err) {
  struct bytes manifest = {0};
  char now[32];
  time_t seconds = (time_t)(clock_realtime_us() / 1000000);
  struct tm utc;
  strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
  bytes_addf(&manifest, "version\t1\ncreated\t%s\nproduct\t%s\n", now, COPP_VERSION);
  char *dump_path = archive_path(archive, "database.dump"), *files = archive_path(archive, "files");
  bool ok = db_set_environment(archive->database.url, err) && link_files(archive, err) && save_database(archive, &manifest, err) &&
            link_files(archive, err) && archive_describe("dump", dump_path, &manifest, err) && describe_files(files, &manifest, err) &&
            save_secret(archive, err) && write_manifest(archive, &manifest, err);
  free(dump_path);
  free(files);
  bytes_deinit(&manifest);
  return ok;
}

static bool pack(const struct archive *archive, int fd, struct error *err) {
  char *secret = archive_path(archive, "secret");
  bool has_secret = access(secret, F_OK) == 0;
  char *argv[] = {"tar", "--create", "--file=-", "--directory", archive->dir, "manifest.tsv", "database.dump", "files",
                  has_secret ? "secret" : NULL, NULL};
  free(secret);
  return archive_run(argv, -1, fd, err) && (fsync(fd) == 0 || error_set(err, ERR_IO, "запись: %s", strerror(errno)));
}

static bool work(struct app_setup *setup, int fd, void *ctx, struct error *err) {
  (void)ctx;
  struct archive archive = {0};
  bool ok = archive_open(&archive, setup, "backup", err) && app_database_open(setup, &archive.database, err) && gather(&archive, err) &&
            pack(&archive, fd, err);
  archive_close(&archive);
  return ok;
}

int app_backup(struct app_setup *setup, const char *file) {
  struct bytes part = {0};
  struct stat st;
  bytes_addf(&part, "%s.part", file);
  int fd = open(part.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  int exit_code = 1;
  if (fd < 0) fprintf(stderr, "%s: %s\n", part.data, strerror(errno));
  else exit_code = archive_in_child(setup, fd, work, NULL);
  bool is_whole = exit_code == 0 && fstat(fd, &st) == 0 && rename(part.data, file) == 0;
  if (exit_code == 0 && !is_whole) fprintf(stderr, "%s: %s\n", file, strerror(errno));
  if (fd >= 0) close(fd);
  if (!is_whole) unlink(part.data);
  else printf("Готово: %s, %.1f МБ. В архиве персональные данные и ключ: храните его там, куда нет доступа посторонним.\n", file, (double)st.st_size / 1e6);
  bytes_deinit(&part);
  return is_whole ? 0 : 1;
}
