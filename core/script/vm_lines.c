/* Which lines of a chunk have code: read from what lua_dump() writes, the only place that knows the lines of functions
 * inside functions which have not run. Of the format of Lua 5.4; another one gives no lines, and hits still count. */
#include "base/bytes.h"
#include "script/vm_coverage.h"

struct reader {
  const unsigned char *at, *end;
  struct script_coverage_chunk *chunk;
  bool is_broken;
  int depth;
};

static const unsigned char *take(struct reader *in, size_t len) {
  static const unsigned char nothing[16];
  const unsigned char *at = in->at;
  if (in->is_broken || len > (size_t)(in->end - in->at)) {
    in->is_broken = true;
    return nothing;
  }
  in->at += len;
  return at;
}

/* Seven bits a byte, the highest first; the last one has the eighth bit. */
static size_t take_number(struct reader *in) {
  size_t value = 0;
  for (int i = 0; i < 10 && !in->is_broken; i++) {
    unsigned char byte = *take(in, 1);
    value = value << 7 | (byte & 0x7f);
    if ((byte & 0x80) != 0) return value;
  }
  in->is_broken = true;
  return 0;
}

static void skip(struct reader *in, size_t count, size_t each) {
  if (each != 0 && count > (size_t)(in->end - in->at) / each) in->is_broken = true;
  else take(in, count * each);
}

static void skip_text(struct reader *in) {
  size_t size = take_number(in); /* with one more; 0: none */
  if (size > 1) skip(in, size - 1, 1);
}

static void skip_constants(struct reader *in) {
  enum { FLOAT = 0x13, INTEGER = 0x03, SHORT_TEXT = 0x04, LONG_TEXT = 0x14 };
  for (size_t count = take_number(in); count > 0 && !in->is_broken; count--) {
    switch (*take(in, 1)) {
      case FLOAT:
      case INTEGER: take(in, 8); break;
      case SHORT_TEXT:
      case LONG_TEXT: skip_text(in); break;
      default: break; /* nil and booleans are their type */
    }
  }
}

/* The lines of the instructions: steps of one byte, and where a step does not fit, a whole number. */
static void read_lines(struct reader *in, int line, bool is_vararg) {
  enum { ABSOLUTE = -0x80 };
  size_t count = take_number(in);
  const signed char *steps = (const signed char *)in->at;
  skip(in, count, 1);
  size_t wholes = take_number(in);
  struct reader whole = *in;
  for (size_t i = 0; i < wholes && !in->is_broken; i++) take_number(in), take_number(in);
  for (size_t i = 0; i < count && !in->is_broken && !whole.is_broken; i++) {
    if (steps[i] == ABSOLUTE) {
      take_number(&whole);
      line = (int)take_number(&whole);
    } else {
      line += steps[i];
    }
    if (i == 0 && is_vararg) continue; /* the preparation of arguments is nobody's line */
    if (line > 0 && line <= in->chunk->lines) in->chunk->is_code[line] = 1;
  }
}

static void read_function(struct reader *in) {
  if (++in->depth > 200) in->is_broken = true;
  skip_text(in); /* source */
  int line = (int)take_number(in);
  take_number(in); /* last line */
  bool is_vararg = take(in, 3)[1] != 0;
  skip(in, take_number(in), 4); /* code */
  skip_constants(in);
  skip(in, take_number(in), 3); /* upvalues */
  for (size_t count = take_number(in); count > 0 && !in->is_broken; count--) read_function(in);
  read_lines(in, line, is_vararg);
  for (size_t count = take_number(in); count > 0 && !in->is_broken; count--) {
    skip_text(in);
    take_number(in), take_number(in);
  }
  for (size_t count = take_number(in); count > 0 && !in->is_broken; count--) skip_text(in);
  in->depth--;
}

static int add_code(lua_State *L, const void *data, size_t len, void *out) {
  (void)L;
  bytes_add(out, data, len);
  return 0;
}

void script_coverage_mark(struct script_coverage_chunk *chunk, lua_State *L) {
  static const unsigned char head[] = "\x1bLua\x54\x00\x19\x93\r\n\x1a\n\x04\x08\x08";
  enum { HEAD = sizeof head - 1, CHECKS = 16 };
  struct bytes code = {0};
  lua_dump(L, add_code, &code, 0);
  struct reader in = {.at = (const unsigned char *)code.data, .end = (const unsigned char *)code.data + code.len, .chunk = chunk};
  if (code.len > HEAD && memcmp(code.data, head, HEAD) == 0) {
    skip(&in, HEAD + CHECKS + 1, 1); /* numbers to check by, count of upvalues */
    read_function(&in);
  }
  bytes_deinit(&code);
}
