#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "db/cluster_private.h"

struct search {
  int wanted; /* major version, 0: the newest */
  int best;   /* its major version, 0: none yet */
  char *dir;  /* owned */
};

static bool has_programs(const char *dir) {
  struct bytes path = {0};
  bytes_addf(&path, "%s/postgres", dir);
  bool ok = access(path.data, X_OK) == 0;
  bytes_clear(&path);
  bytes_addf(&path, "%s/initdb", dir);
  ok = ok && access(path.data, X_OK) == 0;
  bytes_deinit(&path);
  return ok;
}

/* "postgres (PostgreSQL) 15.20 (Debian …)" is 15; 0 when it is none. */
static int version_of(const char *dir) {
  int version = 0;
  struct bytes command = {0};
  bytes_add_char(&command, '\'');
  for (const char *c = dir; *c != '\0'; c++) {
    if (*c == '\'') bytes_add_str(&command, "'\\'");
    bytes_add_char(&command, *c);
  }
  bytes_add_str(&command, "/postgres' -V 2>/dev/null");
  FILE *out = popen(command.data, "re");
  if (out != NULL) {
    if (fscanf(out, "postgres (PostgreSQL) %d", &version) != 1) version = 0;
    pclose(out);
  }
  bytes_deinit(&command);
  return version;
}

static void consider(struct search *s, const char *dir) {
  if (*dir != '/' || !has_programs(dir)) return;
  int version = version_of(dir);
  bool fits = s->wanted != 0 ? version == s->wanted : version >= DB_CLUSTER_OLDEST;
  if (!fits || version <= s->best) return;
  free(s->dir);
  s->dir = mem_dup(dir);
  s->best = version;
}

static void consider_debian(struct search *s) {
  glob_t found;
  if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; i++) consider(s, found.gl_pathv[i]);
  globfree(&found);
}

static void consider_path(struct search *s) {
  const char *path = getenv("PATH");
  while (path != NULL && *path != '\0') {
    size_t len = strcspn(path, ":");
    char *dir = mem_dup_n(path, len);
    consider(s, dir);
    free(dir);
    path += len + (path[len] == ':');
  }
}

bool db_cluster_find_bin(const char *bin_dir, int wanted, char **out, struct error *err) {
  struct search s = {.wanted = wanted};
  if (bin_dir != NULL) {
    consider(&s, bin_dir);
  } else {
    consider_debian(&s);
    consider_path(&s);
  }
  *out = s.dir;
  if (s.dir != NULL) return true;
  const char *where = bin_dir != NULL ? bin_dir : "/usr/lib/postgresql/*/bin and PATH";
  if (wanted != 0)
    return error_set(err, ERR_NOT_FOUND, "the data is of PostgreSQL %d, which is not in %s", wanted,
                     where);
  return error_set(err, ERR_NOT_FOUND, "no PostgreSQL %d or later in %s", DB_CLUSTER_OLDEST, where);
}
