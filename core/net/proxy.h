/* net/proxy.h - who the client is when trusted proxies stand in front. Pure. */
#pragma once
#include "base/bytes.h"
#include "base/error.h"

struct net_proxies; /* a set of networks */

/* Reads "127.0.0.1, 10.0.0.0/8, fd00::/8"; NULL text gives an empty set. NULL on failure. */
COPP_MUST_USE struct net_proxies *net_proxies_new(const char *text, struct error *err);
void net_proxies_free(struct net_proxies *proxies); /* NULL is fine */
bool net_proxies_is_empty(const struct net_proxies *proxies);

/* True when ip ("10.1.2.3", "::1", "::ffff:10.1.2.3") lies in one of the networks. */
bool net_proxies_trust(const struct net_proxies *proxies, const char *ip);

/* Walks X-Forwarded-For (the values of all its headers joined by commas, in order) from its end:
 * ip, which holds the peer, becomes the first address that is no trusted proxy. What cannot be read
 * as an address ends the walk. */
void net_proxies_client(const struct net_proxies *proxies, struct slice forwarded_for,
                        char ip[46]);
