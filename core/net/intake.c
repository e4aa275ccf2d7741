/* From a complete head to the handler: meaning of the head, llhttp's consent, limits. */
#include "base/clock.h"
#include "net/conn.h"
#include "net/target.h"

/* ---- llhttp: the second opinion ---- */

static int on_head(llhttp_t *parser) {
  struct net_conn *conn = parser->data;
  conn->parsed_head = true;
  parser->upgrade = 0; /* we offer no other protocol: the message ends as if none was asked for */
  return 0;
}

static int on_message(llhttp_t *parser) {
  ((struct net_conn *)parser->data)->parsed_message = true;
  return 0;
}

static int on_body(llhttp_t *parser, const char *data, size_t len) {
  net_body_store(parser->data, data, len);
  return 0;
}

static const llhttp_settings_t settings = {
    .on_headers_complete = on_head, .on_message_complete = on_message, .on_body = on_body};

static bool llhttp_agrees(struct net_conn *conn, struct slice head) {
  conn->parsed_head = conn->parsed_message = false;
  llhttp_init(&conn->parser, HTTP_REQUEST, &settings);
  conn->parser.data = conn;
  if (llhttp_execute(&conn->parser, head.data, head.len) != HPE_OK) return false;
  return conn->parsed_head && conn->parsed_message == (conn->framing.content_length == 0);
}

/* ---- the request ---- */

struct slice net_request_header(const struct net_request *req, const char *name) {
  const struct net_conn *conn = req->conn;
  for (size_t i = 0; i < conn->head.count; i++) {
    struct net_header header = net_request_header_at(req, i);
    if (slice_is_nocase(header.name, name)) return header.value;
  }
  return (struct slice){0};
}

size_t net_request_header_count(const struct net_request *req) { return req->conn->head.count; }

struct net_header net_request_header_at(const struct net_request *req, size_t i) {
  const struct net_field *field = &req->conn->head.fields[i];
  const char *base = req->conn->head_text.data;
  return (struct net_header){{base + field->name_at, field->name_len},
                             {base + field->value_at, field->value_len}};
}

/* All X-Forwarded-For values in one list. */
static void join_forwarded(const struct net_request *req, struct bytes *out) {
  for (size_t i = 0; i < net_request_header_count(req); i++) {
    struct net_header header = net_request_header_at(req, i);
    if (!slice_is_nocase(header.name, "x-forwarded-for")) continue;
    if (out->len > 0) bytes_add_char(out, ',');
    bytes_add(out, header.value.data, header.value.len);
  }
}

/* What a trusted proxy says of the outer request; others may say what they like. */
static void heed_proxy(struct net_conn *conn) {
  struct net_request *req = &conn->req;
  const struct net_proxies *proxies = conn->server->proxies;
  if (net_proxies_is_empty(proxies) || !net_proxies_trust(proxies, conn->peer)) return;
  bytes_clear(&conn->host_text);
  join_forwarded(req, &conn->host_text);
  net_proxies_client(proxies, (struct slice){conn->host_text.data, conn->host_text.len}, req->ip);
  struct slice scheme = net_request_header(req, "x-forwarded-proto");
  if (slice_is_nocase(scheme, "https")) req->scheme = slice_of("https");
  if (slice_is_nocase(scheme, "http")) req->scheme = slice_of("http");
  struct slice host = net_request_header(req, "x-forwarded-host");
  if (net_host_is_valid(host)) req->host = host;
}

static void fill_request(struct net_conn *conn, const struct net_target *target) {
  struct net_request *req = &conn->req;
  const struct net_head *head = &conn->head;
  const char *base = conn->head_text.data;
  net_server_make_id(conn->server, req->id);
  req->method = head->method;
  req->method_name = (struct slice){base + head->start, head->method_len};
  req->path = target->path;
  req->query = target->query;
  req->host = target->authority.data != NULL ? target->authority : conn->framing.host;
  req->scheme = slice_of(conn->tls != NULL ? "https" : "http");
  memcpy(req->ip, conn->peer, sizeof req->ip);
  req->content_length = conn->framing.content_length;
  req->started_us = clock_monotonic_us();
  req->task = NULL;
  req->closed = NULL;
  heed_proxy(conn);
}

/* ---- decisions ---- */

/* 0, or the status to refuse with. Fills conn->framing and conn->req. */
static int understand(struct net_conn *conn) {
  struct slice text = {conn->head_text.data, conn->head_text.len};
  const struct net_head *head = &conn->head;
  struct net_target target;
  int status = net_head_framing(head, text.data, &conn->framing);
  if (status != 0) return status;
  struct slice raw = {text.data + head->target_at, head->target_len};
  if (!net_target_parse(raw, head->method, &conn->path_text, &target)) return 400;
  if (target.authority.data != NULL && conn->framing.host.data != NULL &&
      !net_host_is_same(target.authority, conn->framing.host))
    return 400;
  struct slice message = {text.data + head->start, text.len - head->start};
  if (!llhttp_agrees(conn, message)) return 400;
  fill_request(conn, &target);
  return conn->framing.content_length > conn->server->config.max_body_bytes ? 413 : 0;
}

static void begin_request(struct net_conn *conn) {
  struct net_server *server = conn->server;
  net_conn_ref(conn);
  conn->is_busy = true;
  conn->is_told = conn->is_muted = conn->has_answered = false;
  conn->in_body = conn->framing.content_length != 0;
  conn->owes_continue = conn->framing.expects_continue && conn->in_body;
  conn->chunk = (struct net_chunk){0};
  net_body_begin(conn);
  server->stats.requests++;
  server->stats.in_flight++;
}

static bool take_static(struct net_conn *conn) {
  struct slice path = conn->req.path;
  bool is_ours = conn->server->statics != NULL && path.len > 3 && memcmp(path.data, "/a/", 3) == 0;
  if (is_ours) net_answer_static(conn, (struct slice){path.data + 3, path.len - 3});
  return is_ours;
}

void net_intake(struct net_conn *conn, const char *data) {
  struct net_server *server = conn->server;
  bytes_clear(&conn->head_text);
  bytes_add(&conn->head_text, data, conn->head.scanned);
  int status = understand(conn);
  if (status != 0) {
    net_refuse(conn, status);
    return;
  }
  begin_request(conn);
  if (server->stats.in_flight > server->config.max_in_flight) {
    net_reply(conn, 503, slice_of("Retry-After: 1\r\n"));
  } else if (slice_is(conn->req.path, "*")) {
    net_reply(conn, 204, slice_of("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"));
  } else if (!take_static(conn)) {
    conn->is_owned = true;
    server->config.handler(&conn->req, server->config.handler_ctx);
  }
}
