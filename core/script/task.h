/* script/task.h - one run of Lua code: a request, a job, a command. Private to script/.
 *
 *   script_task_start --> running --binding waits--> waiting --script_wake--> running … --> ended
 *                            \________ error, time, memory ________/ \__ script_task_stop: nobody
 *                                                                        wants the result any more
 *
 * C enters Lua only through script_resume(): it sets the limits, counts the time, writes the
 * traceback. A binding that has to wait puts a struct script_wait into its own userdata:
 *
 *   struct fetch_box *box = push_fetch(L);               (1) arguments, (2) box
 *   if (!net_client_fetch(…, on_fetched, box, …)) …      (3) work
 *   return script_wait(L, &box->wait, cancel_fetch, finish_fetch);   yields
 *
 * and its callback keeps the outcome in the box and calls script_wake(&box->wait). The box stays on
 * the coroutine's stack meanwhile. When the task dies first, cancel_fetch() withdraws the work.
 */
#pragma once
#include <lauxlib.h>
#include <lua.h>

#include "base/list.h"
#include "script/script.h"

struct db_copy;
struct db_tx;
struct net_request;
struct script_feed;
struct script_task;

struct script_wait {
  struct script_task *task;             /* NULL when nobody waits */
  void (*cancel)(struct script_wait *); /* must make sure that no callback comes */
};

enum script_over { SCRIPT_WITHIN, SCRIPT_OVER_TIME, SCRIPT_OVER_MEMORY };

enum script_end {
  SCRIPT_END_OK,
  SCRIPT_END_FAILED,  /* an error nobody caught; it is in the log */
  SCRIPT_END_STOPPED, /* script_task_stop() */
};

struct script_task {
  struct script *script;
  struct script_generation *generation; /* one reference */
  const struct script_limits *limits;
  lua_State *thread;
  int thread_ref;
  struct script_wait *wait;    /* what it waits for; NULL while it runs */
  enum script_over over;       /* sticky */
  struct link link;            /* in script->tasks */
  void (*ended)(struct script_task *task, enum script_end how, const char *reason);

  struct db_tx *tx;            /* open transaction, pinned to this task */
  struct db_copy *copy;        /* running COPY */
  struct script_feed *feed;    /* notifications kept for it */
  char id[64];                 /* goes to every log line */
  char route[96];              /* "/x/{id}", as Lua tells; "" */
  int64_t user_id;             /* 0: nobody */
  uint64_t started_us;
  uint64_t lua_us;             /* spent in Lua so far */
  uint64_t deadline_us;        /* wall clock; 0: none */
  int queries;
  int64_t memory;              /* bytes gained by its resumes so far */
  bool is_read_only;           /* GET or HEAD: its statements may be sent twice */
  bool must_stop;              /* a job that was asked to end */

  struct jobs_job *job;        /* of a job's task */
  struct net_request *request; /* of a web task; NULL once answered */
  void *owner;                 /* of web.c, job.c, command.c */
  struct script_task **lua_side; /* the pointer to this task that Lua has (bind_http.c); cleared at the end */
};

/* Prepares a task and starts body(L), a C function that gets the task as light userdata and runs in
 * the coroutine. ended comes once, perhaps before this returns; it frees the task's owner. On false
 * (no memory for a thread, ERR_OVERLOADED) ended does not come. */
bool script_task_start(struct script *script, struct script_task *task, lua_CFunction body,
                       struct error *err);
/* Ends it from outside: what it waits for is withdrawn, its transaction is rolled back, ended comes
 * with SCRIPT_END_STOPPED. Not while it runs. */
void script_task_stop(struct script_task *task);

/* The task that runs L; raises when there is none (loading time). */
struct script_task *script_task(lua_State *L);
/* NULL instead. */
struct script_task *script_task_or_null(lua_State *L);
/* Raises unless L may wait here: not inside table.sort, gsub callbacks or while loading. */
struct script_task *script_task_that_waits(lua_State *L);

/* Yields until script_wake(); then k runs with the stack as it is now. */
int script_wait(lua_State *L, struct script_wait *wait, void (*cancel)(struct script_wait *),
                lua_KFunction k);
/* The same, and k gets ctx. */
int script_wait_with(lua_State *L, struct script_wait *wait, void (*cancel)(struct script_wait *),
                     lua_KFunction k, lua_KContext ctx);
/* From a callback on the loop: the wait is over, the task goes on. Nothing when nobody waits. */
void script_wake(struct script_wait *wait);

/* Pushes nil and {code=, text=}; returns 2. */
int script_fail(lua_State *L, const struct error *err);
int script_fail_text(lua_State *L, const char *code, const char *text);

/* The traceback hook of the watchdog: raises the limit error. */
void script_overrun_hook(lua_State *L, lua_Debug *ar);
/* Raises again when the task is over a limit: for functions that catch errors. */
void script_rethrow_limit(lua_State *L, int status);
