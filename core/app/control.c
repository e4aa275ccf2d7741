#include <stdlib.h>
#include <unistd.h>

#include "app/master_inside.h"
#include "base/mem.h"

/* One connection of `copp reload`, `copp user …` and the like. */
struct control {
  struct app_master *master;
  struct loop_lines *lines;
  struct link link; /* in master->controls */
};

static void on_closed(void *ctx) {
  struct control *control = ctx;
  app_reload_forget(control->master, control->lines);
  list_remove(&control->link);
  loop_lines_close(control->lines);
  free(control);
}

static void send_status(struct app_master *master, struct loop_lines *to) {
  struct bytes text = {0};
  bytes_addf(&text, "{\"generation\":%d,\"migrated\":%s,\"pid\":%d,\"children\":[", master->generation,
             master->is_migrated ? "true" : "false", (int)getpid());
  for (int i = 0; i < master->child_count; i++) {
    const struct app_child *child = &master->child[i];
    bytes_addf(&text, "%s{\"name\":\"%s\",\"pid\":%d,\"ready\":%s}", i > 0 ? "," : "", child->name,
               child->process != NULL ? loop_process_pid(child->process) : 0, child->is_ready ? "true" : "false");
  }
  bytes_add_str(&text, "]}");
  wire_send(to, "ok", text.data, NULL);
  bytes_deinit(&text);
}

static void on_line(void *ctx, struct slice line) {
  struct control *control = ctx;
  struct app_master *master = control->master;
  struct wire_message message;
  wire_parse(line, &message);
  if (wire_is(&message, "reload"))
    app_reload_start(master, *message.field[1] != '\0' ? mem_dup(message.field[1]) : NULL, control->lines);
  else if (wire_is(&message, "status")) send_status(master, control->lines);
  else if (wire_is(&message, "database")) wire_send(control->lines, "ok", master->url, NULL);
  else wire_send(control->lines, "error", "", "", "unknown request", NULL);
  wire_free(&message);
}

static void on_accept(void *ctx, int fd) {
  struct control *control = mem_zero(sizeof *control);
  control->master = ctx;
  list_push(&control->master->controls, &control->link);
  control->lines = loop_lines_open(&control->master->loop, fd, &(struct loop_lines_events){on_line, on_closed}, control);
}

void app_control_close(struct app_master *master) {
  loop_listener_free(master->control);
  for (struct link *link; (link = list_first(&master->controls)) != NULL;) on_closed(LIST_OWNER(link, struct control, link));
}

bool app_control_open(struct app_master *master, struct error *err) {
  list_init(&master->controls);
  char *path = app_path(master->setup, "control.sock");
  master->control = loop_listener_new(&master->loop, path, on_accept, master, err);
  free(path);
  return master->control != NULL;
}
