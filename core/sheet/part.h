/* sheet/part.h - a part of an XLSX: an entry of the zip, inflated piece by piece into an XML parser.
 * Private to sheet/; the only user of minizip and expat. */
#pragma once
#include <expat.h>
#include <minizip/unzip.h>

#include "base/error.h"

/* Names come without their namespace prefix. A handler may stop the part: sheet_part_pause() ends the
 * step, sheet_part_fail() the whole. */
struct sheet_part_handler {
  void (*start)(void *ctx, const char *name, const char **attributes);
  void (*end)(void *ctx, const char *name);
  void (*text)(void *ctx, const char *data, size_t len); /* may be NULL */
};

struct sheet_part {
  unzFile zip; /* not owned; one part at a time */
  XML_Parser parser;
  const struct sheet_part_handler *handler;
  void *ctx;
  size_t left;          /* bytes it may still inflate to */
  bool is_open, is_paused, is_over;
  struct error failure; /* code ERR_NONE while all is well */
};

enum sheet_part_step { SHEET_PART_PAUSED, SHEET_PART_OVER, SHEET_PART_FAILED };

/* ERR_NOT_FOUND when there is no such entry. */
bool sheet_part_open(struct sheet_part *part, unzFile zip, const char *name, size_t max,
                     const struct sheet_part_handler *handler, void *ctx, struct error *err);
/* To the next pause, or to the end. */
enum sheet_part_step sheet_part_next(struct sheet_part *part, struct error *err);
void sheet_part_pause(struct sheet_part *part);
void sheet_part_fail(struct sheet_part *part, const struct error *err);
void sheet_part_close(struct sheet_part *part); /* twice is fine */

/* The value of an attribute, or NULL. */
const char *sheet_part_attribute(const char **attributes, const char *name);
