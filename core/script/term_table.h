/* script/term_table.h - a term of the solver from Lua's tables. Private to script/. */
#pragma once
#include <lua.h>

#include "schedule/term.h"

/* Reads the table at idx into *term, which lives in a box already: raises when the table is not what lua/meta/schedule.lua says,
 * and what was read so far goes with the box. */
void script_read_term(lua_State *L, int idx, struct schedule_term *term);
