/* script/settings.h - what the installation was told: config/default.lua, then the region's
 * config.lua, then environment variables. Read once at start, in a Lua state of its own.
 *
 * default.lua returns a list; each entry documents itself:
 *   { key = "workers", type = "integer", default = 0, env = "COPP_WORKERS", min = 0, max = 64,
 *     reason = "Число веб-процессов; 0 — по числу ядер." }
 * type: text, path, integer, boolean, address (host:port), url, choice (with options).
 * A value that does not fit is an error whose text is a Russian sentence that names the setting.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

enum script_setting_type { SCRIPT_SETTING_TEXT, SCRIPT_SETTING_INTEGER, SCRIPT_SETTING_BOOLEAN };

struct script_setting {
  char *key;   /* "region.zone" */
  enum script_setting_type type;
  char *text;  /* NULL when not set */
  int64_t integer; /* and booleans: 0 or 1 */
  char *env;   /* name of its variable, or NULL */
  char *reason; /* why it is there, for people */
  const char *origin; /* "default", "region" or "environment" */
  bool is_secret; /* never shown */
};

struct script_settings {
  struct script_setting *list;
  size_t count;
};

/* region_dir may be NULL. On false *out is NULL. */
COPP_MUST_USE bool script_settings_load(const char *default_path, const char *region_dir,
                                        struct script_settings **out, struct error *err);
void script_settings_free(struct script_settings *settings); /* NULL is fine */

/* Unknown keys and wrong types are mistakes of ours (asserted). */
const char *script_settings_text(const struct script_settings *settings, const char *key);
int64_t script_settings_integer(const struct script_settings *settings, const char *key);
bool script_settings_boolean(const struct script_settings *settings, const char *key);
/* Overrides a text setting at run time: the URL of the embedded database, the data directory. */
void script_settings_set(struct script_settings *settings, const char *key, const char *text);
