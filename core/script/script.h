/* script/script.h - Lua in one process: serves requests, runs jobs and commands in coroutines.
 *
 *   struct script *script = script_new(&config);
 *   script_use(script, generation);            (build it with script_generation_build)
 *   net_server_config.handler = script_handle, .handler_ctx = script;
 *   …
 *   script_stop_all(script);                   (after the server has drained)
 *   script_free(script);
 *
 * Each task (request, job, command) is a coroutine of the generation that was in use when it began.
 * It is stopped by limits on time and memory; a fault ends that task, never the process. Loop
 * thread only. The only room that includes lua.h.
 */
#pragma once
#include "base/log.h"
#include "jobs/jobs.h"
#include "loop/loop.h"
#include "script/generation.h"
#include "script/stats.h"

struct crypto_seal_key;
struct db;
struct net_client;
struct net_request;
struct script;
struct script_board;

struct script_limits {
  uint64_t burst_us;  /* Lua without a wait */
  uint64_t total_us;  /* Lua in all; 0: no limit */
  uint64_t wall_us;   /* from start to end, waits included; 0: no limit */
  size_t memory_bytes;
};

#define SCRIPT_WEB_LIMITS \
  {.burst_us = 1000000, .total_us = 2000000, .wall_us = 0, .memory_bytes = 64 << 20}
#define SCRIPT_JOB_LIMITS                                                         \
  {.burst_us = 3000000, .total_us = 600000000, .wall_us = 600000000, .memory_bytes = 512 << 20}
#define SCRIPT_COMMAND_LIMITS \
  {.burst_us = 3600000000, .total_us = 0, .wall_us = 0, .memory_bytes = (size_t)2 << 30}

struct script_config {        /* copied */
  struct loop *loop;
  const struct log *log;
  struct db *db;
  struct net_client *client;  /* NULL: core.fetch and core.mail say "unavailable" */
  const struct script_settings *settings;
  const struct crypto_seal_key *seal_key; /* of core.crypto.seal; the caller's */
  const char *data_dir;       /* files/ and tmp/ lie here */
  struct script_limits web, job, command;
  size_t state_bytes;         /* ceiling of one Lua state */
  bool may_run_processes;     /* core.process; the job worker and commands */
  bool has_console;           /* core.console; commands */
  struct script_stats *stats; /* counters; the caller's */
  struct script_board *board; /* which rule runs here, and which may not; the caller's; NULL: none */
};

struct script *script_new(const struct script_config *config);
/* No task may be left. NULL is fine. */
void script_free(struct script *script);

/* New tasks run on this one from now on; takes the caller's reference. */
void script_use(struct script *script, struct script_generation *generation);
struct script_generation *script_generation(const struct script *script); /* NULL: none yet */
int script_task_count(const struct script *script);
/* What this process knows of the engine: "ready", "away", or "" when nobody has asked it yet. */
const char *script_engine(const struct script *script);
/* Tells answers that stay open (core.bus.follow) to end; no new ones begin. Before draining. */
void script_end_streams(struct script *script);
/* Stops every task that still runs. */
void script_stop_all(struct script *script);

/* net's handler: answers by app.request; 503 while there is no generation. */
void script_handle(struct net_request *req, void *script);

/* jobs' executor and stop function: run app.job, or the timer named by the kind. */
void script_execute_job(struct jobs_job *job, void *script);
void script_stop_job(struct jobs_job *job, enum jobs_stop_reason reason, void *script);
/* Periodic work that the generation in use declares, for jobs_every(). */
const struct script_timer *script_timers(const struct script *script, int *count);

/* A notification from PostgreSQL (channel copp) for core.bus.wait: {"topic":…,"data":…}. */
void script_notify(struct script *script, struct slice payload);

/* Runs boot.command(name, args); args are alternating names and values, NULL at the end. done gets
 * the exit code: what it returned, 0 for nothing, 1 with a message for nil, err. */
void script_command(struct script *script, const char *name, const char *const *args,
                    void (*done)(void *ctx, int exit_code, const char *message), void *ctx);
