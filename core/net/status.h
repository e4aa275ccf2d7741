/* net/status.h - words for status codes. Pure. */
#pragma once

/* "Not Found"; "Status" for a code without a name. */
const char *net_status_reason(int status);

struct net_refusal { /* what net says when it answers by itself */
  int status;
  const char *code; /* of problem+json */
  const char *text; /* Russian, for people */
};
const struct net_refusal *net_refusal_of(int status); /* the one of 500 when there is none */
