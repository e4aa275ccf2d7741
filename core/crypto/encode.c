#include "crypto/encode.h"

#include <stdint.h>

void crypto_add_hex(struct bytes *out, const void *data, size_t len) {
  static const char digits[] = "0123456789abcdef";
  const unsigned char *in = data;
  bytes_reserve(out, 2 * len);
  for (size_t i = 0; i < len; i++) {
    char pair[2] = {digits[in[i] >> 4], digits[in[i] & 15]};
    bytes_add(out, pair, sizeof pair);
  }
}

void crypto_add_base64url(struct bytes *out, const void *data, size_t len) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const unsigned char *in = data;
  bytes_reserve(out, (len + 2) / 3 * 4);
  for (size_t i = 0; i < len; i += 3) {
    size_t have = len - i < 3 ? len - i : 3;
    uint32_t group = (uint32_t)in[i] << 16;
    if (have > 1) group |= (uint32_t)in[i + 1] << 8;
    if (have > 2) group |= in[i + 2];
    char quad[4] = {letters[group >> 18], letters[group >> 12 & 63], letters[group >> 6 & 63],
                    letters[group & 63]};
    bytes_add(out, quad, have + 1);
  }
}

static int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

static void cut(struct bytes *out, size_t len) {
  out->len = len;
  if (out->data != NULL) out->data[len] = '\0';
}

bool crypto_unhex(struct bytes *out, struct slice text, struct error *err) {
  size_t before = out->len;
  if (text.len % 2 != 0) return error_set(err, ERR_INVALID, "hex text of odd length");
  for (size_t i = 0; i < text.len; i += 2) {
    int high = hex_value(text.data[i]), low = hex_value(text.data[i + 1]);
    if (high < 0 || low < 0) {
      cut(out, before);
      return error_set(err, ERR_INVALID, "not a hex digit at %zu", i);
    }
    bytes_add_char(out, (char)(high << 4 | low));
  }
  return true;
}

static int base64url_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  if (c == '_') return 63;
  return -1;
}

bool crypto_unbase64url(struct bytes *out, struct slice text, struct error *err) {
  size_t before = out->len;
  uint32_t pending = 0; /* bits not yet written; fewer than 8 after each step */
  int bits = 0;
  for (size_t i = 0; i < text.len; i++) {
    int value = base64url_value(text.data[i]);
    if (value < 0) {
      cut(out, before);
      return error_set(err, ERR_INVALID, "not a base64url character at %zu", i);
    }
    pending = pending << 6 | (uint32_t)value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes_add_char(out, (char)(pending >> bits & 255));
    pending &= (1u << bits) - 1;
  }
  /* Left-over bits must be padding of less than one character, all zero: one text, one value. */
  if (bits >= 6 || pending != 0) {
    cut(out, before);
    return error_set(err, ERR_INVALID, "base64url text is cut");
  }
  return true;
}
