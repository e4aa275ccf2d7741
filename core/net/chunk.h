/* net/chunk.h - guard of the chunked coding. Pure.
 *
 * llhttp decodes; the guard walks the same bytes first, because llhttp 8.1 takes "3\rabc" and any
 * two bytes behind the data of a chunk, folds trailers, and bounds neither extensions nor trailers.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_CHUNK_LINE_MAX 256     /* size and extensions of one chunk */
#define NET_CHUNK_TRAILER_MAX 8192 /* all trailers */

enum net_chunk_state { /* what the next byte has to be */
  NET_CHUNK_SIZE,
  NET_CHUNK_EXTENSION,
  NET_CHUNK_SIZE_LF,
  NET_CHUNK_DATA,
  NET_CHUNK_DATA_CR,
  NET_CHUNK_DATA_LF,
  NET_CHUNK_TRAILER, /* the first byte of a line */
  NET_CHUNK_TRAILER_NAME,
  NET_CHUNK_TRAILER_VALUE,
  NET_CHUNK_TRAILER_LF,
  NET_CHUNK_END_LF,
  NET_CHUNK_DONE,
};

struct net_chunk { /* all zero to begin with */
  enum net_chunk_state state;
  uint64_t left;     /* of the data of this chunk */
  unsigned digits;   /* of the size */
  unsigned line;     /* bytes of the size line */
  unsigned trailer;  /* bytes of all trailers */
  unsigned name_len; /* of the trailer */
  char name[18];     /* its begin: long enough to know forbidden ones */
};

/* Walks over data. *used is what belongs to this message (all, but at its end). false: refuse. */
bool net_chunk_scan(struct net_chunk *chunk, const char *data, size_t len, size_t *used);
