#include "db/conninfo.h"

#include <stdio.h>

#include "base/list.h"

static void next_host(struct db_resolver *resolver);

static void add_found(struct db_resolver *resolver, const struct db_host *host, const char *addr) {
  const char *comma = resolver->found++ > 0 ? "," : "";
  bytes_addf(&resolver->names, "%s%s", comma, host->name);
  bytes_addf(&resolver->addrs, "%s%s", comma, addr);
  bytes_addf(&resolver->ports, "%s%s", comma, host->port);
}

static const struct db_host *current(const struct db_resolver *resolver) {
  const struct db_conninfo *info = resolver->info;
  return &info->hosts[(resolver->first + resolver->at) % info->host_count];
}

static void on_resolved(uv_getaddrinfo_t *req, int status, struct addrinfo *all) {
  struct db_resolver *resolver = LIST_OWNER(req, struct db_resolver, req);
  const struct db_host *host = current(resolver);
  resolver->is_busy = false;
  if (status != 0)
    snprintf(resolver->trouble, sizeof resolver->trouble, "%.60s: %.50s", host->name,
             uv_strerror(status));
  for (const struct addrinfo *one = all; one != NULL; one = one->ai_next) {
    char addr[INET6_ADDRSTRLEN];
    if (one->ai_family == AF_INET)
      uv_ip4_name((const struct sockaddr_in *)(const void *)one->ai_addr, addr, sizeof addr);
    else if (one->ai_family == AF_INET6)
      uv_ip6_name((const struct sockaddr_in6 *)(const void *)one->ai_addr, addr, sizeof addr);
    else continue;
    add_found(resolver, host, addr);
  }
  uv_freeaddrinfo(all);
  resolver->at++;
  next_host(resolver);
}

static bool needs_dns(const struct db_host *host) {
  bool is_socket = host->name[0] == '/' || host->name[0] == '@' || host->name[0] == '\0';
  return !is_socket && host->addr[0] == '\0';
}

static void next_host(struct db_resolver *resolver) {
  static const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  for (; resolver->at < resolver->info->host_count; resolver->at++) {
    const struct db_host *host = current(resolver);
    if (!needs_dns(host)) {
      add_found(resolver, host, host->addr);
      continue;
    }
    int status =
        uv_getaddrinfo(resolver->req.loop, &resolver->req, on_resolved, host->name, NULL, &hints);
    resolver->is_busy = status == 0;
    if (resolver->is_busy) return;
    snprintf(resolver->trouble, sizeof resolver->trouble, "%.60s: %.50s", host->name,
             uv_strerror(status));
  }
  resolver->done(resolver);
}

void db_resolver_start(struct db_resolver *resolver, uv_loop_t *loop,
                       const struct db_conninfo *info, int first,
                       void (*done)(struct db_resolver *resolver)) {
  resolver->info = info;
  resolver->first = first % info->host_count;
  resolver->at = resolver->found = 0;
  resolver->trouble[0] = '\0';
  resolver->done = done;
  resolver->req.loop = loop;
  bytes_clear(&resolver->names);
  bytes_clear(&resolver->addrs);
  bytes_clear(&resolver->ports);
  next_host(resolver);
}

void db_resolver_deinit(struct db_resolver *resolver) {
  bytes_deinit(&resolver->names);
  bytes_deinit(&resolver->addrs);
  bytes_deinit(&resolver->ports);
}
