#include "db/query.h"

#include <stdlib.h>

#include "base/mem.h"
#include "db/statement.h"

struct db_query *db_query_new(const char *sql, size_t len) {
  struct db_query *q = mem_zero(sizeof *q);
  bytes_reserve(&q->text, len + 128); /* room for a few parameters */
  bytes_add(&q->text, sql, len);
  bytes_add_char(&q->text, '\0');
  q->sql_len = len;
  q->hash = db_statement_hash(sql, len);
  if (memchr(sql, '\0', len) != NULL) q->flaw = "the statement holds a NUL byte";
  q->params = q->few_params;
  q->param_cap = DB_PARAMS_INLINE;
  return q;
}

static void grow_params(struct db_query *q) {
  int cap = q->param_cap * 2;
  size_t *params = mem_alloc((size_t)cap * sizeof *params);
  memcpy(params, q->params, (size_t)q->param_count * sizeof *params);
  if (q->params != q->few_params) free(q->params);
  q->params = params;
  q->param_cap = cap;
}

void db_query_param(struct db_query *q, const char *data, size_t len) {
  if (q->param_count == DB_PARAMS_MAX) {
    q->flaw = "more than 65535 parameters";
    return;
  }
  if (q->param_count == q->param_cap) grow_params(q);
  size_t *place = &q->params[q->param_count++];
  *place = SIZE_MAX;
  if (data == NULL) return;
  /* PostgreSQL's text cannot hold NUL, and libpq would cut the value short in silence. */
  if (memchr(data, '\0', len) != NULL) q->flaw = "a parameter holds a NUL byte";
  *place = q->text.len;
  bytes_add(&q->text, data, len);
  bytes_add_char(&q->text, '\0');
}

void db_query_lane(struct db_query *q, enum db_lane lane) { q->lane = lane; }

void db_query_timeout(struct db_query *q, int timeout_ms) { q->timeout_ms = timeout_ms; }

void db_query_idempotent(struct db_query *q) { q->idempotent = true; }

void db_query_free(struct db_query *q) {
  if (q == NULL) return;
  if (q->params != q->few_params) free(q->params);
  bytes_deinit(&q->text);
  PQclear(q->result);
  free(q->failure);
  free(q);
}

struct db_query *db_query_leave_ghost(struct db_query *q) {
  struct db_query *ghost = db_query_new(db_query_sql(q), q->sql_len);
  struct link *before = q->link.prev;
  list_remove(&q->link);
  link_insert_after(before, &ghost->link);
  ghost->state = DB_QUERY_SENT;
  ghost->lane = q->lane;
  ghost->db = q->db;
  ghost->pool = q->pool;
  ghost->conn = q->conn;
  ghost->tx = q->tx;
  ghost->deadline_ms = q->deadline_ms;
  ghost->number = q->number;
  ghost->sends = q->sends;
  ghost->steps_before = q->steps_before;
  ghost->steps_seen = q->steps_seen;
  ghost->is_cancelled = q->is_cancelled;
  q->conn = NULL;
  return ghost;
}

void db_query_deliver(struct db_query *q) {
  struct db_outcome outcome = {.result = q->failure == NULL ? q->result : NULL};
  if (q->failure != NULL) {
    outcome.err = &q->failure->err;
    outcome.fault = q->failure->has_fault ? &q->failure->fault : NULL;
  } else {
    q->result = NULL; /* it is the outcome's now */
  }
  if (q->done != NULL) q->done(q->ctx, &outcome);
  PQclear(outcome.result);
  db_query_free(q);
}
