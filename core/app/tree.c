#include "app/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

/* In the checkout the built assets lie under build/; in an installed tree beside the rest. */
static const struct {
  const char *name, *from;
} parts[] = {{"lua", "lua"},         {"views", "views"},   {"assets", "build/assets"}, {"migrations", "migrations"},
             {"plugins", "plugins"}, {"config", "config"}, {"data", "data"}};

static char *join(const char *dir, const char *name) {
  struct bytes path = {0};
  bytes_addf(&path, "%s/%s", dir, name);
  return path.data;
}

bool app_copy_file(const char *from, const char *to, mode_t mode, struct error *err) {
  int in = open(from, O_RDONLY | O_CLOEXEC);
  int out = in >= 0 ? open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode) : -1;
  bool ok = out >= 0;
  while (ok) {
    ssize_t sent = sendfile(out, in, NULL, 1 << 20);
    if (sent == 0) break;
    ok = sent > 0;
  }
  if (ok) fchmod(out, mode);
  if (!ok) error_set(err, ERR_IO, "Файл %s не скопировать в %s: %s", from, to, strerror(errno));
  if (out >= 0) close(out);
  if (in >= 0) close(in);
  return ok;
}

static bool copy_dir(const char *from, const char *to, struct error *err) {
  DIR *dir = opendir(from);
  if (dir == NULL) return errno == ENOENT || error_set(err, ERR_IO, "Каталог %s: %s", from, strerror(errno));
  bool ok = mkdir(to, 0755) == 0 || errno == EEXIST || error_set(err, ERR_IO, "Каталог %s: %s", to, strerror(errno));
  struct dirent *entry;
  while (ok && (entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] == '.') continue;
    char *source = join(from, entry->d_name), *target = join(to, entry->d_name);
    struct stat st;
    if (stat(source, &st) == 0)
      ok = S_ISDIR(st.st_mode) ? copy_dir(source, target, err) : app_copy_file(source, target, 0644, err);
    free(source);
    free(target);
  }
  closedir(dir);
  return ok;
}

static const char *region_of(const struct app_setup *setup) {
  const char *region = script_settings_text(setup->settings, "region_dir");
  return region != NULL && *region != '\0' ? region : NULL;
}

/* The region's layer lies beside the product's parts; its assets also among the files that are served. */
static bool copy_region(const char *region, const char *tree, struct error *err) {
  static const char *const layer[][2] = {
      {"lua", "region/lua"}, {"views", "region/views"}, {"assets", "region/assets"}, {"assets", "assets"},
      {"plugins", "region/plugins"}};
  char *own = join(tree, "region"), *settings = join(region, "config.lua"), *copy = join(own, "config.lua");
  bool ok = mkdir(own, 0755) == 0 || error_set(err, ERR_IO, "Каталог %s: %s", own, strerror(errno));
  if (ok && access(settings, F_OK) == 0) ok = app_copy_file(settings, copy, 0644, err);
  for (size_t i = 0; ok && i < sizeof layer / sizeof *layer; i++) {
    char *from = join(region, layer[i][0]), *to = join(tree, layer[i][1]);
    ok = copy_dir(from, to, err);
    free(from);
    free(to);
  }
  free(own);
  free(settings);
  free(copy);
  return ok;
}

/* The tree belongs to the serving user, who removes it at a later reload. */
static void give_tree(const char *path, uid_t uid, gid_t gid) {
  if (geteuid() != 0) return;
  DIR *dir = opendir(path);
  if (dir == NULL) return;
  struct dirent *entry;
  while ((entry = readdir(dir)) != NULL) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    char *inner = join(path, entry->d_name);
    struct stat st;
    if (lstat(inner, &st) == 0) {
      if (S_ISDIR(st.st_mode)) give_tree(inner, uid, gid);
      else if (lchown(inner, uid, gid) != 0) break;
    }
    free(inner);
  }
  closedir(dir);
  if (lchown(path, uid, gid) != 0) return;
}

static bool make_tree(const struct app_setup *setup, struct bytes *path, struct error *err) {
  bytes_addf(path, "%s/tree/%lld", setup->data_dir, (long long)clock_realtime_us());
  return mkdir(path->data, 0755) == 0 || error_set(err, ERR_IO, "Каталог %s: %s", path->data, strerror(errno));
}

bool app_tree_install(const struct app_setup *setup, char **out, struct error *err) {
  *out = NULL;
  struct bytes path = {0};
  bool ok = make_tree(setup, &path, err);
  bool is_checkout = access(setup->source, R_OK) == 0 && strstr(setup->source, "/tree/") == NULL;
  for (size_t i = 0; ok && i < sizeof parts / sizeof *parts; i++) {
    char *from = join(setup->source, is_checkout ? parts[i].from : parts[i].name);
    char *to = join(path.data, parts[i].name);
    ok = copy_dir(from, to, err);
    free(from);
    free(to);
  }
  if (ok && region_of(setup) != NULL) ok = copy_region(region_of(setup), path.data, err);
  give_tree(path.data, setup->uid, setup->gid);
  if (!ok) {
    app_tree_remove(path.data);
    bytes_deinit(&path);
    return false;
  }
  *out = path.data;
  return true;
}

static bool link_dir(const char *from, const char *to, const char *except, struct error *err) {
  DIR *dir = opendir(from);
  if (dir == NULL) return error_set(err, ERR_IO, "Каталог %s: %s", from, strerror(errno));
  bool ok = true;
  struct dirent *entry;
  while (ok && (entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] == '.' || (except != NULL && strcmp(entry->d_name, except) == 0)) continue;
    char *source = join(from, entry->d_name), *target = join(to, entry->d_name);
    struct stat st;
    if (stat(source, &st) != 0) ok = error_set(err, ERR_IO, "%s: %s", source, strerror(errno));
    else if (S_ISDIR(st.st_mode))
      ok = (mkdir(target, 0755) == 0 || error_set(err, ERR_IO, "%s: %s", target, strerror(errno))) &&
           link_dir(source, target, NULL, err);
    else ok = link(source, target) == 0 || app_copy_file(source, target, 0644, err); /* not every file system links */
    free(source);
    free(target);
  }
  closedir(dir);
  return ok;
}

bool app_tree_clone(const struct app_setup *setup, const char *from, char **out, struct error *err) {
  *out = NULL;
  struct bytes path = {0};
  if (!make_tree(setup, &path, err) || !link_dir(from, path.data, "published", err)) {
    app_tree_remove(path.data);
    bytes_deinit(&path);
    return false;
  }
  *out = path.data;
  return true;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at) {
  (void)st;
  (void)kind;
  (void)at;
  return remove(path);
}

void app_tree_remove(const char *path) { nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS); }

static void remove_others(const char *dir, const char *path, const char *keep) {
  DIR *all = opendir(dir);
  if (all == NULL) return;
  struct dirent *entry;
  while ((entry = readdir(all)) != NULL) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    char *tree = join(dir, entry->d_name);
    if (strcmp(tree, path) != 0 && (keep == NULL || strcmp(tree, keep) != 0)) app_tree_remove(tree);
    free(tree);
  }
  closedir(all);
}

bool app_tree_use(const struct app_setup *setup, const char *path, const char *keep, struct error *err) {
  char *dir = app_path(setup, "tree"), *fresh = app_path(setup, "tree/.next"), *current = app_path(setup, "tree/current");
  const char *name = strrchr(path, '/') + 1;
  unlink(fresh);
  bool ok = symlink(name, fresh) == 0 && rename(fresh, current) == 0;
  if (!ok) error_set(err, ERR_IO, "Ссылка %s: %s", current, strerror(errno));
  if (ok) remove_others(dir, path, keep);
  free(dir);
  free(fresh);
  free(current);
  return ok;
}

char *app_tree_current(const struct app_setup *setup) {
  char *link = app_path(setup, "tree/current");
  char *path = realpath(link, NULL);
  free(link);
  return path;
}

static uint64_t stamp_dir(const char *path) {
  DIR *dir = opendir(path);
  if (dir == NULL) return 0;
  uint64_t stamp = 0;
  struct dirent *entry;
  while ((entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] == '.') continue;
    char *inner = join(path, entry->d_name);
    struct stat st;
    if (stat(inner, &st) == 0) {
      uint64_t own = (uint64_t)st.st_mtim.tv_sec * 1000003u ^ (uint64_t)st.st_mtim.tv_nsec ^ (uint64_t)st.st_size << 20;
      stamp = stamp * 31 + own + (S_ISDIR(st.st_mode) ? stamp_dir(inner) : 0);
    }
    free(inner);
  }
  closedir(dir);
  return stamp;
}

uint64_t app_tree_stamp(const struct app_setup *setup) {
  uint64_t stamp = 0;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    char *from = join(setup->source, parts[i].from);
    stamp = stamp * 131 + stamp_dir(from);
    free(from);
  }
  return region_of(setup) != NULL ? stamp * 131 + stamp_dir(region_of(setup)) : stamp;
}
