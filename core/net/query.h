/* net/query.h - application/x-www-form-urlencoded: queries and plain forms. */
#pragma once
#include "base/bytes.h"
#include "base/error.h"

/* Called for each pair, in order; both are decoded, valid UTF-8 without NUL, and live for the call.
 * false stops the parsing, which then returns true. */
typedef bool (*net_pair_fn)(void *ctx, struct slice name, struct slice value);

#define NET_QUERY_PAIRS 1000 /* ERR_LIMIT beyond */

/* A pair without "=" has an empty value; empty pieces ("a=1&&b=2") are skipped. ERR_INVALID for a
 * broken % escape, and for NUL or invalid UTF-8 after decoding. */
COPP_MUST_USE bool net_query_parse(struct slice text, net_pair_fn pair, void *ctx,
                                   struct error *err);

/* Adds text to out with %XX decoded, and + as a space when plus. false for a broken escape, and for
 * NUL or invalid UTF-8 after decoding; out then keeps what it had. */
COPP_MUST_USE bool net_url_decode(struct slice text, bool plus, struct bytes *out);
