/* script/box.h - what bindings share. Private to script/. */
#pragma once
#include <lauxlib.h>
#include <lua.h>

#include "script/generation.h"

/* A buffer of the state, empty, for work without a wait and without a call into Lua code. Whoever
 * raises meanwhile leaks nothing: the next user empties it. */
struct bytes *script_scratch(lua_State *L);
/* Pushes what the scratch holds as a string. */
void script_push_scratch(lua_State *L);
/* The bytes of a string argument. */
struct slice script_check_slice(lua_State *L, int arg);
/* Optional fields of an options table. */
lua_Integer script_option_integer(lua_State *L, int table, const char *name, lua_Integer otherwise,
                                  lua_Integer least, lua_Integer most);

/* A path in tmp/ or files/ of the data directory; raises otherwise. */
const char *script_check_path(lua_State *L, int arg);

/* bind_buffer.c: moves the bytes out of the buffer at idx; false when it is no buffer. */
bool script_take_buffer(lua_State *L, int idx, struct bytes *out);

/* bind_json.c: pushes the value of a JSON text; false with *reason and nothing pushed. May raise. */
bool script_push_json(lua_State *L, struct slice text, const char **reason);
/* bind_http.c: pushes the request's userdata. */
struct script_web;
void script_push_http(lua_State *L, struct script_web *web);
