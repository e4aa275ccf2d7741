/* LISTEN: one connection outside pipeline mode that mostly sleeps. */
#include <stdlib.h>

#include "base/mem.h"
#include "db/pool.h"

struct db_listener {
  struct link link;
  struct db *db;
  char *channel;
  db_notify_fn fn; /* NULL: unlistened while listeners were being called */
  void *ctx;
  bool is_told; /* it knows that LISTEN is in force on this connection */
};

static struct db_listener *owner_of(struct link *at) {
  return LIST_OWNER(at, struct db_listener, link);
}

static void free_listener(struct db_listener *listener) {
  list_remove(&listener->link);
  free(listener->channel);
  free(listener);
}

void db_listen_free_all(struct db *db) {
  struct link *first;
  while ((first = list_first(&db->listeners)) != NULL) free_listener(owner_of(first));
}

/* ---- telling the server ---- */

static void add_channel(struct bytes *sql, const char *channel) {
  bytes_add_str(sql, "LISTEN \"");
  for (; *channel != '\0'; channel++) {
    if (*channel == '"') bytes_add_char(sql, '"');
    bytes_add_char(sql, *channel);
  }
  bytes_add_str(sql, "\";");
}

/* All channels anew in one statement string, which is one transaction: nothing is missed. */
static void send_channels(struct db *db) {
  struct db_conn *conn = &db->listen_conn;
  if (!db->is_listen_dirty || db->is_listen_busy || conn->state != DB_CONN_READY) return;
  struct bytes sql = {0};
  bytes_add_str(&sql, "UNLISTEN *;");
  for (struct link *at = db->listeners.head.next; at != &db->listeners.head; at = at->next)
    if (owner_of(at)->fn != NULL) add_channel(&sql, owner_of(at)->channel);
  db->is_listen_dirty = false;
  db->is_listen_busy = true;
  if (PQsendQuery(conn->pg, sql.data) == 1) db_conn_flush(conn);
  else db_conn_lose(conn, PQerrorMessage(conn->pg));
  bytes_deinit(&sql);
}

/* ---- telling the listeners ---- */

static void call_all(struct db *db, const char *channel, struct slice payload, bool missed) {
  db->dispatch_depth++;
  for (struct link *at = db->listeners.head.next; at != &db->listeners.head; at = at->next) {
    struct db_listener *listener = owner_of(at);
    bool is_meant = missed ? !listener->is_told : strcmp(listener->channel, channel) == 0;
    if (!is_meant || listener->fn == NULL) continue;
    if (missed) listener->is_told = true;
    listener->fn(listener->ctx, listener->channel, payload, missed);
  }
  if (--db->dispatch_depth > 0) return;
  struct link *next;
  for (struct link *at = db->listeners.head.next; at != &db->listeners.head; at = next) {
    next = at->next;
    if (owner_of(at)->fn == NULL) free_listener(owner_of(at));
  }
}

static void on_ready(struct db_conn *conn) {
  conn->db->is_listen_dirty = true;
  conn->db->is_listen_busy = false;
  send_channels(conn->db);
}

static void on_lost(struct db_conn *conn) {
  struct db *db = conn->db;
  db->is_listen_busy = false;
  for (struct link *at = db->listeners.head.next; at != &db->listeners.head; at = at->next)
    owner_of(at)->is_told = false;
}

/* false: LISTEN was refused. */
static bool take_answer(struct db_conn *conn) {
  struct db *db = conn->db;
  bool ok = true;
  while (db->is_listen_busy && !PQisBusy(conn->pg)) {
    PGresult *result = PQgetResult(conn->pg);
    if (result == NULL) db->is_listen_busy = false;
    else ok = ok && PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
  }
  return ok;
}

static void on_input(struct db_conn *conn) {
  struct db *db = conn->db;
  uint64_t generation = conn->generation;
  bool was_busy = db->is_listen_busy;
  if (!take_answer(conn)) {
    db_conn_lose(conn, PQerrorMessage(conn->pg));
    return;
  }
  send_channels(db);
  if (was_busy && db_is_listening(db)) call_all(db, NULL, (struct slice){"", 0}, true);
  while (db_conn_is_still(conn, generation) && !PQisBusy(conn->pg)) {
    PGnotify *notify = PQnotifies(conn->pg);
    if (notify == NULL) break;
    call_all(db, notify->relname, slice_of(notify->extra), false);
    PQfreemem(notify);
  }
}

const struct db_conn_role db_listen_role = {
    .is_pipelined = false, .on_ready = on_ready, .on_input = on_input, .on_lost = on_lost};

/* ---- for users ---- */

bool db_is_listening(const struct db *db) {
  return db->listen_conn.state == DB_CONN_READY && !db->is_listen_dirty && !db->is_listen_busy;
}

struct db_listener *db_listen(struct db *db, const char *channel, db_notify_fn fn, void *ctx) {
  struct db_listener *listener = mem_zero(sizeof *listener);
  listener->db = db;
  listener->channel = mem_dup(channel);
  listener->fn = fn;
  listener->ctx = ctx;
  list_push(&db->listeners, &listener->link);
  db->is_listen_dirty = true;
  if (db->listen_conn.state == DB_CONN_DOWN) db_conn_open(&db->listen_conn);
  else send_channels(db);
  return listener;
}

void db_unlisten(struct db_listener *listener) {
  if (listener == NULL) return;
  struct db *db = listener->db;
  listener->fn = NULL;
  if (db->dispatch_depth == 0) free_listener(listener);
  db->is_listen_dirty = true;
  send_channels(db);
}
