/* app/health.h - /healthz, /readyz and /metrics, answered before Lua: they must work when it does not.
 *
 *   /healthz  200 while the process turns
 *   /readyz   200 or 503 with {"ready":…,"checks":{"database":…,"migrations":…,"generation":…}}
 *   /metrics  Prometheus text of all processes of the node; loopback, or Bearer COPP_METRICS_TOKEN
 */
#pragma once
#include "app/serving.h"
#include "net/server.h"

enum { HEALTH_SCRAPES = 8 };

struct app_scrape {        /* waits for the other processes' numbers */
  struct net_request *req; /* NULL: free place */
  unsigned number;
};

struct app_health {
  struct app_serving *serving;
  struct net_server *server;
  struct app_scrape scrapes[HEALTH_SCRAPES];
  unsigned next;
};

/* Answers and returns true when the path is one of ours. */
bool app_health_answer(struct app_health *health, struct net_request *req);
/* The numbers of the other processes for the scrape of that token. */
void app_health_metrics(struct app_health *health, const char *token, char *text);
/* Prometheus lines of this process, but for its server. */
void app_health_stats(struct app_serving *serving, struct bytes *out);
/* The same of a web worker, with its connections and requests. */
void app_health_worker_stats(struct app_serving *serving, struct bytes *out);
/* Before the server drains: scrapes that still wait are dropped. */
void app_health_end_scrapes(struct app_health *health);
