/* base/log.h - JSON lines, one write(2) each, so that lines of several processes never mix.
 *
 *   struct log_line line;
 *   log_begin(&line, log, LOG_INFO, "request");
 *   log_str(&line, "route", slice_of(route));
 *   log_int(&line, "status", 200);
 *   log_end(&line);
 *
 * A line begins {"at":"2026-11-23T09:14:02.123Z","level":"info","msg":"request",…}. Control characters in values
 * are escaped, so nobody can forge a line. Never log personal data, passwords or tokens.
 */
#pragma once
#include "base/bytes.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log {
  int fd;              /* where lines go, usually 2 */
  enum log_level from; /* lines below are dropped */
  char who[24];        /* "master", "web-1", "job-1": the field "proc" */
};

struct log_line {
  const struct log *log;
  struct bytes text; /* empty when the line is dropped */
};

/* Keys are plain words: nothing in them is escaped. */
void log_begin(struct log_line *line, const struct log *log, enum log_level level, const char *msg);
void log_str(struct log_line *line, const char *key, struct slice value);
void log_int(struct log_line *line, const char *key, long long value);
void log_end(struct log_line *line);
/* Adds the line to out instead of writing it, for owners that write many at once: whole lines, and
 * at most LOG_BATCH bytes a write, so that lines of several processes on one pipe do not mix. */
void log_end_into(struct log_line *line, struct bytes *out);
/* Writes what was gathered and empties it. */
void log_write(const struct log *log, struct bytes *lines);

#define LOG_BATCH 4096

/* A line with only a printf-formatted "text" field beside msg. */
void log_text(const struct log *log, enum log_level level, const char *msg, const char *format, ...)
    COPP_PRINTF(4, 5);
