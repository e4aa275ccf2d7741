/* loop/loop.h - the uv loop of one process, its timers, signals and thread pool.
 *
 *   loop_init --> loop_run … loop_stop --> (owners close what they opened) --> loop_deinit
 *
 * The only owner of uv_loop_t. Other rooms may put uv handles of their own on `loop->uv`, and close
 * them before loop_deinit(), which asserts that nothing is left open. Loop thread only, but for the
 * work functions of loop_work(), which run on the thread pool.
 *
 *   struct loop_timer *timer = loop_timer_new(loop, on_tick, ctx);
 *   loop_timer_start(timer, 1000, 1000);
 *   …
 *   loop_timer_free(timer);
 */
#pragma once
#include <uv.h>

#include "base/error.h"
#include "base/list.h"

struct loop {
  uv_loop_t uv;
  int work_active; /* work items handed to the pool and not yet done */
  int work_limit;  /* more than this at once are refused; default LOOP_WORK_LIMIT */
};

#define LOOP_WORK_LIMIT 512

COPP_MUST_USE bool loop_init(struct loop *loop, struct error *err);
/* Runs until loop_stop(), or until nothing is left to wait for. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* Lets closing handles and work under way finish, then frees. An open handle of somebody's is a
 * mistake of ours: it is named on standard error and asserted. */
void loop_deinit(struct loop *loop);

/* ---- thread pool ---- */

typedef void (*loop_work_fn)(void *ctx); /* on a pool thread: no loop, no Lua state of a worker */
typedef void (*loop_done_fn)(void *ctx); /* on the loop, after work */

/* Runs work(ctx) on the pool, then done(ctx) on the loop. ctx must live until done; there is no way
 * to take work back: an owner that goes away earlier marks its ctx and lets done free it. On false
 * (ERR_OVERLOADED: too much is waiting) neither is called. */
COPP_MUST_USE bool loop_work(struct loop *loop, loop_work_fn work, loop_done_fn done, void *ctx,
                             struct error *err);

/* ---- timers ---- */

struct loop_timer;
typedef void (*loop_timer_fn)(void *ctx);

struct loop_timer *loop_timer_new(struct loop *loop, loop_timer_fn fn, void *ctx);
/* First after after_ms, then every repeat_ms (0: once). Starting again replaces. */
void loop_timer_start(struct loop_timer *timer, uint64_t after_ms, uint64_t repeat_ms);
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_is_active(const struct loop_timer *timer);
/* The function is not called any more; memory goes on the next turn of the loop. NULL is fine. */
void loop_timer_free(struct loop_timer *timer);

/* ---- turns ---- */

struct loop_turn;

/* Calls fn once a turn, after the callbacks of the last one and before the loop waits again: for
 * what is gathered during a turn. Does not keep the loop alive. */
struct loop_turn *loop_turn_new(struct loop *loop, loop_timer_fn fn, void *ctx);
void loop_turn_free(struct loop_turn *turn); /* NULL is fine */

/* ---- signals ---- */

struct loop_signal;
typedef void (*loop_signal_fn)(void *ctx, int signum);

/* Calls fn on the loop whenever signum arrives. Does not keep the loop alive. */
struct loop_signal *loop_signal_new(struct loop *loop, int signum, loop_signal_fn fn, void *ctx);
void loop_signal_free(struct loop_signal *signal); /* NULL is fine */
