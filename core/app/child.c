#include "app/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/master.h"
#include "base/clock.h"

static void on_line(void *ctx, struct slice line) {
  struct app_child *child = ctx;
  struct wire_message message;
  wire_parse(line, &message);
  if (wire_is(&message, "beat")) child->beat_us = clock_monotonic_us();
  else app_master_on_message(child->master, child, &message);
  wire_free(&message);
}

static void close_lines(struct app_child *child) {
  loop_lines_close(child->lines);
  child->lines = NULL;
}

static void on_closed(void *ctx) { close_lines(ctx); }

static void respawn(void *ctx) { app_child_start(ctx); }

static void on_exit(void *ctx, int64_t status, int signum) {
  struct app_child *child = ctx;
  struct app_master *master = child->master;
  uint64_t lived_us = clock_monotonic_us() - child->started_us;
  bool was_ready = child->is_ready;
  loop_process_free(child->process);
  child->process = NULL;
  child->is_ready = false;
  close_lines(child);
  if (!app_master_is_stopping(master)) {
    log_text(app_master_log(master), LOG_ERROR, "child died", "%s: status %d, signal %d, after %llu ms", child->name,
             (int)status, signum, (unsigned long long)(lived_us / 1000));
    bool is_healthy = lived_us > 1000000 && was_ready;
    child->pause_ms = is_healthy ? 0 : child->pause_ms == 0 ? 100 : child->pause_ms < 4000 ? child->pause_ms * 2 : 5000;
    loop_timer_start(child->respawn, child->pause_ms, 0);
  }
  app_master_on_exit(master, child);
}

static bool spawn(struct app_child *child, int their_end, struct error *err) {
  char *const argv[] = {"copp", (char *)child->command, child->name, NULL};
  int fds[2] = {their_end, child->listen_fd};
  struct loop_process_options options = {
      .file = app_master_binary(child->master), .argv = argv, .fds = fds, .fd_count = child->listen_fd >= 0 ? 2 : 1};
  child->process = loop_process_spawn(app_master_loop(child->master), &options, on_exit, child, err);
  return child->process != NULL;
}

void app_child_start(struct app_child *child) {
  struct loop *loop = app_master_loop(child->master);
  if (child->respawn == NULL) child->respawn = loop_timer_new(loop, respawn, child);
  int pair[2];
  struct error err = {0};
  child->started_us = child->beat_us = clock_monotonic_us();
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    log_text(app_master_log(child->master), LOG_ERROR, "socketpair", "%s", strerror(errno));
    loop_timer_start(child->respawn, 1000, 0);
    return;
  }
  bool ok = spawn(child, pair[1], &err);
  close(pair[1]);
  if (!ok) {
    log_text(app_master_log(child->master), LOG_ERROR, "spawn", "%s: %s", child->name, err.text);
    close(pair[0]);
    loop_timer_start(child->respawn, 1000, 0);
    return;
  }
  child->lines = loop_lines_open(loop, pair[0], &(struct loop_lines_events){on_line, on_closed}, child);
  app_master_greet(child->master, child);
}

void app_child_drain(struct app_child *child) {
  if (child->respawn != NULL) loop_timer_stop(child->respawn);
  wire_send(child->lines, "drain", NULL);
}

void app_child_kill(struct app_child *child) {
  if (child->respawn != NULL) loop_timer_stop(child->respawn);
  if (child->process != NULL) loop_process_kill(child->process, SIGKILL);
}

void app_child_check(struct app_child *child, uint64_t now_us) {
  if (child->process == NULL || now_us - child->beat_us < CHILD_BEAT_LIMIT_US) return;
  log_text(app_master_log(child->master), LOG_ERROR, "child stalled", "%s gives no sign of life and is killed", child->name);
  child->beat_us = now_us;
  loop_process_kill(child->process, SIGKILL);
}

void app_child_deinit(struct app_child *child) {
  loop_timer_free(child->respawn);
  close_lines(child);
  loop_process_free(child->process);
  child->process = NULL;
  child->respawn = NULL;
}
