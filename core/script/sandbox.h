/* script/sandbox.h - what product code may call of Lua's own libraries. Private to script/. */
#pragma once
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>

#include "script/chunks.h"

/* Opens the libraries: base without dofile, loadfile, collectgarbage and print; string without dump;
 * table, math, utf8; os.time, os.clock, os.date; debug.traceback; wrapped coroutines and pcall. Then
 * makes globals read-only. May raise. */
void script_open_sandbox(lua_State *L);
void script_open_coroutines(lua_State *L);
/* `require` for the tree of the state's generation, and all native modules. May raise. */
void script_open_require(lua_State *L);
/* require(name) from C: pushes the module. May raise. */
void script_require(lua_State *L, const char *name);
/* Compiles tree/path as chunk "@path"; pushes the function, or raises. */
void script_load_file(lua_State *L, const char *path);
/* Pushes the function that an earlier build compiled; false and nothing when there is none. */
bool script_push_kept(lua_State *L, const struct script_chunk_key *key, const char *name);
/* Compiles text and keeps it for later builds; pushes the function, or the message. */
int script_compile(lua_State *L, const struct script_chunk_key *key, struct slice text, const char *name);
/* Reads a file of at most limit bytes; on failure nothing is pushed and errno tells. */
int script_push_file(lua_State *L, const char *path, size_t limit);

/* bind_<name>.c: pushes the module's table. */
int script_open_db(lua_State *L);
int script_open_http(lua_State *L);
int script_open_bus(lua_State *L);
int script_open_buffer(lua_State *L);
int script_open_json(lua_State *L);
int script_open_text(lua_State *L);
int script_open_crypto(lua_State *L);
int script_open_sign(lua_State *L);
int script_open_qr(lua_State *L);
int script_open_clock(lua_State *L);
int script_open_log(lua_State *L);
int script_open_files(lua_State *L);
int script_open_fetch(lua_State *L);
int script_open_mail(lua_State *L);
int script_open_sheet(lua_State *L);
int script_open_rows(lua_State *L);
int script_open_rules(lua_State *L);
int script_open_schedule(lua_State *L);
int script_open_solver(lua_State *L);
int script_open_process(lua_State *L);
int script_open_settings(lua_State *L);
int script_open_tree(lua_State *L);
int script_open_stats(lua_State *L);
int script_open_system(lua_State *L);
int script_open_job(lua_State *L);
int script_open_console(lua_State *L);
