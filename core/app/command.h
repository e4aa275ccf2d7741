/* app/command.h - commands that run once beside, or without, a running platform. */
#pragma once
#include "app/setup.h"

/* Runs boot.command(name, args) of the Lua code against the database: the running platform's, the
 * given one, or the embedded one, which is started for the time. args: names and values, NULL at
 * the end. Returns the exit code. */
int app_command_lua(struct app_setup *setup, const char *name, const char *const *args);
/* The same over a fresh copy of the files on disk, with or without the database. */
int app_command_fresh(struct app_setup *setup, const char *name, const char *const *args, bool needs_database);
/* Makes plugins/<id> from data/plugin_skeleton, in the region's directory when there is one. */
int app_plugin_new(struct app_setup *setup, const char *id);
/* Packs plugins/<id> into out (NULL: <id>.tar.gz here). */
int app_plugin_pack(struct app_setup *setup, const char *id, const char *out);
/* Applies, or with plan_only lists, the migrations. */
int app_command_migrate(struct app_setup *setup, bool plan_only);
/* Compiles and builds the checkout's Lua, rules and views. */
int app_command_check(struct app_setup *setup);
/* Installs the checkout and switches the running platform to it. */
int app_command_reload(struct app_setup *setup);
/* The same when a platform runs here, otherwise nothing. */
void app_command_refresh(struct app_setup *setup);
/* Says in sentences what is wrong with this installation. */
int app_command_doctor(struct app_setup *setup);
/* Prints demo-logins.txt. */
int app_command_logins(struct app_setup *setup);
