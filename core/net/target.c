#include "net/target.h"

#include "base/utf8.h"

int net_hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* ---- host ---- */

static bool is_port(struct slice text) {
  unsigned port = 0;
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] < '0' || text.data[i] > '9') return false;
    port = port * 10 + (unsigned)(text.data[i] - '0');
    if (port > 65535) return false;
  }
  return text.len > 0;
}

static bool is_host_char(char c, bool in_brackets) {
  if (in_brackets) return net_hex_digit(c) >= 0 || c == ':' || c == '.';
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

bool net_host_is_valid(struct slice host) {
  bool in_brackets = host.len > 0 && host.data[0] == '[';
  size_t i = in_brackets ? 1 : 0;
  size_t begin = i;
  while (i < host.len && is_host_char(host.data[i], in_brackets)) i++;
  if (i == begin || host.len > 261) return false;
  if (in_brackets && (i == host.len || host.data[i++] != ']')) return false;
  if (i == host.len) return true;
  return host.data[i] == ':' && is_port((struct slice){host.data + i + 1, host.len - i - 1});
}

bool net_host_is_same(struct slice a, struct slice b) {
  if (a.len != b.len) return false;
  for (size_t i = 0; i < a.len; i++) {
    char x = a.data[i], y = b.data[i];
    if (x >= 'A' && x <= 'Z') x = (char)(x + 32);
    if (y >= 'A' && y <= 'Z') y = (char)(y + 32);
    if (x != y) return false;
  }
  return true;
}

/* ---- path ---- */

/* Printable ASCII without what must be escaped everywhere; browsers do send | ^ ` { } raw. */
static bool is_target_text(struct slice text) {
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    if (c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '#') return false;
  }
  return true;
}

static bool is_query(struct slice query) {
  for (size_t i = 0; i + 2 < query.len; i++)
    if (memcmp(query.data + i, "%00", 3) == 0) return false;
  return is_target_text(query);
}

static bool is_plain_path(struct slice path) { /* nothing to decode or to normalise */
  for (size_t i = 0; i < path.len; i++) {
    char c = path.data[i];
    if (c == '%' || c == '\\') return false;
    if (c == '/' && i + 1 < path.len && (path.data[i + 1] == '/' || path.data[i + 1] == '.'))
      return false;
  }
  return true;
}

static bool decode_path(struct slice path, struct bytes *out) {
  for (size_t i = 0; i < path.len; i++) {
    char c = path.data[i];
    if (c == '\\') return false; /* a slash to some */
    if (c != '%') {
      bytes_add_char(out, c);
      continue;
    }
    if (i + 2 >= path.len) return false;
    int high = net_hex_digit(path.data[i + 1]), low = net_hex_digit(path.data[i + 2]);
    int code = high * 16 + low;
    if (high < 0 || low < 0 || code < 0x20 || code == 0x7f || code == '/' || code == '\\')
      return false;
    bytes_add_char(out, (char)code);
    i += 2;
  }
  return utf8_is_valid(out->data, out->len);
}

/* Drops "." and empty segments and resolves "..", in place; a final slash stays. */
static bool normalise_path(struct bytes *path) {
  char *text = path->data;
  size_t to = 0, at = 0;
  while (at < path->len) { /* text[at] is '/' */
    size_t end = at + 1;
    while (end < path->len && text[end] != '/') end++;
    size_t len = end - at - 1;
    bool is_last = end == path->len;
    bool is_dot = len == 1 && text[at + 1] == '.';
    bool is_up = len == 2 && text[at + 1] == '.' && text[at + 2] == '.';
    if (is_up) {
      if (to == 0) return false;
      while (text[--to] != '/') continue;
    }
    if (len == 0 || is_dot || is_up) {
      if (is_last) text[to++] = '/';
    } else {
      memmove(text + to, text + at, end - at);
      to += end - at;
    }
    at = end;
  }
  path->len = to;
  text[to] = '\0';
  return true;
}

static bool parse_path(struct slice path, struct bytes *buffer, struct net_target *out) {
  out->path = path;
  if (is_plain_path(path)) return true;
  bytes_clear(buffer);
  if (!decode_path(path, buffer) || !normalise_path(buffer)) return false;
  out->path = (struct slice){buffer->data, buffer->len};
  return true;
}

/* ---- target ---- */

static size_t scheme_len(struct slice target) {
  struct slice head = {target.data, target.len < 7 ? target.len : 7};
  if (slice_is_nocase(head, "http://")) return 7;
  head.len = target.len < 8 ? target.len : 8;
  return slice_is_nocase(head, "https://") ? 8 : 0;
}

/* Cuts scheme and authority off an absolute target. */
static bool take_authority(struct slice *target, struct slice *authority) {
  size_t skip = scheme_len(*target);
  if (skip == 0) return false;
  struct slice rest = {target->data + skip, target->len - skip};
  size_t len = 0;
  while (len < rest.len && rest.data[len] != '/' && rest.data[len] != '?') len++;
  *authority = (struct slice){rest.data, len};
  *target = (struct slice){rest.data + len, rest.len - len};
  return net_host_is_valid(*authority);
}

bool net_target_parse(struct slice target, enum net_method method, struct bytes *buffer,
                      struct net_target *out) {
  *out = (struct net_target){0};
  if (slice_is(target, "*")) {
    out->is_asterisk = true;
    out->path = target;
    return method == NET_OPTIONS;
  }
  if (target.len == 0) return false;
  if (target.data[0] != '/' && !take_authority(&target, &out->authority)) return false;
  const char *mark = target.len > 0 ? memchr(target.data, '?', target.len) : NULL;
  struct slice path = {target.data, mark != NULL ? (size_t)(mark - target.data) : target.len};
  if (mark != NULL)
    out->query = (struct slice){mark + 1, (size_t)(target.data + target.len - mark - 1)};
  if (path.len == 0) path = slice_of("/"); /* "http://host?query" */
  return is_target_text(path) && is_query(out->query) && parse_path(path, buffer, out);
}
