/* What a client cannot do to us: be slow, be many, stay for ever; and who it is behind proxies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "support/net_rig.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static struct net_server_config impatient(void) {
  struct net_server_config config = NET_SERVER_CONFIG;
  config.head_ms = 60;
  config.body_ms = 60;
  config.idle_ms = 60;
  config.linger_ms = 30;
  config.half_closed_ms = 60;
  config.handshake_ms = 60;
  return config;
}

static int status_of(struct rig_client *client) {
  struct rig_answer answer = rig_answer(client);
  bytes_deinit(&answer.body);
  return answer.status;
}

/* ---- slow ones ---- */

static void a_head_that_drips_is_cut_by_an_absolute_deadline(void **state) {
  (void)state;
  struct net_server_config config = impatient();
  struct rig *rig = rig_new(&config);
  struct rig_client *client = rig_connect(rig);
  uint64_t began = clock_monotonic_us();
  rig_say(client, "GET /hello HTTP/1.1\r\nHost: a\r\n");
  while (rig_is_quiet(client)) rig_say(client, "X: y\r\n"); /* far below the size limits */
  assert_int_equal(408, status_of(client));
  assert_in_range(clock_monotonic_us() - began, 50000, 1000000);
  assert_int_equal(1, net_server_stats(rig->server).refused_slow);
  rig_hang_up(client);
  client = rig_connect(rig);
  rig_say(client, GET("/hello") "GET /hello HTTP/1.1\r\n"); /* the second request, too */
  assert_int_equal(200, status_of(client));
  while (rig_is_quiet(client)) rig_say(client, "X: y\r\n");
  assert_int_equal(408, status_of(client));
  rig_hang_up(client);
  rig_free(rig);
}

static void a_silent_connection_is_closed_without_a_word(void **state) {
  (void)state;
  struct net_server_config config = impatient();
  struct rig *rig = rig_new(&config);
  struct rig_client *client = rig_connect(rig);
  rig_wait_closed(client);
  assert_int_equal(0, client->in.len);
  rig_hang_up(client);
  rig_free(rig);
}

static void an_idle_connection_is_closed_in_time_not_before(void **state) {
  (void)state;
  struct net_server_config config = impatient();
  config.idle_ms = 200;
  struct rig *rig = rig_new(&config);
  struct rig_client *client = rig_connect(rig);
  uint64_t began = clock_monotonic_us();
  rig_say(client, GET("/hello"));
  assert_int_equal(200, status_of(client));
  rig_wait_closed(client);
  assert_in_range(clock_monotonic_us() - began, 190000, 2000000);
  rig_hang_up(client);
  rig_free(rig);
}

static void a_body_that_drips_is_cut_one_that_flows_is_not(void **state) {
  (void)state;
  struct net_server_config config = impatient();
  config.min_rate = 10000; /* 600 bytes a window */
  struct rig *rig = rig_new(&config);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  while (rig_is_quiet(client)) rig_say(client, "a");
  assert_int_equal(408, status_of(client));
  assert_int_equal(ERR_TIMEOUT, rig->read_error);
  rig_hang_up(client);
  client = rig_connect(rig);
  static char piece[10000];
  rig_say(client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  for (int i = 0; i < 100; i++) { /* takes several windows */
    rig_send(client, piece, sizeof piece);
    rig_turn(rig);
  }
  assert_int_equal(200, status_of(client));
  rig_hang_up(client);
  rig_free(rig);
}

static void a_body_has_an_end_however_steadily_it_flows(void **state) {
  (void)state;
  struct net_server_config config = impatient();
  config.min_rate = 1;
  config.body_total_ms = 150;
  struct rig *rig = rig_new(&config);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  while (rig_is_quiet(client)) rig_say(client, "ab");
  assert_int_equal(408, status_of(client));
  rig_hang_up(client);
  rig_free(rig);
}

static void a_client_that_does_not_read_is_cut(void **state) {
  (void)state;
  struct net_server_config config = impatient();
  config.min_rate = 100000;
  struct rig *rig = rig_new(&config);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, GET("/stream"));
  RIG_WAIT(rig, rig->held != NULL);
  char *data = mem_zero(16 << 20);
  net_stream_write(rig->held, (struct slice){data, 16 << 20}, NULL);
  rig->held->closed(rig->held); /* ends it; the rest waits for the socket */
  free(data);
  RIG_WAIT(rig, net_server_stats(rig->server).connections_open == 0);
  rig_hang_up(client);
  rig_free(rig);
}

static void a_slow_handler_is_no_slow_client(void **state) {
  (void)state;
  struct net_server_config config = impatient();
  struct rig *rig = rig_new(&config);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, "POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");
  RIG_WAIT(rig, rig->held != NULL);
  char *data = mem_zero(200000);
  rig_send(client, data, 200000);
  free(data);
  uint64_t until = clock_monotonic_us() + 200000;
  while (clock_monotonic_us() < until) assert_true(rig_is_quiet(client));
  net_respond(rig->held, &(struct net_answer){.status = 200});
  assert_int_equal(200, status_of(client));
  rig_hang_up(client);
  rig_free(rig);
}

static void a_client_that_closed_its_side_is_given_up_after_a_while(void **state) {
  (void)state;
  struct net_server_config config = impatient();
  struct rig *rig = rig_new(&config);
  struct rig_client *client = rig_connect(rig);
  rig_say(client, GET("/hold"));
  RIG_WAIT(rig, rig->held != NULL);
  shutdown(client->fd, SHUT_WR);
  RIG_WAIT(rig, rig->closed == 1);
  rig_hang_up(client);
  rig_free(rig);
}

/* ---- many ---- */

static void requests_beyond_the_limit_get_503(void **state) {
  (void)state;
  struct net_server_config config = NET_SERVER_CONFIG;
  config.max_in_flight = 1;
  struct rig *rig = rig_new(&config);
  struct rig_client *first = rig_connect(rig), *second = rig_connect(rig);
  rig_say(first, GET("/hold"));
  RIG_WAIT(rig, rig->held != NULL);
  rig_say(second, GET("/api/v1/x"));
  struct rig_answer answer = rig_answer(second);
  assert_int_equal(503, answer.status);
  assert_string_equal("1", rig_header(&answer, "Retry-After"));
  assert_string_equal("application/problem+json", rig_header(&answer, "Content-Type"));
  assert_non_null(strstr(answer.body.data, "\"code\":\"overloaded\""));
  bytes_deinit(&answer.body);
  net_respond(rig->held, &(struct net_answer){.status = 200});
  assert_int_equal(200, status_of(first));
  rig_say(second, GET("/hello")); /* the connection is still good */
  assert_int_equal(200, status_of(second));
  assert_int_equal(1, net_server_stats(rig->server).refused_overload);
  rig_hang_up(first);
  rig_hang_up(second);
  rig_free(rig);
}

static void connections_beyond_the_limit_take_the_place_of_idle_ones(void **state) {
  (void)state;
  struct net_server_config config = NET_SERVER_CONFIG;
  config.max_connections = 2;
  struct rig *rig = rig_new(&config);
  struct rig_client *idle = rig_connect(rig), *busy = rig_connect(rig);
  rig_say(idle, GET("/hello"));
  assert_int_equal(200, status_of(idle));
  rig_say(busy, GET("/hold"));
  RIG_WAIT(rig, rig->held != NULL);
  struct rig_client *third = rig_connect(rig);
  rig_say(third, GET("/hello"));
  assert_int_equal(200, status_of(third));
  rig_wait_closed(idle);
  assert_int_equal(1, net_server_stats(rig->server).evicted_idle);
  rig_say(third, "GET /hel"); /* not idle any more */
  RIG_WAIT(rig, net_server_stats(rig->server).idle == 0);
  struct rig_client *fourth = rig_connect(rig);
  rig_say(fourth, GET("/hello"));
  assert_int_equal(503, status_of(fourth));
  net_respond(rig->held, &(struct net_answer){.status = 200});
  rig_hang_up(idle);
  rig_hang_up(busy);
  rig_hang_up(third);
  rig_hang_up(fourth);
  rig_free(rig);
}

static void running_out_of_descriptors_neither_spins_nor_sticks(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rlimit old, tight;
  getrlimit(RLIMIT_NOFILE, &old);
  struct rig_client *waiting[8];
  for (int i = 0; i < 8; i++) waiting[i] = rig_connect(rig);
  int next = dup(0);
  close(next);
  tight = (struct rlimit){(rlim_t)next, old.rlim_max};
  setrlimit(RLIMIT_NOFILE, &tight); /* accept() finds no descriptor now */
  for (int i = 0; i < 20; i++) rig_turn(rig);
  uint64_t began = clock_monotonic_us();
  int turns = 0;
  while (clock_monotonic_us() - began < 100000) rig_turn(rig), turns++;
  assert_in_range(turns, 1, 150); /* about one a millisecond: it slept in between */
  setrlimit(RLIMIT_NOFILE, &old);
  for (int i = 0; i < 8; i++) rig_hang_up(waiting[i]);
  assert_int_equal(200, rig_status(rig, GET("/hello")));
  rig_free(rig);
}

/* ---- draining ---- */

static bool is_drained;
static void on_drained(void *ctx) { (void)ctx, is_drained = true; }

static void draining_ends_what_runs_and_takes_nothing_new(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_client *idle = rig_connect(rig), *busy = rig_connect(rig);
  rig_say(idle, GET("/hello"));
  assert_int_equal(200, status_of(idle));
  rig_say(busy, GET("/hold"));
  RIG_WAIT(rig, rig->held != NULL);
  is_drained = false;
  net_server_drain(rig->server, 5000, on_drained, NULL);
  rig_wait_closed(idle);
  assert_false(is_drained);
  net_respond(rig->held, &(struct net_answer){.status = 200, .text = slice_of("last")});
  struct rig_answer answer = rig_answer(busy);
  assert_string_equal("last", answer.body.data);
  assert_string_equal("close", rig_header(&answer, "Connection"));
  bytes_deinit(&answer.body);
  rig_hang_up(busy);
  RIG_WAIT(rig, is_drained);
  rig->is_drained = true;
  rig_hang_up(idle);
  rig_free(rig);
}

static void draining_cuts_at_its_deadline(void **state) {
  (void)state;
  struct net_server_config config = impatient();
  struct rig *rig = rig_new(&config);
  struct rig_client *busy = rig_connect(rig), *stream = rig_connect(rig);
  rig_say(busy, GET("/hold"));
  RIG_WAIT(rig, rig->held != NULL);
  rig_say(stream, GET("/stream"));
  RIG_WAIT(rig, rig->handled == 2);
  is_drained = false;
  net_server_drain(rig->server, 50, on_drained, NULL);
  RIG_WAIT(rig, is_drained);
  assert_int_equal(2, rig->closed);
  rig->is_drained = true;
  rig_hang_up(busy);
  rig_hang_up(stream);
  rig_free(rig);
}

/* ---- proxies ---- */

#define FORWARDED                                                               \
  "GET /x HTTP/1.1\r\nHost: inner\r\nX-Forwarded-For: 1.1.1.1, 203.0.113.7\r\n" \
  "X-Forwarded-For: 10.1.2.3\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: outer\r\n\r\n"

static void check_forwarded(const char *trusted, const char *body, bool is_https) {
  struct net_server_config config = NET_SERVER_CONFIG;
  config.trusted_proxies = trusted;
  struct rig *rig = rig_new(&config);
  struct rig_answer answer = rig_get(rig, FORWARDED);
  assert_string_equal(body, answer.body.data);
  assert_int_equal(is_https, rig_header(&answer, "Strict-Transport-Security") != NULL);
  bytes_deinit(&answer.body);
  rig_free(rig);
}

static void only_trusted_proxies_are_believed(void **state) {
  (void)state;
  check_forwarded(NULL, "GET /x ? host=inner http ip=127.0.0.1 len=0", false);
  check_forwarded("10.0.0.0/8", "GET /x ? host=inner http ip=127.0.0.1 len=0", false);
  check_forwarded("127.0.0.0/8", "GET /x ? host=outer https ip=10.1.2.3 len=0", true);
  check_forwarded("127.0.0.1, 10.0.0.0/8", "GET /x ? host=outer https ip=203.0.113.7 len=0", true);
}

/* ---- listening ---- */

static void a_taken_port_is_named(void **state) {
  (void)state;
  struct error err = {0};
  int fds[3], other;
  assert_true(net_listen("127.0.0.1:0", fds, 3, &err));
  assert_int_equal(net_listen_port(fds[0]), net_listen_port(fds[2]));
  char address[64];
  snprintf(address, sizeof address, "127.0.0.1:%d", net_listen_port(fds[0]));
  assert_false(net_listen(address, &other, 1, &err));
  assert_int_equal(ERR_CONFLICT, err.code);
  assert_false(net_listen(address, &other, 2, &err)); /* although SO_REUSEPORT would allow it */
  for (int i = 0; i < 3; i++) close(fds[i]);
  assert_false(net_listen("nonsense", &other, 1, &err));
  assert_int_equal(ERR_INVALID, err.code);
  assert_true(net_listen(":0", &other, 1, &err));
  close(other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_head_that_drips_is_cut_by_an_absolute_deadline),
      cmocka_unit_test(a_silent_connection_is_closed_without_a_word),
      cmocka_unit_test(an_idle_connection_is_closed_in_time_not_before),
      cmocka_unit_test(a_body_that_drips_is_cut_one_that_flows_is_not),
      cmocka_unit_test(a_body_has_an_end_however_steadily_it_flows),
      cmocka_unit_test(a_client_that_does_not_read_is_cut),
      cmocka_unit_test(a_slow_handler_is_no_slow_client),
      cmocka_unit_test(a_client_that_closed_its_side_is_given_up_after_a_while),
      cmocka_unit_test(requests_beyond_the_limit_get_503),
      cmocka_unit_test(connections_beyond_the_limit_take_the_place_of_idle_ones),
      cmocka_unit_test(running_out_of_descriptors_neither_spins_nor_sticks),
      cmocka_unit_test(draining_ends_what_runs_and_takes_nothing_new),
      cmocka_unit_test(draining_cuts_at_its_deadline),
      cmocka_unit_test(only_trusted_proxies_are_believed),
      cmocka_unit_test(a_taken_port_is_named),
  };
  return cmocka_run_group_tests_name("net limits", tests, NULL, NULL);
}
