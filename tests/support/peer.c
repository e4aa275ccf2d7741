#include "support/peer.h"

#include <arpa/inet.h>
#include <assert.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 256 };

struct served {
  pthread_t thread;
  struct peer_conn conn;
};

struct peer {
  int listener;
  int port;
  int stop[2]; /* closing [1] ends the accepting thread */
  peer_serve_fn serve;
  SSL_CTX *tls;
  void *ctx;
  pthread_t acceptor;
  pthread_mutex_t lock; /* of all below */
  struct served *all[MAX_CONNECTIONS];
  int opened, closed;
  char notes[65536];
  size_t notes_len;
};

static void *serve_one(void *arg) {
  struct served *served = arg;
  struct peer *peer = served->conn.peer;
  if (peer->tls == NULL || peer_start_tls(&served->conn, peer->tls)) peer->serve(&served->conn);
  if (served->conn.ssl != NULL) SSL_shutdown(served->conn.ssl);
  shutdown(served->conn.fd, SHUT_RDWR);
  pthread_mutex_lock(&peer->lock);
  peer->closed++;
  pthread_mutex_unlock(&peer->lock);
  return NULL;
}

static void take(struct peer *peer, int fd) {
  struct served *served = calloc(1, sizeof *served);
  served->conn = (struct peer_conn){peer, peer->ctx, fd, NULL};
  pthread_mutex_lock(&peer->lock);
  assert(peer->opened < MAX_CONNECTIONS);
  peer->all[peer->opened++] = served;
  pthread_mutex_unlock(&peer->lock);
  pthread_create(&served->thread, NULL, serve_one, served);
}

static void *accept_all(void *arg) {
  struct peer *peer = arg;
  struct pollfd wait[2] = {{peer->listener, POLLIN, 0}, {peer->stop[0], POLLIN, 0}};
  for (;;) {
    poll(wait, 2, -1);
    if (wait[1].revents != 0) return NULL;
    int fd = accept(peer->listener, NULL, NULL);
    if (fd >= 0) take(peer, fd);
  }
}

struct peer *peer_new(peer_serve_fn serve, SSL_CTX *tls, void *ctx) {
  struct peer *peer = calloc(1, sizeof *peer);
  peer->serve = serve;
  peer->tls = tls;
  peer->ctx = ctx;
  pthread_mutex_init(&peer->lock, NULL);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof at;
  peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int rc = bind(peer->listener, (struct sockaddr *)&at, sizeof at);
  if (rc == 0) rc = listen(peer->listener, 64);
  if (rc == 0) rc = getsockname(peer->listener, (struct sockaddr *)&at, &len);
  if (rc == 0) rc = pipe(peer->stop);
  assert(rc == 0);
  peer->port = ntohs(at.sin_port);
  pthread_create(&peer->acceptor, NULL, accept_all, peer);
  return peer;
}

void peer_free(struct peer *peer) {
  close(peer->stop[1]);
  pthread_join(peer->acceptor, NULL);
  for (int i = 0; i < peer->opened; i++) shutdown(peer->all[i]->conn.fd, SHUT_RDWR);
  for (int i = 0; i < peer->opened; i++) {
    pthread_join(peer->all[i]->thread, NULL);
    SSL_free(peer->all[i]->conn.ssl);
    close(peer->all[i]->conn.fd);
    free(peer->all[i]);
  }
  close(peer->listener);
  close(peer->stop[0]);
  pthread_mutex_destroy(&peer->lock);
  free(peer);
}

int peer_port(const struct peer *peer) { return peer->port; }

static int locked(struct peer *peer, const int *value) {
  pthread_mutex_lock(&peer->lock);
  int copy = *value;
  pthread_mutex_unlock(&peer->lock);
  return copy;
}

int peer_opened(struct peer *peer) { return locked(peer, &peer->opened); }
int peer_closed(struct peer *peer) { return locked(peer, &peer->closed); }

void peer_note(struct peer *peer, const char *format, ...) {
  va_list args;
  va_start(args, format);
  pthread_mutex_lock(&peer->lock);
  size_t room = sizeof peer->notes - peer->notes_len;
  int len = vsnprintf(peer->notes + peer->notes_len, room, format, args);
  assert((size_t)len < room);
  peer->notes_len += (size_t)len;
  pthread_mutex_unlock(&peer->lock);
  va_end(args);
}

const char *peer_notes(struct peer *peer) {
  pthread_mutex_lock(&peer->lock);
  const char *notes = peer->notes;
  pthread_mutex_unlock(&peer->lock);
  return notes;
}

static long read_some(struct peer_conn *conn, char *out, size_t len) {
  if (conn->ssl != NULL) return SSL_read(conn->ssl, out, (int)len);
  return recv(conn->fd, out, len, 0);
}

bool peer_read(struct peer_conn *conn, char *out, size_t len) {
  for (size_t have = 0; have < len;) {
    long got = read_some(conn, out + have, len - have);
    if (got <= 0) return false;
    have += (size_t)got;
  }
  return true;
}

bool peer_line(struct peer_conn *conn, char *out, size_t room) {
  size_t len = 0;
  for (char c; len + 1 < room && peer_read(conn, &c, 1);) {
    if (c == '\n') {
      if (len > 0 && out[len - 1] == '\r') len--;
      out[len] = '\0';
      return true;
    }
    out[len++] = c;
  }
  return false;
}

bool peer_write(struct peer_conn *conn, const char *data, size_t len) {
  while (len > 0) {
    long sent = conn->ssl != NULL ? SSL_write(conn->ssl, data, (int)len)
                                  : send(conn->fd, data, len, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data += sent;
    len -= (size_t)sent;
  }
  return true;
}

bool peer_say(struct peer_conn *conn, const char *text) {
  return peer_write(conn, text, strlen(text));
}

bool peer_start_tls(struct peer_conn *conn, SSL_CTX *tls) {
  conn->ssl = SSL_new(tls);
  SSL_set_fd(conn->ssl, conn->fd);
  return SSL_accept(conn->ssl) == 1;
}

void peer_hold(struct peer_conn *conn) {
  char ignored[256];
  while (read_some(conn, ignored, sizeof ignored) > 0) continue;
}

SSL_CTX *peer_tls_new(const char *name, int days) {
  char alternative[300];
  snprintf(alternative, sizeof alternative, "DNS:%s", name);
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *cert = X509_new();
  X509_set_version(cert, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
  X509_gmtime_adj(X509_getm_notBefore(cert), -10 * 86400);
  X509_gmtime_adj(X509_getm_notAfter(cert), days * 86400L);
  X509_NAME *subject = X509_get_subject_name(cert);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
  X509_set_issuer_name(cert, subject);
  X509_set_pubkey(cert, key);
  X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternative);
  X509_add_ext(cert, names, -1);
  X509_EXTENSION_free(names);
  X509_sign(cert, key, EVP_sha256());
  SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
  int ok = SSL_CTX_use_certificate(tls, cert) == 1 && SSL_CTX_use_PrivateKey(tls, key) == 1;
  assert(ok);
  (void)ok;
  X509_free(cert);
  EVP_PKEY_free(key);
  return tls;
}

void peer_tls_save(SSL_CTX *tls, const char *path) {
  FILE *out = fopen(path, "w");
  assert(out != NULL);
  PEM_write_X509(out, SSL_CTX_get0_certificate(tls));
  fclose(out);
}
