#include "app/database.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "db/blocking.h"
#include "loop/lines.h"

bool app_ask_master(struct app_setup *setup, const char *request, char *answer, size_t size) {
  char *path = app_path(setup, "control.sock");
  struct error err;
  int fd = loop_connect_unix(path, &err);
  free(path);
  if (fd < 0) return false;
  size_t len = 0;
  bool ok = write(fd, request, strlen(request)) == (ssize_t)strlen(request);
  while (ok && len + 1 < size) {
    ssize_t got = read(fd, answer + len, size - len - 1);
    if (got <= 0) break;
    len += (size_t)got;
    if (answer[len - 1] == '\n') break;
  }
  close(fd);
  answer[len] = '\0';
  if (len > 0 && answer[len - 1] == '\n') answer[len - 1] = '\0';
  return ok && len > 0;
}

bool app_database_open(struct app_setup *setup, struct app_database *database, struct error *err) {
  *database = (struct app_database){0};
  const char *given = script_settings_text(setup->settings, "database_owner_url");
  if (given == NULL || *given == '\0') given = script_settings_text(setup->settings, "database_url");
  char answer[4096];
  if (given != NULL && *given != '\0') {
    database->url = mem_dup(given);
    return true;
  }
  if (app_ask_master(setup, "database\n", answer, sizeof answer) && strncmp(answer, "ok\t", 3) == 0) {
    database->url = mem_dup(answer + 3);
    return true;
  }
  struct db_cluster_config config = {.data_dir = setup->data_dir, .uid = setup->uid, .gid = setup->gid};
  if (!db_cluster_start(&config, &database->cluster, err)) return false;
  database->url = mem_dup(db_cluster_url(database->cluster));
  return true;
}

bool app_database_grant(const char *owner_url, struct error *err) {
  struct db_blocking *db;
  if (!db_blocking_open(owner_url, "copp grant", &db, err)) return false;
  bool ok = db_blocking_run(db, "SELECT grant_app()", 0, NULL, NULL, err);
  db_blocking_close(db);
  return ok;
}

void app_database_close(struct app_database *database) {
  db_cluster_free(database->cluster);
  free(database->url);
}
