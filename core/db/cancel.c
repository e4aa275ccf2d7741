/* Stopping what runs in PostgreSQL. PQcancel() opens a connection of its own and blocks, hence the
 * thread pool. PostgreSQL stops whatever runs when the request arrives, which on a pipeline may
 * already be the next query: all that might be struck are marked and sent again (flight.c). */
#include <stdlib.h>

#include "base/mem.h"
#include "db/pool.h"

struct cancel {
  struct db_conn *conn;
  uint64_t generation;
  PGcancel *handle;
};

static void run_cancel(void *ctx) { /* in the thread pool */
  struct cancel *cancel = ctx;
  char ignored[256]; /* a failure shows itself: the query goes on to its statement_timeout */
  PQcancel(cancel->handle, ignored, sizeof ignored);
}

static void mark_flights(struct db_conn *conn) {
  for (struct link *at = conn->flights.head.next; at != &conn->flights.head; at = at->next)
    LIST_OWNER(at, struct db_query, link)->may_be_hit = true;
}

static void on_cancelled(void *ctx) {
  struct cancel *cancel = ctx;
  struct db_conn *conn = cancel->conn;
  struct db *db = conn->db;
  conn->is_cancelling = false;
  if (conn->generation == cancel->generation) mark_flights(conn);
  PQfreeCancel(cancel->handle);
  free(cancel);
  if (!db->is_closing && conn->pool != NULL) db_pool_pump(conn->pool);
  db_released(db);
}

void db_conn_cancel(struct db_conn *conn) {
  if (conn->is_cancelling || conn->pg == NULL) return;
  struct cancel *cancel = mem_zero(sizeof *cancel);
  cancel->conn = conn;
  cancel->generation = conn->generation;
  cancel->handle = PQgetCancel(conn->pg);
  if (cancel->handle == NULL ||
      !loop_work(conn->db->loop, run_cancel, on_cancelled, cancel, NULL)) {
    PQfreeCancel(cancel->handle);
    free(cancel);
    return; /* the next sweep tries again */
  }
  conn->is_cancelling = true;
  conn->db->pending++;
  mark_flights(conn);
  struct link *first = list_first(&conn->flights);
  if (first != NULL) LIST_OWNER(first, struct db_query, link)->is_cancelled = true;
}
