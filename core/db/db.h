/* db/db.h - PostgreSQL for one process: pipelined lanes, transactions, COPY, LISTEN.
 *
 *   lane      connections   what runs there
 *   fast      2 pipelined   autocommit queries; many in flight on one socket, one Sync each
 *   tx        2 exclusive   transactions: a connection is pinned from BEGIN to COMMIT
 *   slow      1 exclusive   reports, exports, COPY: nobody waits behind them
 *   replica   0 pipelined   reads that may be a little old; falls back to fast
 *   listen    1             opened by the first db_listen()
 *
 *   query:       new --db_submit--> queued --> in flight --> done(outcome) --> freed
 *   connection:  down --(back-off)--> connecting --> ready --> down …
 *
 * Loop thread only. Nothing here blocks: names are resolved and statements cancelled in the thread
 * pool. No callback runs inside the call that asked for it; all come later, from the loop.
 *
 * Ownership: a query belongs to its caller until it is submitted, then to db, which frees it after
 * done() (or silently, after db_query_cancel()). done() comes exactly once unless cancelled.
 *
 *   struct db_query *q = db_query_new("SELECT title FROM program WHERE id = $1", 39);
 *   db_query_param(q, "42", 2);
 *   db_submit(db, q, on_title, ctx);
 *   static void on_title(void *ctx, struct db_outcome *outcome) {
 *     if (outcome->err != NULL) …; else … db_result_rows(outcome->result) …
 *   }
 *
 * While PostgreSQL is away queries wait at most grace_ms for it, then fail with ERR_UNAVAILABLE.
 * One whose connection died under it fails with ERR_UNAVAILABLE too, unless marked idempotent:
 * then it is sent again, once.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/log.h"
#include "db/result.h"

struct loop;
struct db;       /* all connections of this process */
struct db_query; /* one statement with its parameters */
struct db_tx;    /* a transaction, or the wait for one */
struct db_copy;  /* a running COPY */
struct db_listener;

enum db_lane { DB_LANE_FAST, DB_LANE_TX, DB_LANE_SLOW, DB_LANE_REPLICA, DB_LANE_COUNT };

struct db_lane_config {
  int connections;
  int depth;                /* queries in flight on one connection; 1 for exclusive lanes */
  int queue_limit;          /* more waiting than this: ERR_OVERLOADED */
  int timeout_ms;           /* deadline of a query that names none; covers the wait */
  int statement_timeout_ms; /* the guard inside PostgreSQL; a little above timeout_ms */
};

/* Texts are copied by db_new(). Start from db_config_default(). */
struct db_config {
  const char *url;         /* libpq URI or key=value; several hosts: the one that writes is used */
  const char *replica_url; /* NULL: the replica lane is the fast lane */
  const char *application_name;
  const char *time_zone; /* IANA name of the region's zone */
  struct db_lane_config lanes[DB_LANE_COUNT];
  int idle_in_transaction_ms; /* PostgreSQL ends a transaction whose owner sleeps longer */
  int lock_timeout_ms;        /* of the tx lane */
  int connect_timeout_ms;
  int grace_ms;       /* how long a query waits for a lost database before it fails */
  int backoff_min_ms; /* first pause before connecting again … */
  int backoff_max_ms; /* … and the longest */
  int statements;     /* prepared statements kept by one connection (least recently used go) */
  bool unnamed;       /* no named statements: for pgbouncer below 1.21 in transaction mode */
};

/* The numbers of a web worker. A job worker changes the lanes. */
void db_config_default(struct db_config *config);

/* Connects in the background. log must outlive the db. On failure (a URL that cannot be read)
 * *out is NULL. */
COPP_MUST_USE bool db_new(struct loop *loop, const struct db_config *config, const struct log *log,
                          struct db **out, struct error *err);

/* Fails what is queued or in flight with ERR_CLOSED, closes the connections, frees everything, then
 * calls closed (may be NULL), before which the loop must not be deinited. Queries and transactions
 * must not be used after this call. */
void db_close(struct db *db, void (*closed)(void *ctx), void *ctx);

enum db_state {
  DB_STARTING, /* never connected so far */
  DB_READY,    /* at least one fast connection is up */
  DB_AWAY,
};
enum db_state db_state(const struct db *db);

struct db_lane_stats {
  const char *name;
  int size;      /* connections allowed */
  int connected; /* … that are up */
  int in_flight;
  int queued;
  uint64_t total;      /* queries finished */
  uint64_t errors;     /* … of these not well */
  uint64_t timeouts;   /* … of these by their deadline */
  uint64_t reconnects; /* connections lost and set up again */
};
void db_lane_stats(const struct db *db, enum db_lane lane, struct db_lane_stats *out);

/* ---- outcome ---- */

/* What PostgreSQL said of a failure. Texts are cut at a character's boundary; absent ones are "". */
struct db_fault {
  char sqlstate[6];
  char constraint[64];
  char table[64];
  char column[64];
  char message[512];
  char detail[512];
  char hint[256]; /* our triggers put a stable code here */
  int position;   /* character in the statement, from 1; 0 when unknown */
  bool retry;     /* the whole transaction may succeed when run again (40001, 40P01, stale plan) */
};

struct db_outcome {
  struct pg_result *result;     /* freed after the callback; set it to NULL to keep it */
  const struct error *err;      /* NULL when all went well */
  const struct db_fault *fault; /* only when PostgreSQL itself refused, else NULL */
};
typedef void (*db_done_fn)(void *ctx, struct db_outcome *outcome);

/* ---- queries ---- */

/* Copies the statement. Parameters follow in order; they travel as text. */
struct db_query *db_query_new(const char *sql, size_t len);
/* Adds the next parameter, copied; data NULL is SQL NULL. */
void db_query_param(struct db_query *q, const char *data, size_t len);
void db_query_lane(struct db_query *q, enum db_lane lane); /* default DB_LANE_FAST */
void db_query_timeout(struct db_query *q, int timeout_ms); /* default: the lane's */
/* It may be sent a second time when the connection dies under it (reads). */
void db_query_idempotent(struct db_query *q);
void db_query_free(struct db_query *q); /* only before it was submitted; NULL is fine */

/* Runs it in autocommit mode on its lane (DB_LANE_TX is not allowed here). Takes q. */
void db_submit(struct db *db, struct db_query *q, db_done_fn done, void *ctx);
/* The one who asked is gone: done() will not be called; q is db's to free. A query that was not
 * sent yet is dropped; on the slow lane a running one is cancelled in PostgreSQL. */
void db_query_cancel(struct db_query *q);

/* ---- transactions ---- */

enum db_tx_mode { DB_TX_DEFAULT, DB_TX_REPEATABLE, DB_TX_SERIALIZABLE, DB_TX_READ_ONLY };

/* Waits in order of arrival for a connection (timeout_ms covers that wait and BEGIN; 0: the lane's
 * default), then calls done; outcome->err tells ERR_OVERLOADED, ERR_TIMEOUT, ERR_UNAVAILABLE.
 * The tx lives until db_tx_end() or db_tx_abandon() whatever done says: call one of them always. */
struct db_tx *db_tx_begin(struct db *db, enum db_tx_mode mode, int timeout_ms, db_done_fn done,
                          void *ctx);
/* Runs q inside; several may be submitted at once, they run in order. After a lost connection each
 * fails with ERR_UNAVAILABLE. Takes q. */
void db_tx_submit(struct db_tx *tx, struct db_query *q, db_done_fn done, void *ctx);
/* COMMIT or ROLLBACK; tx is db's from here on. A COMMIT that PostgreSQL turned into a rollback is
 * ERR_CONFLICT; ERR_UNAVAILABLE on commit means: nobody knows. */
void db_tx_end(struct db_tx *tx, bool commit, db_done_fn done, void *ctx);
/* The owner died: no callback will come; running work is cancelled and rolled back, and a
 * connection that does not answer is dropped. NULL is fine. */
void db_tx_abandon(struct db_tx *tx);

/* ---- COPY ---- */

struct db_copy_events {
  /* COPY … FROM STDIN: PostgreSQL takes data now; call db_copy_put() until it says false. */
  void (*ready)(void *ctx);
  /* COPY … TO STDOUT: some whole lines. false pauses until db_copy_resume(). */
  bool (*chunk)(void *ctx, struct slice lines);
  db_done_fn done; /* always last, once; result's command tag tells the count */
};

/* Starts q (a COPY statement without parameters, freed by db) on the slow lane, or inside tx when
 * that is not NULL. The copy is valid until done(). events is copied. */
struct db_copy *db_copy_start(struct db *db, struct db_tx *tx, struct db_query *q,
                              const struct db_copy_events *events, void *ctx);
/* Hands over data, which is copied. false: enough for now, wait for the next ready(). */
COPP_MUST_USE bool db_copy_put(struct db_copy *copy, const char *data, size_t len);
/* No more data. reason NULL ends well; else the whole COPY fails with that text. */
void db_copy_finish(struct db_copy *copy, const char *reason);
void db_copy_resume(struct db_copy *copy);
/* The owner died: no callback will come; the COPY is broken off. */
void db_copy_cancel(struct db_copy *copy);

/* ---- LISTEN ---- */

/* missed: LISTEN has come into force, at first or after the connection was away; notifications before
 * this moment may have been lost (payload is empty): read anew what you follow. */
typedef void (*db_notify_fn)(void *ctx, const char *channel, struct slice payload, bool missed);

/* Hears a channel until db_unlisten(), over every reconnection. */
struct db_listener *db_listen(struct db *db, const char *channel, db_notify_fn fn, void *ctx);
void db_unlisten(struct db_listener *listener); /* NULL is fine */
/* LISTEN is in force right now for all channels. */
bool db_is_listening(const struct db *db);
