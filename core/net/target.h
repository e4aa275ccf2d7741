/* net/target.h - strict reading of request targets and hosts. Pure. */
#pragma once
#include "net/request.h"

struct net_target {
  struct slice authority; /* of the absolute form; data is NULL otherwise */
  struct slice path;      /* into the target, or into the buffer when it had to be decoded */
  struct slice query;
  bool is_asterisk; /* "OPTIONS *" */
};

/* Origin form, absolute form (http, https) and, for OPTIONS, "*". Refuses control characters, bytes
 * beyond ASCII, fragments, broken % escapes, %00, %2F and %5C and controls in the path (which would
 * become another path for whoever decodes twice), invalid UTF-8, and paths that climb above "/". */
COPP_MUST_USE bool net_target_parse(struct slice target, enum net_method method,
                                    struct bytes *buffer, struct net_target *out);

/* name, name:port, 1.2.3.4:port, [::1]:port; not empty, no user part. */
bool net_host_is_valid(struct slice host);
bool net_host_is_same(struct slice a, struct slice b); /* any case */
int net_hex_digit(char c);                             /* 0 … 15, or -1 */
