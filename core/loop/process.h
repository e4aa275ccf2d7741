/* loop/process.h - child processes.
 *
 *   loop_process_spawn --> … --> exited(ctx, status, signal) --> loop_process_free
 *
 * A child leads a process group of its own, so that Ctrl-C in the terminal reaches only the master
 * and a kill of the group reaches its helpers. Loop thread only.
 */
#pragma once
#include "base/bytes.h"
#include "loop/loop.h"

struct loop_process;

/* status: exit code; signum: what killed it, or 0. */
typedef void (*loop_exit_fn)(void *ctx, int64_t status, int signum);

struct loop_process_options {
  const char *file;
  char *const *argv; /* ends with NULL */
  char *const *env;  /* ends with NULL; NULL: ours */
  const int *fds;    /* become 3, 4, … in the child; 0, 1 and 2 are ours */
  int fd_count;      /* at most LOOP_PROCESS_FDS */
  bool is_alone;     /* no stdin, and 1 goes to our 2 */
};

#define LOOP_PROCESS_FDS 60

/* NULL on failure; then exited does not come. */
struct loop_process *loop_process_spawn(struct loop *loop,
                                        const struct loop_process_options *options,
                                        loop_exit_fn exited, void *ctx, struct error *err);
int loop_process_pid(const struct loop_process *process);
void loop_process_kill(struct loop_process *process, int signum); /* only the child itself */
/* exited does not come any more; a child that still runs is left alone. NULL is fine. */
void loop_process_free(struct loop_process *process);

/* ---- a command with input and output in memory ---- */

struct loop_command;

struct loop_command_options {
  char *const *argv;  /* ends with NULL; argv[0] is looked up in PATH; no shell */
  struct slice input; /* copied */
  unsigned timeout_ms;
  size_t max_bytes;   /* of output and of errors each; more is an error */
};

struct loop_command_outcome {
  const struct error *err; /* NULL when it ran to its end; ERR_TIMEOUT, ERR_LIMIT, ERR_NOT_FOUND … */
  int status;              /* exit code; 128 + signal when killed */
  struct bytes output;     /* may be moved out */
  struct bytes errors;
};
typedef void (*loop_command_fn)(void *ctx, struct loop_command_outcome *outcome);

/* done comes once, later, from the loop, unless cancelled. */
struct loop_command *loop_command_run(struct loop *loop, const struct loop_command_options *options,
                                      loop_command_fn done, void *ctx);
/* Kills the command and its children; done does not come. */
void loop_command_cancel(struct loop_command *command);
