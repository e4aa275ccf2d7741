/* db/conninfo.h - a database URL taken apart, and its host names resolved off the loop (inside db only).
 *
 * libpq would resolve names itself and block. So names go through uv_getaddrinfo() and reach libpq
 * as host and hostaddr lists of equal length; unix socket directories pass as they are.
 */
#pragma once
#include <uv.h>

#include "base/bytes.h"
#include "base/error.h"

struct db_host {
  char *name; /* host name, address or socket directory; "" = libpq's default */
  char *addr; /* hostaddr of the URL, or "" */
  char *port; /* "" = default */
};

struct db_conninfo {
  char **keys; /* everything but host, hostaddr, port; owned */
  char **values;
  int count;
  struct db_host *hosts;
  int host_count;
};

/* want: "read-write" or "prefer-standby", put in when there are several hosts and the URL has no
 * target_session_attrs of its own. On false *out is empty. */
COPP_MUST_USE bool db_conninfo_parse(const char *url, const char *application_name,
                                     const char *want, struct db_conninfo *out, struct error *err);
void db_conninfo_deinit(struct db_conninfo *info);

/* One resolution at a time. */
struct db_resolver {
  uv_getaddrinfo_t req;
  const struct db_conninfo *info;
  int first, at;                    /* hosts are tried from first on, at counts them */
  bool is_busy;                     /* req is with libuv */
  struct bytes names, addrs, ports; /* comma separated, equal in number */
  int found;
  char trouble[128]; /* why the last name did not resolve */
  void (*done)(struct db_resolver *resolver);
};

/* Collects addresses beginning with host number first; calls done, at once when nothing needs DNS. */
void db_resolver_start(struct db_resolver *resolver, uv_loop_t *loop,
                       const struct db_conninfo *info, int first,
                       void (*done)(struct db_resolver *resolver));
void db_resolver_deinit(struct db_resolver *resolver); /* when it is not busy */
