/* support/net_rig.h - a real server and its clients in one thread, over loopback sockets.
 *
 *   struct rig *rig = rig_new(NULL);               NULL: the defaults of the server
 *   struct rig_client *client = rig_connect(rig);
 *   rig_say(client, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
 *   struct rig_answer answer = rig_answer(client);
 *   …
 *   rig_free(rig);                                 drains, and checks that nothing is left
 *
 * Whoever waits turns the loop until its condition holds; after 5 s the test fails. */
#pragma once
#include <openssl/ssl.h>
#include <stdio.h>

#include "net/server.h"

struct rig {
  struct loop loop;
  struct log log;
  struct net_server *server;
  int port;
  char dir[64];             /* for uploads; removed in the end */
  struct net_request *held; /* by /hold, /stream, /silent */
  int handled;              /* handler calls */
  int closed;               /* calls of `closed` */
  int read_done;            /* completions of bodies */
  enum error_code read_error;
  bool is_drained;
  struct net_multipart *form; /* of the last /upload */
};

struct rig_client {
  struct rig *rig;
  int fd;
  SSL *ssl;
  struct bytes in;
  bool is_closed; /* by the server */
  bool was_reset;
};

struct rig_answer {
  int status; /* 0: closed without an answer */
  char head[4096];
  struct bytes body;
};

/* Paths: /hello, /echo (body), /ignore (does not read), /hold and /silent (answered by the test;
 * /silent without `closed`), /stream (begun, the rest is the test's), /upload, /file?<path>,
 * /page (20 KiB of HTML with an ETag), others: what the request says. */
struct rig *rig_new(const struct net_server_config *config);
void rig_free(struct rig *rig);
void rig_turn(struct rig *rig); /* one turn of the loop, at most 2 ms */

/* Turns the loop until condition holds. */
#define RIG_WAIT(rig, condition)                                          \
  do {                                                                    \
    uint64_t rig_until = rig_deadline();                                  \
    while (!(condition)) {                                                \
      rig_turn(rig);                                                      \
      if (rig_is_late(rig_until)) fail_msg("waited in vain: " #condition); \
    }                                                                     \
  } while (0)
uint64_t rig_deadline(void);
bool rig_is_late(uint64_t until);

struct rig_client *rig_connect(struct rig *rig);
void rig_start_tls(struct rig_client *client, SSL_CTX *ctx);
void rig_hang_up(struct rig_client *client); /* closes and frees */
void rig_send(struct rig_client *client, const void *data, size_t len);
void rig_say(struct rig_client *client, const char *text);
/* Reads one answer; the body is the caller's. */
struct rig_answer rig_answer(struct rig_client *client);
struct rig_answer rig_answer_to_head(struct rig_client *client);
/* Waits until the server has closed; what came before stays in client->in. */
void rig_wait_closed(struct rig_client *client);
/* True when bytes are there, after some turns of the loop. */
bool rig_is_quiet(struct rig_client *client);

/* One request on a connection of its own: the status, 0 when closed without an answer. */
int rig_status(struct rig *rig, const char *request);
struct rig_answer rig_get(struct rig *rig, const char *request);
/* Value of a header of an answer, in a static buffer; NULL when absent. */
const char *rig_header(const struct rig_answer *answer, const char *name);
