/* Static files: names with and without hash, forms, ranges, versions, exchange of the set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/static.h"
#include "support/net_rig.h"

static char root[64];

static void put(const char *name, const char *content) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", root, name);
  FILE *file = fopen(path, "w");
  fputs(content, file);
  fclose(file);
}

static int make_root(void **state) {
  (void)state;
  char below[128];
  strcpy(root, "/tmp/copp-static-XXXXXX");
  if (mkdtemp(root) == NULL) return -1;
  snprintf(below, sizeof below, "%s/fonts", root);
  mkdir(below, 0700);
  put("app.css", "body { color: black }\n");
  put("app.css.br", "brotli form");
  put("app.css.gz", "gzip form");
  put("logo.svg", "<svg/>");
  put("big.js", "0123456789");
  put("chunk-0a1b2c3d.js", "hashed by the build");
  put(".hidden", "secret");
  put("fonts/text.woff2", "font");
  return 0;
}

static int remove_root(void **state) {
  (void)state;
  char command[128];
  snprintf(command, sizeof command, "rm -r %s", root);
  return system(command);
}

static struct net_static *load(void) {
  struct error err = {0};
  struct net_static *set = net_static_load(root, NULL, &err);
  if (set == NULL) fail_msg("%s", err.text);
  return set;
}

static struct rig *rig_with(struct net_static *set) {
  struct net_server_config config = NET_SERVER_CONFIG;
  config.statics = set;
  return rig_new(&config);
}

static struct rig_answer get(struct rig *rig, const char *url, const char *headers) {
  struct bytes text = {0};
  bytes_addf(&text, "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", url, headers);
  struct rig_answer answer = rig_get(rig, text.data);
  bytes_deinit(&text);
  return answer;
}

static void expect(struct rig *rig, const char *url, const char *headers, int status,
                   const char *body) {
  struct rig_answer answer = get(rig, url, headers);
  assert_int_equal(status, answer.status);
  if (body != NULL) assert_string_equal(body, answer.body.data);
  bytes_deinit(&answer.body);
}

static void the_hash_in_the_name_makes_it_immutable(void **state) {
  (void)state;
  struct net_static *set = load();
  struct rig *rig = rig_with(set);
  assert_int_equal(5, net_static_count(set));
  struct rig_answer answer = get(rig, net_static_url(set, slice_of("app.css")), "");
  assert_string_equal("body { color: black }\n", answer.body.data);
  assert_string_equal("public, max-age=31536000, immutable", rig_header(&answer, "Cache-Control"));
  assert_string_equal("text/css; charset=utf-8", rig_header(&answer, "Content-Type"));
  assert_string_equal("nosniff", rig_header(&answer, "X-Content-Type-Options"));
  bytes_deinit(&answer.body);
  answer = get(rig, "/a/app.css", "");
  assert_string_equal("no-cache", rig_header(&answer, "Cache-Control"));
  bytes_deinit(&answer.body);
  answer = get(rig, "/a/app.000000000000.css", ""); /* of an older version */
  assert_int_equal(200, answer.status);
  assert_string_equal("no-cache", rig_header(&answer, "Cache-Control"));
  bytes_deinit(&answer.body);
  answer = get(rig, "/a/chunk-0a1b2c3d.js", "");
  assert_string_equal("public, max-age=31536000, immutable", rig_header(&answer, "Cache-Control"));
  bytes_deinit(&answer.body);
  assert_string_equal("/a/chunk-0a1b2c3d.js", net_static_url(set, slice_of("chunk-0a1b2c3d.js")));
  net_static_unref(set);
  rig_free(rig);
}

static void what_is_not_in_the_set_is_not_there(void **state) {
  (void)state;
  struct net_static *set = load();
  struct rig *rig = rig_with(set);
  expect(rig, "/a/fonts/text.woff2", "", 200, "font");
  expect(rig, "/a/none.css", "", 404, "Такого файла нет.\n");
  expect(rig, "/a/.hidden", "", 404, NULL);
  expect(rig, "/a/app.css.br", "", 404, NULL);
  expect(rig, "/a/fonts", "", 404, NULL);
  expect(rig, "/a/../etc/passwd", "", 200, NULL); /* /etc/passwd: the handler's */
  assert_int_equal(405, rig_status(rig, "POST /a/app.css HTTP/1.1\r\nHost: a\r\n\r\n"));
  assert_null(net_static_url(set, slice_of("none.css")));
  net_static_unref(set);
  rig_free(rig);
}

static void the_best_form_is_chosen(void **state) {
  (void)state;
  struct net_static *set = load();
  struct rig *rig = rig_with(set);
  expect(rig, "/a/app.css", "Accept-Encoding: gzip, deflate, br\r\n", 200, "brotli form");
  expect(rig, "/a/app.css", "Accept-Encoding: gzip\r\n", 200, "gzip form");
  expect(rig, "/a/app.css", "Accept-Encoding: br;q=0, *\r\n", 200, "gzip form");
  expect(rig, "/a/app.css", "Accept-Encoding: identity\r\n", 200, "body { color: black }\n");
  expect(rig, "/a/logo.svg", "Accept-Encoding: gzip, br\r\n", 200, "<svg/>");
  struct rig_answer answer = get(rig, "/a/app.css", "Accept-Encoding: br\r\n");
  assert_string_equal("br", rig_header(&answer, "Content-Encoding"));
  assert_string_equal("Accept-Encoding", rig_header(&answer, "Vary"));
  bytes_deinit(&answer.body);
  net_static_unref(set);
  rig_free(rig);
}

static void ranges_and_versions_are_heeded(void **state) {
  (void)state;
  struct net_static *set = load();
  struct rig *rig = rig_with(set);
  expect(rig, "/a/big.js", "Range: bytes=2-4\r\n", 206, "234");
  expect(rig, "/a/big.js", "Range: bytes=7-\r\n", 206, "789");
  expect(rig, "/a/big.js", "Range: bytes=-2\r\n", 206, "89");
  expect(rig, "/a/big.js", "Range: bytes=-20\r\n", 206, "0123456789");
  expect(rig, "/a/big.js", "Range: bytes=8-100\r\n", 206, "89");
  expect(rig, "/a/big.js", "Range: bytes=10-\r\n", 416, NULL);
  expect(rig, "/a/big.js", "Range: bytes=-0\r\n", 416, NULL);
  expect(rig, "/a/big.js", "Range: bytes=4-2\r\n", 200, "0123456789");
  expect(rig, "/a/big.js", "Range: bytes=0-1,3-4\r\n", 200, "0123456789");
  expect(rig, "/a/big.js", "Range: lines=0-1\r\n", 200, "0123456789");
  expect(rig, "/a/app.css", "Accept-Encoding: br\r\nRange: bytes=0-3\r\n", 206, "body");
  struct rig_answer answer = get(rig, "/a/big.js", "");
  char etag[64], headers[128];
  snprintf(etag, sizeof etag, "%s", rig_header(&answer, "ETag"));
  bytes_deinit(&answer.body);
  snprintf(headers, sizeof headers, "If-None-Match: %s\r\n", etag);
  expect(rig, "/a/big.js", headers, 304, NULL);
  snprintf(headers, sizeof headers, "Range: bytes=0-1\r\nIf-Range: %s\r\n", etag);
  expect(rig, "/a/big.js", headers, 206, "01");
  expect(rig, "/a/big.js", "Range: bytes=0-1\r\nIf-Range: \"x\"\r\n", 200, "0123456789");
  net_static_unref(set);
  rig_free(rig);
}

static void a_new_set_takes_over(void **state) {
  (void)state;
  struct net_static *old = load();
  struct rig *rig = rig_with(old);
  net_static_unref(old); /* the server still has it */
  expect(rig, "/a/big.js", "", 200, "0123456789");
  put("big.js", "new");
  struct net_static *set = load();
  net_server_set_static(rig->server, set);
  net_static_unref(set);
  expect(rig, "/a/big.js", "", 200, "new");
  put("big.js", "0123456789");
  rig_free(rig);
}

static void an_overlay_takes_the_place_of_files(void **state) {
  (void)state;
  char below[128];
  struct error err = {0};
  snprintf(below, sizeof below, "%s/../copp-static-over-%d", root, (int)getpid());
  mkdir(below, 0700);
  char path[160];
  snprintf(path, sizeof path, "%s/app.css", below);
  FILE *file = fopen(path, "w");
  fputs("body { color: red }\n", file);
  fclose(file);
  struct net_static *set = net_static_load(root, below, &err);
  assert_non_null(set);
  struct rig *rig = rig_with(set);
  expect(rig, net_static_url(set, slice_of("app.css")), "Accept-Encoding: gzip, br\r\n", 200, "body { color: red }\n");
  expect(rig, "/a/logo.svg", "", 200, "<svg/>");
  net_static_unref(set);
  rig_free(rig);
  unlink(path);
  rmdir(below);
}

static void a_missing_root_is_named(void **state) {
  (void)state;
  struct error err = {0};
  assert_null(net_static_load("/nonexistent", NULL, &err));
  assert_int_equal(ERR_IO, err.code);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_hash_in_the_name_makes_it_immutable),
      cmocka_unit_test(what_is_not_in_the_set_is_not_there),
      cmocka_unit_test(the_best_form_is_chosen),
      cmocka_unit_test(ranges_and_versions_are_heeded),
      cmocka_unit_test(a_new_set_takes_over),
      cmocka_unit_test(an_overlay_takes_the_place_of_files),
      cmocka_unit_test(a_missing_root_is_named),
  };
  return cmocka_run_group_tests_name("net static", tests, make_root, remove_root);
}
