/* support/peer.h - a server for tests of clients: a thread a connection, blocking and scripted.
 *
 *   struct peer *peer = peer_new(serve, NULL, NULL);
 *   … connect to 127.0.0.1:peer_port(peer) …
 *   peer_free(peer);      cuts what is open, joins all threads
 *
 * serve() runs on the connection's thread and returns when it is done with it. */
#pragma once
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

struct peer;

struct peer_conn {
  struct peer *peer;
  void *ctx; /* of peer_new() */
  int fd;
  SSL *ssl; /* NULL while plain */
};
typedef void (*peer_serve_fn)(struct peer_conn *conn);

/* Listens on a free port of 127.0.0.1. tls: spoken from the first byte when not NULL; borrowed. */
struct peer *peer_new(peer_serve_fn serve, SSL_CTX *tls, void *ctx);
void peer_free(struct peer *peer);
int peer_port(const struct peer *peer);

/* How many connections came, and how many are over. */
int peer_opened(struct peer *peer);
int peer_closed(struct peer *peer);
/* What the conversation left as a record; the text is valid until peer_free(). */
void peer_note(struct peer *peer, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *peer_notes(struct peer *peer);

/* One line without its end into out; false at the end of the stream. */
bool peer_line(struct peer_conn *conn, char *out, size_t room);
bool peer_read(struct peer_conn *conn, char *out, size_t len); /* exactly len bytes */
bool peer_write(struct peer_conn *conn, const char *data, size_t len);
bool peer_say(struct peer_conn *conn, const char *text);
bool peer_start_tls(struct peer_conn *conn, SSL_CTX *tls);
/* Waits until the other side closes. */
void peer_hold(struct peer_conn *conn);

/* A certificate that signs itself, for the DNS name given; expired when days is negative. */
SSL_CTX *peer_tls_new(const char *name, int days);
/* Writes that certificate as PEM, for a client that shall trust it. */
void peer_tls_save(SSL_CTX *tls, const char *path);
