/* The settings every connection begins with. One statement instead of startup options: poolers such
 * as pgbouncer refuse those. */
#include <stdio.h>

#include "db/pool.h"

enum { SETTINGS_MAX = 16 };

struct settings {
  struct bytes sql;
  const char *values[SETTINGS_MAX];
  char numbers[SETTINGS_MAX][16];
  int count;
};

static void add(struct settings *s, const char *name, const char *value) {
  s->values[s->count++] = value;
  bytes_addf(&s->sql, "%s set_config('%s', $%d, false)", s->count == 1 ? "SELECT" : ",", name,
             s->count);
}

static void add_ms(struct settings *s, const char *name, int ms) {
  char *number = s->numbers[s->count];
  snprintf(number, sizeof s->numbers[0], "%d", ms);
  add(s, name, number);
}

bool db_session_send(struct db_conn *conn) {
  const struct db_config *config = &conn->db->config;
  const struct db_pool *pool = conn->pool;
  struct settings s = {0};
  add(&s, "TimeZone", config->time_zone);
  add(&s, "DateStyle", "ISO, YMD");
  add(&s, "IntervalStyle", "postgres");
  add(&s, "standard_conforming_strings", "on");
  add(&s, "search_path", "public");
  add(&s, "client_min_messages", "warning");
  add_ms(&s, "statement_timeout", pool != NULL ? pool->config.statement_timeout_ms : 0);
  add_ms(&s, "idle_in_transaction_session_timeout", config->idle_in_transaction_ms);
  if (pool != NULL && pool->lane == DB_LANE_TX) add_ms(&s, "lock_timeout", config->lock_timeout_ms);
  /* Compiling pays for long reports only. */
  if (pool != NULL && pool->lane != DB_LANE_SLOW) add(&s, "jit", "off");
  bool ok = PQsendQueryParams(conn->pg, s.sql.data, s.count, NULL, s.values, NULL, NULL, 0) == 1;
  bytes_deinit(&s.sql);
  return ok;
}
