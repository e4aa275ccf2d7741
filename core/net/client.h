/* net/client.h - outgoing HTTP and mail, by libcurl on the uv loop.
 *
 *   fetch/send --> waiting --> active --> done(result or error) --> gone
 *                     \___________\____ net_transfer_cancel(): no callback, gone at once
 *
 * Safe by default, and not to be talked out of it by a caller: http and https only; certificates
 * and names are verified (TLS 1.2 or later); redirects are not followed, they come back as answers;
 * proxies of the environment are ignored; replies are bounded in size and time. The address that is
 * really connected must be a public one (net/address.h), however it was written or resolved, unless
 * its "host:port" is allowed by the settings. The mail server comes from the settings and is free
 * to be a private one.
 *
 * Loop thread only. done() comes exactly once for what was accepted, always from the loop, never
 * inside the call that asked. The process ignores SIGPIPE (main does that for all).
 *
 *   struct net_client_config config = NET_CLIENT_CONFIG;
 *   struct net_client *client = net_client_new(loop, &config, log);
 *   struct net_fetch fetch = {.url = "https://example.org/feed"};
 *   if (!net_client_fetch(client, &fetch, on_feed, ctx, &transfer, &err)) …
 */
#pragma once
#include <stdint.h>

#include "base/log.h"
#include "net/request.h" /* struct net_header */

struct loop;
struct net_client;
struct net_transfer; /* one request or mail on its way; dead once done() was called */

struct net_client_config {     /* copied, texts too */
  const char *const *allowed;  /* "host:port" that may be private, as written in the URL; or NULL */
  size_t allowed_count;
  const char *own;             /* "host:port" of this server, for fetches that say is_own; or NULL */
  const char *ca_file;         /* PEM of trusted roots; NULL: the system's */
  const char *user_agent;
  size_t max_active;           /* under way at once */
  size_t max_waiting;          /* beyond: ERR_OVERLOADED */
  int connect_timeout_ms;      /* name, TCP and TLS */
  int timeout_ms;              /* of a transfer that names none; covers the wait */
  size_t max_body_bytes;       /* of a reply, unless the fetch names less or more */
};

#define NET_CLIENT_CONFIG                                                                \
  {.user_agent = "copp", .max_active = 16, .max_waiting = 256, .connect_timeout_ms = 5000, \
   .timeout_ms = 30000, .max_body_bytes = 8 << 20}

/* log must outlive the client; it hears of refused addresses only. */
struct net_client *net_client_new(struct loop *loop, const struct net_client_config *config,
                                  const struct log *log);
/* Cancels all transfers. The memory goes when the loop has run the close callbacks. Not from inside
 * a done(). NULL is fine. */
void net_client_free(struct net_client *client);

/* ---- HTTP ---- */

struct net_fetch {                  /* copied by net_client_fetch(), texts too */
  const char *method;               /* capital letters; NULL: "GET" */
  const char *url;
  const struct net_header *headers; /* Host and framing headers are refused: they are ours */
  size_t header_count;
  struct slice body;
  int timeout_ms;                   /* 0: the client's */
  size_t max_body_bytes;            /* of the reply; 0: the client's */
  bool is_own;                      /* may reach this server itself: mocks in the demo */
};

struct net_fetched {
  int status;
  const struct net_header *headers; /* as they came; live as long as the callback */
  size_t header_count;
  struct bytes body;                /* the callee may move it out and leave it empty */
};

/* fetched is NULL when it failed: err->code is ERR_TIMEOUT, ERR_LIMIT (reply too large),
 * ERR_INVALID (address refused), ERR_UNAVAILABLE (name, connection, certificate) or ERR_IO.
 * Else err is NULL. */
typedef void (*net_fetched_fn)(void *ctx, struct net_fetched *fetched, const struct error *err);

/* False (done will not be called): ERR_INVALID for what cannot be sent, ERR_OVERLOADED. */
COPP_MUST_USE bool net_client_fetch(struct net_client *client, const struct net_fetch *fetch,
                                    net_fetched_fn done, void *ctx, struct net_transfer **out,
                                    struct error *err);

/* ---- mail ---- */

struct net_mail {           /* copied by net_mail_send() */
  const char *url;          /* smtp://user:password@host:port, smtps://…; ?tls=required|try|off.
                               Without it: required when there is a password, else try */
  const char *from;         /* bare addresses: someone@example.org */
  const char *const *to;
  size_t to_count;
  struct slice message;     /* RFC 5322; line ends are made CRLF */
  int timeout_ms;           /* 0: the client's */
};

/* err is NULL when the server took it. ERR_INVALID: refused for good (5xx), do not try again.
 * smtp_code is the server's last answer, 0 when there was none. */
typedef void (*net_mailed_fn)(void *ctx, int smtp_code, const struct error *err);

/* False (done will not be called): ERR_INVALID for a bad URL or an address that could break out of
 * its command (line ends, spaces, angle brackets), ERR_LIMIT, ERR_OVERLOADED. */
COPP_MUST_USE bool net_mail_send(struct net_client *client, const struct net_mail *mail,
                                 net_mailed_fn done, void *ctx, struct net_transfer **out,
                                 struct error *err);

/* The one who asked is gone: no callback will come. NULL is fine. */
void net_transfer_cancel(struct net_transfer *transfer);

struct net_client_stats {
  size_t active, waiting; /* now */
  uint64_t done, failed;  /* since the start; failed is part of done */
};
struct net_client_stats net_client_stats(const struct net_client *client);
