/* core.log - JSON lines; the request's id is added by itself. Never log personal data. */
#include "script/box.h"
#include "script/host.h"
#include "script/sandbox.h"

/* Adds the plain fields of the table at 2 in an order of Lua's. The line's memory is not Lua's, so
 * nothing here may raise: names must be text, other values are named by their type. */
static void add_fields(lua_State *L, struct log_line *line) {
  for (lua_pushnil(L); lua_next(L, 2) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) continue;
    const char *name = lua_tostring(L, -2);
    if (name[strcspn(name, "\"\\\n")] != '\0') name = "field"; /* the log writes names as they are */
    struct slice text = {0};
    char number[40];
    switch (lua_type(L, -1)) {
      case LUA_TSTRING: text.data = lua_tolstring(L, -1, &text.len); break;
      case LUA_TNUMBER:
        if (lua_isinteger(L, -1)) {
          log_int(line, name, lua_tointeger(L, -1));
          continue;
        }
        snprintf(number, sizeof number, "%.14g", lua_tonumber(L, -1));
        text = slice_of(number);
        break;
      case LUA_TBOOLEAN: text = slice_of(lua_toboolean(L, -1) ? "true" : "false"); break;
      default: text = slice_of(luaL_typename(L, -1)); break;
    }
    log_str(line, name, text);
  }
}

static int write_line(lua_State *L, enum log_level level) {
  const char *msg = luaL_checkstring(L, 1);
  bool has_fields = !lua_isnoneornil(L, 2);
  if (has_fields) luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checkstack(L, 4, "log");
  struct script_task *task = script_task_or_null(L);
  struct log_line line;
  log_begin(&line, script_generation_of(L)->log, level, msg);
  if (task != NULL) log_str(&line, "id", slice_of(task->id));
  if (has_fields) add_fields(L, &line);
  log_end(&line);
  return 0;
}

static int l_debug(lua_State *L) { return write_line(L, LOG_DEBUG); }
static int l_info(lua_State *L) { return write_line(L, LOG_INFO); }
static int l_warn(lua_State *L) { return write_line(L, LOG_WARN); }
static int l_error(lua_State *L) { return write_line(L, LOG_ERROR); }

int script_open_log(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"debug", l_debug}, {"info", l_info}, {"warn", l_warn}, {"error", l_error}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
