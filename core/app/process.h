/* app/process.h - what a web worker, the job worker and a one-shot command have in common: loop,
 * database, HTTP client, Lua.
 *
 *   app_process_open --> app_process_load (generation, off the loop when it runs) --> at work
 *                    --> app_process_close (ends tasks, closes the database) --> loop ends
 */
#pragma once
#include "app/setup.h"
#include "db/db.h"
#include "loop/loop.h"
#include "net/client.h"
#include "script/script.h"

struct app_process {
  struct app_setup setup;
  struct crypto_seal_key seal_key;
  struct loop loop;
  struct db *db;
  struct net_client *client;
  struct script_stats stats;
  struct script *script;
  struct script_board *board; /* NULL: none */
  const char *url;          /* of the database; the owner's */
};

enum app_role { APP_WEB, APP_JOBS, APP_COMMAND, APP_ENGINE };

/* who names the process in log lines. */
COPP_MUST_USE bool app_process_init(struct app_process *process, const char *who, struct error *err);
/* Connects in the background, and nothing more: for a process without Lua. url must outlive the process. */
COPP_MUST_USE bool app_process_open_db(struct app_process *process, const char *url, enum app_role role, struct error *err);
/* Connects in the background and makes the script; url must outlive the process. NULL: Lua has no database. */
COPP_MUST_USE bool app_process_open(struct app_process *process, const char *url, enum app_role role, struct error *err);
/* Ends all tasks and closes everything; the loop stops by itself when the last handle has closed. */
void app_process_close(struct app_process *process);
/* After loop_run(): frees the rest. */
void app_process_deinit(struct app_process *process);
