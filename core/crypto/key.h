/* crypto/key.h - reading keys and certificates in PEM. Private to crypto/. */
#pragma once
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "crypto/sign.h"

/* NULL with err when there is none, or it is of another kind than the algorithm wants. The caller
 * frees. A public key may also stand in a certificate. */
EVP_PKEY *crypto_key_private(enum crypto_alg alg, struct slice pem, struct error *err);
EVP_PKEY *crypto_key_public(enum crypto_alg alg, struct slice pem, struct error *err);
/* Of any kind. */
EVP_PKEY *crypto_key_any(struct slice pem, struct error *err);
X509 *crypto_key_certificate(struct slice pem, struct error *err);

/* Adds what OpenSSL wrote into a memory BIO. */
void crypto_key_take(struct bytes *out, BIO *bio);
