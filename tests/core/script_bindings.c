/* Bindings without a database: JSON, text, buffer, crypto, files, sheets, processes, settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/lua_rig.h"

#define TEST(name) static void name(void **state)

static void run_well(const char *lua) {
  struct lua_rig *rig = lua_rig_new(&(struct lua_rig_options){0});
  struct lua_rig_end end = lua_rig_run(rig, lua);
  if (end.exit_code != 0) fail_msg("%s", end.message);
  lua_rig_free(rig);
}

TEST(json_keeps_what_it_is_given) {
  (void)state;
  run_well("local json = require('core.json')\n"
           "local function same(text) assert(json.encode(assert(json.decode(text))) == text, text) end\n"
           "same('[]') same('{}') same('[[],{}]') same('{\"a\":[]}') same('null') same('[null,1]')\n"
           "same('-9223372036854775808') same('0.1') same('1e+300') same('\"\\\\u0001\"') same('true')\n"
           "assert(json.encode(2.0) == '2' and json.encode({ 1, 2 }) == '[1,2]' and json.encode({}) == '{}')\n"
           "assert(json.encode(json.array({})) == '[]' and json.encode(json.object({})) == '{}')\n"
           "assert(json.encode({ x = json.raw('[1]') }) == '{\"x\":[1]}')\n"
           "assert(json.decode('\"\\\\ud83d\\\\ude00\"') == '\\u{1F600}')\n"
           "local list = json.decode('[1]') list[1] = nil assert(json.encode(list) == '[]')\n"
           "for _, bad in ipairs({ { 1, x = 2 }, { [2] = 1 }, 0 / 0, math.huge, pcall, { f = function() end } }) do\n"
           "  assert(not pcall(json.encode, bad)) end\n"
           "local loop = {} loop.x = loop assert(not pcall(json.encode, loop))\n"
           "return 0");
}

TEST(json_refuses_what_is_not_json) {
  (void)state;
  run_well("local json = require('core.json')\n"
           "for _, bad in ipairs({ '', ' ', '[1,]', '{\"a\":1,}', '{a:1}', '01', '1.', '.5', '+1', '1e', 'nul', '[1] x',\n"
           "  '\"\\n\"', '\"\\\\x\"', '\"\\\\ud800\"', '\"\\xff\"', '[', '{\"a\"', '{\"a\":', '\"abc', '-', 'NaN',\n"
           "  ('['):rep(65) .. (']'):rep(65) }) do\n"
           "  local v, err = json.decode(bad) assert(v == nil and err.code == 'invalid', bad) end\n"
           "assert(json.decode(('['):rep(64) .. (']'):rep(64)))\n"
           "return 0");
}

TEST(text_counts_characters_and_folds_case) {
  (void)state;
  run_well("local text = require('core.text')\n"
           "assert(text.upper('ёж и Як') == 'ЁЖ И ЯК' and text.lower('ЁЖ') == 'ёж' and text.fold('ЁЛКА') == 'елка')\n"
           "assert(text.len('ёж') == 2 and text.sub('привет', 2, 3) == 'ри' and text.sub('привет', -2) == 'ет')\n"
           "assert(text.sub('абв', 0) == 'абв' and text.sub('абв', 4) == '' and text.sub('абв', 2, 1) == '')\n"
           "assert(text.sub('абв', -9, 2) == 'аб' and text.sub('абв', 1, -9) == '')\n"
           "assert(text.trim('\\u{FEFF} \\u{A0}x y\\u{A0}\\t\\n') == 'x y' and text.trim('  ') == '' and text.trim('р') == 'р')\n"
           "assert(text.is_valid('ж') and not text.is_valid('\\xff'))\n"
           "assert(text.escape('<a href=\"x\">&') == '&lt;a href=&quot;x&quot;&gt;&amp;')\n"
           "assert(text.url_encode('а b') == '%D0%B0%20b' and text.url_decode('%D0%B0+b') == 'а b')\n"
           "local first, all = text.parse_query('a=1&b=%D0%B6&a=2&c')\n"
           "assert(first.a == '1' and first.b == 'ж' and first.c == '' and all.a[2] == '2' and #all.a == 2)\n"
           "local none, err = text.parse_query('a=%zz') assert(none == nil and err.code == 'invalid')\n"
           "none, err = text.parse_query('a=%ff') assert(none == nil and err.code == 'invalid')\n"
           "assert(text.parse_query('%00=1') == nil)\n"
           "for _, good in ipairs{ '/', '/a', '/a:b', 'a/b:c', '?x=a:b', '#x', 'https://a.ru', 'HTTP://A.RU:8080/', 'mailto:a@b.ru', 'tel:+7', '' } do\n"
           "  assert(text.link(good) == good, good) end\n"
           "for _, evil in ipairs{ 'javascript:x', 'JaVaScRiPt:x', ' javascript:x', 'java\\tscript:x', 'data:text/html,x', '//evil.ru', '/\\\\evil.ru',\n"
           "  '/\\t/evil.ru', 'x\\\\y', 'mailto:a:b', ':', '\\0javascript:x', 'x\\127' } do assert(text.link(evil) == '#', evil) end\n"
           "assert(text.link(nil) == nil and text.link(false) == nil and text.link(5) == '5')\n"
           "local cookies = text.parse_cookies('x=1; y=2; x=3') assert(cookies.x == '1' and cookies.y == '2')\n"
           "assert(next(text.parse_cookies(nil)) == nil)\n"
           "return 0");
}

TEST(crypto_hashes_and_checks) {
  (void)state;
  run_well("local crypto = require('core.crypto')\n"
           "assert(crypto.sha256('abc'):sub(1, 8) == 'ba7816bf' and #crypto.hmac_sha256('k', 'x') == 64)\n"
           "assert(#crypto.token(32) == 43 and crypto.equal('a', 'a') and not crypto.equal('a', 'b'))\n"
           "for _ = 1, 100 do local n = crypto.random_int(3) assert(n >= 1 and n <= 3) end\n"
           "local sealed = crypto.seal('name', 'сек\\0рет')\n"
           "assert(crypto.unseal('name', sealed) == 'сек\\0рет' and not sealed:find('сек'))\n"
           "local none, fault = crypto.unseal('other', sealed) assert(none == nil and fault.code == 'invalid')\n"
           "local stored = assert(crypto.password_hash('секрет'))\n"
           "assert(crypto.password_verify('секрет', stored) == true)\n"
           "assert(crypto.password_verify('другой', stored) == false)\n"
           "assert(crypto.password_verify('любой', nil) == false)\n"
           "assert(not pcall(crypto.token, 0) and not pcall(crypto.random_int, 0))\n"
           "return 0");
}

TEST(a_qr_code_is_a_square_of_squares) {
  (void)state;
  run_well("local qr = require('core.qr')\n"
           "local side, squares = qr.squares('otpauth://totp/x?secret=ABC')\n"
           "assert(side >= 21 and #squares == side * side and squares:match('^[01]+$') and squares:sub(1, 7) == '1111111')\n"
           "local none, err = pcall(qr.squares, '') assert(none == false)\n"
           "return 0");
}

TEST(signatures_are_made_and_checked_from_lua) {
  (void)state;
  run_well("local sign, crypto = require('core.sign'), require('core.crypto')\n"
           "local certificate, key = sign.make_certificate('ES256', 'mock')\n"
           "local signature = assert(sign.sign('ES256', key, 'text'))\n"
           "assert(#signature == 64 and sign.verify('ES256', certificate, 'text', signature) == true)\n"
           "assert(sign.verify('ES256', certificate, 'texs', signature) == false)\n"
           "local no, err = sign.verify('RS256', certificate, 'text', signature) assert(no == nil and err.code == 'invalid')\n"
           "local der = assert(sign.cms_sign(certificate, key, 'text'))\n"
           "assert(sign.cms_verify(certificate, der, 'text') == true and sign.cms_verify(certificate, der, 'texs') == false)\n"
           "local point = assert(sign.ec_point(certificate)) assert(#point == 64)\n"
           "local pem = assert(sign.ec_pem(point:sub(1, 32), point:sub(33)))\n"
           "assert(sign.verify('ES256', pem, 'text', signature) == true)\n"
           "assert(not pcall(sign.sign, 'none', key, 'text'))\n"
           "assert(crypto.unbase64url(crypto.base64url('\\0\\255')) == '\\0\\255' and crypto.unbase64url('*') == nil)\n"
           "return 0");
}

TEST(files_stay_in_their_directories) {
  (void)state;
  run_well("local files = require('core.files')\n"
           "for _, path in ipairs({ '/etc/passwd', files.temp('a') .. '/../../../x', 'x', '' }) do\n"
           "  assert(not pcall(files.read, path), path) assert(not pcall(files.write, path, 'x'), path) end\n"
           "assert(not pcall(files.path, '../x') and not pcall(files.temp, '../x') and not pcall(files.temp, '.x'))\n"
           "local none, err = files.read(files.temp('none')) assert(none == nil and err.code == 'not_found')\n"
           "local path = files.temp('x') assert(files.write(path, ('x'):rep(100)))\n"
           "none, err = files.read(path, 99) assert(none == nil and err.code == 'limit')\n"
           "local stored = assert(files.store(path)) assert(stored.size == 100)\n"
           "none, err = files.store(path) assert(none == nil and err.code == 'not_found')\n"
           "assert(files.remove(stored.sha256) and files.remove(stored.sha256))\n"
           "return 0");
}

TEST(a_sheet_keeps_text_as_text) {
  (void)state;
  run_well("local sheet, files, process = require('core.sheet'), require('core.files'), require('core.process')\n"
           "local path = files.temp('x.xlsx')\n"
           "local w = sheet.open(path, { 'СНИЛС', { title = 'Баллы', width = 9 } })\n"
           "w:row({ '00123', 4.5 }) w:row({ nil, true }) assert(w:close())\n"
           "assert(not pcall(w.row, w, {}))\n"
           "local bytes = assert(files.read(path)) assert(bytes:sub(1, 2) == 'PK')\n"
           "local dropped = sheet.open(files.temp('y.xlsx'), { 'a' }) dropped:row({ 1 })\n"
           "return 0");
}

TEST(a_written_sheet_is_read_again) {
  (void)state;
  run_well("local sheet, rows, files = require('core.sheet'), require('core.rows'), require('core.files')\n"
           "local path = files.temp('x.xlsx')\n"
           "local w = sheet.open(path, { 'СНИЛС', 'Баллы' }) w:row({ '00123', 4.5 }) w:row({}) w:row({ nil, true }) assert(w:close())\n"
           "local r = assert(rows.open(path)) local n, cells = r:next() assert(n == 1 and cells[2] == 'Баллы')\n"
           "n, cells = r:next() assert(n == 2 and cells[1] == '00123' and cells[2] == '4.5')\n"
           "n, cells = r:next() assert(n == 4 and cells[1] == '' and cells[2] == 'да')\n"
           "assert(r:next() == nil and r:next() == nil) r:close()\n"
           "files.write(path, 'a;b\\n\"open') r = rows.open(path) r:next()\n"
           "local none, err = r:next() assert(none == nil and err.code == 'invalid')\n"
           "none, err = rows.open(files.temp('none')) assert(none == nil and err.code == 'not_found')\n"
           "assert(not pcall(rows.open, '/etc/passwd'))\n"
           "r = rows.open(path) r = nil\n"
           "return 0");
}

TEST(a_process_runs_without_a_shell) {
  (void)state;
  run_well("local process = require('core.process')\n"
           "local r = assert(process.run{ argv = { 'cat' }, input = 'a;b$(c)' }) assert(r.status == 0 and r.output == 'a;b$(c)')\n"
           "r = assert(process.run{ argv = { 'echo', '$HOME', ';', 'ls' } }) assert(r.output == '$HOME ; ls\\n')\n"
           "local none, err = process.run{ argv = { 'sleep', '60' }, timeout_ms = 50 } assert(none == nil and err.code == 'timeout')\n"
           "none, err = process.run{ argv = { 'copp-no-such' } } assert(none == nil and err.code == 'not_found')\n"
           "assert(not pcall(process.run, { argv = {} }) and not pcall(process.run, {}))\n"
           "return 0");
}

TEST(the_sandbox_has_only_what_is_allowed) {
  (void)state;
  run_well("for _, name in ipairs({ 'io', 'package', 'dofile', 'loadfile', 'collectgarbage', 'print' }) do\n"
           "  assert(not pcall(function() return _G[name] end), name) end\n"
           "assert(os.time() > 0 and os.date('%Y') and os.execute == nil and os.exit == nil and os.getenv == nil)\n"
           "assert(string.dump == nil and coroutine.close == nil and debug.sethook == nil and debug.traceback)\n"
           "assert(not load('\\27Lua'), 'bytecode') assert(load('return 1 + 1')() == 2)\n"
           "assert(load('return x', 'n', 't', { x = 5 })() == 5 and load('return = ') == nil)\n"
           "assert(not pcall(setmetatable, {}, { __gc = function() end }))\n"
           "assert(not pcall(setmetatable, {}, { __concat = function() end }))\n"
           "assert(setmetatable({}, { __index = { a = 1 } }).a == 1)\n"
           "assert(not pcall(require, '../x') and not pcall(require, 'core.none') and not pcall(require, ''))\n"
           "local settings = require('core.settings')\n"
           "assert(settings.region.zone == 'Europe/Moscow' and settings.dev == false and settings.none == nil)\n"
           "assert(not pcall(function() settings.dev = true end) and not pcall(function() settings.region.zone = 'x' end))\n"
           "return 0");
}

TEST(coroutines_and_protected_calls_behave_as_in_lua) {
  (void)state;
  run_well("local co = coroutine.create(function(a) local b = coroutine.yield(a + 1) error({ b }) end)\n"
           "assert(coroutine.status(co) == 'suspended')\n"
           "local ok, v = coroutine.resume(co, 1) assert(ok and v == 2)\n"
           "ok, v = coroutine.resume(co, 7) assert(not ok and v[1] == 7 and coroutine.status(co) == 'dead')\n"
           "ok, v = coroutine.resume(co) assert(not ok and v:find('cannot resume'))\n"
           "local w = coroutine.wrap(function() return 1, nil, 3 end) assert(select('#', w()) == 3 and not pcall(w))\n"
           "assert(select('#', pcall(function(...) return ... end, 1, nil)) == 3)\n"
           "local _, seen = xpcall(function(x) error(x, 0) end, function(m) return m .. '!' end, 'oops') assert(seen == 'oops!')\n"
           "assert(select(2, xpcall(function(...) return select('#', ...) end, debug.traceback, nil, nil)) == 2)\n"
           "local in_pcall = coroutine.wrap(function() return pcall(function() coroutine.yield(1) error('x', 0) end) end)\n"
           "assert(in_pcall() == 1) local a, b = in_pcall() assert(a == false and b == 'x')\n"
           "assert(coroutine.isyieldable() and select(2, coroutine.running()) == false)\n"
           "return 0");
}

TEST(yielding_out_of_the_task_is_a_fault) {
  (void)state;
  struct lua_rig *rig = lua_rig_new(&(struct lua_rig_options){0});
  struct lua_rig_end end = lua_rig_run(rig, "coroutine.yield(1)");
  assert_int_equal(end.exit_code, 1);
  assert_non_null(strstr(end.message, "outside of a coroutine"));
  lua_rig_free(rig);
}

/* ---- settings ---- */

static bool load_settings(const char *text, const char *region, struct script_settings **out,
                          struct error *err) {
  char dir[] = "/tmp/copp-settings-XXXXXX", path[64], config[64];
  assert_non_null(mkdtemp(dir));
  snprintf(path, sizeof path, "%s/default.lua", dir);
  snprintf(config, sizeof config, "%s/config.lua", dir);
  FILE *file = fopen(path, "w");
  fputs(text, file);
  fclose(file);
  if (region != NULL) {
    file = fopen(config, "w");
    fputs(region, file);
    fclose(file);
  }
  bool ok = script_settings_load(path, region != NULL ? dir : NULL, out, err);
  unlink(path);
  unlink(config);
  rmdir(dir);
  return ok;
}

#define ENTRY(type, more) \
  "return { { key = 'a.b', env = 'COPP_TEST_AB', type = '" type "', reason = 'r', " more " } }"

static void assert_refused(const char *text, const char *value) {
  struct script_settings *settings;
  struct error err = {0};
  setenv("COPP_TEST_AB", value, 1);
  assert_false(load_settings(text, NULL, &settings, &err));
  assert_non_null(strstr(err.text, "COPP_TEST_AB"));
  assert_non_null(strstr(err.text, value));
  unsetenv("COPP_TEST_AB");
}

TEST(a_wrong_setting_is_named_in_a_sentence) {
  (void)state;
  assert_refused(ENTRY("integer", "min = 0, max = 9"), "10");
  assert_refused(ENTRY("integer", ""), "ten");
  assert_refused(ENTRY("boolean", ""), "maybe");
  assert_refused(ENTRY("address", ""), "localhost");
  assert_refused(ENTRY("address", ""), "127.0.0.1:99999");
  assert_refused(ENTRY("url", "schemes = 'http https'"), "ftp://x");
  assert_refused(ENTRY("choice", "options = 'x y'"), "z");
  assert_refused(ENTRY("path", ""), "relative/path");
  assert_refused(ENTRY("path", "must_exist = true"), "/no/such/file");
}

TEST(settings_come_from_default_then_region_then_environment) {
  (void)state;
  struct script_settings *settings;
  struct error err = {0};
  assert_true(load_settings(ENTRY("integer", "default = 1"), NULL, &settings, &err));
  assert_int_equal(script_settings_integer(settings, "a.b"), 1);
  script_settings_free(settings);
  assert_true(load_settings(ENTRY("integer", "default = 1"), "return { a = { b = 2 } }", &settings, &err));
  assert_int_equal(script_settings_integer(settings, "a.b"), 2);
  script_settings_free(settings);
  setenv("COPP_TEST_AB", "3", 1);
  assert_true(load_settings(ENTRY("integer", "default = 1"), "return { a = { b = 2 } }", &settings, &err));
  assert_int_equal(script_settings_integer(settings, "a.b"), 3);
  script_settings_free(settings);
  unsetenv("COPP_TEST_AB");
}

int main(void) {
  signal(SIGPIPE, SIG_IGN); /* as the binary does */
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(json_keeps_what_it_is_given),
      cmocka_unit_test(json_refuses_what_is_not_json),
      cmocka_unit_test(text_counts_characters_and_folds_case),
      cmocka_unit_test(crypto_hashes_and_checks),
      cmocka_unit_test(a_qr_code_is_a_square_of_squares),
      cmocka_unit_test(signatures_are_made_and_checked_from_lua),
      cmocka_unit_test(files_stay_in_their_directories),
      cmocka_unit_test(a_sheet_keeps_text_as_text),
      cmocka_unit_test(a_written_sheet_is_read_again),
      cmocka_unit_test(a_process_runs_without_a_shell),
      cmocka_unit_test(the_sandbox_has_only_what_is_allowed),
      cmocka_unit_test(coroutines_and_protected_calls_behave_as_in_lua),
      cmocka_unit_test(yielding_out_of_the_task_is_a_fault),
      cmocka_unit_test(a_wrong_setting_is_named_in_a_sentence),
      cmocka_unit_test(settings_come_from_default_then_region_then_environment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
