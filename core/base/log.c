#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static const char *level_name(enum log_level level) {
  switch (level) {
    case LOG_DEBUG: return "debug";
    case LOG_INFO: return "info";
    case LOG_WARN: return "warn";
    case LOG_ERROR: return "error";
  }
  return "error";
}

void log_begin(struct log_line *line, const struct log *log, enum log_level level, const char *msg) {
  *line = (struct log_line){.log = log};
  if (level < log->from) return;
  int64_t now = clock_realtime_us();
  time_t seconds = (time_t)(now / 1000000);
  struct tm utc;
  gmtime_r(&seconds, &utc);
  char at[32];
  strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%S", &utc);
  bytes_addf(&line->text, "{\"at\":\"%s.%03dZ\",\"level\":\"%s\",\"proc\":\"%s\",\"msg\":", at,
             (int)(now / 1000 % 1000), level_name(level), log->who);
  bytes_add_json(&line->text, msg, strlen(msg));
}

static void add_key(struct log_line *line, const char *key) {
  bytes_add_char(&line->text, ',');
  bytes_add_json(&line->text, key, strlen(key));
  bytes_add_char(&line->text, ':');
}

void log_str(struct log_line *line, const char *key, struct slice value) {
  if (line->text.len == 0) return;
  add_key(line, key);
  bytes_add_json(&line->text, value.data, value.len);
}

void log_int(struct log_line *line, const char *key, long long value) {
  if (line->text.len == 0) return;
  add_key(line, key);
  bytes_add_int(&line->text, value);
}

void log_end(struct log_line *line) {
  if (line->text.len == 0) return;
  bytes_add(&line->text, "}\n", 2);
  ssize_t ignored = write(line->log->fd, line->text.data, line->text.len);
  (void)ignored; /* nowhere left to report a full disk under the log */
  bytes_deinit(&line->text);
}

void log_text(const struct log *log, enum log_level level, const char *msg, const char *format, ...) {
  if (level < log->from) return;
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  struct log_line line;
  log_begin(&line, log, level, msg);
  log_str(&line, "text", slice_of(text));
  log_end(&line);
}
