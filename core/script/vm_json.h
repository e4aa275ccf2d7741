/* script/vm_json.h - JSON into and out of a rule state, for `copp rules run`. */
#pragma once
#include "script/vm.h"

/* Pushes the value; null is nil. False and nothing pushed when the text is no JSON. May raise. */
bool script_vm_push_json(lua_State *L, struct slice text);
/* Adds the value at idx: nil is null, an empty table {}, keys of an object in order. False with
 * vm->failure filled (kind RESULT, DEPTH, OUTPUT). May leave the run. */
bool script_vm_add_json(lua_State *L, int idx, struct bytes *out);
