#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/mem.h"
#include "db/cluster_private.h"

void db_cluster_pause(void) { poll(NULL, 0, 10); }

/* ---- children ---- */

static bool drop_rights(const struct db_cluster *c) {
  if (geteuid() != 0) return true;
  return setgroups(0, NULL) == 0 && setgid(c->gid) == 0 && setuid(c->uid) == 0;
}

static void reset_signals(void) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGINT, SIG_DFL);
}

static bool redirect(const char *log) {
  int in = open("/dev/null", O_RDONLY);
  int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
  return in >= 0 && out >= 0 && dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(out, 2) == 2;
}

/* Listening sockets of the master must not live on in PostgreSQL. */
static void close_others(void) {
  enum { ENOUGH = 4096 };
  if (close_range(3, ~0U, 0) == 0) return;
  for (int fd = 3; fd < ENOUGH; fd++) close(fd); /* Linux before 5.9 */
}

/* In the child: from here to exec only what is safe after a fork. */
static void become(const struct db_cluster *c, char *const argv[], const char *log, bool keep,
                   pid_t parent) {
  static char *const env[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", NULL};
  if (keep) setsid(); /* Ctrl-C on the terminal is for the master, who stops us when it is time */
  reset_signals();
  umask(077);
  if (!drop_rights(c) || chdir(c->root) != 0 || !redirect(log)) return;
  close_others();
  if (keep) prctl(PR_SET_PDEATHSIG, SIGINT); /* after the rights: changing those clears it */
  if (keep && getppid() != parent) return;
  execve(argv[0], argv, env);
}

pid_t db_cluster_spawn(const struct db_cluster *c, char *const argv[], const char *log, bool keep,
                       struct error *err) {
  pid_t parent = getpid();
  pid_t pid = fork();
  if (pid == 0) {
    become(c, argv, log, keep, parent);
    _exit(127);
  }
  if (pid < 0) error_set(err, ERR_UNAVAILABLE, "cannot start %s: %s", argv[0], strerror(errno));
  return pid;
}

bool db_cluster_wait(pid_t pid, uint64_t deadline_us, int *status) {
  for (;;) {
    pid_t ended = waitpid(pid, status, WNOHANG);
    if (ended == pid) return true;
    if (ended < 0 && errno == ECHILD) return kill(pid, 0) != 0; /* reaped elsewhere, or no child */
    if (clock_monotonic_us() >= deadline_us) return false;
    db_cluster_pause();
  }
}

/* The child tells its error by a pipe; a child that dies without a word has failed too. */
static void work_in_child(const struct db_cluster *c, int out,
                          bool (*work)(const struct db_cluster *c, struct error *err)) {
  struct error err = {0};
  umask(077);
  if (!drop_rights(c)) error_set(&err, ERR_IO, "cannot become uid %d", (int)c->uid);
  else work(c, &err);
  ssize_t written = write(out, &err, sizeof err);
  _exit(written == (ssize_t)sizeof err ? 0 : 1);
}

bool db_cluster_as_user(const struct db_cluster *c,
                        bool (*work)(const struct db_cluster *c, struct error *err),
                        struct error *err) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return error_set(err, ERR_IO, "pipe: %s", strerror(errno));
  fflush(NULL); /* what stdio holds must not be written twice */
  pid_t pid = fork();
  if (pid == 0) work_in_child(c, ends[1], work);
  close(ends[1]);
  struct error told = {0};
  bool heard = pid > 0 && read(ends[0], &told, sizeof told) == (ssize_t)sizeof told;
  close(ends[0]);
  if (pid > 0) waitpid(pid, NULL, 0);
  if (!heard) return error_set(err, ERR_IO, "a helper process failed: %s", strerror(errno));
  if (told.code == ERR_NONE) return true;
  return error_set(err, told.code, "%s", told.text);
}

/* ---- what a crashed master left ---- */

/* PostgreSQL's processes all have the data directory as their working directory. */
static bool works_in(const char *pid_name, const char *data) {
  char link[64], target[PATH_MAX];
  snprintf(link, sizeof link, "/proc/%.20s/cwd", pid_name);
  ssize_t len = readlink(link, target, sizeof target - 1);
  if (len <= 0) return false;
  target[len] = '\0';
  return strcmp(target, data) == 0;
}

/* Sends signum (0: none) to the processes of the cluster; how many there are. */
static int signal_all(const char *data, int signum) {
  int count = 0;
  DIR *dir = opendir("/proc");
  if (dir == NULL) return 0;
  const struct dirent *entry;
  while ((entry = readdir(dir)) != NULL) {
    pid_t pid = (pid_t)atoi(entry->d_name);
    if (pid <= 0 || pid == getpid() || !works_in(entry->d_name, data)) continue;
    count++;
    if (signum != 0) kill(pid, signum);
  }
  closedir(dir);
  return count;
}

static pid_t read_pid_file(const char *path) {
  int pid = 0;
  FILE *file = fopen(path, "re");
  if (file == NULL) return 0;
  if (fscanf(file, "%d", &pid) != 1) pid = 0;
  fclose(file);
  return pid;
}

static bool wait_until_gone(const char *data, int timeout_ms) {
  uint64_t deadline = clock_monotonic_us() + (uint64_t)timeout_ms * 1000;
  while (signal_all(data, 0) > 0) {
    if (clock_monotonic_us() >= deadline) return false;
    db_cluster_pause();
  }
  return true;
}

static void end_processes(const char *data, pid_t postmaster) {
  if (signal_all(data, 0) == 0) return;
  if (postmaster > 1)
    kill(postmaster, SIGINT); /* fast shutdown; backends alone end by themselves */
  if (wait_until_gone(data, 10000)) return;
  signal_all(data, SIGQUIT);
  if (wait_until_gone(data, 5000)) return;
  signal_all(data, SIGKILL);
  wait_until_gone(data, 5000);
}

bool db_cluster_end_leftovers(const struct db_cluster *c, struct error *err) {
  char real[PATH_MAX];
  if (realpath(c->data, real) == NULL)
    return error_set(err, ERR_IO, "%s: %s", c->data, strerror(errno));
  struct bytes path = {0};
  bytes_addf(&path, "%s/postmaster.pid", real);
  pid_t postmaster = read_pid_file(path.data);
  char name[16];
  snprintf(name, sizeof name, "%d", (int)postmaster);
  end_processes(real, works_in(name, real) ? postmaster : 0);
  bool is_clear = signal_all(real, 0) == 0;
  /* With nobody left the file is stale, and its number may be somebody else's by now: after a
   * reboot or in a container PostgreSQL would take that one for itself and refuse to start. */
  if (is_clear) unlink(path.data);
  bytes_deinit(&path);
  return is_clear || error_set(err, ERR_CONFLICT, "an earlier PostgreSQL in %s does not end", real);
}

/* ---- logs ---- */

void db_cluster_log_tail(const struct db_cluster *c, const char *log, char *out, int size) {
  struct bytes path = {0};
  bytes_addf(&path, "%s/%s", c->root, log);
  int fd = open(path.data, O_RDONLY | O_CLOEXEC);
  bytes_deinit(&path);
  out[0] = '\0';
  if (fd < 0) return;
  off_t end = lseek(fd, 0, SEEK_END);
  lseek(fd, end > size - 1 ? end - (size - 1) : 0, SEEK_SET);
  ssize_t len = read(fd, out, (size_t)size - 1);
  close(fd);
  while (len > 0 && out[len - 1] == '\n') len--;
  out[len > 0 ? len : 0] = '\0';
}
