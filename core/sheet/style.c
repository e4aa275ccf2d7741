/* Number formats of spreadsheets, as far as they change what a person sees of a date or a code. */
#include <string.h>

#include "sheet/book.h"

/* The next sign that is not quoted, escaped or in brackets; '\0' at the end of the first section. */
static char next_sign(const char **at) {
  for (const char *p = *at; *p != '\0' && *p != ';'; p++) {
    const char *close = *p == '"' ? strchr(p + 1, '"') : *p == '[' ? strchr(p, ']') : NULL;
    if (*p == '\\' || *p == '_' || *p == '*') {
      if (p[1] == '\0') break;
      p++;
    } else if (close != NULL) {
      p = close;
    } else if (*p != '"' && *p != '[') {
      *at = p + 1;
      return *p;
    }
  }
  return '\0';
}

static struct sheet_style style_of_code(const char *code) {
  struct sheet_style style = {SHEET_PADDED, 0};
  if (strncmp(code, "General", 7) == 0) return (struct sheet_style){SHEET_PLAIN, 0};
  for (char sign; (sign = next_sign(&code)) != '\0';) {
    if (strchr("yYmMdDhHsS", sign) != NULL) return (struct sheet_style){SHEET_DATE, 0};
    if (sign == '0') style.digits++;
    else if (strchr("- ()", sign) == NULL) style.look = SHEET_PLAIN;
  }
  if (style.digits < 2 || style.digits > 40) style.look = SHEET_PLAIN;
  return style;
}

struct sheet_style sheet_style_of(int id, const char *code) {
  bool is_builtin_date = (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) ||
                         (id >= 50 && id <= 58);
  if (code != NULL) return style_of_code(code);
  return (struct sheet_style){is_builtin_date ? SHEET_DATE : SHEET_PLAIN, 0};
}
