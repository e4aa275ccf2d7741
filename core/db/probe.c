/* A PostgreSQL that is there but does not answer (frozen, its disk stuck) breaks no connection, and a
 * slow query looks the same from here. So when queries wait and nothing was heard for a while, a
 * connection of its own asks: who gets none in time treats the server as away, and goes on asking. */
#include "db/pool.h"

enum { SILENT_MS = 1500, ANSWER_MS = 1500 };

static bool is_waiting(const struct db *db) {
  static const enum db_lane lanes[] = {DB_LANE_FAST, DB_LANE_TX}; /* a report may take minutes */
  for (int i = 0; i < 2; i++) {
    const struct db_pool *pool = &db->pools[lanes[i]];
    for (int k = 0; k < pool->config.connections; k++)
      if (pool->conns[k].in_flight > 0) return true;
  }
  return false;
}

void db_heard(struct db_conn *conn) {
  struct db *db = conn->db;
  if (conn->info != &db->primary) return;
  db->silent_since_ms = 0;
  if (!db->is_deaf) return;
  db->is_deaf = false;
  log_text(db->log, LOG_INFO, "the database answers again", "lane %s",
           conn->pool != NULL ? conn->pool->name : "probe");
}

static void on_answer(struct db_conn *conn) {
  db_heard(conn);
  conn->attempts = 0;
  db_conn_drop(conn);
}

static void on_nothing(struct db_conn *conn) { (void)conn; }

const struct db_conn_role db_probe_role = {false, on_answer, on_nothing, on_nothing};

static void give_up(struct db *db) {
  db->is_deaf = true;
  log_text(db->log, LOG_WARN, "the database does not answer", "silent for %llu ms",
           (unsigned long long)(db_now(db) - db->silent_since_ms));
  for (int lane = 0; lane < DB_LANE_REPLICA; lane++) db_pool_fail_all(&db->pools[lane]);
}

void db_probe_sweep(struct db *db, uint64_t now) {
  if (db->is_deaf) {
    db_conn_open(&db->probe_conn); /* when it is down: it goes on by itself while it pauses */
    return;
  }
  if (!is_waiting(db)) db->silent_since_ms = 0;
  else if (db->silent_since_ms == 0) db->silent_since_ms = now;
  if (db->silent_since_ms == 0) return;
  uint64_t silent_ms = now - db->silent_since_ms;
  if (silent_ms >= SILENT_MS) db_conn_open(&db->probe_conn);
  if (silent_ms >= SILENT_MS + ANSWER_MS) give_up(db);
}
