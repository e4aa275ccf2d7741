#include "db/statement.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

/* Eight bytes a step: this runs once for every query over its whole text. */
uint64_t db_statement_hash(const char *sql, size_t len) {
  uint64_t h = 0x9E3779B97F4A7C15ULL ^ len;
  for (; len >= 8; sql += 8, len -= 8) {
    uint64_t word;
    memcpy(&word, sql, 8);
    h = (h ^ word) * 0xFF51AFD7ED558CCDULL;
    h ^= h >> 32;
  }
  uint64_t rest = 0;
  memcpy(&rest, sql, len);
  h = (h ^ rest) * 0xC4CEB9FE1A85EC53ULL;
  return h ^ (h >> 29);
}

void db_statements_init(struct db_statements *set, int limit) {
  *set = (struct db_statements){.limit = limit};
  list_init(&set->by_use);
}

static struct db_statement **place_of(const struct db_statements *set, uint64_t hash) {
  struct db_statement **at = &set->buckets[hash & (set->bucket_count - 1)];
  while (*at != NULL && (*at)->hash != hash) at = &(*at)->chain;
  return at;
}

static void drop(struct db_statements *set, struct db_statement *statement) {
  *place_of(set, statement->hash) = statement->chain;
  list_remove(&statement->link);
  free(statement->sql);
  free(statement);
  set->count--;
}

void db_statements_deinit(struct db_statements *set) {
  struct link *first;
  while ((first = list_first(&set->by_use)) != NULL)
    drop(set, LIST_OWNER(first, struct db_statement, link));
  free(set->buckets);
  set->buckets = NULL;
}

static void make_buckets(struct db_statements *set) {
  set->bucket_count = 16;
  while (set->bucket_count < (size_t)set->limit) set->bucket_count *= 2;
  set->buckets = mem_zero(set->bucket_count * sizeof *set->buckets);
}

static void write_name(char out[DB_STATEMENT_NAME], uint64_t hash, size_t len) {
  snprintf(out, DB_STATEMENT_NAME, "s%016llx_%zx", (unsigned long long)hash, len);
}

static bool is_same_text(const struct db_statement *statement, const struct db_query *q) {
  return statement->len == q->sql_len && memcmp(statement->sql, db_query_sql(q), q->sql_len) == 0;
}

static void evict_oldest(struct db_statements *set, struct db_preparation *out) {
  struct db_statement *oldest = LIST_OWNER(list_first(&set->by_use), struct db_statement, link);
  write_name(out->evicted, oldest->hash, oldest->len);
  drop(set, oldest);
}

static void add(struct db_statements *set, const struct db_query *q) {
  struct db_statement *statement = mem_zero(sizeof *statement);
  statement->hash = q->hash;
  statement->len = q->sql_len;
  statement->sql = mem_dup_n(db_query_sql(q), q->sql_len);
  statement->prepared_by = q->number;
  *place_of(set, q->hash) = statement;
  list_push(&set->by_use, &statement->link);
  set->count++;
}

void db_statements_use(struct db_statements *set, const struct db_query *q,
                       struct db_preparation *out) {
  out->name[0] = out->evicted[0] = '\0';
  out->must_deallocate = out->must_prepare = false;
  if (set->limit <= 0 || q->sends > 1) return; /* a second try takes no risk */
  if (set->buckets == NULL) make_buckets(set);
  struct db_statement *known = *place_of(set, q->hash);
  if (known != NULL && !is_same_text(known, q)) return; /* two texts, one hash: unnamed */
  write_name(out->name, q->hash, q->sql_len);
  if (known == NULL) {
    if (set->count >= set->limit) evict_oldest(set, out);
    add(set, q);
    out->must_prepare = true;
    return;
  }
  list_remove(&known->link);
  list_push(&set->by_use, &known->link);
  if (!known->is_stale) return;
  known->is_stale = false;
  known->prepared_by = q->number;
  out->must_deallocate = out->must_prepare = true;
}

/* q's statement, unless it was prepared anew since q was sent. */
static struct db_statement *find_as_sent(struct db_statements *set, const struct db_query *q) {
  if (set->buckets == NULL) return NULL;
  struct db_statement *known = *place_of(set, q->hash);
  if (known == NULL || !is_same_text(known, q) || known->prepared_by > q->number) return NULL;
  return known;
}

void db_statements_forget(struct db_statements *set, const struct db_query *q) {
  struct db_statement *known = find_as_sent(set, q);
  if (known != NULL) drop(set, known);
}

void db_statements_mark_stale(struct db_statements *set, const struct db_query *q) {
  struct db_statement *known = find_as_sent(set, q);
  if (known != NULL) known->is_stale = true;
}
