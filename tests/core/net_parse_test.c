/* Pure readers: queries, cookies, header parameters, what clients accept, proxies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/cookie.h"
#include "net/gzip.h"
#include "net/multipart.h"
#include "net/params.h"
#include "net/proxy.h"
#include "net/query.h"
#include "net/select.h"
#include "net/target.h"

static bool collect(void *ctx, struct slice name, struct slice value) {
  bytes_addf(ctx, "[%.*s=%.*s]", (int)name.len, name.data, (int)value.len, value.data);
  return true;
}

static void check_query(const char *text, const char *pairs, enum error_code code) {
  struct bytes out = {0};
  struct error err = {0};
  bool ok = net_query_parse(slice_of(text), collect, &out, &err);
  if (ok != (code == ERR_NONE) || err.code != code) fail_msg("%s: code %d", text, err.code);
  if (pairs != NULL) assert_string_equal(pairs, out.data != NULL ? out.data : "");
  bytes_deinit(&out);
}

static void queries_are_decoded_or_refused(void **state) {
  (void)state;
  check_query("", "", ERR_NONE);
  check_query("a=1&b=2", "[a=1][b=2]", ERR_NONE);
  check_query("a=1&a=2&a", "[a=1][a=2][a=]", ERR_NONE);
  check_query("&&a=1&", "[a=1]", ERR_NONE);
  check_query("=x&a==b", "[=x][a==b]", ERR_NONE);
  check_query("q=%D1%84+%2B%26&x=%3d", "[q=ф +&][x==]", ERR_NONE);
  check_query("a=%", NULL, ERR_INVALID);
  check_query("a=%1", NULL, ERR_INVALID);
  check_query("a=%gg", NULL, ERR_INVALID);
  check_query("a=%00", NULL, ERR_INVALID);
  check_query("a=%d1", NULL, ERR_INVALID);
  check_query("%ff=a", NULL, ERR_INVALID);
  struct bytes many = {0};
  for (int i = 0; i < NET_QUERY_PAIRS; i++) bytes_add_str(&many, "a&");
  check_query(many.data, NULL, ERR_NONE);
  bytes_add_str(&many, "a");
  check_query(many.data, NULL, ERR_LIMIT);
  bytes_deinit(&many);
}

static bool stop_at_second(void *ctx, struct slice name, struct slice value) {
  (void)name, (void)value;
  return ++*(int *)ctx < 2;
}

static void a_callback_can_stop_the_parsing(void **state) {
  (void)state;
  int calls = 0;
  assert_true(net_query_parse(slice_of("a&b&c&%"), stop_at_second, &calls, NULL));
  assert_int_equal(2, calls);
  calls = 0;
  net_cookie_parse(slice_of("a=1; b=2; c=3"), stop_at_second, &calls);
  assert_int_equal(2, calls);
}

static void check_cookies(const char *header, const char *pairs) {
  struct bytes out = {0};
  net_cookie_parse(slice_of(header), collect, &out);
  assert_string_equal(pairs, out.data != NULL ? out.data : "");
  bytes_deinit(&out);
}

static void cookies_are_read_as_browsers_write_them(void **state) {
  (void)state;
  check_cookies("", "");
  check_cookies("copp=abc", "[copp=abc]");
  check_cookies("a=1; b=2;c=3", "[a=1][b=2][c=3]");
  check_cookies("a=1; rubbish; =x; b=", "[a=1][b=]");
  check_cookies(" a = \"q u\" ; b=x=y", "[a=q u][b=x=y]");
  check_cookies("a=1;;  ; b=\x01; c=2", "[a=1][c=2]");
}

static void check_param(const char *header, const char *name, const char *value) {
  struct bytes out = {0};
  bool found = net_params_get(slice_of(header), name, &out);
  if (found != (value != NULL)) fail_msg("%s: %s", header, found ? "found" : "not found");
  if (found) assert_string_equal(value, out.data != NULL ? out.data : "");
  bytes_deinit(&out);
}

static void parameters_of_headers_are_found(void **state) {
  (void)state;
  check_param("form-data; name=\"a\"; filename=\"b\"", "name", "a");
  check_param("form-data; filename=\"b;name=x\"; name=a", "name", "a");
  check_param("form-data; NAME=a", "name", "a");
  check_param("form-data; name=\"a\\\"b\\\\c\\d\"", "name", "a\"b\\c\\d");
  check_param("form-data; name=\"\"", "name", "");
  check_param("form-data; name=\"open", "name", NULL);
  check_param("form-data", "name", NULL);
  check_param("name=a", "name", NULL); /* that is the value, not a parameter */
  check_param("attachment; filename=\"x\"; filename*=UTF-8''%D1%84%20.pdf", "filename", "ф .pdf");
  check_param("attachment; filename*=utf-8'ru'%D1%84; filename=x", "filename", "ф");
  check_param("attachment; filename*=ISO-8859-1''%E4; filename=x", "filename", "x");
  check_param("attachment; filename*=UTF-8''%D1; filename=x", "filename", "x");
  check_param("a; =b; name=c", "name", NULL);
}

static void check_disposition(const char *name, const char *expected) {
  struct bytes out = {0}, back = {0};
  net_disposition(&out, slice_of(name), false);
  assert_string_equal(expected, out.data);
  assert_true(net_params_get((struct slice){out.data, out.len}, "filename", &back));
  assert_string_equal(name, back.data);
  bytes_deinit(&out);
  bytes_deinit(&back);
}

static void names_of_downloads_survive_the_way_there_and_back(void **state) {
  (void)state;
  check_disposition("a.pdf", "attachment; filename=\"a.pdf\"; filename*=UTF-8''a.pdf");
  check_disposition("Ф \"1\".pdf",
                    "attachment; filename=\"_ _1_.pdf\"; filename*=UTF-8''%D0%A4%20%221%22.pdf");
  check_disposition("a/b;\r\n", "attachment; filename=\"a_b___\"; filename*=UTF-8''a%2Fb%3B%0D%0A");
}

static void accepted_codings_are_weighed(void **state) {
  (void)state;
  assert_true(net_accepts(slice_of("gzip, br"), "br"));
  assert_true(net_accepts(slice_of("GZIP;q=0.1"), "gzip"));
  assert_false(net_accepts(slice_of("gzip;q=0.0, br"), "gzip"));
  assert_true(net_accepts(slice_of("*"), "gzip"));
  assert_false(net_accepts(slice_of("*;q=0, br"), "gzip"));
  assert_false(net_accepts(slice_of("gzipped"), "gzip"));
  assert_false(net_accepts(slice_of(""), "gzip"));
}

static void versions_are_compared_weakly(void **state) {
  (void)state;
  assert_true(net_etag_matches(slice_of("\"a\""), slice_of("\"a\"")));
  assert_true(net_etag_matches(slice_of("W/\"a\""), slice_of("\"a\"")));
  assert_true(net_etag_matches(slice_of("\"b, c\" , \"a\""), slice_of("W/\"a\"")));
  assert_true(net_etag_matches(slice_of("*"), slice_of("\"a\"")));
  assert_false(net_etag_matches(slice_of("\"b\""), slice_of("\"a\"")));
  assert_false(net_etag_matches(slice_of("a"), slice_of("\"a\"")));
  assert_false(net_etag_matches(slice_of("\"a"), slice_of("\"a\"")));
}

static void check_client(const char *trusted, const char *peer, const char *list, const char *ip) {
  struct error err = {0};
  struct net_proxies *proxies = net_proxies_new(trusted, &err);
  assert_non_null(proxies);
  char text[46];
  strcpy(text, peer);
  net_proxies_client(proxies, slice_of(list), text);
  assert_string_equal(ip, text);
  net_proxies_free(proxies);
}

static void the_client_is_the_first_who_is_no_proxy_of_ours(void **state) {
  (void)state;
  check_client("10.0.0.0/8", "10.0.0.1", "1.2.3.4", "1.2.3.4");
  check_client("10.0.0.0/8", "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9", "1.2.3.4");
  check_client("10.0.0.0/8", "11.0.0.1", "1.2.3.4", "11.0.0.1");
  check_client("10.0.0.0/8", "10.0.0.1", "10.0.0.2", "10.0.0.2");
  check_client("10.0.0.0/8", "10.0.0.1", "1.2.3.4, rubbish", "10.0.0.1");
  check_client("10.0.0.0/8", "10.0.0.1", "1.2.3.4:5678", "1.2.3.4");
  check_client("fd00::/8", "fd00::1", "[2001:db8::1]:443", "2001:db8::1");
  check_client("10.0.0.0/8", "10.0.0.1", "", "10.0.0.1");
  check_client("10.0.0.0/9", "10.200.0.1", "1.2.3.4", "10.200.0.1");
  check_client("0.0.0.0/0", "1.1.1.1", "2.2.2.2, 3.3.3.3", "2.2.2.2");
  struct error err = {0};
  assert_null(net_proxies_new("10.0.0.0/33", &err));
  assert_non_null(strstr(err.text, "10.0.0.0/33"));
  assert_null(net_proxies_new("localhost", &err));
}

static void paths_are_normalised(void **state) {
  (void)state;
  static const char *const pairs[][2] = {
      {"/", "/"},
      {"/a/b", "/a/b"},
      {"/a/", "/a/"},
      {"//a///b//", "/a/b/"},
      {"/a/./b/.", "/a/b/"},
      {"/a/b/../c", "/a/c"},
      {"/a/..", "/"},
      {"/a/b/..", "/a/"},
      {"/%61/%2e/b", "/a/b"},
      {"/.a/..b/c.", "/.a/..b/c."},
      {"/a%20b", "/a b"},
      {"/a/b/../../c", "/c"},
  };
  struct bytes buffer = {0};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    struct net_target target;
    assert_true(net_target_parse(slice_of(pairs[i][0]), NET_GET, &buffer, &target));
    if (!slice_is(target.path, pairs[i][1])) fail_msg("%s", pairs[i][0]);
  }
  bytes_deinit(&buffer);
}

/* ---- multipart, cut anywhere ---- */

static bool on_begin(void *ctx, const struct net_part_head *head, struct error *err) {
  (void)err;
  bytes_addf(ctx, "<%.*s|%.*s>", (int)head->disposition.len,
             head->disposition.data != NULL ? head->disposition.data : "", (int)head->type.len,
             head->type.data != NULL ? head->type.data : "");
  return true;
}
static bool on_data(void *ctx, struct slice data, struct error *err) {
  (void)err;
  bytes_add(ctx, data.data, data.len);
  return true;
}
static bool on_end(void *ctx, struct error *err) {
  (void)err;
  bytes_add_str(ctx, "</>");
  return true;
}

static void multipart_does_not_depend_on_how_it_is_cut(void **state) {
  (void)state;
  static const struct net_multipart_events events = {on_begin, on_data, on_end};
  static const char body[] =
      "junk\r\n--X Y\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--X \r\n\r\r\n-\r\n--X "
      "Y\r\n"
      "Content-Type: b\r\n\r\n\r\n--X Y--\r\nrest\r\n--X Y\r\n";
  static const char expected[] = "<form-data; name=a|>1\r\n--X \r\n\r\r\n-</><|b></>";
  for (size_t step = 1; step < sizeof body; step++) {
    struct bytes out = {0};
    struct error err = {0};
    struct net_multipart_parser parser;
    assert_true(net_multipart_init(&parser, slice_of("multipart/form-data; boundary=\"X Y\""),
                                   &events, &out, &err));
    for (size_t at = 0; at < sizeof body - 1; at += step) {
      size_t len = sizeof body - 1 - at < step ? sizeof body - 1 - at : step;
      assert_true(net_multipart_feed(&parser, body + at, len, &err));
    }
    assert_true(net_multipart_is_complete(&parser));
    assert_string_equal(expected, out.data);
    net_multipart_deinit(&parser);
    bytes_deinit(&out);
  }
}

static void one_gzip_stream_serves_again_and_again(void **state) {
  (void)state;
  struct net_gzip gzip = {0};
  struct bytes first = {0}, second = {0};
  struct slice text = slice_of("the same text, the same text, the same text");
  net_gzip_add(&gzip, text, &first);
  net_gzip_add(&gzip, text, &second);
  assert_int_equal(first.len, second.len);
  assert_memory_equal(first.data, second.data, first.len);
  bytes_deinit(&first);
  bytes_deinit(&second);
  net_gzip_deinit(&gzip);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(queries_are_decoded_or_refused),
      cmocka_unit_test(a_callback_can_stop_the_parsing),
      cmocka_unit_test(cookies_are_read_as_browsers_write_them),
      cmocka_unit_test(parameters_of_headers_are_found),
      cmocka_unit_test(names_of_downloads_survive_the_way_there_and_back),
      cmocka_unit_test(accepted_codings_are_weighed),
      cmocka_unit_test(versions_are_compared_weakly),
      cmocka_unit_test(the_client_is_the_first_who_is_no_proxy_of_ours),
      cmocka_unit_test(paths_are_normalised),
      cmocka_unit_test(multipart_does_not_depend_on_how_it_is_cut),
      cmocka_unit_test(one_gzip_stream_serves_again_and_again),
  };
  return cmocka_run_group_tests_name("net parse", tests, NULL, NULL);
}
