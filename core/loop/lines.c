#include "loop/lines.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

struct loop_lines {
  uv_pipe_t uv;
  struct loop_lines_events events;
  void *ctx;
  struct bytes in;  /* the beginning of a line */
  bool is_gone;     /* on_closed was called */
  bool is_closing;  /* the owner closed it */
};

struct lines_write {
  uv_write_t uv;
  struct loop_lines *lines;
  char text[];
};

static void free_lines(uv_handle_t *handle) {
  struct loop_lines *lines = handle->data;
  bytes_deinit(&lines->in);
  free(lines);
}

static void say_gone(struct loop_lines *lines) {
  if (lines->is_gone || lines->is_closing) return;
  lines->is_gone = true;
  uv_read_stop((uv_stream_t *)&lines->uv);
  lines->events.on_closed(lines->ctx);
}

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
  struct loop_lines *lines = handle->data;
  (void)suggested;
  bytes_reserve(&lines->in, 4096);
  *buf = uv_buf_init(lines->in.data + lines->in.len, (unsigned)(lines->in.cap - lines->in.len - 1));
}

/* Hands over whole lines; stops when the owner closes inside its event. */
static void deliver(struct loop_lines *lines, size_t searched) {
  size_t start = 0;
  char *feed;
  while (!lines->is_closing && !lines->is_gone &&
         (feed = memchr(lines->in.data + searched, '\n', lines->in.len - searched)) != NULL) {
    struct slice line = {lines->in.data + start, (size_t)(feed - lines->in.data) - start};
    start = searched = (size_t)(feed - lines->in.data) + 1;
    lines->events.on_line(lines->ctx, line);
  }
  memmove(lines->in.data, lines->in.data + start, lines->in.len - start);
  lines->in.len -= start;
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf) {
  struct loop_lines *lines = stream->data;
  (void)buf;
  if (count == 0) return;
  if (count < 0) {
    say_gone(lines);
    return;
  }
  size_t searched = lines->in.len;
  lines->in.len += (size_t)count;
  deliver(lines, searched);
  if (lines->in.len > LOOP_LINE_MAX) say_gone(lines);
}

struct loop_lines *loop_lines_open(struct loop *loop, int fd,
                                   const struct loop_lines_events *events, void *ctx) {
  struct loop_lines *lines = mem_zero(sizeof *lines);
  lines->events = *events;
  lines->ctx = ctx;
  uv_pipe_init(&loop->uv, &lines->uv, 0);
  lines->uv.data = lines;
  int status = uv_pipe_open(&lines->uv, fd);
  assert(status == 0); /* the caller's fd is no stream */
  (void)status;
  uv_read_start((uv_stream_t *)&lines->uv, allocate, on_read);
  return lines;
}

static void on_written(uv_write_t *uv, int status) {
  struct lines_write *write = uv->data;
  struct loop_lines *lines = write->lines;
  free(write);
  if (status != 0) say_gone(lines);
}

void loop_lines_write(struct loop_lines *lines, struct slice line) {
  if (lines->is_gone || lines->is_closing) return;
  struct lines_write *write = mem_alloc(sizeof *write + line.len + 1);
  write->uv.data = write;
  write->lines = lines;
  memcpy(write->text, line.data, line.len);
  write->text[line.len] = '\n';
  uv_buf_t buf = uv_buf_init(write->text, (unsigned)line.len + 1);
  if (uv_write(&write->uv, (uv_stream_t *)&lines->uv, &buf, 1, on_written) != 0) free(write);
}

void loop_lines_close(struct loop_lines *lines) {
  if (lines == NULL || lines->is_closing) return;
  lines->is_closing = true;
  uv_close((uv_handle_t *)&lines->uv, free_lines); /* tells queued writes, then frees */
}

/* ---- listening ---- */

struct loop_listener {
  uv_poll_t uv;
  int fd;
  char *path;
  loop_accept_fn fn;
  void *ctx;
};

static void on_connect(uv_poll_t *uv, int status, int events) {
  struct loop_listener *listener = uv->data;
  if (status != 0 || (events & UV_READABLE) == 0) return;
  int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0) listener->fn(listener->ctx, fd);
}

/* Gives use() the address of path, through the directory's descriptor when path is too long. */
static int with_address(const char *path, int (*use)(int, const struct sockaddr *, socklen_t),
                        int fd) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int dir = -1;
  if (strlen(path) < sizeof address.sun_path) {
    memcpy(address.sun_path, path, strlen(path) + 1);
  } else {
    const char *name = strrchr(path, '/');
    char *parent = mem_dup_n(path, (size_t)(name - path));
    dir = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    free(parent);
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d%s", dir, name);
  }
  int status = use(fd, (struct sockaddr *)&address, sizeof address);
  int reason = errno;
  if (dir >= 0) close(dir);
  errno = reason;
  return status;
}

static int bind_and_listen(const char *path) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  unlink(path);
  if (with_address(path, bind, fd) == 0 && chmod(path, 0600) == 0 && listen(fd, 16) == 0) return fd;
  int reason = errno;
  close(fd);
  errno = reason;
  return -1;
}

struct loop_listener *loop_listener_new(struct loop *loop, const char *path, loop_accept_fn fn,
                                        void *ctx, struct error *err) {
  int fd = bind_and_listen(path);
  if (fd < 0) {
    error_set(err, ERR_IO, "cannot listen on %s: %s", path, strerror(errno));
    return NULL;
  }
  struct loop_listener *listener = mem_zero(sizeof *listener);
  *listener = (struct loop_listener){.fd = fd, .path = mem_dup(path), .fn = fn, .ctx = ctx};
  uv_poll_init(&loop->uv, &listener->uv, fd);
  listener->uv.data = listener;
  uv_poll_start(&listener->uv, UV_READABLE, on_connect);
  return listener;
}

static void free_listener(uv_handle_t *handle) {
  struct loop_listener *listener = handle->data;
  close(listener->fd);
  free(listener->path);
  free(listener);
}

void loop_listener_free(struct loop_listener *listener) {
  if (listener == NULL) return;
  unlink(listener->path);
  uv_close((uv_handle_t *)&listener->uv, free_listener);
}

static int connect_with(const char *path, int flags, struct error *err) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (fd >= 0 && with_address(path, connect, fd) == 0) return fd;
  error_set(err, ERR_UNAVAILABLE, "cannot reach %s: %s", path, strerror(errno));
  if (fd >= 0) close(fd);
  return -1;
}

int loop_connect_unix(const char *path, struct error *err) { return connect_with(path, 0, err); }
int loop_dial_unix(const char *path, struct error *err) { return connect_with(path, SOCK_NONBLOCK, err); }
