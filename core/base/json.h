/* base/json.h - reading JSON (RFC 8259), one token after another, without a tree.
 *
 *   struct json_reader in;
 *   json_reader_init(&in, text);
 *   switch (json_next(&in)) { case JSON_STRING: use(in.text); … }
 *
 * After JSON_OBJECT come a key (JSON_KEY), a value, a key … and JSON_OBJECT_END. Strict: no trailing
 * comma, no comment, no control character in a string, valid UTF-8 only, nothing after the value
 * (that is JSON_END). Depth is bounded; memory is only that of the longest string with escapes.
 */
#pragma once
#include "base/bytes.h"

#define JSON_DEPTH_MAX 64

enum json_token {
  JSON_NULL,
  JSON_TRUE,
  JSON_FALSE,
  JSON_NUMBER, /* text: as written */
  JSON_STRING, /* text: decoded */
  JSON_KEY,    /* text: decoded */
  JSON_ARRAY,
  JSON_ARRAY_END,
  JSON_OBJECT,
  JSON_OBJECT_END,
  JSON_END,    /* the text is complete */
  JSON_BROKEN, /* see reason; stays so */
};

struct json_reader {
  const char *start, *at, *end; /* not owned */
  struct slice text;            /* of the last token; valid until the next */
  const char *reason;           /* why it is broken */
  struct bytes scratch;         /* a string with escapes */
  int depth;
  int expect;                   /* the reader's own: what may come */
  char nest[JSON_DEPTH_MAX];    /* '[' or '{' of each open level */
};

void json_reader_init(struct json_reader *in, struct slice text);
enum json_token json_next(struct json_reader *in);
/* Skips the rest of the array or object that was begun by the last token, or nothing when the last
 * token was a plain value; *raw (may be NULL) is the value as written. False when it is broken. */
bool json_skip(struct json_reader *in, enum json_token first, struct slice *raw);
void json_reader_deinit(struct json_reader *in);

/* Finds a member of an object on its top level, e.g. "topic", and adds it to out: strings decoded,
 * other values as written. False when text is no object or has no such member. */
bool json_member(struct slice object, const char *name, struct bytes *out);
/* The same, as written in any case: *raw is a part of object. */
bool json_member_raw(struct slice object, const char *name, struct slice *raw);
