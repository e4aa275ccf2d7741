#include "sheet/reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "sheet/row.h"

struct sheet_reader {
  struct sheet_csv *csv;   /* one of both */
  struct sheet_xlsx *xlsx;
  struct sheet_row row;
};

/* ---- rows ---- */

bool sheet_row_begin_cell(struct sheet_row *row, int column, struct error *err) {
  if (column < row->count) return error_set(err, ERR_INVALID, "row %d: a column comes twice", row->number);
  if (column >= SHEET_COLUMNS_MAX) return error_set(err, ERR_LIMIT, "row %d: too many columns", row->number);
  while (row->count <= column) row->ends[row->count++] = row->text.len;
  return true;
}

bool sheet_row_add(struct sheet_row *row, const char *data, size_t len, struct error *err) {
  int last = row->count - 1;
  size_t begin = last > 0 ? row->ends[last - 1] : 0;
  if (row->text.len - begin + len > SHEET_CELL_MAX || row->text.len + len > SHEET_ROW_MAX) {
    return error_set(err, ERR_LIMIT, "row %d: a cell is too long", row->number);
  }
  bytes_add(&row->text, data, len);
  row->ends[last] = row->text.len;
  return true;
}

struct slice sheet_row_cell(const struct sheet_row *row, int column) {
  size_t begin = column > 0 ? row->ends[column - 1] : 0;
  return (struct slice){row->text.data != NULL ? row->text.data + begin : "", row->ends[column] - begin};
}

static bool is_blank(struct slice cell) {
  for (size_t i = 0; i < cell.len; i++) {
    if (cell.data[i] != ' ') return false;
  }
  return true;
}

bool sheet_row_trim(struct sheet_row *row) {
  while (row->count > 0 && is_blank(sheet_row_cell(row, row->count - 1))) row->count--;
  return row->count > 0;
}

void sheet_row_clear(struct sheet_row *row) {
  bytes_clear(&row->text);
  row->count = 0;
}

/* ---- the door ---- */

static bool is_zip(const char *path, bool *out, struct error *err) {
  FILE *file = fopen(path, "rbe");
  if (file == NULL) {
    return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot open the table: errno %d", errno);
  }
  char head[4] = {0};
  *out = fread(head, 1, sizeof head, file) == sizeof head && memcmp(head, "PK\3\4", 4) == 0;
  fclose(file);
  return true;
}

bool sheet_reader_open(const char *path, struct sheet_reader **out, struct error *err) {
  *out = NULL;
  bool is_xlsx = false;
  if (!is_zip(path, &is_xlsx, err)) return false;
  struct sheet_reader *reader = mem_zero(sizeof *reader);
  bool ok = is_xlsx ? sheet_xlsx_open(path, &reader->xlsx, err) : sheet_csv_open(path, &reader->csv, err);
  if (ok) *out = reader;
  else sheet_reader_free(reader);
  return ok;
}

/* A workbook can carry whatever bytes its strings had. */
static bool is_text(const struct sheet_row *row) {
  return row->text.len == 0 || (utf8_is_valid(row->text.data, row->text.len) &&
                                memchr(row->text.data, '\0', row->text.len) == NULL);
}

enum sheet_step sheet_reader_next(struct sheet_reader *reader, struct error *err) {
  struct sheet_row *row = &reader->row;
  for (;;) {
    sheet_row_clear(row);
    enum sheet_step step = reader->xlsx != NULL ? sheet_xlsx_next(reader->xlsx, row, err)
                                                : sheet_csv_next(reader->csv, row, err);
    if (step != SHEET_ROW) return step;
    if (row->number > SHEET_ROWS_MAX) {
      error_set(err, ERR_LIMIT, "more than %d rows", SHEET_ROWS_MAX);
      return SHEET_FAILED;
    }
    if (!sheet_row_trim(row)) continue;
    if (is_text(row)) return SHEET_ROW;
    error_set(err, ERR_INVALID, "row %d: not a text", row->number);
    return SHEET_FAILED;
  }
}

const struct sheet_row *sheet_reader_row(const struct sheet_reader *reader) { return &reader->row; }

void sheet_reader_free(struct sheet_reader *reader) {
  if (reader == NULL) return;
  sheet_csv_free(reader->csv);
  sheet_xlsx_free(reader->xlsx);
  bytes_deinit(&reader->row.text);
  free(reader);
}
