/* core.sheet - writing XLSX with constant memory (libxlsxwriter). Text stays text, so leading zeros
 * are kept; only Lua numbers become numbers. */
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "script/box.h"
#include "script/host.h"
#include "script/sandbox.h"
#include "script/work.h"

#define SHEET "core.sheet.writer"
#define ROWS_MAX 1048576
#define COLUMNS_MAX 256
#define CELL_MAX 32767 /* characters of a cell, by the format */

struct sheet {
  lxw_workbook *book;
  lxw_worksheet *page;
  lxw_format *head;
  lxw_row_t row;
  int columns;
  char *tmp_dir; /* owned; the library keeps the pointer */
};

static struct sheet *check_sheet(lua_State *L) {
  struct sheet *sheet = luaL_checkudata(L, 1, SHEET);
  if (sheet->book == NULL) luaL_error(L, "this sheet is closed");
  return sheet;
}

/* Closing is the only way to free a workbook; given up, it goes to its own path and is ignored. */
static int l_free(lua_State *L) {
  struct sheet *sheet = luaL_checkudata(L, 1, SHEET);
  if (sheet->book != NULL) lxw_workbook_free(sheet->book);
  sheet->book = NULL;
  free(sheet->tmp_dir);
  sheet->tmp_dir = NULL;
  return 0;
}

static void set_column(lua_State *L, struct sheet *sheet, int column) { /* description on top */
  double width = 18;
  if (lua_istable(L, -1)) {
    if (lua_getfield(L, -1, "width") == LUA_TNUMBER) width = lua_tonumber(L, -1);
    lua_pop(L, 1);
    lua_getfield(L, -1, "title");
  } else {
    lua_pushvalue(L, -1);
  }
  const char *title = luaL_checkstring(L, -1);
  worksheet_set_column(sheet->page, (lxw_col_t)column, (lxw_col_t)column, width, NULL);
  worksheet_write_string(sheet->page, 0, (lxw_col_t)column, title, sheet->head);
  lua_pop(L, 1);
}

static void begin_book(lua_State *L, struct sheet *sheet, const char *path) {
  sheet->tmp_dir = mem_dup(lua_tostring(L, -1));
  lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = sheet->tmp_dir};
  sheet->book = workbook_new_opt(path, &options);
  if (sheet->book == NULL) luaL_error(L, "cannot begin a workbook");
  sheet->page = workbook_add_worksheet(sheet->book, NULL);
  sheet->head = workbook_add_format(sheet->book);
  format_set_bold(sheet->head);
  format_set_text_wrap(sheet->head);
  worksheet_freeze_panes(sheet->page, 1, 0);
}

/* open(path, {"title" or {title =, width =}, …}) → writer */
static int l_open(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_Integer columns = luaL_len(L, 2);
  luaL_argcheck(L, columns >= 1 && columns <= COLUMNS_MAX, 2, "1 to 256 columns expected");
  struct sheet *sheet = lua_newuserdatauv(L, sizeof *sheet, 0);
  *sheet = (struct sheet){.columns = (int)columns, .row = 1};
  luaL_setmetatable(L, SHEET);
  lua_pushfstring(L, "%s/tmp", script_task(L)->script->config.data_dir);
  begin_book(L, sheet, path);
  lua_pop(L, 1);
  for (int i = 0; i < sheet->columns; i++) {
    lua_geti(L, 2, i + 1);
    set_column(L, sheet, i);
    lua_pop(L, 1);
  }
  return 1;
}

static void write_cell(lua_State *L, struct sheet *sheet, lxw_col_t column) { /* value on top */
  size_t len;
  const char *text;
  switch (lua_type(L, -1)) {
    case LUA_TNIL: return;
    case LUA_TNUMBER:
      worksheet_write_number(sheet->page, sheet->row, column, lua_tonumber(L, -1), NULL);
      return;
    case LUA_TBOOLEAN:
      worksheet_write_string(sheet->page, sheet->row, column, lua_toboolean(L, -1) ? "да" : "нет",
                             NULL);
      return;
    default: break;
  }
  text = luaL_tolstring(L, -1, &len);
  if (utf8_count(text, len) > CELL_MAX) luaL_error(L, "a cell holds at most 32767 characters");
  worksheet_write_string(sheet->page, sheet->row, column, text, NULL);
  lua_pop(L, 1);
}

/* w:row(values): values by column number; nil leaves a cell empty. */
static int l_row(lua_State *L) {
  struct sheet *sheet = check_sheet(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  if (sheet->row >= ROWS_MAX) return luaL_error(L, "a sheet holds at most 1048576 rows");
  for (int i = 0; i < sheet->columns; i++) {
    lua_rawgeti(L, 2, i + 1);
    write_cell(L, sheet, (lxw_col_t)i);
    lua_pop(L, 1);
  }
  sheet->row++;
  return 0;
}

struct close_work {
  struct script_work base;
  lxw_workbook *book;
  char *tmp_dir;
};

static void run_close(struct script_work *base) {
  struct close_work *work = (struct close_work *)base;
  lxw_error status = workbook_close(work->book); /* frees it in any case */
  work->book = NULL;
  if (status != LXW_NO_ERROR) error_set(&base->err, ERR_IO, "%s", lxw_strerror(status));
}

static void free_close(struct script_work *base) {
  struct close_work *work = (struct close_work *)base;
  if (work->book != NULL) lxw_workbook_free(work->book);
  free(work->tmp_dir);
}

static int finish_close(lua_State *L, int status, lua_KContext ctx) {
  struct close_work *work = script_work_of(L);
  (void)status, (void)ctx;
  if (work->base.err.code != ERR_NONE) return script_fail(L, &work->base.err);
  lua_pushboolean(L, 1);
  return 1;
}

static int l_close(lua_State *L) {
  struct sheet *sheet = check_sheet(L);
  script_task_that_waits(L);
  struct close_work *work = script_work_new(L, sizeof *work, run_close, free_close);
  work->book = sheet->book;
  work->tmp_dir = sheet->tmp_dir;
  sheet->book = NULL;
  sheet->tmp_dir = NULL;
  return script_work_start(L, &work->base, finish_close);
}

int script_open_sheet(lua_State *L) {
  static const luaL_Reg functions[] = {{"open", l_open}, {NULL, NULL}};
  static const luaL_Reg methods[] = {
      {"row", l_row}, {"close", l_close}, {"__gc", l_free}, {NULL, NULL}};
  luaL_newmetatable(L, SHEET);
  luaL_setfuncs(L, methods, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
