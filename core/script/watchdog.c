#include "script/watchdog.h"

#include <assert.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define BUSY_LOOK_MS 5
#define IDLE_LOOK_MS 20

static int overrun_signal(void) { return SIGRTMIN + 3; }

static uint64_t thread_cpu_us(void) {
  struct timespec spent;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return (uint64_t)spent.tv_sec * 1000000 + (uint64_t)spent.tv_nsec / 1000;
}

/* On the loop thread. The task may have ended while the signal was on its way, so look again. */
static void on_signal(int signum, siginfo_t *info, void *context) {
  (void)signum;
  (void)context;
  struct script_watchdog *watchdog = info->si_value.sival_ptr;
  if (info->si_code != SI_QUEUE || watchdog == NULL) return;
  uint64_t now = clock_monotonic_us();
  if (atomic_load(&watchdog->deadline_us) == 0 || now < watchdog->watch.deadline_us) return;
  const struct script_watch *watch = &watchdog->watch;
  if (watch->last_us != 0 && now < watch->last_us && thread_cpu_us() < watch->cpu_us) return;
  if (watch->late != NULL) *watch->late = 1;
  lua_sethook(watch->running, watch->on_overrun, LUA_MASKCOUNT | watch->mask, 1);
}

static void send_overrun(struct script_watchdog *watchdog) {
  pthread_sigqueue(watchdog->loop_thread, overrun_signal(), (union sigval){.sival_ptr = watchdog});
}

static void *look(void *arg) {
  struct script_watchdog *watchdog = arg;
  pthread_mutex_lock(&watchdog->lock);
  while (!watchdog->must_stop) {
    uint64_t deadline = atomic_load(&watchdog->deadline_us);
    if (deadline != 0 && clock_monotonic_us() > deadline) send_overrun(watchdog);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (deadline != 0 ? BUSY_LOOK_MS : IDLE_LOOK_MS) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
      until.tv_sec++;
      until.tv_nsec -= 1000000000L;
    }
    pthread_cond_timedwait(&watchdog->stop_asked, &watchdog->lock, &until);
  }
  pthread_mutex_unlock(&watchdog->lock);
  return NULL;
}

static void install_handler(void) {
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(overrun_signal(), &action, NULL);
}

/* The thread takes no signals: they belong to the loop. */
static void start_thread(struct script_watchdog *watchdog) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int status = pthread_create(&watchdog->thread, NULL, look, watchdog);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  assert(status == 0);
  (void)status;
}

void script_watchdog_init(struct script_watchdog *watchdog, lua_Hook on_overrun) {
  memset(watchdog, 0, sizeof *watchdog);
  watchdog->on_overrun = on_overrun;
  watchdog->loop_thread = pthread_self();
  pthread_mutex_init(&watchdog->lock, NULL);
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&watchdog->stop_asked, &attributes);
  pthread_condattr_destroy(&attributes);
  install_handler();
  start_thread(watchdog);
}

void script_watchdog_deinit(struct script_watchdog *watchdog) {
  pthread_mutex_lock(&watchdog->lock);
  watchdog->must_stop = true;
  pthread_cond_signal(&watchdog->stop_asked);
  pthread_mutex_unlock(&watchdog->lock);
  pthread_join(watchdog->thread, NULL);
  signal(overrun_signal(), SIG_IGN); /* one may still be queued; its pointer must not be used */
  pthread_cond_destroy(&watchdog->stop_asked);
  pthread_mutex_destroy(&watchdog->lock);
}

/* The deadline is 0 while the rest changes: a signal in between sees nothing. */
static void set_watch(struct script_watchdog *watchdog, const struct script_watch *watch) {
  atomic_store_explicit(&watchdog->deadline_us, 0, memory_order_relaxed);
  atomic_signal_fence(memory_order_seq_cst);
  watchdog->watch = *watch;
  atomic_signal_fence(memory_order_seq_cst);
  atomic_store_explicit(&watchdog->deadline_us, watch->deadline_us, memory_order_release);
}

void script_watchdog_begin(struct script_watchdog *watchdog, lua_State *L, uint64_t deadline_us) {
  struct script_watch watch = {
      .running = L, .on_overrun = watchdog->on_overrun, .deadline_us = deadline_us};
  set_watch(watchdog, &watch);
}

void script_watchdog_end(struct script_watchdog *watchdog) {
  atomic_store_explicit(&watchdog->deadline_us, 0, memory_order_release);
}

void script_watchdog_enter(struct script_watchdog *watchdog, const struct script_watch *inner,
                           struct script_watch *outer) {
  *outer = watchdog->watch;
  outer->deadline_us = atomic_load_explicit(&watchdog->deadline_us, memory_order_relaxed);
  set_watch(watchdog, inner);
}

void script_watchdog_leave(struct script_watchdog *watchdog, const struct script_watch *outer) {
  set_watch(watchdog, outer);
}

lua_State *script_watchdog_switch(struct script_watchdog *watchdog, lua_State *L) {
  lua_State *before = watchdog->watch.running;
  watchdog->watch.running = L;
  return before;
}
