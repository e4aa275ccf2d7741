/* script/watchdog.h - stops Lua that runs too long, at no cost while it does not.
 *
 *   idle --script_watchdog_begin(state, deadline)--> armed --script_watchdog_end()--> idle
 *                                                      \__ deadline passed: signal to the loop thread,
 *                                                          whose handler sets a count hook on the state
 *
 * A thread of its own looks at the deadline every few milliseconds. The hook fires on every
 * instruction and stays: an error that a script catches is raised again at the next one. Hooks do
 * not fire inside C functions; the master's heartbeat covers those. One watchdog a process.
 *
 * A rule (script/vm.h) runs inside a task: script_watchdog_enter() watches its state meanwhile, and
 * script_watchdog_leave() goes back to watching the task.
 */
#pragma once
#include <lua.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct script_watch {              /* what is watched; the loop thread's */
  lua_State *running;              /* the innermost coroutine */
  lua_Hook on_overrun;             /* raises, or jumps away */
  int mask;                        /* of hooks that stay beside it */
  volatile sig_atomic_t *late;     /* set as well, for loops in C; NULL: none */
  uint64_t deadline_us;            /* monotonic; 0 while no Lua runs */
  uint64_t cpu_us;                 /* of the thread: before it has spent that, it was only kept waiting … */
  uint64_t last_us;                /* … for which there is an end too. 0: the deadline alone counts */
};

struct script_watchdog {
  _Atomic uint64_t deadline_us; /* of the watch, for the other thread; written last */
  struct script_watch watch;
  lua_Hook on_overrun;          /* of tasks; raises */
  pthread_t loop_thread;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t stop_asked;
  bool must_stop;               /* under lock */
};

/* On the loop's thread. Installs a handler for one real-time signal of this process. */
void script_watchdog_init(struct script_watchdog *watchdog, lua_Hook on_overrun);
void script_watchdog_deinit(struct script_watchdog *watchdog);

void script_watchdog_begin(struct script_watchdog *watchdog, lua_State *L, uint64_t deadline_us);
void script_watchdog_end(struct script_watchdog *watchdog);
/* Watches inner (whose deadline is not beyond the outer one's) until leave; outer gets what was watched before. */
void script_watchdog_enter(struct script_watchdog *watchdog, const struct script_watch *inner,
                           struct script_watch *outer);
void script_watchdog_leave(struct script_watchdog *watchdog, const struct script_watch *outer);
/* Another coroutine runs now; returns the one that ran before. */
lua_State *script_watchdog_switch(struct script_watchdog *watchdog, lua_State *L);
