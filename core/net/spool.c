#include "net/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

#define STEP_BYTES (64 * 1024) /* writes are gathered up to here */

enum step_kind { STEP_OPEN, STEP_WRITE, STEP_CLOSE };

struct step {
  struct link link;
  enum step_kind kind;
  struct net_spool_file *file;
  struct bytes data;
};

struct net_spool {
  struct loop *loop;
  char *prefix;
  void (*progress)(void *ctx); /* NULL: given up, goes when the pool is done */
  void *ctx;
  int count; /* of files ever opened */
  struct list files;
  struct list steps; /* noted */
  size_t waiting;    /* bytes in steps and batch */
  struct error err;
  bool is_working;
  struct list batch;     /* the pool's */
  struct error pool_err; /* the pool's */
};

/* ---- on the pool ---- */

static bool disk_error(struct error *err, const struct net_spool_file *file) {
  bool is_full = errno == ENOSPC || errno == EDQUOT;
  return error_set(err, is_full ? ERR_UNAVAILABLE : ERR_IO, "upload to %s: %s", file->path,
                   strerror(errno));
}

static bool write_all(struct net_spool_file *file, const struct bytes *data, struct error *err) {
  for (size_t at = 0; at < data->len;) {
    ssize_t step = write(file->fd, data->data + at, data->len - at);
    if (step < 0 && errno == EINTR) continue;
    if (step < 0) return disk_error(err, file);
    at += (size_t)step;
  }
  crypto_sha256_add(&file->hash, data->data, data->len);
  return true;
}

static bool open_new(struct net_spool_file *file, struct error *err) {
  file->fd = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file->fd < 0) return disk_error(err, file);
  crypto_sha256_init(&file->hash);
  return true;
}

static bool close_written(struct net_spool_file *file, struct error *err) {
  int status = close(file->fd);
  file->fd = -1;
  if (status < 0) return disk_error(err, file);
  crypto_sha256_hex_end(&file->hash, file->sha256);
  return true;
}

static bool do_step(struct step *step, struct error *err) {
  switch (step->kind) {
    case STEP_OPEN: return open_new(step->file, err);
    case STEP_WRITE: return write_all(step->file, &step->data, err);
    case STEP_CLOSE: return close_written(step->file, err);
  }
  return true;
}

static void work(void *ctx) {
  struct net_spool *spool = ctx;
  struct link *link = spool->batch.head.next;
  for (; link != &spool->batch.head; link = link->next)
    if (!do_step(LIST_OWNER(link, struct step, link), &spool->pool_err)) return;
}

/* ---- life ---- */

struct net_spool *net_spool_new(struct loop *loop, const char *prefix, void (*progress)(void *ctx),
                                void *ctx) {
  struct net_spool *spool = mem_zero(sizeof *spool);
  *spool =
      (struct net_spool){.loop = loop, .prefix = mem_dup(prefix), .progress = progress, .ctx = ctx};
  list_init(&spool->files);
  list_init(&spool->steps);
  list_init(&spool->batch);
  return spool;
}

static void free_steps(struct net_spool *spool, struct list *steps) {
  struct link *link;
  while ((link = list_pop(steps)) != NULL) {
    struct step *step = LIST_OWNER(link, struct step, link);
    spool->waiting -= step->data.len;
    bytes_deinit(&step->data);
    free(step);
  }
}

static void free_now(struct net_spool *spool) {
  free_steps(spool, &spool->steps);
  struct link *link;
  while ((link = list_pop(&spool->files)) != NULL) {
    struct net_spool_file *file = LIST_OWNER(link, struct net_spool_file, link);
    if (file->fd >= 0) close(file->fd);
    if (file->path != NULL) unlink(file->path);
    crypto_sha256_deinit(&file->hash);
    free(file->path);
    free(file);
  }
  free(spool->prefix);
  free(spool);
}

void net_spool_free(struct net_spool *spool) {
  if (spool == NULL) return;
  spool->progress = NULL;
  if (!spool->is_working) free_now(spool);
}

/* ---- steps ---- */

static struct step *note(struct net_spool *spool, enum step_kind kind,
                         struct net_spool_file *file) {
  struct step *step = mem_zero(sizeof *step);
  step->kind = kind;
  step->file = file;
  list_push(&spool->steps, &step->link);
  return step;
}

struct net_spool_file *net_spool_open(struct net_spool *spool) {
  struct net_spool_file *file = mem_zero(sizeof *file);
  struct bytes path = {0};
  bytes_addf(&path, "%s-%d", spool->prefix, ++spool->count);
  file->path = path.data;
  file->fd = -1;
  list_push(&spool->files, &file->link);
  note(spool, STEP_OPEN, file);
  return file;
}

void net_spool_write(struct net_spool *spool, struct net_spool_file *file, struct slice data) {
  struct link *last = spool->steps.head.prev;
  struct step *step = NULL;
  if (!list_is_empty(&spool->steps)) step = LIST_OWNER(last, struct step, link);
  bool fits =
      step != NULL && step->kind == STEP_WRITE && step->file == file && step->data.len < STEP_BYTES;
  if (!fits) step = note(spool, STEP_WRITE, file);
  bytes_add(&step->data, data.data, data.len);
  spool->waiting += data.len;
}

void net_spool_close(struct net_spool *spool, struct net_spool_file *file) {
  note(spool, STEP_CLOSE, file);
}

/* ---- batches ---- */

static void on_worked(void *ctx) {
  struct net_spool *spool = ctx;
  spool->is_working = false;
  free_steps(spool, &spool->batch);
  if (spool->err.code == ERR_NONE) spool->err = spool->pool_err;
  if (spool->progress != NULL) spool->progress(spool->ctx);
  else free_now(spool);
}

void net_spool_flush(struct net_spool *spool) {
  if (spool->is_working || list_is_empty(&spool->steps) || spool->err.code != ERR_NONE) return;
  struct link *link;
  while ((link = list_pop(&spool->steps)) != NULL) list_push(&spool->batch, link);
  spool->is_working = loop_work(spool->loop, work, on_worked, spool, &spool->err);
  if (!spool->is_working) free_steps(spool, &spool->batch);
}

bool net_spool_is_done(const struct net_spool *spool) {
  return !spool->is_working && list_is_empty(&spool->steps);
}

size_t net_spool_waiting(const struct net_spool *spool) { return spool->waiting; }

const struct error *net_spool_error(const struct net_spool *spool) { return &spool->err; }
