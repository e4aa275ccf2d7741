#include "support/net_rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"

/* ---- the handler ---- */

static struct rig *rig_of(struct net_request *req) { return req->task; }

static void on_closed(struct net_request *req) {
  struct rig *rig = rig_of(req);
  rig->closed++;
  if (rig->held == req) rig->held = NULL;
  net_request_abandon(req);
}

static void on_body(struct net_request *req, struct bytes *body, const struct error *err) {
  struct rig *rig = rig_of(req);
  rig->read_done++;
  rig->read_error = err != NULL ? err->code : ERR_NONE;
  struct net_answer answer = {.status = 200};
  if (err != NULL) answer.status = err->code == ERR_LIMIT ? 413 : 400;
  else answer.bytes = *body, *body = (struct bytes){0};
  net_respond(req, &answer);
}

static void on_form(struct net_request *req, struct net_multipart *form, const struct error *err) {
  struct rig *rig = rig_of(req);
  rig->read_done++;
  rig->read_error = err != NULL ? err->code : ERR_NONE;
  struct net_answer answer = {.status = 200};
  if (err != NULL) answer.status = err->code == ERR_LIMIT ? 413 : 400;
  net_multipart_free(rig->form);
  rig->form = form;
  for (size_t i = 0; form != NULL && i < form->count; i++) {
    const struct net_part *part = &form->parts[i];
    if (part->value != NULL) bytes_addf(&answer.bytes, "%s=%s\n", part->name, part->value);
    else
      bytes_addf(&answer.bytes, "%s: %s, %s, %lld, %s\n", part->name, part->filename, part->type,
                 (long long)part->size, part->sha256);
  }
  net_respond(req, &answer);
}

static void answer_info(struct net_request *req) {
  struct bytes out = {0};
  bytes_addf(&out, "%.*s %.*s ?%.*s host=%.*s %.*s ip=%s len=%lld", (int)req->method_name.len,
             req->method_name.data, (int)req->path.len, req->path.data, (int)req->query.len,
             req->query.data, (int)req->host.len, req->host.data, (int)req->scheme.len,
             req->scheme.data, req->ip, (long long)req->content_length);
  net_respond(req, &(struct net_answer){.status = 200, .bytes = out});
}

static void answer_page(struct net_request *req) {
  struct bytes out = {0};
  for (int i = 0; out.len < 20000; i++) bytes_addf(&out, "<p>строка %d</p>\n", i);
  struct net_header headers[] = {{slice_of("Content-Type"), slice_of("text/html; charset=utf-8")},
                                 {slice_of("ETag"), slice_of("\"v1\"")},
                                 {slice_of("X-Frame-Options"), slice_of("SAMEORIGIN")},
                                 {slice_of("Content-Length"), slice_of("7")}};
  net_respond(req, &(struct net_answer){
                       .status = 200, .headers = headers, .header_count = 4, .bytes = out});
}

static void answer_file(struct net_request *req) {
  struct net_header headers[] = {{slice_of("Content-Type"), slice_of("application/pdf")},
                                 {slice_of("ETag"), slice_of("\"f1\"")}};
  char *path = mem_dup_n(req->query.data, req->query.len);
  net_respond(req, &(struct net_answer){
                       .status = 200, .headers = headers, .header_count = 2, .path = path});
  free(path);
}

static void begin_stream(struct net_request *req) {
  struct net_header type = {slice_of("Content-Type"), slice_of("text/event-stream")};
  net_stream_begin(
      req,
      &(struct net_answer){
          .status = 200, .headers = &type, .header_count = 1, .text = slice_of("data: begin\n\n")});
}

static void hold(struct rig *rig, struct net_request *req) {
  rig->held = req;
  req->closed = on_closed;
}

static void on_request(struct net_request *req, void *ctx) {
  struct rig *rig = ctx;
  static const struct net_multipart_limits limits = {.max_bytes = 8 << 20,
                                                     .max_file_bytes = 4 << 20,
                                                     .max_files = 3,
                                                     .max_fields = 5,
                                                     .max_field_bytes = 1000};
  rig->handled++;
  req->task = rig;
  if (slice_is(req->path, "/hello"))
    net_respond(req, &(struct net_answer){.status = 200, .text = slice_of("hello")});
  else if (slice_is(req->path, "/ignore")) net_respond(req, &(struct net_answer){.status = 202});
  else if (slice_is(req->path, "/echo")) net_request_read(req, 1 << 20, on_body);
  else if (slice_is(req->path, "/upload")) net_request_multipart(req, &limits, rig->dir, on_form);
  else if (slice_is(req->path, "/page")) answer_page(req);
  else if (slice_is(req->path, "/file")) answer_file(req);
  else if (slice_is(req->path, "/hold")) hold(rig, req);
  else if (slice_is(req->path, "/silent")) rig->held = req;
  else if (slice_is(req->path, "/stream")) {
    hold(rig, req);
    begin_stream(req);
  } else answer_info(req);
}

/* ---- the rig ---- */

uint64_t rig_deadline(void) { return clock_monotonic_us() + 5000000; }
bool rig_is_late(uint64_t until) { return clock_monotonic_us() > until; }

struct rig *rig_new(const struct net_server_config *wanted) {
  struct rig *rig = mem_zero(sizeof *rig);
  struct error err = {0};
  struct net_server_config config = NET_SERVER_CONFIG;
  if (wanted != NULL) config = *wanted;
  int fd;
  rig->log = (struct log){2, LOG_ERROR + 1, "test"};
  strcpy(rig->dir, "/tmp/copp-net-XXXXXX");
  if (mkdtemp(rig->dir) == NULL) fail_msg("mkdtemp: %s", strerror(errno));
  if (!loop_init(&rig->loop, &err)) fail_msg("%s", err.text);
  if (!net_listen("127.0.0.1:0", &fd, 1, &err)) fail_msg("%s", err.text);
  rig->port = net_listen_port(fd);
  config.listen_fds = &fd;
  config.listen_count = 1;
  config.handler = on_request;
  config.handler_ctx = rig;
  rig->server = net_server_new(&rig->loop, &config, &rig->log, &err);
  if (rig->server == NULL) fail_msg("%s", err.text);
  return rig;
}

static void on_drained(void *ctx) { ((struct rig *)ctx)->is_drained = true; }

void rig_free(struct rig *rig) {
  if (!rig->is_drained) net_server_drain(rig->server, 0, on_drained, rig);
  RIG_WAIT(rig, rig->is_drained);
  net_server_free(rig->server);
  loop_deinit(&rig->loop);
  net_multipart_free(rig->form);
  if (rmdir(rig->dir) != 0) fail_msg("files are left in %s", rig->dir);
  free(rig);
}

void rig_turn(struct rig *rig) {
  uv_update_time(&rig->loop.uv);
  uv_run(&rig->loop.uv, UV_RUN_NOWAIT);
  struct pollfd loop = {uv_backend_fd(&rig->loop.uv), POLLIN, 0};
  poll(&loop, 1, 1); /* the server's sockets; clients are looked at every millisecond */
  uv_run(&rig->loop.uv, UV_RUN_NOWAIT);
}

/* ---- clients ---- */

struct rig_client *rig_connect(struct rig *rig) {
  struct rig_client *client = mem_zero(sizeof *client);
  struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((uint16_t)rig->port)};
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  client->rig = rig;
  client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(client->fd, (struct sockaddr *)&where, sizeof where) != 0)
    fail_msg("connect: %s", strerror(errno));
  fcntl(client->fd, F_SETFL, O_NONBLOCK);
  return client;
}

void rig_start_tls(struct rig_client *client, SSL_CTX *ctx) {
  client->ssl = SSL_new(ctx);
  SSL_set_fd(client->ssl, client->fd);
  uint64_t until = rig_deadline();
  int result;
  while ((result = SSL_connect(client->ssl)) != 1) {
    int reason = SSL_get_error(client->ssl, result);
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) {
      client->is_closed = true;
      return;
    }
    rig_turn(client->rig);
    if (rig_is_late(until)) fail_msg("TLS handshake takes too long");
  }
}

void rig_hang_up(struct rig_client *client) {
  SSL_free(client->ssl);
  close(client->fd);
  bytes_deinit(&client->in);
  free(client);
}

static ssize_t send_some(struct rig_client *client, const char *data, size_t len) {
  if (client->ssl == NULL) return send(client->fd, data, len, MSG_NOSIGNAL);
  int sent = SSL_write(client->ssl, data, (int)len);
  if (sent <= 0) errno = EAGAIN;
  return sent;
}

void rig_send(struct rig_client *client, const void *data, size_t len) {
  uint64_t until = rig_deadline();
  for (size_t at = 0; at < len;) {
    ssize_t sent = send_some(client, (const char *)data + at, len - at);
    if (sent > 0) at += (size_t)sent;
    else if (errno == EPIPE || errno == ECONNRESET) return;
    rig_turn(client->rig);
    if (rig_is_late(until)) fail_msg("the server does not read");
  }
}

void rig_say(struct rig_client *client, const char *text) { rig_send(client, text, strlen(text)); }

/* Reads what is there. */
static void receive(struct rig_client *client) {
  char data[16384];
  ssize_t got;
  do {
    got = client->ssl != NULL ? SSL_read(client->ssl, data, sizeof data)
                              : recv(client->fd, data, sizeof data, 0);
    if (got > 0) bytes_add(&client->in, data, (size_t)got);
  } while (got > 0);
  if (client->ssl != NULL) {
    int reason = SSL_get_error(client->ssl, (int)got);
    client->is_closed = reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE;
    return;
  }
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  client->was_reset = got < 0;
  client->is_closed = true;
}

static void wait_for_more(struct rig_client *client, uint64_t until) {
  rig_turn(client->rig);
  if (!client->is_closed) receive(client);
  if (rig_is_late(until)) fail_msg("no answer; so far: %s", client->in.data);
}

void rig_wait_closed(struct rig_client *client) {
  uint64_t until = rig_deadline();
  while (!client->is_closed) wait_for_more(client, until);
}

bool rig_is_quiet(struct rig_client *client) {
  for (int i = 0; i < 5; i++) rig_turn(client->rig);
  if (!client->is_closed) receive(client);
  return client->in.len == 0 && !client->is_closed;
}

static void drop(struct bytes *in, size_t len) {
  memmove(in->data, in->data + len, in->len - len + 1);
  in->len -= len;
}

const char *rig_header(const struct rig_answer *answer, const char *name) {
  static char value[1024];
  const char *at = answer->head;
  while ((at = strstr(at, "\r\n")) != NULL) {
    at += 2;
    size_t len = strlen(name);
    if (strncasecmp(at, name, len) != 0 || strncmp(at + len, ": ", 2) != 0) continue;
    at += len + 2;
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r"), at);
    return value;
  }
  return NULL;
}

static void need(struct rig_client *client, size_t len, uint64_t until) {
  while (client->in.len < len && !client->is_closed) wait_for_more(client, until);
}

static void take(struct rig_client *client, struct bytes *body, size_t len, uint64_t until) {
  need(client, len, until);
  if (client->in.len < len) len = client->in.len;
  if (len == 0) return;
  bytes_add(body, client->in.data, len);
  drop(&client->in, len);
}

static void take_chunks(struct rig_client *client, struct bytes *body, uint64_t until) {
  for (;;) {
    while (client->in.len == 0 || strstr(client->in.data, "\r\n") == NULL) {
      if (client->is_closed) return;
      wait_for_more(client, until);
    }
    size_t size = strtoul(client->in.data, NULL, 16);
    drop(&client->in, (size_t)(strstr(client->in.data, "\r\n") - client->in.data) + 2);
    take(client, body, size, until);
    need(client, 2, until);
    if (client->in.len < 2) return;
    drop(&client->in, 2);
    if (size == 0) return;
  }
}

static struct rig_answer read_answer(struct rig_client *client, bool is_to_head) {
  struct rig_answer answer = {0};
  uint64_t until = rig_deadline();
  char *end;
  while (client->in.len == 0 || (end = strstr(client->in.data, "\r\n\r\n")) == NULL) {
    if (client->is_closed) return answer;
    wait_for_more(client, until);
  }
  snprintf(answer.head, sizeof answer.head, "%.*s", (int)(end + 4 - client->in.data),
           client->in.data);
  drop(&client->in, (size_t)(end + 4 - client->in.data));
  answer.status = atoi(answer.head + 9);
  const char *length = rig_header(&answer, "Content-Length");
  bool is_bodiless =
      is_to_head || answer.status / 100 == 1 || answer.status == 204 || answer.status == 304;
  if (is_bodiless) return answer;
  if (length != NULL) take(client, &answer.body, strtoul(length, NULL, 10), until);
  else if (rig_header(&answer, "Transfer-Encoding") != NULL)
    take_chunks(client, &answer.body, until);
  else {
    rig_wait_closed(client);
    take(client, &answer.body, client->in.len, until);
  }
  return answer;
}

struct rig_answer rig_answer(struct rig_client *client) {
  return read_answer(client, false);
}
struct rig_answer rig_answer_to_head(struct rig_client *client) {
  return read_answer(client, true);
}

struct rig_answer rig_get(struct rig *rig, const char *request) {
  struct rig_client *client = rig_connect(rig);
  rig_say(client, request);
  struct rig_answer answer = rig_answer(client);
  rig_hang_up(client);
  return answer;
}

int rig_status(struct rig *rig, const char *request) {
  struct rig_answer answer = rig_get(rig, request);
  bytes_deinit(&answer.body);
  return answer.status;
}
