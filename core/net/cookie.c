#include "net/cookie.h"

#include "net/head.h"

static bool is_clean(struct slice text) {
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.data[i];
    if (c < 0x20 || c == 0x7f) return false;
  }
  return true;
}

/* false when the piece is no cookie. */
static bool split(struct slice piece, struct slice *name, struct slice *value) {
  const char *equals = piece.len > 0 ? memchr(piece.data, '=', piece.len) : NULL;
  if (equals == NULL) return false;
  *name = net_trim((struct slice){piece.data, (size_t)(equals - piece.data)});
  *value = net_trim((struct slice){equals + 1, (size_t)(piece.data + piece.len - equals - 1)});
  bool is_quoted = value->len >= 2 && value->data[0] == '"' && value->data[value->len - 1] == '"';
  if (is_quoted) *value = (struct slice){value->data + 1, value->len - 2};
  return name->len > 0 && is_clean(*name) && is_clean(*value);
}

void net_cookie_parse(struct slice header, net_pair_fn pair, void *ctx) {
  size_t count = 0;
  for (size_t at = 0; at < header.len && count < NET_COOKIES;) {
    const char *semicolon = memchr(header.data + at, ';', header.len - at);
    size_t end = semicolon != NULL ? (size_t)(semicolon - header.data) : header.len;
    struct slice name, value;
    if (split((struct slice){header.data + at, end - at}, &name, &value)) {
      count++;
      if (!pair(ctx, name, value)) return;
    }
    at = end + 1;
  }
}
