/* core.rows - rows of a table that people sent (sheet/reader.h). */
#include <stdlib.h>

#include "base/mem.h"
#include "script/box.h"
#include "script/sandbox.h"
#include "script/work.h"
#include "sheet/reader.h"

#define ROWS "core.rows.reader"

struct rows_box {
  struct sheet_reader *reader; /* owned; NULL when it has ended */
};

struct open_work {
  struct script_work base;
  char *path;                  /* owned */
  struct sheet_reader *reader; /* owned until the box takes it */
};

static void run_open(struct script_work *base) {
  struct open_work *work = (struct open_work *)base;
  (void)!sheet_reader_open(work->path, &work->reader, &base->err);
}

static void free_open(struct script_work *base) {
  struct open_work *work = (struct open_work *)base;
  free(work->path);
  sheet_reader_free(work->reader);
}

static int finish_open(lua_State *L, int status, lua_KContext ctx) {
  struct open_work *work = script_work_of(L);
  (void)status, (void)ctx;
  if (work->base.err.code != ERR_NONE) return script_fail(L, &work->base.err);
  struct rows_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->reader = NULL;
  luaL_setmetatable(L, ROWS);
  box->reader = work->reader;
  work->reader = NULL;
  return 1;
}

/* open(path) → reader; the file is looked through once in the thread pool. */
static int l_open(lua_State *L) {
  const char *path = script_check_path(L, 1);
  script_task_that_waits(L);
  struct open_work *work = script_work_new(L, sizeof *work, run_open, free_open);
  work->path = mem_dup(path);
  return script_work_start(L, &work->base, finish_open);
}

static int l_close(lua_State *L) {
  struct rows_box *box = luaL_checkudata(L, 1, ROWS);
  sheet_reader_free(box->reader);
  box->reader = NULL;
  return 0;
}

static void push_cells(lua_State *L, const struct sheet_row *row) {
  size_t begin = 0;
  lua_createtable(L, row->count, 0);
  for (int i = 0; i < row->count; i++) {
    lua_pushlstring(L, row->text.data != NULL ? row->text.data + begin : "", row->ends[i] - begin);
    lua_rawseti(L, -2, i + 1);
    begin = row->ends[i];
  }
}

/* r:next() → number, cells; nothing at the end; nil, err when the file is broken. */
static int l_next(lua_State *L) {
  struct rows_box *box = luaL_checkudata(L, 1, ROWS);
  struct error err = {0};
  if (box->reader == NULL) return 0;
  switch (sheet_reader_next(box->reader, &err)) {
    case SHEET_ROW: {
      const struct sheet_row *row = sheet_reader_row(box->reader);
      lua_pushinteger(L, row->number);
      push_cells(L, row);
      return 2;
    }
    case SHEET_END: return l_close(L);
    case SHEET_FAILED: break;
  }
  l_close(L);
  return script_fail(L, &err);
}

int script_open_rows(lua_State *L) {
  static const luaL_Reg functions[] = {{"open", l_open}, {NULL, NULL}};
  static const luaL_Reg methods[] = {
      {"next", l_next}, {"close", l_close}, {"__gc", l_close}, {NULL, NULL}};
  luaL_newmetatable(L, ROWS);
  luaL_setfuncs(L, methods, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
