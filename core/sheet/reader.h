/* sheet/reader.h - tables that people send, row by row: XLSX (the first visible sheet) and CSV.
 *
 *   struct sheet_reader *reader;
 *   if (!sheet_reader_open(path, &reader, err)) return false;
 *   while ((step = sheet_reader_next(reader, err)) == SHEET_ROW) use(sheet_reader_row(reader));
 *   sheet_reader_free(reader);
 *
 * Everything comes as UTF-8 text as a person sees it: leading zeros stay, dates are YYYY-MM-DD (with
 * a time YYYY-MM-DD HH:MM), yes and no are «да» and «нет». CSV may be UTF-8 or windows-1251, separated
 * by ; or , or tab. Empty rows are left out.
 * Memory is bounded: one row, and the strings that the rows of an XLSX share. Sizes are checked after
 * inflating, so that a small file cannot become a large one. Opening reads the whole file and belongs
 * into the thread pool; a step is short. One thread at a time. Pure of loop and Lua. */
#pragma once
#include "base/bytes.h"

enum {
  SHEET_COLUMNS_MAX = 256,
  SHEET_CELL_MAX = 131072,  /* bytes */
  SHEET_ROW_MAX = 1 << 20,  /* bytes of a row */
  SHEET_ROWS_MAX = 1048576, /* of the format */
};

enum sheet_step { SHEET_ROW, SHEET_END, SHEET_FAILED };

struct sheet_row {
  struct bytes text;              /* all cells, one after the other */
  size_t ends[SHEET_COLUMNS_MAX]; /* where each ends in text */
  int count;                      /* cells up to the last that is not empty */
  int number;                     /* as the spreadsheet counts, from 1 */
};

struct sheet_reader;

/* ERR_INVALID: no table that we can read; ERR_LIMIT: too large. On false *out is NULL. */
COPP_MUST_USE bool sheet_reader_open(const char *path, struct sheet_reader **out, struct error *err);
/* Reads to the next row that has anything in it. After SHEET_END and SHEET_FAILED only free. */
enum sheet_step sheet_reader_next(struct sheet_reader *reader, struct error *err);
/* Borrowed until the next step. */
const struct sheet_row *sheet_reader_row(const struct sheet_reader *reader);
void sheet_reader_free(struct sheet_reader *reader); /* NULL is fine */
