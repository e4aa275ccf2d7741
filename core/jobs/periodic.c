#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "jobs/runner.h"

enum { HELD_UP_PAUSE_MS = 30000 };

struct jobs_timer {
  struct link link; /* in runner->timers; in no list once forgotten */
  struct jobs_runner *runner;
  char *kind;
  int seconds;
  uint64_t due_at; /* monotonic microseconds */
  bool is_asking;  /* a statement is under way and owns the timer when it is forgotten */
};

static void timer_free(struct jobs_timer *timer) {
  free(timer->kind);
  free(timer);
}

static void set_next(struct jobs_timer *timer, const struct db_outcome *outcome) {
  uint64_t now = clock_monotonic_us();
  timer->due_at = now + (uint64_t)timer->runner->config.poll_ms * 1000; /* after a failure */
  struct slice is_held_up, next_ms;
  if (outcome->err != NULL || db_result_rows(outcome->result) == 0) return;
  if (!db_result_get(outcome->result, 0, 0, &is_held_up)) return;
  if (!db_result_get(outcome->result, 0, 1, &next_ms)) return;
  uint64_t wait_ms = strtoull(next_ms.data, NULL, 10);
  if (slice_is(is_held_up, "t") && wait_ms > HELD_UP_PAUSE_MS) wait_ms = HELD_UP_PAUSE_MS;
  timer->due_at = now + wait_ms * 1000;
}

static void on_asked(void *ctx, struct db_outcome *outcome) {
  struct jobs_timer *timer = ctx;
  struct jobs_runner *runner = timer->runner;
  timer->is_asking = false;
  if (link_is_in_list(&timer->link)) set_next(timer, outcome);
  else timer_free(timer);
  if (!runner->is_free) jobs_wake(runner);
  jobs_runner_unref(runner);
}

void jobs_timers_check(struct jobs_runner *runner, uint64_t now) {
  for (struct link *k = runner->timers.head.next; k != &runner->timers.head; k = k->next) {
    struct jobs_timer *timer = LIST_OWNER(k, struct jobs_timer, link);
    if (timer->is_asking || now < timer->due_at) continue;
    timer->is_asking = true;
    jobs_runner_ref(runner);
    jobs_store_every(runner->db, timer->kind, timer->seconds, on_asked, timer);
  }
}

void jobs_every(struct jobs_runner *runner, const char *kind, int seconds) {
  struct jobs_timer *timer = mem_zero(sizeof *timer);
  timer->runner = runner;
  timer->kind = mem_dup(kind);
  timer->seconds = seconds > 0 ? seconds : 1;
  list_push(&runner->timers, &timer->link);
}

void jobs_forget_timers(struct jobs_runner *runner) {
  struct link *k;
  while ((k = list_pop(&runner->timers)) != NULL) {
    struct jobs_timer *timer = LIST_OWNER(k, struct jobs_timer, link);
    if (!timer->is_asking) timer_free(timer);
  }
}
