#include "script/settings.h"

#include <assert.h>
#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

/* ---- looking up ---- */

static struct script_setting *find(const struct script_settings *settings, const char *key) {
  for (size_t i = 0; i < settings->count; i++)
    if (strcmp(settings->list[i].key, key) == 0) return &settings->list[i];
  return NULL;
}

const char *script_settings_text(const struct script_settings *settings, const char *key) {
  const struct script_setting *setting = find(settings, key);
  assert(setting != NULL && setting->type == SCRIPT_SETTING_TEXT);
  return setting->text;
}

int64_t script_settings_integer(const struct script_settings *settings, const char *key) {
  const struct script_setting *setting = find(settings, key);
  assert(setting != NULL && setting->type == SCRIPT_SETTING_INTEGER);
  return setting->integer;
}

bool script_settings_boolean(const struct script_settings *settings, const char *key) {
  const struct script_setting *setting = find(settings, key);
  assert(setting != NULL && setting->type == SCRIPT_SETTING_BOOLEAN);
  return setting->integer != 0;
}

void script_settings_set(struct script_settings *settings, const char *key, const char *text) {
  struct script_setting *setting = find(settings, key);
  assert(setting != NULL && setting->type == SCRIPT_SETTING_TEXT);
  free(setting->text);
  setting->text = text != NULL ? mem_dup(text) : NULL;
}

void script_settings_free(struct script_settings *settings) {
  if (settings == NULL) return;
  for (size_t i = 0; i < settings->count; i++) {
    free(settings->list[i].key);
    free(settings->list[i].text);
    free(settings->list[i].env);
    free(settings->list[i].reason);
  }
  free(settings->list);
  free(settings);
}

/* ---- checking values ---- */

static int refuse(lua_State *L, const char *source, const char *value, const char *expected) {
  return luaL_error(L, "Настройка %s: значение «%s» не подходит, ожидается %s.", source, value, expected);
}

static const char *field(lua_State *L, const char *name) { /* of the entry at 1; stays alive there */
  lua_getfield(L, 1, name);
  const char *text = lua_tostring(L, -1);
  lua_pop(L, 1);
  return text;
}

static void parse_integer(lua_State *L, const char *source, const char *value,
                          struct script_setting *out) {
  char *end;
  errno = 0;
  long long number = strtoll(value, &end, 10);
  if (*value == '\0' || *end != '\0' || errno != 0) refuse(L, source, value, "целое число");
  lua_getfield(L, 1, "min");
  lua_getfield(L, 1, "max");
  bool fits = (lua_isnil(L, -2) || number >= lua_tointeger(L, -2)) &&
              (lua_isnil(L, -1) || number <= lua_tointeger(L, -1));
  if (!fits) {
    const char *range = lua_pushfstring(L, "число от %I до %I", (LUAI_UACINT)lua_tointeger(L, -2),
                                        (LUAI_UACINT)lua_tointeger(L, -1));
    refuse(L, source, value, range);
  }
  lua_pop(L, 2);
  out->integer = number;
}

static void parse_boolean(lua_State *L, const char *source, const char *value,
                          struct script_setting *out) {
  static const char *const yes[] = {"1", "true", "yes", "on"};
  static const char *const no[] = {"0", "false", "no", "off", ""};
  for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
    if (strcmp(value, yes[i]) == 0) {
      out->integer = 1;
      return;
    }
  for (size_t i = 0; i < sizeof no / sizeof *no; i++)
    if (strcmp(value, no[i]) == 0) {
      out->integer = 0;
      return;
    }
  refuse(L, source, value, "1 или 0");
}

static void check_address(lua_State *L, const char *source, const char *value) {
  const char *colon = strrchr(value, ':');
  char *end = NULL;
  long port = colon != NULL ? strtol(colon + 1, &end, 10) : -1;
  bool ok = colon != NULL && colon[1] != '\0' && *end == '\0' && port >= 0 && port <= 65535;
  if (!ok) refuse(L, source, value, "адрес вида 127.0.0.1:8080");
}

static void check_url(lua_State *L, const char *source, const char *value) {
  const char *schemes = field(L, "schemes");
  const char *mark = strstr(value, "://");
  if (mark == NULL || mark == value) refuse(L, source, value, "адрес вида схема://узел");
  if (schemes == NULL) return;
  const char *scheme = lua_pushlstring(L, value, (size_t)(mark - value));
  const char *padded = lua_pushfstring(L, " %s ", scheme);
  const char *allowed = lua_pushfstring(L, " %s ", schemes);
  if (strstr(allowed, padded) == NULL)
    refuse(L, source, value, lua_pushfstring(L, "адрес со схемой %s", schemes));
  lua_pop(L, 3);
}

static void check_choice(lua_State *L, const char *source, const char *value) {
  const char *options = field(L, "options");
  const char *padded = lua_pushfstring(L, " %s ", value);
  const char *allowed = lua_pushfstring(L, " %s ", options != NULL ? options : "");
  if (strchr(value, ' ') != NULL || strstr(allowed, padded) == NULL)
    refuse(L, source, value, lua_pushfstring(L, "одно из: %s", options));
  lua_pop(L, 2);
}

static bool flag(lua_State *L, const char *name) { /* of the entry at 1 */
  lua_getfield(L, 1, name);
  bool is_set = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return is_set;
}

/* A child that has dropped root may not look everywhere, so only a path that is known to be absent
 * is refused; whoever opens it reports the rest. */
static bool is_absent(const char *path) {
  return access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

static void check_path(lua_State *L, const char *source, const char *value) {
  if (value[0] != '/') refuse(L, source, value, "полный путь, начинающийся с /");
  if (flag(L, "must_exist") && is_absent(value)) refuse(L, source, value, "путь, который существует");
}

/* Checks value by the type of the entry at 1 and stores it. source names the setting for people. */
static void take_value(lua_State *L, const char *source, const char *value,
                       struct script_setting *out) {
  const char *type = field(L, "type");
  if (strcmp(type, "integer") == 0) {
    parse_integer(L, source, value, out);
    return;
  }
  if (strcmp(type, "boolean") == 0) {
    parse_boolean(L, source, value, out);
    return;
  }
  if (strcmp(type, "address") == 0) check_address(L, source, value);
  if (strcmp(type, "url") == 0) check_url(L, source, value);
  if (strcmp(type, "choice") == 0) check_choice(L, source, value);
  if (strcmp(type, "path") == 0) check_path(L, source, value);
  free(out->text);
  out->text = mem_dup(value);
}

/* ---- reading the files ---- */

static enum script_setting_type type_of(lua_State *L, const char *key) {
  static const char *const texts[] = {"text", "path", "address", "url", "choice"};
  const char *type = field(L, "type");
  if (type == NULL) luaL_error(L, "config/default.lua: у настройки %s нет type", key);
  if (strcmp(type, "integer") == 0) return SCRIPT_SETTING_INTEGER;
  if (strcmp(type, "boolean") == 0) return SCRIPT_SETTING_BOOLEAN;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (strcmp(type, texts[i]) == 0) return SCRIPT_SETTING_TEXT;
  luaL_error(L, "config/default.lua: у настройки %s неизвестный type %s", key, type);
  return SCRIPT_SETTING_TEXT;
}

/* The region's value for key ("region.zone" walks into tables), as text, or NULL. At 2: its table. */
static const char *push_region_value(lua_State *L, const char *key) {
  if (!lua_istable(L, 2)) return NULL;
  lua_pushvalue(L, 2);
  for (const char *dot; lua_istable(L, -1); key = dot + 1) {
    dot = strchr(key, '.');
    lua_pushlstring(L, key, dot != NULL ? (size_t)(dot - key) : strlen(key));
    lua_rawget(L, -2);
    lua_remove(L, -2);
    if (dot == NULL) break;
  }
  if (lua_isnil(L, -1)) return NULL;
  return luaL_tolstring(L, -1, NULL);
}

/* Stack: 1 the entry, 2 the region's table or nil, 3 the new setting. */
static int add_setting(lua_State *L) {
  struct script_setting *out = lua_touserdata(L, 3);
  const char *key = field(L, "key");
  const char *env = field(L, "env");
  if (key == NULL || field(L, "reason") == NULL)
    return luaL_error(L, "config/default.lua: у настройки нет key или reason");
  out->key = mem_dup(key);
  out->env = env != NULL ? mem_dup(env) : NULL;
  out->type = type_of(L, key);
  out->is_secret = flag(L, "secret");
  out->reason = mem_dup(field(L, "reason"));
  out->origin = "default";
  if (lua_getfield(L, 1, "default") != LUA_TNIL)
    take_value(L, key, luaL_tolstring(L, -1, NULL), out);
  const char *region = push_region_value(L, key);
  if (region != NULL) {
    take_value(L, lua_pushfstring(L, "%s (config.lua региона)", key), region, out);
    out->origin = "region";
  }
  const char *value = env != NULL ? getenv(env) : NULL;
  if (value == NULL || value[0] == '\0') return 0;
  take_value(L, env, value, out);
  out->origin = "environment";
  return 0;
}

static void run_file(lua_State *L, const char *path) {
  if (luaL_loadfilex(L, path, "t") != LUA_OK) lua_error(L);
  lua_newtable(L); /* data needs no functions */
  lua_setupvalue(L, -2, 1);
  lua_call(L, 0, 1);
  if (!lua_istable(L, -1)) luaL_error(L, "%s: файл должен возвращать таблицу", path);
}

/* Stack: 1 default.lua, 2 region's directory or nil, 3 the settings. */
static int load_all(lua_State *L) {
  struct script_settings *settings = lua_touserdata(L, 3);
  run_file(L, lua_tostring(L, 1));
  const char *region = lua_isnil(L, 2) ? NULL : lua_pushfstring(L, "%s/config.lua", lua_tostring(L, 2));
  if (region != NULL && access(region, F_OK) == 0) run_file(L, region);
  else lua_pushnil(L);
  lua_replace(L, 2);
  lua_settop(L, 4); /* path, region's table, settings, list */
  lua_Integer count = luaL_len(L, 4);
  settings->list = mem_zero((size_t)count * sizeof *settings->list);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_pushcfunction(L, add_setting);
    lua_geti(L, 4, i);
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_pushvalue(L, 2);
    lua_pushlightuserdata(L, &settings->list[settings->count++]);
    lua_call(L, 3, 0);
  }
  return 0;
}

bool script_settings_load(const char *default_path, const char *region_dir,
                          struct script_settings **out, struct error *err) {
  *out = NULL;
  struct script_settings *settings = mem_zero(sizeof *settings);
  lua_State *L = luaL_newstate();
  if (L == NULL) abort();
  lua_pushcfunction(L, load_all);
  lua_pushstring(L, default_path);
  lua_pushstring(L, region_dir);
  lua_pushlightuserdata(L, settings);
  bool ok = lua_pcall(L, 3, 0, 0) == LUA_OK;
  if (ok) *out = settings;
  else error_set(err, ERR_INVALID, "%s", lua_tostring(L, -1));
  lua_close(L);
  if (!ok) script_settings_free(settings);
  return ok;
}
