#include "crypto/sign.h"

#include <limits.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/mem.h"
#include "crypto/key.h"

enum { ES256_HALF = 32 };

bool crypto_alg_of(const char *name, enum crypto_alg *out) {
  static const char *const names[] = {"RS256", "ES256", "GOST256"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(names[i], name) != 0) continue;
    *out = (enum crypto_alg)i;
    return true;
  }
  return false;
}

static const EVP_MD *digest_of(enum crypto_alg alg, struct error *err) {
  const EVP_MD *digest =
      alg == CRYPTO_GOST256 ? EVP_get_digestbyname("md_gost12_256") : EVP_sha256();
  if (digest == NULL) error_set(err, ERR_UNAVAILABLE, "OpenSSL has no GOST here");
  return digest;
}

/* JWT writes an EC signature as r and s of 32 bytes each, OpenSSL as DER. */
static bool raw_of_der(const unsigned char *der, size_t len, struct bytes *out) {
  unsigned char raw[2 * ES256_HALF];
  ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
  bool ok = sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, ES256_HALF) == ES256_HALF &&
            BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + ES256_HALF, ES256_HALF) == ES256_HALF;
  ECDSA_SIG_free(sig);
  if (ok) bytes_add(out, raw, sizeof raw);
  return ok;
}

/* *der is owned by the caller (OPENSSL_free). */
static bool der_of_raw(struct slice raw, unsigned char **der, size_t *len) {
  const unsigned char *in = (const unsigned char *)raw.data;
  *der = NULL;
  if (raw.len != 2 * ES256_HALF) return false;
  ECDSA_SIG *sig = ECDSA_SIG_new();
  BIGNUM *r = BN_bin2bn(in, ES256_HALF, NULL), *s = BN_bin2bn(in + ES256_HALF, ES256_HALF, NULL);
  if (sig == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(sig, r, s) != 1) abort(); /* no memory */
  int made = i2d_ECDSA_SIG(sig, der);
  ECDSA_SIG_free(sig);
  *len = made > 0 ? (size_t)made : 0;
  return made > 0;
}

static bool sign_with(EVP_PKEY *key, const EVP_MD *digest, struct slice text, unsigned char **out,
                      size_t *len) {
  EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  const unsigned char *in = (const unsigned char *)(text.len != 0 ? text.data : "");
  bool ok = ctx != NULL && EVP_DigestSignInit(ctx, NULL, digest, NULL, key) == 1 &&
            EVP_DigestSign(ctx, NULL, len, in, text.len) == 1;
  *out = ok ? mem_alloc(*len) : NULL;
  ok = ok && EVP_DigestSign(ctx, *out, len, in, text.len) == 1;
  EVP_MD_CTX_free(ctx);
  return ok;
}

bool crypto_sign(enum crypto_alg alg, struct slice key_pem, struct slice text,
                 struct bytes *signature, struct error *err) {
  const EVP_MD *digest = digest_of(alg, err);
  EVP_PKEY *key = digest != NULL ? crypto_key_private(alg, key_pem, err) : NULL;
  if (key == NULL) return false;
  unsigned char *made = NULL;
  size_t len = 0;
  bool ok = sign_with(key, digest, text, &made, &len);
  if (ok && alg == CRYPTO_ES256) ok = raw_of_der(made, len, signature);
  else if (ok) bytes_add(signature, made, len);
  free(made);
  EVP_PKEY_free(key);
  ERR_clear_error();
  return ok || error_set(err, ERR_INVALID, "the key does not sign");
}

static bool verify_with(EVP_PKEY *key, const EVP_MD *digest, struct slice text,
                        const unsigned char *signature, size_t len) {
  EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  const unsigned char *in = (const unsigned char *)(text.len != 0 ? text.data : "");
  bool ok = ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, digest, NULL, key) == 1 &&
            EVP_DigestVerify(ctx, signature, len, in, text.len) == 1;
  EVP_MD_CTX_free(ctx);
  return ok;
}

bool crypto_verify(enum crypto_alg alg, struct slice public_pem, struct slice text,
                   struct slice signature, bool *is_right, struct error *err) {
  *is_right = false;
  const EVP_MD *digest = digest_of(alg, err);
  EVP_PKEY *key = digest != NULL ? crypto_key_public(alg, public_pem, err) : NULL;
  if (key == NULL) return false;
  unsigned char *der = NULL;
  size_t len = signature.len;
  if (alg != CRYPTO_ES256)
    *is_right = verify_with(key, digest, text, (const unsigned char *)signature.data, len);
  else if (der_of_raw(signature, &der, &len)) *is_right = verify_with(key, digest, text, der, len);
  OPENSSL_free(der);
  EVP_PKEY_free(key);
  ERR_clear_error();
  return true;
}
