/* net/head.h - strict scanner of a request head: the layer that llhttp lacks. Pure.
 *
 * Lines end in CRLF only; exactly one space between the parts of the request line; no folded
 * headers, no space before the colon, no control characters; HTTP/1.1 and 1.0 only. Works line by
 * line as bytes arrive, so that rubbish is refused before the head is complete.
 */
#pragma once
#include <stdint.h>

#include "net/request.h"

#define NET_HEAD_FIELDS 100

struct net_field { /* offsets from the begin of the bytes given to net_head_scan() */
  uint16_t name_at, name_len;
  uint16_t value_at, value_len; /* without surrounding blanks */
};

struct net_head {
  size_t start;   /* of the request line: one empty line before it is forgiven */
  size_t scanned; /* complete lines end here; the end of the head when it is complete */
  enum net_method method;
  bool is_http_1_0;
  uint16_t method_len; /* 0 until the request line is complete */
  uint16_t target_at, target_len;
  size_t count;
  struct net_field fields[NET_HEAD_FIELDS];
};

struct net_head_limits {
  size_t head_bytes; /* at most UINT16_MAX */
  size_t target_bytes;
  size_t fields; /* at most NET_HEAD_FIELDS */
};

enum { NET_HEAD_DONE = 0, NET_HEAD_MORE = 1 }; /* or the status to refuse with */

/* data holds all bytes of the message so far; call again with more of them after NET_HEAD_MORE. */
int net_head_scan(struct net_head *head, const char *data, size_t len,
                  const struct net_head_limits *limits);

struct net_framing { /* what a complete head says about the message and the connection */
  int64_t content_length; /* -1 when chunked */
  struct slice host;      /* data is NULL when HTTP/1.0 has none */
  bool keep_alive;
  bool expects_continue;
};

/* 0, or the status to refuse with: two or no hosts, ambiguous lengths, unknown codings, … */
int net_head_framing(const struct net_head *head, const char *data, struct net_framing *out);

/* True when a comma-separated list has that token (any case), parameters aside. */
bool net_list_has(struct slice list, const char *token);
struct slice net_trim(struct slice text); /* blanks and tabs at both ends */
bool net_is_token(struct slice text);     /* RFC 9110 token, not empty */
