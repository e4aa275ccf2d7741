/* A lane: some connections and the queue before them. */
#include "db/pool.h"

int db_pool_ready(const struct db_pool *pool) {
  int ready = 0;
  for (int i = 0; i < pool->config.connections; i++) ready += pool->conns[i].state == DB_CONN_READY;
  return ready;
}

void db_pool_note_away(struct db_pool *pool) {
  if (pool->away_since_ms == 0 && db_pool_ready(pool) == 0) pool->away_since_ms = db_now(pool->db);
}

static bool is_free(const struct db_conn *conn) {
  const struct db_pool *pool = conn->pool;
  if (conn->state != DB_CONN_READY || conn->must_drop) return false;
  if (conn->tx != NULL || conn->copy != NULL) return false;
  /* A cancel that is still under way would strike the next user of an exclusive connection. */
  if (pool->config.depth == 1 && conn->is_cancelling) return false;
  return conn->in_flight < pool->config.depth;
}

/* The free connection with the least in flight: one slow answer should not gather a crowd. */
static struct db_conn *pick(const struct db_pool *pool) {
  struct db_conn *best = NULL;
  for (int i = 0; i < pool->config.connections; i++) {
    struct db_conn *conn = &pool->conns[i];
    if (is_free(conn) && (best == NULL || conn->in_flight < best->in_flight)) best = conn;
  }
  return best;
}

static void start(struct db_conn *conn, struct db_query *q) {
  if (q->tx != NULL) db_tx_pin(q->tx, conn); /* q is its BEGIN */
  if (q->copy != NULL) db_copy_run(conn, q);
  else db_flight_start(conn, q);
}

/* Exclusive lanes connect on demand: one more connection for each query that waits. */
static void open_for_waiting(struct db_pool *pool) {
  int wanted = pool->queued;
  for (int i = 0; i < pool->config.connections && wanted > 0; i++) {
    struct db_conn *conn = &pool->conns[i];
    if (conn->state == DB_CONN_READY) continue;
    if (conn->state == DB_CONN_DOWN) db_conn_open(conn);
    wanted--;
  }
}

void db_pool_pump(struct db_pool *pool) {
  struct db_conn *conn;
  while (pool->queued > 0 && (conn = pick(pool)) != NULL) {
    struct link *first = list_pop(&pool->queue);
    pool->queued--;
    start(conn, LIST_OWNER(first, struct db_query, link));
  }
  if (pool->queued > 0) open_for_waiting(pool);
}

static bool is_away_for_long(const struct db_pool *pool, uint64_t since_ms, uint64_t now) {
  if (pool->away_since_ms == 0) return false;
  uint64_t from = pool->away_since_ms > since_ms ? pool->away_since_ms : since_ms;
  return now - from >= (uint64_t)pool->db->config.grace_ms;
}

static void fail_away(struct db_query *q) {
  db_query_fail(q, ERR_UNAVAILABLE, "the database is away: %s", q->db->trouble);
  db_finish_later(q);
}

void db_pool_enqueue(struct db_query *q) {
  struct db_pool *pool = q->pool;
  bool is_deaf = pool->db->is_deaf && pool->info == &pool->db->primary;
  struct db_conn *conn = pool->queued == 0 && !is_deaf ? pick(pool) : NULL;
  if (conn != NULL) {
    start(conn, q);
    return;
  }
  if (is_deaf || is_away_for_long(pool, 0, db_now(pool->db))) {
    fail_away(q);
    return;
  }
  if (pool->queued >= pool->config.queue_limit) {
    db_query_fail(q, ERR_OVERLOADED, "%d queries wait in lane %s", pool->queued, pool->name);
    db_finish_later(q);
    return;
  }
  q->state = DB_QUERY_QUEUED;
  q->queued_ms = db_now(pool->db);
  list_push(&pool->queue, &q->link);
  pool->queued++;
  open_for_waiting(pool);
}

void db_pool_enqueue_again(struct db_query *q) {
  q->state = DB_QUERY_QUEUED;
  q->queued_ms = db_now(q->db);
  link_insert_after(&q->pool->queue.head, &q->link);
  q->pool->queued++;
}

void db_pool_fail_all(struct db_pool *pool) {
  struct link *first;
  for (int i = 0; i < pool->config.connections; i++)
    if (pool->conns[i].copy == NULL) db_flight_fail_all(&pool->conns[i]);
  while ((first = list_pop(&pool->queue)) != NULL) fail_away(LIST_OWNER(first, struct db_query, link));
  pool->queued = 0;
}

static void sweep_queue(struct db_pool *pool, uint64_t now) {
  struct link *next;
  for (struct link *at = pool->queue.head.next; at != &pool->queue.head; at = next) {
    next = at->next;
    struct db_query *q = LIST_OWNER(at, struct db_query, link);
    bool is_late = now >= q->deadline_ms;
    if (!is_late && !is_away_for_long(pool, q->queued_ms, now)) continue;
    list_remove(at);
    pool->queued--;
    if (is_late) db_query_fail(q, ERR_TIMEOUT, "no free connection in time (lane %s)", pool->name);
    fail_away(q);
  }
}

void db_pool_sweep(struct db_pool *pool, uint64_t now) {
  if (pool->queued > 0) sweep_queue(pool, now);
  for (int i = 0; i < pool->config.connections; i++) {
    struct db_conn *conn = &pool->conns[i];
    if (conn->tx != NULL) db_tx_sweep(conn->tx, now);
    if (conn->copy != NULL) db_copy_sweep(conn, now);
    else if (conn->in_flight > 0) db_flight_sweep(conn, now);
  }
}

/* ---- what a connection tells ---- */

/* The server is back: the others need not sit out their pauses. */
static void wake_others(struct db_conn *conn) {
  struct db_conn *other;
  for (int i = 0; (other = db_conn_at(conn->db, i)) != NULL; i++)
    if (other->state == DB_CONN_PAUSED && other->info == conn->info) db_conn_open(other);
}

static void on_ready(struct db_conn *conn) {
  conn->pool->away_since_ms = 0;
  wake_others(conn);
  db_pool_pump(conn->pool);
}

static void on_input(struct db_conn *conn) {
  if (conn->copy != NULL) db_copy_on_input(conn);
  else db_flight_drain(conn);
}

static void on_lost(struct db_conn *conn) {
  if (conn->copy != NULL) db_copy_on_lost(conn->copy);
  db_flight_abort_all(conn);
  if (conn->tx != NULL) db_tx_on_lost(conn->tx);
  if (!conn->db->is_closing) db_pool_pump(conn->pool);
}

const struct db_conn_role db_pool_role = {
    .is_pipelined = true, .on_ready = on_ready, .on_input = on_input, .on_lost = on_lost};
