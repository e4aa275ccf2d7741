/* db/result.h - reading a PGresult without libpq's header, and what its column types mean to us.
 *
 * Values come as PostgreSQL's text. A slice stays valid as long as the result.
 *
 *   for (int row = 0; row < db_result_rows(result); row++)
 *     if (db_result_get(result, row, 0, &value)) use(value); else it_is_null();
 */
#pragma once
#include <stdbool.h>

#include "base/bytes.h"

struct pg_result; /* libpq's PGresult */

/* What a column's text is. All that has no meaning of its own for us is DB_KIND_TEXT. */
enum db_kind {
  DB_KIND_TEXT,    /* text, uuid, date, time, interval, numeric (stays a decimal string) … */
  DB_KIND_INTEGER, /* int2, int4, oid */
  DB_KIND_BIGINT,  /* int8 */
  DB_KIND_FLOAT,   /* float4, float8 */
  DB_KIND_BOOLEAN, /* "t" or "f" */
  DB_KIND_JSON,    /* json, jsonb */
  DB_KIND_TIMESTAMP,
  DB_KIND_TIMESTAMPTZ,
  DB_KIND_INTEGER_ARRAY,
  DB_KIND_BIGINT_ARRAY,
  DB_KIND_FLOAT_ARRAY,
  DB_KIND_BOOLEAN_ARRAY,
  DB_KIND_JSON_ARRAY,
  DB_KIND_TIMESTAMPTZ_ARRAY,
  DB_KIND_TEXT_ARRAY, /* text[], uuid[], date[], numeric[] … */
};

int db_result_rows(const struct pg_result *result);
int db_result_columns(const struct pg_result *result);
const char *db_result_name(const struct pg_result *result, int column);
enum db_kind db_result_kind(const struct pg_result *result, int column);
/* The kind of the elements; DB_KIND_TEXT for what is no array. */
enum db_kind db_kind_element(enum db_kind kind);
bool db_kind_is_array(enum db_kind kind);

/* false (and *out untouched) when the value is NULL. */
bool db_result_get(const struct pg_result *result, int row, int column, struct slice *out);
/* Rows that INSERT, UPDATE, DELETE, SELECT or COPY touched. */
long long db_result_affected(const struct pg_result *result);
void db_result_free(struct pg_result *result); /* NULL is fine */
