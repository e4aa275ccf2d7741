/* base/bytes.h - a growing byte buffer, and a borrowed view of bytes.
 *
 *   struct bytes text = {0};
 *   bytes_addf(&text, "%d rows", rows);
 *   write(fd, text.data, text.len);
 *   bytes_deinit(&text);
 *
 * data is always followed by a NUL that is not counted, once something was added.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"

struct slice {
  const char *data; /* not owned, not NUL-terminated; NULL only when len is 0 */
  size_t len;
};

struct bytes {
  char *data; /* owned; NULL while empty */
  size_t len; /* bytes used */
  size_t cap; /* bytes allocated */
};

static inline struct slice slice_of(const char *text) {
  return (struct slice){text, text != NULL ? strlen(text) : 0};
}
static inline bool slice_is(struct slice a, const char *text) {
  return a.len == strlen(text) && (a.len == 0 || memcmp(a.data, text, a.len) == 0);
}
/* ASCII case-insensitive equality, for header names. */
bool slice_is_nocase(struct slice a, const char *text);

void bytes_reserve(struct bytes *out, size_t more);
/* In the header: these run hundreds of times a page, mostly with a few bytes. */
static inline void bytes_add(struct bytes *out, const void *data, size_t len) {
  if (out->cap - out->len <= len) bytes_reserve(out, len);
  if (len != 0) memcpy(out->data + out->len, data, len);
  out->len += len;
  out->data[out->len] = '\0';
}
static inline void bytes_add_char(struct bytes *out, char c) {
  if (out->cap - out->len <= 1) bytes_reserve(out, 1);
  out->data[out->len++] = c;
  out->data[out->len] = '\0';
}
static inline void bytes_add_str(struct bytes *out, const char *text) {
  bytes_add(out, text, strlen(text));
}
void bytes_addf(struct bytes *out, const char *format, ...) COPP_PRINTF(2, 3);
void bytes_add_int(struct bytes *out, long long value);

/* Escapes & < > " ' for HTML text and quoted attributes. */
void bytes_add_html(struct bytes *out, const char *data, size_t len);
/* Adds a quoted JSON string. Invalid UTF-8 becomes U+FFFD; </ is written <\/ . */
void bytes_add_json(struct bytes *out, const char *data, size_t len);
/* Percent-encodes everything but RFC 3986 unreserved characters. */
void bytes_add_url(struct bytes *out, const char *data, size_t len);

void bytes_clear(struct bytes *out);  /* keeps the memory */
void bytes_deinit(struct bytes *out); /* frees and empties; twice is fine */
