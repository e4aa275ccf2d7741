/* app/wire.h - how master and children talk: one line a message, fields separated by tabs.
 *
 *   master -> child   start GENERATION TREE DATABASE_URL MIGRATED · prepare N TREE · commit N · abort N · drain
 *                     · migrated · notify PAYLOAD · stats TOKEN · metrics TOKEN TEXT
 *   child -> master   ready · failed N FILE LINE REASON · prepared N · beat · stats TOKEN TEXT · metrics TOKEN
 *   command -> master reload TREE · status · database · metrics          (control.sock)
 *   master -> command ok … · error FILE LINE REASON
 *
 * Texts go with tabs as spaces and line feeds as \x1e.
 */
#pragma once
#include "loop/lines.h"

enum { WIRE_FIELDS = 8 };

struct wire_message {
  char *text; /* owned copy of the line */
  const char *field[WIRE_FIELDS]; /* "" beyond count */
  int count;
};

void wire_parse(struct slice line, struct wire_message *out);
void wire_free(struct wire_message *message);
bool wire_is(const struct wire_message *message, const char *name);
/* Sends fields up to NULL. */
void wire_send(struct loop_lines *to, ...) __attribute__((sentinel));
/* Gives line feeds back to a text field, in place. */
void wire_unfold(char *text);
