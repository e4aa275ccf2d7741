#include "net/static.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/map.h"
#include "base/mem.h"
#include "crypto/hash.h"
#include "net/asset.h"
#include "net/select.h"
#include "net/target.h"

#define FILE_MAX (16 << 20)
#define SET_MAX (256 << 20)
#define DEPTH_MAX 16
#define HASH_MIN 8 /* hex digits that make a name a hashed one */

struct net_static {
  unsigned refs;
  size_t bytes;
  bool is_overlay;   /* while a stronger layer is added */
  struct map assets; /* path below the root -> struct net_asset */
};

/* ---- names ---- */

static size_t last_dot(struct slice name) { /* name.len when there is none */
  size_t at = name.len;
  while (at > 0 && name.data[at - 1] != '.' && name.data[at - 1] != '/') at--;
  return at > 0 && name.data[at - 1] == '.' ? at - 1 : name.len;
}

/* Finds the hash in "app.1f2e3d4c.css" or "app-1f2e3d4c.css". */
static bool find_hash(struct slice name, struct slice *hash) {
  size_t end = last_dot(name);
  size_t begin = end;
  while (begin > 0 && net_hex_digit(name.data[begin - 1]) >= 0) begin--;
  *hash = (struct slice){name.data + begin, end - begin};
  return end - begin >= HASH_MIN && begin > 1 &&
         (name.data[begin - 1] == '.' || name.data[begin - 1] == '-');
}

static char *url_of(struct slice name, const char *hash) {
  struct bytes url = {0};
  size_t dot = last_dot(name);
  bytes_addf(&url, "/a/%.*s.%s", (int)dot, name.data, hash);
  bytes_add(&url, name.data + dot, name.len - dot);
  return url.data;
}

/* ---- loading ---- */

static bool read_file(const char *path, struct bytes *out, struct error *err) {
  FILE *file = fopen(path, "re");
  struct stat stat;
  if (file == NULL || fstat(fileno(file), &stat) < 0) {
    error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    if (file != NULL) fclose(file);
    return false;
  }
  bool ok = stat.st_size <= FILE_MAX;
  if (ok) {
    bytes_reserve(out, (size_t)stat.st_size);
    out->len = fread(out->data, 1, (size_t)stat.st_size, file);
    out->data[out->len] = '\0';
    ok = ferror(file) == 0 || error_set(err, ERR_IO, "%s cannot be read", path);
  } else {
    error_set(err, ERR_LIMIT, "%s is larger than %d bytes", path, FILE_MAX);
  }
  fclose(file);
  return ok;
}

static void asset_free(struct net_asset *asset);

/* A stronger layer's file takes the place of a weaker one's, whose compressed forms would not fit it. */
static void replace(struct net_static *set, struct slice name, struct net_asset *asset) {
  static const char *const forms[] = {"", ".br", ".gz"};
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    struct bytes old = {0};
    bytes_addf(&old, "%.*s%s", (int)name.len, name.data, forms[i]);
    if (set->is_overlay || i == 0) asset_free(map_remove(&set->assets, (struct slice){old.data, old.len}));
    bytes_deinit(&old);
  }
  map_put(&set->assets, name, asset);
}

static bool add_file(struct net_static *set, const char *path, struct slice name,
                     struct error *err) {
  struct net_asset *asset = mem_zero(sizeof *asset);
  if (!read_file(path, &asset->plain, err)) {
    bytes_deinit(&asset->plain);
    free(asset);
    return false;
  }
  replace(set, name, asset);
  set->bytes += asset->plain.len;
  if (set->bytes > SET_MAX) return error_set(err, ERR_LIMIT, "static files: too many bytes");
  return true;
}

static bool add_folder(struct net_static *set, const char *root, const char *below, int depth,
                       struct error *err);

static bool add_entry(struct net_static *set, const char *root, const char *name, int depth,
                      struct error *err) {
  struct bytes path = {0};
  struct stat stat_;
  bytes_addf(&path, "%s/%s", root, name);
  bool ok =
      stat(path.data, &stat_) == 0 || error_set(err, ERR_IO, "%s: %s", path.data, strerror(errno));
  if (ok && S_ISDIR(stat_.st_mode)) ok = add_folder(set, root, name, depth + 1, err);
  else if (ok && S_ISREG(stat_.st_mode)) ok = add_file(set, path.data, slice_of(name), err);
  bytes_deinit(&path);
  return ok;
}

static bool add_folder(struct net_static *set, const char *root, const char *below, int depth,
                       struct error *err) {
  if (depth > DEPTH_MAX) return error_set(err, ERR_LIMIT, "%s/%s lies too deep", root, below);
  bool ok = true;
  struct bytes path = {0};
  bytes_addf(&path, "%s/%s", root, below);
  DIR *folder = opendir(path.data);
  if (folder == NULL) ok = error_set(err, ERR_IO, "%s: %s", path.data, strerror(errno));
  struct dirent *entry;
  while (ok && (entry = readdir(folder)) != NULL) {
    if (entry->d_name[0] == '.') continue;
    bytes_clear(&path);
    bytes_addf(&path, "%s%s%s", below, below[0] != '\0' ? "/" : "", entry->d_name);
    ok = add_entry(set, root, path.data, depth, err);
  }
  if (folder != NULL) closedir(folder);
  bytes_deinit(&path);
  return ok;
}

/* ---- finishing ---- */

static void asset_free(struct net_asset *asset) {
  if (asset == NULL) return;
  bytes_deinit(&asset->plain);
  bytes_deinit(&asset->br);
  bytes_deinit(&asset->gz);
  free(asset->url);
  free(asset);
}

static void take_sibling(struct net_static *set, struct slice name, const char *suffix,
                         struct bytes *out) {
  struct bytes path = {0};
  bytes_add(&path, name.data, name.len);
  bytes_add_str(&path, suffix);
  struct net_asset *sibling = map_remove(&set->assets, (struct slice){path.data, path.len});
  bytes_deinit(&path);
  if (sibling == NULL) return;
  *out = sibling->plain;
  sibling->plain = (struct bytes){0};
  asset_free(sibling);
}

static void complete(struct net_asset *asset, struct slice name) {
  char sum[CRYPTO_SHA256_HEX];
  crypto_sha256_hex(asset->plain.data, asset->plain.len, sum);
  memcpy(asset->hash, sum, 12);
  asset->type = net_content_type(name);
  struct slice hash;
  asset->is_hashed_name = find_hash(name, &hash);
  struct bytes own = {0};
  bytes_addf(&own, "/a/%.*s", (int)name.len, name.data);
  asset->url = asset->is_hashed_name ? own.data : url_of(name, asset->hash);
  if (!asset->is_hashed_name) bytes_deinit(&own);
  static const char *const forms[3] = {"", "-br", "-gz"};
  for (int i = 0; i < 3; i++)
    snprintf(asset->etag[i], sizeof asset->etag[i], "\"%s%s\"", asset->hash, forms[i]);
}

/* Removing while walking is not allowed: names first. */
static void complete_all(struct net_static *set) {
  size_t at = 0, count = 0, room = set->assets.used;
  struct bytes *names = mem_zero(room * sizeof *names);
  struct map_slot *slot;
  while ((slot = map_next(&set->assets, &at)) != NULL)
    bytes_add(&names[count++], slot->key, slot->len);
  for (size_t i = 0; i < count; i++) {
    struct slice name = {names[i].data, names[i].len};
    struct net_asset *asset = map_get(&set->assets, name);
    if (asset == NULL) continue; /* was a sibling */
    take_sibling(set, name, ".br", &asset->br);
    take_sibling(set, name, ".gz", &asset->gz);
    complete(asset, name);
  }
  for (size_t i = 0; i < count; i++) bytes_deinit(&names[i]);
  free(names);
}

struct net_static *net_static_load(const char *root, const char *overlay, struct error *err) {
  struct net_static *set = mem_zero(sizeof *set);
  set->refs = 1;
  bool ok = add_folder(set, root, "", 0, err);
  set->is_overlay = true;
  if (ok && overlay != NULL && access(overlay, F_OK) == 0) ok = add_folder(set, overlay, "", 0, err);
  if (!ok) {
    net_static_unref(set);
    return NULL;
  }
  complete_all(set);
  return set;
}

struct net_static *net_static_ref(struct net_static *set) {
  set->refs++;
  return set;
}

void net_static_unref(struct net_static *set) {
  if (set == NULL || --set->refs > 0) return;
  size_t at = 0;
  struct map_slot *slot;
  while ((slot = map_next(&set->assets, &at)) != NULL) asset_free(slot->value);
  map_deinit(&set->assets);
  free(set);
}

/* ---- finding ---- */

const struct net_asset *net_static_find(const struct net_static *set, struct slice name,
                                        bool *is_immutable) {
  const struct net_asset *asset = map_get(&set->assets, name);
  *is_immutable = asset != NULL && asset->is_hashed_name;
  struct slice hash;
  if (asset != NULL || !find_hash(name, &hash)) return asset;
  size_t before = (size_t)(hash.data - name.data) - 1;
  struct bytes base = {0};
  bytes_add(&base, name.data, before);
  bytes_add(&base, hash.data + hash.len, name.len - before - 1 - hash.len);
  asset = map_get(&set->assets, (struct slice){base.data, base.len});
  bytes_deinit(&base);
  *is_immutable = asset != NULL && slice_is(hash, asset->hash);
  return asset; /* the hash of another version: the present one, for a moment only */
}

const char *net_static_url(const struct net_static *set, struct slice name) {
  const struct net_asset *asset = map_get(&set->assets, name);
  return asset != NULL ? asset->url : NULL;
}

size_t net_static_count(const struct net_static *set) { return set->assets.used; }
