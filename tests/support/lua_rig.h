/* support/lua_rig.h - a loop with a script on it, over a tree of files made for one test.
 *
 *   struct lua_rig *rig = lua_rig_new(&(struct lua_rig_options){.boot = "…Lua text of lua/boot.lua…"});
 *   struct lua_rig_end end = lua_rig_command(rig, "name");      boot.command("name", {}) to its end
 *   lua_rig_free(rig);                                      asserts that the loop has nothing left
 *
 * boot NULL gives a boot that runs the text of lua/commands/<name>.lua: see lua_rig_run(). */
#pragma once
#include "crypto/seal.h"
#include "db/db.h"
#include "script/script.h"

struct lua_rig_options {
  const char *boot;             /* NULL: a boot of the rig's own */
  struct script_limits command; /* zero: generous ones */
  struct db *db;                /* then loop and log are the db's owner's */
  struct loop *loop;
  const struct log *log;
};

struct lua_rig {
  struct loop own_loop;
  struct loop *loop;
  struct log own_log;
  const struct log *log;
  int log_fd;                /* what was logged */
  char dir[64];              /* tree/ and data/ inside */
  struct script_settings *settings;
  struct crypto_seal_key seal_key; /* zeros */
  struct script_stats stats;
  struct script *script;
};

struct lua_rig_end {
  bool is_done;
  int exit_code;
  char message[1024];
  uint64_t us;     /* from start to end */
  uint64_t cpu_us; /* of this process meanwhile: what a loaded machine does not blur */
};

struct lua_rig *lua_rig_new(const struct lua_rig_options *options);
void lua_rig_free(struct lua_rig *rig);

/* Writes dir/path, making directories. */
void lua_rig_write(struct lua_rig *rig, const char *path, const char *text);
/* Builds from the tree and uses it; fails the test when it does not load. */
void lua_rig_load(struct lua_rig *rig, int number);
struct script_generation *lua_rig_build(struct lua_rig *rig, int number, long fail_at,
                                    struct script_place *place, struct error *err);
struct lua_rig_end lua_rig_command(struct lua_rig *rig, const char *name);
/* Starts it and comes back; end->is_done tells later. */
void lua_rig_start(struct lua_rig *rig, const char *name, struct lua_rig_end *end);
/* Runs a piece of Lua as a task of a fresh generation: returns what it returns. */
struct lua_rig_end lua_rig_run(struct lua_rig *rig, const char *lua);
/* Turns the loop until cond(ctx) or for timeout_ms; true when cond held. */
bool lua_rig_until(struct lua_rig *rig, bool (*cond)(void *ctx), void *ctx, int timeout_ms);
/* What was logged so far; to be freed. */
char *lua_rig_log(struct lua_rig *rig);
