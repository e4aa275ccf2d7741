#include "loop/process.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

struct loop_process {
  uv_process_t uv;
  loop_exit_fn exited;
  void *ctx;
};


static void free_process(uv_handle_t *handle) { free(handle->data); }

static void on_exit_status(uv_process_t *uv, int64_t status, int signum) {
  struct loop_process *process = uv->data;
  if (process->exited != NULL) process->exited(process->ctx, status, signum);
}

static void set_stdio(uv_stdio_container_t *io, const struct loop_process_options *options) {
  for (int i = 0; i < 3; i++) {
    io[i].flags = UV_INHERIT_FD;
    io[i].data.fd = i;
  }
  if (options->is_alone) {
    io[0].flags = UV_IGNORE;
    io[1].data.fd = 2;
  }
  for (int i = 0; i < options->fd_count; i++) {
    io[3 + i].flags = UV_INHERIT_FD;
    io[3 + i].data.fd = options->fds[i];
  }
}

struct loop_process *loop_process_spawn(struct loop *loop,
                                        const struct loop_process_options *options,
                                        loop_exit_fn exited, void *ctx, struct error *err) {
  assert(options->fd_count <= LOOP_PROCESS_FDS);
  uv_stdio_container_t io[3 + LOOP_PROCESS_FDS];
  set_stdio(io, options);
  uv_process_options_t uv_options = {.exit_cb = on_exit_status,
                                     .file = options->file,
                                     .args = (char **)options->argv,
                                     .env = (char **)options->env,
                                     .flags = UV_PROCESS_DETACHED, /* setsid: a group of its own */
                                     .stdio_count = 3 + options->fd_count,
                                     .stdio = io};
  struct loop_process *process = mem_zero(sizeof *process);
  process->exited = exited;
  process->ctx = ctx;
  process->uv.data = process;
  int status = uv_spawn(&loop->uv, &process->uv, &uv_options);
  if (status == 0) return process;
  uv_close((uv_handle_t *)&process->uv, free_process);
  error_set(err, status == UV_ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE, "cannot start %s: %s",
            options->file, uv_strerror(status));
  return NULL;
}

int loop_process_pid(const struct loop_process *process) { return process->uv.pid; }

void loop_process_kill(struct loop_process *process, int signum) {
  uv_process_kill(&process->uv, signum);
}

void loop_process_free(struct loop_process *process) {
  if (process == NULL) return;
  process->exited = NULL;
  uv_close((uv_handle_t *)&process->uv, free_process);
}
