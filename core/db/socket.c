/* uv_poll and libpq: libuv must have let go of a descriptor before libpq closes it. */
#include <stdlib.h>

#include "base/mem.h"
#include "db/pool.h"

static void on_closed(uv_handle_t *handle) {
  struct db_socket *socket = handle->data;
  struct db *db = socket->db;
  free(socket);
  db_released(db);
}

static void on_poll(uv_poll_t *poll, int status, int events) {
  struct db_socket *socket = poll->data;
  if (socket->conn != NULL) socket->fn(socket->conn, status, events);
}

static bool open_socket(struct db_conn *conn, int fd) {
  struct db_socket *socket = mem_zero(sizeof *socket);
  if (uv_poll_init(&conn->db->loop->uv, &socket->poll, fd) != 0) {
    free(socket);
    return false;
  }
  socket->poll.data = socket;
  socket->db = conn->db;
  socket->conn = conn;
  conn->socket = socket;
  conn->db->pending++;
  return true;
}

bool db_socket_watch(struct db_conn *conn, int events, db_socket_fn fn) {
  int fd = PQsocket(conn->pg);
  if (fd < 0 || (conn->socket == NULL && !open_socket(conn, fd))) return false;
  conn->socket->fn = fn;
  if (conn->socket->events == events) return true;
  conn->socket->events = events;
  if (events == 0) return uv_poll_stop(&conn->socket->poll) == 0;
  return uv_poll_start(&conn->socket->poll, events, on_poll) == 0;
}

void db_socket_close(struct db_conn *conn) {
  struct db_socket *socket = conn->socket;
  if (socket == NULL) return;
  conn->socket = NULL;
  socket->conn = NULL;
  uv_poll_stop(&socket->poll);
  uv_close((uv_handle_t *)&socket->poll, on_closed);
}
