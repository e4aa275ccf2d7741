/* script/bind_db.h - the parts of core.db. Private to script/. */
#pragma once
#include <lua.h>

#include "db/db.h"

struct script_db_failure {
  struct error err;
  struct db_fault fault;
  bool has_fault;
};

/* A copy on the heap, or NULL when all went well; free() it. */
struct script_db_failure *script_db_keep_failure(const struct db_outcome *outcome);
int script_db_push_failure(lua_State *L, const struct script_db_failure *failure);
void script_db_add_param(lua_State *L, int arg, struct db_query *q);

/* db_tx.c */
int script_db_begin(lua_State *L);
int script_db_commit(lua_State *L);
int script_db_rollback(lua_State *L);
/* db_copy.c */
int script_db_copy(lua_State *L);
void script_db_open_copy(lua_State *L);
