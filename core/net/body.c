/* Request bodies: held until the handler asks, collected in memory, or streamed into an upload. */
#include "base/mem.h"
#include "net/conn.h"

void net_body_begin(struct net_conn *conn) {
  conn->body =
      (struct net_body){.is_complete = !conn->in_body, .began_ms = uv_now(&conn->server->loop->uv)};
}

void net_body_deinit(struct net_conn *conn) {
  bytes_deinit(&conn->body.bytes);
  net_upload_free(conn->body.upload);
  conn->body.upload = NULL;
}

bool net_body_is_full(const struct net_conn *conn) {
  const struct net_body *body = &conn->body;
  switch (body->sink) {
    case NET_SINK_HOLD: return body->bytes.len >= NET_HOLD_BYTES;
    case NET_SINK_READ: return false;
    case NET_SINK_UPLOAD: return net_upload_is_full(body->upload);
    case NET_SINK_DROP: return conn->is_busy; /* what is left matters after the answer only */
  }
  return false;
}

/* ---- in ---- */

void net_body_fail(struct net_conn *conn, enum error_code fault) {
  if (conn->body.fault == ERR_NONE) conn->body.fault = fault;
  conn->body.sink = NET_SINK_DROP;
}

static void collect(struct net_body *body, const char *data, size_t len) {
  if (len > body->max_bytes - body->bytes.len) {
    body->fault = ERR_LIMIT;
    body->sink = NET_SINK_DROP;
    bytes_deinit(&body->bytes);
  } else {
    bytes_add(&body->bytes, data, len);
  }
}

void net_body_store(struct net_conn *conn, const char *data, size_t len) {
  struct net_body *body = &conn->body;
  body->received += (int64_t)len;
  switch (body->sink) {
    case NET_SINK_HOLD: bytes_add(&body->bytes, data, len); return;
    case NET_SINK_READ: collect(body, data, len); return;
    case NET_SINK_UPLOAD: net_upload_feed(body->upload, data, len); return;
    case NET_SINK_DROP: body->dropped += (int64_t)len; return;
  }
}

static void refuse_body(struct net_conn *conn, int status, enum error_code fault) {
  if (conn->has_answered && conn->is_busy) {
    net_conn_gone(conn); /* half an answer is out: nothing can be said any more */
    return;
  }
  if (conn->is_busy) net_refuse(conn, status);
  conn->is_finishing = conn->must_linger = true;
  net_body_fail(conn, fault);
}

/* Nobody reads the rest of an answered request: skip a little, but do not serve as a sink. */
static bool is_skipped_enough(const struct net_conn *conn) {
  return !conn->is_busy && conn->body.dropped > NET_SKIP_BYTES;
}

size_t net_body_take(struct net_conn *conn, const char *data, size_t len) {
  struct net_body *body = &conn->body;
  bool is_chunked = conn->framing.content_length < 0;
  size_t used = len;
  bool is_end;
  conn->owes_continue = false; /* it did not wait */
  if (is_chunked) {
    if (!net_chunk_scan(&conn->chunk, data, len, &used)) {
      refuse_body(conn, 400, ERR_INVALID);
      return len;
    }
    is_end = conn->chunk.state == NET_CHUNK_DONE;
  } else {
    int64_t left = conn->framing.content_length - body->received;
    if ((int64_t)used > left) used = (size_t)left;
    is_end = (int64_t)used == left;
  }
  bool ok = llhttp_execute(&conn->parser, data, used) == HPE_OK;
  if (!ok || conn->parsed_message != is_end) {
    refuse_body(conn, 400, ERR_INVALID);
  } else if (body->received > conn->server->config.max_body_bytes) {
    refuse_body(conn, 413, ERR_LIMIT);
  } else if (is_end) {
    conn->in_body = false;
    body->is_complete = true;
  } else if (is_skipped_enough(conn)) {
    conn->is_finishing = conn->must_linger = true;
  }
  return used;
}

/* ---- out ---- */

const char *net_fault_text(enum error_code fault) {
  switch (fault) {
    case ERR_LIMIT: return "request body is larger than allowed";
    case ERR_TIMEOUT: return "request body came too slowly";
    case ERR_INVALID: return "request body is framed wrongly";
    case ERR_CLOSED: return "client went away";
    default: return "request body failed";
  }
}

static bool deliver_read(struct net_conn *conn) {
  struct net_body *body = &conn->body;
  net_body_fn done = body->done;
  if (done == NULL || (!body->is_complete && body->fault == ERR_NONE)) return false;
  body->done = NULL;
  struct bytes bytes = body->bytes;
  body->bytes = (struct bytes){0};
  struct error err = {0};
  if (body->fault != ERR_NONE) {
    error_set(&err, body->fault, "%s", net_fault_text(body->fault));
    bytes_deinit(&bytes);
  }
  done(&conn->req, &bytes, body->fault != ERR_NONE ? &err : NULL);
  bytes_deinit(&bytes);
  return true;
}

bool net_body_deliver(struct net_conn *conn) {
  if (!conn->is_owned) return false;
  if (conn->body.upload != NULL) return net_upload_deliver(conn);
  return deliver_read(conn);
}

/* ---- asking ---- */

void net_body_invite(struct net_conn *conn) {
  if (!conn->owes_continue || conn->is_muted) return;
  conn->owes_continue = false;
  bytes_add_str(net_out(conn), "HTTP/1.1 100 Continue\r\n\r\n");
  if (conn->entered == 0) net_out_flush(conn);
}

void net_request_read(struct net_request *req, size_t max_bytes, net_body_fn done) {
  struct net_conn *conn = req->conn;
  struct net_body *body = &conn->body;
  body->done = done;
  body->max_bytes = max_bytes;
  if (conn->is_muted && body->fault == ERR_NONE) net_body_fail(conn, ERR_CLOSED);
  bool is_large = req->content_length > 0 && (uint64_t)req->content_length > max_bytes;
  if (is_large || body->bytes.len > max_bytes) net_body_fail(conn, ERR_LIMIT);
  if (body->fault == ERR_NONE) {
    body->sink = NET_SINK_READ;
    net_body_invite(conn);
  }
  net_conn_soon(conn);
}
