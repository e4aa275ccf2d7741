/* net/cookie.h - the Cookie header, as browsers send it (RFC 6265). */
#pragma once
#include "net/query.h"

#define NET_COOKIES 100

/* Calls pair for each name=value, in order; values as sent, without surrounding quotes. Pieces that
 * are no cookie (no name, no "=", control characters) are skipped, so are those past NET_COOKIES.
 */
void net_cookie_parse(struct slice header, net_pair_fn pair, void *ctx);
