/* What the strict layer lets in: request in, status of the answer and fate of the connection out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "support/net_rig.h"

#define H "Host: a\r\n"
#define END "\r\n"
#define POST "POST /echo HTTP/1.1\r\n" H
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

struct framing_case {
  const char *name;
  const char *request;
  int status;
  bool stays_open;
};

static const struct framing_case cases[] = {
    /* good ones */
    {"plain GET", "GET /hello HTTP/1.1\r\n" H END, 200, true},
    {"close when asked", "GET /hello HTTP/1.1\r\n" H "Connection: close\r\n" END, 200, false},
    {"close among others", "GET /hello HTTP/1.1\r\n" H "Connection: te, Close\r\n" END, 200, false},
    {"HTTP/1.0 closes", "GET /hello HTTP/1.0\r\n\r\n", 200, false},
    {"HTTP/1.0 keep-alive", "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, true},
    {"one empty line before", "\r\nGET /hello HTTP/1.1\r\n" H END, 200, true},
    {"absolute form", "GET http://a/hello HTTP/1.1\r\n" H END, 200, true},
    {"absolute form, other case", "GET HTTP://A/hello HTTP/1.1\r\n" H END, 200, true},
    {"host with port", "GET /hello HTTP/1.1\r\nHost: example.org:8080\r\n" END, 200, true},
    {"IPv6 host", "GET /hello HTTP/1.1\r\nHost: [::1]:8080\r\n" END, 200, true},
    {"OPTIONS *", "OPTIONS * HTTP/1.1\r\n" H END, 204, true},
    {"OPTIONS of a path", "OPTIONS /hello HTTP/1.1\r\n" H END, 200, true},
    {"empty header value", "GET /hello HTTP/1.1\r\n" H "X-A:\r\n" END, 200, true},
    {"tabs around a value", "GET /hello HTTP/1.1\r\n" H "X-A:\t b \t\r\n" END, 200, true},
    {"bytes beyond ASCII in a value", "GET /hello HTTP/1.1\r\n" H "X-A: \xd1\x84\r\n" END, 200,
     true},
    {"upgrade is ignored",
     "GET /hello HTTP/1.1\r\n" H "Connection: upgrade\r\nUpgrade: h2c\r\n" END, 200, true},
    {"body by length", POST "Content-Length: 3\r\n\r\nabc", 200, true},
    {"body of nothing", POST "Content-Length: 0\r\n\r\n", 200, true},
    {"POST without length", POST END, 200, true},
    {"GET with a body", "GET /hello HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc", 200, true},
    {"chunked body", CHUNKED "3\r\nabc\r\n0\r\n\r\n", 200, true},
    {"chunked, any case", POST "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", 200, true},
    {"chunk extension", CHUNKED "3;a=\"b\"\r\nabc\r\n0\r\n\r\n", 200, true},
    {"trailer", CHUNKED "3\r\nabc\r\n0\r\nX-A: b\r\n\r\n", 200, true},
    {"raw pipe in a query", "GET /hello?a=|{} HTTP/1.1\r\n" H END, 200, true},

    /* host */
    {"no host", "GET /hello HTTP/1.1\r\n\r\n", 400, false},
    {"two hosts", "GET /hello HTTP/1.1\r\n" H H END, 400, false},
    {"two different hosts", "GET /hello HTTP/1.1\r\n" H "Host: b\r\n" END, 400, false},
    {"empty host", "GET /hello HTTP/1.1\r\nHost:\r\n" END, 400, false},
    {"host with user", "GET /hello HTTP/1.1\r\nHost: x@a\r\n" END, 400, false},
    {"host with path", "GET /hello HTTP/1.1\r\nHost: a/b\r\n" END, 400, false},
    {"host list", "GET /hello HTTP/1.1\r\nHost: a, b\r\n" END, 400, false},
    {"host with bad port", "GET /hello HTTP/1.1\r\nHost: a:99999\r\n" END, 400, false},
    {"host with open bracket", "GET /hello HTTP/1.1\r\nHost: [::1\r\n" END, 400, false},
    {"absolute form of another host", "GET http://b/hello HTTP/1.1\r\n" H END, 400, false},
    {"absolute form with user", "GET http://x@a/hello HTTP/1.1\r\nHost: x@a\r\n" END, 400, false},
    {"absolute form, foreign scheme", "GET ftp://a/hello HTTP/1.1\r\n" H END, 400, false},

    /* version and method */
    {"HTTP/0.9", "GET /hello\r\n", 400, false},
    {"HTTP/0.9 by name", "GET /hello HTTP/0.9\r\n" H END, 505, false},
    {"HTTP/2.0", "GET /hello HTTP/2.0\r\n" H END, 505, false},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, false},
    {"HTTP/1.2", "GET /hello HTTP/1.2\r\n" H END, 505, false},
    {"HTTP/1.10", "GET /hello HTTP/1.10\r\n" H END, 400, false},
    {"lower case version", "GET /hello http/1.1\r\n" H END, 400, false},
    {"other protocol", "GET /hello ICE/1.0\r\n" H END, 400, false},
    {"unknown method", "BREW /hello HTTP/1.1\r\n" H END, 501, false},
    {"lower case method", "get /hello HTTP/1.1\r\n" H END, 501, false},
    {"method with a colon", "GE:T /hello HTTP/1.1\r\n" H END, 400, false},
    {"TRACE", "TRACE /hello HTTP/1.1\r\n" H END, 405, false},
    {"CONNECT", "CONNECT a:80 HTTP/1.1\r\n" H END, 405, false},
    {"PROPFIND", "PROPFIND /hello HTTP/1.1\r\n" H END, 501, false},

    /* request line */
    {"two spaces before the target", "GET  /hello HTTP/1.1\r\n" H END, 400, false},
    {"two spaces before the version", "GET /hello  HTTP/1.1\r\n" H END, 400, false},
    {"tab instead of space", "GET\t/hello HTTP/1.1\r\n" H END, 400, false},
    {"space at the end", "GET /hello HTTP/1.1 \r\n" H END, 400, false},
    {"space at the begin", " GET /hello HTTP/1.1\r\n" H END, 400, false},
    {"no target", "GET HTTP/1.1\r\n" H END, 400, false},
    {"two empty lines before", "\r\n\r\nGET /hello HTTP/1.1\r\n" H END, 400, false},
    {"TLS hello", "\x16\x03\x01\x02\x01\x01\xfc\x03\x03", 400, false},
    {"rubbish without an end", "\x01\x02\x03", 400, false},
    {"asterisk for GET", "GET * HTTP/1.1\r\n" H END, 400, false},
    {"relative target", "GET hello HTTP/1.1\r\n" H END, 400, false},
    {"fragment", "GET /hello#x HTTP/1.1\r\n" H END, 400, false},
    {"quote in target", "GET /hello?\"x HTTP/1.1\r\n" H END, 400, false},
    {"raw UTF-8 in target", "GET /\xd1\x84 HTTP/1.1\r\n" H END, 400, false},
    {"DEL in target", "GET /hel\x7flo HTTP/1.1\r\n" H END, 400, false},
    {"%00 in path", "GET /hello%00 HTTP/1.1\r\n" H END, 400, false},
    {"%00 in query", "GET /hello?a=%00 HTTP/1.1\r\n" H END, 400, false},
    {"%0a in path", "GET /hello%0a HTTP/1.1\r\n" H END, 400, false},
    {"%2f in path", "GET /hello%2fx HTTP/1.1\r\n" H END, 400, false},
    {"backslash in path", "GET /hello\\x HTTP/1.1\r\n" H END, 400, false},
    {"%5c in path", "GET /hello%5cx HTTP/1.1\r\n" H END, 400, false},
    {"broken escape", "GET /hello%2 HTTP/1.1\r\n" H END, 400, false},
    {"escape of no digits", "GET /hello%zz HTTP/1.1\r\n" H END, 400, false},
    {"invalid UTF-8 in path", "GET /hello%d1 HTTP/1.1\r\n" H END, 400, false},
    {"overlong UTF-8 in path", "GET /%c0%af HTTP/1.1\r\n" H END, 400, false},
    {"climbs above the root", "GET /../hello HTTP/1.1\r\n" H END, 400, false},
    {"climbs by escapes", "GET /a/%2e%2e/%2e%2e/hello HTTP/1.1\r\n" H END, 400, false},

    /* header lines */
    {"bare LF after the request line", "GET /hello HTTP/1.1\n" H END, 400, false},
    {"bare LF after a header", "GET /hello HTTP/1.1\r\nHost: a\n\r\n", 400, false},
    {"bare LF as the empty line", "GET /hello HTTP/1.1\r\n" H "\n", 400, false},
    {"bare CR in a value", "GET /hello HTTP/1.1\r\n" H "X-A: b\rX-B: c\r\n" END, 400, false},
    {"bare CR in the request line", "GET /hello\r HTTP/1.1\r\n" H END, 400, false},
    {"CR CR LF", "GET /hello HTTP/1.1\r\r\n" H END, 400, false},
    {"folded header", "GET /hello HTTP/1.1\r\n" H "X-A: b\r\n c\r\n" END, 400, false},
    {"folded by a tab", "GET /hello HTTP/1.1\r\n" H "X-A: b\r\n\tc\r\n" END, 400, false},
    {"folded first header", "GET /hello HTTP/1.1\r\n Host: a\r\n" END, 400, false},
    {"space before the colon", "GET /hello HTTP/1.1\r\nHost : a\r\n" END, 400, false},
    {"no colon", "GET /hello HTTP/1.1\r\n" H "X-A\r\n" END, 400, false},
    {"no name", "GET /hello HTTP/1.1\r\n" H ": b\r\n" END, 400, false},
    {"space in a name", "GET /hello HTTP/1.1\r\n" H "X A: b\r\n" END, 400, false},
    {"control character in a value", "GET /hello HTTP/1.1\r\n" H "X-A: b\x01\r\n" END, 400, false},

    /* lengths */
    {"two lengths", POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400, false},
    {"two equal lengths", POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, false},
    {"list of lengths", POST "Content-Length: 3, 3\r\n\r\nabc", 400, false},
    {"negative length", POST "Content-Length: -3\r\n\r\nabc", 400, false},
    {"length with plus", POST "Content-Length: +3\r\n\r\nabc", 400, false},
    {"hexadecimal length", POST "Content-Length: 0x3\r\n\r\nabc", 400, false},
    {"empty length", POST "Content-Length:\r\n\r\nabc", 400, false},
    {"endless length", POST "Content-Length: 99999999999999999999\r\n\r\n", 400, false},
    {"length and chunked", POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400, false},
    {"chunked and length", POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
     400, false},
    {"gzip, chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400, false},
    {"chunked twice",
     POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, false},
    {"chunked, chunked", POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400, false},
    {"identity", POST "Transfer-Encoding: identity\r\n\r\n", 400, false},
    {"xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400, false},
    {"chunked with vertical tab",
     POST "Transfer-Encoding: \x0b"
          "chunked\r\n\r\n0\r\n\r\n",
     400, false},
    {"chunked in HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400, false},
    {"foreign expectation", POST "Expect: 200-ok\r\nContent-Length: 3\r\n\r\nabc", 417, false},

    /* chunks */
    {"chunk with bare LF", CHUNKED "3\nabc\r\n0\r\n\r\n", 400, false},
    {"chunk with bare CR", CHUNKED "3\rabc\r\n0\r\n\r\n", 400, false},
    {"rubbish behind a chunk", CHUNKED "3\r\nabcXX0\r\n\r\n", 400, false},
    {"chunk longer than it says", CHUNKED "3\r\nabcd\r\n0\r\n\r\n", 400, false},
    {"chunk size with space", CHUNKED "3 \r\nabc\r\n0\r\n\r\n", 400, false},
    {"chunk size with 0x", CHUNKED "0x3\r\nabc\r\n0\r\n\r\n", 400, false},
    {"negative chunk size", CHUNKED "-3\r\nabc\r\n0\r\n\r\n", 400, false},
    {"empty chunk size", CHUNKED "\r\nabc\r\n0\r\n\r\n", 400, false},
    {"chunk size too long", CHUNKED "00000000000000003\r\nabc\r\n0\r\n\r\n", 400, false},
    {"end with bare LF", CHUNKED "3\r\nabc\r\n0\r\n\n", 400, false},
    {"folded trailer", CHUNKED "0\r\nX-A: b\r\n c\r\n\r\n", 400, false},
    {"length as trailer", CHUNKED "0\r\nContent-Length: 3\r\n\r\n", 400, false},
    {"space before the colon of a trailer", CHUNKED "0\r\nX-A : b\r\n\r\n", 400, false},
};

static void every_case_has_its_status_and_fate(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct framing_case *c = &cases[i];
    struct rig_client *client = rig_connect(rig);
    rig_say(client, c->request);
    struct rig_answer answer = rig_answer(client);
    if (answer.status != c->status)
      fail_msg("%s: %d expected, got %d", c->name, c->status, answer.status);
    if (rig_header(&answer, "X-Request-Id") == NULL ||
        rig_header(&answer, "X-Content-Type-Options") == NULL)
      fail_msg("%s: the answer lacks headers that every answer has", c->name);
    bool says_close = rig_header(&answer, "Connection") != NULL &&
                      strcmp(rig_header(&answer, "Connection"), "close") == 0;
    if (says_close == c->stays_open) fail_msg("%s: wrong Connection header", c->name);
    bytes_deinit(&answer.body);
    if (c->stays_open) {
      rig_say(client, "GET /hello HTTP/1.1\r\n" H END);
      answer = rig_answer(client);
      if (answer.status != 200) fail_msg("%s: connection cannot be used again", c->name);
      bytes_deinit(&answer.body);
    } else {
      shutdown(client->fd, SHUT_WR);
      rig_wait_closed(client);
      if (client->in.len > 0) fail_msg("%s: something behind the answer", c->name);
    }
    rig_hang_up(client);
  }
  rig_free(rig);
}

/* The same bytes one at a time: no case may depend on how the network cuts them. */
static void no_case_depends_on_how_bytes_are_cut(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct framing_case *c = &cases[i];
    struct rig_client *client = rig_connect(rig);
    for (const char *at = c->request; *at != '\0'; at++) {
      send(client->fd, at, 1, MSG_NOSIGNAL);
      uv_run(&rig->loop.uv, UV_RUN_NOWAIT);
    }
    struct rig_answer answer = rig_answer(client);
    if (answer.status != c->status)
      fail_msg("%s: %d expected, got %d", c->name, c->status, answer.status);
    bytes_deinit(&answer.body);
    rig_hang_up(client);
  }
  rig_free(rig);
}

static void a_nul_in_the_head_is_refused(void **state) {
  (void)state;
  static const char in_target[] = "GET /he\0lo HTTP/1.1\r\nHost: a\r\n\r\n";
  static const char in_value[] = "GET /hello HTTP/1.1\r\nHost: a\0b\r\n\r\n";
  static const char in_name[] = "GET /hello HTTP/1.1\r\nHo\0t: ab\r\n\r\n";
  const struct slice heads[] = {{in_target, sizeof in_target - 1},
                                {in_value, sizeof in_value - 1},
                                {in_name, sizeof in_name - 1}};
  struct rig *rig = rig_new(NULL);
  for (int i = 0; i < 3; i++) {
    struct rig_client *client = rig_connect(rig);
    rig_send(client, heads[i].data, heads[i].len);
    struct rig_answer answer = rig_answer(client);
    assert_int_equal(400, answer.status);
    bytes_deinit(&answer.body);
    rig_hang_up(client);
  }
  rig_free(rig);
}

static char *repeat(const char *before, char c, size_t count, const char *after) {
  struct bytes text = {0};
  bytes_add_str(&text, before);
  for (size_t i = 0; i < count; i++) bytes_add_char(&text, c);
  bytes_add_str(&text, after);
  return text.data;
}

static void check_large(struct rig *rig, char *request, int status) {
  assert_int_equal(status, rig_status(rig, request));
  free(request);
}

static void what_is_too_large_is_named(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  check_large(rig, repeat("GET /", 'a', 8000, " HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
  check_large(rig, repeat("GET /", 'a', 8192, " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
  check_large(rig, repeat("GET /", 'a', 60000, " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
  check_large(rig, repeat("GET /", 'a', 9000, ""), 414);
  check_large(rig, repeat("GET / HTTP/1.1\r\nHost: a\r\nX: ", 'a', 15000, "\r\n\r\n"), 200);
  check_large(rig, repeat("GET / HTTP/1.1\r\nHost: a\r\nX: ", 'a', 16384, "\r\n\r\n"), 431);
  check_large(rig, repeat("GET / HTTP/1.1\r\nHost: a\r\nX: ", 'a', 20000, ""), 431);
  struct bytes many = {0};
  bytes_add_str(&many, "GET / HTTP/1.1\r\nHost: a\r\n");
  for (int i = 0; i < 100; i++) bytes_add_str(&many, "X: y\r\n");
  bytes_add_str(&many, "\r\n");
  check_large(rig, many.data, 431);
  check_large(
      rig, repeat("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ", '9', 12, "\r\n\r\n"), 413);
  check_large(rig, repeat(CHUNKED "3;", 'a', 300, "\r\nabc\r\n0\r\n\r\n"), 400);
  check_large(rig, repeat(CHUNKED "0\r\nX: ", 'a', 9000, "\r\n\r\n"), 400);
  rig_free(rig);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_case_has_its_status_and_fate),
      cmocka_unit_test(no_case_depends_on_how_bytes_are_cut),
      cmocka_unit_test(a_nul_in_the_head_is_refused),
      cmocka_unit_test(what_is_too_large_is_named),
  };
  return cmocka_run_group_tests_name("net framing", tests, NULL, NULL);
}
