#include "script/db_rows.h"

#include <stdlib.h>

#include "db/array.h"
#include "db/result.h"
#include "script/box.h"
#include "script/task.h"

/* PostgreSQL writes integers as digits with a minus at most. */
static lua_Integer integer_of(struct slice text) {
  bool is_negative = text.len > 0 && text.data[0] == '-';
  lua_Unsigned value = 0;
  for (size_t i = is_negative; i < text.len; i++) value = value * 10 + (lua_Unsigned)(text.data[i] - '0');
  return (lua_Integer)(is_negative ? 0 - value : value);
}

static void push_scalar(lua_State *L, enum db_kind kind, struct slice text) {
  switch (kind) {
    case DB_KIND_INTEGER:
    case DB_KIND_BIGINT: lua_pushinteger(L, integer_of(text)); return;
    case DB_KIND_FLOAT: lua_pushnumber(L, strtod(text.data, NULL)); return;
    case DB_KIND_BOOLEAN: lua_pushboolean(L, text.data[0] == 't'); return;
    default: lua_pushlstring(L, text.data, text.len); return; /* the others stay text */
  }
}

static void push_array(lua_State *L, enum db_kind kind, struct slice text) {
  struct db_array array;
  struct slice item;
  bool is_null;
  enum db_kind element = db_kind_element(kind);
  db_array_open(&array, text, script_scratch(L));
  lua_newtable(L);
  for (lua_Integer i = 1; db_array_next(&array, &item, &is_null); i++) {
    if (is_null) lua_pushlightuserdata(L, NULL);
    else push_scalar(L, element, item);
    lua_rawseti(L, -2, i);
  }
  if (array.is_broken) { /* several dimensions: as PostgreSQL wrote it */
    lua_pop(L, 1);
    lua_pushlstring(L, text.data, text.len);
  }
}

/* Asked for once a result, not once a cell. */
struct kinds {
  enum db_kind first[64]; /* of these columns */
};

enum { KINDS_KEPT = sizeof(struct kinds) / sizeof(enum db_kind) };

static void find_kinds(const struct pg_result *result, struct kinds *kinds) {
  int columns = db_result_columns(result);
  for (int column = 0; column < columns && column < KINDS_KEPT; column++)
    kinds->first[column] = db_result_kind(result, column);
}

static enum db_kind kind_of(const struct pg_result *result, const struct kinds *kinds, int column) {
  return column < KINDS_KEPT ? kinds->first[column] : db_result_kind(result, column);
}

/* One row; the column names lie at names + 1 … */
static void push_one(lua_State *L, const struct pg_result *result, const struct kinds *kinds, int row,
                     int names) {
  int columns = db_result_columns(result);
  struct slice text;
  lua_createtable(L, 0, columns);
  for (int column = 0; column < columns; column++) {
    if (!db_result_get(result, row, column, &text)) continue;
    enum db_kind kind = kind_of(result, kinds, column);
    lua_pushvalue(L, names + 1 + column);
    if (db_kind_is_array(kind)) push_array(L, kind, text);
    else push_scalar(L, kind, text);
    lua_rawset(L, -3);
  }
}

static int push_names(lua_State *L, const struct pg_result *result) {
  int top = lua_gettop(L), columns = db_result_columns(result);
  luaL_checkstack(L, columns + 10, "too many columns");
  for (int column = 0; column < columns; column++) lua_pushstring(L, db_result_name(result, column));
  return top;
}

void script_push_rows(lua_State *L, const struct pg_result *result) {
  int names = push_names(L, result), rows = db_result_rows(result);
  struct kinds kinds;
  find_kinds(result, &kinds);
  lua_createtable(L, rows, 0);
  for (int row = 0; row < rows; row++) {
    push_one(L, result, &kinds, row, names);
    lua_rawseti(L, -2, row + 1);
  }
}

void script_push_row(lua_State *L, const struct pg_result *result) {
  if (db_result_rows(result) == 0) {
    lua_pushnil(L);
    return;
  }
  struct kinds kinds;
  find_kinds(result, &kinds);
  push_one(L, result, &kinds, 0, push_names(L, result));
}

static void set_text(lua_State *L, const char *name, const char *text) {
  if (text[0] == '\0') return;
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

static const char *fault_code(const struct error *err, const struct db_fault *fault) {
  if (fault->retry) return "retry";
  if (strncmp(fault->sqlstate, "23", 2) == 0 || strcmp(fault->sqlstate, "P0001") == 0)
    return "constraint";
  return error_name(err->code);
}

int script_fail_db(lua_State *L, const struct error *err, const struct db_fault *fault) {
  if (fault == NULL) return script_fail(L, err);
  script_fail_text(L, fault_code(err, fault), fault->message);
  set_text(L, "sqlstate", fault->sqlstate);
  set_text(L, "constraint", fault->constraint);
  set_text(L, "table", fault->table);
  set_text(L, "column", fault->column);
  set_text(L, "detail", fault->detail);
  set_text(L, "hint", fault->hint);
  if (fault->position > 0) {
    lua_pushinteger(L, fault->position);
    lua_setfield(L, -2, "position");
  }
  return 2;
}
