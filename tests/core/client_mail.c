/* Outgoing mail against a scripted SMTP server. */
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
#include "loop/loop.h"
#include "net/client.h"
#include "support/peer.h"

#define TEST(name) static void name(void **state)
#define UNUSED (void)state
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- the server ---- */

struct script {
  SSL_CTX *starttls;     /* offered when not NULL */
  bool offers_login;
  const char *to_rcpt;   /* what it answers; NULL: accepted */
  const char *to_data;
  bool holds;            /* says nothing after the greeting */
};

static bool is_verb(const char *line, const char *verb) {
  return strncasecmp(line, verb, strlen(verb)) == 0;
}

static bool say_hello(struct peer_conn *conn, const struct script *script) {
  if (script->starttls != NULL && conn->ssl == NULL) peer_say(conn, "250-STARTTLS\r\n");
  if (script->offers_login) peer_say(conn, "250-AUTH PLAIN\r\n");
  return peer_say(conn, "250 8BITMIME\r\n");
}

static bool take_message(struct peer_conn *conn) {
  char line[2048];
  peer_say(conn, "354 go on\r\n");
  while (peer_line(conn, line, sizeof line)) {
    if (strcmp(line, ".") == 0) return true;
    peer_note(conn->peer, "|%s\n", line);
  }
  return false;
}

/* Without an initial response the password comes on a line of its own. */
static bool log_in(struct peer_conn *conn) {
  char line[512];
  if (!peer_say(conn, "334 \r\n") || !peer_line(conn, line, sizeof line)) return false;
  peer_note(conn->peer, "%s\n", line);
  return peer_say(conn, "235 welcome\r\n");
}

static bool obey(struct peer_conn *conn, const struct script *script, const char *line) {
  if (is_verb(line, "EHLO")) return say_hello(conn, script);
  if (is_verb(line, "STARTTLS")) {
    return peer_say(conn, "220 go\r\n") && peer_start_tls(conn, script->starttls);
  }
  if (is_verb(line, "AUTH")) return log_in(conn);
  if (is_verb(line, "RCPT") && script->to_rcpt != NULL) return peer_say(conn, script->to_rcpt);
  if (is_verb(line, "DATA")) {
    if (script->to_data != NULL) return peer_say(conn, script->to_data);
    return take_message(conn) && peer_say(conn, "250 queued\r\n");
  }
  if (is_verb(line, "QUIT")) return peer_say(conn, "221 bye\r\n"), false;
  return peer_say(conn, "250 ok\r\n");
}

static void serve(struct peer_conn *conn) {
  const struct script *script = conn->ctx;
  char line[1024];
  if (script->holds) {
    peer_hold(conn);
    return;
  }
  peer_say(conn, "220 peer\r\n");
  while (peer_line(conn, line, sizeof line)) {
    peer_note(conn->peer, "%s%s\n", conn->ssl != NULL ? "tls " : "", line);
    if (!obey(conn, script, line)) return;
  }
}

/* ---- the world of a test ---- */

struct world {
  struct loop loop;
  struct log log;
  struct peer *peer;
  struct net_client *client;
  struct script script;
};

static void set_up(struct world *w, SSL_CTX *tls, const char *ca) {
  struct net_client_config config = NET_CLIENT_CONFIG;
  config.timeout_ms = 10000;
  config.ca_file = ca;
  w->log = (struct log){.fd = 2, .from = LOG_ERROR, .who = "test"};
  assert_true(loop_init(&w->loop, NULL));
  w->peer = peer_new(serve, tls, &w->script);
  w->client = net_client_new(&w->loop, &config, &w->log);
}

static void tear_down(struct world *w) {
  net_client_free(w->client);
  loop_deinit(&w->loop);
  peer_free(w->peer);
}

struct told {
  int count;
  int code;
  struct error err;
};

static void on_mailed(void *ctx, int smtp_code, const struct error *err) {
  struct told *told = ctx;
  told->count++;
  told->code = smtp_code;
  if (err != NULL) told->err = *err;
}

static void on_tick(uv_timer_t *tick) {
  if (clock_monotonic_us() > *(uint64_t *)tick->data) fail_msg("nothing happened in time");
}

static void run_until(struct world *w, const int *count) {
  uv_timer_t tick;
  uint64_t end = clock_monotonic_us() + 20000000;
  uv_timer_init(&w->loop.uv, &tick);
  tick.data = &end;
  uv_timer_start(&tick, on_tick, 5, 5);
  while (*count == 0) uv_run(&w->loop.uv, UV_RUN_ONCE);
  uv_close((uv_handle_t *)&tick, NULL);
  uv_run(&w->loop.uv, UV_RUN_NOWAIT);
}

static bool start(struct world *w, const char *url_format, const char *from, const char *to,
                  const char *message, struct told *told, struct error *err) {
  char url[256];
  struct net_transfer *transfer;
  snprintf(url, sizeof url, url_format, peer_port(w->peer)); /* formats are this file's own */
  struct net_mail mail = {.url = url, .from = from, .to = &to, .to_count = 1,
                          .message = slice_of(message)};
  return net_mail_send(w->client, &mail, on_mailed, told, &transfer, err);
}

static struct told send_mail(struct world *w, const char *url_format, const char *message) {
  struct told told = {0};
  struct error err = {0};
  if (!start(w, url_format, "a@copp.example", "b@mail.example", message, &told, &err)) {
    fail_msg("%s", err.text);
  }
  assert_int_equal(0, told.count);
  run_until(w, &told.count);
  return told;
}

static bool notes_have(struct world *w, const char *text) {
  return strstr(peer_notes(w->peer), text) != NULL;
}

/* ---- the plain dialogue ---- */

TEST(mail_reaches_the_server_as_it_was_written) {
  UNUSED;
  struct world w = {0};
  set_up(&w, NULL, NULL);
  struct told told = send_mail(&w, "smtp://127.0.0.1:%d", "Subject: x\r\n\r\nПривет\r\n");
  assert_int_equal(ERR_NONE, told.err.code);
  assert_int_equal(250, told.code);
  assert_true(notes_have(&w, "MAIL FROM:<a@copp.example>"));
  assert_true(notes_have(&w, "RCPT TO:<b@mail.example>\nDATA\n|Subject: x\n|\n|Привет\n"));
  tear_down(&w);
}

TEST(dots_and_bare_line_ends_cannot_end_the_message) {
  UNUSED;
  struct world w = {0};
  set_up(&w, NULL, NULL);
  struct told told = send_mail(&w, "smtp://127.0.0.1:%d",
                               "Subject: x\n\n.\n\r\n.\r\nMAIL FROM:<evil@x.example>\r.\rend");
  assert_int_equal(ERR_NONE, told.err.code);
  assert_true(notes_have(&w, "|Subject: x\n|\n|..\n|\n|..\n"
                             "|MAIL FROM:<evil@x.example>\n|..\n|end\n"));
  tear_down(&w);
}

TEST(addresses_cannot_break_out_of_their_command) {
  UNUSED;
  struct world w = {0};
  set_up(&w, NULL, NULL);
  static const char *const bad[] = {
      "", "a", "@", "a@", "@b.example", "a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example\n",
      "a@b.example> SIZE=1", "<a@b.example>", "a b@c.example", "a@b.example,c@d.example",
      "a@b.example\x01", "\"a\"@b.example", "a@b.example\x7f", "a\xff@b.example"};
  struct told told = {0};
  for (size_t i = 0; i < COUNT(bad); i++) {
    struct error err = {0};
    assert_false(start(&w, "smtp://127.0.0.1:%d", "a@b.example", bad[i], "x", &told, &err));
    assert_int_equal(ERR_INVALID, err.code);
    assert_false(start(&w, "smtp://127.0.0.1:%d", bad[i], "a@b.example", "x", &told, &err));
  }
  assert_int_equal(0, peer_opened(w.peer));
  tear_down(&w);
}

TEST(only_smtp_urls_are_taken) {
  UNUSED;
  struct world w = {0};
  set_up(&w, NULL, NULL);
  static const char *const bad[] = {"http://127.0.0.1:%d", "", "smtp://127.0.0.1:%d/?tls=maybe",
                                    "smtp://127.0.0.1:%d\r\nX", "file:///etc/%d"};
  struct told told = {0};
  for (size_t i = 0; i < COUNT(bad); i++) {
    struct error err = {0};
    assert_false(start(&w, bad[i], "a@b.example", "c@d.example", "x", &told, &err));
    assert_int_equal(ERR_INVALID, err.code);
  }
  tear_down(&w);
}

/* ---- what servers say no to ---- */

TEST(a_refusal_for_good_is_told_from_one_for_now) {
  UNUSED;
  struct world w = {.script = {.to_rcpt = "550 no such user\r\n"}};
  set_up(&w, NULL, NULL);
  struct told told = send_mail(&w, "smtp://127.0.0.1:%d", "x");
  assert_int_equal(550, told.code);
  assert_int_equal(ERR_INVALID, told.err.code);
  tear_down(&w);
  w = (struct world){.script = {.to_data = "451 busy, later\r\n"}};
  set_up(&w, NULL, NULL);
  told = send_mail(&w, "smtp://127.0.0.1:%d", "x");
  assert_int_equal(451, told.code);
  assert_int_equal(ERR_UNAVAILABLE, told.err.code);
  tear_down(&w);
}

TEST(no_server_is_unavailable_and_a_silent_one_times_out) {
  UNUSED;
  struct world w = {.script = {.holds = true}};
  set_up(&w, NULL, NULL);
  struct told told = {0};
  struct net_transfer *transfer;
  const char *to = "c@d.example";
  char url[64];
  snprintf(url, sizeof url, "smtp://127.0.0.1:%d", peer_port(w.peer));
  struct net_mail mail = {.url = url, .from = "a@b.example", .to = &to, .to_count = 1,
                          .timeout_ms = 100};
  assert_true(net_mail_send(w.client, &mail, on_mailed, &told, &transfer, NULL));
  run_until(&w, &told.count);
  assert_int_equal(ERR_TIMEOUT, told.err.code);
  mail.url = "smtp://127.0.0.1:1";
  mail.timeout_ms = 5000;
  told = (struct told){0};
  assert_true(net_mail_send(w.client, &mail, on_mailed, &told, &transfer, NULL));
  run_until(&w, &told.count);
  assert_int_equal(ERR_UNAVAILABLE, told.err.code);
  tear_down(&w);
}

/* ---- TLS and passwords ---- */

struct certificate {
  SSL_CTX *tls;
  char path[40];
};

static struct certificate make_certificate(void) {
  struct certificate c = {.path = "/tmp/copp-mail-test-XXXXXX"};
  close(mkstemp(c.path));
  c.tls = peer_tls_new("localhost", 10);
  peer_tls_save(c.tls, c.path);
  return c;
}

static void drop_certificate(struct certificate *c) {
  SSL_CTX_free(c->tls);
  unlink(c->path);
}

TEST(offered_tls_is_used_and_verified) {
  UNUSED;
  struct certificate c = make_certificate();
  struct world w = {.script = {.starttls = c.tls}};
  set_up(&w, NULL, c.path);
  struct told told = send_mail(&w, "smtp://localhost:%d", "x");
  assert_int_equal(ERR_NONE, told.err.code);
  assert_true(notes_have(&w, "tls MAIL FROM"));
  tear_down(&w);
  w = (struct world){.script = {.starttls = c.tls}};
  set_up(&w, NULL, NULL); /* the certificate is nobody's friend here */
  told = send_mail(&w, "smtp://localhost:%d", "x");
  assert_int_equal(ERR_UNAVAILABLE, told.err.code);
  assert_false(notes_have(&w, "MAIL FROM"));
  tear_down(&w);
  drop_certificate(&c);
}

TEST(a_password_never_travels_in_the_clear_unless_told_so) {
  UNUSED;
  struct world w = {.script = {.offers_login = true}};
  set_up(&w, NULL, NULL);
  struct told told = send_mail(&w, "smtp://user:p%%40ss@127.0.0.1:%d", "x");
  assert_int_equal(ERR_UNAVAILABLE, told.err.code);
  assert_false(notes_have(&w, "AUTH"));
  told = send_mail(&w, "smtp://user:p%%40ss@127.0.0.1:%d?tls=off", "x");
  assert_int_equal(ERR_NONE, told.err.code);
  assert_true(notes_have(&w, "AUTH PLAIN"));
  tear_down(&w);
}

TEST(a_password_goes_through_starttls_and_is_decoded) {
  UNUSED;
  struct certificate c = make_certificate();
  struct world w = {.script = {.starttls = c.tls, .offers_login = true}};
  set_up(&w, NULL, c.path);
  struct told told = send_mail(&w, "smtp://user:p%%40ss@localhost:%d", "x");
  assert_int_equal(ERR_NONE, told.err.code);
  assert_true(notes_have(&w, "tls AUTH PLAIN\nAHVzZXIAcEBzcw==\n")); /* NUL user NUL p@ss */
  tear_down(&w);
  drop_certificate(&c);
}

TEST(required_tls_that_is_not_offered_stops_the_mail) {
  UNUSED;
  struct world w = {0};
  set_up(&w, NULL, NULL);
  struct told told = send_mail(&w, "smtp://127.0.0.1:%d/?tls=required", "x");
  assert_int_equal(ERR_UNAVAILABLE, told.err.code);
  assert_false(notes_have(&w, "MAIL FROM"));
  tear_down(&w);
}

TEST(smtps_speaks_tls_from_the_first_byte) {
  UNUSED;
  struct certificate c = make_certificate();
  struct world w = {0};
  set_up(&w, c.tls, c.path);
  struct told told = send_mail(&w, "smtps://localhost:%d", "x");
  assert_int_equal(ERR_NONE, told.err.code);
  assert_true(notes_have(&w, "tls MAIL FROM"));
  tear_down(&w);
  drop_certificate(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mail_reaches_the_server_as_it_was_written),
      cmocka_unit_test(dots_and_bare_line_ends_cannot_end_the_message),
      cmocka_unit_test(addresses_cannot_break_out_of_their_command),
      cmocka_unit_test(only_smtp_urls_are_taken),
      cmocka_unit_test(a_refusal_for_good_is_told_from_one_for_now),
      cmocka_unit_test(no_server_is_unavailable_and_a_silent_one_times_out),
      cmocka_unit_test(offered_tls_is_used_and_verified),
      cmocka_unit_test(a_password_never_travels_in_the_clear_unless_told_so),
      cmocka_unit_test(a_password_goes_through_starttls_and_is_decoded),
      cmocka_unit_test(required_tls_that_is_not_offered_stops_the_mail),
      cmocka_unit_test(smtps_speaks_tls_from_the_first_byte),
  };
  signal(SIGPIPE, SIG_IGN);
  return cmocka_run_group_tests_name("client_mail", tests, NULL, NULL);
}
