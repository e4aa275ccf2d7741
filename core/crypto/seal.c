#include "crypto/seal.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/mem.h"
#include "crypto/compare.h"
#include "crypto/encode.h"
#include "crypto/hash.h"
#include "crypto/random.h"

enum { NONCE = 12, TAG = 16 };

static const char VERSION[] = "v1.";

/* OpenSSL fails here only without memory. */
static void must(int ok) {
  if (ok != 1) abort();
}

void crypto_seal_key_derive(struct slice secret, struct crypto_seal_key *key) {
  crypto_hmac_sha256(secret, slice_of("copp sealed values v1"), key->bytes);
}

static EVP_CIPHER_CTX *begin(const struct crypto_seal_key *key, const unsigned char *nonce,
                             struct slice name, bool is_sealing) {
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
  int len;
  must(ctx != NULL);
  must(EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, nonce, is_sealing));
  const unsigned char *bound = (const unsigned char *)(name.len != 0 ? name.data : "");
  must(EVP_CipherUpdate(ctx, NULL, &len, bound, (int)name.len));
  return ctx;
}

void crypto_seal(const struct crypto_seal_key *key, struct slice name, struct slice plain,
                 struct bytes *sealed) {
  assert(plain.len <= CRYPTO_SEAL_MAX && name.len <= CRYPTO_SEAL_MAX);
  size_t len = NONCE + plain.len + TAG;
  unsigned char *raw = mem_alloc(len);
  int done;
  crypto_random(raw, NONCE);
  EVP_CIPHER_CTX *ctx = begin(key, raw, name, true);
  const unsigned char *input = (const unsigned char *)(plain.len != 0 ? plain.data : "");
  must(EVP_CipherUpdate(ctx, raw + NONCE, &done, input, (int)plain.len));
  must(EVP_CipherFinal_ex(ctx, raw + NONCE + done, &done));
  must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG, raw + NONCE + plain.len));
  EVP_CIPHER_CTX_free(ctx);
  bytes_add_str(sealed, VERSION);
  crypto_add_base64url(sealed, raw, len);
  free(raw);
}

static bool open_raw(const struct crypto_seal_key *key, struct slice name, struct slice raw,
                     unsigned char *out) {
  const unsigned char *in = (const unsigned char *)raw.data;
  size_t len = raw.len - NONCE - TAG;
  int done;
  EVP_CIPHER_CTX *ctx = begin(key, in, name, false);
  must(EVP_CipherUpdate(ctx, out, &done, in + NONCE, (int)len));
  must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG, (void *)(in + NONCE + len)));
  bool is_whole = EVP_CipherFinal_ex(ctx, out + done, &done) == 1;
  EVP_CIPHER_CTX_free(ctx);
  return is_whole;
}

static bool open_text(const struct crypto_seal_key *key, struct slice name, struct slice raw,
                      struct bytes *plain) {
  if (raw.len < NONCE + TAG || raw.len > NONCE + TAG + CRYPTO_SEAL_MAX) return false;
  size_t len = raw.len - NONCE - TAG;
  unsigned char *out = mem_alloc(len + 1); /* never of size 0 */
  bool is_whole = open_raw(key, name, raw, out);
  if (is_whole) bytes_add(plain, out, len);
  crypto_wipe(out, len);
  free(out);
  return is_whole;
}

bool crypto_unseal(const struct crypto_seal_key *key, struct slice name, struct slice sealed,
                   struct bytes *plain, struct error *err) {
  struct bytes raw = {0};
  struct slice text = {sealed.data, sealed.len};
  size_t skip = sizeof VERSION - 1;
  bool ok = name.len <= CRYPTO_SEAL_MAX && text.len > skip && memcmp(text.data, VERSION, skip) == 0;
  text = ok ? (struct slice){text.data + skip, text.len - skip} : text;
  ok = ok && crypto_unbase64url(&raw, text, err) &&
       open_text(key, name, (struct slice){raw.data, raw.len}, plain);
  bytes_deinit(&raw);
  return ok || error_set(err, ERR_INVALID, "the sealed value does not open");
}
