#include "net/tls.h"

#include <time.h>
#include <stdio.h>
#include <openssl/x509.h>
#include <openssl/pem.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "base/mem.h"

struct net_tls {
  SSL_CTX *ctx;
};

struct net_tls_session {
  SSL *ssl;
  enum net_tls_state state;
  bool has_ended; /* our goodbye is said */
};

static const char suites_1_2[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305";

static bool fail(struct error *err, const char *what, const char *file) {
  unsigned long code = ERR_peek_last_error();
  const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
  ERR_clear_error();
  return error_set(err, ERR_INVALID, "%s %s: %s", what, file, reason ? reason : "unknown fault");
}

static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                       const unsigned char *offered, unsigned offered_len, void *ctx) {
  static const unsigned char ours[] = "\x08http/1.1";
  (void)ssl, (void)ctx;
  unsigned char *chosen;
  int found = SSL_select_next_proto(&chosen, out_len, ours, sizeof ours - 1, offered, offered_len);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void set_rules(SSL_CTX *ctx) {
  SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
  SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cipher_list(ctx, suites_1_2);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF); /* tickets only: no memory per client */
  SSL_CTX_set_alpn_select_cb(ctx, select_alpn, NULL);
}

static bool load(SSL_CTX *ctx, const char *cert, const char *key, struct error *err) {
  if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1) return fail(err, "TLS certificate", cert);
  if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
    return fail(err, "TLS key", key);
  if (SSL_CTX_check_private_key(ctx) != 1) return fail(err, "TLS key", key);
  return true;
}

struct net_tls *net_tls_new(const char *cert, const char *key, struct error *err) {
  ERR_clear_error();
  SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
  if (ctx == NULL) {
    fail(err, "TLS", "library");
    return NULL;
  }
  set_rules(ctx);
  if (!load(ctx, cert, key, err)) {
    SSL_CTX_free(ctx);
    return NULL;
  }
  struct net_tls *tls = mem_alloc(sizeof *tls);
  tls->ctx = ctx;
  return tls;
}

void net_tls_free(struct net_tls *tls) {
  if (tls == NULL) return;
  SSL_CTX_free(tls->ctx);
  free(tls);
}

struct net_tls_session *net_tls_session_new(struct net_tls *tls) {
  struct net_tls_session *session = mem_zero(sizeof *session);
  session->ssl = SSL_new(tls->ctx);
  BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
  if (session->ssl == NULL || in == NULL || out == NULL) abort(); /* out of memory */
  SSL_set_bio(session->ssl, in, out);
  SSL_set_accept_state(session->ssl);
  return session;
}

void net_tls_session_free(struct net_tls_session *session) {
  if (session == NULL) return;
  SSL_free(session->ssl);
  free(session);
}

enum net_tls_state net_tls_state_of(const struct net_tls_session *session) {
  return session->state;
}

/* Reads the outcome of an SSL call that returned no success. */
static void note(struct net_tls_session *session, int result) {
  int reason = SSL_get_error(session->ssl, result);
  if (reason == SSL_ERROR_ZERO_RETURN) session->state = NET_TLS_ENDED;
  else if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE)
    session->state = NET_TLS_FAILED;
  ERR_clear_error();
}

enum net_tls_state net_tls_feed(struct net_tls_session *session, struct slice wire) {
  if (wire.len > 0) BIO_write(SSL_get_rbio(session->ssl), wire.data, (int)wire.len);
  if (session->state == NET_TLS_HANDSHAKE) {
    int result = SSL_do_handshake(session->ssl);
    if (result == 1) session->state = NET_TLS_OPEN;
    else note(session, result);
  }
  return session->state;
}

size_t net_tls_read(struct net_tls_session *session, char *out, size_t cap) {
  if (session->state != NET_TLS_OPEN) return 0;
  bool is_empty =
      BIO_ctrl_pending(SSL_get_rbio(session->ssl)) == 0 && SSL_has_pending(session->ssl) == 0;
  if (is_empty) return 0; /* asking in vain costs as much as a record */
  int result = SSL_read(session->ssl, out, (int)cap);
  if (result > 0) return (size_t)result;
  note(session, result);
  return 0;
}

bool net_tls_write(struct net_tls_session *session, struct slice data) {
  if (session->state != NET_TLS_OPEN && session->state != NET_TLS_ENDED) return false;
  int result = SSL_write(session->ssl, data.data, (int)data.len);
  if (result == (int)data.len) return true;
  ERR_clear_error();
  session->state = NET_TLS_FAILED;
  return false;
}

void net_tls_end(struct net_tls_session *session) {
  bool is_open = session->state == NET_TLS_OPEN || session->state == NET_TLS_ENDED;
  if (!is_open || session->has_ended) return;
  session->has_ended = true;
  SSL_shutdown(session->ssl);
  ERR_clear_error();
}

void net_tls_drain(struct net_tls_session *session, struct bytes *out) {
  BIO *bio = SSL_get_wbio(session->ssl);
  size_t len = BIO_ctrl_pending(bio);
  if (len == 0) return;
  bytes_reserve(out, len);
  int taken = BIO_read(bio, out->data + out->len, (int)len);
  if (taken > 0) out->len += (size_t)taken;
}

bool net_tls_expiry(const char *cert, long long *out, struct error *err) {
  FILE *file = fopen(cert, "re");
  X509 *x509 = file != NULL ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
  struct tm until;
  bool ok = x509 != NULL && ASN1_TIME_to_tm(X509_get0_notAfter(x509), &until) == 1;
  if (ok) *out = (long long)timegm(&until);
  X509_free(x509);
  if (file != NULL) fclose(file);
  return ok || error_set(err, ERR_INVALID, "%s is no PEM certificate", cert);
}
