/* A command whose input and output are bytes in memory. It ends when the child has exited and both
 * of its outputs are closed; every way out goes through settle(). */
#include <signal.h>
#include <stdlib.h>

#include "base/mem.h"
#include "loop/process.h"

struct command_pipe {
  uv_pipe_t uv;
  struct loop_command *command;
  struct bytes text;
};

struct loop_command {
  uv_process_t process;
  uv_timer_t timer;
  struct command_pipe in, out, errors;
  uv_write_t write;
  size_t max_bytes;
  int open;       /* handles not yet closed */
  int pending;    /* of exit, output end, errors end: not yet seen */
  int status;
  int pid;        /* 0 once it was reaped */
  struct error err;
  loop_command_fn done; /* NULL when cancelled */
  void *ctx;
};

static void free_when_closed(struct loop_command *command) {
  if (--command->open > 0) return;
  if (command->done != NULL) {
    struct loop_command_outcome outcome = {.err = command->err.code != ERR_NONE ? &command->err : NULL,
                                           .status = command->status,
                                           .output = command->out.text,
                                           .errors = command->errors.text};
    command->done(command->ctx, &outcome);
    command->out.text = outcome.output;
    command->errors.text = outcome.errors;
  }
  bytes_deinit(&command->in.text);
  bytes_deinit(&command->out.text);
  bytes_deinit(&command->errors.text);
  free(command);
}

static void on_handle_closed(uv_handle_t *handle) { free_when_closed(handle->data); }
static void on_pipe_closed(uv_handle_t *handle) {
  free_when_closed(((struct command_pipe *)handle->data)->command);
}

static void close_pipe(struct command_pipe *pipe) {
  if (!uv_is_closing((uv_handle_t *)&pipe->uv)) uv_close((uv_handle_t *)&pipe->uv, on_pipe_closed);
}

static void close_all(struct loop_command *command) {
  close_pipe(&command->in);
  close_pipe(&command->out);
  close_pipe(&command->errors);
  if (!uv_is_closing((uv_handle_t *)&command->timer))
    uv_close((uv_handle_t *)&command->timer, on_handle_closed);
  if (command->pid == 0 && !uv_is_closing((uv_handle_t *)&command->process))
    uv_close((uv_handle_t *)&command->process, on_handle_closed);
}

static void settle(struct loop_command *command) {
  if (--command->pending == 0) close_all(command);
}

/* Kills the whole group; the exit is still waited for, so that no zombie stays. */
static void break_off(struct loop_command *command) {
  if (command->pid != 0) kill(-command->pid, SIGKILL);
  close_all(command);
}

static void fail(struct loop_command *command, enum error_code code, const char *text) {
  if (command->err.code == ERR_NONE) error_set(&command->err, code, "%s", text);
  break_off(command);
}

static void on_exited(uv_process_t *process, int64_t status, int signum) {
  struct loop_command *command = process->data;
  command->status = signum != 0 ? 128 + signum : (int)status;
  command->pid = 0;
  if (uv_is_closing((uv_handle_t *)&command->timer)) close_all(command);
  else settle(command);
}

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
  struct bytes *text = &((struct command_pipe *)handle->data)->text;
  (void)suggested;
  bytes_reserve(text, 16384);
  *buf = uv_buf_init(text->data + text->len, (unsigned)(text->cap - text->len - 1));
}

static void on_output(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf) {
  struct command_pipe *pipe = stream->data;
  (void)buf;
  if (count < 0) {
    uv_read_stop(stream);
    settle(pipe->command);
    return;
  }
  pipe->text.len += (size_t)count;
  if (pipe->text.len > pipe->command->max_bytes)
    fail(pipe->command, ERR_LIMIT, "the command printed too much");
}

static void on_timeout(uv_timer_t *timer) {
  fail(timer->data, ERR_TIMEOUT, "the command took too long");
}

static void on_input_written(uv_write_t *write, int status) {
  (void)status; /* a command may end without reading its input */
  close_pipe(write->data);
}

static void init_pipe(struct loop *loop, struct loop_command *command, struct command_pipe *pipe) {
  uv_pipe_init(&loop->uv, &pipe->uv, 0);
  pipe->uv.data = pipe;
  pipe->command = command;
}

static int spawn(struct loop *loop, struct loop_command *command, char *const *argv) {
  uv_stdio_container_t io[3] = {
      {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&command->in.uv},
      {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&command->out.uv},
      {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
       .data.stream = (uv_stream_t *)&command->errors.uv}};
  uv_process_options_t options = {.exit_cb = on_exited,
                                  .file = argv[0],
                                  .args = (char **)argv,
                                  .flags = UV_PROCESS_DETACHED,
                                  .stdio_count = 3,
                                  .stdio = io};
  return uv_spawn(&loop->uv, &command->process, &options);
}

struct loop_command *loop_command_run(struct loop *loop, const struct loop_command_options *options,
                                      loop_command_fn done, void *ctx) {
  struct loop_command *command = mem_zero(sizeof *command);
  command->max_bytes = options->max_bytes;
  command->done = done;
  command->ctx = ctx;
  command->open = 5;
  command->pending = 3;
  command->process.data = command->timer.data = command;
  init_pipe(loop, command, &command->in);
  init_pipe(loop, command, &command->out);
  init_pipe(loop, command, &command->errors);
  uv_timer_init(&loop->uv, &command->timer);
  int status = spawn(loop, command, options->argv);
  if (status != 0) {
    fail(command, status == UV_ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE, uv_strerror(status));
    return command;
  }
  command->pid = command->process.pid;
  uv_timer_start(&command->timer, on_timeout, options->timeout_ms, 0);
  uv_read_start((uv_stream_t *)&command->out.uv, allocate, on_output);
  uv_read_start((uv_stream_t *)&command->errors.uv, allocate, on_output);
  bytes_add(&command->in.text, options->input.data, options->input.len);
  uv_buf_t buf = uv_buf_init(command->in.text.data, (unsigned)command->in.text.len);
  command->write.data = &command->in;
  uv_write(&command->write, (uv_stream_t *)&command->in.uv, &buf, 1, on_input_written);
  return command;
}

void loop_command_cancel(struct loop_command *command) {
  command->done = NULL;
  break_off(command);
}
