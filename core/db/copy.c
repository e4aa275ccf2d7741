/* COPY. It does not work in pipeline mode, so its connection leaves that mode for as long as it
 * takes. To break one off half-way the connection is closed: that ends it whatever state it is in. */
#include <stdlib.h>

#include "base/mem.h"
#include "db/pool.h"

enum { CHUNK_BYTES = 32 * 1024 }; /* lines are gathered to pieces of this size */

enum copy_phase {
  COPY_WAITING,  /* for its connection */
  COPY_STARTING, /* sent, no answer yet */
  COPY_FEEDING,  /* FROM STDIN */
  COPY_READING,  /* TO STDOUT */
  COPY_ENDING,   /* data is over, the last results come */
};

struct db_copy {
  struct db_query *query;
  struct db_conn *conn; /* while it runs */
  enum copy_phase phase;
  struct db_copy_events events; /* empty when the owner is gone */
  void *ctx;
  bool is_full;     /* db_copy_put() said false */
  size_t unflushed; /* bytes put since the last flush */
  struct bytes lines;
};

/* ---- beginning and end ---- */

static void on_over(void *ctx, struct db_outcome *outcome) {
  struct db_copy *copy = ctx;
  db_done_fn done = copy->events.done;
  void *done_ctx = copy->ctx;
  bytes_deinit(&copy->lines);
  free(copy);
  if (done != NULL) done(done_ctx, outcome);
}

struct db_copy *db_copy_start(struct db *db, struct db_tx *tx, struct db_query *q,
                              const struct db_copy_events *events, void *ctx) {
  struct db_copy *copy = mem_zero(sizeof *copy);
  copy->query = q;
  copy->events = *events;
  copy->ctx = ctx;
  q->copy = copy;
  if (q->param_count > 0) q->flaw = "COPY takes no parameters";
  if (tx != NULL) db_tx_submit(tx, q, on_over, copy);
  else if (db_adopt(db, &db->pools[DB_LANE_SLOW], q, on_over, copy)) db_pool_enqueue(q);
  return copy;
}

void db_copy_run(struct db_conn *conn, struct db_query *q) {
  struct db_copy *copy = q->copy;
  q->state = DB_QUERY_SENT;
  q->conn = conn;
  q->sends++;
  copy->conn = conn;
  copy->phase = COPY_STARTING;
  conn->copy = copy;
  if (PQexitPipelineMode(conn->pg) == 1 && PQsendQuery(conn->pg, db_query_sql(q)) == 1)
    db_conn_flush(conn);
  else db_conn_lose(conn, PQerrorMessage(conn->pg));
}

static void detach(struct db_copy *copy) {
  copy->conn->copy = NULL;
  copy->conn = NULL;
  copy->query->conn = NULL;
}

void db_copy_on_lost(struct db_copy *copy) {
  struct db_query *q = copy->query;
  detach(copy);
  if (q->db->is_closing) db_query_fail(q, ERR_CLOSED, "the database pool was closed");
  db_query_fail(q, ERR_UNAVAILABLE, "connection lost under COPY: %s", q->db->trouble);
  db_finish_later(q);
}

static void finish(struct db_copy *copy) {
  struct db_conn *conn = copy->conn;
  struct db_query *q = copy->query;
  uint64_t generation = conn->generation;
  detach(copy);
  if (PQenterPipelineMode(conn->pg) != 1) conn->must_drop = true;
  if (q->result == NULL) db_query_fail(q, ERR_INTERNAL, "COPY gave no result");
  else if (PQresultStatus(q->result) != PGRES_COMMAND_OK) db_query_fail_by(q, q->result);
  db_finish_now(q);
  if (!db_conn_is_still(conn, generation)) return;
  if (conn->must_drop) db_conn_lose(conn, "it could not go back to pipeline mode");
  else if (conn->tx != NULL) db_tx_pump(conn->tx);
  else db_pool_pump(conn->pool);
}

/* Cancelled as well, because a backend that waits for a lock does not notice a closed socket. */
static void break_off(struct db_conn *conn, const char *why) {
  db_conn_cancel(conn);
  db_conn_lose(conn, why);
}

void db_copy_cancel(struct db_copy *copy) {
  copy->events = (struct db_copy_events){0};
  if (copy->conn != NULL) {
    break_off(copy->conn, "its COPY was broken off");
  } else if (copy->phase == COPY_WAITING && copy->query->state != DB_QUERY_OVER) {
    db_query_cancel(copy->query);
    free(copy);
  } /* else it is over and on_over() comes */
}

void db_copy_sweep(struct db_conn *conn, uint64_t now) {
  struct db_query *q = conn->copy->query;
  if (now < q->deadline_ms) return;
  db_query_fail(q, ERR_TIMEOUT, "COPY did not end within its deadline");
  break_off(conn, "its COPY took too long");
}

/* ---- FROM STDIN ---- */

static bool has_unsent(const struct db_conn *conn) {
  return (conn->socket->events & UV_WRITABLE) != 0; /* as db_conn_flush() left it */
}

bool db_copy_put(struct db_copy *copy, const char *data, size_t len) {
  enum { PIECE_BYTES = 1 << 24, FLUSH_BYTES = 64 * 1024 }; /* libpq counts in int */
  struct db_conn *conn = copy->conn;
  if (conn == NULL || copy->phase != COPY_FEEDING) return false;
  copy->unflushed += len;
  while (len > 0) {
    size_t piece = len < PIECE_BYTES ? len : PIECE_BYTES;
    if (PQputCopyData(conn->pg, data, (int)piece) != 1) {
      db_conn_lose(conn, PQerrorMessage(conn->pg));
      return false;
    }
    data += piece;
    len -= piece;
  }
  if (copy->unflushed < FLUSH_BYTES) return true;
  copy->unflushed = 0;
  if (!db_conn_flush(conn)) return false;
  copy->is_full = has_unsent(conn);
  return !copy->is_full;
}

void db_copy_finish(struct db_copy *copy, const char *reason) {
  struct db_conn *conn = copy->conn;
  if (conn == NULL || copy->phase != COPY_FEEDING) return;
  copy->phase = COPY_ENDING;
  if (PQputCopyEnd(conn->pg, reason) != 1) db_conn_lose(conn, PQerrorMessage(conn->pg));
  /* An error that came while we were feeding lies in libpq's buffer and raises no event. */
  else if (db_conn_flush(conn)) db_wake_later(conn->db);
}

static void ask_for_data(struct db_copy *copy) {
  copy->is_full = false;
  if (copy->events.ready != NULL) copy->events.ready(copy->ctx);
}

/* ---- TO STDOUT ---- */

/* false: the reader has enough for now, or the copy is gone. */
static bool hand_over(struct db_conn *conn, struct db_copy *copy) {
  if (copy->lines.len == 0) return true;
  struct bytes lines = copy->lines; /* the callback may end the copy */
  copy->lines = (struct bytes){0};
  bool goes_on = copy->events.chunk == NULL ||
                 copy->events.chunk(copy->ctx, (struct slice){lines.data, lines.len});
  bool is_here = conn->copy == copy;
  if (is_here && !goes_on) conn->is_read_paused = true; /* db_copy_on_input() stops the polling */
  bytes_clear(&lines);
  if (is_here) copy->lines = lines; /* keeps the memory for the next piece */
  else bytes_deinit(&lines);
  return is_here && goes_on;
}

static void read_lines(struct db_conn *conn, struct db_copy *copy) {
  while (!conn->is_read_paused) {
    char *line = NULL;
    int len = PQgetCopyData(conn->pg, &line, 1);
    if (len > 0) bytes_add(&copy->lines, line, (size_t)len);
    PQfreemem(line);
    if (len > 0 && copy->lines.len < CHUNK_BYTES) continue;
    if (len < 0) copy->phase = COPY_ENDING; /* the end, or an error that the result tells */
    if (!hand_over(conn, copy) || len <= 0) return;
  }
}

void db_copy_resume(struct db_copy *copy) {
  struct db_conn *conn = copy->conn;
  if (conn == NULL || !conn->is_read_paused) return;
  conn->is_read_paused = false;
  if (db_conn_flush(conn)) db_wake_later(conn->db); /* lines may wait in libpq's buffer */
}

/* ---- input ---- */

static void take_results(struct db_conn *conn, struct db_copy *copy) {
  while (!PQisBusy(conn->pg)) {
    PGresult *result = PQgetResult(conn->pg);
    if (result == NULL) {
      finish(copy);
      return;
    }
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
      copy->phase = status == PGRES_COPY_IN ? COPY_FEEDING : COPY_READING;
      PQclear(result);
      return;
    }
    if (copy->query->result == NULL) copy->query->result = result;
    else PQclear(result);
    if (PQstatus(conn->pg) == CONNECTION_BAD) return; /* the caller sees it, too */
  }
}

static void feed(struct db_conn *conn, struct db_copy *copy, bool is_first) {
  if (!db_conn_flush(conn)) return;
  if (is_first || (copy->is_full && !has_unsent(conn))) ask_for_data(copy);
}

void db_copy_on_input(struct db_conn *conn) {
  struct db_copy *copy = conn->copy;
  bool was_starting = copy->phase == COPY_STARTING;
  if (was_starting) take_results(conn, copy);
  if (conn->copy == copy && copy->phase == COPY_READING) read_lines(conn, copy);
  if (conn->copy != copy) return;
  if (copy->phase == COPY_FEEDING) {
    feed(conn, copy, was_starting);
    return;
  }
  bool is_ending = copy->phase == COPY_ENDING && !conn->is_read_paused;
  if (is_ending) take_results(conn, copy);
  if (conn->copy == copy) db_conn_flush(conn);
}
