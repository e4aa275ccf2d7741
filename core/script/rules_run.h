/* script/rules_run.h - one chunk in the sandbox with the limits of production: the inside of the child
 * process of `copp rules run` (app/rules.c). */
#pragma once
#include "base/bytes.h"
#include "script/vm.h"

enum {
  SCRIPT_RUN_MS = 200,
  SCRIPT_RUN_MEMORY = 64 << 20,
  SCRIPT_RUN_OUTPUT = 1 << 20, /* of print(), and of the result */
};

/* Shared with the parent: what was said before a crash is still there. */
struct script_run_board {
  volatile sig_atomic_t is_done;
  enum script_vm_kind kind;         /* OK: result is JSON, else text */
  size_t printed, result_len;
  char prints[SCRIPT_RUN_OUTPUT + 1];
  char result[SCRIPT_RUN_OUTPUT + 1024];
};

/* Runs text with input (JSON; empty: nil) as the global `input` and fills the board. */
void script_rules_run(struct slice text, const char *chunk, struct slice input, struct script_run_board *board);
