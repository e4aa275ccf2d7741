#include "app/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "script/rules_run.h"

enum {
  RUN_WALL_MS = 850,         /* for the child in all: the command ends within a second */
  RUN_CPU_MS = SCRIPT_RUN_MS + 35, /* where no hook fires, a signal ends it */
  INPUT_BYTES = 8 << 20,
};

/* ---- what is run ---- */

enum reading { READ_WELL, READ_TOO_LARGE, READ_BADLY };

/* Only a regular file: a device or a pipe may never end. */
static enum reading read_file(const char *path, size_t most, struct bytes *out) {
  struct stat info;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  enum reading verdict = READ_BADLY;
  if (fd < 0 || fstat(fd, &info) != 0) goto done;
  errno = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
  if (!S_ISREG(info.st_mode)) goto done;
  verdict = READ_TOO_LARGE;
  if ((size_t)info.st_size > most) goto done;
  bytes_reserve(out, (size_t)info.st_size + 1);
  ssize_t count;
  while ((count = read(fd, out->data + out->len, (size_t)info.st_size - out->len)) > 0) out->len += (size_t)count;
  out->data[out->len] = '\0';
  verdict = count == 0 ? READ_WELL : READ_BADLY;
done:
  if (fd >= 0) close(fd);
  return verdict;
}

static bool is_json(struct slice text) {
  struct json_reader in;
  enum json_token token;
  json_reader_init(&in, text);
  while ((token = json_next(&in)) != JSON_END && token != JSON_BROKEN) continue;
  json_reader_deinit(&in);
  return token == JSON_END;
}

static bool read_input(const char *input, struct bytes *out) {
  if (input == NULL) return true;
  if (input[0] == '@') {
    enum reading verdict = read_file(input + 1, INPUT_BYTES, out);
    if (verdict == READ_BADLY) fprintf(stderr, "%s: %s\n", input + 1, strerror(errno));
    if (verdict == READ_TOO_LARGE) fprintf(stderr, "%s: больше %d МиБ\n", input + 1, INPUT_BYTES >> 20);
    if (verdict != READ_WELL) return false;
  } else {
    bytes_add_str(out, input);
  }
  if (is_json((struct slice){out->data, out->len})) return true;
  fprintf(stderr, "--input: это не JSON\n");
  return false;
}

/* ---- the child ---- */

static void set_limit(int what, rlim_t value) {
  struct rlimit limit = {value, value};
  setrlimit(what, &limit);
}

/* SIGPROF, when the processor's time is up and no hook has fired: whatever runs, the process ends. Its status tells. */
static void on_cpu_over(int signum) {
  (void)signum;
  _exit(SCRIPT_VM_TIME);
}

static void confine(void) {
  struct sigaction action = {.sa_handler = on_cpu_over};
  struct itimerval timer = {.it_value = {.tv_usec = RUN_CPU_MS * 1000}};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  set_limit(RLIMIT_CORE, 0);
  set_limit(RLIMIT_FSIZE, 0);
  set_limit(RLIMIT_CPU, 2);
  sigaction(SIGPROF, &action, NULL);
  setitimer(ITIMER_PROF, &timer, NULL);
}

static void be_child(struct slice text, const char *chunk, struct slice input, struct script_run_board *board) {
  int nothing = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3 && nothing >= 0; fd++) dup2(nothing, fd);
  confine();
  script_rules_run(text, chunk, input, board);
  _exit(SCRIPT_VM_OK);
}

/* ---- the parent ---- */

/* The child holds the other end of alive until it ends. Returns what waitpid() says, killed when time is over. */
static int await(pid_t pid, int alive, uint64_t deadline_us, bool *is_late) {
  int status = 0;
  struct pollfd wait = {.fd = alive, .events = POLLIN};
  for (;;) {
    uint64_t now = clock_monotonic_us();
    int left = now < deadline_us ? (int)((deadline_us - now) / 1000) + 1 : 0;
    int ready = poll(&wait, 1, left);
    if (ready > 0) break;
    if (ready < 0 && errno == EINTR) continue;
    *is_late = true;
    kill(pid, SIGKILL);
    break;
  }
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return status;
}

static int tell(const struct script_run_board *board, int status, bool is_late) {
  fwrite(board->prints, 1, board->printed, stdout);
  if (board->is_done && board->kind == SCRIPT_VM_OK) {
    fwrite(board->result, 1, board->result_len, stdout);
    putchar('\n');
    return 0;
  }
  bool is_cpu_over = is_late || (WIFEXITED(status) && WEXITSTATUS(status) == SCRIPT_VM_TIME);
  if (board->is_done) printf("error: %s: %.*s\n", script_vm_kind_name(board->kind), (int)board->result_len, board->result);
  else if (is_cpu_over) printf("error: time: time limit exceeded\n");
  else printf("error: crash: the process ended with %s %d\n", WIFSIGNALED(status) ? "signal" : "status",
              WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
  return 1;
}

static int run_in_child(struct slice text, const char *chunk, struct slice input) {
  uint64_t deadline_us = clock_monotonic_us() + RUN_WALL_MS * 1000;
  struct script_run_board *board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int alive[2];
  if (board == MAP_FAILED || pipe2(alive, O_CLOEXEC) != 0) {
    perror("copp rules run");
    return 1;
  }
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) be_child(text, chunk, input, board);
  close(alive[1]);
  if (pid < 0) {
    perror("copp rules run");
    return 1;
  }
  bool is_late = false;
  int status = await(pid, alive[0], deadline_us, &is_late);
  close(alive[0]);
  int exit_code = tell(board, status, is_late);
  munmap(board, sizeof *board);
  return exit_code;
}

int app_rules_run(const char *file, const char *input) {
  struct bytes text = {0}, json = {0}, chunk = {0};
  int exit_code = 2;
  enum reading verdict = read_file(file, SCRIPT_VM_CHUNK_BYTES, &text);
  if (verdict == READ_BADLY) {
    fprintf(stderr, "%s: %s\n", file, strerror(errno));
    goto done;
  }
  if (!read_input(input, &json)) goto done;
  if (verdict == READ_TOO_LARGE) {
    printf("error: memory: the file is larger than %d bytes\n", SCRIPT_VM_CHUNK_BYTES);
    exit_code = 1;
    goto done;
  }
  const char *slash = strrchr(file, '/');
  bytes_addf(&chunk, "rules/%.80s", slash != NULL ? slash + 1 : file);
  exit_code = run_in_child((struct slice){text.data, text.len}, chunk.data, (struct slice){json.data, json.len});
done:
  bytes_deinit(&text);
  bytes_deinit(&json);
  bytes_deinit(&chunk);
  return exit_code;
}
