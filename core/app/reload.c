#include <stdlib.h>

#include "app/master_inside.h"
#include "app/tree.h"
#include "base/mem.h"
#include "db/migrate.h"

enum { PREPARE_LIMIT_MS = 60000 };

static void finish(struct app_master *master) {
  struct app_reload *reload = &master->reload;
  loop_timer_free(reload->deadline);
  free(reload->tree);
  *reload = (struct app_reload){.number = reload->number};
}

static void broadcast(struct app_master *master, const char *what, const char *tree) {
  char number[16];
  snprintf(number, sizeof number, "%d", master->reload.number);
  for (int i = 0; i < master->child_count; i++) wire_send(master->child[i].lines, what, number, tree, NULL);
}

static void refuse(struct app_master *master, const char *file, const char *line, const char *reason) {
  struct app_reload *reload = &master->reload;
  struct log_line entry;
  log_begin(&entry, &master->setup->log, LOG_WARN, "reload refused");
  log_str(&entry, "file", slice_of(file));
  log_str(&entry, "line", slice_of(line));
  log_str(&entry, "reason", slice_of(reason));
  log_end(&entry);
  broadcast(master, "abort", "");
  wire_send(reload->asker, "error", file, line, reason, NULL);
  if (reload->tree != NULL) app_tree_remove(reload->tree);
  finish(master);
}

static void on_deadline(void *ctx) { refuse(ctx, "", "", "не все процессы подготовились за минуту"); }

static void migrate_work(void *ctx) {
  struct app_master *master = ctx;
  struct bytes dir = {0};
  bytes_addf(&dir, "%s/migrations", master->reload.tree);
  master->reload.migrated = db_migrate(master->url, dir.data, false, NULL, NULL, &master->reload.err);
  bytes_deinit(&dir);
}

static void migrate_done(void *ctx) {
  struct app_master *master = ctx;
  if (!master->reload.is_active) return; /* stopping */
  if (!master->reload.migrated) return refuse(master, "", "", master->reload.err.text);
  for (int i = 0; i < master->child_count; i++) master->child[i].prepared = 0;
  broadcast(master, "prepare", master->reload.tree);
}

void app_reload_start(struct app_master *master, char *tree, struct loop_lines *asker) {
  struct app_reload *reload = &master->reload;
  struct error err = {0};
  if (reload->is_active || master->stopping > 0 || !master->is_migrated) {
    wire_send(asker, "error", "", "", reload->is_active ? "перезагрузка уже идёт" : "платформа ещё не готова", NULL);
    free(tree);
    return;
  }
  /* Numbers of refused attempts are not used again: a late "failed" must not hit the next one. */
  int last = reload->number > master->generation ? reload->number : master->generation;
  *reload = (struct app_reload){.is_active = true, .number = last + 1, .tree = tree, .asker = asker};
  if (tree == NULL && !app_tree_install(master->setup, &reload->tree, &err)) return refuse(master, "", "", err.text);
  reload->deadline = loop_timer_new(&master->loop, on_deadline, master);
  loop_timer_start(reload->deadline, PREPARE_LIMIT_MS, 0);
  if (!loop_work(&master->loop, migrate_work, migrate_done, master, &err)) refuse(master, "", "", err.text);
}

static bool is_ours(const struct app_master *master, const struct wire_message *message) {
  return master->reload.is_active && atoi(message->field[1]) == master->reload.number;
}

void app_reload_on_prepared(struct app_master *master, struct app_child *child, struct wire_message *message) {
  struct app_reload *reload = &master->reload;
  if (!is_ours(master, message)) return;
  child->prepared = reload->number;
  for (int i = 0; i < master->child_count; i++) {
    if (master->child[i].prepared != reload->number) return;
  }
  struct error err = {0};
  if (!app_tree_use(master->setup, reload->tree, NULL, &err)) return refuse(master, "", "", err.text);
  broadcast(master, "commit", "");
  master->generation = reload->number;
  free(master->tree);
  master->tree = mem_dup(reload->tree);
  log_text(&master->setup->log, LOG_INFO, "reloaded", "generation %d", master->generation);
  char number[16];
  snprintf(number, sizeof number, "%d", master->generation);
  wire_send(reload->asker, "ok", number, NULL);
  finish(master);
}

void app_reload_on_failed(struct app_master *master, struct wire_message *message) {
  if (is_ours(master, message)) refuse(master, message->field[2], message->field[3], message->field[4]);
}

void app_reload_on_exit(struct app_master *master, const struct app_child *child) {
  if (master->reload.is_active) refuse(master, "", "", child->name);
}

void app_reload_forget(struct app_master *master, const struct loop_lines *asker) {
  if (master->reload.asker == asker) master->reload.asker = NULL;
}
