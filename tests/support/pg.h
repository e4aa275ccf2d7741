/* support/pg.h - a throw-away PostgreSQL for one test program, and a loop with a db on it.
 *
 *   struct pg *pg = pg_start();          a second or two; as an unprivileged user when we are root
 *   struct world *w = world_new(pg, NULL);
 *   struct answer a;
 *   world_ask(w, &a, "SELECT $1::int + 1", "41", NULL);
 *   world_wait(w, &a);                   a.text is "42"
 *   world_free(w);
 *   pg_free(pg);                         everything is removed
 *
 * Nothing sleeps: world_wait() and world_until() run the loop until a condition or a deadline. */
#pragma once
#include <stdbool.h>

#include "db/cluster.h"
#include "db/db.h"
#include "loop/loop.h"

struct pg {
  char dir[64];
  struct db_cluster *cluster;
};

struct pg *pg_start(void); /* ends the program when it cannot */
void pg_free(struct pg *pg);
void pg_stop(struct pg *pg);
void pg_start_again(struct pg *pg);
/* Runs statements on a connection of its own, blocking. false: it was refused. */
bool pg_run(struct pg *pg, const char *sql);
/* The first value of the result, in a buffer that the next call reuses. */
const char *pg_value(struct pg *pg, const char *sql);

struct world {
  struct pg *pg;
  struct loop loop;
  struct log log;
  struct db *db;
  bool is_closed;
};

/* change: adapts the default configuration; may be NULL. The fast lane is connected on return. */
struct world *world_new(struct pg *pg, void (*change)(struct db_config *config));
void world_free(struct world *w); /* closes the db and asserts that nothing is left open */
/* One turn of the loop after another until cond(ctx); false after timeout_ms. */
bool world_until(struct world *w, bool (*cond)(void *ctx), void *ctx, int timeout_ms);

struct answer {
  bool is_done;
  bool has_result;
  enum error_code code; /* ERR_NONE when well */
  struct db_fault fault;
  char error[512];
  int rows;
  long long affected;
  char text[256]; /* the first value */
  uint64_t done_at_us;
};

void answer_done(void *ctx, struct db_outcome *outcome); /* ctx is a struct answer */
/* A query from C strings; the list of parameters ends with NULL. */
struct db_query *query_of(const char *sql, ...) __attribute__((sentinel));
void world_ask(struct world *w, struct answer *a, const char *sql, ...) __attribute__((sentinel));
void world_ask_lane(struct world *w, struct answer *a, enum db_lane lane, const char *sql);
void world_wait(struct world *w, struct answer *a); /* asserts that it comes within 10 s */
/* Ask and wait; the first value, or "" . Fails the test on an error. */
const char *world_value(struct world *w, struct answer *a, const char *sql);
