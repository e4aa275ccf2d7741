/* crypto/encode.h - hex, and base64url without padding (RFC 4648 section 5). */
#pragma once
#include "base/bytes.h"

void crypto_add_hex(struct bytes *out, const void *data, size_t len); /* lower case */
void crypto_add_base64url(struct bytes *out, const void *data, size_t len);

/* Adds the decoded bytes. Both cases of hex. False, with *out as it was, when text is not valid:
 * an odd length, a foreign character, padding, or base64url with stray bits at the end. */
COPP_MUST_USE bool crypto_unhex(struct bytes *out, struct slice text, struct error *err);
COPP_MUST_USE bool crypto_unbase64url(struct bytes *out, struct slice text, struct error *err);
