#include "app/wire.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/mem.h"

void wire_parse(struct slice line, struct wire_message *out) {
  *out = (struct wire_message){.text = mem_dup_n(line.data, line.len)};
  for (int i = 0; i < WIRE_FIELDS; i++) out->field[i] = "";
  char *rest = out->text;
  while (rest != NULL && out->count < WIRE_FIELDS) {
    out->field[out->count++] = rest;
    if (out->count == WIRE_FIELDS) break;
    rest = strchr(rest, '\t');
    if (rest != NULL) *rest++ = '\0';
  }
}

void wire_free(struct wire_message *message) {
  free(message->text);
  *message = (struct wire_message){0};
}

bool wire_is(const struct wire_message *message, const char *name) {
  return message->count > 0 && strcmp(message->field[0], name) == 0;
}

static void add_field(struct bytes *line, const char *text) {
  for (; *text != '\0'; text++) bytes_add_char(line, *text == '\t' ? ' ' : *text == '\n' ? '\x1e' : *text);
}

void wire_send(struct loop_lines *to, ...) {
  if (to == NULL) return;
  struct bytes line = {0};
  va_list fields;
  va_start(fields, to);
  for (const char *field = va_arg(fields, const char *); field != NULL; field = va_arg(fields, const char *)) {
    if (line.len != 0) bytes_add_char(&line, '\t');
    add_field(&line, field);
  }
  va_end(fields);
  loop_lines_write(to, (struct slice){line.data, line.len});
  bytes_deinit(&line);
}

void wire_unfold(char *text) {
  for (; *text != '\0'; text++) {
    if (*text == '\x1e') *text = '\n';
  }
}
