/* core.rules: packs in sandboxed states, their limits, and what crosses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "support/lua_rig.h"

#define TEST(name) static void name(void **state)

/* Helpers that each piece of Lua below may use. */
static const char PRELUDE[] =
    "local rules = require('core.rules')\n"
    "local function pack_of(text, options)\n"
    "  options = options or {}\n"
    "  options.name = options.name or 'test@1'\n"
    "  options.chunks = options.chunks or { { name = 'rules/it.lua', text = text } }\n"
    "  return rules.load(options)\n"
    "end\n"
    "local function same(a, b, what)\n"
    "  if a ~= b then error((what or '') .. ': ' .. tostring(a) .. ' instead of ' .. tostring(b), 2) end\n"
    "end\n";

static void run(const char *lua) {
  struct lua_rig *rig = lua_rig_new(&(struct lua_rig_options){0});
  char text[8192];
  snprintf(text, sizeof text, "%s%s", PRELUDE, lua);
  struct lua_rig_end end = lua_rig_run(rig, text);
  if (end.exit_code != 0 || end.message[0] != '\0') fail_msg("%s", end.message);
  lua_rig_free(rig);
}

TEST(a_decision_comes_back_with_the_line_that_gave_it) {
  (void)state;
  run("local pack = assert(pack_of([[\n"
      "local guards = {}\n"
      "local function adult(ctx) return ctx.age >= 18 end\n"
      "function guards.age(ctx)\n"
      "  if adult(ctx) then return true end\n"
      "  return false, { code = 'young', text = 'Рано', ages = { ctx.age, 18 } }\n"
      "end\n"
      "guards.deep = { er = guards.age }\n"
      "function guards.tail(ctx) return guards.age(ctx) end\n"
      "function guards.nothing() end\n"
      "return guards]]))\n"
      "local out, record = pack:call('rules.it', 'age', { age = 20 })\n"
      "same(out.n, 1) same(out[1], true) same(record.line, 4) same(record.chunk, 'rules/it.lua')\n"
      "assert(record.us >= 0 and record.us < 1000000)\n"
      "out, record = pack:call('rules.it', 'deep.er', { age = 10 })\n"
      "same(out.n, 2) same(out[1], false) same(out[2].code, 'young') same(out[2].ages[2], 18) same(record.line, 5)\n"
      "same(out[2].text, 'Рано')\n"
      "out, record = pack:call('rules.it', 'tail', { age = 10 }) same(record.line, 5)\n"
      "out, record = pack:call('rules.it', 'nothing') same(out.n, 0)\n"
      "pack:close()\n"
      "assert(not pcall(pack.call, pack, 'rules.it', 'age'))\n");
}

TEST(modules_of_a_pack_see_each_other_and_nothing_else) {
  (void)state;
  run("local function two(a, b) return { { name = 'rules/a.lua', text = a }, { name = 'rules/b.lua', text = b } } end\n"
      "local pack = assert(pack_of(nil, { chunks = two(\"return { n = require('rules.b').n + 1, f = print }\", 'return { n = 1 }') }))\n"
      "local value = pack:value('rules.a') same(value.n, 2) same(value.f, 'function')\n"
      "local none, err = pack_of(nil, { chunks = two(\"return require('rules.b')\", \"return require('rules.a')\") })\n"
      "same(none, nil) same(err.kind, 'runtime') assert(err.text:find('itself')) same(err.line, 1)\n"
      "none, err = pack_of(\"return require('core.db')\") same(err.kind, 'runtime') assert(err.text:find('not a part'))\n"
      "none, err = pack:call('rules.z', 'f') same(err.kind, 'runtime')\n"
      "none, err = pack:call('rules.a', 'g.h') same(err.kind, 'runtime') assert(err.text:find('no function'))\n"
      "assert(not pcall(rules.load, { name = 'x', chunks = { { name = 'a', text = '' }, { name = 'a', text = '' } } }))\n");
}

TEST(faults_are_named_with_chunk_and_line) {
  (void)state;
  run("local none, err = pack_of('local x =\\n\\n= 1')\n"
      "same(err.kind, 'syntax') same(err.chunk, 'rules/it.lua') same(err.line, 3) assert(not err.text:find('rules/'))\n"
      "none, err = pack_of('\\27Lua') same(err.kind, 'syntax')\n"
      "local pack = assert(pack_of([[\n"
      "local it = {}\n"
      "local function deep(x) return x.y.z end\n"
      "function it.fail(x) local r = deep({}) return r end\n"
      "function it.raise() error({ code = 1 }) end\n"
      "function it.bad() return print end\n"
      "function it.cycle() local t = {} t.t = t return t end\n"
      "function it.deep() local t = {} for _ = 1, 100 do t = { t } end return t end\n"
      "function it.wide() local t = {} for i = 1, 100000 do t[i] = i end return t end\n"
      "function it.echo(x) return x end\n"
      "return it]]))\n"
      "none, err = pack:call('rules.it', 'fail')\n"
      "same(err.kind, 'runtime') same(err.line, 2) same(err.traceback[2], 'rules/it.lua:3') assert(err.text:find('index'))\n"
      "none, err = pack:call('rules.it', 'raise') same(err.kind, 'runtime') same(err.text, 'an error that is a table')\n"
      "none, err = pack:call('rules.it', 'bad') same(err.kind, 'result')\n"
      "none, err = pack:call('rules.it', 'cycle') same(err.kind, 'result')\n"
      "none, err = pack:call('rules.it', 'deep') same(err.kind, 'depth')\n"
      "none, err = pack:call('rules.it', 'wide') same(err.kind, 'output')\n"
      "none, err = pack:call('rules.it', 'echo', same) same(err.kind, 'result')\n"
      "local out = pack:call('rules.it', 'echo', { 1, 2.5, 0/0, 1/0, 'x\\0y', { [true] = 1, [2.5] = 2 }, require('core.json').null })\n"
      "local v = out[1] same(v[1], 1) same(math.type(v[1]), 'integer') same(v[2], 2.5) assert(v[3] ~= v[3]) same(v[4], 1/0)\n"
      "same(v[5], 'x\\0y') same(v[6][true], 1) same(v[6][2.5], 2) same(v[7], nil)\n");
}

TEST(a_limit_cannot_be_swallowed_and_the_next_call_works) {
  (void)state;
  run("local pack = assert(pack_of([[\n"
      "local it = {}\n"
      "local function spin() while true do end end\n"
      "function it.spin() spin() end\n"
      "function it.pcall() while true do pcall(spin) end end\n"
      "function it.xpcall() while true do xpcall(spin, function() return spin() end) end end\n"
      "function it.coroutine() while true do coroutine.resume(coroutine.create(spin)) end end\n"
      "function it.wrap() while true do pcall(coroutine.wrap(spin)) end end\n"
      "function it.sort() pcall(table.sort, {3, 2, 1}, spin) spin() end\n"
      "function it.gsub() pcall(string.gsub, 'aaa', 'a', spin) spin() end\n"
      "function it.index() local t = setmetatable({}, { __index = spin }) while true do pcall(function() return t.x end) end end\n"
      "function it.pattern() return ('a'):rep(3000):find(('a-'):rep(20) .. 'b') end\n"
      "function it.concat() return table.concat({}, '', 1, 1 << 62) end\n"
      "function it.move() return table.move({}, 1, 1 << 62, 2) end\n"
      "function it.fine() return 'fine' end\n"
      "return it]], { ms = 30 }))\n"
      "local clock = require('core.clock')\n"
      "for _, name in ipairs{ 'spin', 'pcall', 'xpcall', 'coroutine', 'wrap', 'sort', 'gsub', 'index', 'pattern', 'move' } do\n"
      "  local began = clock.monotonic_us()\n"
      "  local none, err = pack:call('rules.it', name)\n"
      "  same(none, nil, name) same(err.kind, 'time', name)\n"
      "  assert(clock.monotonic_us() - began >= 30000, name)\n"
      "  same(pack:call('rules.it', 'fine')[1], 'fine', name)\n"
      "end\n"
      "local none, err = pack:call('rules.it', 'concat') same(err.kind, 'runtime')\n");
}

TEST(memory_and_depth_and_output_end_a_call) {
  (void)state;
  run("local pack = assert(pack_of([[\n"
      "local it = {}\n"
      "function it.eat() local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end end\n"
      "function it.double() local s = 'x' while true do s = s .. s end end\n"
      "function it.rep() return #('x'):rep(1 << 40) end\n"
      "function it.hide() while true do pcall(it.eat) end end\n"
      "function it.hide2() while true do coroutine.resume(coroutine.create(it.eat)) end end\n"
      "function it.recurse() local function f() return 1 + f() end return f() end\n"
      "function it.recurse2() local function f() return (pcall(f)) end while true do f() end end\n"
      "function it.index() local t = {} setmetatable(t, { __index = function(_, k) return t[k + 1] end }) return t[1] end\n"
      "function it.print() while true do print('x') end end\n"
      "function it.print2() while true do pcall(print, ('x'):rep(10000)) end end\n"
      "function it.fine() return 'fine' end\n"
      "return it]], { memory = 1 << 20, ms = 2000, output = 100000 }))\n"
      "local want = { eat = 'memory', double = 'memory', rep = 'memory', hide = 'memory', hide2 = 'memory', recurse = 'memory',\n"
      "  recurse2 = 'depth', index = 'depth', print = 'output', print2 = 'output' }\n"
      "for name, kind in pairs(want) do\n"
      "  local none, err = pack:call('rules.it', name)\n"
      "  same(none, nil, name) same(err.kind, kind, name)\n"
      "  same(pack:call('rules.it', 'fine')[1], 'fine', name)\n"
      "end\n");
}

TEST(a_map_answers_each_and_goes_on_after_a_fault) {
  (void)state;
  run("local pack = assert(pack_of([[\n"
      "return { half = function(x)\n"
      "  if x == 3 then while true do end end\n"
      "  if x == 4 then error('four') end\n"
      "  return x // 2\n"
      "end }]], { ms = 10 }))\n"
      "local out = pack:map('rules.it', 'half', { 2, 3, 4, 8 })\n"
      "same(out[1][1], 1) same(out[1].line, 4) same(out[2].error.kind, 'time') same(out[3].error.text, 'four')\n"
      "same(out[3].error.line, 3) same(out[4][1], 4)\n");
}

TEST(lines_are_counted_when_asked_for) {
  (void)state;
  run("local pack = assert(pack_of([[\n"
      "return { f = function(x)\n"
      "  if x then\n"
      "    return 1\n"
      "  end\n"
      "  return 2\n"
      "end }]]))\n"
      "same(next(pack:lines()), nil)\n"
      "pack:coverage(true)\n"
      "pack:call('rules.it', 'f', true) pack:call('rules.it', 'f', true) pack:call('rules.it', 'f', false)\n"
      "local lines = pack:lines()['rules/it.lua']\n"
      "same(lines[2], 3) same(lines[3], 2) same(lines[5], 1) same(lines[1], 1)\n"
      "pack:coverage(false) same(next(pack:lines()), nil)\n"
      "pack = assert(pack_of([[\n"
      "local it = {}\n"
      "\n"
      "-- nobody calls this\n"
      "function it.idle(x)\n"
      "  local y = function()\n"
      "    return x\n"
      "  end\n"
      "  return y\n"
      "end\n"
      "return it]]))\n"
      "pack:coverage(true) pack:call('rules.it', 'none')\n"
      "local found = {} for line, hits in pairs(pack:lines()['rules/it.lua']) do found[#found + 1] = line .. '=' .. hits end\n"
      "table.sort(found, function(a, b) return tonumber(a:match('%d+')) < tonumber(b:match('%d+')) end)\n"
      "same(table.concat(found, ' '), '1=1 4=1 6=0 7=0 8=0 9=1 10=1')\n");
}

TEST(the_environment_is_what_is_listed_and_cannot_be_changed) {
  (void)state;
  run("local pack = assert(pack_of([[\n"
      "local names = {}\n"
      "for name in pairs(_G) do names[#names + 1] = name end\n"
      "local absent = io or os or debug or package or load or loadstring or dofile or loadfile or collectgarbage or warn\n"
      "  or string.dump or coroutine.close or math.random or rawget(_G, 'x')\n"
      "local faults = {}\n"
      "local function refuses(name, f, ...) if pcall(f, ...) then faults[#faults + 1] = name end end\n"
      "refuses('global', function() x = 1 end)\n"
      "refuses('string', function() string.x = 1 end)\n"
      "refuses('rawset', rawset, string, 'x', 1)\n"
      "refuses('env', function() _G.print = 1 end)\n"
      "refuses('setmetatable', setmetatable, string, {})\n"
      "refuses('text', function() getmetatable('').__index = {} end)\n"
      "refuses('insert', table.insert, string, 1)\n"
      "for _, name in ipairs{ '__gc', '__close', '__concat', '__mode', '__metatable', '__len' } do\n"
      "  refuses(name, setmetatable, {}, { [name] = print })\n"
      "end\n"
      "local mt = { __index = { a = 1 } }\n"
      "local object = setmetatable({}, mt)\n"
      "mt.__concat = function() return 'x' end\n"
      "mt.__close = function() end\n"
      "refuses('late __concat', function() return object .. 'x' end)\n"
      "if object.a ~= 1 or getmetatable(object) ~= mt then faults[#faults + 1] = 'metatable' end\n"
      "if tostring({}) ~= 'table' or string.format('%s', print) ~= 'function' then faults[#faults + 1] = 'address' end\n"
      "refuses('%p', string.format, '%p', {})\n"
      "if '10' + 5 ~= 15 or ('%5.1f|%d'):format(1.25, 3) ~= '  1.2|3' then faults[#faults + 1] = 'arithmetic' end\n"
      "if utf8.upper('ёлка z') ~= 'ЁЛКА Z' then faults[#faults + 1] = 'upper' end\n"
      "return { names = table.concat(names, ' '), absent = absent, faults = table.concat(faults, ', ') }]]))\n"
      "local value = pack:value('rules.it')\n"
      "same(value.faults, '') same(value.absent, nil)\n"
      "same(value.names, '_G _VERSION assert coroutine error getmetatable ipairs math next pairs pcall print rawequal rawget rawlen '\n"
      "  .. 'rawset require select setmetatable string table tonumber tostring type utf8 xpcall')\n");
}

TEST(tables_are_walked_in_the_order_of_their_keys) {
  (void)state;
  run("local text = [[\n"
      "local t, keys = { 'a', 'b' }, {}\n"
      "for i = 40, 1, -1 do t['k' .. i] = i end\n"
      "t[-1], t[2.5], t[true] = 1, 2, 3\n"
      "for k in pairs(t) do keys[#keys + 1] = tostring(k) t[k] = nil end\n"
      "local k, more = nil, { x = 1, y = 2, 5 }\n"
      "repeat k = next(more, k) keys[#keys + 1] = tostring(k) until k == nil\n"
      "for i, v in pairs({ 7, 8 }) do keys[#keys + 1] = i .. v end\n"
      "return table.concat(keys, ' ')]]\n"
      "local first = assert(pack_of(text)):value('rules.it')\n"
      "assert(first:find('^%-1 1 2 2.5 k1 k10 k11'), first) assert(first:find('true 1 x y nil 17 28$'), first)\n"
      "for _ = 1, 5 do same(assert(pack_of(text)):value('rules.it'), first) end\n");
}

TEST(sorting_is_stable_whatever_the_comparator_does) {
  (void)state;
  run("local pack = assert(pack_of([[\n"
      "local t = {}\n"
      "for i = 1, 100 do t[i] = { key = (i * 7) % 5, at = i } end\n"
      "table.sort(t, function(a, b) return a.key < b.key end)\n"
      "for i = 2, 100 do\n"
      "  assert(t[i - 1].key < t[i].key or t[i - 1].key == t[i].key and t[i - 1].at < t[i].at)\n"
      "end\n"
      "table.sort(t, function() return true end)\n"
      "table.sort(t, function() t[1] = nil return false end)\n"
      "assert(not pcall(table.sort, t, function() error('x') end))\n"
      "assert(not pcall(table.sort, { 1, 'x' }))\n"
      "local n = {} for i = 1, 1000 do n[i] = (i * 7919) % 1009 end\n"
      "table.sort(n) for i = 2, 1000 do assert(n[i - 1] <= n[i]) end\n"
      "assert(table.concat({ 1, 2, 3 }, '-') == '1-2-3' and table.concat({}, 'x') == '')\n"
      "local r = { 1, 2, 3 } assert(table.remove(r, 1) == 1 and #r == 2 and table.remove(r) == 3 and table.remove({}) == nil)\n"
      "table.insert(r, 1, 9) assert(r[1] == 9 and r[2] == 2) assert(not pcall(table.insert, r, 5, 1))\n"
      "assert(select('#', table.unpack({ 1, nil, 3 }, 1, 3)) == 3) assert(not pcall(table.unpack, {}, 1, 1e8))\n"
      "assert(table.pack(1, nil).n == 2) assert(table.move({ 1, 2, 3 }, 2, 3, 1)[1] == 2)\n"
      "return 'done']]))\n"
      "same(pack:value('rules.it'), 'done')\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_decision_comes_back_with_the_line_that_gave_it),
      cmocka_unit_test(modules_of_a_pack_see_each_other_and_nothing_else),
      cmocka_unit_test(faults_are_named_with_chunk_and_line),
      cmocka_unit_test(a_limit_cannot_be_swallowed_and_the_next_call_works),
      cmocka_unit_test(memory_and_depth_and_output_end_a_call),
      cmocka_unit_test(a_map_answers_each_and_goes_on_after_a_fault),
      cmocka_unit_test(lines_are_counted_when_asked_for),
      cmocka_unit_test(the_environment_is_what_is_listed_and_cannot_be_changed),
      cmocka_unit_test(tables_are_walked_in_the_order_of_their_keys),
      cmocka_unit_test(sorting_is_stable_whatever_the_comparator_does),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
