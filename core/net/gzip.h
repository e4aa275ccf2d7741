/* net/gzip.h - gzip of whole bodies, with one stream used again and again (a new one costs four
 * times as much as a page). */
#pragma once
#include <zlib.h>

#include "base/bytes.h"

#define NET_GZIP_MIN 860          /* below, the headers eat what is won */
#define NET_GZIP_MAX (4 << 20)    /* above, it would hold up the loop */

struct net_gzip { /* all zero to begin with */
  z_stream stream;
  bool is_ready;
};

/* Adds the gzip form of text to out. */
void net_gzip_add(struct net_gzip *gzip, struct slice text, struct bytes *out);
void net_gzip_deinit(struct net_gzip *gzip);
