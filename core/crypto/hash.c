#include "crypto/hash.h"

#include <assert.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

/* OpenSSL fails here only without memory. */
static void must(int ok) {
  if (ok != 1) abort();
}

static void to_hex(const unsigned char sum[CRYPTO_SHA256_BYTES], char out[CRYPTO_SHA256_HEX]) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < CRYPTO_SHA256_BYTES; i++) {
    out[2 * i] = digits[sum[i] >> 4];
    out[2 * i + 1] = digits[sum[i] & 15];
  }
  out[CRYPTO_SHA256_HEX - 1] = '\0';
}

void crypto_sha256_init(struct crypto_sha256 *sum) {
  sum->state = EVP_MD_CTX_new();
  must(sum->state != NULL);
  must(EVP_DigestInit_ex(sum->state, EVP_sha256(), NULL));
}

void crypto_sha256_add(struct crypto_sha256 *sum, const void *data, size_t len) {
  assert(sum->state != NULL);
  if (len != 0) must(EVP_DigestUpdate(sum->state, data, len));
}

void crypto_sha256_end(struct crypto_sha256 *sum, unsigned char out[CRYPTO_SHA256_BYTES]) {
  must(EVP_DigestFinal_ex(sum->state, out, NULL));
  crypto_sha256_deinit(sum);
}

void crypto_sha256_hex_end(struct crypto_sha256 *sum, char out[CRYPTO_SHA256_HEX]) {
  unsigned char binary[CRYPTO_SHA256_BYTES];
  crypto_sha256_end(sum, binary);
  to_hex(binary, out);
}

void crypto_sha256_deinit(struct crypto_sha256 *sum) {
  EVP_MD_CTX_free(sum->state);
  sum->state = NULL;
}

void crypto_sha256(const void *data, size_t len, unsigned char out[CRYPTO_SHA256_BYTES]) {
  must(EVP_Digest(len != 0 ? data : "", len, out, NULL, EVP_sha256(), NULL));
}

void crypto_sha256_hex(const void *data, size_t len, char out[CRYPTO_SHA256_HEX]) {
  unsigned char binary[CRYPTO_SHA256_BYTES];
  crypto_sha256(data, len, binary);
  to_hex(binary, out);
}

static void hmac(const EVP_MD *digest, struct slice key, struct slice data, unsigned char *out) {
  assert(key.len <= INT_MAX);
  /* A NULL key means "keep the former one" to OpenSSL. */
  const char *key_data = key.len != 0 ? key.data : "";
  const unsigned char *input = (const unsigned char *)(data.len != 0 ? data.data : "");
  must(HMAC(digest, key_data, (int)key.len, input, data.len, out, NULL) != NULL);
}

void crypto_hmac_sha256(struct slice key, struct slice data,
                        unsigned char out[CRYPTO_SHA256_BYTES]) {
  hmac(EVP_sha256(), key, data, out);
}

void crypto_hmac_sha1(struct slice key, struct slice data, unsigned char out[CRYPTO_SHA1_BYTES]) {
  hmac(EVP_sha1(), key, data, out);
}

void crypto_hmac_sha256_hex(struct slice key, struct slice data, char out[CRYPTO_SHA256_HEX]) {
  unsigned char binary[CRYPTO_SHA256_BYTES];
  crypto_hmac_sha256(key, data, binary);
  to_hex(binary, out);
}
