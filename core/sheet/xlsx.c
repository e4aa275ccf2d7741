/* Rows of an XLSX. A row ends a step of the parser, so that only one is held. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "sheet/book.h"
#include "sheet/row.h"

#define ROWS_PART_MAX ((size_t)1 << 30) /* inflated XML; a million rows of ten cells */
#define DAY_S 86400

enum kind { KIND_NUMBER, KIND_SHARED, KIND_TEXT, KIND_BOOLEAN };

struct sheet_xlsx {
  unzFile zip;
  struct sheet_book book;
  struct sheet_part part;
  struct sheet_row *row;   /* of the step that runs */
  int row_number;          /* the last one seen */
  int column;              /* of the last cell; -1 at the beginning of a row */
  enum kind kind;
  size_t style;
  bool is_in_value, is_in_reading;
  char value[64];          /* numbers and indexes; longer ones are none */
  size_t value_len;
};

/* ---- values ---- */

static void add(struct sheet_xlsx *xlsx, const char *data, size_t len) {
  struct error err;
  if (len > 0 && !sheet_row_add(xlsx->row, data, len, &err)) sheet_part_fail(&xlsx->part, &err);
}

static void add_shared(struct sheet_xlsx *xlsx) {
  const struct sheet_book *book = &xlsx->book;
  size_t index = strtoul(xlsx->value, NULL, 10);
  if (index >= book->string_count) return;
  size_t begin = index > 0 ? book->string_ends[index - 1] : 0;
  add(xlsx, book->strings.data + begin, book->string_ends[index] - begin);
}

/* Days since 1899-12-30, or since 1904; the first sixty of 1900 are one off, for that year had a
 * 29 February in Lotus 1-2-3. */
static bool add_date(struct sheet_xlsx *xlsx, double serial) {
  char text[32];
  if (!(serial >= 0 && serial < 2958466)) return false; /* to 9999-12-31 */
  double days = floor(serial);
  long minutes = lround((serial - days) * 1440);
  if (serial < 1) {
    add(xlsx, text, (size_t)snprintf(text, sizeof text, "%02ld:%02ld", minutes / 60 % 24, minutes % 60));
    return true;
  }
  double epoch = xlsx->book.is_1904 ? -24107 : days < 60 ? -25568 : -25569;
  time_t at = (time_t)((epoch + days) * DAY_S + (double)minutes * 60);
  struct tm when;
  if (gmtime_r(&at, &when) == NULL) return false;
  add(xlsx, text, strftime(text, sizeof text, minutes > 0 ? "%Y-%m-%d %H:%M" : "%Y-%m-%d", &when));
  return true;
}

static void add_number(struct sheet_xlsx *xlsx) {
  char *rest, text[400];
  double number = strtod(xlsx->value, &rest);
  if (rest == xlsx->value || *rest != '\0' || !isfinite(number)) {
    add(xlsx, xlsx->value, xlsx->value_len);
    return;
  }
  struct sheet_style style = {SHEET_PLAIN, 0};
  if (xlsx->style < xlsx->book.style_count) style = xlsx->book.styles[xlsx->style];
  if (style.look == SHEET_DATE && add_date(xlsx, number)) return;
  bool is_whole = number == floor(number) && fabs(number) < 1e18;
  int len;
  if (is_whole && style.look == SHEET_PADDED) len = snprintf(text, sizeof text, "%0*.0f", style.digits, number);
  else if (is_whole) len = snprintf(text, sizeof text, "%.0f", number);
  else len = snprintf(text, sizeof text, "%.15g", number);
  add(xlsx, text, (size_t)len);
}

static void end_value(struct sheet_xlsx *xlsx) {
  xlsx->is_in_value = false;
  xlsx->value[xlsx->value_len] = '\0';
  switch (xlsx->kind) {
    case KIND_TEXT: break; /* added as it came */
    case KIND_SHARED: add_shared(xlsx); break;
    case KIND_BOOLEAN: {
      const char *word = xlsx->value[0] == '1' ? "да" : "нет";
      add(xlsx, word, strlen(word));
      break;
    }
    case KIND_NUMBER: add_number(xlsx); break;
  }
}

/* ---- elements ---- */

static enum kind kind_of(const char *type) {
  if (type == NULL || strcmp(type, "n") == 0) return KIND_NUMBER;
  if (strcmp(type, "s") == 0) return KIND_SHARED;
  if (strcmp(type, "b") == 0) return KIND_BOOLEAN;
  return KIND_TEXT; /* str, inlineStr, d (a date as text), e («#N/A») */
}

/* "AB12" → 27; -1 when there are no letters. */
static int column_of(const char *reference) {
  int column = 0;
  for (; *reference >= 'A' && *reference <= 'Z' && column < 100000; reference++) {
    column = column * 26 + (*reference - 'A' + 1);
  }
  return column - 1;
}

static void begin_cell(struct sheet_xlsx *xlsx, const char **attributes) {
  const char *reference = sheet_part_attribute(attributes, "r");
  const char *style = sheet_part_attribute(attributes, "s");
  xlsx->kind = kind_of(sheet_part_attribute(attributes, "t"));
  xlsx->style = style != NULL ? strtoul(style, NULL, 10) : 0;
  xlsx->column = reference != NULL ? column_of(reference) : xlsx->column + 1;
}

static void begin_row(struct sheet_xlsx *xlsx, const char **attributes) {
  const char *number = sheet_part_attribute(attributes, "r");
  xlsx->row_number = number != NULL ? atoi(number) : xlsx->row_number + 1;
  xlsx->row->number = xlsx->row_number;
  xlsx->column = -1;
}

/* A cell that is there only for its border has no value, and is not begun. */
static void begin_value(struct sheet_xlsx *xlsx) {
  struct error err;
  xlsx->is_in_value = true;
  xlsx->value_len = 0;
  bool is_begun = xlsx->row->count == xlsx->column + 1 && xlsx->kind == KIND_TEXT; /* next run of a rich text */
  if (is_begun) return;
  if (xlsx->column < 0) error_set(&err, ERR_INVALID, "row %d: a cell without a place", xlsx->row_number);
  else if (sheet_row_begin_cell(xlsx->row, xlsx->column, &err)) return;
  sheet_part_fail(&xlsx->part, &err);
}

static void on_start(void *ctx, const char *name, const char **attributes) {
  struct sheet_xlsx *xlsx = ctx;
  if (strcmp(name, "c") == 0) begin_cell(xlsx, attributes);
  else if (strcmp(name, "v") == 0 || (strcmp(name, "t") == 0 && !xlsx->is_in_reading)) begin_value(xlsx);
  else if (strcmp(name, "row") == 0) begin_row(xlsx, attributes);
  else if (strcmp(name, "rPh") == 0) xlsx->is_in_reading = true;
}

static void on_end(void *ctx, const char *name) {
  struct sheet_xlsx *xlsx = ctx;
  if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0) {
    if (xlsx->is_in_value) end_value(xlsx);
  } else if (strcmp(name, "rPh") == 0) {
    xlsx->is_in_reading = false;
  } else if (strcmp(name, "row") == 0) {
    sheet_part_pause(&xlsx->part);
  }
}

static void on_text(void *ctx, const char *data, size_t len) {
  struct sheet_xlsx *xlsx = ctx;
  if (!xlsx->is_in_value) return;
  if (xlsx->kind == KIND_TEXT) {
    add(xlsx, data, len);
  } else if (xlsx->value_len + len < sizeof xlsx->value) {
    memcpy(xlsx->value + xlsx->value_len, data, len);
    xlsx->value_len += len;
  }
}

/* ---- the door ---- */

bool sheet_xlsx_open(const char *path, struct sheet_xlsx **out, struct error *err) {
  static const struct sheet_part_handler handler = {on_start, on_end, on_text};
  unzFile zip = unzOpen64(path);
  if (zip == NULL) return error_set(err, ERR_INVALID, "not a workbook");
  struct sheet_xlsx *xlsx = mem_zero(sizeof *xlsx);
  xlsx->zip = zip;
  bool ok = sheet_book_read(&xlsx->book, zip, err) &&
            sheet_part_open(&xlsx->part, zip, xlsx->book.rows_part, ROWS_PART_MAX, &handler, xlsx, err);
  if (ok) *out = xlsx;
  else sheet_xlsx_free(xlsx);
  return ok;
}

enum sheet_step sheet_xlsx_next(struct sheet_xlsx *xlsx, struct sheet_row *row, struct error *err) {
  xlsx->row = row;
  switch (sheet_part_next(&xlsx->part, err)) {
    case SHEET_PART_PAUSED: return SHEET_ROW;
    case SHEET_PART_OVER: return SHEET_END;
    case SHEET_PART_FAILED: break;
  }
  return SHEET_FAILED;
}

void sheet_xlsx_free(struct sheet_xlsx *xlsx) {
  if (xlsx == NULL) return;
  sheet_part_close(&xlsx->part);
  sheet_book_deinit(&xlsx->book);
  unzClose(xlsx->zip);
  free(xlsx);
}
