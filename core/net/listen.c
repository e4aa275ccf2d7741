#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/server.h"

#define BACKLOG 4096

static bool split(const char *address, char host[256], char port[8], struct error *err) {
  const char *colon = strrchr(address, ':');
  size_t host_len = colon != NULL ? (size_t)(colon - address) : 0;
  bool is_bracketed = host_len >= 2 && address[0] == '[' && address[host_len - 1] == ']';
  if (colon == NULL || host_len >= 256 || strlen(colon + 1) == 0 || strlen(colon + 1) >= 8)
    return error_set(err, ERR_INVALID, "\"%s\" is no listening address (host:port)", address);
  if (is_bracketed) address++, host_len -= 2;
  memcpy(host, address, host_len);
  host[host_len] = '\0';
  strcpy(port, colon + 1);
  for (const char *c = port; *c != '\0'; c++)
    if (*c < '0' || *c > '9') return error_set(err, ERR_INVALID, "\"%s\" is no port number", port);
  return true;
}

static bool has_ipv6(void) {
  int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static bool resolve(const char *address, struct addrinfo **out, struct error *err) {
  char host[256], port[8];
  if (!split(address, host, port, err)) return false;
  struct addrinfo hints = {
      .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
  const char *name = host[0] != '\0' ? host : NULL;
  if (name == NULL) hints.ai_family = has_ipv6() ? AF_INET6 : AF_INET; /* IPv6 takes IPv4 too */
  int status = getaddrinfo(name, port, &hints, out);
  if (status == 0) return true;
  return error_set(err, ERR_INVALID, "listening address %s: %s", address, gai_strerror(status));
}

static bool fail(struct error *err, const char *address) {
  if (errno == EADDRINUSE)
    return error_set(err, ERR_CONFLICT, "%s is taken: another program listens there", address);
  return error_set(err, ERR_UNAVAILABLE, "listening on %s: %s", address, strerror(errno));
}

/* -1 on failure, errno says why. */
static int open_socket(const struct sockaddr *where, socklen_t len, bool reuse_port) {
  int fd = socket(where->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  int on = 1, off = 0;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); /* TIME_WAIT of the last run */
  if (where->sa_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (reuse_port) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (bind(fd, where, len) == 0 && listen(fd, BACKLOG) == 0) return fd;
  int why = errno;
  close(fd);
  errno = why;
  return -1;
}

int net_listen_port(int fd) {
  struct sockaddr_storage where;
  socklen_t len = sizeof where;
  if (getsockname(fd, (struct sockaddr *)&where, &len) < 0) return 0;
  if (where.ss_family == AF_INET) return ntohs(((struct sockaddr_in *)&where)->sin_port);
  if (where.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&where)->sin6_port);
  return 0;
}

static void set_port(struct sockaddr_storage *where, int port) {
  if (where->ss_family == AF_INET) ((struct sockaddr_in *)where)->sin_port = htons((uint16_t)port);
  else ((struct sockaddr_in6 *)where)->sin6_port = htons((uint16_t)port);
}

/* Opens them one after another; the first one decides on the port. */
static bool open_all(struct sockaddr_storage *where, socklen_t len, int *fds, size_t count) {
  for (size_t i = 0; i < count; i++) {
    fds[i] = open_socket((struct sockaddr *)where, len, count > 1);
    if (fds[i] < 0) {
      int why = errno;
      while (i > 0) close(fds[--i]);
      errno = why;
      return false;
    }
    set_port(where, net_listen_port(fds[i]));
  }
  return true;
}

bool net_listen(const char *address, int *fds, size_t count, struct error *err) {
  struct addrinfo *found;
  if (!resolve(address, &found, err)) return false;
  struct sockaddr_storage where = {0};
  memcpy(&where, found->ai_addr, found->ai_addrlen);
  socklen_t len = found->ai_addrlen;
  freeaddrinfo(found);
  int probe = open_socket((struct sockaddr *)&where, len, false);
  if (probe < 0) return fail(err, address);
  set_port(&where, net_listen_port(probe));
  close(probe);
  return open_all(&where, len, fds, count) || fail(err, address);
}
