/* Answers that are more than a few bytes: streams, compressed pages, files from disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "support/net_rig.h"

#define GET(path, headers) "GET " path " HTTP/1.1\r\nHost: a\r\n" headers "\r\n"

static void check(struct rig_client *client, int status, const char *body) {
  struct rig_answer answer = rig_answer(client);
  assert_int_equal(status, answer.status);
  assert_string_equal(body, answer.body.data != NULL ? answer.body.data : "");
  bytes_deinit(&answer.body);
}

/* ---- streams ---- */

static int written_calls, written_closed;

static void on_written(struct net_request *req, bool closed) {
  (void)req;
  written_calls++;
  written_closed += closed;
}

static void a_stream_arrives_chunk_by_chunk(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, GET("/stream", "") GET("/hello", ""));
  RIG_WAIT(rig, rig->held != NULL);
  assert_int_equal(NET_FLOW_READY, net_stream_write(rig->held, slice_of("data: 1\n\n"), NULL));
  assert_int_equal(NET_FLOW_READY, net_stream_write(rig->held, slice_of(""), NULL));
  net_stream_end(rig->held);
  check(client, 200, "data: begin\n\ndata: 1\n\n");
  check(client, 200, "hello");
  rig->held = NULL;
  rig_say(client, "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  RIG_WAIT(rig, rig->held != NULL);
  net_stream_end(rig->held);
  struct rig_answer answer = rig_answer(client);
  assert_null(rig_header(&answer, "Transfer-Encoding"));
  assert_string_equal("data: begin\n\n", answer.body.data);
  assert_true(client->is_closed);
  bytes_deinit(&answer.body);
  rig_hang_up(client);
  rig_free(rig);
}

static void a_stream_waits_for_a_slow_reader(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, GET("/stream", ""));
  RIG_WAIT(rig, rig->held != NULL);
  struct bytes data = {0};
  for (int i = 0; i < 8000; i++) bytes_add_str(&data, "12345678");
  enum net_flow flow = NET_FLOW_READY;
  size_t written = 0;
  written_calls = written_closed = 0;
  while (flow == NET_FLOW_READY && written < (64u << 20)) {
    flow = net_stream_write(rig->held, (struct slice){data.data, data.len}, on_written);
    written += data.len;
  }
  assert_int_equal(NET_FLOW_WAIT, flow); /* long before 64 MiB */
  assert_int_equal(0, written_calls);
  RIG_WAIT(rig, (rig_is_quiet(client), written_calls == 1)); /* rig_is_quiet() reads */
  assert_int_equal(0, written_closed);
  net_stream_end(rig->held);
  struct rig_answer answer = rig_answer(client);
  assert_int_equal(written + strlen("data: begin\n\n"), answer.body.len);
  bytes_deinit(&answer.body);
  bytes_deinit(&data);
  rig_hang_up(client);
  rig_free(rig);
}

static void a_stream_hears_that_its_client_left(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, GET("/stream", ""));
  RIG_WAIT(rig, rig->held != NULL);
  rig_hang_up(client);
  RIG_WAIT(rig, rig->closed == 1);
  client = rig_connect(rig);
  rig_say(client, GET("/stream", ""));
  RIG_WAIT(rig, rig->held != NULL);
  struct bytes data = {0};
  for (int i = 0; i < 100000; i++) bytes_add_str(&data, "12345678");
  written_calls = written_closed = 0;
  struct slice piece = {data.data, data.len};
  while (net_stream_write(rig->held, piece, on_written) == NET_FLOW_READY) continue;
  rig_hang_up(client);
  RIG_WAIT(rig, written_closed == 1);
  assert_int_equal(1, written_calls);
  assert_int_equal(NET_FLOW_CLOSED, net_stream_write(rig->held, piece, on_written));
  net_stream_end(rig->held);
  assert_int_equal(1, rig->closed); /* told by the write, not again */
  bytes_deinit(&data);
  rig_free(rig);
}

/* ---- versions, compression, files ---- */

static void a_page_is_compressed_and_revalidated(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_answer answer = rig_get(rig, GET("/page", "Accept-Encoding: br, gzip;q=0.5\r\n"));
  assert_string_equal("gzip", rig_header(&answer, "Content-Encoding"));
  assert_string_equal("W/\"v1\"", rig_header(&answer, "ETag"));
  assert_string_equal("Accept-Encoding", rig_header(&answer, "Vary"));
  static char plain[65536];
  z_stream stream = {0};
  inflateInit2(&stream, 15 + 32);
  stream.next_in = (Bytef *)answer.body.data, stream.avail_in = (uInt)answer.body.len;
  stream.next_out = (Bytef *)plain, stream.avail_out = sizeof plain - 1;
  assert_int_equal(Z_STREAM_END, inflate(&stream, Z_FINISH));
  inflateEnd(&stream);
  assert_int_equal(0, strncmp(plain, "<p>строка 0</p>\n<p>строка 1</p>\n", 30));
  bytes_deinit(&answer.body);
  answer = rig_get(rig, GET("/page", "Accept-Encoding: gzip;q=0\r\n"));
  assert_null(rig_header(&answer, "Content-Encoding"));
  bytes_deinit(&answer.body);
  answer = rig_get(rig, GET("/page", "If-None-Match: \"v0\", W/\"v1\"\r\n"));
  assert_int_equal(304, answer.status);
  assert_null(rig_header(&answer, "Content-Length"));
  answer = rig_get(rig, GET("/page", "If-None-Match: \"v2\"\r\n"));
  assert_int_equal(200, answer.status);
  bytes_deinit(&answer.body);
  rig_free(rig);
}

static struct rig_answer get_file(struct rig *rig, const char *path, const char *headers) {
  struct bytes text = {0};
  bytes_addf(&text, "GET /file?%s HTTP/1.1\r\nHost: a\r\n%s\r\n", path, headers);
  struct rig_answer answer = rig_get(rig, text.data);
  bytes_deinit(&text);
  return answer;
}

static void a_file_is_streamed_whole_or_by_range(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  char path[128];
  snprintf(path, sizeof path, "%s/file", rig->dir);
  FILE *file = fopen(path, "w");
  for (int i = 0; i < 100000; i++) fprintf(file, "%09d\n", i);
  fclose(file);
  struct rig_answer answer = get_file(rig, path, "");
  assert_int_equal(1000000, answer.body.len);
  assert_string_equal("000099999\n", answer.body.data + 999990);
  bytes_deinit(&answer.body);
  answer = get_file(rig, path, "Range: bytes=500000-500018\r\n");
  assert_int_equal(206, answer.status);
  assert_string_equal("bytes 500000-500018/1000000", rig_header(&answer, "Content-Range"));
  assert_string_equal("000050000\n000050001", answer.body.data);
  bytes_deinit(&answer.body);
  answer = get_file(rig, path, "Range: bytes=5-6\r\nIf-Range: \"f0\"\r\n");
  assert_int_equal(200, answer.status);
  bytes_deinit(&answer.body);
  answer = get_file(rig, path, "Range: bytes=1000000-\r\n");
  assert_int_equal(416, answer.status);
  assert_string_equal("bytes */1000000", rig_header(&answer, "Content-Range"));
  answer = get_file(rig, path, "If-None-Match: \"f1\"\r\n");
  assert_int_equal(304, answer.status);
  unlink(path);
  answer = get_file(rig, path, "");
  assert_int_equal(404, answer.status);
  bytes_deinit(&answer.body);
  answer = get_file(rig, rig->dir, "");
  assert_int_equal(404, answer.status);
  bytes_deinit(&answer.body);
  rig_free(rig);
}

static void a_client_that_leaves_in_a_download_leaves_nothing_behind(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  char path[128];
  snprintf(path, sizeof path, "%s/file", rig->dir);
  FILE *file = fopen(path, "w");
  for (int i = 0; i < 4000000; i++) fputs("123456789\n", file);
  fclose(file);
  struct rig_client *client = rig_connect(rig);
  struct bytes text = {0};
  bytes_addf(&text, "GET /file?%s HTTP/1.1\r\nHost: a\r\n\r\n", path);
  rig_say(client, text.data);
  RIG_WAIT(rig, net_server_stats(rig->server).bytes_out > 100000);
  rig_hang_up(client);
  RIG_WAIT(rig, net_server_stats(rig->server).connections_open == 0);
  RIG_WAIT(rig, net_server_stats(rig->server).in_flight == 0);
  assert_true(net_server_stats(rig->server).bytes_out < 30000000); /* no faster than it reads */
  bytes_deinit(&text);
  unlink(path);
  rig_free(rig);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_stream_arrives_chunk_by_chunk),
      cmocka_unit_test(a_stream_waits_for_a_slow_reader),
      cmocka_unit_test(a_stream_hears_that_its_client_left),
      cmocka_unit_test(a_page_is_compressed_and_revalidated),
      cmocka_unit_test(a_file_is_streamed_whole_or_by_range),
      cmocka_unit_test(a_client_that_leaves_in_a_download_leaves_nothing_behind),
  };
  return cmocka_run_group_tests_name("net answers", tests, NULL, NULL);
}
