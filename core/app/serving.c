#include "app/serving.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

enum { MASTER_FD = 3, BEAT_MS = 500 };

struct app_build {
  struct app_serving *serving;
  int number;
  char *tree;
  struct script_generation *generation;
  struct script_place place;
  struct error err;
};

static void use(struct app_serving *serving, struct script_generation *generation) {
  script_use(serving->process.script, generation);
  if (serving->is_open) return serving->part->switched(serving);
  struct error err = {0};
  serving->is_open = serving->part->open(serving, &err);
  if (serving->is_open) return wire_send(serving->lines, "ready", NULL);
  wire_send(serving->lines, "failed", "0", "", "", err.text, NULL);
}

static void build_work(void *ctx) {
  struct app_build *build = ctx;
  const struct app_process *process = &build->serving->process;
  char *chunks = app_path(&process->setup, "chunks");
  struct script_source source = {.tree = build->tree, .chunks = chunks, .number = build->number, .settings = process->setup.settings,
                                 .log = &process->setup.log, .has_assets = build->serving->part->has_assets};
  build->generation = script_generation_build(&source, &build->place, &build->err);
  free(chunks);
}

static void report_failure(const struct app_build *build) {
  char number[16], line[16];
  snprintf(number, sizeof number, "%d", build->number);
  snprintf(line, sizeof line, "%d", build->place.line);
  wire_send(build->serving->lines, "failed", number, build->place.file, line, build->err.text, NULL);
}

static void build_done(void *ctx) {
  struct app_build *build = ctx;
  struct app_serving *serving = build->serving;
  bool is_wanted = build->number == serving->awaited && !serving->is_draining && serving->process.script != NULL;
  if (build->generation == NULL) {
    report_failure(build);
  } else if (!is_wanted) {
    script_generation_unref(build->generation);
  } else if (!serving->is_open) {
    use(serving, build->generation);
  } else {
    char number[16];
    snprintf(number, sizeof number, "%d", build->number);
    serving->next = build->generation;
    wire_send(serving->lines, "prepared", number, NULL);
  }
  free(build->tree);
  free(build);
}

static void drop_next(struct app_serving *serving) {
  script_generation_unref(serving->next);
  serving->next = NULL;
}

static void prepare(struct app_serving *serving, int number, const char *tree) {
  drop_next(serving);
  struct app_build *build = mem_zero(sizeof *build);
  *build = (struct app_build){.serving = serving, .number = number, .tree = mem_dup(tree)};
  serving->awaited = number;
  if (loop_work(&serving->process.loop, build_work, build_done, build, &build->err)) return;
  report_failure(build);
  free(build->tree);
  free(build);
}

static void commit(struct app_serving *serving, int number) {
  if (serving->next == NULL || serving->next->number != number) return;
  struct script_generation *next = serving->next;
  serving->next = NULL;
  use(serving, next);
}

static void start(struct app_serving *serving, const struct wire_message *message) {
  struct error err = {0};
  serving->url = mem_dup(message->field[3]);
  serving->is_migrated = strcmp(message->field[4], "1") == 0;
  if (!app_process_open(&serving->process, serving->url, serving->part->role, &err))
    return wire_send(serving->lines, "failed", "0", "", "", err.text, NULL);
  prepare(serving, atoi(message->field[1]), message->field[2]);
}

void app_serving_drained(struct app_serving *serving) {
  drop_next(serving);
  app_process_close(&serving->process);
  loop_timer_free(serving->beat);
  loop_lines_close(serving->lines);
  serving->beat = NULL;
  serving->lines = NULL;
}

static void drain(struct app_serving *serving) {
  if (serving->is_draining) return;
  serving->is_draining = true;
  if (serving->is_open) serving->part->drain(serving);
  else app_serving_drained(serving);
}

static void send_stats(struct app_serving *serving, const char *token) {
  struct bytes text = {0};
  if (serving->is_open) serving->part->add_stats(serving, &text);
  wire_send(serving->lines, "stats", token, text.data != NULL ? text.data : "", NULL);
  bytes_deinit(&text);
}

static void on_line(void *ctx, struct slice line) {
  struct app_serving *serving = ctx;
  struct wire_message message;
  wire_parse(line, &message);
  const char *payload = message.field[1];
  if (wire_is(&message, "start")) start(serving, &message);
  else if (wire_is(&message, "prepare")) prepare(serving, atoi(payload), message.field[2]);
  else if (wire_is(&message, "commit")) commit(serving, atoi(payload));
  else if (wire_is(&message, "abort")) serving->awaited = 0, drop_next(serving);
  else if (wire_is(&message, "drain")) drain(serving);
  else if (wire_is(&message, "migrated")) serving->is_migrated = true;
  else if (wire_is(&message, "notify") && serving->is_open) serving->part->notified(serving, slice_of(payload));
  else if (wire_is(&message, "stats")) send_stats(serving, payload);
  else if (wire_is(&message, "metrics") && serving->part->metrics != NULL)
    serving->part->metrics(serving, payload, (char *)message.field[2]);
  wire_free(&message);
}

/* The master is gone: nobody would replace or stop us. */
static void on_closed(void *ctx) { drain(ctx); }

static void on_beat(void *ctx) {
  struct app_serving *serving = ctx;
  wire_send(serving->lines, "beat", NULL);
}

int app_serving_run(const char *who, const struct app_part *part) {
  struct app_serving *serving = mem_zero(sizeof *serving);
  struct error err = {0};
  serving->part = part;
  if (!app_process_init(&serving->process, who, &err)) {
    fprintf(stderr, "%s\n", err.text);
    return 1;
  }
  struct loop *loop = &serving->process.loop;
  serving->lines = loop_lines_open(loop, MASTER_FD, &(struct loop_lines_events){on_line, on_closed}, serving);
  serving->beat = loop_timer_new(loop, on_beat, serving);
  loop_timer_start(serving->beat, 0, BEAT_MS);
  loop_run(loop);
  app_process_deinit(&serving->process);
  free(serving->url);
  free(serving);
  return 0;
}
