/* base/error.h - how core functions fail.
 *
 * What can fail returns bool, takes `struct error *err` last and fills it once, where the fault is
 * seen; callers pass it up untouched. error_set() returns false, so that a function fails in one
 * line:  return error_set(err, ERR_NOT_FOUND, "program %d", id);
 */
#pragma once
#include <stdbool.h>
#include <stdarg.h>

#define COPP_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#define COPP_MUST_USE __attribute__((warn_unused_result))

enum error_code {
  ERR_NONE = 0,
  ERR_INVALID,     /* input that cannot be accepted */
  ERR_NOT_FOUND,
  ERR_CONFLICT,    /* uniqueness, exclusion, serialization: another one was first */
  ERR_UNAVAILABLE, /* database, partner or disk is away; try again later */
  ERR_TIMEOUT,
  ERR_OVERLOADED,  /* a bounded queue is full */
  ERR_LIMIT,       /* larger than allowed */
  ERR_CLOSED,      /* the other side, or the owning object, is gone */
  ERR_IO,
  ERR_DB,          /* PostgreSQL refused the statement */
  ERR_SCRIPT,      /* a Lua fault */
  ERR_INTERNAL,    /* our own mistake */
};

struct error {
  enum error_code code;
  char text[512]; /* one English sentence for the log; never shown to visitors */
};

/* Fills *err (NULL is allowed when the caller does not care) and returns false. */
bool error_set(struct error *err, enum error_code code, const char *format, ...) COPP_PRINTF(3, 4);

/* The stable lower-case name that Lua sees as err.code, e.g. "unavailable". */
const char *error_name(enum error_code code);
