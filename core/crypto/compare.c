#include "crypto/compare.h"

#include <openssl/crypto.h>

bool crypto_equal(struct slice a, struct slice b) {
  if (a.len != b.len) return false;
  return a.len == 0 || CRYPTO_memcmp(a.data, b.data, a.len) == 0;
}

void crypto_wipe(void *data, size_t len) {
  if (len != 0) OPENSSL_cleanse(data, len);
}
