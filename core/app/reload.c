#include <stdlib.h>
#include <unistd.h>

#include "app/master_inside.h"
#include "app/published.h"
#include "app/tree.h"
#include "base/clock.h"
#include "base/mem.h"
#include "db/migrate.h"

enum { PREPARE_LIMIT_MS = 60000 };

static void finish(struct app_master *master) {
  struct app_reload *reload = &master->reload;
  loop_timer_free(reload->deadline);
  free(reload->tree);
  free(reload->revision);
  *reload = (struct app_reload){.number = reload->number};
}

static void broadcast(struct app_master *master, const char *what, const char *tree) {
  char number[16];
  snprintf(number, sizeof number, "%d", master->reload.number);
  for (int i = 0; i < master->child_count; i++) wire_send(master->child[i].lines, what, number, tree, NULL);
}

void app_reload_refuse(struct app_master *master, const char *file, const char *line, const char *reason) {
  struct app_reload *reload = &master->reload;
  struct log_line entry;
  log_begin(&entry, &master->setup->log, LOG_WARN, "reload refused");
  log_str(&entry, "file", slice_of(file));
  log_str(&entry, "line", slice_of(line));
  log_str(&entry, "reason", slice_of(reason));
  log_end(&entry);
  broadcast(master, "abort", "");
  wire_send(reload->asker, "error", file, line, reason, NULL);
  if (*reload->change != '\0') app_publishing_refused(master, reload->change, file, line, reason);
  if (reload->tree != NULL) app_tree_remove(reload->tree);
  finish(master);
}

static void on_deadline(void *ctx) { app_reload_refuse(ctx, "", "", "не все процессы подготовились за минуту"); }

/* What happens off the loop has its own copies: the reload may be refused meanwhile. */
struct preparation {
  struct app_master *master;
  int number;
  char *tree;
  char change[24];
  char *revision;
  bool ok;
  struct error err;
};

static void prepare_work(void *ctx) {
  struct preparation *work = ctx;
  struct bytes dir = {0};
  bytes_addf(&dir, "%s/migrations", work->tree);
  work->ok = db_migrate(work->master->url, dir.data, false, NULL, NULL, &work->err) &&
             app_published_write(work->master->url, work->tree, work->change, &work->revision, &work->err);
  bytes_deinit(&dir);
}

static void prepare_done(void *ctx) {
  struct preparation *work = ctx;
  struct app_master *master = work->master;
  struct app_reload *reload = &master->reload;
  if (!reload->is_active || reload->number != work->number) {
    app_tree_remove(work->tree); /* refused meanwhile, or stopping: what was written since then goes, too */
  } else if (!work->ok) {
    app_reload_refuse(master, "", "", work->err.text);
  } else {
    reload->revision = work->revision;
    work->revision = NULL;
    for (int i = 0; i < master->child_count; i++) master->child[i].prepared = 0;
    broadcast(master, "prepare", reload->tree);
  }
  free(work->revision);
  free(work->tree);
  free(work);
}

static void prepare(struct app_master *master) {
  struct app_reload *reload = &master->reload;
  struct error err = {0};
  struct preparation *work = mem_zero(sizeof *work);
  *work = (struct preparation){.master = master, .number = reload->number, .tree = mem_dup(reload->tree)};
  memcpy(work->change, reload->change, sizeof work->change);
  if (loop_work(&master->loop, prepare_work, prepare_done, work, &err)) return;
  free(work->tree);
  free(work);
  app_reload_refuse(master, "", "", err.text);
}

static void start(struct app_master *master, char *tree, const char *change, struct loop_lines *asker) {
  struct app_reload *reload = &master->reload;
  /* Numbers of refused attempts are not used again: a late "failed" must not hit the next one. */
  int last = reload->number > master->generation ? reload->number : master->generation;
  *reload = (struct app_reload){.is_active = true, .number = last + 1, .tree = tree, .asker = asker};
  snprintf(reload->change, sizeof reload->change, "%s", change);
  reload->deadline = loop_timer_new(&master->loop, on_deadline, master);
  loop_timer_start(reload->deadline, PREPARE_LIMIT_MS, 0);
  prepare(master);
}

void app_reload_start(struct app_master *master, char *tree, struct loop_lines *asker) {
  struct error err = {0};
  if (master->reload.is_active || master->stopping > 0 || !master->is_migrated) {
    wire_send(asker, "error", "", "", master->reload.is_active ? "перезагрузка уже идёт" : "платформа ещё не готова", NULL);
    free(tree);
    return;
  }
  if (tree != NULL || app_tree_install(master->setup, &tree, &err)) return start(master, tree, "", asker);
  log_text(&master->setup->log, LOG_WARN, "reload refused", "%s", err.text);
  wire_send(asker, "error", "", "", err.text, NULL);
}

/* After root is given up the checkout may be unreadable: then only `copp reload` can bring it in. */
static bool make_tree(struct app_master *master, bool is_fresh, char **tree, struct error *err) {
  if (is_fresh && access(master->setup->source, R_OK) == 0) return app_tree_install(master->setup, tree, err);
  return app_tree_clone(master->setup, master->tree, tree, err);
}

void app_reload_publish(struct app_master *master, const char *change, bool is_fresh) {
  struct error err = {0};
  char *tree = NULL;
  if (make_tree(master, is_fresh, &tree, &err)) return start(master, tree, change, NULL);
  log_text(&master->setup->log, LOG_WARN, "reload refused", "%s", err.text);
  if (*change != '\0') app_publishing_refused(master, change, "", "", err.text);
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
  if (*reload->change != '\0') app_publishing_accept(master);
  else app_reload_commit(master);
}

void app_reload_commit(struct app_master *master) {
  struct app_reload *reload = &master->reload;
  struct error err = {0};
  if (!app_tree_use(master->setup, reload->tree, NULL, &err)) return app_reload_refuse(master, "", "", err.text);
  broadcast(master, "commit", "");
  master->generation = reload->number;
  master->loaded_us = (uint64_t)clock_realtime_us();
  free(master->tree);
  master->tree = mem_dup(reload->tree);
  free(master->published);
  master->published = reload->revision;
  reload->revision = NULL;
  master->is_without_published = false;
  log_text(&master->setup->log, LOG_INFO, "reloaded", "generation %d", master->generation);
  char number[16];
  snprintf(number, sizeof number, "%d", master->generation);
  wire_send(reload->asker, "ok", number, NULL);
  finish(master);
}

void app_reload_on_failed(struct app_master *master, struct wire_message *message) {
  if (is_ours(master, message)) app_reload_refuse(master, message->field[2], message->field[3], message->field[4]);
}

void app_reload_on_exit(struct app_master *master, const struct app_child *child) {
  if (master->reload.is_active) app_reload_refuse(master, "", "", child->name);
}

void app_reload_forget(struct app_master *master, const struct loop_lines *asker) {
  if (master->reload.asker == asker) master->reload.asker = NULL;
}
