/* db/migrate_files.h - the migration files of a directory (inside db only). */
#pragma once
#include "base/bytes.h"
#include "base/error.h"
#include "crypto/hash.h"

struct db_migration {
  char *name; /* file name, owned */
  struct bytes text;
  char checksum[CRYPTO_SHA256_HEX];
  bool is_applied;
  bool has_transaction; /* false: "-- no-transaction" on line 1 */
};

struct db_migrations {
  struct db_migration *items; /* in order of name */
  int count;
};

/* Reads all; a .sql file whose name is no <UTC minute>_<name>.sql is an error. On false *out is
 * empty. */
COPP_MUST_USE bool db_migrations_read(const char *dir, struct db_migrations *out,
                                      struct error *err);
void db_migrations_deinit(struct db_migrations *all);
struct db_migration *db_migrations_find(const struct db_migrations *all, const char *name);
