/* CSV of any spreadsheet: RFC 4180 with ; or , or tab, and with windows-1251, which Russian Excel
 * still writes by default. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "sheet/row.h"

enum { CHUNK = 65536 };
#define UTF8_MARK "\xEF\xBB\xBF"

struct sheet_csv {
  FILE *file;
  bool is_1251;
  char separator;
  int rows;        /* records so far */
  char chunk[CHUNK];
  size_t at, len;
};

/* 0x80 to 0xBF of windows-1251; from 0xC0 on the letters А to я lie in order. */
static const uint16_t HIGH_1251[64] = {
    0x0402, 0x0403, 0x201A, 0x0453, 0x201E, 0x2026, 0x2020, 0x2021, 0x20AC, 0x2030, 0x0409, 0x2039, 0x040A,
    0x040C, 0x040B, 0x040F, 0x0452, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0xFFFD, 0x2122,
    0x0459, 0x203A, 0x045A, 0x045C, 0x045B, 0x045F, 0x00A0, 0x040E, 0x045E, 0x0408, 0x00A4, 0x0490, 0x00A6,
    0x00A7, 0x0401, 0x00A9, 0x0404, 0x00AB, 0x00AC, 0x00AD, 0x00AE, 0x0407, 0x00B0, 0x00B1, 0x0406, 0x0456,
    0x0491, 0x00B5, 0x00B6, 0x00B7, 0x0451, 0x2116, 0x0454, 0x00BB, 0x0458, 0x0405, 0x0455, 0x0457};

static int next_byte(struct sheet_csv *csv) {
  if (csv->at == csv->len) {
    csv->len = fread(csv->chunk, 1, CHUNK, csv->file);
    csv->at = 0;
    if (csv->len == 0) return EOF;
  }
  return (unsigned char)csv->chunk[csv->at++];
}

static int peek_byte(struct sheet_csv *csv) {
  int byte = next_byte(csv);
  if (byte != EOF) csv->at--;
  return byte;
}

/* ---- what kind of text is it? ---- */

static bool rewind_to(struct sheet_csv *csv, long offset) {
  csv->at = csv->len = 0;
  return fseek(csv->file, offset, SEEK_SET) == 0;
}

/* Walks the whole file: a character may be cut by a chunk, so bytes are taken one by one. */
static bool is_all_utf8(struct sheet_csv *csv) {
  char character[4];
  int first;
  while ((first = next_byte(csv)) != EOF) {
    if (first < 0x80) continue;
    int width = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    character[0] = (char)first;
    for (int i = 1; i < width; i++) {
      int byte = next_byte(csv);
      if (byte == EOF) return false;
      character[i] = (char)byte;
    }
    if (utf8_width(character, (size_t)width) != (size_t)width) return false;
  }
  return true;
}

/* The commonest separator of the first line, outside of quotes. */
static char guess_separator(struct sheet_csv *csv) {
  int semicolons = 0, commas = 0, tabs = 0, byte;
  bool is_quoted = false;
  while ((byte = next_byte(csv)) != EOF) {
    if (byte == '"') is_quoted = !is_quoted;
    if (is_quoted) continue;
    if (byte == '\n' || byte == '\r') break;
    semicolons += byte == ';';
    commas += byte == ',';
    tabs += byte == '\t';
  }
  if (tabs > semicolons && tabs > commas) return '\t';
  return commas > semicolons ? ',' : ';';
}

static bool look_at(struct sheet_csv *csv, struct error *err) {
  unsigned char head[3] = {0};
  size_t len = fread(head, 1, sizeof head, csv->file);
  if (len >= 2 && ((head[0] == 0xFF && head[1] == 0xFE) || (head[0] == 0xFE && head[1] == 0xFF))) {
    return error_set(err, ERR_INVALID, "UTF-16 is not read");
  }
  long begin = len == 3 && memcmp(head, UTF8_MARK, 3) == 0 ? 3 : 0;
  if (!rewind_to(csv, begin)) return error_set(err, ERR_IO, "cannot seek");
  csv->is_1251 = !is_all_utf8(csv);
  if (csv->is_1251 && begin > 0) return error_set(err, ERR_INVALID, "broken UTF-8");
  if (!rewind_to(csv, begin)) return error_set(err, ERR_IO, "cannot seek");
  csv->separator = guess_separator(csv);
  if (!rewind_to(csv, begin)) return error_set(err, ERR_IO, "cannot seek");
  return true;
}

bool sheet_csv_open(const char *path, struct sheet_csv **out, struct error *err) {
  FILE *file = fopen(path, "rbe");
  if (file == NULL) return error_set(err, ERR_IO, "cannot open the table");
  struct sheet_csv *csv = mem_zero(sizeof *csv);
  csv->file = file;
  bool ok = look_at(csv, err);
  if (ok) *out = csv;
  else sheet_csv_free(csv);
  return ok;
}

void sheet_csv_free(struct sheet_csv *csv) {
  if (csv == NULL) return;
  fclose(csv->file);
  free(csv);
}

/* ---- records ---- */

static bool add_byte(struct sheet_csv *csv, struct sheet_row *row, int byte, struct error *err) {
  char text[4] = {(char)byte};
  size_t len = 1;
  if (byte == 0) return error_set(err, ERR_INVALID, "row %d: not a text", row->number);
  if (csv->is_1251 && byte >= 0x80) {
    len = utf8_encode(byte >= 0xC0 ? 0x0410 + (uint32_t)byte - 0xC0 : HIGH_1251[byte - 0x80], text);
  }
  return sheet_row_add(row, text, len, err);
}

/* After the opening quote; a doubled quote is one. */
static bool read_quoted(struct sheet_csv *csv, struct sheet_row *row, struct error *err) {
  int byte;
  while ((byte = next_byte(csv)) != EOF) {
    if (byte == '"') {
      if (peek_byte(csv) != '"') return true;
      next_byte(csv);
    }
    if (!add_byte(csv, row, byte, err)) return false;
  }
  return error_set(err, ERR_INVALID, "row %d: a quoted cell does not end", row->number);
}

/* *stop gets what ended the cell: the separator, '\n' or EOF. */
static bool read_cell(struct sheet_csv *csv, struct sheet_row *row, int *stop, struct error *err) {
  if (peek_byte(csv) == '"') {
    next_byte(csv);
    if (!read_quoted(csv, row, err)) return false;
  }
  int byte;
  while ((byte = next_byte(csv)) != EOF && byte != csv->separator && byte != '\n' && byte != '\r') {
    if (!add_byte(csv, row, byte, err)) return false;
  }
  if (byte == '\r') {
    if (peek_byte(csv) == '\n') next_byte(csv);
    byte = '\n';
  }
  *stop = byte;
  return true;
}

/* Empty cells beyond the last column are what spreadsheets leave behind. */
static bool is_left_behind(struct sheet_csv *csv, int column) {
  if (column < SHEET_COLUMNS_MAX) return false;
  int byte = peek_byte(csv);
  return byte == csv->separator || byte == '\n' || byte == '\r' || byte == EOF;
}

enum sheet_step sheet_csv_next(struct sheet_csv *csv, struct sheet_row *row, struct error *err) {
  if (peek_byte(csv) == EOF) {
    if (!ferror(csv->file)) return SHEET_END;
    error_set(err, ERR_IO, "cannot read the table");
    return SHEET_FAILED;
  }
  row->number = ++csv->rows;
  int stop = csv->separator;
  for (int column = 0; stop == csv->separator; column++) {
    if (!is_left_behind(csv, column) && !sheet_row_begin_cell(row, column, err)) return SHEET_FAILED;
    if (!read_cell(csv, row, &stop, err)) return SHEET_FAILED;
  }
  return SHEET_ROW;
}
