#include "net/address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct block4 {
  uint32_t base; /* host order */
  int bits;
};

static const struct block4 private4[] = {
    {0x00000000, 8},  /* 0.0.0.0/8: this network, 0.0.0.0 reaches loopback */
    {0x0A000000, 8},  /* 10/8 */
    {0x64400000, 10}, /* 100.64/10: carrier NAT */
    {0x7F000000, 8},  /* 127/8: loopback */
    {0xA9FE0000, 16}, /* 169.254/16: link local, metadata of clouds */
    {0xAC100000, 12}, /* 172.16/12 */
    {0xC0000000, 24}, /* 192.0.0/24: protocol assignments */
    {0xC0000200, 24}, /* 192.0.2/24: documentation */
    {0xC0586300, 24}, /* 192.88.99/24: 6to4 relays */
    {0xC0A80000, 16}, /* 192.168/16 */
    {0xC6120000, 15}, /* 198.18/15: benchmarks */
    {0xC6336400, 24}, /* 198.51.100/24: documentation */
    {0xCB007100, 24}, /* 203.0.113/24: documentation */
    {0xE0000000, 3},  /* 224/4 multicast, 240/4 reserved, broadcast */
};

static bool is_public4(uint32_t address) {
  for (size_t i = 0; i < sizeof private4 / sizeof *private4; i++) {
    uint32_t mask = 0xFFFFFFFFu << (32 - private4[i].bits);
    if ((address & mask) == private4[i].base) return false;
  }
  return true;
}

/* Global unicast is 2000::/3; loopback, ::, mapped and translated IPv4, unique local, link local
 * and multicast are all outside of it. */
static bool is_public6(const uint8_t a[16]) {
  if ((a[0] & 0xE0) != 0x20) return false;
  uint32_t first = (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | a[3];
  if ((first & 0xFFFFFE00u) == 0x20010000u) return false; /* 2001::/23: Teredo, ORCHID … */
  if (first == 0x20010DB8u) return false;                 /* 2001:db8::/32: documentation */
  if (first >> 16 == 0x2002u) return false;               /* 2002::/16: 6to4 wraps IPv4 */
  if (first >> 12 == 0x3FFF0u) return false;              /* 3fff::/20: documentation */
  return true;
}

bool net_address_is_public(const struct sockaddr *address) {
  if (address->sa_family == AF_INET) {
    struct sockaddr_in in;
    memcpy(&in, address, sizeof in);
    return is_public4(ntohl(in.sin_addr.s_addr));
  }
  if (address->sa_family == AF_INET6) {
    struct sockaddr_in6 in6;
    memcpy(&in6, address, sizeof in6);
    return is_public6(in6.sin6_addr.s6_addr);
  }
  return false;
}
