/* app/command.h - commands that run once beside, or without, a running platform. */
#pragma once
#include "app/setup.h"

/* Runs boot.command(name, args) of the Lua code against the database: the running platform's, the
 * given one, or the embedded one, which is started for the time. args: names and values, NULL at
 * the end. Returns the exit code. */
int app_command_lua(struct app_setup *setup, const char *name, const char *const *args);
/* Applies, or with plan_only lists, the migrations. */
int app_command_migrate(struct app_setup *setup, bool plan_only);
/* Compiles and builds the checkout's Lua, rules and views. */
int app_command_check(struct app_setup *setup);
/* Installs the checkout and switches the running platform to it. */
int app_command_reload(struct app_setup *setup);
/* Says in sentences what is wrong with this installation. */
int app_command_doctor(struct app_setup *setup);
/* Prints demo-logins.txt. */
int app_command_logins(struct app_setup *setup);
