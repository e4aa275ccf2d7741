#include "db/array.h"

void db_array_open(struct db_array *array, struct slice text, struct bytes *scratch) {
  *array = (struct db_array){.scratch = scratch};
  /* Literals with bounds, "[0:1]={…}", come from nothing we store. */
  if (text.len < 2 || text.data[0] != '{' || text.data[text.len - 1] != '}') {
    array->is_broken = true;
    return;
  }
  array->rest = (struct slice){text.data + 1, text.len - 2};
}

static void skip(struct db_array *array, size_t len) {
  array->rest.data += len;
  array->rest.len -= len;
}

static bool read_quoted(struct db_array *array, struct slice *item) {
  bytes_clear(array->scratch);
  bytes_reserve(array->scratch, 1);
  const char *data = array->rest.data;
  size_t i = 1;
  while (i < array->rest.len && data[i] != '"') {
    if (data[i] == '\\' && i + 1 < array->rest.len) i++;
    bytes_add_char(array->scratch, data[i++]);
  }
  if (i >= array->rest.len) return false;
  *item = (struct slice){array->scratch->data, array->scratch->len};
  skip(array, i + 1);
  return true;
}

static bool read_bare(struct db_array *array, struct slice *item, bool *is_null) {
  size_t len = 0;
  while (len < array->rest.len && array->rest.data[len] != ',') len++;
  *item = (struct slice){array->rest.data, len};
  *is_null = slice_is_nocase(*item, "NULL");
  skip(array, len);
  return len > 0 && item->data[0] != '{';
}

bool db_array_next(struct db_array *array, struct slice *item, bool *is_null) {
  *is_null = false;
  if (array->is_broken || array->rest.len == 0) return false;
  bool ok = array->rest.data[0] == '"' ? read_quoted(array, item) : read_bare(array, item, is_null);
  if (ok && array->rest.len > 0) {
    ok = array->rest.data[0] == ',' && array->rest.len > 1;
    skip(array, 1);
  }
  array->is_broken = !ok;
  return ok;
}

void db_array_begin(struct bytes *out) { bytes_add_char(out, '{'); }

void db_array_add(struct bytes *out, const char *data, size_t len) {
  if (out->data[out->len - 1] != '{') bytes_add_char(out, ',');
  if (data == NULL) {
    bytes_add_str(out, "NULL");
    return;
  }
  bytes_reserve(out, len + 2);
  bytes_add_char(out, '"');
  for (size_t i = 0; i < len; i++) {
    if (data[i] == '"' || data[i] == '\\') bytes_add_char(out, '\\');
    bytes_add_char(out, data[i]);
  }
  bytes_add_char(out, '"');
}

void db_array_end(struct bytes *out) { bytes_add_char(out, '}'); }
