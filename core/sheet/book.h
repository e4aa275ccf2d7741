/* sheet/book.h - what the rows of an XLSX refer to: which sheet to read, number formats, shared
 * strings. Private to sheet/. */
#pragma once
#include "base/bytes.h"
#include "sheet/part.h"

enum sheet_look { SHEET_PLAIN, SHEET_DATE, SHEET_PADDED };

struct sheet_style {
  enum sheet_look look;
  int digits; /* SHEET_PADDED: «00000000000» asks for eleven */
};

struct sheet_book {
  bool is_1904;               /* days are counted from 1904 */
  char rows_part[256];        /* "xl/worksheets/sheet1.xml" */
  struct sheet_style *styles; /* by the number that a cell gives; owned */
  size_t style_count;
  struct bytes strings;       /* all shared strings, one after the other */
  size_t *string_ends;        /* owned */
  size_t string_count;
};

bool sheet_book_read(struct sheet_book *book, unzFile zip, struct error *err);
void sheet_book_deinit(struct sheet_book *book);
/* What a format such as «ДД.ММ.ГГГГ» (in the file: dd.mm.yyyy) means. */
struct sheet_style sheet_style_of(int id, const char *code);
