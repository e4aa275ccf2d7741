/* net/request.h - one HTTP request, from its complete head to the end of its answer.
 *
 *   handler called --> (net_request_read | net_request_multipart)?
 *                  --> net_respond | net_stream_begin … net_stream_end | net_request_abandon
 *
 * Ownership: the handler owns the request from the moment it is called until it ends it by exactly
 * one of net_respond(), net_stream_end(), net_request_abandon(); after that the pointer is dead.
 * A client that goes away does not end the request: its owner is told once, by the pending
 * completion (ERR_CLOSED) or, when none is pending, by `closed`; what is written afterwards is
 * dropped, and the owner still has to end the request (it may, inside that callback).
 *
 * No handler and no callback is ever called from inside a call into net: completions come later,
 * from the loop. Loop thread only.
 *
 *   static void hello(struct net_request *req, void *ctx) {
 *     net_respond(req, &(struct net_answer){.status = 200, .text = slice_of("Здравствуйте\n")});
 *   }
 */
#pragma once
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

enum net_method { NET_GET, NET_HEAD, NET_POST, NET_PUT, NET_PATCH, NET_DELETE, NET_OPTIONS };

struct net_conn;

struct net_header {
  struct slice name;
  struct slice value;
};

struct net_request { /* read only, but for task and closed; slices live as long as the request */
  char id[33];              /* made by net: 128 bits as hex; sent as X-Request-Id */
  enum net_method method;
  struct slice method_name; /* "GET" … */
  struct slice path;        /* percent-decoded, UTF-8, no control characters, no "." or ".." or
                               empty segments; begins with "/" */
  struct slice query;       /* raw, without "?"; net_query_parse() decodes it */
  struct slice host;        /* Host, or X-Forwarded-Host of a trusted proxy; empty in HTTP/1.0 */
  struct slice scheme;      /* "http" or "https", as the client sees it */
  char ip[46];              /* the client, seen through trusted proxies */
  int64_t content_length;   /* -1 when chunked, 0 without a body */
  uint64_t started_us;      /* clock_monotonic_us() when the head was complete */

  void *task;                              /* the owner's */
  void (*closed)(struct net_request *req); /* the owner's; NULL is fine: the client went away */
  struct net_conn *conn;                   /* net's own */
};

/* ---- reading ---- */

/* Value of the first header of that name (any case); data is NULL when there is none. */
struct slice net_request_header(const struct net_request *req, const char *name);
size_t net_request_header_count(const struct net_request *req);
struct net_header net_request_header_at(const struct net_request *req, size_t i); /* as they came */

/* err is NULL when it worked. The callee may take *body: move it out and leave it empty. */
typedef void (*net_body_fn)(struct net_request *req, struct bytes *body, const struct error *err);

/* Reads the whole body into memory, once per request. Failures: ERR_LIMIT beyond max_bytes (answer
 * 413; the connection closes after it); ERR_CLOSED: the client went away; ERR_TIMEOUT: it was too
 * slow; ERR_INVALID: broken framing. In the last two cases net has answered by itself. */
void net_request_read(struct net_request *req, size_t max_bytes, net_body_fn done);

struct net_multipart_limits {
  int64_t max_bytes;      /* whole body */
  int64_t max_file_bytes; /* one file */
  int max_files;
  int max_fields;         /* parts that are not files */
  size_t max_field_bytes; /* one field, held in memory */
};

#define NET_MULTIPART_LIMITS                                                  \
  {.max_bytes = 32 << 20, .max_file_bytes = 32 << 20, .max_files = 10,        \
   .max_fields = 1000, .max_field_bytes = 1 << 20}

struct net_part {
  char *name;       /* UTF-8, not empty */
  char *value;      /* fields: content with a NUL behind; NULL for files */
  size_t value_len;
  char *filename;   /* files: last element of the path as the client gave it, UTF-8; else NULL */
  char *type;       /* files: Content-Type as sent, "application/octet-stream" when absent */
  char *path;       /* files: the temporary file; whoever takes it over frees this and sets NULL */
  int64_t size;     /* files: bytes */
  char sha256[65];  /* files: hex */
};

struct net_multipart {
  struct net_part *parts; /* in order of arrival */
  size_t count;
};

/* err is NULL when it worked; then the callee owns form and ends it by net_multipart_free().
 * A file input that was left empty is no part of it. Otherwise form is NULL. */
typedef void (*net_multipart_fn)(struct net_request *req, struct net_multipart *form,
                                 const struct error *err);

/* Reads a multipart/form-data body, once per request: files stream to new files in dir (mode 0600),
 * fields to memory. Failures as in net_request_read(), and ERR_INVALID also for another media type
 * or a malformed body (answer 400 yourself), ERR_UNAVAILABLE for a full disk, ERR_IO.
 * After a failure no file is left. */
void net_request_multipart(struct net_request *req, const struct net_multipart_limits *limits,
                           const char *dir, net_multipart_fn done);
/* Also removes the files nobody took. NULL is fine. */
void net_multipart_free(struct net_multipart *form);

/* ---- answering ---- */

struct net_answer {
  int status;                       /* 200 … 599 */
  const struct net_header *headers; /* copied. Content-Length, Transfer-Encoding, Connection, Date
                                       and X-Request-Id belong to net and are skipped; a line break
                                       in a name or value makes the answer 500 */
  size_t header_count;
  struct bytes bytes;               /* body, moved in: net frees it */
  struct slice text;                /* or body, copied */
  const char *path;                 /* or body: a regular file, streamed, with Range; 404 by net
                                       when it cannot be opened */
};

/* Answers. Adds the headers of the configuration; gzip when it is worth it; 304 when the answer is
 * 200 with an ETag that the client has. The request is gone afterwards. */
void net_respond(struct net_request *req, struct net_answer *answer);

enum net_flow {
  NET_FLOW_READY,  /* go on writing */
  NET_FLOW_WAIT,   /* accepted, but wait for the callback before the next write */
  NET_FLOW_CLOSED, /* the client is gone; end the stream */
};

/* closed: the client is gone; end the stream. */
typedef void (*net_written_fn)(struct net_request *req, bool closed);

/* Begins an answer of unknown length (SSE, CSV); a body in answer is its first chunk. */
void net_stream_begin(struct net_request *req, struct net_answer *answer);
/* Sends a chunk (copied). written is called once, and only when NET_FLOW_WAIT was returned. */
enum net_flow net_stream_write(struct net_request *req, struct slice data, net_written_fn written);
/* Ends the answer; the request is gone afterwards. */
void net_stream_end(struct net_request *req);

/* Drops the request. The connection is cut, so that no torn answer looks like a whole one. */
void net_request_abandon(struct net_request *req);
