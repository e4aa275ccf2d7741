/* A request's way through Lua over real sockets: answers, bodies, streams, faults, clients that go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/server.h"
#include "support/lua_rig.h"

#define TEST(name) static void name(void **state)

static const char BOOT[] =
    "local buffer, bus, files = require('core.buffer'), require('core.bus'), require('core.files')\n"
    "local routes, boot = {}, {}\n"
    "routes['/text'] = function() return 200, { ['content-type'] = 'text/plain', ['set-cookie'] = { 'a=1', 'b=2' } }, 'привет' end\n"
    "routes['/buffer'] = function() local b = buffer.new() b:w('<p>', 'a<b', '</p>', 7, '|', nil, '|', true) return 200, nil, b end\n"
    "routes['/echo'] = function(req) local s, err = req.http:body(10) if not s then return 413, nil, err.code end return 200, nil, s end\n"
    "routes['/head'] = function(req)\n"
    "  req.http:route('/head/{id}', 42)\n"
    "  return 200, nil, table.concat({ req.method, req.path, req.query_string, req.http:fact('host'), req.http:fact('scheme'), req.http:fact('ip'),\n"
    "    req.http:header('X-Test') or '-', req.http:header('x-none') or '-', req.http:headers()['x-test'] or '-' }, '|')\n"
    "end\n"
    "routes['/fault'] = function() local t = nil return t.x end\n"
    "routes['/api/fault'] = routes['/fault']\n"
    "routes['/nothing'] = function() return end\n"
    "routes['/badheader'] = function() return 200, { x = 5 }, 'x' end\n"
    "routes['/global'] = function() return 200, nil, tostring(select(2, pcall(function() oops = 1 end))) end\n"
    "routes['/unknown'] = function() return 200, nil, tostring(select(2, pcall(function() return oops end))) end\n"
    "routes['/stream'] = function() return 200, { ['content-type'] = 'text/csv' }, { stream = function(write)\n"
    "  for i = 1, 300 do local ok, err = write(('%d;'):format(i) .. ('x'):rep(5000) .. '\\n') if not ok then return end end end } end\n"
    "routes['/torn'] = function() return 200, nil, { stream = function(write) write('begin') error('in the middle') end } end\n"
    "routes['/wait'] = function() local v = bus.wait('news', 20000) return 200, nil, v and v.text or 'late' end\n"
    "routes['/late'] = function() return 200, nil, bus.wait('nothing', 1) or 'late' end\n"
    "routes['/count'] = function() return 200, nil, tostring(bus.count('news')) .. ' ' .. bus.count('other') end\n"
    "routes['/events'] = function() local ok, err = bus.follow{ 'news', 'work' } if not ok then return 503, nil, err.code end\n"
    "  return 200, { ['content-type'] = 'text/event-stream' }, { stream = function(write) write('begin;')\n"
    "    while true do local topic, data = bus.next(boot.beat_ms or 20000)\n"
    "      if not write((topic or '-') .. '=' .. (type(data) == 'table' and data.text or tostring(data)) .. ';') or data == 'ending' then return end\n"
    "      if data == 'pause' then bus.wait('resume', 20000) end\n"
    "    end end } end\n"
    "routes['/twice-followed'] = function() bus.follow{ 'a' } return 200, nil, tostring(select(2, pcall(bus.follow, { 'b' }))) end\n"
    "routes['/file'] = function()\n"
    "  local path = files.temp('x.txt') assert(files.write(path, 'hello')) local s = assert(files.store(path))\n"
    "  assert(files.read(files.path(s.sha256)) == 'hello' and s.size == 5)\n"
    "  return 200, { ['content-type'] = 'text/plain' }, { path = files.path(s.sha256) } end\n"
    "routes['/form'] = function(req)\n"
    "  local form, err = req.http:multipart{ max_bytes = 100000, max_files = 2 }\n"
    "  if not form then return 400, nil, err.code end\n"
    "  local f = form.files[1]\n"
    "  return 200, nil, table.concat({ form.fields.a, table.concat(form.fields.b, '+'), f.name, f.filename, f.size, assert(files.read(f.path)) }, '|') end\n"
    "routes['/twice'] = function(req) local http = req.http boot.kept = http return 200, nil, 'x' end\n"
    "routes['/kept'] = function() return 200, nil, tostring(select(2, pcall(boot.kept.header, boot.kept, 'x'))) end\n"
    "function boot.load() return { request = function(req)\n"
    "  local route = routes[req.path] if not route then return 404, nil, 'no' end return route(req) end } end\n"
    "return boot\n";

struct site {
  struct lua_rig *rig;
  struct net_server *server;
  int port;
  bool is_drained;
};

static struct site open_site(bool is_loaded) {
  struct site site = {.rig = lua_rig_new(&(struct lua_rig_options){.boot = BOOT})};
  struct error err = {0};
  int fd;
  assert_true(net_listen("127.0.0.1:0", &fd, 1, &err));
  site.port = net_listen_port(fd);
  struct net_server_config config = NET_SERVER_CONFIG;
  config.listen_fds = &fd;
  config.listen_count = 1;
  config.handler = script_handle;
  config.handler_ctx = site.rig->script;
  site.server = net_server_new(site.rig->loop, &config, site.rig->log, &err);
  assert_non_null(site.server);
  if (is_loaded) lua_rig_load(site.rig, 1);
  return site;
}

static void on_drained(void *ctx) { *(bool *)ctx = true; }
static bool is_true(void *ctx) { return *(bool *)ctx; }

static void close_site(struct site *site) {
  site->is_drained = false;
  net_server_drain(site->server, 100, on_drained, &site->is_drained);
  script_stop_all(site->rig->script);
  assert_true(lua_rig_until(site->rig, is_true, &site->is_drained, 5000));
  net_server_free(site->server);
  lua_rig_free(site->rig);
}

static int send_request(struct site *site, const char *text) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)site->port)};
  inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  return fd;
}

/* Everything until the server closes. */
static char *read_answer(struct site *site, int fd) {
  struct bytes text = {0};
  for (int idle = 0; idle < 20000;) {
    char part[16384];
    ssize_t count = recv(fd, part, sizeof part, MSG_DONTWAIT);
    if (count == 0) break;
    if (count > 0) bytes_add(&text, part, (size_t)count);
    else idle++, uv_run(&site->rig->loop->uv, UV_RUN_NOWAIT), usleep(200);
  }
  close(fd);
  return text.data != NULL ? text.data : strdup("");
}

static char *get(struct site *site, const char *path) {
  char request[512];
  snprintf(request, sizeof request,
           "GET %s HTTP/1.1\r\nHost: x.test\r\nX-Test: yes\r\nConnection: close\r\n\r\n", path);
  return read_answer(site, send_request(site, request));
}

static void assert_has(char *answer, const char *part) {
  if (strstr(answer, part) == NULL) fail_msg("no '%s' in:\n%.2000s", part, answer);
}

static void expect(struct site *site, const char *path, const char *status, const char *part) {
  char *answer = get(site, path);
  assert_has(answer, status);
  assert_has(answer, part);
  free(answer);
}

TEST(a_handler_answers_with_text_buffer_or_file) {
  (void)state;
  struct site site = open_site(true);
  expect(&site, "/text", "200 OK", "привет");
  expect(&site, "/text", "a=1\r\n", "b=2\r\n");
  expect(&site, "/buffer", "200 OK", "<p>a&lt;b</p>7||true");
  expect(&site, "/file", "200 OK", "hello");
  expect(&site, "/nowhere", "404", "no");
  close_site(&site);
}

TEST(the_request_tells_what_the_client_sent) {
  (void)state;
  struct site site = open_site(true);
  expect(&site, "/head?a=1&b=%20", "200", "GET|/head|a=1&b=%20|x.test|http|127.0.0.1|yes|-|yes");
  char *log = lua_rig_log(site.rig);
  assert_has(log, "\"route\":\"/head/{id}\",\"status\":200");
  assert_has(log, "\"user\":42");
  free(log);
  close_site(&site);
}

TEST(a_body_is_read_within_its_limit) {
  (void)state;
  struct site site = open_site(true);
  char *answer = read_answer(&site, send_request(&site, "POST /echo HTTP/1.1\r\nHost: x\r\n"
                                                        "Content-Length: 5\r\nConnection: close\r\n\r\nhello"));
  assert_has(answer, "hello");
  free(answer);
  answer = read_answer(&site, send_request(&site, "POST /echo HTTP/1.1\r\nHost: x\r\n"
                                                  "Content-Length: 11\r\nConnection: close\r\n\r\nhello world"));
  assert_has(answer, "413");
  assert_has(answer, "limit");
  free(answer);
  close_site(&site);
}

TEST(a_form_brings_fields_and_files) {
  (void)state;
  struct site site = open_site(true);
  static const char body[] =
      "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n2\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n3\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n4\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n.txt\"\r\n"
      "Content-Type: text/plain\r\n\r\nbytes\r\n--b--\r\n";
  char request[2048];
  snprintf(request, sizeof request,
           "POST /form HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
           "Content-Length: %zu\r\nConnection: close\r\n\r\n%s", sizeof body - 1, body);
  char *answer = read_answer(&site, send_request(&site, request));
  assert_has(answer, "1|2+3+4|f|n.txt|5|bytes");
  free(answer);
  close_site(&site);
}

TEST(a_fault_is_500_with_a_safe_body_and_a_traceback_in_the_log) {
  (void)state;
  struct site site = open_site(true);
  char *answer = get(&site, "/fault");
  assert_has(answer, "500");
  assert_null(strstr(answer, "boot.lua"));
  free(answer);
  expect(&site, "/api/fault", "500", "\"code\":\"internal\"");
  expect(&site, "/nothing", "500", "");
  expect(&site, "/badheader", "500", "");
  expect(&site, "/text", "200", "привет");
  char *log = lua_rig_log(site.rig);
  assert_has(log, "lua/boot.lua:");
  assert_has(log, "stack traceback");
  free(log);
  close_site(&site);
}

TEST(without_a_generation_it_is_503_with_retry_after) {
  (void)state;
  struct site site = open_site(false);
  expect(&site, "/text", "503", "Retry-After: 5");
  expect(&site, "/api/x", "503", "\"code\":\"unavailable\"");
  lua_rig_load(site.rig, 1);
  expect(&site, "/text", "200", "привет");
  close_site(&site);
}

TEST(globals_can_neither_be_set_nor_misspelt) {
  (void)state;
  struct site site = open_site(true);
  expect(&site, "/global", "200", "global 'oops' may not be set");
  expect(&site, "/unknown", "200", "global 'oops' does not exist");
  close_site(&site);
}

TEST(a_stream_is_sent_whole_and_a_torn_one_is_cut) {
  (void)state;
  struct site site = open_site(true);
  char *answer = get(&site, "/stream");
  assert_has(answer, "\r\n1;xxx");
  assert_has(answer, "\n300;xxx");
  assert_has(answer, "\r\n0\r\n\r\n");
  free(answer);
  answer = get(&site, "/torn");
  assert_null(strstr(answer, "\r\n0\r\n\r\n"));
  free(answer);
  close_site(&site);
}

static bool one_task_waits(void *ctx) { return script_task_count(((struct site *)ctx)->rig->script) == 1; }
static bool no_task_runs(void *ctx) { return script_task_count(((struct site *)ctx)->rig->script) == 0; }

TEST(a_notification_wakes_who_waits_for_its_topic) {
  (void)state;
  struct site site = open_site(true);
  int fd = send_request(&site, "GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  assert_true(lua_rig_until(site.rig, one_task_waits, &site, 5000));
  script_notify(site.rig->script, slice_of("{\"topic\":\"other\",\"data\":1}"));
  script_notify(site.rig->script, slice_of("not json"));
  assert_true(one_task_waits(&site));
  script_notify(site.rig->script, slice_of("{\"topic\":\"news\",\"data\":{\"text\":\"hello\"}}"));
  char *answer = read_answer(&site, fd);
  assert_has(answer, "hello");
  free(answer);
  expect(&site, "/late", "200", "late");
  close_site(&site);
}

TEST(notifications_are_counted_and_missed_ones_move_every_count) {
  (void)state;
  struct site site = open_site(true);
  expect(&site, "/count", "200", "0 0");
  script_notify(site.rig->script, slice_of("{\"topic\":\"news\",\"data\":1}"));
  script_notify(site.rig->script, slice_of("{\"topic\":\"never asked\",\"data\":1}"));
  expect(&site, "/count", "200", "1 0");
  script_notify(site.rig->script, slice_of("{\"topic\":\"missed\"}"));
  expect(&site, "/count", "200", "2 1");
  close_site(&site);
}

static int open_events(struct site *site) {
  int fd = send_request(site, "GET /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  assert_true(lua_rig_until(site->rig, one_task_waits, site, 5000));
  return fd;
}

static void notify(struct site *site, const char *payload) { script_notify(site->rig->script, slice_of(payload)); }

TEST(an_open_answer_gets_what_comes_until_the_process_ends) {
  (void)state;
  struct site site = open_site(true);
  int fd = open_events(&site);
  notify(&site, "{\"topic\":\"news\",\"data\":{\"text\":\"one\"}}");
  notify(&site, "{\"topic\":\"other\",\"data\":{\"text\":\"two\"}}");
  notify(&site, "{\"topic\":\"work\"}");
  script_end_streams(site.rig->script);
  char *answer = read_answer(&site, fd);
  const char *const parts[] = {"begin;", "news=one;", "work=", "-=ending;", "\r\n0\r\n\r\n"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) assert_has(answer, parts[i]);
  assert_null(strstr(answer, "two"));
  free(answer);
  expect(&site, "/events", "503", "overloaded");
  close_site(&site);
}

TEST(what_comes_while_an_open_answer_is_busy_is_kept_up_to_a_limit) {
  (void)state;
  struct site site = open_site(true);
  int fd = open_events(&site);
  notify(&site, "{\"topic\":\"news\",\"data\":\"pause\"}");
  notify(&site, "{\"topic\":\"news\",\"data\":{\"text\":\"kept\"}}");
  notify(&site, "{\"topic\":\"resume\"}");
  notify(&site, "{\"topic\":\"news\",\"data\":\"pause\"}");
  for (int i = 0; i < 100; i++) notify(&site, "{\"topic\":\"work\",\"data\":{\"text\":\"many\"}}");
  notify(&site, "{\"topic\":\"resume\"}");
  notify(&site, "{\"topic\":\"missed\"}");
  script_end_streams(site.rig->script);
  char *answer = read_answer(&site, fd);
  assert_has(answer, "news=kept;");
  assert_null(strstr(answer, "many"));
  char *lost = strstr(answer, "-=lost;");
  assert_non_null(lost);
  assert_has(lost + 1, "-=lost;");
  free(answer);
  close_site(&site);
}

TEST(an_open_answer_ends_with_its_generation_or_its_client) {
  (void)state;
  struct site site = open_site(true);
  expect(&site, "/twice-followed", "200", "this task follows already");
  int fd = open_events(&site);
  lua_rig_load(site.rig, 2);
  char *answer = read_answer(&site, fd);
  assert_has(answer, "-=ending;");
  free(answer);
  fd = open_events(&site);
  struct linger cut = {.l_onoff = 1};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &cut, sizeof cut);
  close(fd);
  assert_true(lua_rig_until(site.rig, no_task_runs, &site, 5000));
  notify(&site, "{\"topic\":\"news\"}");
  close_site(&site);
}

TEST(a_client_that_goes_away_takes_its_task_along) {
  (void)state;
  struct site site = open_site(true);
  int fd = send_request(&site, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  assert_true(lua_rig_until(site.rig, one_task_waits, &site, 5000));
  struct linger cut = {.l_onoff = 1};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &cut, sizeof cut);
  close(fd);
  assert_true(lua_rig_until(site.rig, no_task_runs, &site, 5000));
  expect(&site, "/text", "200", "привет");
  close_site(&site);
}

TEST(a_request_kept_beyond_its_answer_raises) {
  (void)state;
  struct site site = open_site(true);
  expect(&site, "/twice", "200", "x");
  expect(&site, "/kept", "200", "this request has been answered");
  close_site(&site);
}

TEST(a_request_in_flight_ends_on_its_own_generation) {
  (void)state;
  struct site site = open_site(true);
  int fd = send_request(&site, "GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  assert_true(lua_rig_until(site.rig, one_task_waits, &site, 5000));
  lua_rig_write(site.rig, "tree/lua/boot.lua",
                "return { load = function() return { request = function() return 200, nil, 'new' end } end }");
  lua_rig_load(site.rig, 2);
  expect(&site, "/text", "200", "new");
  script_notify(site.rig->script, slice_of("{\"topic\":\"news\",\"data\":{\"text\":\"old\"}}"));
  char *answer = read_answer(&site, fd);
  assert_has(answer, "old");
  free(answer);
  close_site(&site);
}

TEST(a_broken_tree_names_file_line_and_reason) {
  (void)state;
  struct lua_rig *rig = lua_rig_new(&(struct lua_rig_options){
      .boot = "local m = require('kit.broken')\nreturn { load = function() return {} end }"});
  struct script_place place;
  struct error err = {0};
  lua_rig_write(rig, "tree/lua/kit/broken.lua", "local x = 1\nlocal y = = 2\nreturn x");
  assert_null(lua_rig_build(rig, 1, 0, &place, &err));
  assert_string_equal(place.file, "lua/kit/broken.lua");
  assert_int_equal(place.line, 2);
  assert_non_null(strstr(err.text, "unexpected symbol"));
  lua_rig_write(rig, "tree/lua/kit/broken.lua", "return require('kit.gone')");
  assert_null(lua_rig_build(rig, 1, 0, &place, &err));
  assert_non_null(strstr(err.text, "kit.gone"));
  lua_rig_write(rig, "tree/lua/kit/broken.lua", "return require('kit.broken')");
  assert_null(lua_rig_build(rig, 1, 0, &place, &err));
  assert_non_null(strstr(err.text, "requires itself"));
  lua_rig_free(rig);
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_handler_answers_with_text_buffer_or_file),
      cmocka_unit_test(the_request_tells_what_the_client_sent),
      cmocka_unit_test(a_body_is_read_within_its_limit),
      cmocka_unit_test(a_form_brings_fields_and_files),
      cmocka_unit_test(a_fault_is_500_with_a_safe_body_and_a_traceback_in_the_log),
      cmocka_unit_test(without_a_generation_it_is_503_with_retry_after),
      cmocka_unit_test(globals_can_neither_be_set_nor_misspelt),
      cmocka_unit_test(a_stream_is_sent_whole_and_a_torn_one_is_cut),
      cmocka_unit_test(a_notification_wakes_who_waits_for_its_topic),
      cmocka_unit_test(notifications_are_counted_and_missed_ones_move_every_count),
      cmocka_unit_test(an_open_answer_gets_what_comes_until_the_process_ends),
      cmocka_unit_test(what_comes_while_an_open_answer_is_busy_is_kept_up_to_a_limit),
      cmocka_unit_test(an_open_answer_ends_with_its_generation_or_its_client),
      cmocka_unit_test(a_client_that_goes_away_takes_its_task_along),
      cmocka_unit_test(a_request_kept_beyond_its_answer_raises),
      cmocka_unit_test(a_request_in_flight_ends_on_its_own_generation),
      cmocka_unit_test(a_broken_tree_names_file_line_and_reason),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
