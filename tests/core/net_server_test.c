/* How the server talks: order, reuse of connections, bodies, clients that leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "base/mem.h"
#include "support/net_rig.h"

#define GET(path, headers) "GET " path " HTTP/1.1\r\nHost: a\r\n" headers "\r\n"
#define POST(path, headers) "POST " path " HTTP/1.1\r\nHost: a\r\n" headers "\r\n"

static void check(struct rig_client *client, int status, const char *body) {
  struct rig_answer answer = rig_answer(client);
  assert_int_equal(status, answer.status);
  assert_string_equal(body, answer.body.data != NULL ? answer.body.data : "");
  bytes_deinit(&answer.body);
}

static void a_request_is_seen_decoded_and_normalised(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, GET("/a//b/./c/../%D1%84%20x/?q=%D1%84&z", ""));
  check(client, 200, "GET /a/b/ф x/ ?q=%D1%84&z host=a http ip=127.0.0.1 len=0");
  rig_say(client, "GET http://a?x HTTP/1.1\r\nHost: a\r\n\r\n");
  check(client, 200, "GET / ?x host=a http ip=127.0.0.1 len=0");
  rig_say(client, "PATCH /.. HTTP/1.0\r\n\r\n");
  struct rig_answer answer = rig_answer(client);
  assert_int_equal(400, answer.status);
  bytes_deinit(&answer.body);
  rig_hang_up(client);
  rig_free(rig);
}

static void pipelined_answers_keep_their_order(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, GET("/hello", "") GET("/hold", "") GET("/1", "")
                      POST("/echo", "Content-Length: 3\r\n") "abc" GET("/2", ""));
  check(client, 200, "hello");
  RIG_WAIT(rig, rig->held != NULL);
  assert_true(rig_is_quiet(client)); /* later ones wait */
  assert_int_equal(2, rig->handled);
  net_respond(rig->held, &(struct net_answer){.status = 200, .text = slice_of("held")});
  rig->held = NULL;
  check(client, 200, "held");
  check(client, 200, "GET /1 ? host=a http ip=127.0.0.1 len=0");
  check(client, 200, "abc");
  check(client, 200, "GET /2 ? host=a http ip=127.0.0.1 len=0");
  rig_hang_up(client);
  rig_free(rig);
}

static void a_long_pipeline_is_answered_whole(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_client *client = rig_connect(rig);
  for (int i = 0; i < 3000; i++) rig_say(client, GET("/page", ""));
  for (int i = 0; i < 100; i++) rig_turn(rig);
  assert_in_range(rig->handled, 1, 1500); /* no answers pile up for a client that does not read */
  for (int i = 0; i < 3000; i++) {
    struct rig_answer answer = rig_answer(client);
    assert_int_equal(200, answer.status);
    assert_true(answer.body.len > 20000);
    bytes_deinit(&answer.body);
  }
  rig_hang_up(client);
  rig_free(rig);
}

static void a_client_that_closed_its_side_still_gets_its_answers(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, GET("/hello", "") GET("/hold", "") GET("/hello", ""));
  shutdown(client->fd, SHUT_WR);
  check(client, 200, "hello");
  RIG_WAIT(rig, rig->held != NULL);
  net_respond(rig->held, &(struct net_answer){.status = 200, .text = slice_of("held")});
  check(client, 200, "held");
  check(client, 200, "hello");
  rig_wait_closed(client);
  rig_hang_up(client);
  rig_free(rig);
}

static void head_gets_the_head_of_get(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  struct rig_answer answer = rig_answer_to_head(client);
  assert_int_equal(200, answer.status);
  assert_string_equal("5", rig_header(&answer, "Content-Length"));
  rig_say(client, "HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n");
  answer = rig_answer_to_head(client);
  assert_non_null(rig_header(&answer, "Transfer-Encoding"));
  assert_int_equal(NET_FLOW_READY, net_stream_write(rig->held, slice_of("unseen"), NULL));
  net_stream_end(rig->held);
  rig_say(client, GET("/hello", ""));
  check(client, 200, "hello");
  rig_hang_up(client);
  rig_free(rig);
}

static void every_answer_carries_our_headers_once(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_answer answer = rig_get(rig, GET("/page", ""));
  assert_string_equal("nosniff", rig_header(&answer, "X-Content-Type-Options"));
  assert_string_equal("SAMEORIGIN", rig_header(&answer, "X-Frame-Options")); /* the handler's */
  assert_null(strstr(answer.head, "DENY"));
  assert_non_null(strstr(rig_header(&answer, "Content-Security-Policy"), "frame-ancestors"));
  assert_int_equal(32, strlen(rig_header(&answer, "X-Request-Id")));
  assert_non_null(rig_header(&answer, "Date"));
  assert_null(strstr(answer.head, "Content-Length: 7")); /* the handler's is not believed */
  assert_null(rig_header(&answer, "Strict-Transport-Security"));
  bytes_deinit(&answer.body);
  rig_free(rig);
}

/* ---- bodies ---- */

static void the_client_is_invited_to_send_when_the_handler_reads(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, POST("/echo", "Expect: 100-continue\r\nContent-Length: 3\r\n"));
  check(client, 100, "");
  rig_say(client, "abc");
  check(client, 200, "abc");
  rig_say(client, POST("/echo", "Expect: 100-continue\r\nContent-Length: 3\r\n") "abc");
  struct rig_answer answer = rig_answer(client); /* did not wait: an invitation may be left out */
  if (answer.status == 100) answer = rig_answer(client);
  assert_int_equal(200, answer.status);
  bytes_deinit(&answer.body);
  rig_say(client, POST("/ignore", "Expect: 100-continue\r\nContent-Length: 3\r\n"));
  answer = rig_answer(client);
  assert_int_equal(202, answer.status);
  assert_string_equal("close", rig_header(&answer, "Connection"));
  rig_hang_up(client);
  rig_free(rig);
}

static void a_body_beyond_the_limit_is_refused_by_length_and_by_count(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, POST("/echo", "Content-Length: 2000000\r\n"));
  check(client, 413, "");
  rig_hang_up(client);
  client = rig_connect(rig);
  rig_say(client, POST("/echo", "Transfer-Encoding: chunked\r\n"));
  char *chunk = mem_zero(70000);
  for (int i = 0; i < 20 && rig->read_done < 2; i++) {
    rig_say(client, "11170\r\n");
    rig_send(client, chunk, 70000);
    rig_say(client, "\r\n");
  }
  check(client, 413, "");
  assert_int_equal(ERR_LIMIT, rig->read_error);
  free(chunk);
  rig_hang_up(client);
  rig_free(rig);
}

static void a_small_unread_body_is_skipped_a_large_one_closes(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, POST("/ignore", "Content-Length: 5\r\n"));
  check(client, 202, "");
  rig_say(client, "abcde" POST("/ignore", "Transfer-Encoding: chunked\r\n") "3\r\nabc\r\n");
  check(client, 202, "");
  rig_say(client, "0\r\n\r\n" GET("/hello", ""));
  check(client, 200, "hello");
  rig_say(client, POST("/ignore", "Content-Length: 10000000\r\n"));
  struct rig_answer answer = rig_answer(client);
  assert_string_equal("close", rig_header(&answer, "Connection"));
  rig_say(client, "the rest is of no interest");
  shutdown(client->fd, SHUT_WR);
  rig_wait_closed(client);
  assert_false(client->was_reset); /* it could read the answer */
  rig_hang_up(client);
  rig_free(rig);
}

static void the_socket_waits_while_nobody_reads_the_body(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, POST("/hold", "Content-Length: 50000000\r\n"));
  RIG_WAIT(rig, rig->held != NULL);
  char *data = mem_zero(1 << 20);
  ssize_t all = 0, sent = 1;
  for (int idle = 0; idle < 50;) { /* until the kernel's buffers are full */
    sent = send(client->fd, data, 1 << 20, MSG_NOSIGNAL | MSG_DONTWAIT);
    idle = sent > 0 ? 0 : idle + 1;
    all += sent > 0 ? sent : 0;
    rig_turn(rig);
  }
  assert_true(all < 20000000);
  assert_true(net_server_stats(rig->server).bytes_in < 300000);
  free(data);
  rig_hang_up(client);
  rig_turn(rig);
  net_request_abandon(rig->held);
  rig_free(rig);
}

static void the_owner_is_told_once_that_the_client_went_away(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, POST("/echo", "Content-Length: 5\r\n") "ab");
  RIG_WAIT(rig, rig->handled == 1);
  rig_hang_up(client);
  RIG_WAIT(rig, rig->read_done == 1);
  assert_int_equal(ERR_CLOSED, rig->read_error);
  assert_int_equal(0, rig->closed);
  client = rig_connect(rig);
  rig_say(client, POST("/hold", "Content-Length: 5\r\n") "ab");
  RIG_WAIT(rig, rig->held != NULL);
  rig_hang_up(client);
  RIG_WAIT(rig, rig->closed == 1);
  assert_int_equal(0, net_server_stats(rig->server).in_flight);
  rig_free(rig);
}

static void an_answer_after_the_client_went_away_is_dropped(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, POST("/silent", "Content-Length: 5\r\n") "ab");
  RIG_WAIT(rig, rig->held != NULL);
  rig_hang_up(client);
  RIG_WAIT(rig, net_server_stats(rig->server).connections_open == 0);
  net_respond(rig->held, &(struct net_answer){.status = 200, .text = slice_of("too late")});
  assert_int_equal(0, net_server_stats(rig->server).in_flight);
  rig_free(rig);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_request_is_seen_decoded_and_normalised),
      cmocka_unit_test(pipelined_answers_keep_their_order),
      cmocka_unit_test(a_long_pipeline_is_answered_whole),
      cmocka_unit_test(a_client_that_closed_its_side_still_gets_its_answers),
      cmocka_unit_test(head_gets_the_head_of_get),
      cmocka_unit_test(every_answer_carries_our_headers_once),
      cmocka_unit_test(the_client_is_invited_to_send_when_the_handler_reads),
      cmocka_unit_test(a_body_beyond_the_limit_is_refused_by_length_and_by_count),
      cmocka_unit_test(a_small_unread_body_is_skipped_a_large_one_closes),
      cmocka_unit_test(the_socket_waits_while_nobody_reads_the_body),
      cmocka_unit_test(the_owner_is_told_once_that_the_client_went_away),
      cmocka_unit_test(an_answer_after_the_client_went_away_is_dropped),
  };
  return cmocka_run_group_tests_name("net server", tests, NULL, NULL);
}
