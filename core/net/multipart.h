/* net/multipart.h - push parser of multipart/form-data. Pure: bytes in, events out, bounded memory.
 *
 *   preamble --delimiter--> headers --empty line--> data --delimiter--> headers … --closing--> end
 */
#pragma once
#include "net/request.h"

#define NET_BOUNDARY_MAX 70      /* RFC 2046 */
#define NET_PART_HEAD_MAX 8192   /* headers of one part */

struct net_part_head { /* slices live for the call */
  struct slice disposition; /* data is NULL when absent */
  struct slice type;        /* same */
};

struct net_multipart_events { /* false stops the parser; err is then filled */
  bool (*begin)(void *ctx, const struct net_part_head *head, struct error *err);
  bool (*data)(void *ctx, struct slice data, struct error *err); /* in pieces */
  bool (*end)(void *ctx, struct error *err);
};

struct net_multipart_parser {
  const struct net_multipart_events *events;
  void *ctx;
  char delimiter[NET_BOUNDARY_MAX + 5]; /* CR LF "--" boundary */
  size_t delimiter_len;
  size_t matched; /* bytes of the delimiter seen at the end of what was fed */
  enum {
    NET_PART_PREAMBLE,
    NET_PART_DELIMITED, /* behind a delimiter: "--" or the end of the line */
    NET_PART_HEAD,
    NET_PART_DATA,
    NET_PART_END
  } state;
  char closing[2]; /* bytes behind the delimiter */
  size_t closing_len;
  struct bytes head;
};

/* Takes the boundary from a Content-Type. ERR_INVALID: another type, or no usable boundary. */
COPP_MUST_USE bool net_multipart_init(struct net_multipart_parser *parser,
                                      struct slice content_type,
                                      const struct net_multipart_events *events, void *ctx,
                                      struct error *err);
void net_multipart_deinit(struct net_multipart_parser *parser);

/* After false the parser must not be fed again. */
COPP_MUST_USE bool net_multipart_feed(struct net_multipart_parser *parser, const char *data,
                                      size_t len, struct error *err);
/* True when the closing delimiter was seen; else the body was torn. */
bool net_multipart_is_complete(const struct net_multipart_parser *parser);
