#include "app/published.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/tree.h"
#include "base/mem.h"
#include "db/blocking.h"

static bool ask(const char *url, const char *sql, int count, const char *const *params, struct pg_result **out, struct error *err) {
  struct db_blocking *db = NULL;
  bool ok = db_blocking_open(url, "copp published", &db, err) && db_blocking_run(db, sql, count, params, out, err);
  db_blocking_close(db);
  return ok;
}

static char *text_at(const struct pg_result *result, int row, int column) {
  struct slice value = {0};
  return db_result_get(result, row, column, &value) ? mem_dup_n(value.data, value.len) : mem_dup("");
}

/* ---- the files ---- */

static bool make_folders(char *path, size_t from, struct error *err) {
  for (char *at = path + from; *at != '\0'; at++) {
    if (*at != '/') continue;
    *at = '\0';
    bool ok = mkdir(path, 0755) == 0 || errno == EEXIST || error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    *at = '/';
    if (!ok) return false;
  }
  return true;
}

static bool write_file(const char *path, struct slice content, struct error *err) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  bool ok = fd >= 0;
  for (size_t at = 0; ok && at < content.len;) {
    ssize_t put = write(fd, content.data + at, content.len - at);
    ok = put > 0;
    if (ok) at += (size_t)put;
  }
  if (!ok) error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
  if (fd >= 0) close(fd);
  return ok;
}

static bool write_rows(const struct pg_result *rows, const char *tree, struct error *err) {
  bool ok = true;
  for (int row = 0; ok && row < db_result_rows(rows); row++) {
    struct slice name = {0}, content = {0};
    struct bytes path = {0};
    db_result_get(rows, row, 0, &name);
    db_result_get(rows, row, 1, &content);
    bytes_addf(&path, "%s/published/%.*s", tree, (int)name.len, name.data);
    ok = make_folders(path.data, strlen(tree) + 1, err) && write_file(path.data, content, err);
    bytes_deinit(&path);
  }
  return ok;
}

bool app_published_write(const char *url, const char *tree, const char *change, char **revision, struct error *err) {
  struct db_blocking *db = NULL;
  struct pg_result *rows = NULL, *head = NULL;
  const char *params[] = {*change != '\0' ? change : NULL};
  *revision = NULL;
  /* The revision first: what is accepted in between is seen as news and brings another reload. */
  bool ok = db_blocking_open(url, "copp published", &db, err) &&
            db_blocking_run(db, "SELECT published_revision()", 0, NULL, &head, err) &&
            db_blocking_run(db, "SELECT path, content FROM published_layer($1::text::bigint)", 1, params, &rows, err) &&
            write_rows(rows, tree, err);
  if (ok) *revision = text_at(head, 0, 0);
  db_result_free(rows);
  db_result_free(head);
  db_blocking_close(db);
  return ok;
}

/* ---- changes ---- */

bool app_published_look(const char *url, struct app_published_news *news, struct error *err) {
  struct pg_result *row = NULL;
  static const char sql[] = "SELECT id::text, published_revision(), (SELECT 'bare' WHERE NOT EXISTS (SELECT FROM"
                            " published_change_file f WHERE f.change_id = id)) FROM published_claim() AS id";
  struct slice bare;
  *news = (struct app_published_news){0};
  if (!ask(url, sql, 0, NULL, &row, err)) return false;
  char *change = text_at(row, 0, 0);
  snprintf(news->change, sizeof news->change, "%s", change);
  news->revision = text_at(row, 0, 1);
  news->is_bare = db_result_get(row, 0, 2, &bare);
  free(change);
  db_result_free(row);
  return true;
}

bool app_published_accept(const char *url, const char *change, char **revision, struct error *err) {
  struct pg_result *row = NULL;
  *revision = NULL;
  if (!ask(url, "SELECT published_accept($1::text::bigint)", 1, &change, &row, err)) return false;
  *revision = text_at(row, 0, 0);
  db_result_free(row);
  return true;
}

bool app_published_refuse(const char *url, const char *change, const char *file, const char *line, const char *reason,
                          struct error *err) {
  const char *params[] = {change, file, *line != '\0' ? line : NULL, reason};
  return ask(url, "SELECT published_refuse($1::text::bigint, $2, $3::text::int, $4)::text", 4, params, NULL, err);
}

bool app_published_announce(const char *url, const char *change, struct error *err) {
  return ask(url, "SELECT notify_published_change($1::text::bigint)::text", 1, &change, NULL, err);
}

bool app_published_note_fallback(const char *url, const char *file, const char *line, const char *reason, struct error *err) {
  const char *params[] = {file, *line != '\0' ? line : NULL, reason};
  return ask(url,
             "INSERT INTO published_change (summary, state, file, line, reason, decided_at)"
             " VALUES ('Запуск без опубликованного', 'refused', nullif($1, ''), $2::text::int, $3, now())",
             3, params, NULL, err);
}
