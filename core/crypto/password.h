/* crypto/password.h - password hashing by argon2id (libargon2).
 *
 * The stored form is a PHC string that carries its parameters and salt:
 *   $argon2id$v=19$m=19456,t=2,p=1$<salt>$<sum>
 * so a later, stronger setting is noticed at login (needs_rehash) and old sums still verify.
 *
 * Blocking: about 20..70 ms of CPU and 19 MiB each. Call from the thread pool (loop_work), never on
 * the loop; bounding how many wait is the caller's. Any thread, no shared state.
 */
#pragma once
#include "base/bytes.h"

enum {
  CRYPTO_PASSWORD_MAX = 1024,   /* bytes of a password; longer ones are refused, never cut */
  CRYPTO_PASSWORD_STORED = 128, /* room for a stored form with its NUL */
};

struct crypto_password_check {
  bool is_right;
  bool needs_rehash; /* right, but stored with other parameters than today's */
};

/* Hashes with a fresh salt. ERR_LIMIT when it is too long, ERR_INTERNAL without memory. */
COPP_MUST_USE bool crypto_password_hash(struct slice password, char out[CRYPTO_PASSWORD_STORED],
                                        struct error *err);

/* A wrong password is not a failure: true with is_right false. stored NULL means "no such account":
 * the same work is done and is_right is false, so that answers take the same time.
 * ERR_INVALID when stored is not an argon2id form with sane parameters; *check is then false. */
COPP_MUST_USE bool crypto_password_verify(struct slice password, const char *stored,
                                          struct crypto_password_check *check, struct error *err);
