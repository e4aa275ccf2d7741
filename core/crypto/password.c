#include "crypto/password.h"

#include <argon2.h>
#include <stdint.h>
#include <stdio.h>

#include "crypto/compare.h"
#include "crypto/random.h"

enum {
  MEMORY_KIB = 19 * 1024,
  PASSES = 2,
  LANES = 1,
  SALT_BYTES = 16,
  SUM_BYTES = 32,
  /* What a stored form may ask of us: it comes from a database that may have been restored from
   * anywhere, and must not be able to order gigabytes. */
  MEMORY_KIB_MOST = 256 * 1024,
  PASSES_MOST = 16,
  LANES_MOST = 8,
};

struct costs {
  unsigned memory_kib, passes, lanes;
};

static bool read_costs(const char *stored, struct costs *out, struct error *err) {
  unsigned version = 0;
  int used = 0;
  int found = sscanf(stored, "$argon2id$v=%3u$m=%8u,t=%3u,p=%3u$%n", &version, &out->memory_kib,
                     &out->passes, &out->lanes, &used);
  bool is_sane = found == 4 && used > 0 && version == ARGON2_VERSION_13 &&
                 out->memory_kib <= MEMORY_KIB_MOST && out->passes <= PASSES_MOST &&
                 out->lanes <= LANES_MOST && strlen(stored) < CRYPTO_PASSWORD_STORED;
  return is_sane || error_set(err, ERR_INVALID, "stored password is not an argon2id form");
}

bool crypto_password_hash(struct slice password, char out[CRYPTO_PASSWORD_STORED],
                          struct error *err) {
  if (password.len > CRYPTO_PASSWORD_MAX) {
    return error_set(err, ERR_LIMIT, "password longer than %d bytes", CRYPTO_PASSWORD_MAX);
  }
  unsigned char salt[SALT_BYTES];
  crypto_random(salt, sizeof salt);
  int rc = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password.data, password.len, salt,
                                 sizeof salt, SUM_BYTES, out, CRYPTO_PASSWORD_STORED);
  return rc == ARGON2_OK || error_set(err, ERR_INTERNAL, "argon2: %s", argon2_error_message(rc));
}

/* The work of a verification with nothing to compare to. */
static bool verify_nobody(struct slice password, struct error *err) {
  char ignored[CRYPTO_PASSWORD_STORED];
  bool ok = crypto_password_hash(password, ignored, err);
  crypto_wipe(ignored, sizeof ignored);
  return ok;
}

bool crypto_password_verify(struct slice password, const char *stored,
                            struct crypto_password_check *check, struct error *err) {
  *check = (struct crypto_password_check){0};
  if (password.len > CRYPTO_PASSWORD_MAX) return true; /* none such was ever stored */
  if (stored == NULL) return verify_nobody(password, err);
  struct costs costs;
  if (!read_costs(stored, &costs, err)) return false;
  int rc = argon2id_verify(stored, password.data, password.len);
  if (rc == ARGON2_VERIFY_MISMATCH) return true;
  if (rc == ARGON2_MEMORY_ALLOCATION_ERROR) {
    return error_set(err, ERR_INTERNAL, "argon2: %s", argon2_error_message(rc));
  }
  if (rc != ARGON2_OK) {
    return error_set(err, ERR_INVALID, "stored password: %s", argon2_error_message(rc));
  }
  check->is_right = true;
  check->needs_rehash = costs.memory_kib != MEMORY_KIB || costs.passes != PASSES ||
                        costs.lanes != LANES;
  return true;
}
