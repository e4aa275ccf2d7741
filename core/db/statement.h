/* db/statement.h - which statements a connection has prepared (inside db only).
 *
 *   absent --use--> prepared --0A000--> stale --use--> prepared (after DEALLOCATE)
 *
 * A name is made from hash and length of the SQL. A statement counts as prepared as soon as PREPARE
 * was sent; when that fails, later ones get 26000, forget it and are sent again without a name.
 */
#pragma once
#include "base/list.h"
#include "db/query.h"

enum { DB_STATEMENT_NAME = 40 };

struct db_statement {
  struct link link;           /* least recently used first */
  struct db_statement *chain; /* same bucket */
  uint64_t hash;
  char *sql; /* owned */
  size_t len;
  uint64_t prepared_by; /* number of the sending that carried PREPARE */
  bool is_stale;        /* PostgreSQL has it, but with an outdated plan */
};

struct db_statements {
  struct db_statement **buckets; /* NULL while nothing was prepared */
  size_t bucket_count;           /* power of two */
  struct list by_use;
  int count, limit;
};

/* What must be sent ahead of a query. */
struct db_preparation {
  char name[DB_STATEMENT_NAME];    /* to execute; "" runs it unnamed */
  char evicted[DB_STATEMENT_NAME]; /* to deallocate for want of room; "" = none */
  bool must_deallocate;            /* name itself, which is stale */
  bool must_prepare;
};

uint64_t db_statement_hash(const char *sql, size_t len);

void db_statements_init(struct db_statements *set, int limit);
void db_statements_deinit(struct db_statements *set); /* and ready for a new connection */
/* Decides how q goes out as the sending q->number, and notes it as done. */
void db_statements_use(struct db_statements *set, const struct db_query *q,
                       struct db_preparation *out);
/* q's statement is not there after all / has an outdated plan. Nothing happens when it was prepared
 * anew after q was sent. */
void db_statements_forget(struct db_statements *set, const struct db_query *q);
void db_statements_mark_stale(struct db_statements *set, const struct db_query *q);
