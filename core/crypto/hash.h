/* crypto/hash.h - SHA-256 and HMAC-SHA-256 by OpenSSL.
 *
 *   struct crypto_sha256 sum;
 *   crypto_sha256_init(&sum);
 *   crypto_sha256_add(&sum, chunk, len);
 *   crypto_sha256_hex_end(&sum, hex);   (ends it; one that is given up needs crypto_sha256_deinit)
 *
 * Any thread; one sum belongs to one thread at a time. Nothing here can fail but for memory, which
 * ends the process like every failed allocation in core.
 */
#pragma once
#include <stddef.h>

#include "base/bytes.h"

enum {
  CRYPTO_SHA256_BYTES = 32,
  CRYPTO_SHA256_HEX = 2 * CRYPTO_SHA256_BYTES + 1,
  CRYPTO_SHA1_BYTES = 20,
};

struct crypto_sha256 {
  void *state; /* owned EVP_MD_CTX; NULL when ended */
};

void crypto_sha256_init(struct crypto_sha256 *sum);
void crypto_sha256_add(struct crypto_sha256 *sum, const void *data, size_t len);
void crypto_sha256_end(struct crypto_sha256 *sum, unsigned char out[CRYPTO_SHA256_BYTES]);
void crypto_sha256_hex_end(struct crypto_sha256 *sum, char out[CRYPTO_SHA256_HEX]);
void crypto_sha256_deinit(struct crypto_sha256 *sum); /* fine when ended, or zero-filled */

/* The sum of one piece; hex is lower case with a NUL behind. */
void crypto_sha256(const void *data, size_t len, unsigned char out[CRYPTO_SHA256_BYTES]);
void crypto_sha256_hex(const void *data, size_t len, char out[CRYPTO_SHA256_HEX]);

/* An empty key is allowed, as RFC 2104 does. Keys above 1 GiB are our own mistake. */
void crypto_hmac_sha256(struct slice key, struct slice data,
                        unsigned char out[CRYPTO_SHA256_BYTES]);
void crypto_hmac_sha256_hex(struct slice key, struct slice data, char out[CRYPTO_SHA256_HEX]);

/* For one-time codes (RFC 6238), which phones make with SHA-1 only. */
void crypto_hmac_sha1(struct slice key, struct slice data, unsigned char out[CRYPTO_SHA1_BYTES]);
