/* script/watchdog.h - stops Lua that runs too long, at no cost while it does not.
 *
 *   idle --script_watchdog_begin(state, deadline)--> armed --script_watchdog_end()--> idle
 *                                                      \__ deadline passed: signal to the loop thread,
 *                                                          whose handler sets a count hook on the state
 *
 * A thread of its own looks at the deadline every few milliseconds. The hook fires on every
 * instruction and stays: an error that a script catches is raised again at the next one. Hooks do
 * not fire inside C functions; the master's heartbeat covers those. One watchdog a process.
 */
#pragma once
#include <lua.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct script_watchdog {
  _Atomic uint64_t deadline_us; /* monotonic; 0 while no Lua runs */
  _Atomic(lua_State *) running; /* the innermost coroutine, while Lua runs */
  lua_Hook on_overrun;          /* raises */
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
/* Another coroutine runs now; returns the one that ran before. */
lua_State *script_watchdog_switch(struct script_watchdog *watchdog, lua_State *L);
