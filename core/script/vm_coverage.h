/* script/vm_coverage.h - how often each line of a pack ran, while somebody asks for it. */
#pragma once
#include <lua.h>
#include <stdint.h>

enum { SCRIPT_COVERAGE_LINES = 1 << 16 };

struct script_coverage_chunk {
  const char *name;   /* "rules/x.lua", the pack's */
  uint32_t *hits;     /* by line, from 0 */
  char *is_code;      /* by line: something to run begins here */
  int lines;
};

struct script_coverage {
  struct script_coverage_chunk *chunks;
  int count;
  const char *source; /* of the last hit: the text in the state, and its chunk */
  struct script_coverage_chunk *last;
};

struct script_coverage *script_coverage_new(int count);
/* lines: how many the text has. */
void script_coverage_set(struct script_coverage *coverage, int i, const char *name, int lines);
void script_coverage_free(struct script_coverage *coverage); /* NULL is fine */
/* Marks the lines of the function on top of L as such where something may run. vm_lines.c */
void script_coverage_mark(struct script_coverage_chunk *chunk, lua_State *L);
/* From the line hook. */
void script_coverage_hit(struct script_coverage *coverage, lua_State *L, lua_Debug *ar);
