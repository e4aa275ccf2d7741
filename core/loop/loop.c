#include "loop/loop.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

bool loop_init(struct loop *loop, struct error *err) {
  *loop = (struct loop){.work_limit = LOOP_WORK_LIMIT};
  int status = uv_loop_init(&loop->uv);
  if (status != 0) return error_set(err, ERR_INTERNAL, "uv_loop_init: %s", uv_strerror(status));
  return true;
}

void loop_run(struct loop *loop) { uv_run(&loop->uv, UV_RUN_DEFAULT); }

void loop_stop(struct loop *loop) { uv_stop(&loop->uv); }

static void name_leak(uv_handle_t *handle, void *ctx) {
  if (uv_is_closing(handle)) return;
  (*(int *)ctx)++;
  fprintf(stderr, "loop: a handle was left open: %s\n", uv_handle_type_name(handle->type));
}

void loop_deinit(struct loop *loop) {
  int leaks = 0;
  uv_walk(&loop->uv, name_leak, &leaks);
  assert(leaks == 0);
  uv_run(&loop->uv, leaks == 0 ? UV_RUN_DEFAULT : UV_RUN_NOWAIT);
  int status = uv_loop_close(&loop->uv);
  assert(status == 0);
  (void)status;
}

/* ---- thread pool ---- */

struct loop_job {
  uv_work_t uv;
  struct loop *loop;
  loop_work_fn work;
  loop_done_fn done;
  void *ctx;
};

static void run_work(uv_work_t *uv) {
  struct loop_job *job = uv->data;
  job->work(job->ctx);
}

static void finish_work(uv_work_t *uv, int status) {
  struct loop_job *job = uv->data;
  (void)status; /* nothing cancels work */
  loop_done_fn done = job->done;
  void *ctx = job->ctx;
  job->loop->work_active--;
  free(job);
  done(ctx);
}

bool loop_work(struct loop *loop, loop_work_fn work, loop_done_fn done, void *ctx,
               struct error *err) {
  if (loop->work_active >= loop->work_limit)
    return error_set(err, ERR_OVERLOADED, "%d pieces of work wait already", loop->work_active);
  struct loop_job *job = mem_alloc(sizeof *job);
  *job = (struct loop_job){.loop = loop, .work = work, .done = done, .ctx = ctx};
  job->uv.data = job;
  int status = uv_queue_work(&loop->uv, &job->uv, run_work, finish_work);
  assert(status == 0);
  (void)status;
  loop->work_active++;
  return true;
}

/* ---- timers ---- */

struct loop_timer {
  uv_timer_t uv;
  loop_timer_fn fn;
  void *ctx;
};

static void free_handle_data(uv_handle_t *handle) { free(handle->data); }

static void on_timer(uv_timer_t *uv) {
  struct loop_timer *timer = uv->data;
  timer->fn(timer->ctx);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_timer_fn fn, void *ctx) {
  struct loop_timer *timer = mem_zero(sizeof *timer);
  timer->fn = fn;
  timer->ctx = ctx;
  uv_timer_init(&loop->uv, &timer->uv);
  timer->uv.data = timer;
  return timer;
}

void loop_timer_start(struct loop_timer *timer, uint64_t after_ms, uint64_t repeat_ms) {
  uv_update_time(timer->uv.loop); /* a long callback before us must not shorten the wait */
  uv_timer_start(&timer->uv, on_timer, after_ms, repeat_ms);
}

void loop_timer_stop(struct loop_timer *timer) { uv_timer_stop(&timer->uv); }

bool loop_timer_is_active(const struct loop_timer *timer) {
  return uv_is_active((const uv_handle_t *)&timer->uv);
}

void loop_timer_free(struct loop_timer *timer) {
  if (timer != NULL) uv_close((uv_handle_t *)&timer->uv, free_handle_data);
}

/* ---- turns ---- */

struct loop_turn {
  uv_prepare_t uv;
  loop_timer_fn fn;
  void *ctx;
};

static void on_turn(uv_prepare_t *uv) {
  struct loop_turn *turn = uv->data;
  turn->fn(turn->ctx);
}

struct loop_turn *loop_turn_new(struct loop *loop, loop_timer_fn fn, void *ctx) {
  struct loop_turn *turn = mem_zero(sizeof *turn);
  turn->fn = fn;
  turn->ctx = ctx;
  uv_prepare_init(&loop->uv, &turn->uv);
  turn->uv.data = turn;
  uv_prepare_start(&turn->uv, on_turn);
  uv_unref((uv_handle_t *)&turn->uv);
  return turn;
}

void loop_turn_free(struct loop_turn *turn) {
  if (turn != NULL) uv_close((uv_handle_t *)&turn->uv, free_handle_data);
}

/* ---- signals ---- */

struct loop_signal {
  uv_signal_t uv;
  loop_signal_fn fn;
  void *ctx;
};

static void on_signal(uv_signal_t *uv, int signum) {
  struct loop_signal *signal = uv->data;
  signal->fn(signal->ctx, signum);
}

struct loop_signal *loop_signal_new(struct loop *loop, int signum, loop_signal_fn fn, void *ctx) {
  struct loop_signal *signal = mem_zero(sizeof *signal);
  signal->fn = fn;
  signal->ctx = ctx;
  uv_signal_init(&loop->uv, &signal->uv);
  signal->uv.data = signal;
  uv_signal_start(&signal->uv, on_signal, signum);
  uv_unref((uv_handle_t *)&signal->uv);
  return signal;
}

void loop_signal_free(struct loop_signal *signal) {
  if (signal != NULL) uv_close((uv_handle_t *)&signal->uv, free_handle_data);
}
