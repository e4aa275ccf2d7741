/* core.db.begin, commit, rollback: the transaction that is pinned to a task.
 *
 * The wait lives on the C heap: an end of a transaction that nobody waits for any more still comes. */
#include <stdlib.h>

#include "base/mem.h"
#include "script/bind_db.h"
#include "script/host.h"

struct tx_wait {
  struct script_wait wait;
  struct script_db_failure *failure;
};

static struct tx_wait *new_wait(struct script_task *task) {
  struct tx_wait *self = mem_zero(sizeof *self);
  self->wait.task = task;
  return self;
}

static void free_wait(struct tx_wait *self) {
  free(self->failure);
  free(self);
}

static void on_outcome(void *ctx, struct db_outcome *outcome) {
  struct tx_wait *self = ctx;
  if (self->wait.task == NULL) {
    free_wait(self);
    return;
  }
  self->failure = script_db_keep_failure(outcome);
  script_wake(&self->wait);
}

/* BEGIN is withdrawn with the transaction itself, which the end of the task abandons. */
static void cancel_begin(struct script_wait *wait) {
  free_wait(LIST_OWNER(wait, struct tx_wait, wait));
}

/* COMMIT cannot be withdrawn: on_outcome() frees. */
static void cancel_end(struct script_wait *wait) { wait->task = NULL; }

static int finish_begin(lua_State *L, int status, lua_KContext ctx) {
  struct tx_wait *self = (struct tx_wait *)ctx;
  struct script_task *task = script_task(L);
  struct script_db_failure *failure = self->failure;
  (void)status;
  self->failure = NULL;
  free_wait(self);
  if (failure == NULL) {
    lua_pushboolean(L, 1);
    return 1;
  }
  db_tx_abandon(task->tx);
  task->tx = NULL;
  struct script_db_failure copy = *failure; /* pushing may raise */
  free(failure);
  return script_db_push_failure(L, &copy);
}

int script_db_begin(lua_State *L) {
  static const char *const names[] = {"default", "repeatable", "serializable", "read_only", NULL};
  struct script_task *task = script_task_that_waits(L);
  int mode = luaL_checkoption(L, 1, "default", names);
  if (task->tx != NULL) return luaL_error(L, "a transaction is open already");
  if (task->script->config.db == NULL)
    return script_fail_text(L, "unavailable", "this process has no database");
  struct tx_wait *self = new_wait(task);
  task->tx = db_tx_begin(task->script->config.db, (enum db_tx_mode)mode, 0, on_outcome, self);
  return script_wait_with(L, &self->wait, cancel_begin, finish_begin, (lua_KContext)self);
}

static int finish_end(lua_State *L, int status, lua_KContext ctx) {
  struct tx_wait *self = (struct tx_wait *)ctx;
  struct script_db_failure copy;
  bool has_failed = self->failure != NULL;
  (void)status;
  if (has_failed) copy = *self->failure;
  free_wait(self);
  if (has_failed) return script_db_push_failure(L, &copy);
  lua_pushboolean(L, 1);
  return 1;
}

static int end_transaction(lua_State *L, bool commit) {
  struct script_task *task = script_task_that_waits(L);
  if (task->tx == NULL) return luaL_error(L, "no transaction is open");
  if (task->copy != NULL) db_copy_cancel(task->copy);
  task->copy = NULL;
  struct db_tx *tx = task->tx;
  struct tx_wait *self = new_wait(task);
  task->tx = NULL;
  db_tx_end(tx, commit, on_outcome, self);
  return script_wait_with(L, &self->wait, cancel_end, finish_end, (lua_KContext)self);
}

int script_db_commit(lua_State *L) { return end_transaction(L, true); }
int script_db_rollback(lua_State *L) { return end_transaction(L, false); }
