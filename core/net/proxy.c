#include "net/proxy.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/head.h"

struct network {
  unsigned char address[16]; /* IPv4 as ::ffff:a.b.c.d */
  unsigned bits;
};

struct net_proxies {
  struct network *networks;
  size_t count;
};

static bool read_address(const char *text, unsigned char out[16], bool *is_v4) {
  struct in_addr v4;
  *is_v4 = inet_pton(AF_INET, text, &v4) == 1;
  if (!*is_v4) return inet_pton(AF_INET6, text, out) == 1;
  memset(out, 0, 10);
  memset(out + 10, 0xff, 2);
  memcpy(out + 12, &v4, 4);
  return true;
}

static bool read_network(struct slice item, struct network *out) {
  char text[64];
  if (item.len == 0 || item.len >= sizeof text) return false;
  memcpy(text, item.data, item.len);
  text[item.len] = '\0';
  char *slash = strchr(text, '/');
  if (slash != NULL) *slash = '\0';
  bool is_v4;
  if (!read_address(text, out->address, &is_v4)) return false;
  out->bits = 128;
  if (slash == NULL) return true;
  char *end;
  unsigned long bits = strtoul(slash + 1, &end, 10);
  if (end == slash + 1 || *end != '\0' || bits > (is_v4 ? 32 : 128)) return false;
  out->bits = (unsigned)bits + (is_v4 ? 96 : 0);
  return true;
}

struct net_proxies *net_proxies_new(const char *text, struct error *err) {
  struct net_proxies *proxies = mem_zero(sizeof *proxies);
  struct slice list = slice_of(text);
  for (size_t at = 0; at < list.len;) {
    const char *comma = memchr(list.data + at, ',', list.len - at);
    size_t end = comma != NULL ? (size_t)(comma - list.data) : list.len;
    struct slice item = net_trim((struct slice){list.data + at, end - at});
    at = end + 1;
    if (item.len == 0) continue;
    proxies->networks =
        mem_grow(proxies->networks, (proxies->count + 1) * sizeof *proxies->networks);
    if (read_network(item, &proxies->networks[proxies->count++])) continue;
    error_set(err, ERR_INVALID, "trusted proxies: \"%.*s\" is no address or network", (int)item.len,
              item.data);
    net_proxies_free(proxies);
    return NULL;
  }
  return proxies;
}

void net_proxies_free(struct net_proxies *proxies) {
  if (proxies == NULL) return;
  free(proxies->networks);
  free(proxies);
}

bool net_proxies_is_empty(const struct net_proxies *proxies) { return proxies->count == 0; }

static bool is_in(const struct network *network, const unsigned char address[16]) {
  unsigned whole = network->bits / 8, rest = network->bits % 8;
  if (memcmp(network->address, address, whole) != 0) return false;
  if (rest == 0) return true;
  unsigned mask = 0xffu << (8 - rest) & 0xffu;
  return (network->address[whole] & mask) == (address[whole] & mask);
}

bool net_proxies_trust(const struct net_proxies *proxies, const char *ip) {
  unsigned char address[16];
  bool is_v4;
  if (proxies->count == 0 || !read_address(ip, address, &is_v4)) return false;
  for (size_t i = 0; i < proxies->count; i++)
    if (is_in(&proxies->networks[i], address)) return true;
  return false;
}

/* Reads one entry: an address, perhaps with brackets and a port. */
static bool read_entry(struct slice item, char out[46]) {
  item = net_trim(item);
  if (item.len > 0 && item.data[0] == '[') {
    const char *close = memchr(item.data, ']', item.len);
    if (close == NULL) return false;
    item = (struct slice){item.data + 1, (size_t)(close - item.data - 1)};
  } else {
    const char *colon = item.len > 0 ? memchr(item.data, ':', item.len) : NULL;
    bool is_v4_port = colon != NULL && memchr(item.data, '.', (size_t)(colon - item.data)) != NULL;
    if (is_v4_port) item.len = (size_t)(colon - item.data);
  }
  char text[46];
  if (item.len == 0 || item.len >= sizeof text) return false;
  memcpy(text, item.data, item.len);
  text[item.len] = '\0';
  unsigned char address[16];
  bool is_v4;
  if (!read_address(text, address, &is_v4)) return false;
  memcpy(out, text, item.len + 1);
  return true;
}

void net_proxies_client(const struct net_proxies *proxies, struct slice list, char ip[46]) {
  size_t end = list.len;
  while (end > 0 && net_proxies_trust(proxies, ip)) {
    size_t begin = end;
    while (begin > 0 && list.data[begin - 1] != ',') begin--;
    if (!read_entry((struct slice){list.data + begin, end - begin}, ip)) return;
    end = begin > 0 ? begin - 1 : 0;
  }
}
