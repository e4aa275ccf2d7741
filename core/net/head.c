#include "net/head.h"

#include "net/target.h"

/* One bit a character, RFC 9110 tchar; words 0 (controls) and 4…7 (not ASCII) are empty. */
static const uint32_t token_bits[8] = {0, 0x03FF6CFA, 0xC7FFFFFE, 0x57FFFFFF};

static bool is_token_char(unsigned char c) { return token_bits[c >> 5] >> (c & 31) & 1; }

bool net_is_token(struct slice text) {
  for (size_t i = 0; i < text.len; i++)
    if (!is_token_char((unsigned char)text.data[i])) return false;
  return text.len > 0;
}

struct slice net_trim(struct slice text) {
  while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) text.data++, text.len--;
  while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
    text.len--;
  return text;
}

bool net_list_has(struct slice list, const char *token) {
  size_t at = 0;
  while (at <= list.len) {
    const char *comma = at < list.len ? memchr(list.data + at, ',', list.len - at) : NULL;
    size_t end = comma != NULL ? (size_t)(comma - list.data) : list.len;
    struct slice item = {list.data + at, end - at};
    const char *params = item.len > 0 ? memchr(item.data, ';', item.len) : NULL;
    if (params != NULL) item.len = (size_t)(params - item.data);
    if (slice_is_nocase(net_trim(item), token)) return true;
    at = end + 1;
  }
  return false;
}

/* ---- request line ---- */

static const struct {
  const char *name;
  enum net_method method;
} methods[] = {{"GET", NET_GET},        {"POST", NET_POST},   {"HEAD", NET_HEAD},
               {"PUT", NET_PUT},        {"PATCH", NET_PATCH}, {"DELETE", NET_DELETE},
               {"OPTIONS", NET_OPTIONS}};

static int find_method(struct net_head *head, struct slice name) {
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    if (!slice_is(name, methods[i].name)) continue;
    head->method = methods[i].method;
    head->method_len = (uint16_t)name.len;
    return 0;
  }
  if (slice_is(name, "TRACE") || slice_is(name, "CONNECT")) return 405;
  return net_is_token(name) ? 501 : 400;
}

static int check_version(struct net_head *head, struct slice version) {
  if (slice_is(version, "HTTP/1.1")) return 0;
  head->is_http_1_0 = slice_is(version, "HTTP/1.0");
  if (head->is_http_1_0) return 0;
  bool is_other = version.len == 8 && memcmp(version.data, "HTTP/", 5) == 0 &&
                  version.data[5] >= '0' && version.data[5] <= '9' && version.data[6] == '.' &&
                  version.data[7] >= '0' && version.data[7] <= '9';
  return is_other ? 505 : 400;
}

/* A TLS hello or other rubbish must not wait for its line end or the deadline; and a line that came
 * in pieces must get the answer which it would have got whole. */
static int check_begin(struct slice line, const struct net_head_limits *limits) {
  for (size_t i = 0; i < line.len && line.data[i] != ' '; i++) {
    if (line.data[i] == '\r' && i == 0) break; /* of an empty line, perhaps */
    if (!is_token_char((unsigned char)line.data[i]) || i > 20) return 400;
  }
  return line.len > limits->target_bytes + 32 ? 414 : 0;
}

static int scan_request_line(struct net_head *head, const char *data, struct slice line,
                             const struct net_head_limits *limits) {
  int status = check_begin(line, limits);
  if (status != 0) return status;
  const char *end = line.data + line.len;
  const char *space = memchr(line.data, ' ', line.len);
  if (space == NULL || space == line.data) return 400;
  struct slice method = {line.data, (size_t)(space - line.data)};
  const char *target = space + 1;
  const char *second = memchr(target, ' ', (size_t)(end - target));
  if (second == NULL || second == target) return 400;
  struct slice version = {second + 1, (size_t)(end - second - 1)};
  status = check_version(head, version); /* first: the others mean nothing in another HTTP */
  if (status == 0) status = find_method(head, method);
  if (status != 0) return status;
  if ((size_t)(second - target) > limits->target_bytes) return 414;
  head->target_at = (uint16_t)(target - data);
  head->target_len = (uint16_t)(second - target);
  return 0;
}

/* ---- header lines ---- */

static bool is_value(struct slice value) {
  bool ok = true; /* no early exit: lets the compiler vectorise */
  for (size_t i = 0; i < value.len; i++) {
    unsigned char c = (unsigned char)value.data[i];
    ok &= (c >= 0x20 || c == '\t') && c != 0x7f;
  }
  return ok;
}

static int scan_field(struct net_head *head, const char *data, struct slice line,
                      const struct net_head_limits *limits) {
  if (head->count == limits->fields) return 431;
  const char *colon = memchr(line.data, ':', line.len);
  if (colon == NULL) return 400;
  struct slice name = {line.data, (size_t)(colon - line.data)};
  struct slice value = {colon + 1, (size_t)(line.data + line.len - colon - 1)};
  if (!net_is_token(name) || !is_value(value)) return 400; /* also obs-fold, and "name :" */
  value = net_trim(value);
  head->fields[head->count++] =
      (struct net_field){(uint16_t)(name.data - data), (uint16_t)name.len,
                         (uint16_t)(value.data - data), (uint16_t)value.len};
  return 0;
}

/* No line end yet: wait, unless it is too long or cannot become a request. */
static int wait_for_line(const struct net_head *head, const char *data, size_t len,
                         const struct net_head_limits *limits) {
  struct slice partial = {data + head->scanned, len - head->scanned};
  if (head->method_len == 0) {
    int status = check_begin(partial, limits);
    if (status != 0) return status;
  }
  return len >= limits->head_bytes ? 431 : NET_HEAD_MORE;
}

int net_head_scan(struct net_head *head, const char *data, size_t len,
                  const struct net_head_limits *limits) {
  for (;;) {
    const char *from = data + head->scanned;
    const char *lf = len > head->scanned ? memchr(from, '\n', len - head->scanned) : NULL;
    if (lf == NULL) return wait_for_line(head, data, len, limits);
    if (lf == from || lf[-1] != '\r') return 400;
    struct slice line = {from, (size_t)(lf - 1 - from)};
    size_t next = (size_t)(lf + 1 - data);
    bool is_first = head->method_len == 0;
    if (next > limits->head_bytes) return is_first ? 414 : 431;
    head->scanned = next;
    if (is_first && line.len == 0) {
      if (head->start != 0) return 400;
      head->start = next;
      continue;
    }
    if (line.len == 0) return NET_HEAD_DONE;
    int status = is_first ? scan_request_line(head, data, line, limits)
                          : scan_field(head, data, line, limits);
    if (status != 0) return status;
  }
}

/* ---- meaning ---- */

static bool parse_length(struct slice text, int64_t *out) {
  if (text.len == 0 || text.len > 18) return false;
  int64_t value = 0;
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] < '0' || text.data[i] > '9') return false;
    value = value * 10 + (text.data[i] - '0');
  }
  *out = value;
  return true;
}

struct seen { /* how often headers came that may come once */
  unsigned host, length, coding, expect;
};

static int take_field(struct net_framing *out, struct seen *seen, struct slice name,
                      struct slice value, bool is_http_1_0) {
  switch (name.len) {
    case 4:
      if (!slice_is_nocase(name, "host")) break;
      out->host = value;
      return seen->host++ == 0 && net_host_is_valid(value) ? 0 : 400;
    case 6:
      if (!slice_is_nocase(name, "expect") || is_http_1_0) break;
      out->expects_continue = true;
      return seen->expect++ == 0 && slice_is_nocase(value, "100-continue") ? 0 : 417;
    case 10:
      if (!slice_is_nocase(name, "connection")) break;
      if (net_list_has(value, "close")) out->keep_alive = false;
      else if (is_http_1_0 && net_list_has(value, "keep-alive")) out->keep_alive = true;
      break;
    case 14:
      if (!slice_is_nocase(name, "content-length")) break;
      return seen->length++ == 0 && parse_length(value, &out->content_length) ? 0 : 400;
    case 17:
      if (!slice_is_nocase(name, "transfer-encoding")) break;
      return seen->coding++ == 0 && !is_http_1_0 && slice_is_nocase(value, "chunked") ? 0 : 400;
    default: break;
  }
  return 0;
}

int net_head_framing(const struct net_head *head, const char *data, struct net_framing *out) {
  *out = (struct net_framing){.keep_alive = !head->is_http_1_0};
  struct seen seen = {0};
  for (size_t i = 0; i < head->count; i++) {
    const struct net_field *f = &head->fields[i];
    int status = take_field(out, &seen, (struct slice){data + f->name_at, f->name_len},
                            (struct slice){data + f->value_at, f->value_len}, head->is_http_1_0);
    if (status != 0) return status;
  }
  if (seen.host == 0 && !head->is_http_1_0) return 400;
  if (seen.coding > 0 && seen.length > 0) return 400;
  if (seen.coding > 0) out->content_length = -1;
  return 0;
}
