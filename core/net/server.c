#include "net/server.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "net/conn.h"
#include "net/static.h"

/* ---- identifiers ---- */

static uint64_t mix(uint64_t x) { /* splitmix64: a bijection, so ids of one process never repeat */
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
  x = (x ^ x >> 27) * 0x94D049BB133111EBu;
  return x ^ x >> 31;
}

void net_server_make_id(struct net_server *server, char out[33]) {
  static const char hex[] = "0123456789abcdef";
  uint64_t n = server->id_next++ * 0x9E3779B97F4A7C15u;
  uint64_t halves[2] = {mix(server->id_seed[0] + n), mix(server->id_seed[1] ^ n)};
  for (int i = 0; i < 32; i++) out[i] = hex[halves[i >> 4] >> (i & 15) * 4 & 15];
  out[32] = '\0';
}

/* ---- text that is the same in every answer ---- */

static const char security_headers[] =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: strict-origin-when-cross-origin\r\n"
    "X-Frame-Options: DENY\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n";

const char *net_server_common(struct net_server *server, size_t *len) {
  int64_t now = clock_realtime_us() / 1000000;
  if (now != server->common_at) {
    time_t seconds = (time_t)now;
    struct tm utc;
    gmtime_r(&seconds, &utc);
    char date[64];
    strftime(date, sizeof date, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
    bytes_clear(&server->common);
    bytes_add_str(&server->common, date);
    bytes_add_str(&server->common, security_headers);
    server->common_at = now;
  }
  *len = server->common.len;
  return server->common.data;
}

/* ---- accepting ---- */

static void on_connection(uv_stream_t *listener, int status) {
  struct net_server *server = listener->data;
  if (status < 0) { /* libuv drops what waits when descriptors run out, so this cannot spin */
    log_text(server->log, LOG_WARN, "accept failed", "%s", uv_strerror(status));
    return;
  }
  net_conn_accept(server, listener);
}

static void on_handle_closed(uv_handle_t *handle) {
  struct net_server *server = handle->data;
  server->handles--;
  net_server_check_drained(server);
}

static void close_handle(struct net_server *server, uv_handle_t *handle) {
  handle->data = server;
  if (!uv_is_closing(handle)) uv_close(handle, on_handle_closed);
}

static bool listen_on(struct net_server *server, struct net_listener *listener, int fd,
                      struct error *err) {
  uv_tcp_init(&server->loop->uv, &listener->tcp);
  listener->tcp.data = server;
  server->handles++;
  int status = uv_tcp_open(&listener->tcp, fd);
  if (status < 0) close(fd);
  if (status == 0) status = uv_listen((uv_stream_t *)&listener->tcp, 4096, on_connection);
  if (status == 0) return true;
  return error_set(err, ERR_IO, "listening socket %d: %s", fd, uv_strerror(status));
}

static bool listen_on_all(struct net_server *server, const struct net_server_config *config,
                          struct error *err) {
  bool ok = true;
  for (size_t i = 0; i < config->listen_count; i++) {
    if (ok) ok = listen_on(server, &server->listeners[i], config->listen_fds[i], err);
    else close(config->listen_fds[i]);
  }
  return ok;
}

/* ---- life ---- */

static void copy_config(struct net_server *server, const struct net_server_config *config) {
  struct net_server_config *own = &server->config;
  *own = *config;
  own->csp = config->csp != NULL ? mem_dup(config->csp) : NULL;
  own->listen_fds = NULL;
  own->tls_cert = own->tls_key = own->trusted_proxies = NULL; /* used once, at the start */
  assert(own->max_headers <= NET_HEAD_FIELDS && own->max_head_bytes <= UINT16_MAX);
  server->head_limits =
      (struct net_head_limits){own->max_head_bytes, own->max_target_bytes, own->max_headers};
}

static void free_parts(struct net_server *server) {
  net_tls_free(server->tls);
  net_proxies_free(server->proxies);
  net_static_unref(server->statics);
  net_gzip_deinit(&server->gzip);
  bytes_deinit(&server->common);
  bytes_deinit(&server->spare);
  bytes_deinit(&server->lines);
  free(server->listeners);
  free(server->read_buffer);
  free(server->plain_buffer);
  free((char *)(uintptr_t)server->config.csp);
  free(server);
}

static bool load_parts(struct net_server *server, const struct net_server_config *config,
                       struct error *err) {
  server->proxies = net_proxies_new(config->trusted_proxies, err);
  if (server->proxies == NULL) return false;
  if ((config->tls_cert == NULL) != (config->tls_key == NULL))
    return error_set(err, ERR_INVALID, "TLS needs both a certificate and a key");
  if (config->tls_cert == NULL) return true;
  server->tls = net_tls_new(config->tls_cert, config->tls_key, err);
  server->plain_buffer = mem_alloc(NET_READ_BYTES);
  return server->tls != NULL;
}

static void open_handles(struct net_server *server) {
  uv_timer_init(&server->loop->uv, &server->sweep);
  uv_idle_init(&server->loop->uv, &server->soon);
  server->sweep.data = server->soon.data = server;
  server->handles += 2;
}

struct net_server *net_server_new(struct loop *loop, const struct net_server_config *config,
                                  const struct log *log, struct error *err) {
  struct net_server *server = mem_zero(sizeof *server);
  server->loop = loop;
  server->log = log;
  server->statics = config->statics != NULL ? net_static_ref(config->statics) : NULL;
  server->read_buffer = mem_alloc(NET_READ_BYTES);
  server->listeners = mem_zero(config->listen_count * sizeof *server->listeners);
  copy_config(server, config);
  crypto_random(server->id_seed, sizeof server->id_seed);
  list_init(&server->conns);
  list_init(&server->soon_list);
  net_wait_init(server);
  if (!load_parts(server, config, err)) {
    for (size_t i = 0; i < config->listen_count; i++) close(config->listen_fds[i]);
    free_parts(server);
    return NULL;
  }
  open_handles(server);
  if (listen_on_all(server, config, err)) return server;
  net_server_drain(server, 0, NULL, NULL);
  while (server->handles > 0) uv_run(&loop->uv, UV_RUN_ONCE);
  free_parts(server);
  return NULL;
}

void net_server_free(struct net_server *server) {
  if (server == NULL) return;
  assert(server->handles == 0 && server->live == 0);
  free_parts(server);
}

/* ---- draining ---- */

void net_server_check_drained(struct net_server *server) {
  if (server->live > 0) return;
  uv_timer_stop(&server->sweep);
  if (!server->is_draining) return;
  if (server->handles > 0) {
    close_handle(server, (uv_handle_t *)&server->sweep);
    close_handle(server, (uv_handle_t *)&server->soon);
    return;
  }
  void (*drained)(void *ctx) = server->drained;
  server->drained = NULL;
  if (drained != NULL) drained(server->drained_ctx);
}

void net_server_drain(struct net_server *server, unsigned deadline_ms, void (*done)(void *ctx),
                      void *ctx) {
  server->drain_until_ms = uv_now(&server->loop->uv) + deadline_ms;
  if (server->is_draining) return;
  server->is_draining = true;
  server->drained = done;
  server->drained_ctx = ctx;
  for (size_t i = 0; i < server->config.listen_count; i++)
    if (server->listeners[i].tcp.data != NULL)
      close_handle(server, (uv_handle_t *)&server->listeners[i].tcp);
  net_conn_close_idle(server, server->config.max_connections);
  net_server_check_drained(server);
}

/* ---- the rest ---- */

bool net_server_reload_tls(struct net_server *server, const char *cert, const char *key,
                           struct error *err) {
  assert(server->tls != NULL);
  struct net_tls *tls = net_tls_new(cert, key, err);
  if (tls == NULL) return false;
  net_tls_free(server->tls);
  server->tls = tls;
  return true;
}

void net_server_set_static(struct net_server *server, struct net_static *statics) {
  struct net_static *old = server->statics;
  server->statics = statics != NULL ? net_static_ref(statics) : NULL;
  net_static_unref(old);
}

struct net_stats net_server_stats(const struct net_server *server) {
  return server->stats;
}
