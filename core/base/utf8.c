#include "base/utf8.h"

static bool is_tail(unsigned char c) { return (c & 0xC0) == 0x80; }

size_t utf8_width(const char *data, size_t len) {
  const unsigned char *s = (const unsigned char *)data;
  if (len == 0) return 0;
  if (s[0] < 0x80) return 1;
  if (s[0] < 0xC2) return 0;
  if (s[0] < 0xE0) return len >= 2 && is_tail(s[1]) ? 2 : 0;
  if (s[0] < 0xF0) {
    if (len < 3 || !is_tail(s[1]) || !is_tail(s[2])) return 0;
    if (s[0] == 0xE0 && s[1] < 0xA0) return 0;
    return s[0] == 0xED && s[1] >= 0xA0 ? 0 : 3;
  }
  if (s[0] > 0xF4 || len < 4 || !is_tail(s[1]) || !is_tail(s[2]) || !is_tail(s[3])) return 0;
  if (s[0] == 0xF0 && s[1] < 0x90) return 0;
  return s[0] == 0xF4 && s[1] >= 0x90 ? 0 : 4;
}

bool utf8_is_valid(const char *data, size_t len) {
  for (size_t i = 0; i < len;) {
    size_t width = utf8_width(data + i, len - i);
    if (width == 0) return false;
    i += width;
  }
  return true;
}

size_t utf8_count(const char *data, size_t len) {
  size_t count = 0;
  for (size_t i = 0; i < len; i++) count += !is_tail((unsigned char)data[i]);
  return count;
}

uint32_t utf8_lower(uint32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  if (c >= 0x0410 && c <= 0x042F) return c + 32;
  if (c >= 0x0400 && c <= 0x040F) return c + 80;
  return c;
}

uint32_t utf8_upper(uint32_t c) {
  if (c >= 'a' && c <= 'z') return c - 32;
  if (c >= 0xE0 && c <= 0xFE && c != 0xF7) return c - 32;
  if (c >= 0x0430 && c <= 0x044F) return c - 32;
  if (c >= 0x0450 && c <= 0x045F) return c - 80;
  return c;
}

uint32_t utf8_decode(const char *data, size_t len, size_t *width) {
  const unsigned char *s = (const unsigned char *)data;
  *width = utf8_width(data, len);
  switch (*width) {
    case 1: return s[0];
    case 2: return (uint32_t)(s[0] & 0x1F) << 6 | (s[1] & 0x3F);
    case 3: return (uint32_t)(s[0] & 0x0F) << 12 | (uint32_t)(s[1] & 0x3F) << 6 | (s[2] & 0x3F);
    case 4:
      return (uint32_t)(s[0] & 0x07) << 18 | (uint32_t)(s[1] & 0x3F) << 12 |
             (uint32_t)(s[2] & 0x3F) << 6 | (s[3] & 0x3F);
    default: *width = 1; return 0xFFFD;
  }
}

size_t utf8_encode(uint32_t code, char out[4]) {
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  if (code < 0x800) {
    out[0] = (char)(0xC0 | code >> 6);
    out[1] = (char)(0x80 | (code & 0x3F));
    return 2;
  }
  if (code < 0x10000) {
    out[0] = (char)(0xE0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3F));
    out[2] = (char)(0x80 | (code & 0x3F));
    return 3;
  }
  out[0] = (char)(0xF0 | code >> 18);
  out[1] = (char)(0x80 | (code >> 12 & 0x3F));
  out[2] = (char)(0x80 | (code >> 6 & 0x3F));
  out[3] = (char)(0x80 | (code & 0x3F));
  return 4;
}
