/* Queries on their way through one connection in pipeline mode, each followed by a Sync of its own:
 * an error stays with the query that caused it. (One Sync for several was tried: a neighbour's
 * insert came back as done and was rolled back.) */
#include <stdio.h>
#include <stdlib.h>

#include "db/pool.h"

/* ---- sending ---- */

static bool send_deallocate(struct db_conn *conn, struct db_query *q, const char *name) {
  char sql[DB_STATEMENT_NAME + 16];
  snprintf(sql, sizeof sql, "DEALLOCATE %s", name);
  q->steps_before++;
  return PQsendQueryParams(conn->pg, sql, 0, NULL, NULL, NULL, NULL, 0) == 1;
}

static bool send_prepare(struct db_conn *conn, struct db_query *q, const char *name) {
  q->steps_before++;
  return PQsendPrepare(conn->pg, name, db_query_sql(q), 0, NULL) == 1;
}

static bool send_execute(struct db_conn *conn, const struct db_query *q, const char *name) {
  const char *few[DB_PARAMS_INLINE];
  const char **values = few;
  if (q->param_count > DB_PARAMS_INLINE) values = malloc((size_t)q->param_count * sizeof *values);
  if (values == NULL) return false;
  for (int i = 0; i < q->param_count; i++)
    values[i] = q->params[i] == SIZE_MAX ? NULL : q->text.data + q->params[i];
  int sent = *name != '\0'
                 ? PQsendQueryPrepared(conn->pg, name, q->param_count, values, NULL, NULL, 0)
                 : PQsendQueryParams(conn->pg, db_query_sql(q), q->param_count, NULL, values, NULL,
                                     NULL, 0);
  if (values != few) free(values);
  return sent == 1;
}

static bool send_all(struct db_conn *conn, struct db_query *q) {
  struct db_preparation prep;
  db_statements_use(&conn->statements, q, &prep);
  if (prep.evicted[0] != '\0' && !send_deallocate(conn, q, prep.evicted)) return false;
  if (prep.must_deallocate && !send_deallocate(conn, q, prep.name)) return false;
  if (prep.must_prepare && !send_prepare(conn, q, prep.name)) return false;
  return send_execute(conn, q, prep.name) && PQpipelineSync(conn->pg) == 1;
}

void db_flight_start(struct db_conn *conn, struct db_query *q) {
  q->state = DB_QUERY_SENT;
  q->conn = conn;
  q->number = ++conn->last_number;
  q->sends++;
  q->steps_before = q->steps_seen = 0;
  q->is_cancelled = false;
  q->may_be_hit = conn->is_cancelling;
  list_push(&conn->flights, &q->link);
  conn->in_flight++;
  if (!send_all(conn, q)) {
    db_conn_lose(conn, PQerrorMessage(conn->pg));
    return;
  }
  if (!db_conn_flush(conn)) return;
  /* While flushing libpq may have read: answers in its buffer raise no event on the socket. */
  if (!conn->is_draining && !PQisBusy(conn->pg)) db_wake_later(conn->db);
}

/* ---- answers ---- */

static const char *sqlstate_of(const PGresult *result) {
  const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return sqlstate != NULL ? sqlstate : "";
}

/* A cancel meant for a neighbour struck q. It was rolled back whole, so it may go out again. */
static bool was_hit_by_mistake(const struct db_query *q, const char *sqlstate) {
  return strcmp(sqlstate, "57014") == 0 && q->may_be_hit && q->sends < 3;
}

/* The statement is not there, is there already, or has an outdated plan. */
static bool has_plan_trouble(struct db_conn *conn, const struct db_query *q, const char *sqlstate) {
  if (strcmp(sqlstate, "26000") == 0) {
    db_statements_forget(&conn->statements, q);
    return true;
  }
  const char *function = PQresultErrorField(q->result, PG_DIAG_SOURCE_FUNCTION);
  bool is_outdated = strcmp(sqlstate, "0A000") == 0 && function != NULL &&
                     strcmp(function, "RevalidateCachedQuery") == 0;
  if (!is_outdated && strcmp(sqlstate, "42P05") != 0) return false;
  db_statements_mark_stale(&conn->statements, q);
  return true;
}

/* true: q went out again. Inside a transaction nothing can: it is aborted. */
static bool send_again(struct db_conn *conn, struct db_query *q) {
  const char *sqlstate = sqlstate_of(q->result);
  bool may_again =
      (has_plan_trouble(conn, q, sqlstate) && q->sends < 2) || was_hit_by_mistake(q, sqlstate);
  if (!may_again || q->tx != NULL || q->done == NULL) return false;
  PQclear(q->result);
  q->result = NULL;
  db_flight_start(conn, q);
  return true;
}

/* After a failover the old primary may answer on as a standby: look for the new one. */
static void note_read_only(struct db_conn *conn, const struct db_query *q) {
  if (strcmp(sqlstate_of(q->result), "25006") != 0) return;
  if (q->lane == DB_LANE_REPLICA || (q->tx != NULL && db_tx_is_read_only(q->tx))) return;
  conn->must_drop = true;
}

static bool is_failure(const PGresult *result) {
  ExecStatusType status = PQresultStatus(result);
  return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
}

/* Between flights a shared connection must not sit in a transaction that somebody opened by hand. */
static void check_idle(struct db_conn *conn) {
  if (conn->in_flight > 0 || conn->tx != NULL || conn->copy != NULL) return;
  if (PQtransactionStatus(conn->pg) != PQTRANS_IDLE) conn->must_drop = true;
  if (conn->must_drop) db_conn_lose(conn, "it was left in a state nobody can use");
}

static void end_flight(struct db_conn *conn, struct db_query *q) {
  uint64_t generation = conn->generation;
  list_remove(&q->link);
  conn->in_flight--;
  q->conn = NULL;
  if (q->result == NULL) db_query_fail(q, ERR_INTERNAL, "PostgreSQL gave no result");
  else if (is_failure(q->result)) {
    if (send_again(conn, q)) return;
    note_read_only(conn, q);
    db_query_fail_by(q, q->result);
  }
  db_finish_now(q);
  if (!db_conn_is_still(conn, generation)) return;
  check_idle(conn);
  if (conn->tx != NULL) db_tx_pump(conn->tx);
  else db_pool_pump(conn->pool);
}

static void keep_result(struct db_conn *conn, struct db_query *q, PGresult *result) {
  bool is_preparing = q->steps_seen < q->steps_before;
  if (is_preparing && is_failure(result)) db_statements_forget(&conn->statements, q);
  if (q->result != NULL || (is_preparing && !is_failure(result))) PQclear(result);
  else q->result = result;
}

/* false: the connection is of no use any more. */
static bool take_result(struct db_conn *conn, PGresult *result) {
  enum {
    STEPS_MAX = 5
  }; /* two DEALLOCATE, PREPARE, the query; more means libpq has lost its way */
  struct db_query *q = LIST_OWNER(list_first(&conn->flights), struct db_query, link);
  if (result == NULL) return ++q->steps_seen <= STEPS_MAX;
  ExecStatusType status = PQresultStatus(result);
  bool is_copy = status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
  bool is_broken = status == PGRES_FATAL_ERROR && PQstatus(conn->pg) == CONNECTION_BAD &&
                   *sqlstate_of(result) == '\0';
  if (status == PGRES_PIPELINE_SYNC) {
    PQclear(result);
    end_flight(conn, q);
  } else if (status == PGRES_PIPELINE_ABORTED || is_copy || is_broken) {
    PQclear(result);
  } else {
    keep_result(conn, q, result);
  }
  return !is_copy && !is_broken;
}

void db_flight_drain(struct db_conn *conn) {
  uint64_t generation = conn->generation;
  conn->is_draining = true;
  /* PQisBusy() also digests notices, so it is asked even when nothing is expected. */
  while (db_conn_is_still(conn, generation) && conn->copy == NULL && !PQisBusy(conn->pg)) {
    if (list_is_empty(&conn->flights)) break;
    if (!take_result(conn, PQgetResult(conn->pg)))
      db_conn_lose(conn, PQstatus(conn->pg) == CONNECTION_BAD ? PQerrorMessage(conn->pg)
                                                              : "COPY outside db_copy_start()");
  }
  conn->is_draining = false;
}

/* ---- loss and deadlines ---- */

static void abort_flight(struct db_query *q) {
  bool may_again = q->idempotent && q->tx == NULL && q->done != NULL && q->sends < 2;
  bool is_refused = q->result != NULL && is_failure(q->result);
  if (is_refused && !may_again) db_query_fail_by(q, q->result);
  PQclear(q->result);
  q->result = NULL;
  if (may_again && !q->db->is_closing) {
    db_pool_enqueue_again(q);
    return;
  }
  if (q->db->is_closing) db_query_fail(q, ERR_CLOSED, "the database pool was closed");
  db_query_fail(q, ERR_UNAVAILABLE, "connection lost under the query: %s", q->db->trouble);
  db_finish_later(q);
}

void db_flight_abort_all(struct db_conn *conn) {
  while (!list_is_empty(&conn->flights)) { /* last to first: enqueue_again puts each in front */
    struct link *last = conn->flights.head.prev;
    list_remove(last);
    struct db_query *q = LIST_OWNER(last, struct db_query, link);
    conn->in_flight--;
    q->conn = NULL;
    abort_flight(q);
  }
}

/* q's caller is told, the answer is still to come. */
static void give_up(struct db_query *q) {
  if (q->tx != NULL) db_tx_on_timeout(q->tx);
  q->db->live++; /* the ghost */
  db_query_leave_ghost(q);
  db_finish_later(q);
}

static void time_out(struct db_query *q) {
  db_query_fail(q, ERR_TIMEOUT, "no answer within its deadline (lane %s)", q->pool->name);
  give_up(q);
}

void db_flight_fail_all(struct db_conn *conn) {
  struct link *next;
  for (struct link *at = conn->flights.head.next; at != &conn->flights.head; at = next) {
    next = at->next;
    struct db_query *q = LIST_OWNER(at, struct db_query, link);
    if (q->done == NULL) continue;
    db_query_fail(q, ERR_UNAVAILABLE, "the database does not answer (lane %s)", q->pool->name);
    give_up(q);
  }
}

void db_flight_sweep(struct db_conn *conn, uint64_t now) {
  enum { DEAF_MS = 5000 }; /* a backend that does not even react to a cancel */
  struct link *next;
  for (struct link *at = conn->flights.head.next; at != &conn->flights.head; at = next) {
    next = at->next;
    struct db_query *q = LIST_OWNER(at, struct db_query, link);
    if (q->done != NULL && now >= q->deadline_ms) time_out(q);
  }
  struct link *first = list_first(&conn->flights);
  if (first == NULL) return;
  /* Only the first one runs in PostgreSQL; one behind it is cancelled when its turn has come. */
  const struct db_query *running = LIST_OWNER(first, struct db_query, link);
  if (running->done != NULL || now < running->deadline_ms) return;
  if (!running->is_cancelled) db_conn_cancel(conn);
  else if (now >= running->deadline_ms + DEAF_MS)
    db_conn_lose(conn, "it does not react to a cancel");
}
