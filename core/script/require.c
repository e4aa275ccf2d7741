/* `require` of product code: native modules "core.x", and files of the installed tree:
 *
 *   region.x         region/lua/x.lua
 *   published.x      published/lua/x.lua
 *   a.b              lua/a/b.lua or lua/a/b/init.lua
 *
 * A tree never changes once it is installed, so a late require still sees one version. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "script/generation.h"
#include "script/sandbox.h"
#include "script/work.h"

#define LOADED "copp.loaded" /* registry: name to module, or false while it loads */
#define CHUNK_LIMIT (8 << 20)

static const luaL_Reg *native_modules(void) {
  static const luaL_Reg modules[] = {
      {"core.db", script_open_db},           {"core.http", script_open_http},
      {"core.bus", script_open_bus},         {"core.buffer", script_open_buffer},
      {"core.json", script_open_json},       {"core.text", script_open_text},
      {"core.crypto", script_open_crypto},   {"core.clock", script_open_clock},
      {"core.log", script_open_log},         {"core.files", script_open_files},
      {"core.fetch", script_open_fetch},     {"core.mail", script_open_mail},
      {"core.sheet", script_open_sheet},     {"core.process", script_open_process},
      {"core.settings", script_open_settings}, {"core.tree", script_open_tree},
      {"core.stats", script_open_stats},     {"core.job", script_open_job},
      {"core.console", script_open_console}, {"core.rows", script_open_rows},
      {"core.sign", script_open_sign},       {"core.qr", script_open_qr},
      {"core.system", script_open_system},   {"core.rules", script_open_rules},
      {"core.schedule", script_open_schedule}, {"core.solver", script_open_solver},
      {NULL, NULL},
  };
  return modules;
}

static ssize_t read_all(int fd, char *out, size_t size) {
  size_t len = 0;
  while (len < size) {
    ssize_t count = read(fd, out + len, size - len);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    len += (size_t)count;
  }
  return (ssize_t)len;
}

/* The userdata is the file's memory, so that an error of Lua leaks nothing. */
int script_push_file(lua_State *L, const char *path, size_t limit) {
  struct stat info;
  if (stat(path, &info) != 0) return 0;
  if (!S_ISREG(info.st_mode) || (size_t)info.st_size > limit) {
    errno = S_ISREG(info.st_mode) ? EFBIG : EISDIR;
    return 0;
  }
  char *text = lua_newuserdatauv(L, (size_t)info.st_size + 1, 0);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t len = fd < 0 ? -1 : read_all(fd, text, (size_t)info.st_size);
  int reason = errno;
  if (fd >= 0) close(fd);
  if (len >= 0) lua_pushlstring(L, text, (size_t)len);
  lua_remove(L, len >= 0 ? -2 : -1);
  errno = reason;
  return len >= 0;
}

/* ---- compiling, or taking what was compiled before ---- */

static int add_code(lua_State *L, const void *data, size_t len, void *out) {
  (void)L;
  bytes_add(out, data, len);
  return 0;
}

bool script_push_kept(lua_State *L, const struct script_chunk_key *key, const char *name) {
  struct slice code = script_chunks_find(&script_generation_of(L)->chunks, key);
  if (code.data == NULL) return false;
  if (luaL_loadbufferx(L, code.data, code.len, name, "b") == LUA_OK) return true;
  lua_pop(L, 1);
  return false;
}

int script_compile(lua_State *L, const struct script_chunk_key *key, struct slice text, const char *name) {
  struct script_chunks *chunks = &script_generation_of(L)->chunks;
  int status = luaL_loadbufferx(L, text.data, text.len, name, "t");
  if (status != LUA_OK || chunks->path == NULL) return status;
  struct bytes code = {0};
  lua_dump(L, add_code, &code, 0); /* with the lines: tracebacks name them */
  script_chunks_add(chunks, key, &code);
  return status;
}

static int script_load_text(lua_State *L, struct slice text, const char *name) {
  struct script_chunk_key key = script_chunk_key(slice_of("file"), slice_of(name), text);
  return script_push_kept(L, &key, name) ? LUA_OK : script_compile(L, &key, text, name);
}

void script_load_file(lua_State *L, const char *path) {
  const struct script_generation *generation = script_generation_of(L);
  const char *full = lua_pushfstring(L, "%s/%s", generation->tree, path);
  if (!script_push_file(L, full, CHUNK_LIMIT))
    luaL_error(L, "%s:0: %s", path, strerror(errno));
  size_t len;
  const char *text = lua_tolstring(L, -1, &len);
  const char *chunk = lua_pushfstring(L, "@%s", path);
  if (script_load_text(L, (struct slice){text, len}, chunk) != LUA_OK) lua_error(L);
  lua_replace(L, -4);
  lua_pop(L, 2);
}

static bool is_module_name(const char *name) {
  if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.") != strlen(name)) return false;
  return name[0] != '.' && strstr(name, "..") == NULL;
}

/* Pushes the path of the file that name stands for, or raises. */
static const char *push_module_path(lua_State *L, const char *name) {
  const struct script_generation *generation = script_generation_of(L);
  const char *root = "lua/";
  if (strncmp(name, "region.", 7) == 0) root = "region/lua/", name += 7;
  if (strncmp(name, "published.", 10) == 0) root = "published/lua/", name += 10;
  const char *slashed = luaL_gsub(L, name, ".", "/");
  static const char *const forms[] = {"%s%s.lua", "%s%s/init.lua"};
  for (int i = 0; i < 2; i++) {
    const char *path = lua_pushfstring(L, forms[i], root, slashed);
    const char *full = lua_pushfstring(L, "%s/%s", generation->tree, path);
    if (access(full, R_OK) == 0) {
      lua_pop(L, 1);
      return path;
    }
    lua_pop(L, 2);
  }
  luaL_error(L, "module '%s' not found: no %s%s.lua in the tree", name, root, slashed);
  return NULL;
}

static void push_loaded_table(lua_State *L) { luaL_getsubtable(L, LUA_REGISTRYINDEX, LOADED); }

static lua_CFunction find_native(const char *name) {
  for (const luaL_Reg *module = native_modules(); module->name != NULL; module++)
    if (strcmp(module->name, name) == 0) return module->func;
  return NULL;
}

static void mark(lua_State *L, const char *name, bool is_loading) {
  push_loaded_table(L);
  if (is_loading) lua_pushboolean(L, 0);
  else lua_pushnil(L);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

/* Runs the module's chunk and keeps what it returns. */
static void load_module(lua_State *L, const char *name) {
  lua_CFunction open = find_native(name);
  if (open != NULL) lua_pushcfunction(L, open);
  else script_load_file(L, push_module_path(L, name));
  mark(L, name, true);
  lua_pushstring(L, name);
  if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
    mark(L, name, false);
    lua_error(L);
  }
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushboolean(L, 1);
  }
  push_loaded_table(L);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

void script_require(lua_State *L, const char *name) {
  push_loaded_table(L);
  int type = lua_getfield(L, -1, name);
  lua_remove(L, -2);
  if (type == LUA_TBOOLEAN && !lua_toboolean(L, -1))
    luaL_error(L, "module '%s' requires itself, perhaps by way of others", name);
  if (type != LUA_TNIL) return;
  lua_pop(L, 1);
  if (!is_module_name(name)) luaL_error(L, "'%s' is no module name", name);
  load_module(L, name);
}

static int l_require(lua_State *L) {
  script_require(L, luaL_checkstring(L, 1));
  return 1;
}

void script_open_require(lua_State *L) {
  script_open_work(L);
  lua_register(L, "require", l_require);
}
