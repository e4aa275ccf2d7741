/* The pattern matcher against Lua's own, on random patterns and subjects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "script/pattern.h"
#include "script/vm.h"

#define TEST(name) static void name(void **state)

/* Makes pairs, asks both, compares results. Lua's side is the original; the other one's functions are passed
 * as `own`. Small alphabets, so that things match; a step limit on the original is not possible, so patterns
 * are short. Errors must come on both sides; "pattern too complex" depends on how deep each recurses. */
static const char DIFFERENTIAL[] =
    "local own, count, seed = ...\n"
    "local function random(n) seed = (seed * 6364136223846793005 + 1442695040888963407) return (seed >> 33) % n + 1 end\n"
    "local ITEMS = { 'a', 'b', 'c', '.', '%a', '%d', '%s', '%w', '%x', '%p', '%l', '%u', '%A', '%D', '%S', '%W', '%%', '%.', '%z', '[ab]', '[^ab]',\n"
    "  '[a-c]', '[%a1]', '[^%s]', '[]]', '[^]]', '[a-]', '[%]]', '[%a-z]', '[a-%]]', '[-a]', '(', ')', '()', '(a)', '(.-)', '(%a+)', '%1', '%2', '%b()', '%bab', '%f[%a]',\n"
    "  '%f[^%a]', '^', '$', '*', '+', '-', '?', '%', '[', ']', '\\0', '%0', '%b', '%f', 'x', '1', '\\xd1', '[\\x80-\\xff]' }\n"
    "local LETTERS = { 'a', 'b', 'c', 'x', '1', ' ', '(', ')', '.', '-', ']', '\\0', '%', 'A', '\\xd1', '\\x8f', 'aa', 'ab' }\n"
    "local REPLACEMENTS = { '', '%0', '%1', '<%0>', '%2', '%%', '%a', 'x', '%', '%9' }\n"
    "local function text(list, most) local t = {} for i = 1, random(most) - 1 do t[i] = list[random(#list)] end return table.concat(t) end\n"
    "local function show(r) for i = 1, r.n do r[i] = math.type(r[i]) == nil and type(r[i]) ~= 'string' and tostring(r[i]) or r[i] end return table.concat(r, '|', 1, r.n) end\n"
    "local function collect(s, p, init, gmatch)\n"
    "  local out = {}\n"
    "  for a, b, c in gmatch(s, p, init) do out[#out + 1] = tostring(a) .. ',' .. tostring(b) .. ',' .. tostring(c) end\n"
    "  return table.concat(out, ';')\n"
    "end\n"
    "local function compare(what, s, p, a, b)\n"
    "  local x, y = table.pack(pcall(table.unpack(a, 1, a.n))), table.pack(pcall(table.unpack(b, 1, b.n)))\n"
    "  if not x[1] and not y[1] then\n"
    "    local left, right = tostring(x[2]), tostring(y[2])\n"
    "    if left:gsub('^.-: ', '') ~= right:gsub('^.-: ', '') and not left:find('complex') and not left:find('invalid use') then\n"
    "      error(('%s(%q, %q): error %s instead of %s'):format(what, s, p, right, left), 0)\n"
    "    end\n"
    "    return\n"
    "  end\n"
    "  if show(x) ~= show(y) then error(('%s(%q, %q): %s instead of %s'):format(what, s, p, show(y), show(x)), 0) end\n"
    "end\n"
    "local pack = table.pack\n"
    "for i = 1, count do\n"
    "  local s, p, init = text(LETTERS, 12), text(ITEMS, 7), random(8) - 4\n"
    "  compare('find', s, p, pack(string.find, s, p, init), pack(own.find, s, p, init))\n"
    "  compare('match', s, p, pack(string.match, s, p, init), pack(own.match, s, p, init))\n"
    "  if i % 3 == 0 then compare('plain', s, p, pack(string.find, s, p, init, true), pack(own.find, s, p, init, true)) end\n"
    "  if i % 3 == 1 then compare('gmatch', s, p, pack(collect, s, p, init, string.gmatch), pack(collect, s, p, init, own.gmatch)) end\n"
    "  if i % 3 == 2 then\n"
    "    local r = REPLACEMENTS[random(#REPLACEMENTS)]\n"
    "    local most = random(4) == 1 and random(3) - 1 or nil\n"
    "    compare('gsub', s, p, pack(string.gsub, s, p, r, most), pack(own.gsub, s, p, r, most))\n"
    "    compare('gsub table', s, p, pack(string.gsub, s, p, { a = 1, b = false, x = 'y' }), pack(own.gsub, s, p, { a = 1, b = false, x = 'y' }))\n"
    "    local function f(a, b) return tostring(a) .. tostring(b) end\n"
    "    compare('gsub function', s, p, pack(string.gsub, s, p, f), pack(own.gsub, s, p, f))\n"
    "  end\n"
    "end\n";

TEST(random_patterns_give_what_lua_gives) {
  (void)state;
  struct script_vm vm = {.limits = {.memory_bytes = 64 << 20}, .deadline_us = UINT64_MAX};
  lua_State *L = luaL_newstate();
  *(struct script_vm **)lua_getextraspace(L) = &vm;
  luaL_openlibs(L);
  if (luaL_loadstring(L, DIFFERENTIAL) != LUA_OK) fail_msg("%s", lua_tostring(L, -1));
  lua_newtable(L);
  script_vm_open_string(L);
  lua_pushinteger(L, 120000);
  lua_pushinteger(L, 20261127);
  if (lua_pcall(L, 3, 0, 0) != LUA_OK) fail_msg("%s", lua_tostring(L, -1));
  lua_close(L);
}

struct budget {
  int left;
};

static bool ask(void *ctx) {
  struct budget *budget = ctx;
  return budget->left-- > 0;
}

TEST(a_pattern_that_backtracks_for_ever_stops_at_its_budget) {
  (void)state;
  static const char *const patterns[] = {".-.-.-.-b", "a*a*a*a*a*a*b", "[a-z]-[a-z]-[a-z]-[^a]",
                                         "%w*%w*%w*%w*%d", "(.-)(.-)(.-)%3%2b"};
  static char subject[100000];
  memset(subject, 'a', sizeof subject);
  for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
    struct budget budget = {100};
    const char *end;
    struct script_pattern p = {
        .subject = {subject, sizeof subject}, .pattern = slice_of(patterns[i]), .more = ask, .ctx = &budget};
    assert_int_equal(script_pattern_match(&p, 0, subject, &end), SCRIPT_PATTERN_STOPPED);
  }
}

TEST(a_deeply_nested_pattern_is_an_error_and_no_overflow) {
  (void)state;
  static char pattern[100001], subject[100000];
  memset(subject, 'a', sizeof subject);
  for (size_t i = 0; i + 1 < sizeof pattern; i += 2) memcpy(pattern + i, "a?", 2);
  const char *end;
  struct script_pattern p = {.subject = {subject, sizeof subject}, .pattern = {pattern, sizeof pattern - 1}};
  assert_int_equal(script_pattern_match(&p, 0, subject, &end), SCRIPT_PATTERN_BROKEN);
  assert_string_equal(p.error, "pattern too complex");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_patterns_give_what_lua_gives),
      cmocka_unit_test(a_pattern_that_backtracks_for_ever_stops_at_its_budget),
      cmocka_unit_test(a_deeply_nested_pattern_is_an_error_and_no_overflow),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
