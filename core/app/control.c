#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/master_inside.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/tls.h"

/* One connection of `copp reload`, `copp user …` and the like. */
struct control {
  struct app_master *master;
  struct loop_lines *lines;
  struct link link; /* in master->controls */
};

static void on_closed(void *ctx) {
  struct control *control = ctx;
  app_reload_forget(control->master, control->lines);
  app_metrics_forget_lines(control->master, control->lines);
  list_remove(&control->link);
  loop_lines_close(control->lines);
  free(control);
}

static long resident_kb(int pid) {
  char path[64];
  long pages = 0;
  snprintf(path, sizeof path, "/proc/%d/statm", pid);
  FILE *file = fopen(path, "re");
  if (file == NULL) return 0;
  if (fscanf(file, "%*s %ld", &pages) != 1) pages = 0;
  fclose(file);
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void add_machine(const struct app_master *master, struct bytes *text) {
  struct statvfs disk;
  long long expires = 0;
  struct error ignored;
  const char *given = script_settings_text(master->setup->settings, "tls_cert");
  char *copy = app_path(master->setup, "run/tls.crt"); /* what root had installed for us */
  const char *cert = access(copy, R_OK) == 0 ? copy : given;
  if (statvfs(master->setup->data_dir, &disk) == 0)
    bytes_addf(text, ",\"disk\":{\"free\":%llu,\"total\":%llu}", (unsigned long long)disk.f_bavail * disk.f_frsize,
               (unsigned long long)disk.f_blocks * disk.f_frsize);
  if (given != NULL && *given != '\0' && net_tls_expiry(cert, &expires, &ignored)) bytes_addf(text, ",\"tls_expires\":%lld", expires);
  free(copy);
}

static void send_status(struct app_master *master, struct loop_lines *to) {
  struct bytes text = {0};
  bytes_addf(&text, "{\"generation\":%d,\"loaded\":%llu,\"migrated\":%s,\"embedded\":%s,\"without_published\":%s,\"version\":\"" COPP_VERSION "\",\"pid\":%d",
             master->generation, (unsigned long long)(master->loaded_us / 1000000), master->is_migrated ? "true" : "false",
             master->cluster != NULL ? "true" : "false", master->is_without_published ? "true" : "false", (int)getpid());
  add_machine(master, &text);
  bytes_add_str(&text, ",\"children\":[");
  for (int i = 0; i < master->child_count; i++) {
    const struct app_child *child = &master->child[i];
    int pid = child->process != NULL ? loop_process_pid(child->process) : 0;
    bytes_addf(&text, "%s{\"name\":\"%s\",\"pid\":%d,\"ready\":%s,\"age_s\":%llu,\"memory_kb\":%ld}", i > 0 ? "," : "", child->name, pid,
               child->is_ready ? "true" : "false", (unsigned long long)(clock_monotonic_us() - child->started_us) / 1000000, resident_kb(pid));
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
  else if (wire_is(&message, "metrics")) app_metrics_ask_for_control(master, control->lines);
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
