#include "crypto/random.h"

#include <assert.h>
#include <limits.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <unistd.h>

#include "crypto/encode.h"

static void no_randomness(void) {
  static const char line[] = "{\"level\":\"fatal\",\"msg\":\"no random bytes\"}\n";
  ssize_t ignored = write(STDERR_FILENO, line, sizeof line - 1);
  (void)ignored;
  abort();
}

/* OpenSSL's generator: seeded by the kernel, again after a fork, and without a system call a page. */
void crypto_random(void *out, size_t len) {
  assert(len <= INT_MAX);
  if (RAND_bytes(out, (int)len) != 1) no_randomness();
}

void crypto_token(struct bytes *out, size_t random_bytes) {
  unsigned char raw[1024];
  assert(random_bytes <= sizeof raw);
  crypto_random(raw, random_bytes);
  crypto_add_base64url(out, raw, random_bytes);
}

uint64_t crypto_random_int(uint64_t below) {
  assert(below > 0);
  /* Values under 2^64 mod below would make small results likelier: they are thrown away. */
  uint64_t uneven = (0 - below) % below;
  uint64_t value;
  do {
    crypto_random(&value, sizeof value);
  } while (value < uneven);
  return value % below;
}
