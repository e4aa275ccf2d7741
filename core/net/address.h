/* net/address.h - which addresses outgoing requests may reach.
 *
 * Only the public internet: not this machine, not its neighbours, not cloud metadata services, and
 * no form that wraps an IPv4 address in an IPv6 one. A list of what is public would age; the lists
 * of the IANA special-purpose registries (RFC 6890 and successors) hardly do.
 */
#pragma once
#include <stdbool.h>
#include <sys/socket.h>

bool net_address_is_public(const struct sockaddr *address);
