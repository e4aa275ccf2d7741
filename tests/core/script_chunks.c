/* Compiled Lua kept between builds: what is taken from it, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/lua_rig.h"

#define TEST(name) static void name(void **state)

static const char BOOT[] =
    "local tree = require('core.tree')\n"
    "local part, word = require('kit.part'), 'kept'\n"
    "local env = { word = word }\n"
    "local shown = tree.kept('@views/x', 'key 1', env)\n"
    "if not shown then word = 'made' shown = tree.keep('@views/x', 'key 1', env, 'return word') end\n"
    "local none, message = tree.keep('@views/y', 'key 2', env, 'return return')\n"
    "assert(none == nil and message:find('views/y:1:'))\n"
    "return { load = function() return {} end,\n"
    "  command = function() return nil, { code = 'x', text = word .. ' ' .. part.name() .. ' ' .. shown() } end }\n";

static struct lua_rig *open_rig(void) {
  struct lua_rig *rig = lua_rig_new(&(struct lua_rig_options){.boot = BOOT});
  lua_rig_write(rig, "tree/lua/kit/part.lua", "return { name = function() return 'first' end }");
  return rig;
}

/* Builds, and tells what the generation says. */
static void expect(struct lua_rig *rig, const char *text) {
  static int number;
  lua_rig_load(rig, ++number);
  struct lua_rig_end end = lua_rig_command(rig, "say");
  if (strstr(end.message, text) == NULL) fail_msg("no '%s' in '%s'", text, end.message);
}

static char *path_of(const struct lua_rig *rig, char path[128]) {
  snprintf(path, 128, "%s/chunks", rig->dir);
  return path;
}

static ino_t file_of(const struct lua_rig *rig) {
  char path[128];
  struct stat info;
  assert_int_equal(stat(path_of(rig, path), &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  return info.st_ino;
}

TEST(a_second_build_compiles_nothing) {
  (void)state;
  struct lua_rig *rig = open_rig();
  expect(rig, "made first kept");
  ino_t file = file_of(rig);
  expect(rig, "kept first kept");
  assert_true(file_of(rig) == file); /* nothing was new, so it was not written */
  lua_rig_free(rig);
}

TEST(a_changed_file_is_compiled_anew) {
  (void)state;
  struct lua_rig *rig = open_rig();
  expect(rig, "first");
  ino_t file = file_of(rig);
  lua_rig_write(rig, "tree/lua/kit/part.lua", "return { name = function() return 'second' end }");
  expect(rig, "kept second");
  assert_false(file_of(rig) == file);
  lua_rig_free(rig);
}

TEST(a_fault_in_kept_code_still_names_file_and_line) {
  (void)state;
  struct lua_rig *rig = open_rig();
  lua_rig_write(rig, "tree/lua/kit/part.lua", "return { name = function()\n error('broken') end }");
  lua_rig_load(rig, 1);
  lua_rig_load(rig, 2);
  struct lua_rig_end end = lua_rig_command(rig, "say");
  if (strstr(end.message, "lua/kit/part.lua:2: broken") == NULL) fail_msg("%s", end.message);
  lua_rig_free(rig);
}

TEST(a_file_that_others_may_write_or_that_is_damaged_is_not_trusted) {
  (void)state;
  struct lua_rig *rig = open_rig();
  char path[128];
  expect(rig, "made");
  assert_int_equal(chmod(path_of(rig, path), 0620), 0);
  expect(rig, "made");
  file_of(rig); /* written anew, for us alone */
  FILE *file = fopen(path, "r+");
  assert_non_null(file);
  fseek(file, -3, SEEK_END);
  fputc('?', file);
  fclose(file);
  expect(rig, "made");
  file = fopen(path, "w");
  fputs("short", file);
  fclose(file);
  expect(rig, "made");
  expect(rig, "kept");
  lua_rig_free(rig);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_second_build_compiles_nothing),
      cmocka_unit_test(a_changed_file_is_compiled_anew),
      cmocka_unit_test(a_fault_in_kept_code_still_names_file_and_line),
      cmocka_unit_test(a_file_that_others_may_write_or_that_is_damaged_is_not_trusted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
