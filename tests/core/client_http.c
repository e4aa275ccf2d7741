/* The HTTP client against a scripted server of our own. */
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

#include "base/clock.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "net/client.h"
#include "support/peer.h"

#define TEST(name) static void name(void **state)
#define UNUSED (void)state
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- the server: what is asked for says what happens ---- */

struct asked {
  char method[16], path[256];
  long length;
  bool has_type;
};

static bool read_head(struct peer_conn *conn, struct asked *out) {
  char line[4096];
  *out = (struct asked){0};
  if (!peer_line(conn, line, sizeof line)) return false;
  if (sscanf(line, "%15s %255s", out->method, out->path) != 2) return false;
  peer_note(conn->peer, "%s %s\n", out->method, out->path);
  while (peer_line(conn, line, sizeof line) && line[0] != '\0') {
    sscanf(line, "Content-Length: %ld", &out->length);
    if (strncasecmp(line, "Content-Type:", 13) == 0) out->has_type = true;
    if (strncasecmp(line, "X-", 2) == 0) peer_note(conn->peer, "%s\n", line);
  }
  return true;
}

static bool answer(struct peer_conn *conn, const char *headers, const char *body) {
  char head[512];
  snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\n%sContent-Length: %zu\r\n\r\n", headers,
           strlen(body));
  return peer_say(conn, head) && peer_say(conn, body);
}

static bool echo(struct peer_conn *conn, const struct asked *asked) {
  char *body = mem_zero((size_t)asked->length + 1);
  bool ok = peer_read(conn, body, (size_t)asked->length) &&
            answer(conn, asked->has_type ? "X-Typed: yes\r\n" : "", body);
  free(body);
  return ok;
}

static bool flood(struct peer_conn *conn, const char *head, const char *chunk) {
  bool ok = peer_say(conn, head);
  while (ok) ok = peer_say(conn, chunk);
  return false;
}

static bool serve_one(struct peer_conn *conn, const struct asked *asked) {
  const char *path = asked->path;
  if (strcmp(path, "/echo") == 0) return echo(conn, asked);
  if (strcmp(path, "/hold") == 0) return peer_hold(conn), false;
  if (strcmp(path, "/drop") == 0) return false;
  if (strcmp(path, "/cut") == 0) {
    return peer_say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), false;
  }
  if (strcmp(path, "/endless") == 0) {
    return flood(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                 "10\r\n0123456789abcdef\r\n");
  }
  if (strcmp(path, "/huge") == 0) { /* promised, never sent */
    peer_say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n");
    return peer_hold(conn), false;
  }
  if (strcmp(path, "/headers") == 0) {
    return flood(conn, "HTTP/1.1 200 OK\r\n", "X-Filler: 0123456789abcdef0123456789abcdef\r\n");
  }
  if (strcmp(path, "/redirect") == 0) {
    return peer_say(conn, "HTTP/1.1 302 Found\r\nLocation: /hello\r\nContent-Length: 0\r\n\r\n");
  }
  if (strcmp(path, "/early") == 0) {
    return peer_say(conn, "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n") &&
           answer(conn, "X-Late: 1\r\n", "late");
  }
  if (strcmp(asked->method, "HEAD") == 0) {
    return peer_say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n");
  }
  return answer(conn, "X-Answer:  two words \r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n", "hello");
}

static void serve(struct peer_conn *conn) {
  struct asked asked;
  while (read_head(conn, &asked) && serve_one(conn, &asked)) continue;
}

/* ---- the world of a test ---- */

struct world {
  struct loop loop;
  struct log log;
  struct peer *peer;
  char allowed[64]; /* host:port of the peer */
  struct net_client *client;
};

static void start_client(struct world *w, struct net_client_config *config) {
  const char *allowed[] = {w->allowed};
  config->allowed = allowed;
  config->allowed_count = 1;
  w->client = net_client_new(&w->loop, config, &w->log);
  config->allowed = NULL;
  config->allowed_count = 0;
}

static void set_up(struct world *w, SSL_CTX *tls, struct net_client_config *config) {
  memset(w, 0, sizeof *w);
  w->log = (struct log){.fd = 2, .from = LOG_ERROR, .who = "test"};
  assert_true(loop_init(&w->loop, NULL));
  w->peer = peer_new(serve, tls, NULL);
  snprintf(w->allowed, sizeof w->allowed, "%s:%d", tls != NULL ? "localhost" : "127.0.0.1",
           peer_port(w->peer));
  start_client(w, config);
}

static void tear_down(struct world *w) {
  net_client_free(w->client);
  loop_deinit(&w->loop); /* asserts that every handle was closed */
  peer_free(w->peer);
}

struct got {
  int count; /* of callbacks */
  int status;
  char headers[1024]; /* "name=value\n" */
  struct bytes body;
  struct error err;
};

static void on_fetched(void *ctx, struct net_fetched *fetched, const struct error *err) {
  struct got *got = ctx;
  got->count++;
  if (err != NULL) {
    got->err = *err;
    return;
  }
  got->status = fetched->status;
  for (size_t i = 0; i < fetched->header_count; i++) {
    const struct net_header *h = &fetched->headers[i];
    size_t at = strlen(got->headers);
    snprintf(got->headers + at, sizeof got->headers - at, "%.*s=%.*s\n", (int)h->name.len,
             h->name.data, (int)h->value.len, h->value.data);
  }
  got->body = fetched->body;
  fetched->body = (struct bytes){0};
}

static bool start(struct world *w, const char *path, struct net_fetch fetch, struct got *got,
                  struct net_transfer **out, struct error *err) {
  char url[512];
  struct net_transfer *ignored;
  snprintf(url, sizeof url, "http://%s%s", w->allowed, path);
  if (fetch.url == NULL) fetch.url = url;
  return net_client_fetch(w->client, &fetch, on_fetched, got, out != NULL ? out : &ignored, err);
}

static void on_tick(uv_timer_t *timer) {
  if (clock_monotonic_us() > *(uint64_t *)timer->data) fail_msg("nothing happened in time");
}

/* Turns the loop until *count is at least want; 20 s at most. The tick is there because a turn that
 * called back from a timer would go on to wait for the next event. */
static void run_until(struct world *w, const int *count, int want) {
  uv_timer_t tick;
  uint64_t end = clock_monotonic_us() + 20000000;
  uv_timer_init(&w->loop.uv, &tick);
  tick.data = &end;
  uv_timer_start(&tick, on_tick, 5, 5);
  while (*count < want) uv_run(&w->loop.uv, UV_RUN_ONCE);
  uv_close((uv_handle_t *)&tick, NULL);
  uv_run(&w->loop.uv, UV_RUN_NOWAIT);
}

/* The same for what the peer's threads count; the loop turns meanwhile. */
static void run_until_peer(struct world *w, int (*count)(struct peer *), int want) {
  uint64_t end = clock_monotonic_us() + 20000000;
  while (count(w->peer) < want) {
    if (clock_monotonic_us() > end) fail_msg("the peer saw nothing in time");
    uv_run(&w->loop.uv, UV_RUN_NOWAIT);
  }
}

static void fetch(struct world *w, const char *path, struct net_fetch fetch, struct got *got) {
  struct error err = {0};
  memset(got, 0, sizeof *got);
  if (!start(w, path, fetch, got, NULL, &err)) fail_msg("refused at once: %s", err.text);
  assert_int_equal(0, got->count); /* never inside the call */
  run_until(w, &got->count, 1);
}

static void assert_fails(struct world *w, const char *path, struct net_fetch how,
                         enum error_code code) {
  struct got got;
  fetch(w, path, how, &got);
  if (got.err.code != code) {
    fail_msg("%s: %s, not %s: %s", path, error_name(got.err.code), error_name(code), got.err.text);
  }
  bytes_deinit(&got.body);
}

static struct net_client_config usual(void) {
  struct net_client_config config = NET_CLIENT_CONFIG;
  config.timeout_ms = 10000;
  return config;
}

/* ---- what works ---- */

TEST(fetch_gives_status_headers_and_body) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  set_up(&w, NULL, &config);
  struct got got;
  fetch(&w, "/hello", (struct net_fetch){0}, &got);
  assert_int_equal(200, got.status);
  assert_string_equal("X-Answer=two words\nSet-Cookie=a=1\nSet-Cookie=b=2\nContent-Length=5\n",
                      got.headers);
  assert_string_equal("hello", got.body.data);
  bytes_deinit(&got.body);
  tear_down(&w);
}

TEST(bodies_and_headers_are_sent_as_given_and_no_type_is_made_up) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  set_up(&w, NULL, &config);
  struct net_header headers[] = {{slice_of("X-One"), slice_of("первый")},
                                 {slice_of("X-Empty"), slice_of("")}};
  struct net_fetch post = {.method = "POST", .body = slice_of("тело"), .headers = headers,
                           .header_count = 2};
  struct got got;
  fetch(&w, "/echo", post, &got);
  assert_string_equal("тело", got.body.data);
  assert_null(strstr(got.headers, "X-Typed"));
  assert_string_equal("POST /echo\nX-One: первый\nX-Empty:\n", peer_notes(w.peer));
  bytes_deinit(&got.body);
  headers[0] = (struct net_header){slice_of("Content-Type"), slice_of("application/json")};
  fetch(&w, "/echo", post, &got);
  assert_non_null(strstr(got.headers, "X-Typed"));
  bytes_deinit(&got.body);
  tear_down(&w);
}

TEST(any_method_goes_and_head_has_no_body) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  set_up(&w, NULL, &config);
  static const char *const methods[] = {"PUT", "PATCH", "DELETE", "OPTIONS", "POST"};
  struct got got;
  for (size_t i = 0; i < COUNT(methods); i++) {
    fetch(&w, "/echo", (struct net_fetch){.method = methods[i]}, &got);
    assert_int_equal(200, got.status);
    bytes_deinit(&got.body);
  }
  fetch(&w, "/x", (struct net_fetch){.method = "HEAD"}, &got);
  assert_int_equal(200, got.status);
  assert_int_equal(0, got.body.len);
  assert_string_equal("PUT /echo\nPATCH /echo\nDELETE /echo\nOPTIONS /echo\nPOST /echo\nHEAD /x\n",
                      peer_notes(w.peer));
  tear_down(&w);
}

TEST(connections_are_used_again) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  set_up(&w, NULL, &config);
  for (int i = 0; i < 5; i++) {
    struct got got;
    fetch(&w, "/hello", (struct net_fetch){0}, &got);
    assert_int_equal(200, got.status);
    bytes_deinit(&got.body);
  }
  assert_int_equal(1, peer_opened(w.peer));
  tear_down(&w);
}

TEST(interim_answers_are_not_mixed_with_the_final_one) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  set_up(&w, NULL, &config);
  struct got got;
  fetch(&w, "/early", (struct net_fetch){0}, &got);
  assert_string_equal("X-Late=1\nContent-Length=4\n", got.headers);
  bytes_deinit(&got.body);
  tear_down(&w);
}

TEST(redirects_come_back_as_answers) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  set_up(&w, NULL, &config);
  struct got got;
  fetch(&w, "/redirect", (struct net_fetch){0}, &got);
  assert_int_equal(302, got.status);
  assert_string_equal("GET /redirect\n", peer_notes(w.peer));
  bytes_deinit(&got.body);
  tear_down(&w);
}

TEST(proxies_of_the_environment_are_ignored) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  setenv("http_proxy", "http://127.0.0.1:1/", 1);
  setenv("ALL_PROXY", "http://127.0.0.1:1/", 1);
  set_up(&w, NULL, &config);
  struct got got;
  fetch(&w, "/hello", (struct net_fetch){0}, &got);
  assert_int_equal(200, got.status);
  bytes_deinit(&got.body);
  unsetenv("http_proxy");
  unsetenv("ALL_PROXY");
  tear_down(&w);
}

/* ---- limits ---- */

TEST(a_server_that_does_not_answer_times_out) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  set_up(&w, NULL, &config);
  assert_fails(&w, "/hold", (struct net_fetch){.timeout_ms = 100}, ERR_TIMEOUT);
  tear_down(&w);
}

TEST(replies_over_the_limit_are_broken_off) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  set_up(&w, NULL, &config);
  assert_fails(&w, "/endless", (struct net_fetch){.max_body_bytes = 100000}, ERR_LIMIT);
  assert_fails(&w, "/endless", (struct net_fetch){0}, ERR_LIMIT);
  assert_fails(&w, "/huge", (struct net_fetch){0}, ERR_LIMIT);
  assert_fails(&w, "/headers", (struct net_fetch){0}, ERR_LIMIT);
  struct got got;
  fetch(&w, "/hello", (struct net_fetch){.max_body_bytes = 5}, &got);
  assert_string_equal("hello", got.body.data);
  bytes_deinit(&got.body);
  assert_fails(&w, "/hello", (struct net_fetch){.max_body_bytes = 4}, ERR_LIMIT);
  tear_down(&w);
}

TEST(torn_answers_are_failures) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  set_up(&w, NULL, &config);
  assert_fails(&w, "/drop", (struct net_fetch){0}, ERR_UNAVAILABLE);
  assert_fails(&w, "/cut", (struct net_fetch){0}, ERR_UNAVAILABLE);
  tear_down(&w);
}

TEST(what_cannot_be_sent_safely_is_refused_at_once) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  set_up(&w, NULL, &config);
  static const struct {
    const char *name, *value;
  } bad[] = {{"X-A", "b\r\nX-C: d"}, {"X-A", "b\nc"}, {"X-A\r\nX-B", "c"}, {"X A", "b"}, {"", "b"},
             {"X:", "b"}, {"Host", "other"}, {"Content-Length", "3"},
             {"transfer-encoding", "chunked"}};
  struct got got = {0};
  struct error err = {0};
  for (size_t i = 0; i < COUNT(bad); i++) {
    struct net_header header = {slice_of(bad[i].name), slice_of(bad[i].value)};
    struct net_fetch how = {.headers = &header, .header_count = 1};
    assert_false(start(&w, "/hello", how, &got, NULL, &err));
    assert_int_equal(ERR_INVALID, err.code);
  }
  static const char *const methods[] = {"get", "GET /x", "", "GET\r\n", "P@ST"};
  for (size_t i = 0; i < COUNT(methods); i++) {
    assert_false(start(&w, "/hello", (struct net_fetch){.method = methods[i]}, &got, NULL, &err));
  }
  static const char *const urls[] = {"", "hello", "ftp://example.org/", "file:///etc/passwd",
                                     "gopher://127.0.0.1/", "http://user:pw@example.org/",
                                     "http://example.org/a\r\nb", "http://exa mple.org/", "http://",
                                     "dict://127.0.0.1:11211/stat", "http://example.org:99999/"};
  for (size_t i = 0; i < COUNT(urls); i++) {
    struct net_fetch how = {.url = urls[i]};
    if (start(&w, NULL, how, &got, NULL, &err)) fail_msg("%s", urls[i]);
  }
  assert_int_equal(0, got.count);
  assert_int_equal(0, peer_opened(w.peer));
  tear_down(&w);
}

/* ---- the address policy ---- */

static const char *const inside[] = {
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "0", "0.0.0.0",
    "localhost", "LOCALHOST", "localhost.", "10.0.0.1", "172.16.0.1", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[fe80::1]", "[fd00::1]",
    "%31%32%37.0.0.1", "\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x97.0.0.1" /* full-width digits */};

TEST(addresses_inside_are_refused_however_they_are_written) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  set_up(&w, NULL, &config);
  net_client_free(w.client); /* again, with nothing allowed */
  w.client = net_client_new(&w.loop, &config, &w.log);
  for (size_t i = 0; i < COUNT(inside); i++) {
    char url[256];
    struct got got = {0};
    struct error err = {0};
    snprintf(url, sizeof url, "http://%s:%d/", inside[i], peer_port(w.peer));
    if (!start(&w, NULL, (struct net_fetch){.url = url}, &got, NULL, &err)) continue;
    run_until(&w, &got.count, 1);
    if (got.err.code == ERR_NONE) fail_msg("%s was reached", url);
    /* One that the resolver itself refuses ends as unavailable. */
    if (got.err.code != ERR_INVALID && got.err.code != ERR_UNAVAILABLE) fail_msg("%s", url);
    bytes_deinit(&got.body);
  }
  assert_int_equal(0, peer_opened(w.peer));
  tear_down(&w);
}

TEST(a_private_name_is_refused_with_the_reason) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  set_up(&w, NULL, &config);
  struct got got;
  fetch(&w, NULL, (struct net_fetch){.url = "http://localhost/"}, &got);
  assert_int_equal(ERR_INVALID, got.err.code);
  assert_string_equal("address of localhost is not public", got.err.text);
  fetch(&w, NULL, (struct net_fetch){.url = "http://169.254.169.254/latest/meta-data"}, &got);
  assert_int_equal(ERR_INVALID, got.err.code);
  tear_down(&w);
}

TEST(an_allowed_place_is_allowed_with_its_port_only) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  set_up(&w, NULL, &config);
  char url[64];
  struct got got;
  snprintf(url, sizeof url, "http://127.0.0.1:%d/", peer_port(w.peer) == 9 ? 10 : 9);
  fetch(&w, NULL, (struct net_fetch){.url = url}, &got);
  assert_int_equal(ERR_INVALID, got.err.code);
  tear_down(&w);
}

/* ---- queue and cancel ---- */

TEST(more_than_allowed_wait_in_order_and_the_rest_is_refused) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  config.max_active = 1;
  config.max_waiting = 2;
  set_up(&w, NULL, &config);
  struct got got[4] = {0};
  struct error err = {0};
  assert_true(start(&w, "/1", (struct net_fetch){0}, &got[0], NULL, &err));
  assert_true(start(&w, "/2", (struct net_fetch){0}, &got[1], NULL, &err));
  assert_true(start(&w, "/3", (struct net_fetch){0}, &got[2], NULL, &err));
  assert_false(start(&w, "/4", (struct net_fetch){0}, &got[3], NULL, &err));
  assert_int_equal(ERR_OVERLOADED, err.code);
  run_until(&w, &got[2].count, 1);
  assert_string_equal("GET /1\nGET /2\nGET /3\n", peer_notes(w.peer));
  for (int i = 0; i < 3; i++) bytes_deinit(&got[i].body);
  struct net_client_stats stats = net_client_stats(w.client);
  assert_int_equal(3, stats.done);
  assert_int_equal(0, stats.active + stats.waiting + stats.failed);
  tear_down(&w);
}

TEST(the_time_limit_covers_the_wait) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  config.max_active = 1;
  set_up(&w, NULL, &config);
  struct got holding = {0}, waiting = {0};
  struct error err = {0};
  assert_true(start(&w, "/hold", (struct net_fetch){.timeout_ms = 5000}, &holding, NULL, &err));
  assert_true(start(&w, "/hello", (struct net_fetch){.timeout_ms = 50}, &waiting, NULL, &err));
  run_until(&w, &waiting.count, 1);
  assert_int_equal(ERR_TIMEOUT, waiting.err.code);
  assert_int_equal(0, holding.count);
  tear_down(&w);
}

TEST(a_cancelled_fetch_calls_nobody_and_closes_its_connection) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  config.max_active = 1;
  set_up(&w, NULL, &config);
  struct got held = {0}, dropped = {0}, next = {0};
  struct net_transfer *holding, *waiting;
  struct error err = {0};
  assert_true(start(&w, "/hold", (struct net_fetch){0}, &held, &holding, &err));
  assert_true(start(&w, "/hello", (struct net_fetch){0}, &dropped, &waiting, &err));
  assert_true(start(&w, "/hello", (struct net_fetch){0}, &next, NULL, &err));
  run_until_peer(&w, peer_opened, 1);
  net_transfer_cancel(waiting);
  net_transfer_cancel(holding);
  run_until(&w, &next.count, 1);
  run_until_peer(&w, peer_closed, 1);
  assert_int_equal(200, next.status);
  assert_int_equal(0, held.count + dropped.count);
  bytes_deinit(&next.body);
  tear_down(&w);
}

TEST(a_client_may_go_with_transfers_under_way) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  config.max_active = 2;
  set_up(&w, NULL, &config);
  struct got got = {0};
  struct error err = {0};
  for (int i = 0; i < 4; i++) {
    assert_true(start(&w, "/hold", (struct net_fetch){0}, &got, NULL, &err));
  }
  run_until_peer(&w, peer_opened, 2);
  assert_true(start(&w, NULL, (struct net_fetch){.url = "http://localhost/"}, &got, NULL, &err));
  tear_down(&w);
  assert_int_equal(0, got.count);
}

struct chain {
  struct world *w;
  struct got got;
  int left;
};

static void on_link_done(void *ctx, struct net_fetched *fetched, const struct error *err) {
  struct chain *chain = ctx;
  chain->got.count++;
  assert_null(err);
  assert_int_equal(200, fetched->status);
  if (chain->left-- == 0) return;
  char url[128];
  struct net_transfer *t;
  snprintf(url, sizeof url, "http://%s/hello", chain->w->allowed);
  struct net_fetch fetch = {.url = url};
  assert_true(net_client_fetch(chain->w->client, &fetch, on_link_done, chain, &t, NULL));
}

TEST(a_callback_may_start_the_next_fetch) {
  UNUSED;
  struct world w;
  struct net_client_config config = usual();
  config.max_active = 1;
  config.max_waiting = 1;
  set_up(&w, NULL, &config);
  struct chain chain = {.w = &w, .left = 10};
  struct net_transfer *t;
  char url[128];
  snprintf(url, sizeof url, "http://%s/hello", w.allowed);
  struct net_fetch fetch = {.url = url};
  assert_true(net_client_fetch(w.client, &fetch, on_link_done, &chain, &t, NULL));
  run_until(&w, &chain.got.count, 11);
  tear_down(&w);
}

/* ---- TLS ---- */

static void assert_tls(const char *name, int days, bool is_trusted, const char *host, bool works) {
  struct world w;
  struct net_client_config config = usual();
  char ca[] = "/tmp/copp-client-test-XXXXXX";
  int fd = mkstemp(ca);
  SSL_CTX *tls = peer_tls_new(name, days);
  peer_tls_save(tls, ca);
  if (is_trusted) config.ca_file = ca;
  set_up(&w, tls, &config);
  snprintf(w.allowed, sizeof w.allowed, "%s:%d", host, peer_port(w.peer));
  net_client_free(w.client); /* again, with the host that this test talks to */
  start_client(&w, &config);
  char url[128];
  struct got got;
  snprintf(url, sizeof url, "https://%s/hello", w.allowed);
  fetch(&w, NULL, (struct net_fetch){.url = url}, &got);
  if (works) assert_int_equal(200, got.status);
  else assert_int_equal(ERR_UNAVAILABLE, got.err.code);
  if (!works) assert_string_equal("", peer_notes(w.peer));
  bytes_deinit(&got.body);
  tear_down(&w);
  SSL_CTX_free(tls);
  close(fd);
  unlink(ca);
}

TEST(a_trusted_certificate_with_the_right_name_is_accepted) {
  UNUSED;
  assert_tls("localhost", 10, true, "localhost", true);
}

TEST(a_self_signed_certificate_is_refused) {
  UNUSED;
  assert_tls("localhost", 10, false, "localhost", false);
}

TEST(a_certificate_for_another_name_is_refused) {
  UNUSED;
  assert_tls("partner.example", 10, true, "localhost", false);
  assert_tls("localhost", 10, true, "127.0.0.1", false);
}

TEST(an_expired_certificate_is_refused) {
  UNUSED;
  assert_tls("localhost", -1, true, "localhost", false);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fetch_gives_status_headers_and_body),
      cmocka_unit_test(bodies_and_headers_are_sent_as_given_and_no_type_is_made_up),
      cmocka_unit_test(any_method_goes_and_head_has_no_body),
      cmocka_unit_test(connections_are_used_again),
      cmocka_unit_test(interim_answers_are_not_mixed_with_the_final_one),
      cmocka_unit_test(redirects_come_back_as_answers),
      cmocka_unit_test(proxies_of_the_environment_are_ignored),
      cmocka_unit_test(a_server_that_does_not_answer_times_out),
      cmocka_unit_test(replies_over_the_limit_are_broken_off),
      cmocka_unit_test(torn_answers_are_failures),
      cmocka_unit_test(what_cannot_be_sent_safely_is_refused_at_once),
      cmocka_unit_test(addresses_inside_are_refused_however_they_are_written),
      cmocka_unit_test(a_private_name_is_refused_with_the_reason),
      cmocka_unit_test(an_allowed_place_is_allowed_with_its_port_only),
      cmocka_unit_test(more_than_allowed_wait_in_order_and_the_rest_is_refused),
      cmocka_unit_test(the_time_limit_covers_the_wait),
      cmocka_unit_test(a_cancelled_fetch_calls_nobody_and_closes_its_connection),
      cmocka_unit_test(a_client_may_go_with_transfers_under_way),
      cmocka_unit_test(a_callback_may_start_the_next_fetch),
      cmocka_unit_test(a_trusted_certificate_with_the_right_name_is_accepted),
      cmocka_unit_test(a_self_signed_certificate_is_refused),
      cmocka_unit_test(a_certificate_for_another_name_is_refused),
      cmocka_unit_test(an_expired_certificate_is_refused),
  };
  signal(SIGPIPE, SIG_IGN);
  return cmocka_run_group_tests_name("client_http", tests, NULL, NULL);
}
