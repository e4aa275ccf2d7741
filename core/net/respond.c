/* Answers: the head of every answer, and bodies from memory. */
#include <assert.h>
#include <stdlib.h>

#include "net/conn.h"
#include "net/select.h"
#include "net/status.h"

static void add(struct bytes *out, const char *text) { bytes_add(out, text, strlen(text)); }

/* ---- the handler's headers ---- */

enum header_use { USE_PLAIN, USE_OURS, USE_TYPE, USE_ETAG, USE_ENCODING, USE_CSP, USE_SECURITY };

static enum header_use use_of(struct slice name) {
  static const struct {
    const char *name;
    enum header_use use;
  } known[] = {{"content-type", USE_TYPE},
               {"etag", USE_ETAG},
               {"date", USE_OURS},
               {"connection", USE_OURS},
               {"keep-alive", USE_OURS},
               {"x-request-id", USE_OURS},
               {"content-length", USE_OURS},
               {"transfer-encoding", USE_OURS},
               {"content-encoding", USE_ENCODING},
               {"content-security-policy", USE_CSP},
               {"x-frame-options", USE_SECURITY},
               {"referrer-policy", USE_SECURITY},
               {"x-content-type-options", USE_SECURITY},
               {"cross-origin-opener-policy", USE_SECURITY},
               {"strict-transport-security", USE_SECURITY}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    bool may_be = (known[i].name[0] | 32) == (name.data[0] | 32);
    if (may_be && slice_is_nocase(name, known[i].name)) return known[i].use;
  }
  return USE_PLAIN;
}

static bool is_safe(struct net_header header) {
  for (size_t i = 0; i < header.value.len; i++) {
    unsigned char c = (unsigned char)header.value.data[i];
    if ((c < ' ' && c != '\t') || c == 0x7f) return false;
  }
  return net_is_token(header.name);
}

static void add_line(struct bytes *out, struct slice name, struct slice value) {
  bytes_reserve(out, name.len + value.len + 4);
  bytes_add(out, name.data, name.len);
  bytes_add(out, ": ", 2);
  bytes_add(out, value.data, value.len);
  bytes_add(out, "\r\n", 2);
}

static void render_one(struct net_lines *lines, struct net_header header) {
  enum header_use use = use_of(header.name);
  if (use == USE_OURS) return;
  if (use == USE_TYPE) lines->type = header.value;
  if (use == USE_ENCODING) lines->has_encoding = true;
  if (use == USE_CSP) lines->has_csp = true;
  if (use == USE_SECURITY) lines->has_security = true;
  if (use == USE_ETAG) lines->etag = header.value; /* may have to become weak: written later */
  else add_line(lines->text, header.name, header.value);
}

bool net_lines_render(struct net_lines *lines, const struct net_answer *answer) {
  bytes_clear(lines->text);
  for (size_t i = 0; i < answer->header_count; i++) {
    if (!is_safe(answer->headers[i])) return false;
    render_one(lines, answer->headers[i]);
  }
  return true;
}

/* ---- the head ---- */

static void add_status_line(struct bytes *out, int status) {
  if (status == 200) {
    bytes_add(out, "HTTP/1.1 200 OK\r\n", 17);
    return;
  }
  bytes_add(out, "HTTP/1.1 ", 9);
  bytes_add_int(out, status);
  bytes_add_char(out, ' ');
  add(out, net_status_reason(status));
  bytes_add(out, "\r\n", 2);
}

/* Adds those lines of ours which the handler has not written itself. */
static void add_other_lines(struct bytes *out, struct slice ours, struct slice theirs) {
  while (ours.len > 0) {
    size_t len = (size_t)((const char *)memchr(ours.data, '\n', ours.len) - ours.data) + 1;
    size_t name_len = (size_t)((const char *)memchr(ours.data, ':', len) - ours.data);
    bool is_theirs = false;
    for (size_t at = 0; at < theirs.len && !is_theirs;) {
      const char *line = theirs.data + at;
      is_theirs = theirs.len - at > name_len && line[name_len] == ':' &&
                  strncasecmp(line, ours.data, name_len) == 0;
      at += (size_t)((const char *)memchr(line, '\n', theirs.len - at) - line) + 1;
    }
    if (!is_theirs) bytes_add(out, ours.data, len);
    ours.data += len, ours.len -= len;
  }
}

static void add_common(struct net_conn *conn, struct bytes *out, const struct net_lines *lines) {
  static const char hsts[] = "Strict-Transport-Security: max-age=31536000\r\n";
  const char *csp = conn->server->config.csp;
  struct slice theirs = {0}, common;
  common.data = net_server_common(conn->server, &common.len);
  if (lines != NULL && lines->has_security)
    theirs = (struct slice){lines->text->data, lines->text->len};
  if (theirs.len > 0) add_other_lines(out, common, theirs);
  else bytes_add(out, common.data, common.len);
  if (conn->req.scheme.len == 5) add_other_lines(out, slice_of(hsts), theirs); /* https */
  if (csp != NULL && (lines == NULL || !lines->has_csp))
    add_line(out, slice_of("Content-Security-Policy"), slice_of(csp));
}

/* Whether the connection can be used again, and whether that is our doing. */
static void decide_keep_alive(struct net_conn *conn, enum net_body_rule rule) {
  struct net_framing *framing = &conn->framing;
  bool wanted = framing->keep_alive;
  int64_t unread = framing->content_length - conn->body.received;
  bool is_too_much = framing->content_length > 0 && unread > NET_SKIP_BYTES;
  if (conn->in_body && (conn->owes_continue || is_too_much)) framing->keep_alive = false;
  if (conn->server->is_draining || rule == NET_UNTIL_CLOSE) framing->keep_alive = false;
  if (conn->in_body || (wanted && !framing->keep_alive)) conn->must_linger = true;
}

static void add_framing(struct net_conn *conn, struct bytes *out, int status,
                        enum net_body_rule rule, int64_t length) {
  bool is_bodiless = status == 204 || status == 304;
  if (rule == NET_CHUNKED && !is_bodiless) {
    add(out, "Transfer-Encoding: chunked\r\n");
  } else if (rule == NET_LENGTH && !is_bodiless) {
    bytes_add(out, "Content-Length: ", 16);
    bytes_add_int(out, length);
    bytes_add(out, "\r\n", 2);
  }
  if (!conn->framing.keep_alive) add(out, "Connection: close\r\n");
  else if (conn->head.is_http_1_0) add(out, "Connection: keep-alive\r\n");
}

void net_head_write(struct net_conn *conn, int status, const struct net_lines *lines,
                    enum net_body_rule rule, int64_t length) {
  assert(!conn->has_answered);
  conn->has_answered = true;
  conn->server->stats.status[status / 100 % 6]++;
  decide_keep_alive(conn, rule);
  struct bytes *out = net_out(conn);
  bytes_reserve(out, 1024);
  add_status_line(out, status);
  add_common(conn, out, lines);
  if (lines != NULL) bytes_add(out, lines->text->data, lines->text->len);
  if (lines != NULL && lines->etag.len > 0) add_line(out, slice_of("ETag"), lines->etag);
  bytes_add(out, "X-Request-Id: ", 14);
  bytes_add(out, conn->req.id, 32);
  bytes_add(out, "\r\n", 2);
  add_framing(conn, out, status, rule, length);
  bytes_add(out, "\r\n", 2);
}

int net_status_for(const struct net_conn *conn, int status, struct slice etag) {
  const struct net_request *req = &conn->req;
  if (status != 200 || etag.len == 0 || (req->method != NET_GET && req->method != NET_HEAD))
    return status;
  struct slice known = net_request_header(req, "if-none-match");
  return known.data != NULL && net_etag_matches(known, etag) ? 304 : status;
}

/* ---- bodies from memory ---- */

static bool wants_gzip(const struct net_conn *conn, size_t len) {
  return len >= NET_GZIP_MIN && len <= NET_GZIP_MAX &&
         net_accepts(net_request_header(&conn->req, "accept-encoding"), "gzip");
}

/* Two encodings are two representations: their strong ETags would have to differ. */
static void weaken(struct slice *etag, char weak[128]) {
  if (etag->len == 0 || etag->data[0] == 'W' || etag->len + 2 > 128) return;
  memcpy(weak, "W/", 2);
  memcpy(weak + 2, etag->data, etag->len);
  *etag = (struct slice){weak, etag->len + 2};
}

static void gzip_body(struct net_conn *conn, struct net_lines *lines, struct bytes *body) {
  struct bytes small = {0};
  net_gzip_add(&conn->server->gzip, (struct slice){body->data, body->len}, &small);
  bytes_deinit(body);
  *body = small;
  add(lines->text, "Content-Encoding: gzip\r\n");
}

static void respond_bytes(struct net_conn *conn, int status, struct net_lines *lines,
                          struct bytes *body) {
  char weak[128];
  status = net_status_for(conn, status, lines->etag);
  bool may_compress = !lines->has_encoding && net_type_compresses(lines->type);
  if (may_compress) {
    add(lines->text, "Vary: Accept-Encoding\r\n");
    weaken(&lines->etag, weak);
  }
  if (may_compress && status != 304 && wants_gzip(conn, body->len)) gzip_body(conn, lines, body);
  bool is_silent = status == 204 || status == 304 || conn->req.method == NET_HEAD;
  net_head_write(conn, status, lines, NET_LENGTH, (int64_t)body->len);
  if (!is_silent) net_out_move(conn, body);
  bytes_deinit(body);
}

static void take_text(struct net_answer *answer) {
  if (answer->text.len == 0) return;
  bytes_add(&answer->bytes, answer->text.data, answer->text.len);
}

void net_respond(struct net_request *req, struct net_answer *answer) {
  struct net_conn *conn = req->conn;
  assert(conn->is_owned && !conn->is_stream);
  conn->is_owned = false;
  conn->body.done = NULL;
  struct net_lines lines = {.text = &conn->server->lines};
  take_text(answer);
  if (conn->is_muted) {
    bytes_deinit(&answer->bytes);
  } else if (!net_lines_render(&lines, answer)) {
    log_text(conn->server->log, LOG_ERROR, "answer with a broken header", "request %s", req->id);
    bytes_deinit(&answer->bytes);
    net_reply(conn, 500, (struct slice){0});
    return;
  } else if (answer->path != NULL) {
    net_file_begin(conn, answer->status, &lines, answer->path);
    return;
  } else {
    respond_bytes(conn, answer->status, &lines, &answer->bytes);
  }
  net_conn_finish_request(conn);
}

void net_request_abandon(struct net_request *req) {
  struct net_conn *conn = req->conn;
  assert(conn->is_owned);
  conn->is_owned = false;
  conn->body.done = NULL;
  if (!conn->is_muted) net_conn_cut(conn);
  net_conn_finish_request(conn);
}
