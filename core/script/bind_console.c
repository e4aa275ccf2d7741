/* core.console - standard output of `copp <command>`; elsewhere it raises. */
#include <stdio.h>

#include "script/box.h"
#include "script/host.h"
#include "script/sandbox.h"

static void check_console(lua_State *L) {
  if (!script_task(L)->script->config.has_console)
    luaL_error(L, "core.console belongs to commands");
}

static int l_write(lua_State *L) {
  check_console(L);
  struct slice text = script_check_slice(L, 1);
  fwrite(text.data, 1, text.len, stdout);
  fflush(stdout);
  return 0;
}

/* Is somebody looking: then a progress bar makes sense. */
static int l_is_terminal(lua_State *L) {
  check_console(L);
  lua_pushboolean(L, uv_guess_handle(fileno(stdout)) == UV_TTY);
  return 1;
}

int script_open_console(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"write", l_write}, {"is_terminal", l_is_terminal}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
