#include "base/error.h"

#include <stdio.h>

bool error_set(struct error *err, enum error_code code, const char *format, ...) {
  if (err == NULL) return false;
  va_list args;
  va_start(args, format);
  err->code = code;
  vsnprintf(err->text, sizeof err->text, format, args);
  va_end(args);
  return false;
}

const char *error_name(enum error_code code) {
  switch (code) {
    case ERR_NONE: return "none";
    case ERR_INVALID: return "invalid";
    case ERR_NOT_FOUND: return "not_found";
    case ERR_CONFLICT: return "conflict";
    case ERR_UNAVAILABLE: return "unavailable";
    case ERR_TIMEOUT: return "timeout";
    case ERR_OVERLOADED: return "overloaded";
    case ERR_LIMIT: return "limit";
    case ERR_CLOSED: return "closed";
    case ERR_IO: return "io";
    case ERR_DB: return "db";
    case ERR_SCRIPT: return "script";
    case ERR_INTERNAL: return "internal";
  }
  return "internal";
}
