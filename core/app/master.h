/* app/master.h - supervises: embedded PostgreSQL, web workers, the job worker; reloads all or none.
 *
 *   install tree --> listen --> drop root --> PostgreSQL --> migrate --> children --> serving
 *   reload: migrate --> prepare in every child --all prepared--> commit --> tree/current
 *                                  \--one failed, died or late--> abort: the old one serves on
 *   SIGTERM, SIGINT: drain children (10 s), stop PostgreSQL, exit 0; again: at once
 *
 * Owns signals, control.sock and the LISTEN connection, which it hands on to all children.
 */
#pragma once
#include "app/child.h"
#include "app/setup.h"

struct app_master;

struct app_master_options {
  bool demo_if_empty; /* load the demo region into an empty database */
  bool print_logins;  /* show demo-logins.txt when ready */
};

/* `copp serve`: returns the exit code. setup is the caller's. */
int app_master_run(struct app_setup *setup, const struct app_master_options *options);

/* ---- for child.c and reload.c ---- */
struct loop *app_master_loop(struct app_master *master);
const struct log *app_master_log(const struct app_master *master);
const char *app_master_binary(const struct app_master *master);
bool app_master_is_stopping(const struct app_master *master);
void app_master_greet(struct app_master *master, struct app_child *child); /* its first message */
void app_master_on_message(struct app_master *master, struct app_child *child, struct wire_message *message);
void app_master_on_exit(struct app_master *master, struct app_child *child);
