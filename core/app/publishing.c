/* The master's side of publishing: looks for changes, has them tried by a reload, says how it went. */
#include <stdlib.h>
#include <unistd.h>

#include "app/master_inside.h"
#include "app/tree.h"
#include "base/json.h"
#include "base/mem.h"

/* One piece of work in the thread pool; it may outlive the reload it belongs to. */
struct step {
  struct app_master *master;
  int number;               /* of the reload */
  char change[24];
  char *file, *line, *reason;
  char *revision;           /* of the answer */
  struct app_published_news news;
  bool ok;
  struct error err;
};

static struct step *step_new(struct app_master *master, const char *change) {
  struct step *step = mem_zero(sizeof *step);
  step->master = master;
  step->number = master->reload.number;
  snprintf(step->change, sizeof step->change, "%s", change);
  return step;
}

static void step_free(struct step *step) {
  if (!step->ok) log_text(&step->master->setup->log, LOG_WARN, "published", "%s", step->err.text);
  free(step->file);
  free(step->line);
  free(step->reason);
  free(step->revision);
  free(step->news.revision);
  free(step);
}

/* False: too much waits for the pool; done was not called and step is gone. */
static bool run(struct step *step, loop_work_fn work, loop_done_fn done) {
  if (loop_work(&step->master->loop, work, done, step, &step->err)) return true;
  step_free(step);
  return false;
}

static void forget(void *ctx) { step_free(ctx); }

/* ---- looking ---- */

static void look_work(void *ctx) {
  struct step *step = ctx;
  step->ok = app_published_look(step->master->url, &step->news, &step->err);
}

static void look_done(void *ctx) {
  struct step *step = ctx;
  struct app_master *master = step->master;
  master->is_looking = false;
  master->is_claimed_bare = step->news.is_bare;
  bool is_old = step->ok && (master->published == NULL || strcmp(master->published, step->news.revision) != 0);
  snprintf(master->claimed, sizeof master->claimed, "%s", step->news.change);
  if (*master->claimed == '\0' && is_old && master->stopping == 0) {
    if (master->reload.is_active) master->has_news = true;
    else app_reload_publish(master, "", false);
  }
  step_free(step);
}

void app_publishing_check(struct app_master *master) {
  if (!master->was_announced || !master->is_migrated || master->reload.is_active || master->is_looking) return;
  if (*master->claimed != '\0') {
    char change[sizeof master->claimed];
    memcpy(change, master->claimed, sizeof change);
    *master->claimed = '\0';
    master->has_news = true; /* more may wait behind it */
    app_reload_publish(master, change, master->is_claimed_bare);
  } else if (master->has_news) {
    master->has_news = false;
    master->is_looking = run(step_new(master, ""), look_work, look_done);
  }
}

void app_publishing_hear(struct app_master *master, struct slice payload, bool missed) {
  struct bytes topic = {0};
  if (missed) master->has_news = true;
  else if (json_member(payload, "topic", &topic)) {
    struct slice name = {topic.data, topic.len};
    if (slice_is(name, "publish") || slice_is(name, "published")) master->has_news = true;
  }
  bytes_deinit(&topic);
}

/* ---- deciding ---- */

static void announce_work(void *ctx) {
  struct step *step = ctx;
  step->ok = app_published_announce(step->master->url, step->change, &step->err);
}

static void accept_work(void *ctx) {
  struct step *step = ctx;
  step->ok = app_published_accept(step->master->url, step->change, &step->revision, &step->err);
}

static void accept_done(void *ctx) {
  struct step *step = ctx;
  struct app_master *master = step->master;
  struct app_reload *reload = &master->reload;
  bool is_ours = reload->is_active && reload->number == step->number && master->stopping == 0;
  if (is_ours && step->ok) {
    free(reload->revision);
    reload->revision = step->revision;
    step->revision = NULL;
    app_reload_commit(master);
  } else if (is_ours) {
    app_reload_refuse(master, "", "", step->err.text);
  } else {
    master->has_news = true; /* in force, but a child died meanwhile */
  }
  if (step->ok) run(step_new(master, step->change), announce_work, forget);
  step_free(step);
}

void app_publishing_accept(struct app_master *master) {
  if (!run(step_new(master, master->reload.change), accept_work, accept_done))
    app_reload_refuse(master, "", "", "слишком много работы, повторите позже");
}

static void refuse_work(void *ctx) {
  struct step *step = ctx;
  step->ok = app_published_refuse(step->master->url, step->change, step->file, step->line, step->reason, &step->err);
}

static struct step *step_of_failure(struct app_master *master, const char *change, const char *file, const char *line, const char *reason) {
  struct step *step = step_new(master, change);
  step->file = mem_dup(file);
  step->line = mem_dup(line);
  step->reason = mem_dup(reason);
  wire_unfold(step->reason);
  return step;
}

void app_publishing_refused(struct app_master *master, const char *change, const char *file, const char *line, const char *reason) {
  run(step_of_failure(master, change, file, line, reason), refuse_work, forget);
}

/* ---- starting ---- */

void app_publishing_start(struct app_master *master) {
  struct error err = {0};
  master->has_news = true; /* a change may wait since before */
  if (master->is_migrated && !app_published_write(master->url, master->tree, "", &master->published, &err))
    log_text(&master->setup->log, LOG_WARN, "published", "%s", err.text);
}

static void note_work(void *ctx) {
  struct step *step = ctx;
  step->ok = app_published_note_fallback(step->master->url, step->file, step->line, step->reason, &step->err);
}

bool app_publishing_fall_back(struct app_master *master, const struct wire_message *message) {
  struct bytes layer = {0};
  bytes_addf(&layer, "%s/published", master->tree);
  bool is_possible = !master->is_without_published && access(layer.data, F_OK) == 0;
  if (is_possible) {
    const char *file = message->field[2], *line = message->field[3], *reason = message->field[4];
    log_text(&master->setup->log, LOG_ERROR, "started without what was published", "%s:%s: %s", file, line, reason);
    run(step_of_failure(master, "", file, line, reason), note_work, forget);
    app_tree_remove(layer.data);
    master->is_without_published = true;
    master->generation++;
    char number[16];
    snprintf(number, sizeof number, "%d", master->generation);
    for (int i = 0; i < master->child_count; i++) wire_send(master->child[i].lines, "prepare", number, master->tree, NULL);
  }
  bytes_deinit(&layer);
  return is_possible;
}
