#include "app/health.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crypto/compare.h"

static void answer_text(struct net_request *req, int status, const char *type, struct bytes *body) {
  struct net_header headers[] = {{slice_of("Content-Type"), slice_of(type)},
                                 {slice_of("Cache-Control"), slice_of("no-store")}};
  struct net_answer answer = {.status = status, .headers = headers, .header_count = 2, .bytes = *body};
  *body = (struct bytes){0};
  net_respond(req, &answer);
}

static void answer_ready(struct app_serving *serving, struct net_request *req) {
  bool has_database = db_state(serving->process.db) == DB_READY;
  const struct script_generation *generation = script_generation(serving->process.script);
  bool is_ready = has_database && serving->is_migrated && generation != NULL && !serving->is_draining;
  struct bytes body = {0};
  bytes_addf(&body, "{\"ready\":%s,\"checks\":{\"database\":%s,\"migrations\":%s,\"generation\":%d,\"engine\":\"%s\"}}\n",
             is_ready ? "true" : "false", has_database ? "true" : "false", serving->is_migrated ? "true" : "false",
             generation != NULL ? generation->number : 0, script_engine(serving->process.script));
  answer_text(req, is_ready ? 200 : 503, "application/json", &body);
}

static long resident_bytes(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL) return 0;
  if (fscanf(file, "%*s %ld", &pages) != 1) pages = 0;
  fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

static void add_lane(struct bytes *out, const char *who, const struct db *db, enum db_lane lane) {
  struct db_lane_stats s;
  db_lane_stats(db, lane, &s);
  bytes_addf(out, "copp_db_connections{worker=\"%s\",lane=\"%s\"} %d\n", who, s.name, s.connected);
  bytes_addf(out, "copp_db_in_flight{worker=\"%s\",lane=\"%s\"} %d\n", who, s.name, s.in_flight);
  bytes_addf(out, "copp_db_queued{worker=\"%s\",lane=\"%s\"} %d\n", who, s.name, s.queued);
  bytes_addf(out, "copp_db_queries_total{worker=\"%s\",lane=\"%s\"} %llu\n", who, s.name, (unsigned long long)s.total);
  bytes_addf(out, "copp_db_errors_total{worker=\"%s\",lane=\"%s\"} %llu\n", who, s.name, (unsigned long long)s.errors);
  bytes_addf(out, "copp_db_reconnects_total{worker=\"%s\",lane=\"%s\"} %llu\n", who, s.name, (unsigned long long)s.reconnects);
}

void app_health_stats(struct app_serving *serving, struct bytes *out) {
  struct app_process *process = &serving->process;
  const char *who = process->setup.log.who;
  const struct script_generation *generation = script_generation(process->script);
  bytes_addf(out, "copp_generation{worker=\"%s\"} %d\n", who, generation != NULL ? generation->number : 0);
  bytes_addf(out, "copp_generation_build_seconds{worker=\"%s\"} %.6f\n", who, generation != NULL ? (double)generation->build_us / 1e6 : 0.0);
  bytes_addf(out, "copp_lua_bytes{worker=\"%s\"} %zu\n", who, generation != NULL ? generation->memory.used : 0);
  bytes_addf(out, "copp_tasks{worker=\"%s\"} %d\n", who, script_task_count(process->script));
  bytes_addf(out, "copp_resident_bytes{worker=\"%s\"} %ld\n", who, resident_bytes());
  for (int lane = 0; lane < DB_LANE_COUNT; lane++) add_lane(out, who, process->db, (enum db_lane)lane);
  script_stats_write(&process->stats, who, out);
}

static void add_server(const struct app_health *health, struct bytes *out) {
  struct net_stats s = net_server_stats(health->server);
  const char *who = health->serving->process.setup.log.who;
  bytes_addf(out, "copp_connections{worker=\"%s\"} %llu\n", who, (unsigned long long)s.connections_open);
  bytes_addf(out, "copp_requests_in_flight{worker=\"%s\"} %llu\n", who, (unsigned long long)s.in_flight);
  bytes_addf(out, "copp_connections_total{worker=\"%s\"} %llu\n", who, (unsigned long long)s.connections);
  bytes_addf(out, "copp_requests_total{worker=\"%s\"} %llu\n", who, (unsigned long long)s.requests);
  const struct {
    const char *why;
    uint64_t count;
  } refused[] = {{"malformed", s.refused_malformed}, {"size", s.refused_size}, {"slow", s.refused_slow},
                 {"overload", s.refused_overload}};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    bytes_addf(out, "copp_refused_total{worker=\"%s\",why=\"%s\"} %llu\n", who, refused[i].why,
               (unsigned long long)refused[i].count);
}

void app_health_worker_stats(struct app_serving *serving, struct bytes *out) {
  app_health_stats(serving, out);
  if (serving->inside != NULL) add_server(serving->inside, out);
}

static bool may_scrape(const struct app_health *health, const struct net_request *req) {
  if (strncmp(req->ip, "127.", 4) == 0 || strcmp(req->ip, "::1") == 0) return true;
  const char *token = script_settings_text(health->serving->process.setup.settings, "metrics_token");
  struct slice given = net_request_header(req, "authorization");
  if (token == NULL || *token == '\0' || given.len < 7 || memcmp(given.data, "Bearer ", 7) != 0) return false;
  return crypto_equal((struct slice){given.data + 7, given.len - 7}, slice_of(token));
}

static void on_scraper_gone(struct net_request *req) {
  struct app_scrape *scrape = req->task;
  scrape->req = NULL;
  net_request_abandon(req);
}

static void ask_others(struct app_health *health, struct net_request *req) {
  for (int i = 0; i < HEALTH_SCRAPES; i++) {
    struct app_scrape *scrape = &health->scrapes[i];
    if (scrape->req != NULL) continue;
    *scrape = (struct app_scrape){req, ++health->next};
    req->task = scrape;
    req->closed = on_scraper_gone;
    char token[16];
    snprintf(token, sizeof token, "%u", scrape->number);
    wire_send(health->serving->lines, "metrics", token, NULL);
    return;
  }
  struct bytes body = {0};
  bytes_add_str(&body, "too many scrapes\n");
  answer_text(req, 503, "text/plain; charset=utf-8", &body);
}

void app_health_metrics(struct app_health *health, const char *token, char *text) {
  unsigned number = (unsigned)strtoul(token, NULL, 10);
  for (int i = 0; health != NULL && i < HEALTH_SCRAPES; i++) {
    struct app_scrape *scrape = &health->scrapes[i];
    if (scrape->req == NULL || scrape->number != number) continue;
    struct net_request *req = scrape->req;
    struct bytes body = {0};
    scrape->req = NULL;
    app_health_worker_stats(health->serving, &body);
    wire_unfold(text);
    bytes_add_str(&body, text);
    answer_text(req, 200, "text/plain; version=0.0.4; charset=utf-8", &body);
    return;
  }
}

bool app_health_answer(struct app_health *health, struct net_request *req) {
  struct bytes body = {0};
  if (slice_is(req->path, "/healthz")) {
    bytes_add_str(&body, "ok\n");
    answer_text(req, 200, "text/plain; charset=utf-8", &body);
  } else if (slice_is(req->path, "/readyz")) {
    answer_ready(health->serving, req);
  } else if (!slice_is(req->path, "/metrics")) {
    return false;
  } else if (may_scrape(health, req)) {
    ask_others(health, req);
  } else {
    bytes_add_str(&body, "not found\n");
    answer_text(req, 404, "text/plain; charset=utf-8", &body);
  }
  return true;
}

void app_health_end_scrapes(struct app_health *health) {
  for (int i = 0; i < HEALTH_SCRAPES; i++) {
    if (health->scrapes[i].req != NULL) net_request_abandon(health->scrapes[i].req);
    health->scrapes[i].req = NULL;
  }
}
