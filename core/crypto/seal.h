/* crypto/seal.h - values that lie encrypted in the database: AES-256-GCM by OpenSSL.
 *
 *   struct crypto_seal_key key;
 *   crypto_seal_key_derive(secret, &key);
 *   crypto_seal(&key, slice_of("esia.key"), plain, &sealed);      "v1.<base64url of nonce, text, tag>"
 *   crypto_unseal(&key, slice_of("esia.key"), sealed, &plain, &err)
 *
 * The name is authenticated along: a sealed value that was copied to another name does not open.
 * Any thread. Nonces are random, 96 bits: fine for 2^32 values under one key. */
#pragma once
#include "base/bytes.h"

enum {
  CRYPTO_SEAL_KEY_BYTES = 32,
  CRYPTO_SEAL_SECRET_MIN = 32, /* characters of the secret that the key is made of */
  CRYPTO_SEAL_MAX = 1 << 20,   /* bytes of a value */
};

struct crypto_seal_key {
  unsigned char bytes[CRYPTO_SEAL_KEY_BYTES];
};

/* One secret, several keys: this one is for sealing and nothing else. */
void crypto_seal_key_derive(struct slice secret, struct crypto_seal_key *key);

/* Adds the sealed form. plain is at most CRYPTO_SEAL_MAX bytes. */
void crypto_seal(const struct crypto_seal_key *key, struct slice name, struct slice plain,
                 struct bytes *sealed);
/* Adds the plain bytes. ERR_INVALID, with *plain as it was, when the value was sealed under another
 * key or name, or was changed. The caller wipes what it no longer needs. */
COPP_MUST_USE bool crypto_unseal(const struct crypto_seal_key *key, struct slice name,
                                 struct slice sealed, struct bytes *plain, struct error *err);
