#include "net/conn.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/mem.h"

static uv_stream_t *stream_of(struct net_conn *conn) { return (uv_stream_t *)&conn->tcp; }

/* ---- references and events ---- */

void net_conn_ref(struct net_conn *conn) { conn->refs++; }

void net_conn_unref(struct net_conn *conn) {
  assert(conn->refs > 0);
  if (--conn->refs > 0) return;
  struct net_server *server = conn->server;
  net_body_deinit(conn);
  net_out_deinit(conn);
  net_tls_session_free(conn->tls);
  bytes_deinit(&conn->in);
  bytes_deinit(&conn->head_text);
  bytes_deinit(&conn->path_text);
  bytes_deinit(&conn->host_text);
  free(conn);
  server->live--;
  net_server_check_drained(server);
}

static size_t pump(struct net_conn *conn, const char *data, size_t len);

static void drop_used(struct net_conn *conn, size_t used) {
  struct bytes *in = &conn->in;
  if (used == in->len) {
    if (in->cap > 4096) bytes_deinit(in);
    else bytes_clear(in);
    return;
  }
  if (used == 0) return;
  memmove(in->data, in->data + used, in->len - used);
  in->len -= used;
}

void net_conn_enter(struct net_conn *conn) {
  net_conn_ref(conn);
  conn->entered++;
}

/* Does what waits until nothing is left to do: completions make room for input, input completes. */
static void work_off(struct net_conn *conn) {
  size_t used;
  bool delivered;
  do {
    used = conn->in.len > 0 ? pump(conn, conn->in.data, conn->in.len) : 0;
    drop_used(conn, used);
    delivered = net_body_deliver(conn);
  } while (used > 0 || delivered);
}

void net_conn_leave(struct net_conn *conn) {
  if (conn->entered == 1) {
    work_off(conn);
    net_out_flush(conn);
    net_conn_settle(conn);
  }
  conn->entered--;
  net_conn_unref(conn);
}

static void on_soon(uv_idle_t *idle) {
  struct net_server *server = idle->data;
  uv_idle_stop(idle);
  if (list_is_empty(&server->soon_list)) return;
  struct list now = server->soon_list; /* what these add has to wait for the next round */
  now.head.next->prev = now.head.prev->next = &now.head;
  list_init(&server->soon_list);
  struct link *link;
  while ((link = list_pop(&now)) != NULL) {
    struct net_conn *conn = LIST_OWNER(link, struct net_conn, soon_link);
    net_conn_enter(conn);
    net_conn_leave(conn);
    net_conn_unref(conn);
  }
}

void net_conn_soon(struct net_conn *conn) {
  struct net_server *server = conn->server;
  if (conn->entered > 0 || link_is_in_list(&conn->soon_link)) return;
  net_conn_ref(conn);
  list_push(&server->soon_list, &conn->soon_link);
  uv_idle_start(&server->soon, on_soon);
}

/* ---- closing ---- */

static void on_closed(uv_handle_t *handle) {
  struct net_conn *conn = handle->data;
  list_remove(&conn->link);
  conn->server->stats.connections_open--;
  net_conn_unref(conn);
}

void net_conn_cut(struct net_conn *conn) {
  if (conn->is_closed) return;
  conn->is_closed = conn->is_muted = true;
  net_wait_end(conn);
  uv_close((uv_handle_t *)&conn->tcp, on_closed);
}

void net_conn_gone(struct net_conn *conn) {
  net_conn_cut(conn);
  if (!conn->is_busy || conn->is_told) return;
  conn->is_told = true;
  conn->server->stats.client_gone++;
  if (conn->file != NULL) net_file_stop(conn);
  if (!conn->is_owned) return;
  net_written_fn written = conn->written;
  conn->written = NULL;
  if (conn->body.done != NULL || conn->body.upload != NULL) {
    net_body_fail(conn, ERR_CLOSED);
    net_body_deliver(conn);
  } else if (written != NULL) {
    written(&conn->req, true);
  } else if (conn->req.closed != NULL) {
    conn->req.closed(&conn->req);
  }
}

static bool has_unread_input(struct net_conn *conn) {
  uv_os_fd_t fd;
  char byte;
  if (uv_fileno((uv_handle_t *)&conn->tcp, &fd) < 0) return false;
  return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

size_t net_conn_close_idle(struct net_server *server, size_t at_most) {
  size_t closed = 0;
  struct link *link = server->waits[NET_WAIT_IDLE].head.next;
  while (link != &server->waits[NET_WAIT_IDLE].head && closed < at_most) {
    struct net_conn *conn = LIST_OWNER(link, struct net_conn, wait_link);
    link = link->next;
    if (has_unread_input(conn)) continue;
    net_conn_cut(conn);
    closed++;
  }
  return closed;
}

static void on_shutdown(uv_shutdown_t *request, int status) {
  (void)status;
  net_conn_unref(request->data);
}

/* Closing with unread input would reset the connection, and the reset could overtake our answer. */
static void begin_linger(struct net_conn *conn) {
  conn->is_lingering = true;
  conn->shutdown.data = conn;
  net_conn_ref(conn);
  if (uv_shutdown(&conn->shutdown, stream_of(conn), on_shutdown) < 0) net_conn_unref(conn);
}

/* All output is out, nothing more will come. */
static void finish(struct net_conn *conn) {
  if (conn->tls != NULL && !conn->is_lingering) {
    net_tls_end(conn->tls);
    net_out_flush(conn);
    if (net_out_unsent(conn) > 0) return; /* comes back when it is sent */
  }
  if (conn->is_eof || !conn->must_linger) net_conn_cut(conn);
  else if (!conn->is_lingering) begin_linger(conn);
}

/* ---- what next ---- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
  struct net_conn *conn = handle->data;
  (void)suggested;
  *buf = uv_buf_init(conn->server->read_buffer, NET_READ_BYTES); /* used up before the next read */
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf);

static bool wants_input(const struct net_conn *conn) {
  if (conn->is_closed || conn->is_eof) return false;
  if (conn->is_lingering) return true;
  if (conn->in_body && net_body_is_full(conn)) return false;
  return conn->in.len < NET_HOLD_BYTES;
}

static void update_reading(struct net_conn *conn) {
  bool wants = wants_input(conn);
  if (wants == conn->is_reading) return;
  conn->is_reading = wants;
  if (wants) uv_read_start(stream_of(conn), on_alloc, on_read);
  else uv_read_stop(stream_of(conn));
}

static enum net_wait wait_of(const struct net_conn *conn) {
  if (net_out_unsent(conn) > 0) return NET_WAIT_WRITE;
  if (conn->is_lingering) return NET_WAIT_LINGER;
  if (conn->tls != NULL && net_tls_state_of(conn->tls) == NET_TLS_HANDSHAKE)
    return NET_WAIT_HANDSHAKE;
  bool waits_for_us = net_body_is_full(conn) || (conn->owes_continue && conn->is_busy);
  if (conn->in_body && !waits_for_us) return NET_WAIT_BODY;
  if (conn->is_busy) return conn->is_eof ? NET_WAIT_HALF_CLOSED : NET_WAIT_NONE;
  bool is_fresh = conn->req.id[0] == '\0'; /* a connection has to be good for something soon */
  return conn->in.len > 0 || is_fresh ? NET_WAIT_HEAD : NET_WAIT_IDLE;
}

void net_conn_settle(struct net_conn *conn) {
  if (conn->is_closed) return;
  if (conn->is_broken) {
    if (conn->entered > 0) net_conn_gone(conn);
    else if (conn->is_busy) net_conn_soon(conn); /* its owner must be told */
    else net_conn_cut(conn);
    return;
  }
  bool may_use_input = conn->entered == 0 && conn->in.len > 0; /* the next event looks at it */
  bool is_over = conn->is_finishing || (conn->is_eof && !may_use_input);
  if (is_over && (!conn->is_busy || conn->is_muted) && net_out_unsent(conn) == 0) finish(conn);
  if (conn->is_closed) return;
  update_reading(conn);
  net_wait_begin(conn, wait_of(conn));
}

/* ---- input ---- */

/* Who pipelines without reading the answers has to wait. */
static bool may_answer(struct net_conn *conn) {
  if (conn->is_busy) return false; /* one after another */
  if (net_out_unsent(conn) > NET_UNSENT_HIGH) net_out_flush(conn);
  return net_out_unsent(conn) <= NET_UNSENT_HIGH;
}

/* Takes what can be taken now; returns how much. */
static size_t pump(struct net_conn *conn, const char *data, size_t len) {
  size_t used = 0;
  while (used < len) {
    if (conn->is_closed || conn->is_finishing) return len; /* of no interest any more */
    if (conn->in_body) {
      if (net_body_is_full(conn)) break;
      used += net_body_take(conn, data + used, len - used);
      continue;
    }
    if (!may_answer(conn)) break;
    int status = net_head_scan(&conn->head, data + used, len - used, &conn->server->head_limits);
    if (status == NET_HEAD_MORE) break;
    if (status != NET_HEAD_DONE) {
      net_refuse(conn, status);
      return len;
    }
    size_t head_len = conn->head.scanned;
    net_wait_end(conn);
    net_intake(conn, data + used);
    used += head_len;
  }
  return used;
}

static void take_plain(struct net_conn *conn, const char *data, size_t len) {
  if (conn->is_lingering || conn->is_finishing) return;
  if (conn->in.len == 0) {
    size_t used = pump(conn, data, len);
    if (used < len) bytes_add(&conn->in, data + used, len - used);
  } else {
    bytes_add(&conn->in, data, len);
  }
}

static void take_end(struct net_conn *conn, ssize_t status) {
  if (conn->is_reading) uv_read_stop(stream_of(conn));
  conn->is_reading = false;
  conn->is_eof = true;
  bool is_torn = status != UV_EOF || conn->in_body || conn->is_stream;
  if (is_torn && !conn->is_finishing) net_conn_gone(conn);
}

static void take_wire(struct net_conn *conn, const char *data, size_t len) {
  char *plain = conn->server->plain_buffer;
  net_tls_feed(conn->tls, (struct slice){data, len});
  size_t got;
  while (!conn->is_closed && (got = net_tls_read(conn->tls, plain, NET_READ_BYTES)) > 0) {
    take_plain(conn, plain, got);
    if (conn->in.len > 0) work_off(conn);
  }
  enum net_tls_state state = net_tls_state_of(conn->tls);
  if (state == NET_TLS_ENDED && !conn->is_eof && !conn->is_closed) take_end(conn, UV_EOF);
  if (state != NET_TLS_FAILED) return;
  conn->server->stats.tls_failed++;
  net_out_flush(conn); /* the alert */
  net_conn_gone(conn);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf) {
  struct net_conn *conn = stream->data;
  if (len == 0) return;
  net_conn_enter(conn);
  if (len < 0) {
    take_end(conn, len);
  } else {
    conn->server->stats.bytes_in += (uint64_t)len;
    if (conn->tls != NULL) take_wire(conn, buf->base, (size_t)len);
    else take_plain(conn, buf->base, (size_t)len);
  }
  net_conn_leave(conn);
}

/* ---- accepting ---- */

static void name_peer(struct net_conn *conn) {
  struct sockaddr_storage address;
  int len = sizeof address;
  strcpy(conn->peer, "0.0.0.0");
  if (uv_tcp_getpeername(&conn->tcp, (struct sockaddr *)&address, &len) < 0) return;
  if (address.ss_family == AF_INET) {
    uv_ip4_name((struct sockaddr_in *)&address, conn->peer, sizeof conn->peer);
    return;
  }
  uv_ip6_name((struct sockaddr_in6 *)&address, conn->peer, sizeof conn->peer);
  bool is_mapped = strncmp(conn->peer, "::ffff:", 7) == 0 && strchr(conn->peer, '.') != NULL;
  if (is_mapped) memmove(conn->peer, conn->peer + 7, strlen(conn->peer + 7) + 1);
}

static struct net_conn *conn_new(struct net_server *server) {
  struct net_conn *conn = mem_zero(sizeof *conn);
  conn->server = server;
  conn->refs = 1; /* the socket's */
  conn->tcp.data = conn;
  conn->req.conn = conn;
  list_init(&conn->out);
  list_push(&server->conns, &conn->link);
  server->stats.connections_open++;
  server->live++;
  uv_tcp_init(&server->loop->uv, &conn->tcp);
  return conn;
}

/* Some room beyond the limit is for saying no; a TLS handshake would cost more than that. */
static void turn_away(struct net_conn *conn) {
  const struct net_server *server = conn->server;
  size_t limit = server->config.max_connections;
  if (conn->tls != NULL || server->stats.connections_open > limit + limit / 4 + 16)
    net_conn_cut(conn);
  else net_refuse(conn, 503);
}

void net_conn_accept(struct net_server *server, uv_stream_t *listener) {
  bool is_full = server->stats.connections_open >= server->config.max_connections;
  if (is_full && net_conn_close_idle(server, 1) == 1) {
    server->stats.evicted_idle++;
    is_full = false;
  }
  struct net_conn *conn = conn_new(server);
  net_conn_enter(conn);
  if (uv_accept(listener, stream_of(conn)) < 0) {
    net_conn_cut(conn);
  } else {
    server->stats.connections++;
    uv_tcp_nodelay(&conn->tcp, 1);
    name_peer(conn);
    if (server->tls != NULL) conn->tls = net_tls_session_new(server->tls);
    if (is_full) turn_away(conn);
  }
  net_conn_leave(conn);
}

/* ---- the end of a request ---- */

static void trim(struct bytes *text) {
  if (text->cap > 2048) bytes_deinit(text);
}

void net_conn_finish_request(struct net_conn *conn) {
  struct net_server *server = conn->server;
  assert(conn->is_busy);
  conn->is_busy = conn->is_owned = conn->is_stream = false;
  conn->written = NULL;
  server->stats.in_flight--;
  if (server->is_draining && conn->framing.keep_alive) conn->must_linger = true;
  if (server->is_draining || !conn->framing.keep_alive) conn->is_finishing = true;
  net_body_deinit(conn);
  conn->body.sink = NET_SINK_DROP;
  trim(&conn->head_text);
  trim(&conn->path_text);
  trim(&conn->host_text);
  conn->head.start = conn->head.scanned = conn->head.count = conn->head.method_len = 0;
  if (conn->entered == 0) {
    net_out_flush(conn);
    net_conn_settle(conn);
    if (conn->in.len > 0) net_conn_soon(conn);
  }
  net_conn_unref(conn);
}
