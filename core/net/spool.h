/* net/spool.h - inside of net: new files, written and hashed on the thread pool.
 *
 * The loop notes steps (open, write, close); a pool thread takes them in batches, in order, one
 * batch at a time. The caller looks at net_spool_waiting() and slows its source down.
 * Freed while the pool works, a spool goes by itself when that is done. */
#pragma once
#include "base/bytes.h"
#include "base/error.h"
#include "crypto/hash.h"
#include "loop/loop.h"

struct net_spool;

struct net_spool_file {
  struct link link;
  char *path;                     /* who takes the file over takes this and leaves NULL */
  char sha256[CRYPTO_SHA256_HEX]; /* set once the spool is idle after its end */
  int fd;                    /* the pool's */
  struct crypto_sha256 hash; /* the pool's */
};

/* Files are <prefix>-1, <prefix>-2, …; progress is called on the loop after each batch. */
struct net_spool *net_spool_new(struct loop *loop, const char *prefix, void (*progress)(void *ctx),
                                void *ctx);
void net_spool_free(struct net_spool *spool); /* removes the files nobody took; NULL is fine */

struct net_spool_file *net_spool_open(struct net_spool *spool); /* the spool's */
void net_spool_write(struct net_spool *spool, struct net_spool_file *file, struct slice data);
void net_spool_close(struct net_spool *spool, struct net_spool_file *file);

/* Hands what is noted to the pool, unless that is busy: then progress comes later. */
void net_spool_flush(struct net_spool *spool);
bool net_spool_is_done(const struct net_spool *spool); /* nothing noted, nothing in work */
size_t net_spool_waiting(const struct net_spool *spool); /* bytes */
/* ERR_NONE, or why writing failed: ERR_UNAVAILABLE (disk full), ERR_IO, ERR_OVERLOADED. */
const struct error *net_spool_error(const struct net_spool *spool);
