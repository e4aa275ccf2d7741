/* net/select.h - which form of an answer a client asked for: encodings, ranges, versions. Pure. */
#pragma once
#include "net/request.h"

/* True when an Accept-Encoding value allows that coding ("gzip", "br") with q above 0. */
bool net_accepts(struct slice accept_encoding, const char *coding);

/* True when the If-None-Match value holds the ETag (weak comparison) or "*". */
bool net_etag_matches(struct slice if_none_match, struct slice etag);

enum net_range_kind {
  NET_RANGE_WHOLE,  /* no range, several, or a malformed one: send everything */
  NET_RANGE_PART,   /* send 206 */
  NET_RANGE_OUTSIDE /* send 416 */
};
struct net_range {
  int64_t from; /* first byte */
  int64_t len;
};

/* Reads "bytes=a-b" for a representation of size bytes. */
enum net_range_kind net_range_parse(struct slice range, int64_t size, struct net_range *out);

/* The range that a request asks of a representation with that strong ETag: heeds If-Range. */
enum net_range_kind net_range_of(const struct net_request *req, struct slice etag, int64_t size,
                                 struct net_range *out);

/* Adds the Content-Range line that belongs to 206 and 416; nothing for the whole. */
void net_add_content_range(struct bytes *out, enum net_range_kind kind, struct net_range range,
                           int64_t size);

/* Content-Type for a file name, by its extension. */
const char *net_content_type(struct slice name);
/* True when bodies of that Content-Type get smaller by gzip. */
bool net_type_compresses(struct slice content_type);
