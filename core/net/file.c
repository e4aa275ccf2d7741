/* Answers from disk: opened, read and closed on the thread pool, one piece at a time, no faster
 * than the client takes them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/conn.h"
#include "net/select.h"

#define PIECE_BYTES (128 * 1024)

struct net_file {
  struct net_conn *conn;
  char *path;
  int status;
  struct bytes lines; /* the handler's headers */
  struct bytes etag;  /* same; apart as in net_lines */
  bool has_csp, has_security;
  bool is_working; /* on the pool: nothing but that may touch the fields below */
  int fd;          /* -1 until opened */
  int64_t size;
  int64_t at, end; /* what is left to send */
  struct bytes piece;
  bool failed;
};

static void file_free(struct net_file *file) {
  if (file->fd >= 0) close(file->fd);
  bytes_deinit(&file->lines);
  bytes_deinit(&file->etag);
  bytes_deinit(&file->piece);
  free(file->path);
  free(file);
}

/* Ends the request; is_whole: nothing of the answer is missing. */
static void file_end(struct net_conn *conn, bool is_whole) {
  struct net_file *file = conn->file;
  conn->file = NULL;
  file_free(file);
  if (!is_whole) net_conn_cut(conn);
  net_conn_finish_request(conn);
}

/* ---- on the pool ---- */

static void work_open(void *ctx) {
  struct net_file *file = ctx;
  struct stat stat;
  file->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  file->failed = file->fd < 0 || fstat(file->fd, &stat) < 0 || !S_ISREG(stat.st_mode);
  if (!file->failed) file->size = stat.st_size;
}

static void work_read(void *ctx) {
  struct net_file *file = ctx;
  int64_t left = file->end - file->at;
  size_t want = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
  bytes_reserve(&file->piece, want);
  ssize_t got = pread(file->fd, file->piece.data, want, file->at);
  file->failed = got <= 0; /* also a file that became shorter */
  if (file->failed) return;
  file->piece.len = (size_t)got;
  file->at += got;
}

/* ---- on the loop ---- */

static void start(struct net_file *file, loop_work_fn work, loop_done_fn done) {
  struct net_conn *conn = file->conn;
  if (!loop_work(conn->server->loop, work, done, file, NULL)) {
    if (conn->has_answered) {
      file_end(conn, false);
      return;
    }
    conn->file = NULL;
    file_free(file);
    net_reply(conn, 503, slice_of("Retry-After: 1\r\n"));
    return;
  }
  file->is_working = true;
  net_conn_ref(conn);
}

static void on_read_done(void *ctx) {
  struct net_file *file = ctx;
  struct net_conn *conn = file->conn;
  file->is_working = false;
  net_conn_enter(conn);
  if (conn->is_muted || file->failed) {
    file_end(conn, conn->is_muted);
  } else {
    net_out_move(conn, &file->piece);
    if (file->at == file->end) file_end(conn, true);
    else {
      net_out_flush(conn);
      if (net_out_unsent(conn) <= NET_UNSENT_LOW) net_file_go_on(conn);
    }
  }
  net_conn_leave(conn);
  net_conn_unref(conn);
}

void net_file_go_on(struct net_conn *conn) {
  struct net_file *file = conn->file;
  if (!file->is_working && file->fd >= 0) start(file, work_read, on_read_done);
}

void net_file_stop(struct net_conn *conn) {
  if (!conn->file->is_working) file_end(conn, true); /* else when the pool is done with it */
}

static void answer_opened(struct net_conn *conn, struct net_file *file) {
  struct slice etag = {file->etag.data, file->etag.len};
  struct net_lines lines = {.text = &file->lines,
                            .etag = etag,
                            .has_csp = file->has_csp,
                            .has_security = file->has_security};
  struct net_range range = {0, file->size};
  enum net_range_kind kind = NET_RANGE_WHOLE;
  int status = net_status_for(conn, file->status, etag);
  if (status == 200) kind = net_range_of(&conn->req, etag, file->size, &range);
  if (status == 200) bytes_add_str(&file->lines, "Accept-Ranges: bytes\r\n");
  net_add_content_range(&file->lines, kind, range, file->size);
  if (kind == NET_RANGE_PART) status = 206;
  if (kind == NET_RANGE_OUTSIDE) status = 416, range.len = 0;
  net_head_write(conn, status, &lines, NET_LENGTH, range.len);
  bool is_silent = status == 304 || conn->req.method == NET_HEAD;
  file->at = range.from;
  file->end = range.from + (is_silent ? 0 : range.len);
  if (file->at == file->end) file_end(conn, true);
  else net_file_go_on(conn);
}

static void on_open_done(void *ctx) {
  struct net_file *file = ctx;
  struct net_conn *conn = file->conn;
  file->is_working = false;
  net_conn_enter(conn);
  if (conn->is_muted) {
    file_end(conn, true);
  } else if (file->failed) {
    conn->file = NULL;
    file_free(file);
    net_reply(conn, 404, (struct slice){0});
  } else {
    answer_opened(conn, file);
  }
  net_conn_leave(conn);
  net_conn_unref(conn);
}

void net_file_begin(struct net_conn *conn, int status, const struct net_lines *lines,
                    const char *path) {
  struct net_file *file = mem_zero(sizeof *file);
  *file = (struct net_file){.conn = conn,
                            .path = mem_dup(path),
                            .status = status,
                            .has_csp = lines->has_csp,
                            .has_security = lines->has_security,
                            .fd = -1};
  bytes_add(&file->lines, lines->text->data, lines->text->len);
  bytes_add(&file->etag, lines->etag.data, lines->etag.len);
  conn->file = file;
  start(file, work_open, on_open_done);
}
