#include "net/query.h"

#include "base/utf8.h"
#include "net/target.h"

static bool decode(struct slice text, bool plus, struct bytes *out) {
  bytes_reserve(out, text.len);
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    if (c == '+' && plus) c = ' ';
    if (c == '%') {
      if (i + 2 >= text.len) return false;
      int high = net_hex_digit(text.data[i + 1]), low = net_hex_digit(text.data[i + 2]);
      if (high < 0 || low < 0) return false;
      c = (char)(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return false;
    out->data[out->len++] = c;
  }
  out->data[out->len] = '\0';
  return true;
}

bool net_url_decode(struct slice text, bool plus, struct bytes *out) {
  size_t before = out->len;
  if (decode(text, plus, out) && utf8_is_valid(out->data + before, out->len - before)) return true;
  out->len = before;
  out->data[before] = '\0';
  return false;
}

static struct slice part(const char *begin, const char *end) {
  return (struct slice){begin, (size_t)(end - begin)};
}

bool net_query_parse(struct slice text, net_pair_fn pair, void *ctx, struct error *err) {
  bool ok = true, go_on = true;
  struct bytes decoded = {0};
  size_t pairs = 0;
  if (text.len == 0) return true;
  const char *at = text.data, *end = text.data + text.len;
  while (at < end && ok && go_on) {
    const char *next = memchr(at, '&', (size_t)(end - at));
    if (next == NULL) next = end;
    const char *equals = memchr(at, '=', (size_t)(next - at));
    struct slice name = part(at, equals != NULL ? equals : next);
    struct slice value = equals != NULL ? part(equals + 1, next) : (struct slice){0};
    bool is_empty = at == next;
    at = next + 1;
    if (is_empty) continue;
    bytes_clear(&decoded);
    if (++pairs > NET_QUERY_PAIRS) {
      ok = error_set(err, ERR_LIMIT, "more than %d pairs in a form", NET_QUERY_PAIRS);
    } else if (!net_url_decode(name, true, &decoded)) {
      ok = error_set(err, ERR_INVALID, "malformed name in a form");
    } else {
      size_t name_len = decoded.len;
      if (!net_url_decode(value, true, &decoded))
        ok = error_set(err, ERR_INVALID, "malformed value in a form");
      else
        go_on = pair(ctx, (struct slice){decoded.data, name_len},
                     (struct slice){decoded.data + name_len, decoded.len - name_len});
    }
  }
  bytes_deinit(&decoded);
  return ok;
}
