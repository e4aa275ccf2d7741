/* Answers that net makes by itself: refusals and small replies. */
#include "net/conn.h"
#include "net/status.h"

/* The first target of the connection may be unknown; then nobody asked for JSON. */
static bool is_api(const struct net_conn *conn) {
  struct slice path = conn->req.path;
  return path.len >= 5 && memcmp(path.data, "/api/", 5) == 0;
}

static void add_refusal(struct net_conn *conn, struct bytes *out, int status) {
  const struct net_refusal *refusal = net_refusal_of(status);
  if (!is_api(conn)) {
    bytes_add_str(out, refusal->text);
    bytes_add_char(out, '\n');
    return;
  }
  bytes_addf(out, "{\"type\":\"about:blank\",\"status\":%d,\"code\":\"%s\",\"title\":\"%s\"}\n",
             status, refusal->code, refusal->text);
}

static void write_answer(struct net_conn *conn, int status, struct slice headers) {
  struct bytes body = {0};
  struct net_lines lines = {.text = &conn->server->lines};
  bytes_clear(lines.text);
  bytes_add(lines.text, headers.data, headers.len);
  if (status >= 400) {
    add_refusal(conn, &body, status);
    bytes_add_str(lines.text, is_api(conn) ? "Content-Type: application/problem+json\r\n"
                                           : "Content-Type: text/plain; charset=utf-8\r\n");
    bytes_add_str(lines.text, "Cache-Control: no-store\r\n");
  }
  bool is_head = conn->is_busy && conn->req.method == NET_HEAD;
  net_head_write(conn, status, &lines, NET_LENGTH, (int64_t)body.len);
  if (!is_head && body.len > 0) net_out_move(conn, &body);
  bytes_deinit(&body);
}

static void count(struct net_stats *stats, int status) {
  switch (status) {
    case 408: stats->refused_slow++; return;
    case 413:
    case 414:
    case 431: stats->refused_size++; return;
    case 503: stats->refused_overload++; return;
    default: stats->refused_malformed += status != 404 && status != 416; return;
  }
}

/* Before a request was understood, the fields of the one before must not speak. */
static void forget_request(struct net_conn *conn) {
  net_server_make_id(conn->server, conn->req.id);
  conn->req.path = (struct slice){0};
  conn->req.scheme = slice_of(conn->tls != NULL ? "https" : "http");
  conn->has_answered = false;
  conn->head.is_http_1_0 = false;
}

void net_refuse(struct net_conn *conn, int status) {
  bool is_understood = conn->is_busy || status == 413;
  if (!is_understood) forget_request(conn);
  if (status == 413) conn->has_answered = false;
  count(&conn->server->stats, status);
  conn->framing.keep_alive = false;
  conn->in_body = conn->is_busy && conn->in_body;
  struct slice headers = {0};
  if (status == 503) headers = slice_of("Retry-After: 1\r\n");
  if (status == 405) headers = slice_of("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n");
  write_answer(conn, status, headers);
  conn->is_finishing = conn->must_linger = conn->is_muted = true;
  log_text(conn->server->log, LOG_DEBUG, "refused", "status %d, request %s, from %s", status,
           conn->req.id, conn->peer);
}

void net_reply(struct net_conn *conn, int status, struct slice headers) {
  if (status >= 400) count(&conn->server->stats, status);
  write_answer(conn, status, headers);
  net_conn_finish_request(conn);
}
