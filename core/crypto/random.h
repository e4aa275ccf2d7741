/* crypto/random.h - random bytes of the kernel (getrandom), for tokens, ids and salts.
 *
 * There is no state in the process, hence nothing that a fork could duplicate. When the kernel
 * refuses (it cannot on Linux after boot), the process ends with one log line: a predictable token
 * is worse than none.
 */
#pragma once
#include <stdint.h>

#include "base/bytes.h"

void crypto_random(void *out, size_t len);

/* Adds random_bytes of randomness (at most 1024) as base64url text; 16 or more for a secret. */
void crypto_token(struct bytes *out, size_t random_bytes);

/* Even in 0 .. below-1; below is at least 1. */
uint64_t crypto_random_int(uint64_t below);
