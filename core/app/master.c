#include "app/master.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/database.h"
#include "app/master_inside.h"
#include "app/tree.h"
#include "base/clock.h"
#include "base/mem.h"
#include "db/migrate.h"
#include "net/server.h"
#include "script/board.h"

enum { TICK_MS = 250, DRAIN_US = 12000000, MIGRATE_RETRY_TICKS = 8 };

struct loop *app_master_loop(struct app_master *master) { return &master->loop; }
const struct log *app_master_log(const struct app_master *master) { return &master->setup->log; }
const char *app_master_binary(const struct app_master *master) { return master->binary; }
bool app_master_is_stopping(const struct app_master *master) { return master->stopping > 0; }

void app_master_greet(struct app_master *master, struct app_child *child) {
  char number[16];
  snprintf(number, sizeof number, "%d", master->generation);
  wire_send(child->lines, "start", number, master->tree, master->app_url, master->is_migrated ? "1" : "0", NULL);
}

/* ---- announcing ---- */

static void print_logins(struct app_master *master) {
  char *path = app_path(master->setup, "demo-logins.txt");
  FILE *file = fopen(path, "r");
  free(path);
  if (file == NULL) return;
  printf("\nДемонстрационные входы (роль, почта, пароль):\n");
  char line[512];
  while (fgets(line, sizeof line, file) != NULL) printf("  %s", line);
  fclose(file);
}

static void announce(struct app_master *master) {
  for (int i = 0; i < master->child_count; i++) {
    if (!master->child[i].is_ready) return;
  }
  if (master->was_announced || !master->is_migrated) return;
  master->was_announced = true;
  const char *tls = script_settings_text(master->setup->settings, "tls_cert");
  printf("Платформа работает: %s://%s\n", tls != NULL && *tls != '\0' ? "https" : "http",
         script_settings_text(master->setup->settings, "listen"));
  if (master->options.print_logins) print_logins(master);
  printf("Остановить: Ctrl-C\n");
  fflush(stdout);
}

/* ---- stopping ---- */

static bool has_children(const struct app_master *master) {
  for (int i = 0; i < master->child_count; i++) {
    if (master->child[i].process != NULL) return true;
  }
  return false;
}

static void on_db_closed(void *ctx) {
  struct app_master *master = ctx;
  loop_stop(&master->loop);
}

static void close_handles(struct app_master *master) {
  for (int i = 0; i < master->child_count; i++) app_child_deinit(&master->child[i]);
  for (size_t i = 0; i < sizeof master->signals / sizeof *master->signals; i++) loop_signal_free(master->signals[i]);
  loop_timer_free(master->reload.deadline);
  loop_timer_free(master->tick);
  app_control_close(master);
  db_unlisten(master->listener);
  if (master->db != NULL) db_close(master->db, on_db_closed, master);
  else loop_stop(&master->loop);
  master->db = NULL;
}

static void check_stopped(struct app_master *master) {
  if (master->stopping == 0 || has_children(master)) return;
  close_handles(master);
}

static void stop(struct app_master *master) {
  master->stopping++;
  if (master->stopping > 1) {
    for (int i = 0; i < master->child_count; i++) app_child_kill(&master->child[i]);
    return;
  }
  log_text(&master->setup->log, LOG_INFO, "stopping", "requests in flight are finished");
  master->stop_deadline_us = clock_monotonic_us() + DRAIN_US;
  for (int i = 0; i < master->child_count; i++) app_child_drain(&master->child[i]);
  check_stopped(master);
}

static void on_signal(void *ctx, int signum) {
  struct app_master *master = ctx;
  if (signum == SIGHUP) app_reload_start(master, NULL, NULL);
  else stop(master);
}

/* ---- children ---- */

/* A generation that cannot be loaded at the first start leaves nothing to fall back to. */
static void on_start_failed(struct app_master *master, const struct wire_message *message) {
  int number = atoi(message->field[1]);
  if (number != 0 && number < master->generation) return; /* of the attempt before */
  if (app_publishing_fall_back(master, message)) return;
  fprintf(stderr, "Платформа не запустилась: %s:%s: %s\n", message->field[2], message->field[3], message->field[4]);
  master->exit_code = 1;
  if (master->stopping == 0) stop(master);
}

/* A replacement that cannot load what the others serve is of no use: it is started again, slowly. */
static void on_replacement_failed(struct app_master *master, struct app_child *child, const struct wire_message *message) {
  log_text(&master->setup->log, LOG_ERROR, "child cannot load", "%s: %s:%s: %s", child->name, message->field[2],
           message->field[3], message->field[4]);
  child->pause_ms = 2500;
  loop_process_kill(child->process, SIGKILL);
}

void app_master_on_message(struct app_master *master, struct app_child *child, struct wire_message *message) {
  if (wire_is(message, "ready")) {
    child->is_ready = true;
    announce(master);
  } else if (wire_is(message, "prepared")) app_reload_on_prepared(master, child, message);
  else if (wire_is(message, "failed") && !child->is_ready && !master->was_announced) on_start_failed(master, message);
  else if (wire_is(message, "failed") && !child->is_ready) on_replacement_failed(master, child, message);
  else if (wire_is(message, "failed")) app_reload_on_failed(master, message);
  else if (wire_is(message, "metrics")) app_metrics_ask(master, child, message->field[1]);
  else if (wire_is(message, "stats")) app_metrics_answer(master, message);
}

/* It died while a rule ran: perhaps by the rule. */
static void blame_rule(struct app_master *master, const struct app_child *child) {
  const struct script_board_struck *struck = master->board != NULL ? script_board_strike(master->board, child->name) : NULL;
  if (struck == NULL) return;
  log_text(&master->setup->log, LOG_ERROR, "rule brought a process down", "%s: pack %s, %s, strike %u%s", child->name, struck->pack,
           struck->function, struck->strikes, struck->strikes >= SCRIPT_BOARD_STRIKES ? "; it is in quarantine" : "");
}

void app_master_on_exit(struct app_master *master, struct app_child *child) {
  blame_rule(master, child);
  app_metrics_forget(master, child);
  if (master->stopping == 0) app_reload_on_exit(master, child);
  check_stopped(master);
}

static void on_notify(void *ctx, const char *channel, struct slice payload, bool missed) {
  struct app_master *master = ctx;
  (void)channel;
  app_publishing_hear(master, payload, missed);
  char *text = missed ? mem_dup("{\"topic\":\"missed\"}") : mem_dup_n(payload.data, payload.len);
  for (int i = 0; i < master->child_count; i++) wire_send(master->child[i].lines, "notify", text, NULL);
  free(text);
}

/* ---- migrations ---- */

static void migrate_work(void *ctx) {
  struct app_master *master = ctx;
  struct bytes dir = {0};
  bytes_addf(&dir, "%s/migrations", master->tree);
  master->migrate_err = (struct error){0};
  bool ok = db_migrate(master->url, dir.data, false, NULL, NULL, &master->migrate_err) && app_database_grant(master->url, &master->migrate_err);
  if (ok) master->migrate_err.code = ERR_NONE;
  bytes_deinit(&dir);
}

static void migrate_done(void *ctx) {
  struct app_master *master = ctx;
  master->is_migrating = false;
  if (master->migrate_err.code != ERR_NONE) {
    log_text(&master->setup->log, LOG_WARN, "database", "%s", master->migrate_err.text);
    return;
  }
  master->is_migrated = master->has_news = true;
  for (int i = 0; i < master->child_count; i++) wire_send(master->child[i].lines, "migrated", NULL);
  announce(master);
}

/* The database was away at the start: tried again until it is there. */
static void migrate_later(struct app_master *master) {
  if (master->is_migrated || master->is_migrating || master->stopping > 0) return;
  struct error err;
  master->is_migrating = loop_work(&master->loop, migrate_work, migrate_done, master, &err);
}

/* ---- the tick ---- */

static void check_cluster(struct app_master *master) {
  if (master->cluster == NULL || master->stopping > 0 || db_cluster_is_alive(master->cluster)) return;
  if (master->cluster_pause > 0) {
    master->cluster_pause--;
    return;
  }
  struct error err = {0};
  log_text(&master->setup->log, LOG_ERROR, "postgres died", "starting it again");
  if (!db_cluster_launch(master->cluster, &err)) log_text(&master->setup->log, LOG_ERROR, "postgres", "%s", err.text);
  master->cluster_pause = 8;
}

static void watch_checkout(struct app_master *master) {
  if (!script_settings_boolean(master->setup->settings, "dev") || master->reload.is_active) return;
  uint64_t stamp = app_tree_stamp(master->setup);
  if (master->stamp != 0 && stamp != master->stamp && master->was_announced) app_reload_start(master, NULL, NULL);
  master->stamp = stamp;
}

static void on_tick(void *ctx) {
  struct app_master *master = ctx;
  uint64_t now = clock_monotonic_us();
  if (master->stopping > 0) {
    if (now > master->stop_deadline_us)
      for (int i = 0; i < master->child_count; i++) app_child_kill(&master->child[i]);
    return;
  }
  for (int i = 0; i < master->child_count; i++) app_child_check(&master->child[i], now);
  app_metrics_check(master, now);
  check_cluster(master);
  if (now / (TICK_MS * 1000u) % MIGRATE_RETRY_TICKS == 0) migrate_later(master);
  app_publishing_check(master);
  watch_checkout(master);
}

/* ---- starting ---- */

static int worker_count(const struct app_setup *setup) {
  int64_t asked = script_settings_integer(setup->settings, "workers");
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return asked > 0 ? (int)asked : cores > 0 && cores <= MASTER_WORKERS ? (int)cores : 1;
}

static void add_child(struct app_master *master, const char *command, const char *name) {
  struct app_child *child = &master->child[master->child_count++];
  *child = (struct app_child){.master = master, .command = command, .listen_fd = -1};
  snprintf(child->name, sizeof child->name, "%s", name);
}

static bool open_sockets(struct app_master *master, struct error *err) {
  int fds[MASTER_WORKERS];
  int count = worker_count(master->setup);
  const char *address = script_settings_text(master->setup->settings, "listen");
  if (!net_listen(address, fds, (size_t)count, err)) {
    if (err->code == ERR_CONFLICT)
      error_set(err, ERR_CONFLICT, "Адрес %s занят другой программой. Выберите другой порт: COPP_LISTEN=127.0.0.1:8090", address);
    else error_set(err, ERR_INVALID, "Адрес %s не открыть (COPP_LISTEN): %s", address, strerror(errno));
    return false;
  }
  for (int i = 0; i < count; i++) {
    struct app_child *child = &master->child[master->child_count++];
    *child = (struct app_child){.master = master, .command = "worker", .listen_fd = fds[i]};
    snprintf(child->name, sizeof child->name, "web-%d", i + 1);
  }
  add_child(master, "job-worker", "job-1");
  add_child(master, "engine", "engine-1");
  return true;
}

/* Two masters over one directory would take each other's tree and control socket away. */
static bool lock_data(struct app_master *master, struct error *err) {
  char *path = app_path(master->setup, "run/lock");
  master->lock_fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0644);
  bool ok = master->lock_fd >= 0 && flock(master->lock_fd, LOCK_EX | LOCK_NB) == 0;
  if (!ok && errno == EWOULDBLOCK)
    error_set(err, ERR_CONFLICT, "Платформа уже работает с каталогом данных %s. Для второй выберите другой: COPP_DATA_DIR=…",
              master->setup->data_dir);
  else if (!ok) error_set(err, ERR_IO, "%s: %s (COPP_DATA_DIR)", path, strerror(errno));
  free(path);
  return ok;
}

/* The serving user may not be able to read the checkout, nor root's key. */
static bool install(struct app_master *master, struct error *err) {
  struct app_setup *setup = master->setup;
  master->binary = app_path(setup, "run/copp");
  struct bytes fresh = {0};
  bytes_addf(&fresh, "%s.new", master->binary);
  bool ok = app_copy_file(setup->binary, fresh.data, 0755, err) && rename(fresh.data, master->binary) == 0;
  bytes_deinit(&fresh);
  static const char *const keys[] = {"tls_cert", "tls_key"};
  for (size_t i = 0; ok && geteuid() == 0 && i < 2; i++) {
    const char *from = script_settings_text(setup->settings, keys[i]);
    if (from == NULL || *from == '\0') continue;
    char *to = app_path(setup, i == 0 ? "run/tls.crt" : "run/tls.key");
    ok = app_copy_file(from, to, 0600, err) && chown(to, setup->uid, setup->gid) == 0;
    if (ok) setenv(i == 0 ? "COPP_TLS_CERT" : "COPP_TLS_KEY", to, 1);
    free(to);
  }
  ok = ok && app_tree_install(setup, &master->tree, err) && app_tree_use(setup, master->tree, NULL, err);
  const char *region = script_settings_text(setup->settings, "region_dir");
  if (ok && geteuid() == 0 && region != NULL && *region != '\0') {
    char *installed = app_path(setup, "tree/current/region");
    setenv("COPP_REGION_DIR", installed, 1); /* for children: the region's config.lua as they may read it */
    free(installed);
  }
  return ok;
}

static bool start_database(struct app_master *master, struct error *err) {
  const char *given = script_settings_text(master->setup->settings, "database_url");
  if (given != NULL && *given != '\0') {
    const char *owner = script_settings_text(master->setup->settings, "database_owner_url");
    master->url = mem_dup(owner != NULL && *owner != '\0' ? owner : given);
    master->app_url = mem_dup(given);
    return true;
  }
  struct db_cluster_config config = {.data_dir = master->setup->data_dir, .uid = master->setup->uid, .gid = master->setup->gid};
  if (!db_cluster_start(&config, &master->cluster, err)) return false;
  master->url = mem_dup(db_cluster_url(master->cluster));
  master->app_url = mem_dup(db_cluster_app_url(master->cluster));
  return true;
}

static bool migrate_now(struct app_master *master, struct error *err) {
  migrate_work(master);
  if (master->migrate_err.code == ERR_NONE) {
    master->is_migrated = true;
    return true;
  }
  if (master->cluster == NULL && master->migrate_err.code == ERR_UNAVAILABLE) {
    log_text(&master->setup->log, LOG_WARN, "database", "%s; it will be tried again", master->migrate_err.text);
    return true;
  }
  *err = master->migrate_err;
  return false;
}

/* The demo region, or at least the reference books: `copp demo` or `copp refs` in a process of its
 * own, so that the master keeps no Lua. */
static bool load_data(struct app_master *master, struct error *err) {
  if (!master->is_migrated) return true;
  pid_t pid = fork();
  if (pid == 0) {
    setenv("COPP_DATABASE_URL", master->url, 1);
    if (master->options.demo_if_empty) execl(master->binary, "copp", "demo", "--if-empty", (char *)NULL);
    else execl(master->binary, "copp", "refs", (char *)NULL);
    _exit(127);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  return error_set(err, ERR_SCRIPT, "Начальные данные не загрузились (строки выше)");
}

static void listen_for_notifications(struct app_master *master) {
  struct db_config config;
  struct error err = {0};
  db_config_default(&config);
  config.url = master->app_url;
  config.application_name = "copp master";
  config.lanes[DB_LANE_FAST].connections = 1;
  config.lanes[DB_LANE_TX].connections = 0;
  config.lanes[DB_LANE_SLOW].connections = 0;
  if (db_new(&master->loop, &config, &master->setup->log, &master->db, &err))
    master->listener = db_listen(master->db, "copp", on_notify, master);
  else log_text(&master->setup->log, LOG_ERROR, "listen", "%s", err.text);
}

static bool start(struct app_master *master, struct error *err) {
  struct app_setup *setup = master->setup;
  setenv("COPP_DATA_DIR", setup->data_dir, 1); /* our processes would find another default without root */
  if (!open_sockets(master, err) || !lock_data(master, err) || !install(master, err) || !app_drop_root(setup, err)) return false;
  if (!app_make_secret(setup, err)) return false;
  char *board = app_path(setup, "run/rules-board");
  bool has_board = script_board_open(board, &master->board, err);
  free(board);
  if (!has_board) return false;
  static const int signums[] = {SIGTERM, SIGINT, SIGHUP};
  signal(SIGPIPE, SIG_IGN);
  if (!start_database(master, err) || !migrate_now(master, err) || !load_data(master, err)) return false;
  app_publishing_start(master);
  if (!loop_init(&master->loop, err)) return false; /* after all that blocks: its clock starts here */
  for (size_t i = 0; i < sizeof signums / sizeof *signums; i++)
    master->signals[i] = loop_signal_new(&master->loop, signums[i], on_signal, master);
  if (!app_control_open(master, err)) return false;
  master->generation = 1;
  master->loaded_us = (uint64_t)clock_realtime_us();
  listen_for_notifications(master);
  master->tick = loop_timer_new(&master->loop, on_tick, master);
  loop_timer_start(master->tick, TICK_MS, TICK_MS);
  for (int i = 0; i < master->child_count; i++) app_child_start(&master->child[i]);
  return true;
}

int app_master_run(struct app_setup *setup, const struct app_master_options *options) {
  struct app_master *master = mem_zero(sizeof *master);
  master->setup = setup;
  master->lock_fd = -1;
  master->options = *options;
  struct error err = {0};
  if (start(master, &err)) {
    loop_run(&master->loop);
    loop_deinit(&master->loop);
  } else {
    fprintf(stderr, "%s\n", err.text);
    master->exit_code = 1;
  }
  db_cluster_free(master->cluster);
  for (int i = 0; i < master->child_count; i++) {
    if (master->child[i].listen_fd >= 0) close(master->child[i].listen_fd);
  }
  if (master->lock_fd >= 0) close(master->lock_fd);
  script_board_close(master->board);
  int exit_code = master->exit_code;
  free(master->binary);
  free(master->url);
  free(master->app_url);
  free(master->tree);
  free(master->published);
  free(master);
  return exit_code;
}
