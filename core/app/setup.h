/* app/setup.h - what every command of the binary needs first: settings, log, directories, user.
 *
 * As root the product works as the system user "copp": everything below the data directory belongs
 * to that user, and what is served is installed there (app/tree.h), since the checkout may be in a
 * directory that only root can enter.
 */
#pragma once
#include <sys/types.h>

#include "base/log.h"
#include "crypto/seal.h"
#include "script/settings.h"

#define APP_USER "copp"

struct app_setup {
  struct script_settings *settings;
  struct log log;
  char *source;   /* checkout, or where lua/, views/ … lie; "" when the binary stands alone */
  char *binary;   /* the running program, absolute */
  char *data_dir; /* exists and belongs to uid */
  uid_t uid;      /* who serves: ours, or that of APP_USER when we are root */
  gid_t gid;
};

/* Reads the settings and makes the data directory. who names the process in log lines. On false the
 * text of err is a Russian sentence for the person at the terminal. */
COPP_MUST_USE bool app_setup_init(struct app_setup *setup, const char *who, struct error *err);
void app_setup_deinit(struct app_setup *setup);

/* Gives root up for good, when we are root: groups, group, user. Afterwards nothing of the checkout
 * may be readable any more. */
COPP_MUST_USE bool app_drop_root(const struct app_setup *setup, struct error *err);

/* "<data_dir>/<name>", to be freed. */
char *app_path(const struct app_setup *setup, const char *name);
/* Makes data_dir/secret with a random token, once. */
COPP_MUST_USE bool app_make_secret(const struct app_setup *setup, struct error *err);
/* The key for sealed values, made of that file. */
COPP_MUST_USE bool app_read_secret(const struct app_setup *setup, struct crypto_seal_key *key, struct error *err);
