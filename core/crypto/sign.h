/* crypto/sign.h - signatures by keys in PEM: those of JWT (RFC 7518) and detached CMS.
 *
 *   crypto_sign(CRYPTO_RS256, key_pem, text, &signature, &err)      raw bytes, as JWT wants them
 *   crypto_verify(CRYPTO_ES256, public_pem, text, signature, &is_right, &err)
 *   crypto_cms_sign(certificate_pem, key_pem, text, &der, &err)
 *
 * A public key may be given as a certificate. Each algorithm takes its own kind of key only, so a
 * token cannot choose another. CRYPTO_GOST256 (GOST R 34.10-2012, 256 bits) works where OpenSSL has
 * a provider or engine for it; elsewhere it is ERR_UNAVAILABLE. About a millisecond each; any thread. */
#pragma once
#include "base/bytes.h"

enum crypto_alg { CRYPTO_RS256, CRYPTO_ES256, CRYPTO_GOST256 };

/* "RS256", "ES256", "GOST256"; false for anything else. */
COPP_MUST_USE bool crypto_alg_of(const char *name, enum crypto_alg *out);

/* Adds the signature. ERR_INVALID when the key cannot be read or is of another kind. */
COPP_MUST_USE bool crypto_sign(enum crypto_alg alg, struct slice key_pem, struct slice text,
                               struct bytes *signature, struct error *err);
/* A wrong signature is no failure. ERR_INVALID when the key is not one for the algorithm. */
COPP_MUST_USE bool crypto_verify(enum crypto_alg alg, struct slice public_pem, struct slice text,
                                 struct slice signature, bool *is_right, struct error *err);

/* Adds the PEM of a public key whose numbers came in a JWK, as big-endian bytes: RSA modulus and
 * exponent, or the point of a P-256 key. */
COPP_MUST_USE bool crypto_rsa_pem(struct slice modulus, struct slice exponent, struct bytes *pem,
                                  struct error *err);
COPP_MUST_USE bool crypto_ec_pem(struct slice x, struct slice y, struct bytes *pem,
                                 struct error *err);

/* Adds the point of a P-256 key: x and y of 32 bytes each, as a JWK tells them. */
COPP_MUST_USE bool crypto_ec_point(struct slice public_pem, struct bytes *point, struct error *err);

/* Detached CMS (PKCS#7) in DER over SHA-256, with the certificate inside. */
COPP_MUST_USE bool crypto_cms_sign(struct slice certificate_pem, struct slice key_pem,
                                   struct slice text, struct bytes *der, struct error *err);
/* *is_right: the one signer is this certificate and the text is what was signed. */
COPP_MUST_USE bool crypto_cms_verify(struct slice certificate_pem, struct slice der,
                                     struct slice text, bool *is_right, struct error *err);

/* Adds a new key for the algorithm (not GOST256) and a certificate signed by itself, ten years long:
 * for mocks and tests. An RSA key takes a tenth of a second or more. */
COPP_MUST_USE bool crypto_make_certificate(enum crypto_alg alg, const char *name,
                                           struct bytes *certificate_pem, struct bytes *key_pem,
                                           struct error *err);
