#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
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

static char *put_digits(char *out, int value, int width) {
  for (int i = width; i-- > 0; value /= 10) out[i] = (char)('0' + value % 10);
  return out + width;
}

/* Days since 1970 to year, month, day (Howard Hinnant's civil_from_days, for years after 1970). */
static void split_days(int64_t days, int *year, int *month, int *day) {
  int64_t z = days + 719468, era = z / 146097, in_era = z - era * 146097;
  int64_t years = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  int64_t in_year = in_era - (365 * years + years / 4 - years / 100), shifted = (5 * in_year + 2) / 153;
  *day = (int)(in_year - (153 * shifted + 2) / 5 + 1);
  *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
  *year = (int)(years + era * 400 + (*month <= 2));
}

/* "2026-11-23T09:14:02.123Z": by hand, since there is a line a request. */
static void add_time(struct bytes *out, int64_t now_us) {
  int64_t seconds = now_us / 1000000;
  int year, month, day, rest = (int)(seconds % 86400);
  split_days(seconds / 86400, &year, &month, &day);
  const int parts[] = {month, day, rest / 3600, rest / 60 % 60, rest % 60};
  char text[24], *at = put_digits(text, year, 4);
  for (int i = 0; i < 5; i++) {
    *at++ = "--T::"[i];
    at = put_digits(at, parts[i], 2);
  }
  *at++ = '.';
  at = put_digits(at, (int)(now_us / 1000 % 1000), 3);
  *at = 'Z';
  bytes_add(out, text, sizeof text);
}

void log_begin(struct log_line *line, const struct log *log, enum log_level level, const char *msg) {
  *line = (struct log_line){.log = log};
  if (level < log->from) return;
  bytes_reserve(&line->text, 384);
  bytes_add_str(&line->text, "{\"at\":\"");
  add_time(&line->text, clock_realtime_us());
  bytes_add_str(&line->text, "\",\"level\":\"");
  bytes_add_str(&line->text, level_name(level));
  bytes_add_str(&line->text, "\",\"proc\":\"");
  bytes_add_str(&line->text, log->who);
  bytes_add_str(&line->text, "\",\"msg\":");
  bytes_add_json(&line->text, msg, strlen(msg));
}

static void add_key(struct log_line *line, const char *key) {
  bytes_add(&line->text, ",\"", 2);
  bytes_add_str(&line->text, key); /* a plain word, see the header */
  bytes_add(&line->text, "\":", 2);
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

static void write_all(const struct log *log, const char *data, size_t len) {
  ssize_t ignored = write(log->fd, data, len);
  (void)ignored; /* nowhere left to report a full disk under the log */
}

void log_end(struct log_line *line) {
  if (line->text.len == 0) return;
  bytes_add(&line->text, "}\n", 2);
  write_all(line->log, line->text.data, line->text.len);
  bytes_deinit(&line->text);
}

void log_write(const struct log *log, struct bytes *lines) {
  if (lines->len == 0) return;
  write_all(log, lines->data, lines->len);
  bytes_clear(lines);
}

void log_end_into(struct log_line *line, struct bytes *out) {
  if (line->text.len == 0) return;
  bytes_add(&line->text, "}\n", 2);
  if (out->len + line->text.len > LOG_BATCH) log_write(line->log, out);
  bytes_add(out, line->text.data, line->text.len);
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
