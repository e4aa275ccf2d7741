/* db/pool.h - connections, pools and what they tell each other (inside db only).
 *
 *   struct db ── pools[lane] ── conns[] ── flights: queries sent, in the order of their answers
 *           │        └── queue: queries waiting for a connection (BEGIN of a transaction among them)
 *           ├── listen_conn, listeners; probe_conn
 *           └── later: queries that are over and wait to be delivered from the loop
 *
 * Connection states:
 *
 *   DOWN --open--> RESOLVING --> CONNECTING --> SETUP --> READY
 *    ^                 │             │            │         │
 *    └─ back-off ── PAUSED <─────────┴── failed ──┴── lost ─┘
 *
 * Callbacks of users run only in db_conn's input handling and in the later timer, never inside
 * db_submit() and its like. Code after such a callback must not assume that its connection is
 * still READY: the callback may have done anything, db_close() included.
 */
#pragma once
#include <libpq-fe.h>
#include <uv.h>

#include "base/list.h"
#include "db/conninfo.h"
#include "db/db.h"
#include "db/query.h"
#include "db/statement.h"
#include "loop/loop.h"

enum db_conn_state {
  DB_CONN_DOWN,
  DB_CONN_PAUSED,
  DB_CONN_RESOLVING,
  DB_CONN_CONNECTING,
  DB_CONN_SETUP,
  DB_CONN_READY,
};

/* What makes a connection of a pool differ from the listening one. */
struct db_conn_role {
  bool is_pipelined;
  void (*on_ready)(struct db_conn *conn);
  void (*on_input)(struct db_conn *conn); /* after PQconsumeInput() and PQflush() */
  void (*on_lost)(struct db_conn *conn);  /* conn->pg is gone already */
};

typedef void (*db_socket_fn)(struct db_conn *conn, int status, int events);

struct db_socket { /* lives until libuv has closed it, which is later than PQfinish() */
  uv_poll_t poll;
  struct db *db;
  struct db_conn *conn; /* NULL when closed */
  db_socket_fn fn;
  int events;
};

struct db_conn {
  struct db *db;
  struct db_pool *pool; /* NULL for the listening and the probing connection */
  const struct db_conn_role *role;
  const struct db_conninfo *info;
  enum db_conn_state state;
  PGconn *pg;
  struct db_socket *socket;
  uv_timer_t timer; /* the back-off, or the deadline of connecting */
  struct db_resolver resolver;
  int attempts;        /* since it was last steady */
  uint64_t ready_ms;   /* when it last became ready; 0: never */
  uint64_t generation; /* counts connections, so that a late cancel knows its own */

  struct db_statements statements;
  struct list flights;
  int in_flight;
  uint64_t last_number;
  bool is_cancelling;   /* a PQcancel() runs in the thread pool */
  bool is_draining;     /* results are being delivered */
  bool is_read_paused;  /* COPY TO STDOUT whose reader has enough */
  struct db_tx *tx;     /* who has pinned it */
  struct db_copy *copy; /* running now */
  bool must_drop;       /* to be closed as soon as its flights are over */
  bool has_last_words;  /* PostgreSQL said why it closes; db->trouble holds it */
};

struct db_pool {
  struct db *db;
  enum db_lane lane;
  const char *name;
  struct db_lane_config config;
  const struct db_conninfo *info;
  struct db_conn *conns;
  struct list queue;
  int queued;
  uint64_t away_since_ms; /* 0: connected, or never tried */
  uint64_t total, errors, timeouts, reconnects;
};

struct db {
  struct loop *loop;
  const struct log *log;
  struct db_config config; /* url is NULL; time_zone is owned */
  struct db_conninfo primary, replica;
  struct db_pool pools[DB_LANE_COUNT];
  struct db_conn listen_conn;
  struct db_conn probe_conn;
  uint64_t silent_since_ms; /* queries wait and nothing has come since; 0: it has, or none waits */
  bool is_deaf;             /* the primary is there and does not answer: see probe.c */
  struct list listeners;
  bool is_listen_dirty;   /* the server does not know all channels yet */
  bool is_listen_busy;    /* LISTEN was sent and not answered */
  int dispatch_depth;     /* > 0 while listeners are called */
  struct list txs;        /* all transactions, for db_close() */
  struct list later;      /* queries to deliver */
  uv_timer_t later_timer; /* runs once when something was put off */
  uv_timer_t sweep_timer; /* runs while queries live: deadlines */
  uint64_t swept_ms;
  bool is_sweep_put_off;
  bool is_delivering;     /* the later queue is being delivered */
  int live;               /* queries submitted and not delivered */
  uint64_t random;        /* state of the jitter */
  uint64_t complained_ms; /* last warning about connecting */
  char trouble[256];      /* why it could not connect last time */
  bool is_closing;
  int pending; /* handles and requests that libuv still has */
  void (*closed)(void *ctx);
  void *closed_ctx;
};

enum { DB_SWEEP_MS = 25 };

/* db.c */
struct db_conn *db_conn_at(struct db *db, int i); /* all of them in turn; NULL at the end */
uint64_t db_now(const struct db *db);             /* ms of the loop */
/* Puts a query that is in no list on its way to be delivered. Counts it in its pool. */
void db_finish_later(struct db_query *q);
/* Delivers at once; only from the loop's own callbacks. */
void db_finish_now(struct db_query *q);
/* Has the later timer run, which also reads what libpq holds in its buffers. */
void db_wake_later(struct db *db);
/* Takes over a fresh query: deadlines begin, the sweep runs. false: it had a flaw, and is finished. */
bool db_adopt(struct db *db, struct db_pool *pool, struct db_query *q, db_done_fn done, void *ctx);
/* One handle or request less for db_close() to wait for. */
void db_released(struct db *db);

/* pool.c */
extern const struct db_conn_role db_pool_role;
void db_pool_enqueue(struct db_query *q);
void db_pool_enqueue_again(struct db_query *q); /* first in line */
void db_pool_pump(struct db_pool *pool);
void db_pool_sweep(struct db_pool *pool, uint64_t now);
int db_pool_ready(const struct db_pool *pool);
void db_pool_note_away(struct db_pool *pool);
void db_pool_fail_all(struct db_pool *pool); /* whoever waits is told that the database is away */

/* conn.c */
void db_conn_init(struct db_conn *conn, struct db *db, struct db_pool *pool,
                  const struct db_conn_role *role, const struct db_conninfo *info);
void db_conn_open(struct db_conn *conn);   /* when it is down or paused */
void db_conn_drop(struct db_conn *conn);   /* closes it for good, without a word */
void db_conn_deinit(struct db_conn *conn); /* for db_close(); handles close later */
/* Breaks the connection; flights fail or go back to their queue; connects again after a pause. */
void db_conn_lose(struct db_conn *conn, const char *why);
/* Sends what libpq has buffered and polls for what it needs. false: the connection was lost. */
bool db_conn_flush(struct db_conn *conn);
/* Has its role read what libpq holds. is_alive: reading from the socket went well. */
void db_conn_take_input(struct db_conn *conn, bool is_alive);
/* The same READY connection as in generation. */
bool db_conn_is_still(const struct db_conn *conn, uint64_t generation);

/* socket.c */
/* Polls PQsocket() for events. false: the socket cannot be polled. */
bool db_socket_watch(struct db_conn *conn, int events, db_socket_fn fn);
void db_socket_close(struct db_conn *conn); /* before libpq closes it */

/* session.c */
/* Sends the settings of a fresh connection in one statement. false: see PQerrorMessage(). */
bool db_session_send(struct db_conn *conn);

/* flight.c */
void db_flight_start(struct db_conn *conn, struct db_query *q); /* q is in no list */
void db_flight_drain(struct db_conn *conn);
void db_flight_abort_all(struct db_conn *conn);
void db_flight_sweep(struct db_conn *conn, uint64_t now);
void db_flight_fail_all(struct db_conn *conn); /* ghosts stay in their places */

/* cancel.c */
void db_conn_cancel(struct db_conn *conn); /* what runs there now; not twice at once */

/* tx.c */
void db_tx_pump(struct db_tx *tx);
void db_tx_sweep(struct db_tx *tx, uint64_t now);
void db_tx_pin(struct db_tx *tx, struct db_conn *conn);
void db_tx_on_lost(struct db_tx *tx);    /* its connection is gone */
void db_tx_on_timeout(struct db_tx *tx); /* a statement in it ran out of time: no COMMIT any more */
bool db_tx_is_read_only(const struct db_tx *tx);
void db_tx_free_all(struct db *db); /* when no query is left that knows one */

/* copy.c */
void db_copy_run(struct db_conn *conn, struct db_query *q);
void db_copy_on_input(struct db_conn *conn);
void db_copy_on_lost(struct db_copy *copy);
void db_copy_sweep(struct db_conn *conn, uint64_t now);

/* probe.c */
extern const struct db_conn_role db_probe_role;
void db_heard(struct db_conn *conn); /* something came from the server */
void db_probe_sweep(struct db *db, uint64_t now);

/* listen.c */
extern const struct db_conn_role db_listen_role;
void db_listen_free_all(struct db *db);
