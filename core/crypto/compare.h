/* crypto/compare.h - comparing and wiping secrets. */
#pragma once
#include "base/bytes.h"

/* Takes the same time wherever the first difference is. Lengths are no secret. */
bool crypto_equal(struct slice a, struct slice b);

/* Overwrites in a way that the compiler keeps. */
void crypto_wipe(void *data, size_t len);
