#include "db/migrate_files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

enum { MINUTE_DIGITS = 12, FILE_BYTES_MAX = 64 * 1024 * 1024 };

static bool is_sql(const char *name) {
  size_t len = strlen(name);
  return len > 4 && strcmp(name + len - 4, ".sql") == 0;
}

static bool is_well_named(const char *name) {
  for (int i = 0; i < MINUTE_DIGITS; i++)
    if (!isdigit((unsigned char)name[i])) return false;
  if (name[MINUTE_DIGITS] != '_') return false;
  const char *word = name + MINUTE_DIGITS + 1;
  size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_");
  return len > 0 && strcmp(word + len, ".sql") == 0;
}

static bool read_file(const char *path, struct bytes *out, struct error *err) {
  FILE *file = fopen(path, "re");
  if (file == NULL) return error_set(err, ERR_IO, "cannot read %s: %s", path, strerror(errno));
  char piece[16384];
  size_t len;
  while ((len = fread(piece, 1, sizeof piece, file)) > 0 && out->len < FILE_BYTES_MAX)
    bytes_add(out, piece, len);
  bool ok = ferror(file) == 0 && out->len < FILE_BYTES_MAX;
  fclose(file);
  return ok || error_set(err, ERR_IO, "cannot read %s whole", path);
}

static bool add(const char *dir, const char *name, struct db_migrations *out, struct error *err) {
  if (!is_well_named(name))
    return error_set(err, ERR_INVALID, "%s/%s: a migration is named <UTC minute>_<name>.sql", dir,
                     name);
  out->items = mem_grow(out->items, (size_t)(out->count + 1) * sizeof *out->items);
  struct db_migration *m = &out->items[out->count++];
  *m = (struct db_migration){.name = mem_dup(name)};
  struct bytes path = {0};
  bytes_addf(&path, "%s/%s", dir, name);
  bytes_reserve(&m->text, 1); /* an empty file is text, too */
  m->text.data[0] = '\0';
  bool ok = read_file(path.data, &m->text, err);
  bytes_deinit(&path);
  crypto_sha256_hex(m->text.data, m->text.len, m->checksum);
  m->has_transaction = strncmp(m->text.data, "-- no-transaction", 17) != 0;
  return ok;
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const struct db_migration *)a)->name, ((const struct db_migration *)b)->name);
}

bool db_migrations_read(const char *dir, struct db_migrations *out, struct error *err) {
  *out = (struct db_migrations){0};
  DIR *handle = opendir(dir);
  if (handle == NULL) return error_set(err, ERR_IO, "cannot read %s: %s", dir, strerror(errno));
  bool ok = true;
  const struct dirent *entry;
  while (ok && (entry = readdir(handle)) != NULL)
    if (is_sql(entry->d_name)) ok = add(dir, entry->d_name, out, err);
  closedir(handle);
  if (!ok) db_migrations_deinit(out);
  else if (out->count > 0) qsort(out->items, (size_t)out->count, sizeof *out->items, by_name);
  return ok;
}

void db_migrations_deinit(struct db_migrations *all) {
  for (int i = 0; i < all->count; i++) {
    free(all->items[i].name);
    bytes_deinit(&all->items[i].text);
  }
  free(all->items);
  *all = (struct db_migrations){0};
}

struct db_migration *db_migrations_find(const struct db_migrations *all, const char *name) {
  for (int i = 0; i < all->count; i++)
    if (strcmp(all->items[i].name, name) == 0) return &all->items[i];
  return NULL;
}
