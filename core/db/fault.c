/* What PostgreSQL says of a failure, sorted into our error codes. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "db/query.h"

/* Copies text, cut at the boundary of a character when it does not fit. */
static void copy_text(char *out, size_t size, const char *text) {
  size_t len = text != NULL ? strlen(text) : 0;
  if (len >= size) {
    len = size - 1;
    while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80) len--;
  }
  if (len != 0) memcpy(out, text, len);
  out[len] = '\0';
}

static bool is_stale_plan(const PGresult *result, const char *sqlstate) {
  /* 0A000 is any unsupported feature; the function tells this one apart in every language. */
  const char *function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
  return strcmp(sqlstate, "0A000") == 0 && function != NULL &&
         strcmp(function, "RevalidateCachedQuery") == 0;
}

static void read_fault(struct db_fault *fault, const PGresult *result) {
#define FIELD(member, code) \
  copy_text(fault->member, sizeof fault->member, PQresultErrorField(result, code))
  FIELD(sqlstate, PG_DIAG_SQLSTATE);
  FIELD(constraint, PG_DIAG_CONSTRAINT_NAME);
  FIELD(table, PG_DIAG_TABLE_NAME);
  FIELD(column, PG_DIAG_COLUMN_NAME);
  FIELD(message, PG_DIAG_MESSAGE_PRIMARY);
  FIELD(detail, PG_DIAG_MESSAGE_DETAIL);
  FIELD(hint, PG_DIAG_MESSAGE_HINT);
#undef FIELD
  const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
  fault->position = position != NULL ? atoi(position) : 0;
  fault->retry = strcmp(fault->sqlstate, "40001") == 0 || strcmp(fault->sqlstate, "40P01") == 0 ||
                 strcmp(fault->sqlstate, "26000") == 0 || is_stale_plan(result, fault->sqlstate);
}

static bool is_one_of(const char *sqlstate, const char *list) {
  const char *at = strstr(list, sqlstate);
  return at != NULL && strlen(sqlstate) == 5;
}

static enum error_code code_of(const char *sqlstate) {
  if (sqlstate[0] == '\0') return ERR_UNAVAILABLE; /* libpq itself: the connection broke */
  if (is_one_of(sqlstate, "57014 55P03 25P03 25P04")) return ERR_TIMEOUT;
  if (strncmp(sqlstate, "57P", 3) == 0 || strncmp(sqlstate, "08", 2) == 0) return ERR_UNAVAILABLE;
  if (strncmp(sqlstate, "53", 2) == 0) return ERR_UNAVAILABLE; /* connections, memory, disk */
  if (strncmp(sqlstate, "23", 2) == 0 || strncmp(sqlstate, "40", 2) == 0) return ERR_CONFLICT;
  if (strcmp(sqlstate, "P0001") == 0) return ERR_CONFLICT; /* a trigger of ours said no */
  return ERR_DB;
}

static struct db_failure *new_failure(struct db_query *q) {
  q->failure = mem_zero(sizeof *q->failure);
  return q->failure;
}

void db_query_fail(struct db_query *q, enum error_code code, const char *format, ...) {
  if (q->failure != NULL) return;
  va_list args;
  va_start(args, format);
  char text[256];
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  error_set(&new_failure(q)->err, code, "%s", text);
}

void db_query_fail_by(struct db_query *q, const PGresult *result) {
  if (q->failure != NULL) return;
  struct db_failure *failure = new_failure(q);
  struct db_fault *fault = &failure->fault;
  read_fault(fault, result);
  failure->has_fault = fault->sqlstate[0] != '\0';
  char start[80];
  copy_text(start, sizeof start, db_query_sql(q));
  if (failure->has_fault)
    error_set(&failure->err, code_of(fault->sqlstate), "%s %s (in: %s)", fault->sqlstate,
              fault->message, start);
  else error_set(&failure->err, ERR_UNAVAILABLE, "%s", PQresultErrorMessage(result));
}
