#include "net/select.h"

#include "net/head.h"

/* ---- encodings ---- */

static bool is_zero_weight(struct slice params) { /* q=0, q=0.0, q=0.000 */
  for (size_t i = 0; i + 1 < params.len; i++) {
    if ((params.data[i] != 'q' && params.data[i] != 'Q') || params.data[i + 1] != '=') continue;
    for (i += 2; i < params.len && params.data[i] != ';'; i++)
      if (params.data[i] >= '1' && params.data[i] <= '9') return false;
    return true;
  }
  return false;
}

bool net_accepts(struct slice list, const char *coding) {
  bool any = false;
  for (size_t at = 0; at < list.len;) {
    const char *comma = memchr(list.data + at, ',', list.len - at);
    size_t end = comma != NULL ? (size_t)(comma - list.data) : list.len;
    struct slice item = {list.data + at, end - at};
    const char *semicolon = memchr(item.data, ';', item.len);
    size_t name_len = semicolon != NULL ? (size_t)(semicolon - item.data) : item.len;
    struct slice name = net_trim((struct slice){item.data, name_len});
    bool allowed = !is_zero_weight((struct slice){item.data + name_len, item.len - name_len});
    if (slice_is_nocase(name, coding)) return allowed;
    if (slice_is(name, "*")) any = allowed;
    at = end + 1;
  }
  return any;
}

/* ---- versions ---- */

static struct slice without_weak(struct slice etag) {
  if (etag.len >= 2 && etag.data[0] == 'W' && etag.data[1] == '/')
    return (struct slice){etag.data + 2, etag.len - 2};
  return etag;
}

static bool is_same(struct slice a, struct slice b) {
  return a.len == b.len && a.len > 0 && memcmp(a.data, b.data, a.len) == 0;
}

bool net_etag_matches(struct slice list, struct slice etag) {
  if (etag.len == 0) return false;
  if (slice_is(net_trim(list), "*")) return true;
  etag = without_weak(etag);
  for (size_t at = 0; at < list.len;) { /* a tag may hold a comma: cut at quotes */
    while (at < list.len && (list.data[at] == ' ' || list.data[at] == '\t' || list.data[at] == ','))
      at++;
    size_t begin = at;
    if (at + 1 < list.len && list.data[at] == 'W' && list.data[at + 1] == '/') at += 2;
    if (at >= list.len || list.data[at] != '"') return false;
    const char *close = memchr(list.data + at + 1, '"', list.len - at - 1);
    if (close == NULL) return false;
    at = (size_t)(close + 1 - list.data);
    if (is_same(without_weak((struct slice){list.data + begin, at - begin}), etag)) return true;
  }
  return false;
}

/* ---- ranges ---- */

/* Digits from *at on; -1 when there are none, or more than fit. */
static int64_t take_number(struct slice text, size_t *at) {
  int64_t value = 0;
  size_t begin = *at;
  while (*at < text.len && text.data[*at] >= '0' && text.data[*at] <= '9') {
    if (*at - begin == 18) return -1;
    value = value * 10 + (text.data[(*at)++] - '0');
  }
  return *at > begin ? value : -1;
}

enum net_range_kind net_range_parse(struct slice text, int64_t size, struct net_range *out) {
  if (text.len < 6 || memcmp(text.data, "bytes=", 6) != 0) return NET_RANGE_WHOLE;
  size_t at = 6;
  int64_t from = take_number(text, &at);
  if (at >= text.len || text.data[at++] != '-') return NET_RANGE_WHOLE;
  int64_t to = take_number(text, &at);
  if (at != text.len || (from < 0 && to < 0)) return NET_RANGE_WHOLE;
  if (from < 0) { /* the last "to" bytes */
    if (to == 0 || size == 0) return NET_RANGE_OUTSIDE;
    from = to < size ? size - to : 0;
    to = size - 1;
  }
  if (to >= 0 && to < from) return NET_RANGE_WHOLE;
  if (from >= size) return NET_RANGE_OUTSIDE;
  if (to < 0 || to >= size) to = size - 1;
  *out = (struct net_range){from, to - from + 1};
  return NET_RANGE_PART;
}

enum net_range_kind net_range_of(const struct net_request *req, struct slice etag, int64_t size,
                                 struct net_range *out) {
  if (req->method != NET_GET) return NET_RANGE_WHOLE;
  struct slice range = net_request_header(req, "range");
  if (range.data == NULL) return NET_RANGE_WHOLE;
  struct slice condition = net_request_header(req, "if-range");
  if (condition.data != NULL && !is_same(condition, etag)) return NET_RANGE_WHOLE;
  return net_range_parse(range, size, out);
}

void net_add_content_range(struct bytes *out, enum net_range_kind kind, struct net_range range,
                           int64_t size) {
  if (kind == NET_RANGE_PART)
    bytes_addf(out, "Content-Range: bytes %lld-%lld/%lld\r\n", (long long)range.from,
               (long long)(range.from + range.len - 1), (long long)size);
  else if (kind == NET_RANGE_OUTSIDE)
    bytes_addf(out, "Content-Range: bytes */%lld\r\n", (long long)size);
}

/* ---- types ---- */

static const struct {
  const char *extension, *type;
} types[] = {
    {"html", "text/html; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"js", "text/javascript; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"json", "application/json; charset=utf-8"},
    {"map", "application/json; charset=utf-8"},
    {"webmanifest", "application/manifest+json; charset=utf-8"},
    {"txt", "text/plain; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"xml", "application/xml; charset=utf-8"},
    {"ics", "text/calendar; charset=utf-8"},
    {"svg", "image/svg+xml; charset=utf-8"},
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"avif", "image/avif"},
    {"ico", "image/vnd.microsoft.icon"},
    {"woff2", "font/woff2"},
    {"woff", "font/woff"},
    {"ttf", "font/ttf"},
    {"pdf", "application/pdf"},
    {"mp4", "video/mp4"},
    {"wasm", "application/wasm"},
    {"zip", "application/zip"},
};

const char *net_content_type(struct slice name) {
  size_t dot = name.len;
  while (dot > 0 && name.data[dot - 1] != '.' && name.data[dot - 1] != '/') dot--;
  struct slice extension = {name.data + dot, name.len - dot};
  bool has_dot = dot > 0 && name.data[dot - 1] == '.';
  for (size_t i = 0; has_dot && i < sizeof types / sizeof *types; i++)
    if (slice_is_nocase(extension, types[i].extension)) return types[i].type;
  return "application/octet-stream";
}

static bool begins(struct slice text, const char *with) {
  size_t len = strlen(with);
  return text.len >= len && slice_is_nocase((struct slice){text.data, len}, with);
}

bool net_type_compresses(struct slice type) {
  if (begins(type, "text/event-stream")) return false; /* must not wait in a compressor */
  return begins(type, "text/") || begins(type, "application/json") ||
         begins(type, "application/problem+json") || begins(type, "application/javascript") ||
         begins(type, "application/xml") || begins(type, "image/svg+xml") ||
         begins(type, "application/vnd.oai.openapi");
}
