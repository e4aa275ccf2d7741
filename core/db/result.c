#include "db/result.h"

#include <libpq-fe.h>
#include <stdlib.h>

/* Types are known by their fixed numbers in pg_type. */
enum db_kind db_result_kind(const struct pg_result *result, int column) {
  /* clang-format off */
  switch (PQftype(result, column)) {
    case 21: case 23: case 26: return DB_KIND_INTEGER; /* int2 int4 oid */
    case 20: return DB_KIND_BIGINT;
    case 700: case 701: return DB_KIND_FLOAT;
    case 16: return DB_KIND_BOOLEAN;
    case 114: case 3802: return DB_KIND_JSON;
    case 1114: return DB_KIND_TIMESTAMP;
    case 1184: return DB_KIND_TIMESTAMPTZ;
    case 1005: case 1007: case 1028: return DB_KIND_INTEGER_ARRAY;
    case 1016: return DB_KIND_BIGINT_ARRAY;
    case 1021: case 1022: return DB_KIND_FLOAT_ARRAY;
    case 1000: return DB_KIND_BOOLEAN_ARRAY;
    case 199: case 3807: return DB_KIND_JSON_ARRAY;
    case 1185: return DB_KIND_TIMESTAMPTZ_ARRAY;
    /* char[] name[] text[] varchar[] bpchar[] uuid[] numeric[] date[] time[] timestamp[] interval[] */
    case 1002: case 1003: case 1009: case 1015: case 1014: case 2951: case 1231: case 1182:
    case 1183: case 1115: case 1187: return DB_KIND_TEXT_ARRAY;
    default: return DB_KIND_TEXT;
  }
  /* clang-format on */
}

enum db_kind db_kind_element(enum db_kind kind) {
  switch (kind) {
    case DB_KIND_INTEGER_ARRAY: return DB_KIND_INTEGER;
    case DB_KIND_BIGINT_ARRAY: return DB_KIND_BIGINT;
    case DB_KIND_FLOAT_ARRAY: return DB_KIND_FLOAT;
    case DB_KIND_BOOLEAN_ARRAY: return DB_KIND_BOOLEAN;
    case DB_KIND_JSON_ARRAY: return DB_KIND_JSON;
    case DB_KIND_TIMESTAMPTZ_ARRAY: return DB_KIND_TIMESTAMPTZ;
    case DB_KIND_TEXT_ARRAY:
    case DB_KIND_TEXT:
    case DB_KIND_INTEGER:
    case DB_KIND_BIGINT:
    case DB_KIND_FLOAT:
    case DB_KIND_BOOLEAN:
    case DB_KIND_JSON:
    case DB_KIND_TIMESTAMP:
    case DB_KIND_TIMESTAMPTZ: break;
  }
  return DB_KIND_TEXT;
}

bool db_kind_is_array(enum db_kind kind) { return kind >= DB_KIND_INTEGER_ARRAY; }

int db_result_rows(const struct pg_result *result) { return PQntuples(result); }

int db_result_columns(const struct pg_result *result) { return PQnfields(result); }

const char *db_result_name(const struct pg_result *result, int column) {
  return PQfname(result, column);
}

bool db_result_get(const struct pg_result *result, int row, int column, struct slice *out) {
  size_t len = (size_t)PQgetlength(result, row, column);
  if (len == 0 && PQgetisnull(result, row, column)) return false; /* NULL has no length either */
  *out = (struct slice){PQgetvalue(result, row, column), len};
  return true;
}

long long db_result_affected(const struct pg_result *result) {
  PGresult *same = (PGresult *)result; /* PQcmdTuples() only forgot its const */
  return strtoll(PQcmdTuples(same), NULL, 10);
}

void db_result_free(struct pg_result *result) { PQclear(result); }
