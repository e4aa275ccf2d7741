/* app/rules_command.h - `copp rules list|check|test|diff|dry-run|publish|promote|stop|rollback|import|export`.
 *
 * What they do is Lua's (domain/rules/commands). Files are read here before the process gives up its rights, and written by a
 * parent that has kept them: the Lua part runs as an unprivileged user who cannot enter somebody's checkout.
 */
#pragma once
#include "app/setup.h"

enum { APP_RULES_OPTIONS = 12 };

struct app_rules_command {
  const char *verb;
  const char *dir;                              /* NULL: none given */
  const char *options[2 * APP_RULES_OPTIONS];   /* names and values for Lua */
  int count;                                    /* of strings in options */
};

/* Returns the exit code. */
int app_rules_command(struct app_setup *setup, const struct app_rules_command *command);
