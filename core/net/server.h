/* net/server.h - HTTP/1.1 server of one worker process.
 *
 *   accept --> [tls handshake] --> idle --first byte--> head --strict checks--> handler --> idle
 *                                    \_____ deadline, limit, broken framing: answer, linger, close
 *
 * llhttp frames; a strict layer of ours (head.h, target.h, chunk.h) refuses what llhttp lets
 * through, so that no proxy before us can read a request differently. Requests of one connection
 * are handled one after another: pipelined answers keep their order, and a client has at most one
 * request in flight on a connection. What clients can make grow is bounded: connections, requests
 * in flight, head, unread body, unsent output. Loop thread only.
 *
 *   struct net_server_config config = NET_SERVER_CONFIG;
 *   config.listen_fds = fds, config.listen_count = 1, config.handler = on_request;
 *   struct net_server *server = net_server_new(loop, &config, log, &err);
 */
#pragma once
#include "base/log.h"
#include "loop/loop.h"
#include "net/request.h"

struct net_server;
struct net_static;

typedef void (*net_handler_fn)(struct net_request *req, void *ctx);

struct net_server_config { /* copied by net_server_new(), strings too */
  const int *listen_fds;   /* bound and listening (net_listen()); the server's from now on */
  size_t listen_count;
  net_handler_fn handler;
  void *handler_ctx;

  const char *tls_cert, *tls_key; /* PEM files; both or none */
  const char *trusted_proxies;    /* "127.0.0.1, 10.0.0.0/8, fd00::/8"; NULL trusts nobody */
  struct net_static *statics;     /* answered under /a/; NULL for none; the server refs it */
  const char *csp;                /* Content-Security-Policy for answers that bring none */

  size_t max_connections;  /* beyond: the longest idle one is closed, else 503 */
  size_t max_in_flight;    /* requests; beyond: 503 with Retry-After */
  size_t max_head_bytes;   /* request line and headers, else 431 */
  size_t max_target_bytes; /* else 414 */
  size_t max_headers;      /* else 431; at most NET_HEAD_FIELDS */
  int64_t max_body_bytes;  /* else 413, whatever the handler would allow */

  unsigned head_ms;        /* from the first byte (or accept) to the end of the head, else 408 */
  unsigned body_ms;        /* window in which min_rate must hold, for bodies in and answers out */
  unsigned min_rate;       /* bytes a second */
  unsigned body_total_ms;  /* the whole body, else 408 */
  unsigned idle_ms;        /* keep-alive without a request */
  unsigned handshake_ms;   /* TLS */
  unsigned linger_ms;      /* after a closing answer: time for the client to read it */
  unsigned half_closed_ms; /* a client that closed its side counts as gone after this */
};

#define NET_SERVER_CONFIG                                                                 \
  {.csp = "default-src 'self'; frame-ancestors 'none'; base-uri 'self'; "                 \
          "form-action 'self'; object-src 'none'",                                        \
   .max_connections = 8192, .max_in_flight = 2048, .max_head_bytes = 16384,               \
   .max_target_bytes = 8192, .max_headers = 100, .max_body_bytes = 256 << 20,             \
   .head_ms = 10000, .body_ms = 10000, .min_rate = 1024, .body_total_ms = 600000,         \
   .idle_ms = 65000, .handshake_ms = 10000, .linger_ms = 2000, .half_closed_ms = 2000}

/* NULL on failure (unreadable certificate, bad proxy list); the fds are closed then too. */
COPP_MUST_USE struct net_server *net_server_new(struct loop *loop,
                                                const struct net_server_config *config,
                                                const struct log *log, struct error *err);

/* Stops accepting, closes idle connections, says "Connection: close" to the others and cuts what is
 * left after deadline_ms. done is called when no connection and no request is left: owners of
 * requests must end them. A second call only sets another deadline. */
void net_server_drain(struct net_server *server, unsigned deadline_ms, void (*done)(void *ctx),
                      void *ctx);

/* Frees a server whose drain is done. NULL is fine. */
void net_server_free(struct net_server *server);

/* Takes a new certificate for new connections; on false the old one stays. */
bool net_server_reload_tls(struct net_server *server, const char *cert, const char *key,
                           struct error *err);
/* Serves another set under /a/ from now on; answers under way keep the old one. */
void net_server_set_static(struct net_server *server, struct net_static *statics);

struct net_stats {
  uint64_t connections_open, idle, in_flight; /* now; all others are counters */
  uint64_t connections;                       /* accepted */
  uint64_t requests;                          /* with a head that was accepted */
  uint64_t bytes_in, bytes_out;               /* on the wire */
  uint64_t refused_malformed;                 /* by net: 400, 405, 417, 501, 505 */
  uint64_t refused_size;                      /* by net: 413, 414, 431 */
  uint64_t refused_slow;                      /* 408, and cut for reading too slowly */
  uint64_t refused_overload;                  /* by net: 503 */
  uint64_t evicted_idle;                      /* closed to make room */
  uint64_t tls_failed;                        /* handshakes */
  uint64_t client_gone;                       /* before the answer was complete */
  uint64_t status[6];                         /* answers by class: [2] = 2xx */
};
struct net_stats net_server_stats(const struct net_server *server);

/* Opens count listening sockets on "host:port", "[::1]:port" or ":port" (every address); they share
 * the port when count > 1. Port 0 picks a free one. ERR_CONFLICT when somebody listens there: that
 * is found out without SO_REUSEPORT first, for with it two servers would share the port unnoticed.
 * Blocking (names are resolved): at start only. On false no socket is left open. */
COPP_MUST_USE bool net_listen(const char *address, int *fds, size_t count, struct error *err);
int net_listen_port(int fd); /* 0 when it is no TCP socket */
