/* script/pattern.h - Lua's patterns, matched within a budget. Knows nothing of Lua states.
 *
 *   struct script_pattern p = {.subject = …, .pattern = …, .more = ask, .ctx = …};
 *   const char *end;
 *   switch (script_pattern_match(&p, 0, at, &end)) { case SCRIPT_PATTERN_MATCH: p.capture[…] … }
 *
 * Syntax and results are those of string.find in Lua 5.4. The original backtracks for as long as it
 * likes where no hook fires (177 s were measured); here every step counts, and after each
 * SCRIPT_PATTERN_STEPS of them more() says whether to go on. Recursion is bounded.
 */
#pragma once
#include "base/bytes.h"

enum { SCRIPT_PATTERN_CAPTURES = 32, SCRIPT_PATTERN_DEPTH = 200, SCRIPT_PATTERN_STEPS = 4096 };

enum { SCRIPT_CAPTURE_OPEN = -1, SCRIPT_CAPTURE_POSITION = -2 }; /* instead of a length */

enum script_pattern_verdict {
  SCRIPT_PATTERN_NONE,
  SCRIPT_PATTERN_MATCH,
  SCRIPT_PATTERN_BROKEN,  /* see error */
  SCRIPT_PATTERN_STOPPED, /* more() said no */
};

struct script_pattern {
  struct slice subject, pattern; /* not owned */
  bool (*more)(void *ctx);       /* NULL: go on for ever */
  void *ctx;

  int captures;                  /* of the last match */
  struct {
    const char *start;
    ptrdiff_t len;
  } capture[SCRIPT_PATTERN_CAPTURES];
  const char *error;             /* what is wrong with the pattern: a format for error_index */
  int error_index;

  long steps;                    /* left until more() is asked */
  int depth;
  bool is_stopped;
};

/* Tries at that place of the subject only, with the pattern from byte `from` on. *end is behind the match. */
enum script_pattern_verdict script_pattern_match(struct script_pattern *p, size_t from,
                                                 const char *at, const char **end);
/* No character of the pattern has a meaning of its own. */
bool script_pattern_is_plain(struct slice pattern);
