#include "db/sql_split.h"

#include <ctype.h>

/* Each skip_… gets the index of an opening and gives the index behind the closing, or the end. */

static size_t skip_line(struct slice text, size_t i) {
  while (i < text.len && text.data[i] != '\n') i++;
  return i;
}

static bool has_at(struct slice text, size_t i, const char *mark) {
  size_t len = strlen(mark);
  return i + len <= text.len && memcmp(text.data + i, mark, len) == 0;
}

static size_t skip_comment(struct slice text, size_t i) { /* these nest */
  int depth = 0;
  while (i < text.len) {
    int step = has_at(text, i, "/*") ? 1 : has_at(text, i, "*/") ? -1 : 0;
    depth += step;
    i += step != 0 ? 2 : 1;
    if (depth == 0) return i;
  }
  return i;
}

/* A doubled quote ends one and begins another, which comes to the same. */
static size_t skip_quoted(struct slice text, size_t i, bool has_escapes) {
  char quote = text.data[i++];
  while (i < text.len && text.data[i] != quote) {
    if (has_escapes && text.data[i] == '\\') i++;
    i++;
  }
  return i < text.len ? i + 1 : text.len;
}

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_' || (c & 0x80) != 0; }

static size_t skip_dollar(struct slice text, size_t i) {
  size_t tag = i + 1;
  while (tag < text.len && is_word(text.data[tag])) tag++;
  bool is_parameter = i + 1 < text.len && isdigit((unsigned char)text.data[i + 1]);
  bool is_in_name = i > 0 && is_word(text.data[i - 1]);
  if (tag >= text.len || text.data[tag] != '$' || is_parameter || is_in_name) return i + 1;
  size_t len = tag - i + 1;
  for (size_t at = tag + 1; at + len <= text.len; at++)
    if (memcmp(text.data + at, text.data + i, len) == 0) return at + len;
  return text.len;
}

static bool is_escape_string(struct slice text, size_t i) { /* E'…' */
  return i > 0 && (text.data[i - 1] | 0x20) == 'e' && (i < 2 || !is_word(text.data[i - 2]));
}

static size_t skip_blanks(struct slice text, size_t i) {
  while (i < text.len) {
    if (isspace((unsigned char)text.data[i])) i++;
    else if (has_at(text, i, "--")) i = skip_line(text, i);
    else if (has_at(text, i, "/*")) i = skip_comment(text, i);
    else break;
  }
  return i;
}

static size_t skip_token(struct slice text, size_t i) {
  if (has_at(text, i, "--")) return skip_line(text, i);
  if (has_at(text, i, "/*")) return skip_comment(text, i);
  char c = text.data[i];
  if (c == '\'') return skip_quoted(text, i, is_escape_string(text, i));
  if (c == '"') return skip_quoted(text, i, false);
  if (c == '$') return skip_dollar(text, i);
  return i + 1;
}

bool db_sql_next(struct slice *rest, struct slice *statement) {
  struct slice text = *rest;
  size_t i = skip_blanks(text, 0);
  while (i < text.len && text.data[i] == ';') i = skip_blanks(text, i + 1);
  size_t from = i;
  int depth = 0;
  while (i < text.len && (text.data[i] != ';' || depth > 0)) {
    depth += (text.data[i] == '(') - (text.data[i] == ')');
    i = skip_token(text, i);
  }
  *statement = (struct slice){text.data + from, i - from};
  if (i < text.len) i++; /* the semicolon */
  *rest = (struct slice){text.data + i, text.len - i};
  return statement->len > 0;
}
