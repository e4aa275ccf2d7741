/* app/child.h - one supervised process: web worker, job worker or engine.
 *
 *   spawned --ready--> serving --dies--> (back-off when it lived under a second) --> spawned
 *                         \--no beat for 5 s--> killed --> spawned
 */
#pragma once
#include "app/wire.h"
#include "loop/process.h"

struct app_master;

enum { CHILD_BEAT_LIMIT_US = 5000000 };

struct app_child {
  struct app_master *master;
  char name[24];               /* "web-1", "job-1", "engine-1" */
  const char *command;         /* "worker", "job-worker" or "engine" */
  int listen_fd;               /* of a web worker, kept open here too; -1 otherwise */
  struct loop_process *process;
  struct loop_lines *lines;
  struct loop_timer *respawn;
  bool is_ready;
  uint64_t started_us, beat_us;
  unsigned pause_ms;           /* before the next start */
  int prepared;                /* generation it has prepared; 0: none */
};

/* Starts the process; respawns it whenever it dies, until app_child_drain() or app_child_kill(). */
void app_child_start(struct app_child *child);
/* Asks it to finish what it serves and end; it is not replaced any more. */
void app_child_drain(struct app_child *child);
void app_child_kill(struct app_child *child);
/* Kills it when it gives no sign of life. */
void app_child_check(struct app_child *child, uint64_t now_us);
void app_child_deinit(struct app_child *child);
