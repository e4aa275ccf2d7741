/* `copp check`: every .lua file compiles, and the whole loads. */
#include <dirent.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "net/static.h"
#include "script/generation.h"

struct check {
  lua_State *L;
  const char *tree;
  FILE *out;
  int faults;
};

static void check_file(struct check *check, const char *full) {
  const char *path = full + strlen(check->tree) + 1;
  struct bytes chunk = {0};
  bytes_addf(&chunk, "@%s", path);
  FILE *file = fopen(full, "rb");
  struct bytes text = {0};
  char part[8192];
  size_t count;
  while (file != NULL && (count = fread(part, 1, sizeof part, file)) > 0)
    bytes_add(&text, part, count);
  if (file != NULL) fclose(file);
  if (luaL_loadbufferx(check->L, text.data != NULL ? text.data : "", text.len, chunk.data, "t") !=
      LUA_OK) {
    fprintf(check->out, "%s\n", lua_tostring(check->L, -1));
    check->faults++;
  }
  lua_settop(check->L, 0);
  bytes_deinit(&chunk);
  bytes_deinit(&text);
}

static void check_directory(struct check *check, const char *path, int depth) {
  DIR *dir = depth < 16 ? opendir(path) : NULL;
  const struct dirent *entry;
  while (dir != NULL && (entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] == '.') continue;
    struct bytes full = {0};
    struct stat info;
    bytes_addf(&full, "%s/%s", path, entry->d_name);
    size_t len = full.len;
    if (stat(full.data, &info) == 0 && S_ISDIR(info.st_mode))
      check_directory(check, full.data, depth + 1);
    else if (len > 4 && strcmp(full.data + len - 4, ".lua") == 0)
      check_file(check, full.data);
    bytes_deinit(&full);
  }
  if (dir != NULL) closedir(dir);
}

static void check_whole(const struct script_source *source, struct check *check) {
  struct script_place place;
  struct error err;
  struct script_generation *generation = script_generation_build(source, &place, &err);
  if (generation == NULL) {
    fprintf(check->out, "%s:%d: %s\n", place.file[0] != '\0' ? place.file : "lua/boot.lua",
            place.line, err.text);
    check->faults++;
  }
  script_generation_unref(generation);
}

int script_check(const struct script_source *source, FILE *out) {
  struct check check = {.L = luaL_newstate(), .tree = source->tree, .out = out};
  static const char *const parts[] = {"lua", "plugins", "region", "published"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    struct bytes path = {0};
    bytes_addf(&path, "%s/%s", source->tree, parts[i]);
    check_directory(&check, path.data, 0);
    bytes_deinit(&path);
  }
  lua_close(check.L);
  if (check.faults == 0) check_whole(source, &check);
  return check.faults;
}
