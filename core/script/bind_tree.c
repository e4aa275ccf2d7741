/* core.tree - files of the installed tree, while loading. Layers are the kit's affair. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "net/static.h"
#include "script/box.h"
#include "script/sandbox.h"
#include "script/task.h"

#define FILE_LIMIT (64 << 20)

/* Pushes the full path of argument 1, which must stay inside the tree. */
static const char *push_full_path(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  luaL_argcheck(L, path[0] != '/' && strstr(path, "..") == NULL, 1, "a path inside the tree");
  return lua_pushfstring(L, "%s/%s", script_generation_of(L)->tree, path);
}

/* The directory's handle is a box, so that an error of Lua closes it. */
static int l_close(lua_State *L) {
  DIR **dir = lua_touserdata(L, 1);
  if (*dir != NULL) closedir(*dir);
  *dir = NULL;
  return 0;
}

static bool is_directory(DIR *dir, const struct dirent *entry) {
  struct stat info;
  if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK) return entry->d_type == DT_DIR;
  return fstatat(dirfd(dir), entry->d_name, &info, 0) == 0 && S_ISDIR(info.st_mode);
}

static int compare_names(lua_State *L) {
  lua_pushboolean(L, strcmp(lua_tostring(L, 1), lua_tostring(L, 2)) < 0);
  return 1;
}

static void sort_names(lua_State *L) { /* of the table on top, by bytes */
  luaL_requiref(L, "table", NULL, 0);
  lua_getfield(L, -1, "sort");
  lua_pushvalue(L, -3);
  lua_pushcfunction(L, compare_names);
  lua_call(L, 2, 0);
  lua_pop(L, 1);
}

/* list(dir): names, directories with "/" behind, sorted; an empty array when there is no such dir. */
static int l_list(lua_State *L) {
  const char *path = push_full_path(L);
  DIR **dir = lua_newuserdatauv(L, sizeof *dir, 0);
  *dir = NULL;
  luaL_setmetatable(L, "core.tree.dir");
  *dir = opendir(path);
  lua_newtable(L);
  if (*dir == NULL) return 1;
  const struct dirent *entry;
  lua_Integer count = 0;
  while ((entry = readdir(*dir)) != NULL) {
    if (entry->d_name[0] == '.') continue;
    lua_pushfstring(L, "%s%s", entry->d_name, is_directory(*dir, entry) ? "/" : "");
    lua_rawseti(L, -2, ++count);
  }
  closedir(*dir);
  *dir = NULL;
  sort_names(L);
  return 1;
}

/* read(path) → text | nil, err */
static int l_read(lua_State *L) {
  const char *path = push_full_path(L);
  if (script_push_file(L, path, FILE_LIMIT)) return 1;
  return script_fail_text(L, errno == ENOENT ? "not_found" : "io", strerror(errno));
}

/* asset(name) → the address with its content hash, or nil when there is no such file */
static int l_asset(lua_State *L) {
  struct slice name = script_check_slice(L, 1);
  const struct net_static *statics = script_generation_of(L)->statics;
  const char *url = statics != NULL ? net_static_url(statics, name) : NULL;
  lua_pushstring(L, url); /* NULL gives nil */
  return 1;
}

static struct script_chunk_key key_of(lua_State *L) {
  return script_chunk_key(slice_of("kept"), script_check_slice(L, 1), script_check_slice(L, 2));
}

/* Leaves the function on top with its environment, argument env. */
static int give_function(lua_State *L, int env) {
  luaL_checktype(L, env, LUA_TTABLE);
  lua_pushvalue(L, env);
  if (lua_setupvalue(L, -2, 1) == NULL) lua_pop(L, 1);
  return 1;
}

/* kept(chunk name, key, env) → the function that keep() made of it, or nil */
static int l_kept(lua_State *L) {
  struct script_chunk_key key = key_of(L);
  return script_push_kept(L, &key, lua_tostring(L, 1)) ? give_function(L, 3) : 0;
}

/* keep(chunk name, key, env, text) → function | nil, message */
static int l_keep(lua_State *L) {
  struct script_chunk_key key = key_of(L);
  if (script_compile(L, &key, script_check_slice(L, 4), lua_tostring(L, 1)) == LUA_OK) return give_function(L, 3);
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

int script_open_tree(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"list", l_list}, {"read", l_read}, {"asset", l_asset}, {"kept", l_kept}, {"keep", l_keep}, {NULL, NULL}};
  luaL_newmetatable(L, "core.tree.dir");
  lua_pushcfunction(L, l_close);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
