/* db/sql_split.h - cuts a file of SQL into statements, as psql does: at semicolons outside strings,
 * quoted names, comments, parentheses and dollar quotes. Function bodies belong into $$ … $$
 * (BEGIN ATOMIC … END is not understood). */
#pragma once
#include <stdbool.h>

#include "base/bytes.h"

/* Takes the next statement off *rest, without its semicolon and the blanks and comments before it.
 * false when only blanks and comments are left. */
bool db_sql_next(struct slice *rest, struct slice *statement);
