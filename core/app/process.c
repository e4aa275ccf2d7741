#include "app/process.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/mem.h"
#include "script/board.h"

enum { STATE_BYTES_WEB = 512 << 20, WANTED_DESCRIPTORS = 20000 };

/* Lua's "today" is the region's: core.clock asks the zone of the process. Before any thread exists. */
static void take_zone(const struct script_settings *settings) {
  const char *zone = script_settings_text(settings, "region.zone");
  if (zone == NULL || *zone == '\0') return;
  setenv("TZ", zone, 1);
  tzset();
}

/* One descriptor a connection: the soft limit of a shell is far below what the server accepts. */
static void raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= WANTED_DESCRIPTORS) return;
  limit.rlim_cur = limit.rlim_max < WANTED_DESCRIPTORS ? limit.rlim_max : WANTED_DESCRIPTORS;
  setrlimit(RLIMIT_NOFILE, &limit);
}

bool app_process_init(struct app_process *process, const char *who, struct error *err) {
  *process = (struct app_process){0};
  raise_descriptor_limit();
  signal(SIGPIPE, SIG_IGN);
  if (!app_setup_init(&process->setup, who, err)) return false;
  take_zone(process->setup.settings);
  return app_make_secret(&process->setup, err) && loop_init(&process->loop, err);
}

static void shape_lanes(struct db_config *config, enum app_role role) {
  if (role == APP_WEB) return;
  config->lanes[DB_LANE_FAST].connections = 1;
  config->lanes[DB_LANE_TX].connections = role == APP_JOBS ? 4 : 1;
  if (role == APP_ENGINE) config->lanes[DB_LANE_SLOW].statement_timeout_ms = 600000; /* a load reads every booking */
  if (role != APP_COMMAND) return;
  for (int lane = 0; lane < DB_LANE_COUNT; lane++) { /* an import of a million rows is one statement */
    config->lanes[lane].timeout_ms = 3600000;
    config->lanes[lane].statement_timeout_ms = 3600000;
  }
  config->idle_in_transaction_ms = 3600000;
  config->lock_timeout_ms = 60000;
}

bool app_process_open_db(struct app_process *process, const char *url, enum app_role role, struct error *err) {
  process->url = url;
  const struct script_settings *settings = process->setup.settings;
  struct db_config config;
  db_config_default(&config);
  const char *replica = script_settings_text(settings, "database_replica_url");
  struct bytes name = {0};
  bytes_addf(&name, "copp %s", process->setup.log.who);
  config.url = url;
  config.replica_url = replica != NULL && *replica != '\0' ? replica : NULL;
  config.application_name = name.data;
  config.time_zone = script_settings_text(settings, "region.zone");
  config.unnamed = script_settings_boolean(settings, "database_unnamed");
  shape_lanes(&config, role);
  bool ok = db_new(&process->loop, &config, &process->setup.log, &process->db, err);
  bytes_deinit(&name);
  return ok;
}

/* "host:port" at which this machine reaches its own server. */
static char *own_address(const struct script_settings *settings) {
  const char *listen = script_settings_text(settings, "listen");
  const char *colon = listen != NULL ? strrchr(listen, ':') : NULL;
  if (colon == NULL) return NULL;
  bool is_any = strncmp(listen, "0.0.0.0:", 8) == 0 || strncmp(listen, "[::]:", 5) == 0 || colon == listen;
  struct bytes own = {0};
  bytes_addf(&own, "%.*s%s", is_any ? 9 : (int)(colon - listen), is_any ? "127.0.0.1" : listen, colon);
  return own.data;
}

static void open_client(struct app_process *process) {
  struct net_client_config config = NET_CLIENT_CONFIG;
  char *own = own_address(process->setup.settings);
  config.own = own;
  const char *list = script_settings_text(process->setup.settings, "fetch_allowed");
  char *copy = mem_dup(list != NULL ? list : "");
  const char *allowed[32];
  char *rest = copy;
  for (char *one = strtok_r(copy, ", ", &rest); one != NULL && config.allowed_count < 32; one = strtok_r(NULL, ", ", &rest))
    allowed[config.allowed_count++] = one;
  config.allowed = allowed;
  process->client = net_client_new(&process->loop, &config, &process->setup.log);
  free(copy);
  free(own);
}

/* Rules work without it too: a crash is then only not known by its rule. */
static void open_board(struct app_process *process) {
  struct error err;
  char *path = app_path(&process->setup, "run/rules-board");
  if (!script_board_open(path, &process->board, &err)) log_text(&process->setup.log, LOG_WARN, "rules board", "%s", err.text);
  free(path);
}

bool app_process_open(struct app_process *process, const char *url, enum app_role role, struct error *err) {
  if (!app_read_secret(&process->setup, &process->seal_key, err)) return false;
  if (url != NULL && !app_process_open_db(process, url, role, err)) return false;
  open_client(process);
  open_board(process);
  struct script_config config = {
      .loop = &process->loop, .log = &process->setup.log, .db = process->db, .client = process->client,
      .settings = process->setup.settings, .seal_key = &process->seal_key, .data_dir = process->setup.data_dir, .web = SCRIPT_WEB_LIMITS,
      .job = SCRIPT_JOB_LIMITS, .command = SCRIPT_COMMAND_LIMITS,
      .state_bytes = role == APP_WEB ? STATE_BYTES_WEB : (size_t)4 << 30, .may_run_processes = role != APP_WEB, .has_console = role == APP_COMMAND,
      .stats = &process->stats, .board = process->board};
  process->script = script_new(&config);
  return true;
}

void app_process_close(struct app_process *process) {
  if (process->script != NULL) {
    script_stop_all(process->script);
    script_free(process->script);
    process->script = NULL;
  }
  script_board_close(process->board);
  process->board = NULL;
  net_client_free(process->client);
  process->client = NULL;
  if (process->db != NULL) db_close(process->db, NULL, NULL);
  process->db = NULL;
}

void app_process_deinit(struct app_process *process) {
  loop_deinit(&process->loop);
  script_stats_deinit(&process->stats);
  app_setup_deinit(&process->setup);
}
