/* sheet/row.h - the row that is being put together, and the two forms of file. Private to sheet/. */
#pragma once
#include "sheet/reader.h"

/* The next cell gets column `column` (from 0; columns between are empty); its text follows. */
bool sheet_row_begin_cell(struct sheet_row *row, int column, struct error *err);
/* More text of the cell begun last. */
bool sheet_row_add(struct sheet_row *row, const char *data, size_t len, struct error *err);
struct slice sheet_row_cell(const struct sheet_row *row, int column);
/* Empty cells at the end do not count. False when nothing is left. */
bool sheet_row_trim(struct sheet_row *row);
void sheet_row_clear(struct sheet_row *row); /* keeps memory and number */

struct sheet_csv;
bool sheet_csv_open(const char *path, struct sheet_csv **out, struct error *err);
enum sheet_step sheet_csv_next(struct sheet_csv *csv, struct sheet_row *row, struct error *err);
void sheet_csv_free(struct sheet_csv *csv);

struct sheet_xlsx;
bool sheet_xlsx_open(const char *path, struct sheet_xlsx **out, struct error *err);
enum sheet_step sheet_xlsx_next(struct sheet_xlsx *xlsx, struct sheet_row *row, struct error *err);
void sheet_xlsx_free(struct sheet_xlsx *xlsx);
