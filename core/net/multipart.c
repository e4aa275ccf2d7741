#include "net/multipart.h"

#include "net/head.h"
#include "net/params.h"

static bool is_boundary(struct slice text) {
  if (text.len == 0 || text.len > NET_BOUNDARY_MAX || text.data[text.len - 1] == ' ') return false;
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] < ' ' || text.data[i] > '~') return false;
  return true;
}

bool net_multipart_init(struct net_multipart_parser *parser, struct slice content_type,
                        const struct net_multipart_events *events, void *ctx, struct error *err) {
  *parser = (struct net_multipart_parser){.events = events, .ctx = ctx};
  struct bytes boundary = {0};
  bool ok = slice_is_nocase(net_params_value(content_type), "multipart/form-data") &&
            net_params_get(content_type, "boundary", &boundary) &&
            is_boundary((struct slice){boundary.data, boundary.len});
  if (ok) {
    memcpy(parser->delimiter, "\r\n--", 4);
    memcpy(parser->delimiter + 4, boundary.data, boundary.len);
    parser->delimiter_len = boundary.len + 4;
    parser->matched = 2; /* the first delimiter needs no line end before it */
  } else {
    error_set(err, ERR_INVALID, "multipart/form-data with a boundary expected");
  }
  bytes_deinit(&boundary);
  return ok;
}

void net_multipart_deinit(struct net_multipart_parser *parser) { bytes_deinit(&parser->head); }

bool net_multipart_is_complete(const struct net_multipart_parser *parser) {
  return parser->state == NET_PART_END;
}

/* ---- headers of a part ---- */

static bool read_line(struct slice line, struct net_part_head *out) {
  const char *colon = memchr(line.data, ':', line.len);
  if (colon == NULL) return false;
  struct slice name = {line.data, (size_t)(colon - line.data)};
  struct slice value =
      net_trim((struct slice){colon + 1, (size_t)(line.data + line.len - colon - 1)});
  for (size_t i = 0; i < value.len; i++) {
    unsigned char c = (unsigned char)value.data[i];
    if ((c < ' ' && c != '\t') || c == 0x7f) return false;
  }
  struct slice *place = slice_is_nocase(name, "content-disposition") ? &out->disposition
                        : slice_is_nocase(name, "content-type")      ? &out->type
                                                                     : NULL;
  if (place != NULL && place->data != NULL) return false; /* which of the two counts? */
  if (place != NULL) *place = value;
  return net_is_token(name);
}

static bool begin_part(struct net_multipart_parser *parser, struct error *err) {
  struct net_part_head head = {0};
  const char *at = parser->head.data, *end = at + parser->head.len - 2; /* the empty line */
  while (at < end) {
    const char *lf = memchr(at, '\n', (size_t)(end - at));
    if (lf == NULL || lf == at || lf[-1] != '\r' ||
        !read_line((struct slice){at, (size_t)(lf - 1 - at)}, &head))
      return error_set(err, ERR_INVALID, "malformed header of a part");
    at = lf + 1;
  }
  bool ok = parser->events->begin(parser->ctx, &head, err);
  bytes_clear(&parser->head);
  parser->state = NET_PART_DATA;
  parser->matched = 0;
  return ok;
}

static bool has_empty_line(const struct bytes *head) {
  if (head->len == 2) return memcmp(head->data, "\r\n", 2) == 0;
  return head->len >= 4 && memcmp(head->data + head->len - 4, "\r\n\r\n", 4) == 0;
}

/* Takes bytes up to the next line end; returns how many. */
static size_t take_head(struct net_multipart_parser *parser, const char *data, size_t len, bool *ok,
                        struct error *err) {
  const char *lf = memchr(data, '\n', len);
  size_t step = lf != NULL ? (size_t)(lf - data) + 1 : len;
  if (parser->head.len + step > NET_PART_HEAD_MAX) {
    *ok = error_set(err, ERR_LIMIT, "headers of a part are too large");
    return step;
  }
  bytes_add(&parser->head, data, step);
  if (lf != NULL && has_empty_line(&parser->head)) *ok = begin_part(parser, err);
  return step;
}

/* ---- data and delimiters ---- */

static bool emit(struct net_multipart_parser *parser, const char *data, size_t len,
                 struct error *err) {
  if (parser->state != NET_PART_DATA || len == 0) return true;
  return parser->events->data(parser->ctx, (struct slice){data, len}, err);
}

static bool end_data(struct net_multipart_parser *parser, struct error *err) {
  bool was_data = parser->state == NET_PART_DATA;
  parser->state = NET_PART_DELIMITED;
  parser->closing_len = 0;
  return !was_data || parser->events->end(parser->ctx, err);
}

/* The delimiter begins with its only CR. So a partial match that fails is plain data, and the byte
 * where it failed can only begin a new one. */
static size_t take_data(struct net_multipart_parser *parser, const char *data, size_t len, bool *ok,
                        struct error *err) {
  if (parser->matched == 0) {
    const char *cr = memchr(data, '\r', len);
    size_t step = cr != NULL ? (size_t)(cr - data) : len;
    *ok = emit(parser, data, step, err);
    if (cr == NULL || !*ok) return step;
    parser->matched = 1;
    return step + 1;
  }
  size_t step = 0;
  while (step < len && parser->matched < parser->delimiter_len &&
         data[step] == parser->delimiter[parser->matched])
    step++, parser->matched++;
  if (parser->matched == parser->delimiter_len) {
    *ok = end_data(parser, err);
  } else if (step < len) {
    *ok = emit(parser, parser->delimiter, parser->matched, err);
    parser->matched = 0;
  }
  return step;
}

static bool take_closing(struct net_multipart_parser *parser, char c, struct error *err) {
  if (parser->closing_len == 0 && (c == ' ' || c == '\t')) return true; /* transport padding */
  parser->closing[parser->closing_len++] = c;
  if (parser->closing_len < 2) return true;
  if (memcmp(parser->closing, "--", 2) == 0) parser->state = NET_PART_END;
  else if (memcmp(parser->closing, "\r\n", 2) == 0) parser->state = NET_PART_HEAD;
  else return error_set(err, ERR_INVALID, "malformed delimiter between parts");
  return true;
}

bool net_multipart_feed(struct net_multipart_parser *parser, const char *data, size_t len,
                        struct error *err) {
  bool ok = true;
  for (size_t at = 0; at < len && ok;) {
    switch (parser->state) {
      case NET_PART_PREAMBLE:
      case NET_PART_DATA: at += take_data(parser, data + at, len - at, &ok, err); break;
      case NET_PART_DELIMITED: ok = take_closing(parser, data[at++], err); break;
      case NET_PART_HEAD: at += take_head(parser, data + at, len - at, &ok, err); break;
      case NET_PART_END: return true; /* an epilogue means nothing */
    }
  }
  return ok;
}
