/* The loop: timers, thread pool, signals, lines between processes, child processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "loop/lines.h"
#include "loop/process.h"

#define TEST(name) static void name(void **state)

static int set_up(void **state) {
  struct error err;
  struct loop *loop = mem_zero(sizeof *loop);
  if (!loop_init(loop, &err)) return -1;
  *state = loop;
  return 0;
}

static int tear_down(void **state) {
  loop_deinit(*state); /* asserts that nothing was left open */
  free(*state);
  return 0;
}

/* ---- timers, work, signals ---- */

struct count {
  int times;
  struct loop *loop;
  struct loop_timer *timer;
};

static void count_to_three(void *ctx) {
  struct count *count = ctx;
  if (++count->times < 3) return;
  loop_timer_free(count->timer);
  count->timer = NULL;
}

TEST(a_timer_repeats_until_it_is_freed) {
  struct count count = {.loop = *state};
  count.timer = loop_timer_new(*state, count_to_three, &count);
  loop_timer_start(count.timer, 1, 1);
  assert_true(loop_timer_is_active(count.timer));
  loop_run(*state);
  assert_int_equal(count.times, 3);
}

static void sleep_a_little(void *ctx) { (void)ctx, usleep(1000); }
static void add_one(void *ctx) { (*(int *)ctx)++; }

TEST(work_comes_back_on_the_loop_and_its_queue_is_bounded) {
  struct loop *loop = *state;
  struct error err = {0};
  int done = 0;
  loop->work_limit = 4;
  for (int i = 0; i < 4; i++) assert_true(loop_work(loop, sleep_a_little, add_one, &done, &err));
  assert_false(loop_work(loop, sleep_a_little, add_one, &done, &err));
  assert_int_equal(err.code, ERR_OVERLOADED);
  loop_run(loop);
  assert_int_equal(done, 4);
  assert_true(loop_work(loop, sleep_a_little, add_one, &done, &err));
  loop_run(loop);
  assert_int_equal(done, 5);
}

static void on_signal(void *ctx, int signum) {
  assert_int_equal(signum, SIGUSR1);
  loop_stop(ctx);
}

TEST(a_signal_reaches_the_loop) {
  struct loop *loop = *state;
  struct loop_signal *sig = loop_signal_new(loop, SIGUSR1, on_signal, loop);
  struct count count = {.loop = loop};
  count.timer = loop_timer_new(loop, count_to_three, &count); /* keeps the loop turning */
  loop_timer_start(count.timer, 10000, 0);
  kill(getpid(), SIGUSR1);
  loop_run(loop);
  loop_signal_free(sig);
  loop_timer_free(count.timer);
}

/* ---- lines ---- */

struct heard {
  struct bytes text; /* lines joined by | */
  bool is_closed;
  struct loop_lines *lines;
};

static void on_line(void *ctx, struct slice line) {
  struct heard *heard = ctx;
  bytes_add(&heard->text, line.data, line.len);
  bytes_add_char(&heard->text, '|');
}

static void on_closed(void *ctx) {
  struct heard *heard = ctx;
  heard->is_closed = true;
  loop_lines_close(heard->lines);
}

static const struct loop_lines_events hear = {.on_line = on_line, .on_closed = on_closed};

TEST(lines_arrive_whole_however_they_are_cut) {
  int fds[2];
  struct heard heard = {0};
  socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
  heard.lines = loop_lines_open(*state, fds[0], &hear, &heard);
  static const char *const pieces[] = {"on", "e\ntwo\n", "\nfo", "u", "r\n", "never ended"};
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    assert_true(write(fds[1], pieces[i], strlen(pieces[i])) > 0);
    uv_run(&((struct loop *)*state)->uv, UV_RUN_NOWAIT);
  }
  close(fds[1]);
  loop_run(*state);
  assert_true(heard.is_closed);
  assert_string_equal(heard.text.data, "one|two||four|");
  bytes_deinit(&heard.text);
}

TEST(a_line_beyond_the_limit_counts_as_a_closed_channel) {
  int fds[2];
  struct heard heard = {0};
  socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds);
  heard.lines = loop_lines_open(*state, fds[0], &hear, &heard);
  char chunk[65536];
  memset(chunk, 'x', sizeof chunk);
  for (int i = 0; i < 200000 && !heard.is_closed; i++) {
    if (write(fds[1], chunk, sizeof chunk) < 0) uv_run(&((struct loop *)*state)->uv, UV_RUN_NOWAIT);
  }
  assert_true(heard.is_closed);
  assert_int_equal(heard.text.len, 0);
  close(fds[1]);
  loop_run(*state);
}

TEST(a_large_line_passes_between_two_channels) {
  int fds[2];
  struct heard near = {0}, far = {0};
  socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
  near.lines = loop_lines_open(*state, fds[0], &hear, &near);
  far.lines = loop_lines_open(*state, fds[1], &hear, &far);
  size_t len = 1 << 20;
  char *line = mem_alloc(len);
  memset(line, 'y', len);
  loop_lines_write(near.lines, (struct slice){line, len});
  for (int i = 0; i < 100000 && far.text.len == 0; i++) uv_run(&((struct loop *)*state)->uv, UV_RUN_NOWAIT);
  assert_int_equal(far.text.len, len + 1);
  loop_lines_close(near.lines);
  loop_run(*state);
  assert_true(far.is_closed);
  assert_false(near.is_closed);
  free(line);
  bytes_deinit(&far.text);
}

TEST(closing_with_unsent_bytes_frees_them) {
  int fds[2];
  struct heard heard = {0};
  socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
  heard.lines = loop_lines_open(*state, fds[0], &hear, &heard);
  char *line = mem_zero(3 << 20);
  memset(line, 'z', 3 << 20);
  loop_lines_write(heard.lines, (struct slice){line, 3 << 20});
  loop_lines_close(heard.lines);
  loop_run(*state);
  assert_false(heard.is_closed);
  free(line);
  close(fds[1]);
}

static void keep_fd(void *ctx, int fd) { *(int *)ctx = fd; }

static void listen_at(struct loop *loop, const char *path) {
  struct error err = {0};
  int accepted = -1;
  struct stat info;
  struct loop_listener *listener = loop_listener_new(loop, path, keep_fd, &accepted, &err);
  assert_non_null(listener);
  assert_int_equal(stat(path, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  int fd = loop_connect_unix(path, &err);
  assert_true(fd >= 0);
  while (accepted < 0) uv_run(&loop->uv, UV_RUN_NOWAIT);
  close(fd);
  close(accepted);
  loop_listener_free(listener);
  loop_run(loop);
  assert_int_not_equal(stat(path, &info), 0);
}

TEST(a_unix_socket_is_private_and_goes_with_its_listener) {
  char dir[] = "/tmp/copp-loop-XXXXXX", path[400];
  assert_non_null(mkdtemp(dir));
  snprintf(path, sizeof path, "%s/control.sock", dir);
  listen_at(*state, path);
  listen_at(*state, path);
  rmdir(dir);
}

TEST(a_unix_socket_may_have_a_long_path) {
  char dir[] = "/tmp/copp-loop-XXXXXX", deep[300], path[400], name[120];
  assert_non_null(mkdtemp(dir));
  memset(name, 'd', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  snprintf(deep, sizeof deep, "%s/%s", dir, name);
  assert_int_equal(mkdir(deep, 0700), 0);
  snprintf(path, sizeof path, "%s/control.sock", deep);
  listen_at(*state, path);
  rmdir(deep);
  rmdir(dir);
}

TEST(connecting_where_nobody_listens_says_unavailable) {
  (void)state;
  struct error err = {0};
  assert_int_equal(loop_connect_unix("/tmp/copp-nobody.sock", &err), -1);
  assert_int_equal(err.code, ERR_UNAVAILABLE);
}

/* ---- processes ---- */

struct exit_seen {
  int64_t status;
  int signum;
  struct loop_process *process;
};

static void on_exited(void *ctx, int64_t status, int signum) {
  struct exit_seen *seen = ctx;
  seen->status = status;
  seen->signum = signum;
  loop_process_free(seen->process);
}

TEST(a_child_inherits_its_descriptors_from_3_on) {
  int fds[2];
  char text[8] = "";
  struct error err;
  struct exit_seen seen = {.status = -1};
  assert_int_equal(pipe(fds), 0);
  char *argv[] = {"sh", "-c", "echo hi >&3; exit 7", NULL};
  struct loop_process_options options = {.file = "sh", .argv = argv, .fds = &fds[1], .fd_count = 1};
  seen.process = loop_process_spawn(*state, &options, on_exited, &seen, &err);
  assert_non_null(seen.process);
  close(fds[1]);
  loop_run(*state);
  assert_int_equal(seen.status, 7);
  assert_int_equal(read(fds[0], text, sizeof text), 3);
  close(fds[0]);
}

TEST(a_program_that_is_missing_is_an_error) {
  struct error err = {0};
  struct exit_seen seen = {0};
  char *argv[] = {"copp-no-such-program", NULL};
  struct loop_process_options options = {.file = argv[0], .argv = argv};
  assert_null(loop_process_spawn(*state, &options, on_exited, &seen, &err));
  assert_int_equal(err.code, ERR_NOT_FOUND);
  loop_run(*state);
}

struct outcome {
  bool is_done;
  enum error_code code;
  int status;
  char output[64], errors[64];
};

static void on_outcome(void *ctx, struct loop_command_outcome *it) {
  struct outcome *out = ctx;
  out->is_done = true;
  out->code = it->err != NULL ? it->err->code : ERR_NONE;
  out->status = it->status;
  snprintf(out->output, sizeof out->output, "%.*s", (int)it->output.len,
           it->output.data != NULL ? it->output.data : "");
  snprintf(out->errors, sizeof out->errors, "%.*s", (int)it->errors.len,
           it->errors.data != NULL ? it->errors.data : "");
}

static struct outcome command(struct loop *loop, char *const argv[], const char *input,
                              unsigned timeout_ms, size_t max_bytes) {
  struct outcome out = {0};
  struct loop_command_options options = {
      .argv = argv, .input = slice_of(input), .timeout_ms = timeout_ms, .max_bytes = max_bytes};
  loop_command_run(loop, &options, on_outcome, &out);
  assert_false(out.is_done);
  loop_run(loop);
  assert_true(out.is_done);
  return out;
}

TEST(a_command_gives_output_errors_and_status) {
  char *argv[] = {"sh", "-c", "tr a-z A-Z; echo oops >&2; exit 3", NULL};
  struct outcome out = command(*state, argv, "hello", 10000, 1000);
  assert_int_equal(out.code, ERR_NONE);
  assert_int_equal(out.status, 3);
  assert_string_equal(out.output, "HELLO");
  assert_string_equal(out.errors, "oops\n");
}

TEST(a_command_that_reads_no_input_still_ends) {
  char *argv[] = {"true", NULL};
  char *much = mem_zero(1 << 20);
  memset(much, 'x', (1 << 20) - 1);
  struct outcome out = command(*state, argv, much, 10000, 1000);
  assert_int_equal(out.code, ERR_NONE);
  free(much);
}

TEST(a_command_out_of_time_dies_with_its_children) {
  char *argv[] = {"sh", "-c", "sleep 60 & sleep 60; echo never", NULL};
  uint64_t start = clock_monotonic_us();
  struct outcome out = command(*state, argv, "", 100, 1000);
  assert_int_equal(out.code, ERR_TIMEOUT);
  assert_true(clock_monotonic_us() - start < 5000000);
}

TEST(a_command_that_prints_too_much_is_stopped) {
  char *argv[] = {"yes", NULL};
  struct outcome out = command(*state, argv, "", 10000, 100000);
  assert_int_equal(out.code, ERR_LIMIT);
}

TEST(a_command_that_does_not_exist_is_told_later) {
  char *argv[] = {"copp-no-such-program", NULL};
  struct outcome out = command(*state, argv, "", 1000, 100);
  assert_int_equal(out.code, ERR_NOT_FOUND);
}

TEST(a_cancelled_command_says_nothing) {
  struct outcome out = {0};
  char *argv[] = {"sleep", "60", NULL};
  struct loop_command_options options = {.argv = argv, .timeout_ms = 60000, .max_bytes = 10};
  struct loop_command *it = loop_command_run(*state, &options, on_outcome, &out);
  loop_command_cancel(it);
  loop_run(*state);
  assert_false(out.is_done);
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      CASE(a_timer_repeats_until_it_is_freed),
      CASE(work_comes_back_on_the_loop_and_its_queue_is_bounded),
      CASE(a_signal_reaches_the_loop),
      CASE(lines_arrive_whole_however_they_are_cut),
      CASE(a_line_beyond_the_limit_counts_as_a_closed_channel),
      CASE(a_large_line_passes_between_two_channels),
      CASE(closing_with_unsent_bytes_frees_them),
      CASE(a_unix_socket_is_private_and_goes_with_its_listener),
      CASE(a_unix_socket_may_have_a_long_path),
      CASE(connecting_where_nobody_listens_says_unavailable),
      CASE(a_child_inherits_its_descriptors_from_3_on),
      CASE(a_program_that_is_missing_is_an_error),
      CASE(a_command_gives_output_errors_and_status),
      CASE(a_command_that_reads_no_input_still_ends),
      CASE(a_command_out_of_time_dies_with_its_children),
      CASE(a_command_that_prints_too_much_is_stopped),
      CASE(a_command_that_does_not_exist_is_told_later),
      CASE(a_cancelled_command_says_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
