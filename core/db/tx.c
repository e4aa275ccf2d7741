/* Transactions: a connection of the tx lane belongs to one from BEGIN to the end.
 *
 * BEGIN waits in the lane's queue like any query; what follows waits in the tx, because a COPY must
 * have the connection for itself. */
#include <stdlib.h>

#include "base/mem.h"
#include "db/pool.h"

enum { ABANDONED_MS = 2000 }; /* time for the ROLLBACK that nobody waits for */

struct db_tx {
  struct link link; /* in db->txs */
  struct db *db;
  struct db_conn *conn;   /* NULL while waiting, and after a loss */
  struct db_query *begin; /* until it is answered */
  struct list queue;      /* queries behind others of this tx */
  enum db_tx_mode mode;
  bool is_poisoned; /* a statement ran out of time; what it did is unknown */
  bool is_commit;   /* what db_tx_end() asked for */
  db_done_fn done;  /* of begin, then of end */
  void *ctx;
};

bool db_tx_is_read_only(const struct db_tx *tx) { return tx->mode == DB_TX_READ_ONLY; }

static void free_tx(struct db_tx *tx) {
  list_remove(&tx->link);
  free(tx);
}

void db_tx_free_all(struct db *db) {
  struct link *first;
  while ((first = list_first(&db->txs)) != NULL) free_tx(LIST_OWNER(first, struct db_tx, link));
}

/* ---- begin ---- */

static const char *begin_sql(enum db_tx_mode mode) {
  switch (mode) {
    case DB_TX_DEFAULT: return "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
    case DB_TX_REPEATABLE: return "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE";
    case DB_TX_SERIALIZABLE: return "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE";
    case DB_TX_READ_ONLY: return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  }
  return "BEGIN";
}

static struct db_query *new_query(const char *sql) { return db_query_new(sql, strlen(sql)); }

static void on_begun(void *ctx, struct db_outcome *outcome) {
  struct db_tx *tx = ctx;
  tx->begin = NULL;
  if (outcome->err != NULL) tx->is_poisoned = true;
  db_done_fn done = tx->done;
  tx->done = NULL;
  if (done != NULL) done(tx->ctx, outcome);
}

struct db_tx *db_tx_begin(struct db *db, enum db_tx_mode mode, int timeout_ms, db_done_fn done,
                          void *ctx) {
  struct db_tx *tx = mem_zero(sizeof *tx);
  tx->db = db;
  tx->mode = mode;
  tx->done = done;
  tx->ctx = ctx;
  list_init(&tx->queue);
  list_push(&db->txs, &tx->link);
  struct db_query *q = tx->begin = new_query(begin_sql(mode));
  q->tx = tx;
  db_query_timeout(q, timeout_ms);
  if (db_adopt(db, &db->pools[DB_LANE_TX], q, on_begun, tx)) db_pool_enqueue(q);
  return tx;
}

void db_tx_pin(struct db_tx *tx, struct db_conn *conn) {
  tx->conn = conn;
  conn->tx = tx;
}

/* ---- queries inside ---- */

void db_tx_pump(struct db_tx *tx) {
  struct link *first;
  while (tx->conn != NULL && tx->conn->copy == NULL && (first = list_first(&tx->queue)) != NULL) {
    struct db_query *q = LIST_OWNER(first, struct db_query, link);
    if (q->copy != NULL && tx->conn->in_flight > 0) return;
    list_remove(first);
    if (q->copy != NULL) db_copy_run(tx->conn, q);
    else db_flight_start(tx->conn, q);
  }
}

static void enqueue(struct db_tx *tx, struct db_query *q) {
  q->state = DB_QUERY_IN_TX;
  list_push(&tx->queue, &q->link);
  db_tx_pump(tx);
}

void db_tx_submit(struct db_tx *tx, struct db_query *q, db_done_fn done, void *ctx) {
  q->tx = tx;
  if (!db_adopt(tx->db, &tx->db->pools[DB_LANE_TX], q, done, ctx)) return;
  if (tx->conn != NULL) {
    enqueue(tx, q);
    return;
  }
  db_query_fail(q, ERR_UNAVAILABLE, "the transaction has lost its connection");
  db_finish_later(q);
}

void db_tx_sweep(struct db_tx *tx, uint64_t now) {
  struct link *next;
  for (struct link *at = tx->queue.head.next; at != &tx->queue.head; at = next) {
    next = at->next;
    struct db_query *q = LIST_OWNER(at, struct db_query, link);
    if (now < q->deadline_ms) continue;
    list_remove(at);
    tx->is_poisoned = true;
    db_query_fail(q, ERR_TIMEOUT, "earlier statements of its transaction took too long");
    db_finish_later(q);
  }
}

void db_tx_on_timeout(struct db_tx *tx) { tx->is_poisoned = true; }

void db_tx_on_lost(struct db_tx *tx) {
  tx->conn->tx = NULL;
  tx->conn = NULL;
  struct link *first;
  while ((first = list_pop(&tx->queue)) != NULL) {
    struct db_query *q = LIST_OWNER(first, struct db_query, link);
    db_query_fail(q, tx->db->is_closing ? ERR_CLOSED : ERR_UNAVAILABLE,
                  "the transaction has lost its connection");
    db_finish_later(q);
  }
}

/* ---- end ---- */

/* Gives the connection back, if it is fit for the next. */
static void release(struct db_tx *tx) {
  struct db_conn *conn = tx->conn;
  if (conn == NULL) return;
  tx->conn = NULL;
  conn->tx = NULL;
  if (conn->in_flight > 0 || PQtransactionStatus(conn->pg) != PQTRANS_IDLE)
    db_conn_lose(conn, "its transaction could not be ended");
}

static void judge_commit(const struct db_tx *tx, struct db_outcome *outcome, struct error *err) {
  if (outcome->err != NULL && outcome->err->code == ERR_TIMEOUT)
    error_set(err, ERR_UNAVAILABLE, "COMMIT was not answered in time; its outcome is unknown");
  else if (outcome->err != NULL) return;
  else if (tx->is_poisoned)
    error_set(err, ERR_CONFLICT, "rolled back: a statement had failed or run out of time");
  else if (strcmp(PQcmdStatus(outcome->result), "COMMIT") != 0)
    error_set(err, ERR_CONFLICT, "PostgreSQL rolled back: a statement had failed");
  else return;
  outcome->err = err;
}

static void on_ended(void *ctx, struct db_outcome *outcome) {
  struct db_tx *tx = ctx;
  struct db *db = tx->db;
  db_done_fn done = tx->done;
  void *done_ctx = tx->ctx;
  struct error err = {0};
  if (tx->is_commit) judge_commit(tx, outcome, &err);
  release(tx);
  free_tx(tx);
  if (done != NULL) done(done_ctx, outcome);
  if (!db->is_closing) db_pool_pump(&db->pools[DB_LANE_TX]);
}

/* No connection: PostgreSQL has rolled back by itself, or nothing ever began. */
static void end_without_connection(struct db_tx *tx, struct db_query *q) {
  if (tx->is_commit)
    db_query_fail(q, ERR_UNAVAILABLE, "the connection was lost before COMMIT; nothing was kept");
  db_finish_later(q);
}

static void drop_begin(struct db_tx *tx) {
  if (tx->begin == NULL) return;
  if (tx->begin->state == DB_QUERY_SENT) {
    tx->done = NULL; /* on_begun() still comes, and finds nobody */
    return;
  }
  db_query_cancel(tx->begin);
  tx->begin = NULL;
}

void db_tx_end(struct db_tx *tx, bool commit, db_done_fn done, void *ctx) {
  drop_begin(tx);
  tx->is_commit = commit;
  struct db_query *q = new_query(commit && !tx->is_poisoned ? "COMMIT" : "ROLLBACK");
  q->tx = tx;
  if (done == NULL) db_query_timeout(q, ABANDONED_MS);
  bool is_adopted = db_adopt(tx->db, &tx->db->pools[DB_LANE_TX], q, on_ended, tx);
  tx->done = done;
  tx->ctx = ctx;
  if (!is_adopted) return;
  if (tx->conn != NULL) enqueue(tx, q);
  else end_without_connection(tx, q);
}

static void drop_queue(struct db_tx *tx) {
  struct link *first;
  while ((first = list_first(&tx->queue)) != NULL) {
    struct db_query *q = LIST_OWNER(first, struct db_query, link);
    if (q->copy != NULL) db_copy_cancel(q->copy);
    else db_query_cancel(q);
  }
}

static void stop_running(struct db_tx *tx) {
  struct db_conn *conn = tx->conn;
  if (conn->copy != NULL) {
    db_copy_cancel(conn->copy); /* loses the connection, which rolls back */
    return;
  }
  if (conn->in_flight == 0) return;
  for (struct link *at = conn->flights.head.next; at != &conn->flights.head; at = at->next) {
    struct db_query *q = LIST_OWNER(at, struct db_query, link);
    if (q != tx->begin) q->done = NULL;
  }
  db_conn_cancel(conn);
}

void db_tx_abandon(struct db_tx *tx) {
  if (tx == NULL) return;
  drop_queue(tx);
  if (tx->conn != NULL) stop_running(tx);
  db_tx_end(tx, false, NULL, NULL);
}
