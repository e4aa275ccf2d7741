/* core.settings - what the installation was told, as a read-only table: settings.region.zone. */
#include <string.h>

#include "script/box.h"
#include "script/sandbox.h"

static void push_setting(lua_State *L, const struct script_setting *setting) {
  switch (setting->type) {
    case SCRIPT_SETTING_TEXT: lua_pushstring(L, setting->text); return; /* NULL gives nil */
    case SCRIPT_SETTING_INTEGER: lua_pushinteger(L, setting->integer); return;
    case SCRIPT_SETTING_BOOLEAN: lua_pushboolean(L, setting->integer != 0); return;
  }
}

/* Pushes the table in which the last part of key belongs, and returns that part. */
static const char *push_parent(lua_State *L, const char *key) {
  const char *dot;
  lua_pushvalue(L, -1);
  while ((dot = strchr(key, '.')) != NULL) {
    lua_pushlstring(L, key, (size_t)(dot - key));
    lua_pushvalue(L, -1);
    if (lua_rawget(L, -3) != LUA_TTABLE) {
      lua_pop(L, 1);
      lua_newtable(L);
      lua_pushvalue(L, -2);
      lua_pushvalue(L, -2);
      lua_rawset(L, -5);
    }
    lua_replace(L, -3);
    lua_pop(L, 1);
    key = dot + 1;
  }
  return key;
}

static int refuse(lua_State *L) { return luaL_error(L, "settings are read-only"); }

/* Replaces the table on top by an empty one that reads from it. */
static void freeze(lua_State *L) {
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    if (!lua_istable(L, -1)) continue;
    freeze(L);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, -5); /* an existing key: the traversal goes on */
  }
  lua_newtable(L);
  lua_createtable(L, 0, 2);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, refuse);
  lua_setfield(L, -2, "__newindex");
  lua_setmetatable(L, -2);
  lua_remove(L, -2);
}

static void set_text(lua_State *L, const char *name, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

/* described() → { {key, value, origin, env, reason, is_secret} }; a secret's value is only whether it is set */
static int l_described(lua_State *L) {
  const struct script_settings *settings = script_generation_of(L)->settings;
  lua_newtable(L);
  for (size_t i = 0; settings != NULL && i < settings->count; i++) {
    const struct script_setting *setting = &settings->list[i];
    lua_createtable(L, 0, 6);
    set_text(L, "key", setting->key);
    set_text(L, "origin", setting->origin);
    set_text(L, "env", setting->env);
    set_text(L, "reason", setting->reason);
    if (setting->is_secret) lua_pushboolean(L, setting->text != NULL && *setting->text != '\0');
    else push_setting(L, setting);
    lua_setfield(L, -2, "value");
    lua_pushboolean(L, setting->is_secret);
    lua_setfield(L, -2, "is_secret");
    lua_seti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

int script_open_settings(lua_State *L) {
  static const luaL_Reg functions[] = {{"described", l_described}, {NULL, NULL}};
  const struct script_settings *settings = script_generation_of(L)->settings;
  luaL_newlib(L, functions);
  set_text(L, "version", COPP_VERSION);
  for (size_t i = 0; settings != NULL && i < settings->count; i++) {
    const char *name = push_parent(L, settings->list[i].key);
    push_setting(L, &settings->list[i]);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
  }
  freeze(L);
  return 1;
}
