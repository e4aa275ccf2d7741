/* net/tls.h - TLS 1.2 and 1.3 over memory BIOs: bytes in, bytes out, no socket.
 * AEAD suites only, forward secrecy always, ALPN http/1.1. */
#pragma once
#include "base/bytes.h"
#include "base/error.h"

struct net_tls;         /* certificate and rules */
struct net_tls_session; /* one connection; keeps the certificate it began with */

COPP_MUST_USE struct net_tls *net_tls_new(const char *cert, const char *key, struct error *err);
/* The last moment of a PEM certificate, as seconds since 1970. */
COPP_MUST_USE bool net_tls_expiry(const char *cert, long long *out, struct error *err);
void net_tls_free(struct net_tls *tls); /* NULL is fine; sessions live on */

struct net_tls_session *net_tls_session_new(struct net_tls *tls);
void net_tls_session_free(struct net_tls_session *session); /* NULL is fine */

enum net_tls_state { NET_TLS_HANDSHAKE, NET_TLS_OPEN, NET_TLS_ENDED, NET_TLS_FAILED };

/* Takes bytes from the wire and goes on with the handshake. */
enum net_tls_state net_tls_feed(struct net_tls_session *session, struct slice wire);
enum net_tls_state net_tls_state_of(const struct net_tls_session *session);

/* Decrypts at most cap bytes; 0 when there is nothing more now, or the state became another. */
size_t net_tls_read(struct net_tls_session *session, char *out, size_t cap);
/* Encrypts all of data (at most 16 KiB: one record). false: the connection is dead. */
bool net_tls_write(struct net_tls_session *session, struct slice data);
void net_tls_end(struct net_tls_session *session); /* says goodbye */

/* Adds what has to go to the wire to out. */
void net_tls_drain(struct net_tls_session *session, struct bytes *out);
