#include "db/json.h"

#include <stdlib.h>

#include "base/mem.h"
#include "db/array.h"

struct column {
  int at; /* in the result */
  enum db_kind kind;
  bool is_id;       /* bigints become strings */
  struct slice key; /* `,"name":` ready to be added */
};

struct writer {
  struct column *columns;
  int count;
  struct bytes keys;    /* all keys, one behind the other */
  struct bytes scratch; /* for elements of arrays */
};

/* ---- values ---- */

static bool ends_with(const char *name, const char *tail) {
  size_t len = strlen(name), tail_len = strlen(tail);
  return len >= tail_len && strcmp(name + len - tail_len, tail) == 0;
}

static bool is_identifier(const char *name, enum db_kind kind) {
  if (kind == DB_KIND_BIGINT) return strcmp(name, "id") == 0 || ends_with(name, "_id");
  if (kind == DB_KIND_BIGINT_ARRAY) return strcmp(name, "ids") == 0 || ends_with(name, "_ids");
  return false;
}

/* NaN, Infinity and -Infinity have no form in JSON. */
static void add_float(struct bytes *out, struct slice value) {
  char last = value.data[value.len - 1];
  bool is_finite = last >= '0' && last <= '9';
  if (is_finite) bytes_add(out, value.data, value.len);
  else bytes_add(out, "null", 4);
}

/* "2026-11-23 14:02:00.5+05" becomes "2026-11-23T14:02:00.5+05:00"; infinity and years BC stay. */
static void add_moment(struct bytes *out, struct slice value, bool has_zone) {
  const char *space = memchr(value.data, ' ', value.len);
  bool is_plain = space != NULL && value.data[value.len - 1] != 'C';
  bytes_reserve(out, value.len + 6);
  bytes_add_char(out, '"');
  if (!is_plain) {
    bytes_add(out, value.data, value.len);
  } else {
    size_t date_len = (size_t)(space - value.data);
    bytes_add(out, value.data, date_len);
    bytes_add_char(out, 'T');
    bytes_add(out, space + 1, value.len - date_len - 1);
    char sign = value.data[value.len - 3];
    if (has_zone && (sign == '+' || sign == '-')) bytes_add(out, ":00", 3);
  }
  bytes_add_char(out, '"');
}

static void add_quoted(struct bytes *out, struct slice value) { /* digits: nothing to escape */
  bytes_add_char(out, '"');
  bytes_add(out, value.data, value.len);
  bytes_add_char(out, '"');
}

static void add_array(struct writer *w, const struct column *column, struct slice value,
                      struct bytes *out);

static void add_value(struct writer *w, const struct column *column, enum db_kind kind,
                      struct slice value, struct bytes *out) {
  switch (kind) {
    case DB_KIND_TEXT: bytes_add_json(out, value.data, value.len); return;
    case DB_KIND_BIGINT:
      if (column->is_id) add_quoted(out, value);
      else bytes_add(out, value.data, value.len);
      return;
    case DB_KIND_INTEGER:
    case DB_KIND_JSON: bytes_add(out, value.data, value.len); return;
    case DB_KIND_FLOAT: add_float(out, value); return;
    case DB_KIND_BOOLEAN: bytes_add_str(out, value.data[0] == 't' ? "true" : "false"); return;
    case DB_KIND_TIMESTAMP: add_moment(out, value, false); return;
    case DB_KIND_TIMESTAMPTZ: add_moment(out, value, true); return;
    case DB_KIND_INTEGER_ARRAY:
    case DB_KIND_BIGINT_ARRAY:
    case DB_KIND_FLOAT_ARRAY:
    case DB_KIND_BOOLEAN_ARRAY:
    case DB_KIND_JSON_ARRAY:
    case DB_KIND_TIMESTAMPTZ_ARRAY:
    case DB_KIND_TEXT_ARRAY: add_array(w, column, value, out); return;
  }
}

static void add_array(struct writer *w, const struct column *column, struct slice value,
                      struct bytes *out) {
  struct db_array array;
  struct slice item;
  bool is_null;
  size_t from = out->len;
  db_array_open(&array, value, &w->scratch);
  bytes_add_char(out, '[');
  while (db_array_next(&array, &item, &is_null)) {
    if (out->len - from > 1) bytes_add_char(out, ',');
    if (is_null) bytes_add(out, "null", 4);
    else add_value(w, column, db_kind_element(column->kind), item, out);
  }
  bytes_add_char(out, ']');
  if (!array.is_broken) return;
  out->len = from; /* several dimensions: PostgreSQL's own form, as a string */
  bytes_add_json(out, value.data, value.len);
}

/* ---- rows ---- */

static void add_key(struct writer *w, struct column *column, const char *name) {
  size_t from = w->keys.len;
  bytes_add_char(&w->keys, ',');
  bytes_add_json(&w->keys, name, strlen(name));
  bytes_add_char(&w->keys, ':');
  column->key.len = w->keys.len - from;
}

/* skip: a column to leave out, or -1. */
static void writer_init(struct writer *w, const struct pg_result *result, int skip) {
  int columns = db_result_columns(result);
  *w = (struct writer){.columns = mem_alloc((size_t)columns * sizeof *w->columns)};
  for (int at = 0; at < columns; at++) {
    if (at == skip) continue;
    struct column *column = &w->columns[w->count++];
    const char *name = db_result_name(result, at);
    *column = (struct column){.at = at, .kind = db_result_kind(result, at)};
    column->is_id = is_identifier(name, column->kind);
    add_key(w, column, name);
  }
  size_t at = 0; /* only now does the key text stay where it is */
  for (int i = 0; i < w->count; i++) {
    w->columns[i].key.data = w->keys.data + at;
    at += w->columns[i].key.len;
  }
}

static void writer_deinit(struct writer *w) {
  free(w->columns);
  bytes_deinit(&w->keys);
  bytes_deinit(&w->scratch);
}

static void add_row(struct writer *w, const struct pg_result *result, int row, struct bytes *out) {
  bytes_add_char(out, '{');
  for (int i = 0; i < w->count; i++) {
    const struct column *column = &w->columns[i];
    struct slice value;
    size_t no_comma = i == 0;
    bytes_add(out, column->key.data + no_comma, column->key.len - no_comma);
    if (db_result_get(result, row, column->at, &value))
      add_value(w, column, column->kind, value, out);
    else bytes_add(out, "null", 4);
  }
  bytes_add_char(out, '}');
}

/* ---- for users ---- */

static int find_column(const struct pg_result *result, const char *name) {
  for (int at = 0; at < db_result_columns(result); at++)
    if (strcmp(db_result_name(result, at), name) == 0) return at;
  return -1;
}

bool db_json_write(const struct pg_result *result, const struct db_json_options *options,
                   struct bytes *out, struct db_json_page *page, struct error *err) {
  const struct db_json_options all = {0};
  if (options == NULL) options = &all;
  int cursor = options->cursor != NULL ? find_column(result, options->cursor) : -1;
  if (options->cursor != NULL && cursor < 0)
    return error_set(err, ERR_INVALID, "the result has no cursor column %s", options->cursor);
  int rows = db_result_rows(result);
  bool has_more = options->limit > 0 && rows > options->limit;
  if (has_more) rows = options->limit;
  struct writer w;
  writer_init(&w, result, cursor);
  bytes_add_char(out, '[');
  for (int row = 0; row < rows; row++) {
    if (row > 0) bytes_add_char(out, ',');
    add_row(&w, result, row, out);
  }
  bytes_add_char(out, ']');
  writer_deinit(&w);
  if (page == NULL) return true;
  *page = (struct db_json_page){.count = rows, .has_more = has_more};
  if (has_more && cursor >= 0) db_result_get(result, rows - 1, cursor, &page->cursor);
  return true;
}

void db_json_write_row(const struct pg_result *result, int row, struct bytes *out) {
  struct writer w;
  writer_init(&w, result, -1);
  add_row(&w, result, row, out);
  writer_deinit(&w);
}
