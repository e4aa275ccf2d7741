#include "net/chunk.h"

#include "net/head.h"
#include "net/target.h"

static bool take_size(struct net_chunk *c, char byte) {
  if (++c->line > NET_CHUNK_LINE_MAX) return false;
  int digit = net_hex_digit(byte);
  if (digit >= 0) {
    c->left = c->left << 4 | (uint64_t)digit;
    return ++c->digits <= 15;
  }
  if (c->digits == 0) return false;
  if (byte == ';') c->state = NET_CHUNK_EXTENSION;
  else if (byte == '\r') c->state = NET_CHUNK_SIZE_LF;
  else return false;
  return true;
}

static bool take_extension(struct net_chunk *c, char byte) {
  if (++c->line > NET_CHUNK_LINE_MAX) return false;
  if (byte == '\r') {
    c->state = NET_CHUNK_SIZE_LF;
    return true;
  }
  return (byte >= ' ' && byte < 0x7f) || byte == '\t';
}

static bool take_size_end(struct net_chunk *c, char byte) {
  c->state = c->left > 0 ? NET_CHUNK_DATA : NET_CHUNK_TRAILER;
  c->digits = c->line = 0;
  return byte == '\n';
}

/* A trailer must not change what the head said. */
static bool is_forbidden(const struct net_chunk *c) {
  static const char *const names[] = {"host", "content-length", "transfer-encoding"};
  struct slice name = {c->name, c->name_len};
  if (c->name_len == 0) return true;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (slice_is_nocase(name, names[i])) return true;
  return false;
}

static bool take_trailer_name(struct net_chunk *c, char byte) {
  c->state = NET_CHUNK_TRAILER_NAME;
  if (byte == ':') {
    c->state = NET_CHUNK_TRAILER_VALUE;
    return !is_forbidden(c);
  }
  if (c->name_len < sizeof c->name) c->name[c->name_len++] = byte;
  return net_is_token((struct slice){&byte, 1});
}

static bool take_trailer_value(struct net_chunk *c, char byte) {
  if (byte == '\r') {
    c->state = NET_CHUNK_TRAILER_LF;
    return true;
  }
  return ((unsigned char)byte >= ' ' && byte != 0x7f) || byte == '\t';
}

static bool take_trailer(struct net_chunk *c, char byte) {
  if (++c->trailer > NET_CHUNK_TRAILER_MAX) return false;
  if (c->state == NET_CHUNK_TRAILER_VALUE) return take_trailer_value(c, byte);
  if (c->state == NET_CHUNK_TRAILER_NAME) return take_trailer_name(c, byte);
  c->name_len = 0;
  if (byte != '\r') return take_trailer_name(c, byte);
  c->state = NET_CHUNK_END_LF;
  return true;
}

static bool take_line_end(struct net_chunk *c, char byte, char want, enum net_chunk_state next) {
  c->state = next;
  return byte == want;
}

static bool take_byte(struct net_chunk *c, char byte) {
  switch (c->state) {
    case NET_CHUNK_SIZE: return take_size(c, byte);
    case NET_CHUNK_EXTENSION: return take_extension(c, byte);
    case NET_CHUNK_SIZE_LF: return take_size_end(c, byte);
    case NET_CHUNK_DATA_CR: return take_line_end(c, byte, '\r', NET_CHUNK_DATA_LF);
    case NET_CHUNK_DATA_LF: return take_line_end(c, byte, '\n', NET_CHUNK_SIZE);
    case NET_CHUNK_TRAILER:
    case NET_CHUNK_TRAILER_NAME:
    case NET_CHUNK_TRAILER_VALUE: return take_trailer(c, byte);
    case NET_CHUNK_TRAILER_LF: return take_line_end(c, byte, '\n', NET_CHUNK_TRAILER);
    case NET_CHUNK_END_LF: return take_line_end(c, byte, '\n', NET_CHUNK_DONE);
    case NET_CHUNK_DATA:
    case NET_CHUNK_DONE: break;
  }
  return false;
}

bool net_chunk_scan(struct net_chunk *c, const char *data, size_t len, size_t *used) {
  size_t at = 0;
  while (at < len && c->state != NET_CHUNK_DONE) {
    if (c->state != NET_CHUNK_DATA) {
      if (!take_byte(c, data[at++])) return false;
      continue;
    }
    size_t step = c->left < len - at ? (size_t)c->left : len - at;
    c->left -= step;
    at += step;
    if (c->left == 0) c->state = NET_CHUNK_DATA_CR;
  }
  *used = at;
  return true;
}
