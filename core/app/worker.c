#include "app/worker.h"

#include <stdlib.h>

#include "app/health.h"
#include "app/serving.h"
#include "base/mem.h"
#include "net/server.h"

enum { LISTEN_FD = 4, DRAIN_MS = 10000 };

static void on_request(struct net_request *req, void *ctx) {
  struct app_serving *serving = ctx;
  if (app_health_answer(serving->inside, req)) return;
  script_handle(req, serving->process.script);
}

static const char *text_or_null(const struct script_settings *settings, const char *key) {
  const char *text = script_settings_text(settings, key);
  return text != NULL && *text != '\0' ? text : NULL;
}

static bool open_worker(struct app_serving *serving, struct error *err) {
  const struct script_settings *settings = serving->process.setup.settings;
  struct app_health *health = mem_zero(sizeof *health);
  int fd = LISTEN_FD;
  struct net_server_config config = NET_SERVER_CONFIG;
  config.listen_fds = &fd;
  config.listen_count = 1;
  config.handler = on_request;
  config.handler_ctx = serving;
  config.tls_cert = text_or_null(settings, "tls_cert");
  config.tls_key = text_or_null(settings, "tls_key");
  config.trusted_proxies = text_or_null(settings, "trusted_proxies");
  config.statics = script_generation(serving->process.script)->statics;
  *health = (struct app_health){.serving = serving};
  serving->inside = health;
  health->server = net_server_new(&serving->process.loop, &config, &serving->process.setup.log, err);
  return health->server != NULL;
}

static void switched(struct app_serving *serving) {
  struct app_health *health = serving->inside;
  net_server_set_static(health->server, script_generation(serving->process.script)->statics);
}

static void notified(struct app_serving *serving, struct slice payload) {
  script_notify(serving->process.script, payload);
}

static void on_drained(void *ctx) {
  struct app_serving *serving = ctx;
  struct app_health *health = serving->inside;
  net_server_free(health->server);
  free(health);
  serving->inside = NULL;
  serving->is_open = false;
  app_serving_drained(serving);
}

static void drain(struct app_serving *serving) {
  struct app_health *health = serving->inside;
  app_health_end_scrapes(health);
  script_end_streams(serving->process.script);
  net_server_drain(health->server, DRAIN_MS, on_drained, serving);
}

static void metrics(struct app_serving *serving, const char *token, char *text) {
  app_health_metrics(serving->inside, token, text);
}

int app_worker(const char *who) {
  static const struct app_part part = {.role = APP_WEB, .has_assets = true, .open = open_worker, .switched = switched,
                                       .notified = notified, .drain = drain, .add_stats = app_health_worker_stats, .metrics = metrics};
  return app_serving_run(who, &part);
}
