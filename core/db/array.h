/* db/array.h - PostgreSQL's array literals, e.g. {1,2,NULL} or {"two words",x}. One dimension.
 *
 *   struct db_array at;
 *   db_array_open(&at, text, &scratch);
 *   while (db_array_next(&at, &item, &is_null)) …
 *   if (at.is_broken) …
 */
#pragma once
#include <stdbool.h>

#include "base/bytes.h"

struct db_array {
  struct slice rest;     /* not read yet */
  struct bytes *scratch; /* borrowed; an element with escapes is built here */
  bool is_broken;        /* not an array literal, or one of several dimensions */
};

void db_array_open(struct db_array *array, struct slice text, struct bytes *scratch);
/* The next element, false at the end. *item is valid until the next call. */
bool db_array_next(struct db_array *array, struct slice *item, bool *is_null);

/* Writing: begin, then elements (quoted always, so any text is safe), then end. */
void db_array_begin(struct bytes *out);
void db_array_add(struct bytes *out, const char *data, size_t len); /* data NULL adds NULL */
void db_array_end(struct bytes *out);
