/* db/json.h - a PGresult as JSON bytes, without Lua tables in between.
 *
 *   integers, floats, booleans   as they are (a float that is not finite becomes null)
 *   bigint `id`, `…_id`          string: API identifiers are strings; other bigints are numbers
 *   bigint[] `ids`, `…_ids`      array of strings, for the same reason
 *   numeric                      string: a decimal stays exact
 *   json, jsonb                  embedded as they are
 *   timestamptz                  "2026-11-23T14:02:00+05:00"; timestamp the same without zone
 *   date, time, uuid, text …     string
 *   arrays                       arrays of the above
 *   NULL                         null
 */
#pragma once
#include "base/bytes.h"
#include "base/error.h"
#include "db/result.h"

struct db_json_options {
  int limit;          /* rows kept at most; 0: all. Ask SQL for limit + 1 rows to learn has_more */
  const char *cursor; /* a column left out of the JSON; NULL: none */
};

struct db_json_page {
  int count;           /* rows written */
  bool has_more;       /* the result had more rows than limit */
  struct slice cursor; /* value of the cursor column in the last row written, while has_more; it
                        * borrows from the result; data NULL when there is none */
};

/* Appends [{…},…]. options and page may be NULL. On false (no such cursor column) out is as it was. */
COPP_MUST_USE bool db_json_write(const struct pg_result *result,
                                 const struct db_json_options *options, struct bytes *out,
                                 struct db_json_page *page, struct error *err);
/* Appends one row as {…}. row must exist. */
void db_json_write_row(const struct pg_result *result, int row, struct bytes *out);
