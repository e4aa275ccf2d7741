/* The life of one connection: resolve, connect, session settings, input, loss, back-off. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "db/pool.h"

static void on_socket(struct db_conn *conn, int status, int events);

/* ---- saying so ---- */

static const char *lane_name(const struct db_conn *conn) {
  if (conn->pool != NULL) return conn->pool->name;
  return conn == &conn->db->probe_conn ? "probe" : "listen";
}

/* libpq's messages end in a newline and may have several lines. */
static void note_trouble(struct db *db, const char *why) {
  snprintf(db->trouble, sizeof db->trouble, "%.*s", (int)strcspn(why, "\n"), why);
}

/* To an idle connection PostgreSQL says good-bye by a notice: "terminating connection due to …".
 * Others are dropped; libpq's own habit is to print them. */
static void on_notice(void *ctx, const PGresult *notice) {
  struct db_conn *conn = ctx;
  const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity == NULL || strcmp(severity, "FATAL") != 0) return;
  note_trouble(conn->db, PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY));
  conn->has_last_words = true;
}

static void complain(struct db_conn *conn, const char *what) {
  enum { PAUSE_MS = 10000 }; /* an outage makes every connection fail again and again */
  struct db *db = conn->db;
  if (db->complained_ms != 0 && db_now(db) - db->complained_ms < PAUSE_MS) return;
  db->complained_ms = db_now(db);
  log_text(db->log, LOG_WARN, what, "lane %s: %s", lane_name(conn), db->trouble);
}

/* ---- failure and back-off ---- */

static void on_pause_over(uv_timer_t *timer) {
  struct db_conn *conn = timer->data;
  db_conn_open(conn);
}

static uint64_t next_random(struct db *db) { /* xorshift */
  db->random ^= db->random << 13;
  db->random ^= db->random >> 7;
  db->random ^= db->random << 17;
  return db->random;
}

/* Half to the whole of a pause that doubles: processes that lost the same server must not return
 * in step. */
static uint64_t pause_ms(struct db_conn *conn) {
  const struct db_config *config = &conn->db->config;
  int doublings = conn->attempts < 16 ? conn->attempts : 16;
  uint64_t ms = (uint64_t)config->backoff_min_ms << doublings;
  if (ms > (uint64_t)config->backoff_max_ms) ms = (uint64_t)config->backoff_max_ms;
  return ms / 2 + next_random(conn->db) % (ms / 2 + 1);
}

void db_conn_drop(struct db_conn *conn) {
  uv_timer_stop(&conn->timer);
  db_socket_close(conn);
  PQfinish(conn->pg);
  conn->pg = NULL;
  conn->generation++;
  conn->must_drop = conn->is_read_paused = conn->has_last_words = false;
  db_statements_deinit(&conn->statements);
  conn->state = DB_CONN_DOWN;
}

static void pause_conn(struct db_conn *conn) {
  if (conn->pool != NULL) db_pool_note_away(conn->pool);
  conn->state = DB_CONN_PAUSED;
  uv_timer_start(&conn->timer, on_pause_over, pause_ms(conn), 0);
  conn->attempts++;
}

static void connect_failed(struct db_conn *conn, const char *why) {
  note_trouble(conn->db, why);
  complain(conn, "cannot connect to the database");
  db_conn_drop(conn);
  pause_conn(conn);
}

void db_conn_lose(struct db_conn *conn, const char *why) {
  enum {
    STEADY_MS = 5000
  }; /* one that breaks at once each time must not be tried in a tight loop */
  if (conn->state != DB_CONN_READY) return;
  if (!conn->has_last_words) note_trouble(conn->db, why);
  log_text(conn->db->log, LOG_WARN, "database connection lost", "lane %s: %s", lane_name(conn),
           conn->db->trouble);
  if (db_now(conn->db) - conn->ready_ms > STEADY_MS) conn->attempts = 0;
  db_conn_drop(conn);
  pause_conn(conn);
  conn->role->on_lost(conn);
}

/* ---- connecting ---- */

static void on_connect_deadline(uv_timer_t *timer) {
  struct db_conn *conn = timer->data;
  if (!conn->resolver.is_busy) {
    connect_failed(conn, "no answer in time");
    return;
  }
  /* A name look-up cannot be taken back: stay, and let the queries know. */
  note_trouble(conn->db, "no answer from the name server");
  complain(conn, "cannot connect to the database");
  if (conn->pool != NULL) db_pool_note_away(conn->pool);
}

static void start_connect_deadline(struct db_conn *conn) {
  uv_timer_start(&conn->timer, on_connect_deadline, (uint64_t)conn->db->config.connect_timeout_ms,
                 0);
}

static void become_ready(struct db_conn *conn) {
  struct db *db = conn->db;
  if (conn->role->is_pipelined && PQenterPipelineMode(conn->pg) != 1) {
    connect_failed(conn, "pipeline mode was refused");
    return;
  }
  uv_timer_stop(&conn->timer);
  conn->state = DB_CONN_READY;
  db_heard(conn);
  if (conn->ready_ms != 0 && conn->pool != NULL) conn->pool->reconnects++;
  conn->ready_ms = db_now(db);
  if (conn->attempts > 0)
    log_text(db->log, LOG_INFO, "database connection is back", "lane %s", lane_name(conn));
  db->complained_ms = 0;
  db_statements_init(&conn->statements, db->config.unnamed ? 0 : db->config.statements);
  if (!db_socket_watch(conn, UV_READABLE, on_socket)) {
    db_conn_lose(conn, "its socket cannot be polled");
    return;
  }
  conn->role->on_ready(conn);
}

static void step_setup(struct db_conn *conn) {
  bool ok = PQconsumeInput(conn->pg) == 1;
  while (ok && !PQisBusy(conn->pg)) {
    PGresult *result = PQgetResult(conn->pg);
    if (result == NULL) {
      become_ready(conn);
      return;
    }
    ok = PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(result);
  }
  int left = ok ? PQflush(conn->pg) : -1;
  ok = left >= 0 && db_socket_watch(conn, UV_READABLE | (left > 0 ? UV_WRITABLE : 0), on_socket);
  if (!ok) connect_failed(conn, PQerrorMessage(conn->pg));
}

static void begin_setup(struct db_conn *conn) {
  conn->state = DB_CONN_SETUP;
  PQsetnonblocking(conn->pg, 1);
  PQsetNoticeReceiver(conn->pg, on_notice, conn);
  if (db_session_send(conn)) step_setup(conn);
  else connect_failed(conn, PQerrorMessage(conn->pg));
}

static void step_connect(struct db_conn *conn) {
  int events = 0;
  /* libpq may close its socket and open one for the next host, often under the same number. */
  db_socket_close(conn);
  switch (PQconnectPoll(conn->pg)) {
    case PGRES_POLLING_OK: begin_setup(conn); return;
    case PGRES_POLLING_READING: events = UV_READABLE; break;
    case PGRES_POLLING_WRITING: events = UV_WRITABLE; break;
    case PGRES_POLLING_FAILED: db_heard(conn); break; /* a refusal is an answer, too */
    case PGRES_POLLING_ACTIVE: break;
  }
  if (events == 0 || !db_socket_watch(conn, events, on_socket))
    connect_failed(conn, PQerrorMessage(conn->pg));
}

static const char *text_or_empty(const struct bytes *text) {
  return text->data != NULL ? text->data : "";
}

static PGconn *start_libpq(const struct db_conn *conn) {
  const struct db_conninfo *info = conn->info;
  const char **pairs = mem_alloc(2 * (size_t)(info->count + 4) * sizeof *pairs);
  const char **keys = pairs, **values = pairs + info->count + 4;
  int n = 0;
  for (; n < info->count; n++) {
    keys[n] = info->keys[n];
    values[n] = info->values[n];
  }
  keys[n] = "host";
  values[n++] = text_or_empty(&conn->resolver.names);
  keys[n] = "hostaddr";
  values[n++] = text_or_empty(&conn->resolver.addrs);
  keys[n] = "port";
  values[n++] = text_or_empty(&conn->resolver.ports);
  keys[n] = values[n] = NULL;
  PGconn *pg = PQconnectStartParams(keys, values, 0);
  free(pairs);
  return pg;
}

static void on_resolved(struct db_resolver *resolver) {
  struct db_conn *conn = LIST_OWNER(resolver, struct db_conn, resolver);
  struct db *db = conn->db;
  if (db->is_closing) {
    db_released(db);
    return;
  }
  if (resolver->found == 0) {
    connect_failed(conn, resolver->trouble);
    return;
  }
  start_connect_deadline(conn);
  conn->pg = start_libpq(conn);
  conn->state = DB_CONN_CONNECTING;
  /* libpq says: after PQconnectStart() behave as if PQconnectPoll() had said WRITING. */
  if (PQstatus(conn->pg) == CONNECTION_BAD || !db_socket_watch(conn, UV_WRITABLE, on_socket))
    connect_failed(conn, PQerrorMessage(conn->pg));
}

void db_conn_open(struct db_conn *conn) {
  if (conn->state != DB_CONN_DOWN && conn->state != DB_CONN_PAUSED) return;
  struct db *db = conn->db;
  if (db->is_closing) return;
  conn->state = DB_CONN_RESOLVING;
  start_connect_deadline(conn);
  /* Each attempt begins with another host, so that one that swallows packets cannot block all. */
  db_resolver_start(&conn->resolver, &db->loop->uv, conn->info, conn->attempts, on_resolved);
}

/* ---- input ---- */

bool db_conn_is_still(const struct db_conn *conn, uint64_t generation) {
  return conn->state == DB_CONN_READY && conn->generation == generation;
}

bool db_conn_flush(struct db_conn *conn) {
  int left = PQflush(conn->pg);
  int events = (conn->is_read_paused ? 0 : UV_READABLE) | (left > 0 ? UV_WRITABLE : 0);
  if (left >= 0 && db_socket_watch(conn, events, on_socket)) return true;
  db_conn_lose(conn, PQerrorMessage(conn->pg));
  return false;
}

void db_conn_take_input(struct db_conn *conn, bool is_alive) {
  uint64_t generation = conn->generation;
  conn->role->on_input(conn); /* also when it broke: answers may have come before */
  if (!db_conn_is_still(conn, generation)) return;
  if (!is_alive || PQstatus(conn->pg) == CONNECTION_BAD)
    db_conn_lose(conn, PQerrorMessage(conn->pg));
  else if (conn->copy == NULL) /* COPY flushes by itself: it must notice the end of a flush */
    db_conn_flush(conn);
}

static void on_ready_input(struct db_conn *conn, int status, int events) {
  bool is_alive = status == 0;
  if (is_alive && (events & UV_READABLE) != 0) is_alive = PQconsumeInput(conn->pg) == 1;
  if (is_alive) db_heard(conn);
  db_conn_take_input(conn, is_alive);
}

static void on_socket(struct db_conn *conn, int status, int events) {
  switch (conn->state) {
    case DB_CONN_CONNECTING: step_connect(conn); break;
    case DB_CONN_SETUP: step_setup(conn); break;
    case DB_CONN_READY: on_ready_input(conn, status, events); break;
    case DB_CONN_DOWN:
    case DB_CONN_PAUSED:
    case DB_CONN_RESOLVING: break;
  }
}

/* ---- beginning and end ---- */

void db_conn_init(struct db_conn *conn, struct db *db, struct db_pool *pool,
                  const struct db_conn_role *role, const struct db_conninfo *info) {
  *conn = (struct db_conn){.db = db, .pool = pool, .role = role, .info = info};
  list_init(&conn->flights);
  db_statements_init(&conn->statements, 0);
  uv_timer_init(&db->loop->uv, &conn->timer);
  conn->timer.data = conn;
  db->pending++;
}

static void on_timer_closed(uv_handle_t *handle) {
  struct db_conn *conn = handle->data;
  db_released(conn->db);
}

void db_conn_deinit(struct db_conn *conn) {
  if (conn->resolver.is_busy) {
    conn->db->pending++; /* on_resolved() comes in any case */
    uv_cancel((uv_req_t *)&conn->resolver.req);
  }
  db_conn_drop(conn);
  uv_close((uv_handle_t *)&conn->timer, on_timer_closed);
}
