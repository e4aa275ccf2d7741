/* script/db_rows.h - a PGresult as Lua values. Private to script/. All of these may raise. */
#pragma once
#include <lua.h>

#include "db/db.h"

void script_push_rows(lua_State *L, const struct pg_result *result); /* array of row tables */
void script_push_row(lua_State *L, const struct pg_result *result);  /* the first row, or nil */
/* nil and {code=, text=, sqlstate=, constraint=, …}; fault may be NULL. Returns 2. */
int script_fail_db(lua_State *L, const struct error *err, const struct db_fault *fault);
