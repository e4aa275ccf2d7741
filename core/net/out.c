/* Bytes out. Heads and small bodies gather in the tail; large bodies follow as pieces of their
 * own, uncopied. One writev takes it all in the usual case; only what the socket refuses waits. */
#include <stdlib.h>

#include "base/mem.h"
#include "net/conn.h"
#include "net/static.h"

#define COPY_MAX 4096        /* up to here a copy is cheaper than a piece */
#define RECORD_MAX 16384     /* a TLS record: small answers shall fill only one */
#define WIRE_MAX (64 * 1024) /* ciphertext waiting for the socket */
#define BUFS 16

struct net_piece {
  struct link link;
  struct slice rest;      /* not sent yet */
  struct bytes owned;     /* either this holds rest … */
  struct net_static *set; /* … or this does */
};

/* ---- filling ---- */

static void take_spare(struct net_conn *conn, struct bytes *into) {
  if (into->data != NULL) return;
  *into = conn->server->spare;
  conn->server->spare = (struct bytes){0};
}

static void give_spare(struct net_conn *conn, struct bytes *from) {
  struct bytes *spare = &conn->server->spare;
  if (spare->data == NULL && from->cap <= 4 * NET_READ_BYTES) {
    bytes_clear(from);
    *spare = *from;
    *from = (struct bytes){0};
  } else {
    bytes_deinit(from);
  }
}

struct bytes *net_out(struct net_conn *conn) {
  take_spare(conn, &conn->tail);
  return &conn->tail;
}

static void push_piece(struct net_conn *conn, struct net_piece piece) {
  struct net_piece *copy = mem_alloc(sizeof *copy);
  *copy = piece;
  copy->link = (struct link){0};
  list_push(&conn->out, &copy->link);
  conn->queued += piece.rest.len;
}

/* Makes the tail a piece, so that others can follow it. */
static void seal_tail(struct net_conn *conn) {
  struct slice rest = {conn->tail.data, conn->tail.len};
  if (rest.len > conn->tail_at) {
    rest.data += conn->tail_at, rest.len -= conn->tail_at;
    push_piece(conn, (struct net_piece){.rest = rest, .owned = conn->tail});
    conn->tail = (struct bytes){0};
  }
  conn->tail_at = 0;
}

static bool is_small(const struct net_conn *conn, size_t len) {
  return len <= COPY_MAX || (conn->tls != NULL && conn->tail.len + len <= RECORD_MAX);
}

void net_out_move(struct net_conn *conn, struct bytes *body) {
  if (is_small(conn, body->len)) {
    bytes_add(net_out(conn), body->data, body->len);
    bytes_deinit(body);
    return;
  }
  seal_tail(conn);
  push_piece(conn, (struct net_piece){.rest = {body->data, body->len}, .owned = *body});
  *body = (struct bytes){0};
}

void net_out_borrow(struct net_conn *conn, struct slice data, struct net_static *set) {
  if (is_small(conn, data.len)) {
    bytes_add(net_out(conn), data.data, data.len);
    return;
  }
  seal_tail(conn);
  push_piece(conn, (struct net_piece){.rest = data, .set = net_static_ref(set)});
}

size_t net_out_unsent(const struct net_conn *conn) {
  return conn->queued + conn->tail.len - conn->tail_at + conn->wire.len - conn->wire_at;
}

/* ---- emptying ---- */

static struct net_piece *first_piece(struct net_conn *conn) {
  struct link *link = list_first(&conn->out);
  return link != NULL ? LIST_OWNER(link, struct net_piece, link) : NULL;
}

static void free_piece(struct net_piece *piece) {
  list_remove(&piece->link);
  bytes_deinit(&piece->owned);
  net_static_unref(piece->set);
  free(piece);
}

/* Drops the first len bytes of pieces and tail. */
static void consume(struct net_conn *conn, size_t len) {
  struct net_piece *piece;
  while (len > 0 && (piece = first_piece(conn)) != NULL) {
    size_t step = len < piece->rest.len ? len : piece->rest.len;
    piece->rest.data += step, piece->rest.len -= step;
    conn->queued -= step, len -= step;
    if (piece->rest.len == 0) free_piece(piece);
  }
  conn->tail_at += len;
  if (conn->tail_at < conn->tail.len || conn->tail.data == NULL) return;
  conn->tail_at = 0;
  give_spare(conn, &conn->tail);
}

static uv_buf_t buf_of(struct slice text) {
  return uv_buf_init((char *)(uintptr_t)text.data, (unsigned)text.len);
}

static unsigned gather(struct net_conn *conn, uv_buf_t bufs[BUFS], size_t *len) {
  unsigned count = 0;
  *len = 0;
  struct link *link = conn->out.head.next;
  for (; link != &conn->out.head && count < BUFS; link = link->next) {
    struct net_piece *piece = LIST_OWNER(link, struct net_piece, link);
    bufs[count++] = buf_of(piece->rest);
    *len += piece->rest.len;
  }
  if (link != &conn->out.head || count == BUFS || conn->tail.len == conn->tail_at) return count;
  struct slice tail = {conn->tail.data + conn->tail_at, conn->tail.len - conn->tail_at};
  bufs[count++] = buf_of(tail);
  *len += tail.len;
  return count;
}

static void note_sent(struct net_conn *conn, size_t len) {
  conn->sent += len;
  conn->server->stats.bytes_out += len;
}

/* Offers bufs to the socket; returns how much it took. */
static size_t try_send(struct net_conn *conn, uv_buf_t *bufs, unsigned count) {
  int taken = uv_try_write((uv_stream_t *)&conn->tcp, bufs, count);
  if (taken == UV_EAGAIN) return 0;
  if (taken < 0) conn->is_broken = true;
  else note_sent(conn, (size_t)taken);
  return taken > 0 ? (size_t)taken : 0;
}

static void on_written(uv_write_t *write, int status);

static void send_later(struct net_conn *conn, uv_buf_t *bufs, unsigned count, size_t len) {
  conn->write.data = conn;
  conn->write_len = len;
  conn->is_writing =
      uv_write(&conn->write, (uv_stream_t *)&conn->tcp, bufs, count, on_written) == 0;
  if (!conn->is_writing) conn->is_broken = true;
}

static void flush_plain(struct net_conn *conn) {
  while (!conn->is_broken && !conn->is_writing) {
    uv_buf_t bufs[BUFS];
    size_t len;
    unsigned count = gather(conn, bufs, &len);
    if (count == 0) return;
    size_t taken = try_send(conn, bufs, count);
    consume(conn, taken);
    if (taken == len || conn->is_broken) continue;
    seal_tail(conn); /* what uv holds must not move */
    count = gather(conn, bufs, &len);
    send_later(conn, bufs, count, len);
  }
}

/* ---- TLS: the same, by way of wire ---- */

static void consume_wire(struct net_conn *conn, size_t len) {
  conn->wire_at += len;
  if (conn->wire_at < conn->wire.len || conn->wire.data == NULL) return;
  conn->wire_at = 0;
  give_spare(conn, &conn->wire);
}

static struct slice next_record(struct net_conn *conn) {
  struct net_piece *piece = first_piece(conn);
  struct slice rest = piece != NULL ? piece->rest : (struct slice){conn->tail.data, conn->tail.len};
  if (piece == NULL && rest.len > 0) rest.data += conn->tail_at, rest.len -= conn->tail_at;
  if (rest.len > RECORD_MAX) rest.len = RECORD_MAX;
  return rest;
}

static void encrypt(struct net_conn *conn) {
  bool is_open = net_tls_state_of(conn->tls) != NET_TLS_HANDSHAKE;
  while (is_open && conn->wire.len - conn->wire_at < WIRE_MAX) {
    struct slice record = next_record(conn);
    if (record.len == 0) break;
    if (!net_tls_write(conn->tls, record)) {
      conn->is_broken = true;
      return;
    }
    consume(conn, record.len);
    take_spare(conn, &conn->wire);
    net_tls_drain(conn->tls, &conn->wire);
  }
  net_tls_drain(conn->tls, &conn->wire); /* also what the handshake says */
}

static void flush_tls(struct net_conn *conn) {
  while (!conn->is_broken && !conn->is_writing) {
    encrypt(conn);
    size_t len = conn->wire.len - conn->wire_at;
    if (len == 0 || conn->is_broken) return;
    uv_buf_t buf = buf_of((struct slice){conn->wire.data + conn->wire_at, len});
    size_t taken = try_send(conn, &buf, 1);
    consume_wire(conn, taken);
    if (taken == len || conn->is_broken) continue;
    buf = buf_of((struct slice){conn->wire.data + conn->wire_at, len - taken});
    send_later(conn, &buf, 1, len - taken);
  }
}

void net_out_flush(struct net_conn *conn) {
  if (conn->is_closed || conn->is_writing) return;
  if (conn->tls != NULL) flush_tls(conn);
  else flush_plain(conn);
}

static void tell_drained(struct net_conn *conn) {
  if (net_out_unsent(conn) > NET_UNSENT_LOW || conn->is_closed) return;
  net_written_fn written = conn->written;
  conn->written = NULL;
  if (written != NULL) written(&conn->req, false);
  else if (conn->file != NULL) net_file_go_on(conn);
}

static void on_written(uv_write_t *write, int status) {
  struct net_conn *conn = write->data;
  net_conn_enter(conn);
  conn->is_writing = false;
  if (status < 0) {
    conn->is_broken = true;
  } else {
    note_sent(conn, conn->write_len);
    if (conn->tls != NULL) consume_wire(conn, conn->write_len);
    else consume(conn, conn->write_len);
    net_out_flush(conn);
    tell_drained(conn);
  }
  net_conn_leave(conn);
}

void net_out_deinit(struct net_conn *conn) {
  struct net_piece *piece;
  while ((piece = first_piece(conn)) != NULL) free_piece(piece);
  bytes_deinit(&conn->tail);
  bytes_deinit(&conn->wire);
}
