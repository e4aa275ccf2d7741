#include "crypto/key.h"

#include <limits.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <stdlib.h>

enum { RSA_BITS_LEAST = 2048, POINT_HALF = 32, NUMBER_MAX = 1024 };

static BIO *reader(struct slice pem) {
  BIO *bio = BIO_new_mem_buf(pem.len != 0 ? pem.data : "", pem.len < INT_MAX ? (int)pem.len : 0);
  if (bio == NULL) abort(); /* no memory */
  return bio;
}

void crypto_key_take(struct bytes *out, BIO *bio) {
  char *data = NULL;
  long len = BIO_get_mem_data(bio, &data);
  if (len > 0) bytes_add(out, data, (size_t)len);
}

static bool is_p256(EVP_PKEY *key) {
  char group[64];
  size_t len;
  return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof group, &len) == 1 &&
         strcmp(group, "prime256v1") == 0;
}

static bool fits(enum crypto_alg alg, EVP_PKEY *key) {
  switch (alg) {
    case CRYPTO_RS256: return EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= RSA_BITS_LEAST;
    case CRYPTO_ES256: return is_p256(key);
    case CRYPTO_GOST256: return !EVP_PKEY_is_a(key, "RSA") && !EVP_PKEY_is_a(key, "EC");
  }
  return false;
}

static EVP_PKEY *checked(enum crypto_alg alg, EVP_PKEY *key, struct error *err) {
  ERR_clear_error();
  if (key != NULL && fits(alg, key)) return key;
  error_set(err, ERR_INVALID, key == NULL ? "the key cannot be read" : "the key is of another kind");
  EVP_PKEY_free(key);
  return NULL;
}

/* Never asks the terminal for a password. */
static int no_password(char *buf, int size, int rw, void *ctx) {
  (void)buf, (void)size, (void)rw, (void)ctx;
  return -1;
}

static EVP_PKEY *read_private(struct slice pem) {
  BIO *bio = reader(pem);
  EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
  BIO_free(bio);
  return key;
}

EVP_PKEY *crypto_key_private(enum crypto_alg alg, struct slice pem, struct error *err) {
  return checked(alg, read_private(pem), err);
}

EVP_PKEY *crypto_key_any(struct slice pem, struct error *err) {
  EVP_PKEY *key = read_private(pem);
  ERR_clear_error();
  if (key == NULL) error_set(err, ERR_INVALID, "the key cannot be read");
  return key;
}

static X509 *read_certificate(struct slice pem) {
  BIO *bio = reader(pem);
  X509 *certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL);
  BIO_free(bio);
  return certificate;
}

X509 *crypto_key_certificate(struct slice pem, struct error *err) {
  X509 *certificate = read_certificate(pem);
  ERR_clear_error();
  if (certificate == NULL) error_set(err, ERR_INVALID, "the certificate cannot be read");
  return certificate;
}

EVP_PKEY *crypto_key_public(enum crypto_alg alg, struct slice pem, struct error *err) {
  X509 *certificate = read_certificate(pem);
  EVP_PKEY *key = certificate != NULL ? X509_get_pubkey(certificate) : NULL;
  X509_free(certificate);
  if (key == NULL) {
    BIO *bio = reader(pem);
    key = PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL);
    BIO_free(bio);
  }
  return checked(alg, key, err);
}

/* ---- keys from numbers ---- */

static bool write_public(const char *kind, OSSL_PARAM_BLD *build, struct bytes *pem) {
  OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
  EVP_PKEY *key = NULL;
  bool ok = params != NULL && ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
            EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) == 1;
  BIO *bio = BIO_new(BIO_s_mem());
  ok = ok && bio != NULL && PEM_write_bio_PUBKEY(bio, key) == 1;
  if (ok) crypto_key_take(pem, bio);
  BIO_free(bio);
  EVP_PKEY_free(key);
  EVP_PKEY_CTX_free(ctx);
  OSSL_PARAM_free(params);
  ERR_clear_error();
  return ok;
}

static BIGNUM *number(struct slice bytes) {
  BIGNUM *made = BN_bin2bn((const unsigned char *)bytes.data, (int)bytes.len, NULL);
  if (made == NULL) abort(); /* no memory */
  return made;
}

bool crypto_rsa_pem(struct slice modulus, struct slice exponent, struct bytes *pem,
                    struct error *err) {
  if (modulus.len < RSA_BITS_LEAST / 8 || modulus.len > NUMBER_MAX || exponent.len == 0 || exponent.len > 8)
    return error_set(err, ERR_INVALID, "not the numbers of an RSA key");
  BIGNUM *n = number(modulus), *e = number(exponent);
  OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
  bool ok = build != NULL && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
            OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1 &&
            write_public("RSA", build, pem);
  OSSL_PARAM_BLD_free(build);
  BN_free(n);
  BN_free(e);
  return ok || error_set(err, ERR_INVALID, "not the numbers of an RSA key");
}

bool crypto_ec_pem(struct slice x, struct slice y, struct bytes *pem, struct error *err) {
  unsigned char point[1 + 2 * POINT_HALF] = {4}; /* uncompressed */
  if (x.len != POINT_HALF || y.len != POINT_HALF)
    return error_set(err, ERR_INVALID, "not a point of P-256");
  memcpy(point + 1, x.data, POINT_HALF);
  memcpy(point + 1 + POINT_HALF, y.data, POINT_HALF);
  OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
  bool ok = build != NULL &&
            OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
            OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) == 1 &&
            write_public("EC", build, pem);
  OSSL_PARAM_BLD_free(build);
  return ok || error_set(err, ERR_INVALID, "not a point of P-256");
}

bool crypto_ec_point(struct slice public_pem, struct bytes *point, struct error *err) {
  unsigned char encoded[1 + 2 * POINT_HALF];
  size_t len = 0;
  EVP_PKEY *key = crypto_key_public(CRYPTO_ES256, public_pem, err);
  if (key == NULL) return false;
  bool ok = EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, encoded, sizeof encoded, &len) == 1 &&
            len == sizeof encoded;
  EVP_PKEY_free(key);
  ERR_clear_error();
  if (!ok) return error_set(err, ERR_INVALID, "the point of the key cannot be told");
  bytes_add(point, encoded + 1, 2 * POINT_HALF);
  return true;
}
