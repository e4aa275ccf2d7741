#include <stdlib.h>

#include "app/health.h"
#include "app/serving.h"
#include "app/worker.h"
#include "jobs/jobs.h"

enum { DRAIN_MS = 8000 };

static void declare_timers(struct app_serving *serving) {
  struct jobs_runner *runner = serving->inside;
  int count = 0;
  const struct script_timer *timers = script_timers(serving->process.script, &count);
  jobs_forget_timers(runner);
  for (int i = 0; i < count; i++) jobs_every(runner, timers[i].name, timers[i].every_s);
}

static bool open_jobs(struct app_serving *serving, struct error *err) {
  (void)err;
  struct app_process *process = &serving->process;
  struct jobs_config config = JOBS_CONFIG;
  config.node = process->setup.log.who;
  serving->inside = jobs_runner_new(&process->loop, process->db, &config, &process->setup.log, script_execute_job,
                                    script_stop_job, process->script);
  declare_timers(serving);
  return true;
}

static void notified(struct app_serving *serving, struct slice payload) {
  script_notify(serving->process.script, payload);
  jobs_wake(serving->inside);
}

static void on_stopped(void *ctx) {
  struct app_serving *serving = ctx;
  script_stop_all(serving->process.script);
  jobs_runner_free(serving->inside);
  serving->inside = NULL;
  serving->is_open = false;
  app_serving_drained(serving);
}

static void drain(struct app_serving *serving) { jobs_runner_stop(serving->inside, DRAIN_MS, on_stopped, serving); }

static void add_stats(struct app_serving *serving, struct bytes *out) {
  struct jobs_stats stats = jobs_stats(serving->inside);
  const char *who = serving->process.setup.log.who;
  app_health_stats(serving, out);
  bytes_addf(out, "copp_jobs_running{worker=\"%s\"} %d\n", who, stats.running);
  const struct {
    const char *outcome;
    uint64_t count;
  } counts[] = {{"done", stats.done}, {"retried", stats.retried}, {"failed", stats.failed}, {"dead", stats.dead},
                {"cancelled", stats.cancelled}, {"lost", stats.lost}};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    bytes_addf(out, "copp_jobs_total{worker=\"%s\",outcome=\"%s\"} %llu\n", who, counts[i].outcome,
               (unsigned long long)counts[i].count);
}

int app_job_worker(const char *who) {
  static const struct app_part part = {.role = APP_JOBS, .open = open_jobs, .switched = declare_timers,
                                       .notified = notified, .drain = drain, .add_stats = add_stats};
  return app_serving_run(who, &part);
}
