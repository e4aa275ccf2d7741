#include "sheet/book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
  SMALL_PART_MAX = 8 << 20,
  STRINGS_PART_MAX = 128 << 20, /* inflated XML; the texts in it are about a third */
  STRINGS_MAX = 64 << 20,
  STYLES_MAX = 65536,
  FORMATS_MAX = 4096,
};

/* Reads a whole part. Missing ones are fine where `is_optional`. */
static bool read_part(unzFile zip, const char *name, size_t max, bool is_optional,
                      const struct sheet_part_handler *handler, struct sheet_part *part, void *ctx,
                      struct error *err) {
  struct error fault = {0};
  bool ok = sheet_part_open(part, zip, name, max, handler, ctx, &fault);
  if (ok) ok = sheet_part_next(part, &fault) == SHEET_PART_OVER;
  sheet_part_close(part);
  if (ok || (is_optional && fault.code == ERR_NOT_FOUND)) return true;
  if (fault.code == ERR_NOT_FOUND) fault.code = ERR_INVALID; /* a zip, but no workbook */
  if (err != NULL) *err = fault;
  return false;
}

/* ---- which sheet ---- */

struct finder {
  struct sheet_part part;
  struct sheet_book *book;
  char relation[64]; /* id of the first visible sheet; "" while none is found */
};

static void ignore_end(void *ctx, const char *name) { (void)ctx, (void)name; }

static void on_book(void *ctx, const char *name, const char **attributes) {
  struct finder *finder = ctx;
  if (strcmp(name, "workbookPr") == 0) {
    const char *is_1904 = sheet_part_attribute(attributes, "date1904");
    finder->book->is_1904 = is_1904 != NULL && (is_1904[0] == '1' || is_1904[0] == 't');
  } else if (strcmp(name, "sheet") == 0 && finder->relation[0] == '\0') {
    const char *state = sheet_part_attribute(attributes, "state");
    bool is_hidden = state != NULL && strcmp(state, "visible") != 0;
    /* r:id: the attribute `sheetId` has another local name. */
    const char *id = sheet_part_attribute(attributes, "id");
    if (!is_hidden && id != NULL) snprintf(finder->relation, sizeof finder->relation, "%s", id);
  }
}

static void on_relation(void *ctx, const char *name, const char **attributes) {
  struct finder *finder = ctx;
  const char *id = sheet_part_attribute(attributes, "Id");
  const char *target = sheet_part_attribute(attributes, "Target");
  if (strcmp(name, "Relationship") != 0 || id == NULL || target == NULL) return;
  if (strcmp(id, finder->relation) != 0) return;
  bool is_absolute = target[0] == '/';
  snprintf(finder->book->rows_part, sizeof finder->book->rows_part, "%s%s", is_absolute ? "" : "xl/",
           target + is_absolute);
}

static bool find_rows(struct sheet_book *book, unzFile zip, struct error *err) {
  static const struct sheet_part_handler of_book = {on_book, ignore_end, NULL};
  static const struct sheet_part_handler of_relations = {on_relation, ignore_end, NULL};
  struct finder finder = {.book = book};
  if (!read_part(zip, "xl/workbook.xml", SMALL_PART_MAX, false, &of_book, &finder.part, &finder, err)) return false;
  if (!read_part(zip, "xl/_rels/workbook.xml.rels", SMALL_PART_MAX, false, &of_relations, &finder.part, &finder, err)) {
    return false;
  }
  if (book->rows_part[0] == '\0') return error_set(err, ERR_INVALID, "no sheet in the workbook");
  return true;
}

/* ---- styles ---- */

struct styler {
  struct sheet_part part;
  struct sheet_book *book;
  bool is_in_cells; /* cellXfs, not cellStyleXfs */
  int ids[FORMATS_MAX];
  struct sheet_style formats[FORMATS_MAX];
  int format_count;
};

static struct sheet_style find_format(const struct styler *styler, int id) {
  for (int i = 0; i < styler->format_count; i++) {
    if (styler->ids[i] == id) return styler->formats[i];
  }
  return sheet_style_of(id, NULL);
}

static void add_style(struct styler *styler, const char *id) {
  struct sheet_book *book = styler->book;
  if (book->style_count >= STYLES_MAX) return;
  if (book->style_count % 64 == 0) {
    book->styles = mem_grow(book->styles, (book->style_count + 64) * sizeof *book->styles);
  }
  book->styles[book->style_count++] = find_format(styler, id != NULL ? atoi(id) : 0);
}

static void on_style(void *ctx, const char *name, const char **attributes) {
  struct styler *styler = ctx;
  const char *id = sheet_part_attribute(attributes, "numFmtId");
  if (strcmp(name, "cellXfs") == 0) styler->is_in_cells = true;
  else if (strcmp(name, "xf") == 0 && styler->is_in_cells) add_style(styler, id);
  else if (strcmp(name, "numFmt") == 0 && id != NULL && styler->format_count < FORMATS_MAX) {
    const char *code = sheet_part_attribute(attributes, "formatCode");
    styler->ids[styler->format_count] = atoi(id);
    styler->formats[styler->format_count++] = sheet_style_of(0, code != NULL ? code : "");
  }
}

static void on_style_end(void *ctx, const char *name) {
  struct styler *styler = ctx;
  if (strcmp(name, "cellXfs") == 0) styler->is_in_cells = false;
}

static bool read_styles(struct sheet_book *book, unzFile zip, struct error *err) {
  static const struct sheet_part_handler handler = {on_style, on_style_end, NULL};
  struct styler *styler = mem_zero(sizeof *styler);
  styler->book = book;
  bool ok = read_part(zip, "xl/styles.xml", SMALL_PART_MAX, true, &handler, &styler->part, styler, err);
  free(styler);
  return ok;
}

/* ---- strings ---- */

struct collector {
  struct sheet_part part;
  struct sheet_book *book;
  bool is_in_text, is_in_reading; /* t; rPh holds how Japanese is read aloud */
};

static void on_string(void *ctx, const char *name, const char **attributes) {
  struct collector *collector = ctx;
  (void)attributes;
  if (strcmp(name, "t") == 0) collector->is_in_text = true;
  else if (strcmp(name, "rPh") == 0) collector->is_in_reading = true;
}

static void end_string(struct sheet_book *book) {
  if (book->string_count % 1024 == 0) {
    book->string_ends = mem_grow(book->string_ends, (book->string_count + 1024) * sizeof *book->string_ends);
  }
  book->string_ends[book->string_count++] = book->strings.len;
}

static void on_string_end(void *ctx, const char *name) {
  struct collector *collector = ctx;
  if (strcmp(name, "t") == 0) collector->is_in_text = false;
  else if (strcmp(name, "rPh") == 0) collector->is_in_reading = false;
  else if (strcmp(name, "si") == 0) end_string(collector->book);
}

static void on_string_text(void *ctx, const char *data, size_t len) {
  struct collector *collector = ctx;
  struct error err;
  if (!collector->is_in_text || collector->is_in_reading) return;
  if (collector->book->strings.len + len <= STRINGS_MAX) {
    bytes_add(&collector->book->strings, data, len);
    return;
  }
  error_set(&err, ERR_LIMIT, "the workbook is too large");
  sheet_part_fail(&collector->part, &err);
}

static bool read_strings(struct sheet_book *book, unzFile zip, struct error *err) {
  static const struct sheet_part_handler handler = {on_string, on_string_end, on_string_text};
  struct collector collector = {.book = book};
  return read_part(zip, "xl/sharedStrings.xml", STRINGS_PART_MAX, true, &handler, &collector.part, &collector, err);
}

bool sheet_book_read(struct sheet_book *book, unzFile zip, struct error *err) {
  return find_rows(book, zip, err) && read_styles(book, zip, err) && read_strings(book, zip, err);
}

void sheet_book_deinit(struct sheet_book *book) {
  free(book->styles);
  free(book->string_ends);
  bytes_deinit(&book->strings);
  *book = (struct sheet_book){0};
}
