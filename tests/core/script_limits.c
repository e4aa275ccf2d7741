/* Limits of a task: time, memory, failing allocations; nothing leaks and the next task runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/lua_rig.h"

#define TEST(name) static void name(void **state)
#define LIMIT_US 100000
#define MARGIN_US 50000

static struct lua_rig *tight_rig(void) {
  return lua_rig_new(&(struct lua_rig_options){
      .command = {.burst_us = LIMIT_US, .total_us = 0, .memory_bytes = 8 << 20}});
}

static void assert_killed(struct lua_rig_end end, const char *word) {
  assert_int_equal(end.exit_code, 1);
  if (strstr(end.message, word) == NULL) fail_msg("no '%s' in: %s", word, end.message);
}

/* Never before its limit; and what it burns beyond it is bounded. CPU time, since on a machine that
 * runs eight builds the wall clock tells of the others. */
static void assert_in_time(struct lua_rig_end end) {
  assert_true(end.us >= LIMIT_US);
  assert_in_range(end.cpu_us, 0, LIMIT_US + MARGIN_US);
}

TEST(an_endless_loop_is_stopped_at_its_limit) {
  (void)state;
  struct lua_rig *rig = tight_rig();
  struct lua_rig_end end = lua_rig_run(rig, "while true do end");
  assert_killed(end, "time limit");
  assert_in_time(end);
  lua_rig_free(rig);
}

TEST(pcall_cannot_swallow_the_time_limit) {
  (void)state;
  static const char *const loops[] = {
      "while true do pcall(function() while true do end end) end",
      "while true do xpcall(function() while true do end end, function(m) return m end) end",
      "local function f() pcall(f) while true do end end while true do pcall(f) end",
      "while true do pcall(pcall, function() while true do end end) end",
  };
  for (size_t i = 0; i < sizeof loops / sizeof *loops; i++) {
    struct lua_rig *rig = tight_rig();
    struct lua_rig_end end = lua_rig_run(rig, loops[i]);
    assert_killed(end, "time limit");
    assert_in_time(end);
    lua_rig_free(rig);
  }
}

TEST(a_nested_coroutine_cannot_hide_from_the_time_limit) {
  (void)state;
  static const char *const loops[] = {
      "local f = coroutine.wrap(function() while true do end end) f()",
      "while true do local c = coroutine.create(function() while true do end end) coroutine.resume(c) end",
      "local c = coroutine.create(function() while true do coroutine.yield() end end)\n"
      "while true do coroutine.resume(c) end",
  };
  for (size_t i = 0; i < sizeof loops / sizeof *loops; i++) {
    struct lua_rig *rig = tight_rig();
    struct lua_rig_end end = lua_rig_run(rig, loops[i]);
    assert_killed(end, "time limit");
    assert_in_time(end);
    lua_rig_free(rig);
  }
}

TEST(after_a_kill_limits_still_hold_for_the_next_tasks) {
  (void)state;
  struct lua_rig *rig = tight_rig();
  for (int i = 0; i < 3; i++) assert_killed(lua_rig_run(rig, "while true do end"), "time limit");
  lua_rig_write(rig, "tree/lua/commands/spin.lua", "return function() while true do end end");
  lua_rig_write(rig, "tree/lua/commands/fine.lua", "return function() return 0 end");
  lua_rig_load(rig, 2);
  for (int i = 0; i < 3; i++) {
    assert_killed(lua_rig_command(rig, "spin"), "time limit");
    assert_int_equal(lua_rig_command(rig, "fine").exit_code, 0);
  }
  lua_rig_free(rig);
}

TEST(a_task_that_eats_memory_ends_and_the_state_lives_on) {
  (void)state;
  static const char *const eaters[] = {
      "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end",
      "local s = 'x' while true do s = s .. s end",
      "local t = {} while true do pcall(function() t[#t + 1] = ('x'):rep(100000) .. #t end) end",
  };
  for (size_t i = 0; i < sizeof eaters / sizeof *eaters; i++) {
    struct lua_rig *rig = lua_rig_new(&(struct lua_rig_options){
        .command = {.burst_us = 20000000, .total_us = 0, .memory_bytes = 8 << 20}});
    struct lua_rig_end end = lua_rig_run(rig, eaters[i]);
    assert_int_equal(end.exit_code, 1);
    assert_non_null(strstr(end.message, "memory"));
    lua_rig_write(rig, "tree/lua/commands/fine.lua",
              "return function() local t = {} for i = 1, 1000 do t[i] = {} end return 0 end");
    assert_int_equal(lua_rig_command(rig, "fine").exit_code, 0);
    assert_true(script_generation(rig->script)->memory.peak < (64u << 20));
    lua_rig_free(rig);
  }
}

TEST(string_rep_neither_hangs_nor_grows_without_bound) {
  (void)state;
  struct lua_rig *rig = tight_rig();
  struct lua_rig_end end = lua_rig_run(rig,
                               "assert((''):rep(1 << 62) == '')\n"
                               "assert(('ab'):rep(3, '-') == 'ab-ab-ab')\n"
                               "assert(not pcall(string.rep, 'x', 1 << 40))\n"
                               "assert(not pcall(string.rep, 'x', 1 << 62, 'yy'))");
  assert_string_equal(end.message, "");
  assert_int_equal(end.exit_code, 0);
  lua_rig_free(rig);
}

/* ---- failing allocations ---- */

static const char WORKLOAD[] =
    "local json, buffer, text = require('core.json'), require('core.buffer'), require('core.text')\n"
    "local b = buffer.new()\n"
    "for i = 1, 5 do b:w('<td>', i, '</td>', 'a & b') end\n"
    "local t = json.decode('{\"a\":[1,2,{\"b\":\"\\\\u0436\"}],\"c\":null}')\n"
    "t.a[#t.a + 1] = text.upper('ёлка')\n"
    "local s = json.encode(t) .. b:string()\n"
    "local ok = pcall(error, { code = 'x' })\n"
    "local f = coroutine.wrap(function(x) local y = coroutine.yield(x) return y .. s end)\n"
    "assert(f(1) == 1 and #f('z') > 10 and not ok)\n"
    "assert(#require('core.crypto').token(16) > 10)\n"
    "require('core.log').info('worked', { n = 1, s = 'x' })\n"
    "require('core.stats').count('tests_total', { kind = 'walk' })\n"
    "local all = text.parse_query('a=1&b=2&a=3')\n"
    "return all.a == '1' and 0 or 1\n";

TEST(every_allocation_of_a_task_may_fail_in_turn) {
  (void)state;
  struct lua_rig *rig = lua_rig_new(&(struct lua_rig_options){0});
  assert_int_equal(lua_rig_run(rig, WORKLOAD).exit_code, 0);
  struct script_memory *memory = &script_generation(rig->script)->memory;
  int failures = 0;
  for (long n = 1; n < 2000; n++) {
    memory->allocations = 0;
    memory->fail_at = n;
    memory->failed = 0;
    struct lua_rig_end end = lua_rig_command(rig, "it");
    memory->fail_at = 0;
    if (memory->failed == 0) break; /* it got through */
    failures++;
    assert_true(end.is_done);
    assert_int_equal(lua_rig_command(rig, "it").exit_code, 0);
  }
  assert_true(failures > 20);
  assert_int_equal(script_task_count(rig->script), 0);
  lua_rig_free(rig);
}

TEST(every_allocation_of_a_build_may_fail_in_turn) {
  (void)state;
  struct lua_rig *rig = lua_rig_new(&(struct lua_rig_options){0});
  struct script_generation *generation = NULL;
  long n = 1;
  for (; generation == NULL && n < 100000; n++) {
    struct script_place place;
    struct error err = {0};
    generation = lua_rig_build(rig, 1, n, &place, &err);
    if (generation == NULL) assert_true(err.text[0] != '\0');
  }
  assert_non_null(generation);
  assert_true(n > 100);
  script_generation_unref(generation);
  lua_rig_free(rig);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_endless_loop_is_stopped_at_its_limit),
      cmocka_unit_test(pcall_cannot_swallow_the_time_limit),
      cmocka_unit_test(a_nested_coroutine_cannot_hide_from_the_time_limit),
      cmocka_unit_test(after_a_kill_limits_still_hold_for_the_next_tasks),
      cmocka_unit_test(a_task_that_eats_memory_ends_and_the_state_lives_on),
      cmocka_unit_test(string_rep_neither_hangs_nor_grows_without_bound),
      cmocka_unit_test(every_allocation_of_a_task_may_fail_in_turn),
      cmocka_unit_test(every_allocation_of_a_build_may_fail_in_turn),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
