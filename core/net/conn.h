/* net/conn.h - inside of the server: what its files share. Not for other rooms.
 *
 * server.c    life of the server, accepting, draining          wait.c    deadlines
 * conn.c      a connection: bytes in, request after request    out.c     bytes out
 * intake.c    complete head -> request -> handler              body.c    request body
 * respond.c   answers from memory   file.c  answers from disk  stream.c  chunked answers
 * serve.c     answers from the static set                      upload.c  multipart to disk
 * refuse.c    answers that net makes by itself
 *
 * Events (uv callbacks) run between net_conn_enter() and net_conn_leave(): output is corked, and
 * owners of requests are called back only there. Calls made by owners outside of events send at
 * once and leave everything that could call back to net_conn_soon().
 *
 * A connection lives while it has references: its socket, its request, its jobs on other threads.
 */
#pragma once
#include <llhttp.h>

#include "base/list.h"
#include "net/chunk.h"
#include "net/gzip.h"
#include "net/head.h"
#include "net/multipart.h"
#include "net/proxy.h"
#include "net/server.h"
#include "net/tls.h"

#define NET_READ_BYTES (64 * 1024)   /* one read(2) */
#define NET_HOLD_BYTES (64 * 1024)   /* input waiting: unread body, pipelined requests */
#define NET_UNSENT_HIGH (64 * 1024)  /* output waiting: producers pause */
#define NET_UNSENT_LOW (16 * 1024)   /* … and go on */
#define NET_SKIP_BYTES (64 * 1024)   /* unread body that is skipped to keep a connection */

enum net_wait { /* for what a connection waits; each kind has one length, so its list is ordered */
  NET_WAIT_NONE, /* the handler's turn */
  NET_WAIT_HANDSHAKE,
  NET_WAIT_HEAD,
  NET_WAIT_BODY,
  NET_WAIT_WRITE,
  NET_WAIT_IDLE,
  NET_WAIT_HALF_CLOSED,
  NET_WAIT_LINGER,
  NET_WAIT_KINDS
};

struct net_listener {
  uv_tcp_t tcp; /* data: the server */
};

struct net_server {
  struct loop *loop;
  struct net_server_config config; /* strings owned */
  const struct log *log;
  struct net_head_limits head_limits;
  struct net_tls *tls; /* NULL without */
  struct net_proxies *proxies;
  struct net_static *statics; /* NULL without */

  struct net_listener *listeners;
  size_t handles; /* of uv, not yet closed: listeners, sweep, soon */
  struct list conns; /* with a socket */
  size_t live;       /* connections in memory */
  struct list waits[NET_WAIT_KINDS];
  uv_timer_t sweep; /* runs while there are connections */
  uv_idle_t soon;   /* runs while soon_list has something */
  struct list soon_list;

  bool is_draining;
  uint64_t drain_until_ms; /* uv_now() */
  void (*drained)(void *ctx);
  void *drained_ctx;

  uint64_t id_seed[2], id_next;
  struct bytes common; /* Date and the security headers, as text */
  int64_t common_at;   /* the second it is for */
  struct bytes spare;  /* an output buffer nobody uses now */
  struct bytes lines;  /* scratch: headers of the handler */
  struct net_gzip gzip;
  char *read_buffer; /* NET_READ_BYTES */
  char *plain_buffer; /* NET_READ_BYTES, TLS only */
  struct net_stats stats;
};

enum net_sink { /* where body bytes go */
  NET_SINK_HOLD, /* kept, up to NET_HOLD_BYTES; then the socket waits */
  NET_SINK_READ,
  NET_SINK_UPLOAD,
  NET_SINK_DROP,
};

struct net_upload;

struct net_body {
  enum net_sink sink;
  struct bytes bytes;
  int64_t received;
  int64_t dropped;        /* bytes skipped after the answer */
  size_t max_bytes;       /* of NET_SINK_READ */
  net_body_fn done;       /* pending completion of NET_SINK_READ */
  struct net_upload *upload;
  bool is_complete;
  enum error_code fault;  /* reason not to wait for completeness */
  uint64_t began_ms;      /* uv_now() at the head's end */
};

struct net_conn {
  uv_tcp_t tcp; /* data: the connection */
  struct net_server *server;
  struct link link; /* in server->conns */
  unsigned refs;
  unsigned entered; /* depth of net_conn_enter() */
  char peer[46];

  struct link wait_link;
  enum net_wait wait;
  uint64_t wait_until_ms;
  uint64_t wait_mark; /* progress when the window began */
  struct link soon_link;

  bool is_reading;
  bool is_closed;    /* uv_close() was called */
  bool is_eof;       /* the client closed its side */
  bool is_broken;    /* writing failed */
  bool is_finishing; /* close when the output is out … */
  bool must_linger;  /* … but let the client read it first */
  bool is_lingering; /* shut down; input is thrown away */

  struct net_tls_session *tls; /* NULL on plain connections */
  struct bytes in;             /* what could not be used yet */

  llhttp_t parser;
  bool parsed_head, parsed_message; /* llhttp's opinion */
  struct net_head head;
  struct net_framing framing;
  struct net_chunk chunk;
  bool in_body;       /* the message is incomplete */
  bool owes_continue; /* the client waits for 100 before it sends its body */
  struct net_body body;

  struct net_request req;
  struct bytes head_text; /* the head, which the slices of req point into */
  struct bytes path_text; /* the path, when it had to be decoded */
  struct bytes host_text; /* X-Forwarded-Host and the like */
  bool is_busy;      /* from the head to the end of the answer; holds a reference */
  bool is_owned;     /* the handler has not ended the request */
  bool is_told;      /* the owner knows that the client is gone */
  bool is_muted;     /* what the owner writes is dropped: the client is gone, or net has answered */
  bool has_answered; /* the head of an answer was written */
  bool is_stream, is_chunked_out;
  net_written_fn written; /* pending completion of a stream write */
  struct net_file *file;  /* answer being read from disk */

  struct list out;   /* struct net_piece */
  size_t queued;     /* bytes in out */
  struct bytes tail; /* output behind the pieces, still growing */
  size_t tail_at;    /* sent of it */
  struct bytes wire; /* TLS: encrypted */
  size_t wire_at;    /* sent of it */
  bool is_writing;
  size_t write_len;  /* of the uv_write under way */
  uv_write_t write;
  uv_shutdown_t shutdown;
  uint64_t sent; /* bytes the socket took, all in all */
};

/* conn.c */
void net_conn_accept(struct net_server *server, uv_stream_t *listener);
void net_conn_enter(struct net_conn *conn);
void net_conn_leave(struct net_conn *conn);
void net_conn_ref(struct net_conn *conn);
void net_conn_unref(struct net_conn *conn);
void net_conn_soon(struct net_conn *conn); /* an event of its own, in this loop iteration */
void net_conn_settle(struct net_conn *conn); /* reads, waits or closes as its state demands */
void net_conn_cut(struct net_conn *conn);    /* closes the socket now */
void net_conn_gone(struct net_conn *conn);   /* cuts, and tells the owner; in events only */
/* Closes the longest idle ones, at most so many; returns how many. One whose next request has
 * arrived already is spared. */
size_t net_conn_close_idle(struct net_server *server, size_t at_most);
void net_conn_finish_request(struct net_conn *conn); /* the answer is complete, or was dropped */

/* wait.c */
void net_wait_init(struct net_server *server);
void net_wait_begin(struct net_conn *conn, enum net_wait wait); /* goes on when it is the same */
void net_wait_end(struct net_conn *conn);
struct net_conn *net_wait_oldest(struct net_server *server, enum net_wait wait); /* or NULL */

/* intake.c: the head in data[0 … head.scanned) is complete. */
void net_intake(struct net_conn *conn, const char *data);

/* body.c */
void net_body_begin(struct net_conn *conn);
bool net_body_is_full(const struct net_conn *conn);
size_t net_body_take(struct net_conn *conn, const char *data, size_t len); /* bytes used */
void net_body_store(struct net_conn *conn, const char *data, size_t len);  /* from llhttp */
const char *net_fault_text(enum error_code fault);
void net_body_fail(struct net_conn *conn, enum error_code fault);
bool net_body_deliver(struct net_conn *conn); /* calls the pending completion when it is time */
void net_body_invite(struct net_conn *conn); /* says 100 Continue where it is awaited */
void net_body_deinit(struct net_conn *conn);

/* upload.c */
void net_upload_feed(struct net_upload *upload, const char *data, size_t len);
bool net_upload_is_full(const struct net_upload *upload);
bool net_upload_deliver(struct net_conn *conn);
void net_upload_free(struct net_upload *upload); /* NULL is fine; removes what is left */

/* out.c */
struct bytes *net_out(struct net_conn *conn); /* to add to */
void net_out_move(struct net_conn *conn, struct bytes *body);
void net_out_borrow(struct net_conn *conn, struct slice data, struct net_static *set);
void net_out_flush(struct net_conn *conn);
size_t net_out_unsent(const struct net_conn *conn);
void net_out_deinit(struct net_conn *conn);

/* respond.c */
enum net_body_rule { NET_LENGTH, NET_CHUNKED, NET_UNTIL_CLOSE };
struct net_lines { /* the handler's headers, and which they are */
  struct bytes *text; /* ready lines, but for the ETag */
  struct slice etag, type;
  bool has_encoding, has_csp, has_security;
};
/* false when a header could break the answer apart. */
bool net_lines_render(struct net_lines *lines, const struct net_answer *answer);
/* 304 when the client has this version already, else status. */
int net_status_for(const struct net_conn *conn, int status, struct slice etag);
void net_head_write(struct net_conn *conn, int status, const struct net_lines *lines,
                    enum net_body_rule rule, int64_t length);
const char *net_server_common(struct net_server *server, size_t *len);

/* refuse.c: by net itself. */
void net_refuse(struct net_conn *conn, int status); /* and closes: the framing is lost */
void net_reply(struct net_conn *conn, int status, struct slice headers); /* and goes on */

/* serve.c */
void net_answer_static(struct net_conn *conn, struct slice name);

/* file.c */
void net_file_begin(struct net_conn *conn, int status, const struct net_lines *lines,
                    const char *path);
void net_file_go_on(struct net_conn *conn);
void net_file_stop(struct net_conn *conn); /* the client is gone */

/* server.c */
void net_server_make_id(struct net_server *server, char out[33]);
void net_server_check_drained(struct net_server *server); /* after anything went away */
