/* script/vm_copy.h - values cross between states by copy: nil, booleans, numbers, text, tables of them.
 *
 * Metatables do not cross, nor does anything shared: what is found twice is copied twice. Depth and size
 * are bounded, a cycle is found. The reading side is only read (raw), so nothing of its code runs.
 */
#pragma once
#include "script/vm.h"

enum { SCRIPT_COPY_DEPTH_MAX = 200 };

enum script_copy_functions {
  SCRIPT_COPY_REFUSE_FUNCTIONS,
  SCRIPT_COPY_NAME_FUNCTIONS, /* each becomes the text "function": for exports that are data and functions */
};

struct script_copy {
  int depth;        /* of tables, at most SCRIPT_COPY_DEPTH_MAX; a plain value has 0 */
  size_t bytes;     /* of text, 16 more for each value */
  enum script_copy_functions functions;
  struct script_vm_failure *failure; /* filled when it is refused: kind RESULT, DEPTH or OUTPUT */

  /* while it runs */
  const void *path[SCRIPT_COPY_DEPTH_MAX + 1];
  int level;
  size_t used;
};

/* Pushes a copy of from's value at idx onto to. False with copy->failure filled, and rubbish on both
 * stacks. May raise in `to` (memory). from and to are different states or the same. */
bool script_copy_value(struct script_copy *copy, lua_State *from, int idx, lua_State *to);
