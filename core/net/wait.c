/* Deadlines: one list a kind of waiting, kept in order of expiry because a kind has one length; a
 * coarse timer looks at their heads. Waiting for a slow peer comes in windows: a window in which
 * less than min_rate moved is the last one, however steadily the bytes drip. */
#include "net/conn.h"

static unsigned length_ms(const struct net_server *server, enum net_wait wait) {
  const struct net_server_config *config = &server->config;
  switch (wait) {
    case NET_WAIT_HANDSHAKE: return config->handshake_ms;
    case NET_WAIT_HEAD: return config->head_ms;
    case NET_WAIT_BODY:
    case NET_WAIT_WRITE: return config->body_ms;
    case NET_WAIT_IDLE: return config->idle_ms;
    case NET_WAIT_HALF_CLOSED: return config->half_closed_ms;
    case NET_WAIT_LINGER: return config->linger_ms;
    case NET_WAIT_NONE:
    case NET_WAIT_KINDS: break;
  }
  return 0;
}

static uint64_t progress(const struct net_conn *conn) {
  return conn->wait == NET_WAIT_BODY ? (uint64_t)conn->body.received : conn->sent;
}

/* A quarter of the shortest deadline, between 5 and 250 ms. */
static uint64_t tick_ms(const struct net_server *server) {
  unsigned shortest = 1000;
  for (int wait = NET_WAIT_HANDSHAKE; wait < NET_WAIT_KINDS; wait++) {
    unsigned length = length_ms(server, (enum net_wait)wait);
    if (length < shortest) shortest = length;
  }
  return shortest < 20 ? 5 : shortest / 4;
}

static void begin_window(struct net_conn *conn) {
  struct net_server *server = conn->server;
  list_remove(&conn->wait_link);
  list_push(&server->waits[conn->wait], &conn->wait_link);
  conn->wait_until_ms = uv_now(&server->loop->uv) + length_ms(server, conn->wait);
  conn->wait_mark = progress(conn);
}

/* ---- expiry ---- */

static bool is_fast_enough(const struct net_conn *conn) {
  const struct net_server_config *config = &conn->server->config;
  uint64_t moved = progress(conn) - conn->wait_mark;
  return moved * 1000 >= (uint64_t)config->min_rate * config->body_ms;
}

static void refuse_slow(struct net_conn *conn) {
  if (conn->has_answered && (conn->is_busy || conn->in_body)) {
    conn->server->stats.refused_slow++;
    net_conn_gone(conn);
    return;
  }
  net_refuse(conn, 408);
  if (conn->in_body) net_body_fail(conn, ERR_TIMEOUT);
}

static void expire_body(struct net_conn *conn) {
  uint64_t took = uv_now(&conn->server->loop->uv) - conn->body.began_ms;
  bool is_late = took >= conn->server->config.body_total_ms;
  if (!is_late && is_fast_enough(conn)) begin_window(conn);
  else refuse_slow(conn);
}

static void expire_write(struct net_conn *conn) {
  if (is_fast_enough(conn)) {
    begin_window(conn);
    return;
  }
  conn->server->stats.refused_slow++;
  net_conn_gone(conn);
}

static void expire(struct net_conn *conn) {
  switch (conn->wait) {
    case NET_WAIT_HEAD:
      if (conn->in.len > 0) refuse_slow(conn);
      else net_conn_cut(conn);
      return;
    case NET_WAIT_BODY: expire_body(conn); return;
    case NET_WAIT_WRITE: expire_write(conn); return;
    case NET_WAIT_HALF_CLOSED: net_conn_gone(conn); return;
    case NET_WAIT_HANDSHAKE:
      conn->server->stats.tls_failed++;
      net_conn_cut(conn);
      return;
    case NET_WAIT_IDLE:
    case NET_WAIT_LINGER: net_conn_cut(conn); return;
    case NET_WAIT_NONE:
    case NET_WAIT_KINDS: return;
  }
}

static void cut_all(struct net_server *server) {
  struct link *link = server->conns.head.next;
  while (link != &server->conns.head) {
    struct net_conn *conn = LIST_OWNER(link, struct net_conn, link);
    net_conn_enter(conn); /* holds it, and its place in the list, over the callbacks */
    net_conn_gone(conn);
    link = link->next;
    net_conn_leave(conn);
  }
}

static void on_sweep(uv_timer_t *timer) {
  struct net_server *server = timer->data;
  uint64_t now = uv_now(&server->loop->uv);
  for (int wait = NET_WAIT_HANDSHAKE; wait < NET_WAIT_KINDS; wait++) {
    struct net_conn *conn;
    while ((conn = net_wait_oldest(server, (enum net_wait)wait)) != NULL) {
      if (conn->wait_until_ms > now) break;
      net_conn_enter(conn);
      expire(conn);
      net_conn_leave(conn);
    }
  }
  if (server->is_draining && now >= server->drain_until_ms) cut_all(server);
}

/* ---- for the others ---- */

void net_wait_init(struct net_server *server) {
  for (int wait = 0; wait < NET_WAIT_KINDS; wait++) list_init(&server->waits[wait]);
}

void net_wait_begin(struct net_conn *conn, enum net_wait wait) {
  if (conn->wait == wait) return;
  net_wait_end(conn);
  if (wait == NET_WAIT_NONE) return;
  conn->wait = wait;
  conn->server->stats.idle += wait == NET_WAIT_IDLE;
  begin_window(conn);
  uv_timer_t *sweep = &conn->server->sweep;
  if (uv_is_active((uv_handle_t *)sweep)) return;
  uint64_t tick = tick_ms(conn->server);
  uv_timer_start(sweep, on_sweep, tick, tick);
}

void net_wait_end(struct net_conn *conn) {
  conn->server->stats.idle -= conn->wait == NET_WAIT_IDLE;
  list_remove(&conn->wait_link);
  conn->wait = NET_WAIT_NONE;
}

struct net_conn *net_wait_oldest(struct net_server *server, enum net_wait wait) {
  struct link *link = list_first(&server->waits[wait]);
  return link != NULL ? LIST_OWNER(link, struct net_conn, wait_link) : NULL;
}
