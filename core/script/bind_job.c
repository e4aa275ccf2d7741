/* core.job - the job that runs this task. */
#include "jobs/jobs.h"
#include "script/box.h"
#include "script/host.h"
#include "script/sandbox.h"

/* progress(done, total [, text]); outside of a job nothing happens. */
static int l_progress(lua_State *L) {
  struct script_task *task = script_task(L);
  lua_Integer done = luaL_checkinteger(L, 1), total = luaL_checkinteger(L, 2);
  luaL_argcheck(L, done >= 0 && done <= INT32_MAX, 1, "out of range");
  luaL_argcheck(L, total >= 0 && total <= INT32_MAX, 2, "out of range");
  if (task->job != NULL) jobs_progress(task->job, (int)done, (int)total, luaL_optstring(L, 3, NULL));
  return 0;
}

/* true when somebody cancelled the job or the worker shuts down: end soon. */
static int l_is_stopping(lua_State *L) {
  lua_pushboolean(L, script_task(L)->must_stop);
  return 1;
}

int script_open_job(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"progress", l_progress}, {"is_stopping", l_is_stopping}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
