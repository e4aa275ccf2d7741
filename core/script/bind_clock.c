/* core.clock - time. The zone is the region's: TZ of the process. */
#include <time.h>

#include "base/clock.h"
#include "script/box.h"
#include "script/sandbox.h"

static int l_now(lua_State *L) {
  lua_pushnumber(L, (double)clock_realtime_us() / 1e6);
  return 1;
}

static int l_monotonic_us(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)clock_monotonic_us());
  return 1;
}

static int push_time(lua_State *L, time_t seconds, const char *format) {
  struct tm parts;
  char text[40];
  if (localtime_r(&seconds, &parts) == NULL) return luaL_error(L, "time out of range");
  lua_pushlstring(L, text, strftime(text, sizeof text, format, &parts));
  return 1;
}

static int l_date(lua_State *L) {
  return push_time(L, (time_t)(clock_realtime_us() / 1000000), "%Y-%m-%d");
}

static int l_local_time(lua_State *L) {
  lua_Number epoch = luaL_optnumber(L, 1, (double)clock_realtime_us() / 1e6);
  luaL_argcheck(L, epoch >= -62135596800.0 && epoch <= 253402300799.0, 1, "time out of range");
  return push_time(L, (time_t)epoch, "%Y-%m-%d %H:%M:%S");
}

int script_open_clock(lua_State *L) {
  static const luaL_Reg functions[] = {{"now", l_now},
                                       {"monotonic_us", l_monotonic_us},
                                       {"date", l_date},
                                       {"local_time", l_local_time},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
