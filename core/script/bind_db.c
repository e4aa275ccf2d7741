/* core.db - queries. Transactions and COPY are in db_tx.c; rows become tables in db_rows.c. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "db/array.h"
#include "db/db.h"
#include "db/json.h"
#include "script/bind_db.h"
#include "script/box.h"
#include "script/db_rows.h"
#include "script/host.h"
#include "script/sandbox.h"

#define QUERY "core.db.query"

struct query_box {
  struct script_wait wait;
  struct db_query *unsent;     /* ours until it is submitted */
  struct db_query *in_flight;  /* db's; for cancelling */
  struct pg_result *result;
  struct script_db_failure *failure; /* NULL when it went well */
};

struct script_db_failure *script_db_keep_failure(const struct db_outcome *outcome) {
  if (outcome->err == NULL) return NULL;
  struct script_db_failure *failure = mem_zero(sizeof *failure);
  failure->err = *outcome->err;
  failure->has_fault = outcome->fault != NULL;
  if (failure->has_fault) failure->fault = *outcome->fault;
  return failure;
}

int script_db_push_failure(lua_State *L, const struct script_db_failure *failure) {
  return script_fail_db(L, &failure->err, failure->has_fault ? &failure->fault : NULL);
}

/* ---- the box ---- */

static void empty_box(struct query_box *box) {
  db_query_free(box->unsent);
  db_result_free(box->result);
  free(box->failure);
  box->unsent = NULL;
  box->result = NULL;
  box->failure = NULL;
}

static int l_free(lua_State *L) {
  empty_box(lua_touserdata(L, 1));
  return 0;
}

static struct query_box *push_box(lua_State *L) {
  struct query_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = (struct query_box){0};
  luaL_setmetatable(L, QUERY);
  return box;
}

void script_db_add_param(lua_State *L, int arg, struct db_query *q) {
  char text[40];
  size_t len = 0;
  const char *data = NULL;
  switch (lua_type(L, arg)) {
    case LUA_TNIL: break;
    case LUA_TBOOLEAN: data = lua_toboolean(L, arg) ? "t" : "f"; len = 1; break;
    case LUA_TSTRING: data = lua_tolstring(L, arg, &len); break;
    case LUA_TNUMBER:
      len = (size_t)(lua_isinteger(L, arg)
                         ? snprintf(text, sizeof text, "%lld", (long long)lua_tointeger(L, arg))
                         : snprintf(text, sizeof text, "%.17g", lua_tonumber(L, arg)));
      data = text;
      break;
    case LUA_TLIGHTUSERDATA:
      if (lua_touserdata(L, arg) == NULL) break;
      luaL_typeerror(L, arg, "SQL parameter");
      break;
    default: luaL_typeerror(L, arg, "SQL parameter");
  }
  db_query_param(q, data, len);
}

static void set_lane(lua_State *L, int options, struct db_query *q) {
  static const char *const names[] = {"fast", "slow", "replica", NULL};
  static const enum db_lane lanes[] = {DB_LANE_FAST, DB_LANE_SLOW, DB_LANE_REPLICA};
  if (lua_getfield(L, options, "lane") != LUA_TNIL)
    db_query_lane(q, lanes[luaL_checkoption(L, -1, NULL, names)]);
  lua_pop(L, 1);
  int timeout = (int)script_option_integer(L, options, "timeout_ms", 0, 0, 3600000);
  if (timeout > 0) db_query_timeout(q, timeout);
}

static bool is_select(struct slice sql) {
  while (sql.len > 0 && (*sql.data == ' ' || *sql.data == '\n' || *sql.data == '\t'))
    sql.data++, sql.len--;
  return sql.len > 6 && strncasecmp(sql.data, "select", 6) == 0;
}

/* ---- sending ---- */

static void on_done(void *ctx, struct db_outcome *outcome) {
  struct query_box *box = ctx;
  box->in_flight = NULL;
  box->failure = script_db_keep_failure(outcome);
  box->result = outcome->result;
  outcome->result = NULL;
  script_wake(&box->wait);
}

static void cancel_query(struct script_wait *wait) {
  struct query_box *box = LIST_OWNER(wait, struct query_box, wait);
  db_query_cancel(box->in_flight);
  box->in_flight = NULL;
}

static void submit(struct script_task *task, struct query_box *box) {
  struct db_query *q = box->in_flight = box->unsent;
  box->unsent = NULL;
  task->queries++;
  if (task->tx != NULL) db_tx_submit(task->tx, q, on_done, box);
  else db_submit(task->script->config.db, q, on_done, box);
}

/* SQL is argument sql, its parameters follow. Leaves the box at 1 and keeps what is at 2 (`kept`). */
static int query(lua_State *L, int options, int sql, int kept, lua_KContext ctx, lua_KFunction k) {
  struct script_task *task = script_task_that_waits(L);
  struct slice text = script_check_slice(L, sql);
  if (task->script->config.db == NULL)
    return script_fail_text(L, "unavailable", "this process has no database");
  int top = lua_gettop(L);
  struct query_box *box = push_box(L);
  box->unsent = db_query_new(text.data, text.len);
  for (int arg = sql + 1; arg <= top; arg++) script_db_add_param(L, arg, box->unsent);
  if (options != 0) set_lane(L, options, box->unsent);
  if (task->is_read_only && is_select(text)) db_query_idempotent(box->unsent);
  lua_replace(L, 1);
  if (kept != 0) lua_pushvalue(L, kept), lua_replace(L, 2);
  lua_settop(L, kept != 0 ? 2 : 1);
  submit(task, box);
  return script_wait_with(L, &box->wait, cancel_query, k, ctx);
}

static int query_with_options(lua_State *L, lua_KFunction k) {
  bool has_options = lua_istable(L, 1);
  return query(L, has_options ? 1 : 0, has_options ? 2 : 1, 0, 0, k);
}

/* ---- results ---- */

static struct query_box *finished_box(lua_State *L) { return lua_touserdata(L, 1); }

static int give_failure(lua_State *L, struct query_box *box) {
  int count = script_db_push_failure(L, box->failure);
  empty_box(box);
  return count;
}

static int finish_rows(lua_State *L, int status, lua_KContext ctx) {
  struct query_box *box = finished_box(L);
  (void)status, (void)ctx;
  if (box->failure != NULL) return give_failure(L, box);
  script_push_rows(L, box->result);
  empty_box(box);
  return 1;
}

static int finish_row(lua_State *L, int status, lua_KContext ctx) {
  struct query_box *box = finished_box(L);
  (void)status, (void)ctx;
  if (box->failure != NULL) return give_failure(L, box);
  script_push_row(L, box->result);
  empty_box(box);
  return 1;
}

static int finish_exec(lua_State *L, int status, lua_KContext ctx) {
  struct query_box *box = finished_box(L);
  (void)status, (void)ctx;
  if (box->failure != NULL) return give_failure(L, box);
  lua_pushinteger(L, db_result_affected(box->result));
  empty_box(box);
  return 1;
}

static int finish_json(lua_State *L, int status, lua_KContext ctx) {
  struct query_box *box = finished_box(L);
  struct db_json_page page;
  struct error err = {0};
  struct db_json_options options = {.limit = (int)ctx, .cursor = lua_tostring(L, 2)};
  (void)status;
  if (box->failure != NULL) return give_failure(L, box);
  if (!db_json_write(box->result, &options, script_scratch(L), &page, &err))
    return luaL_error(L, "%s", err.text);
  script_push_scratch(L);
  lua_pushinteger(L, page.count);
  if (page.has_more && page.cursor.data != NULL) lua_pushlstring(L, page.cursor.data, page.cursor.len);
  else lua_pushnil(L);
  empty_box(box);
  return 3;
}

static int finish_json_row(lua_State *L, int status, lua_KContext ctx) {
  struct query_box *box = finished_box(L);
  (void)status, (void)ctx;
  if (box->failure != NULL) return give_failure(L, box);
  if (db_result_rows(box->result) == 0) {
    lua_pushnil(L);
  } else {
    db_json_write_row(box->result, 0, script_scratch(L));
    script_push_scratch(L);
  }
  empty_box(box);
  return 1;
}

static int l_rows(lua_State *L) { return query_with_options(L, finish_rows); }
static int l_row(lua_State *L) { return query_with_options(L, finish_row); }
static int l_exec(lua_State *L) { return query_with_options(L, finish_exec); }
static int l_json_row(lua_State *L) { return query_with_options(L, finish_json_row); }

/* json(options or nil, sql, …) */
static int l_json(lua_State *L) {
  bool has_options = lua_istable(L, 1);
  int limit = 0;
  if (has_options) limit = (int)script_option_integer(L, 1, "limit", 0, 0, 1000000);
  if (has_options) lua_getfield(L, 1, "cursor");
  else lua_pushnil(L);
  if (!lua_isnil(L, -1)) luaL_checkstring(L, -1);
  lua_insert(L, 2); /* options, cursor, sql, parameters */
  return query(L, has_options ? 1 : 0, 3, 2, limit, finish_json);
}

static int l_begin(lua_State *L) { return script_db_begin(L); }
static int l_commit(lua_State *L) { return script_db_commit(L); }
static int l_rollback(lua_State *L) { return script_db_rollback(L); }
static int l_copy(lua_State *L) { return script_db_copy(L); }

/* ---- literals ---- */

static int l_array(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
  struct bytes *out = script_scratch(L);
  db_array_begin(out);
  for (lua_Integer i = 1; i <= count; i++) {
    int type = lua_rawgeti(L, 1, i);
    bool is_null = type == LUA_TLIGHTUSERDATA && lua_touserdata(L, -1) == NULL;
    if (!is_null && type != LUA_TSTRING && type != LUA_TNUMBER)
      return luaL_error(L, "an SQL array holds text, numbers or null");
    size_t len = 0;
    const char *text = is_null ? NULL : lua_tolstring(L, -1, &len);
    db_array_add(out, text, len);
    lua_pop(L, 1);
  }
  db_array_end(out);
  script_push_scratch(L);
  return 1;
}

int script_open_db(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"rows", l_rows},         {"row", l_row},           {"exec", l_exec},
      {"json", l_json},         {"json_row", l_json_row}, {"array", l_array},
      {"begin", l_begin},       {"commit", l_commit},       {"rollback", l_rollback},
      {"copy", l_copy}, {NULL, NULL}};
  luaL_newmetatable(L, QUERY);
  lua_pushcfunction(L, l_free);
  lua_setfield(L, -2, "__gc");
  script_db_open_copy(L);
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  return 1;
}
