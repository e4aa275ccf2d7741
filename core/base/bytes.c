#include "base/bytes.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"

bool slice_is_nocase(struct slice a, const char *text) {
  if (a.len != strlen(text)) return false;
  for (size_t i = 0; i < a.len; i++) {
    unsigned char x = (unsigned char)a.data[i], y = (unsigned char)text[i];
    if (x == y) continue;
    if (x >= 'A' && x <= 'Z') x += 32;
    if (y >= 'A' && y <= 'Z') y += 32;
    if (x != y) return false;
  }
  return true;
}

void bytes_reserve(struct bytes *out, size_t more) {
  size_t need = out->len + more + 1;
  if (need <= out->cap) return;
  size_t cap = out->cap != 0 ? out->cap : 64;
  while (cap < need) cap *= 2;
  out->data = mem_grow(out->data, cap);
  out->cap = cap;
}

void bytes_addf(struct bytes *out, const char *format, ...) {
  va_list args;
  va_start(args, format);
  va_list again;
  va_copy(again, args);
  int len = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (len > 0) {
    bytes_reserve(out, (size_t)len);
    vsnprintf(out->data + out->len, (size_t)len + 1, format, again);
    out->len += (size_t)len;
  }
  va_end(again);
}

void bytes_add_int(struct bytes *out, long long value) {
  char digits[24];
  char *at = digits + sizeof digits;
  unsigned long long rest = value < 0 ? 0ULL - (unsigned long long)value : (unsigned long long)value;
  do {
    *--at = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (value < 0) *--at = '-';
  bytes_add(out, at, (size_t)(digits + sizeof digits - at));
}

static const char *html_entity(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
  }
}

/* Sixteen bytes at a time, most of which need nothing. */
static size_t html_plain(const char *data, size_t i, size_t len) {
  typedef unsigned char lane __attribute__((vector_size(16)));
  size_t from = i;
  for (; len - i >= sizeof(lane); i += sizeof(lane)) {
    lane v;
    uint64_t hits[2];
    memcpy(&v, data + i, sizeof v);
    lane hit = (lane)(v == '&') | (lane)(v == '<') | (lane)(v == '>') | (lane)(v == '"') | (lane)(v == '\'');
    memcpy(hits, &hit, sizeof hits);
    if ((hits[0] | hits[1]) != 0) break;
  }
  while (i < len && html_entity(data[i]) == NULL) i++;
  return i - from;
}

void bytes_add_html(struct bytes *out, const char *data, size_t len) {
  for (size_t i = 0;; i++) {
    size_t plain = html_plain(data, i, len);
    bytes_add(out, data + i, plain);
    i += plain;
    if (i >= len) return;
    bytes_add_str(out, html_entity(data[i]));
  }
}

static void add_json_escape(struct bytes *out, unsigned char c) {
  switch (c) {
    case '"': bytes_add(out, "\\\"", 2); return;
    case '\\': bytes_add(out, "\\\\", 2); return;
    case '\n': bytes_add(out, "\\n", 2); return;
    case '\r': bytes_add(out, "\\r", 2); return;
    case '\t': bytes_add(out, "\\t", 2); return;
    default: bytes_addf(out, "\\u%04x", c); return;
  }
}

/* Bytes of a JSON string that cannot simply be copied on: 1 = escape, 2 = part of a character. */
static const unsigned char json_care[256] = {
    [0 ... 0x1f] = 1, ['"'] = 1, ['/'] = 1, ['\\'] = 1, [0x7f] = 1, [0x80 ... 0xff] = 2};

/* How many bytes from i on can be copied as they are. */
static size_t json_plain(const char *data, size_t i, size_t len) {
  const unsigned char *s = (const unsigned char *)data;
  size_t from = i;
  while (i < len) {
    while (i < len && json_care[s[i]] == 0) i++;
    if (i == len || (json_care[s[i]] == 1 && (s[i] != '/' || (i > 0 && s[i - 1] == '<')))) break;
    /* Two bytes, which is all of Cyrillic, are judged here; the call costs more than the check. */
    bool is_pair = s[i] >= 0xC2 && s[i] < 0xE0 && i + 1 < len && (s[i + 1] & 0xC0) == 0x80;
    size_t width = is_pair ? 2 : utf8_width(data + i, len - i);
    if (width == 0) break;
    i += width;
  }
  return i - from;
}

void bytes_add_json(struct bytes *out, const char *data, size_t len) {
  bytes_reserve(out, len + 2);
  bytes_add_char(out, '"');
  for (size_t i = 0; i < len; i++) {
    size_t plain = json_plain(data, i, len);
    bytes_add(out, data + i, plain);
    i += plain;
    if (i == len) break;
    unsigned char c = (unsigned char)data[i];
    if (c == '/') bytes_add(out, "\\/", 2);
    else if (c >= 0x80) bytes_add(out, "\xef\xbf\xbd", 3);
    else add_json_escape(out, c);
  }
  bytes_add_char(out, '"');
}

static bool is_unreserved(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

void bytes_add_url(struct bytes *out, const char *data, size_t len) {
  static const char hex[] = "0123456789ABCDEF";
  for (size_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)data[i];
    if (is_unreserved(c)) {
      bytes_add_char(out, (char)c);
      continue;
    }
    char triple[3] = {'%', hex[c >> 4], hex[c & 15]};
    bytes_add(out, triple, 3);
  }
}

void bytes_clear(struct bytes *out) {
  out->len = 0;
  if (out->data != NULL) out->data[0] = '\0';
}

void bytes_deinit(struct bytes *out) {
  free(out->data);
  *out = (struct bytes){0};
}
