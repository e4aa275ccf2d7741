#include "db/db.h"

#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "db/pool.h"

void db_config_default(struct db_config *config) {
  *config = (struct db_config){
      .application_name = "copp",
      .time_zone = "Europe/Moscow",
      .lanes = {[DB_LANE_FAST] = {2, 256, 4096, 10000, 12000},
                [DB_LANE_TX] = {2, 1, 512, 10000, 12000},
                [DB_LANE_SLOW] = {1, 1, 64, 120000, 130000},
                [DB_LANE_REPLICA] = {1, 256, 1024, 10000, 12000}},
      .idle_in_transaction_ms = 15000,
      .lock_timeout_ms = 8000,
      .connect_timeout_ms = 5000,
      .grace_ms = 1000,
      .backoff_min_ms = 50,
      .backoff_max_ms = 1500,
      .statements = 1000,
  };
}

uint64_t db_now(const struct db *db) { return uv_now(&db->loop->uv); }

/* ---- queries come and go ---- */

static void on_sweep(uv_timer_t *timer) {
  struct db *db = timer->data;
  uint64_t now = db_now(db), before = db->swept_ms;
  db->swept_ms = now;
  if (db->live == 0) {
    uv_timer_stop(timer);
    return;
  }
  /* The loop stood still: answers may lie in the sockets, so let them in before judging, once. */
  db->is_sweep_put_off = !db->is_sweep_put_off && now - before > 4 * DB_SWEEP_MS;
  if (db->is_sweep_put_off) return;
  for (int lane = 0; lane < DB_LANE_COUNT; lane++) db_pool_sweep(&db->pools[lane], now);
  db_probe_sweep(db, now);
}

static void count(struct db_query *q) {
  q->db->live--;
  if (q->done == NULL) return; /* ghosts, and those whose callers went away */
  q->pool->total++;
  if (q->failure == NULL) return;
  q->pool->errors++;
  if (q->failure->err.code == ERR_TIMEOUT) q->pool->timeouts++;
}

void db_finish_now(struct db_query *q) {
  q->state = DB_QUERY_OVER;
  count(q);
  db_query_deliver(q);
}

void db_finish_later(struct db_query *q) {
  struct db *db = q->db;
  q->state = DB_QUERY_OVER;
  list_push(&db->later, &q->link);
  db_wake_later(db);
}

/* Only what is there now: a caller that asks again at once must not keep the loop from its sockets. */
static void deliver_later(struct db *db) {
  struct link *last = db->later.head.prev, *at = NULL;
  if (list_is_empty(&db->later)) return;
  db->is_delivering = true;
  while (at != last) {
    at = list_pop(&db->later);
    db_finish_now(LIST_OWNER(at, struct db_query, link));
  }
  db->is_delivering = false;
}

static void on_later(uv_timer_t *timer) {
  struct db *db = timer->data;
  deliver_later(db);
  struct db_conn *conn;
  for (int i = 0; (conn = db_conn_at(db, i)) != NULL; i++)
    if (conn->state == DB_CONN_READY) db_conn_take_input(conn, true);
}

void db_wake_later(struct db *db) {
  if (uv_is_active((uv_handle_t *)&db->later_timer)) return;
  /* libuv runs a timer of 0 ms that is started by a timer in the same turn, over and over. */
  uv_timer_start(&db->later_timer, on_later, db->is_delivering ? 1 : 0, 0);
}

static bool begins_with_word(const struct db_query *q, const char *word) {
  size_t len = strlen(word);
  if (strncasecmp(db_query_sql(q), word, len) != 0) return false;
  return strchr(" ;\n", db_query_sql(q)[len]) != NULL; /* the end of the text counts, too */
}

/* What would change a connection that others share. */
static bool is_for_own_connection(const struct db_query *q) {
  switch (db_query_sql(q)[0] | 0x20) {
    case 'b': return begins_with_word(q, "BEGIN");
    case 's': return begins_with_word(q, "START");
    case 'l': return begins_with_word(q, "LISTEN");
    case 'c': return begins_with_word(q, "COPY") && q->copy == NULL;
    default: return false;
  }
}

bool db_adopt(struct db *db, struct db_pool *pool, struct db_query *q, db_done_fn done, void *ctx) {
  q->db = db;
  q->pool = pool;
  q->lane = pool->lane;
  q->done = done;
  q->ctx = ctx;
  int timeout_ms = q->timeout_ms > 0 ? q->timeout_ms : pool->config.timeout_ms;
  q->deadline_ms = db_now(db) + (uint64_t)timeout_ms;
  db->live++;
  if (!uv_is_active((uv_handle_t *)&db->sweep_timer)) {
    db->swept_ms = db_now(db);
    uv_timer_start(&db->sweep_timer, on_sweep, DB_SWEEP_MS, DB_SWEEP_MS);
  }
  if (q->flaw != NULL) db_query_fail(q, ERR_INVALID, "%s", q->flaw);
  else if (db->is_closing) db_query_fail(q, ERR_CLOSED, "the database pool was closed");
  else return true;
  db_finish_later(q);
  return false;
}

/* A replica that is away must not cost anything: its reads go to the primary. */
static struct db_pool *pool_for(struct db *db, enum db_lane lane) {
  struct db_pool *replica = &db->pools[DB_LANE_REPLICA];
  if (lane == DB_LANE_REPLICA && db_pool_ready(replica) == 0) return &db->pools[DB_LANE_FAST];
  return &db->pools[lane];
}

void db_submit(struct db *db, struct db_query *q, db_done_fn done, void *ctx) {
  if (q->lane == DB_LANE_TX) q->flaw = "lane tx is reached by db_tx_begin() only";
  if (is_for_own_connection(q)) q->flaw = "this statement needs a connection of its own";
  if (db_adopt(db, pool_for(db, q->lane), q, done, ctx)) db_pool_enqueue(q);
}

void db_query_cancel(struct db_query *q) {
  q->done = NULL;
  switch (q->state) {
    case DB_QUERY_QUEUED: q->pool->queued--; break;
    case DB_QUERY_IN_TX: break;
    case DB_QUERY_SENT: /* shared connections answer soon; an exclusive one should be free soon */
      if (q->pool->config.depth == 1) q->deadline_ms = db_now(q->db);
      return;
    case DB_QUERY_NEW:
    case DB_QUERY_OVER: return;
  }
  list_remove(&q->link);
  q->db->live--;
  db_query_free(q);
}

/* ---- state ---- */

enum db_state db_state(const struct db *db) {
  const struct db_pool *fast = &db->pools[DB_LANE_FAST];
  if (db->is_deaf) return DB_AWAY;
  if (db_pool_ready(fast) > 0) return DB_READY;
  for (int i = 0; i < fast->config.connections; i++)
    if (fast->conns[i].ready_ms != 0) return DB_AWAY;
  return DB_STARTING;
}

void db_lane_stats(const struct db *db, enum db_lane lane, struct db_lane_stats *out) {
  const struct db_pool *pool = &db->pools[lane];
  *out = (struct db_lane_stats){.name = pool->name,
                                .size = pool->config.connections,
                                .connected = db_pool_ready(pool),
                                .queued = pool->queued,
                                .total = pool->total,
                                .errors = pool->errors,
                                .timeouts = pool->timeouts,
                                .reconnects = pool->reconnects};
  for (int i = 0; i < pool->config.connections; i++) out->in_flight += pool->conns[i].in_flight;
}

/* The connections of all lanes, then the listening and the probing one. */
struct db_conn *db_conn_at(struct db *db, int i) {
  for (int lane = 0; lane < DB_LANE_COUNT; lane++) {
    struct db_pool *pool = &db->pools[lane];
    if (i < pool->config.connections) return &pool->conns[i];
    i -= pool->config.connections;
  }
  return i == 0 ? &db->listen_conn : i == 1 ? &db->probe_conn : NULL;
}

/* ---- beginning ---- */

static void init_pool(struct db *db, enum db_lane lane) {
  static const char *const names[DB_LANE_COUNT] = {"fast", "tx", "slow", "replica"};
  struct db_pool *pool = &db->pools[lane];
  bool is_replica = lane == DB_LANE_REPLICA;
  *pool = (struct db_pool){.db = db,
                           .lane = lane,
                           .name = names[lane],
                           .config = db->config.lanes[lane],
                           .info = is_replica ? &db->replica : &db->primary};
  list_init(&pool->queue);
  if (is_replica && db->replica.host_count == 0) pool->config.connections = 0;
  pool->conns = mem_zero((size_t)pool->config.connections * sizeof *pool->conns);
  for (int i = 0; i < pool->config.connections; i++)
    db_conn_init(&pool->conns[i], db, pool, &db_pool_role, pool->info);
}

static void init_timer(struct db *db, uv_timer_t *timer) {
  uv_timer_init(&db->loop->uv, timer);
  timer->data = db;
  db->pending++;
}

static bool parse_urls(struct db *db, const struct db_config *config, struct error *err) {
  if (!db_conninfo_parse(config->url, config->application_name, "read-write", &db->primary, err))
    return false;
  if (config->replica_url == NULL || *config->replica_url == '\0') return true;
  return db_conninfo_parse(config->replica_url, config->application_name, "prefer-standby",
                           &db->replica, err);
}

static void free_memory(struct db *db) {
  for (int lane = 0; lane < DB_LANE_COUNT; lane++) {
    struct db_pool *pool = &db->pools[lane];
    for (int i = 0; i < pool->config.connections; i++) db_resolver_deinit(&pool->conns[i].resolver);
    free(pool->conns);
  }
  db_resolver_deinit(&db->listen_conn.resolver);
  db_resolver_deinit(&db->probe_conn.resolver);
  db_conninfo_deinit(&db->primary);
  db_conninfo_deinit(&db->replica);
  free((char *)db->config.time_zone);
  free(db);
}

bool db_new(struct loop *loop, const struct db_config *config, const struct log *log,
            struct db **out, struct error *err) {
  struct db *db = mem_zero(sizeof *db);
  *out = NULL;
  if (!parse_urls(db, config, err)) {
    free_memory(db);
    return false;
  }
  db->loop = loop;
  db->log = log;
  db->config = *config;
  db->config.url = db->config.replica_url = db->config.application_name = NULL;
  db->config.time_zone = mem_dup(config->time_zone);
  db->random = uv_hrtime() ^ ((uint64_t)getpid() << 32) ^ 1; /* never 0 */
  list_init(&db->later);
  list_init(&db->txs);
  list_init(&db->listeners);
  init_timer(db, &db->later_timer);
  init_timer(db, &db->sweep_timer);
  for (int lane = 0; lane < DB_LANE_COUNT; lane++) init_pool(db, (enum db_lane)lane);
  db_conn_init(&db->listen_conn, db, NULL, &db_listen_role, &db->primary);
  db_conn_init(&db->probe_conn, db, NULL, &db_probe_role, &db->primary);
  for (int i = 0; i < config->lanes[DB_LANE_FAST].connections; i++)
    db_conn_open(&db->pools[DB_LANE_FAST].conns[i]);
  for (int i = 0; i < db->pools[DB_LANE_REPLICA].config.connections; i++)
    db_conn_open(&db->pools[DB_LANE_REPLICA].conns[i]);
  *out = db;
  return true;
}

/* ---- end ---- */

static void on_timer_closed(uv_handle_t *handle) {
  struct db *db = handle->data;
  db_released(db);
}

void db_released(struct db *db) {
  if (--db->pending > 0) return;
  void (*closed)(void *ctx) = db->closed;
  void *ctx = db->closed_ctx;
  db_tx_free_all(db);
  db_listen_free_all(db);
  free_memory(db);
  if (closed != NULL) closed(ctx);
}

static void fail_queue(struct db_pool *pool) {
  struct link *first;
  while ((first = list_pop(&pool->queue)) != NULL) {
    struct db_query *q = LIST_OWNER(first, struct db_query, link);
    db_query_fail(q, ERR_CLOSED, "the database pool was closed");
    db_finish_later(q);
  }
  pool->queued = 0;
}

static void on_close_turn(uv_timer_t *timer) {
  struct db *db = timer->data;
  while (!list_is_empty(&db->later)) deliver_later(db);
  uv_close((uv_handle_t *)timer, on_timer_closed);
}

void db_close(struct db *db, void (*closed)(void *ctx), void *ctx) {
  db->is_closing = true;
  db->closed = closed;
  db->closed_ctx = ctx;
  struct db_conn *conn;
  for (int i = 0; (conn = db_conn_at(db, i)) != NULL; i++) {
    db_conn_deinit(conn);
    conn->role->on_lost(conn);
  }
  for (int lane = 0; lane < DB_LANE_COUNT; lane++) fail_queue(&db->pools[lane]);
  uv_close((uv_handle_t *)&db->sweep_timer, on_timer_closed);
  /* Callbacks come from the loop here too, before anything is freed. */
  uv_timer_start(&db->later_timer, on_close_turn, 0, 0);
}
