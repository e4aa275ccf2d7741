/* loop/lines.h - lines of text over a unix socket or pipe: how our own processes talk.
 *
 *   loop_lines_open --> on_line, on_line … --> on_closed (the other side is gone) --> loop_lines_close
 *
 * A line longer than the limit, or a read error, counts as "the other side is gone". Writes are
 * queued in memory: both ends are ours. Loop thread only.
 */
#pragma once
#include "base/bytes.h"
#include "loop/loop.h"

struct loop_lines;

struct loop_lines_events {
  void (*on_line)(void *ctx, struct slice line); /* without the line feed */
  void (*on_closed)(void *ctx);                  /* once; the owner calls loop_lines_close() */
};

#define LOOP_LINE_MAX (4 << 20)

/* Takes fd, a connected stream. events is copied. */
struct loop_lines *loop_lines_open(struct loop *loop, int fd,
                                   const struct loop_lines_events *events, void *ctx);
/* Sends line and a line feed; dropped when the other side is gone. */
void loop_lines_write(struct loop_lines *lines, struct slice line);
/* No event comes afterwards. What was written is still sent when the other side reads it at once.
 * NULL is fine; allowed inside the events. */
void loop_lines_close(struct loop_lines *lines);

/* ---- listening ---- */

struct loop_listener;
/* fd is a new connection; the callee owns it. */
typedef void (*loop_accept_fn)(void *ctx, int fd);

/* Listens on a unix socket, mode 0600; a stale file at path is replaced. NULL on failure. */
struct loop_listener *loop_listener_new(struct loop *loop, const char *path, loop_accept_fn fn,
                                        void *ctx, struct error *err);
void loop_listener_free(struct loop_listener *listener); /* removes the file; NULL is fine */

/* Connects to a unix socket; blocking, for the command line. -1 on failure. Paths longer than
 * sun_path are reached through the directory's descriptor. */
int loop_connect_unix(const char *path, struct error *err);
/* The same for a loop: never waits, -1 also when the other side takes nobody in at the moment. */
int loop_dial_unix(const char *path, struct error *err);
