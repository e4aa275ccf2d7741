/* Answers of unknown length, chunk by chunk. */
#include <assert.h>
#include <stdio.h>

#include "net/conn.h"

static void add_chunk(struct net_conn *conn, struct slice data) {
  struct bytes *out = net_out(conn);
  char size[24];
  if (conn->is_chunked_out) {
    int len = snprintf(size, sizeof size, "%zx\r\n", data.len);
    bytes_add(out, size, (size_t)len);
  }
  bytes_add(out, data.data, data.len);
  if (conn->is_chunked_out) bytes_add(out, "\r\n", 2);
}

/* HEAD, 204 and 304 have no body, however much is written. */
static bool is_silent(const struct net_conn *conn) {
  return conn->is_muted || conn->is_broken || conn->req.method == NET_HEAD;
}

void net_stream_begin(struct net_request *req, struct net_answer *answer) {
  struct net_conn *conn = req->conn;
  assert(conn->is_owned && !conn->is_stream && answer->path == NULL);
  struct net_lines lines = {.text = &conn->server->lines};
  bool is_whole = net_lines_render(&lines, answer);
  conn->is_stream = true;
  conn->is_chunked_out = !conn->head.is_http_1_0;
  if (!is_whole) {
    log_text(conn->server->log, LOG_ERROR, "answer with a broken header", "request %s", req->id);
    bytes_clear(lines.text);
  }
  if (!conn->is_muted)
    net_head_write(conn, is_whole ? answer->status : 500, &lines,
                   conn->is_chunked_out ? NET_CHUNKED : NET_UNTIL_CLOSE, 0);
  struct slice first =
      answer->bytes.len > 0 ? (struct slice){answer->bytes.data, answer->bytes.len} : answer->text;
  if (first.len > 0 && !is_silent(conn)) add_chunk(conn, first);
  bytes_deinit(&answer->bytes);
  if (conn->entered > 0) return;
  net_out_flush(conn);
  net_conn_settle(conn);
}

enum net_flow net_stream_write(struct net_request *req, struct slice data, net_written_fn written) {
  struct net_conn *conn = req->conn;
  assert(conn->is_stream && conn->is_owned && conn->written == NULL);
  if (conn->is_muted || conn->is_broken) {
    conn->is_told = true;
    return NET_FLOW_CLOSED;
  }
  if (data.len == 0 || is_silent(conn)) return NET_FLOW_READY;
  add_chunk(conn, data);
  if (conn->entered == 0 || net_out_unsent(conn) > NET_UNSENT_HIGH) net_out_flush(conn);
  if (conn->is_broken) conn->is_told = true;
  if (conn->entered == 0) net_conn_settle(conn);
  if (conn->is_broken) return NET_FLOW_CLOSED;
  if (net_out_unsent(conn) <= NET_UNSENT_HIGH) return NET_FLOW_READY;
  conn->written = written;
  return NET_FLOW_WAIT;
}

void net_stream_end(struct net_request *req) {
  struct net_conn *conn = req->conn;
  assert(conn->is_stream && conn->is_owned);
  if (!is_silent(conn) && conn->is_chunked_out) bytes_add_str(net_out(conn), "0\r\n\r\n");
  net_conn_finish_request(conn);
}
