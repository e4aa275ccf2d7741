/* core.db.copy(sql, next_chunk): COPY … FROM STDIN, chunk after chunk as PostgreSQL takes them. */
#include <stdlib.h>

#include "script/bind_db.h"
#include "script/box.h"
#include "script/host.h"

#define COPY "core.db.copy"

struct copy_box {
  struct script_wait wait;
  struct script_task *owner;
  struct db_copy *copy; /* NULL once it is over */
  struct db_query *unsent;
  bool can_put, has_ended, is_done;
  long long count;
  struct script_db_failure *failure;
};

static int l_free(lua_State *L) {
  struct copy_box *box = lua_touserdata(L, 1);
  db_query_free(box->unsent);
  free(box->failure);
  return 0; /* a running copy is cancelled by the end of its task or of its transaction */
}

static void on_ready(void *ctx) {
  struct copy_box *box = ctx;
  box->can_put = true;
  script_wake(&box->wait);
}

static void on_done(void *ctx, struct db_outcome *outcome) {
  struct copy_box *box = ctx;
  box->is_done = true;
  box->copy = NULL;
  box->owner->copy = NULL;
  box->failure = script_db_keep_failure(outcome);
  if (outcome->err == NULL) box->count = db_result_affected(outcome->result);
  script_wake(&box->wait);
}

static void cancel_copy(struct script_wait *wait) { (void)wait; } /* see end_task() */

static int give_outcome(lua_State *L, struct copy_box *box) {
  if (box->failure != NULL) return script_db_push_failure(L, box->failure);
  lua_pushinteger(L, box->count);
  return 1;
}

static int go_on(lua_State *L, int status, lua_KContext ctx);

/* The chunk that next_chunk() returned is on top. */
static void put_chunk(lua_State *L, struct copy_box *box) {
  if (box->copy == NULL) return; /* it ended while the chunk was made */
  if (lua_isnil(L, -1)) {
    box->has_ended = true;
    db_copy_finish(box->copy, NULL);
  } else {
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);
    if (text == NULL) luaL_error(L, "a chunk for COPY is text or nil");
    box->can_put = db_copy_put(box->copy, text, len);
  }
}

static int after_chunk(lua_State *L, int status, lua_KContext ctx) {
  (void)status;
  put_chunk(L, lua_touserdata(L, 1));
  lua_settop(L, 2);
  return go_on(L, LUA_OK, ctx);
}

/* Stack: 1 box, 2 next_chunk. */
static int go_on(lua_State *L, int status, lua_KContext ctx) {
  struct copy_box *box = lua_touserdata(L, 1);
  (void)status;
  while (!box->is_done) {
    if (!box->can_put || box->has_ended) return script_wait(L, &box->wait, cancel_copy, go_on);
    lua_pushvalue(L, 2);
    lua_callk(L, 0, 1, ctx, after_chunk);
    put_chunk(L, box);
    lua_settop(L, 2);
  }
  return give_outcome(L, box);
}

int script_db_copy(lua_State *L) {
  struct script_task *task = script_task_that_waits(L);
  struct slice sql = script_check_slice(L, 1);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  if (task->copy != NULL) return luaL_error(L, "a COPY runs already");
  if (task->script->config.db == NULL)
    return script_fail_text(L, "unavailable", "this process has no database");
  struct copy_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = (struct copy_box){.owner = task};
  luaL_setmetatable(L, COPY);
  struct db_query *q = db_query_new(sql.data, sql.len);
  static const struct db_copy_events events = {.ready = on_ready, .done = on_done};
  box->copy = task->copy = db_copy_start(task->script->config.db, task->tx, q, &events, box);
  task->queries++;
  lua_replace(L, 1);
  lua_settop(L, 2);
  return go_on(L, LUA_OK, 0);
}

void script_db_open_copy(lua_State *L) {
  luaL_newmetatable(L, COPY);
  lua_pushcfunction(L, l_free);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}
