/* db/query.h - a statement on its way (inside db only).
 *
 *   new --> queued (in a pool), or in tx (behind others of its transaction)
 *       --> sent (in a connection's flights) --> over (in db->later) --> delivered, freed
 *
 * A query whose caller must be told before PostgreSQL has answered (its deadline passed) leaves a
 * ghost in its place: a query without a caller that swallows the answer.
 */
#pragma once
#include <libpq-fe.h>

#include "base/list.h"
#include "db/db.h"

struct db_pool;
struct db_conn;

enum db_query_state {
  DB_QUERY_NEW,
  DB_QUERY_QUEUED,
  DB_QUERY_IN_TX,
  DB_QUERY_SENT,
  DB_QUERY_OVER,
};

enum { DB_PARAMS_INLINE = 12, DB_PARAMS_MAX = 65535 };

struct db_failure {
  struct error err;
  struct db_fault fault;
  bool has_fault; /* PostgreSQL's own words, not ours */
};

struct db_query {
  struct link link; /* in the list of its state */
  enum db_query_state state;

  struct bytes text; /* the SQL with a NUL, then each parameter with a NUL */
  size_t sql_len;
  uint64_t hash;    /* of the SQL */
  const char *flaw; /* why it can never be sent, or NULL */
  size_t *params;   /* where each begins in text; SIZE_MAX is NULL */
  int param_count, param_cap;
  size_t few_params[DB_PARAMS_INLINE];

  enum db_lane lane;
  int timeout_ms; /* 0: the lane's */
  bool idempotent;

  struct db *db;
  struct db_pool *pool;
  struct db_conn *conn; /* while sent */
  struct db_tx *tx;     /* the transaction it belongs to, or NULL */
  struct db_copy *copy; /* set for COPY */
  db_done_fn done;      /* NULL: nobody waits for it any more */
  void *ctx;
  uint64_t queued_ms;
  uint64_t deadline_ms;

  uint64_t number; /* of this sending, counted by its connection */
  int sends;
  int steps_before;  /* DEALLOCATE and PREPARE commands sent ahead of it in the same flight */
  int steps_seen;    /* commands whose results are complete */
  bool is_cancelled; /* PostgreSQL was asked to stop it */
  bool may_be_hit;   /* a cancel meant for a neighbour may strike it */

  PGresult *result;
  struct db_failure *failure; /* set once it failed */
};

static inline const char *db_query_sql(const struct db_query *q) { return q->text.data; }

/* Takes q out of its connection's flights; a query that nobody waits for takes its place. */
struct db_query *db_query_leave_ghost(struct db_query *q);
/* Gives q a failure of our own making; the first one stays. */
void db_query_fail(struct db_query *q, enum error_code code, const char *format, ...)
    COPP_PRINTF(3, 4);
/* Gives q the failure that result (PGRES_FATAL_ERROR) tells of. */
void db_query_fail_by(struct db_query *q, const PGresult *result);
/* Calls done when there is somebody, then frees q. */
void db_query_deliver(struct db_query *q);
