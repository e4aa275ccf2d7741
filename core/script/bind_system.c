/* core.system - what the master knows: asked over its control socket, in the thread pool. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/lines.h"
#include "script/box.h"
#include "script/host.h"
#include "script/sandbox.h"
#include "script/work.h"

#define ANSWER_MAX (1 << 20)

struct ask_work {
  struct script_work base;
  char *path;
  const char *request; /* one of those below */
  struct bytes answer;
};

static void free_ask(struct script_work *base) {
  struct ask_work *work = (struct ask_work *)base;
  free(work->path);
  bytes_deinit(&work->answer);
}

static void read_answer(struct ask_work *work, int fd) {
  char part[4096];
  ssize_t count;
  while (work->answer.len < ANSWER_MAX && (count = read(fd, part, sizeof part)) > 0) {
    bytes_add(&work->answer, part, (size_t)count);
    if (part[count - 1] == '\n') return;
  }
  error_set(&work->base.err, ERR_UNAVAILABLE, "the master does not answer");
}

static void run_ask(struct script_work *base) {
  struct ask_work *work = (struct ask_work *)base;
  const struct timeval limit = {.tv_sec = 3};
  int fd = loop_connect_unix(work->path, &base->err);
  if (fd < 0) return;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (write(fd, work->request, strlen(work->request)) == (ssize_t)strlen(work->request)) read_answer(work, fd);
  else error_set(&base->err, ERR_UNAVAILABLE, "the master does not listen");
  close(fd);
}

static int finish_ask(lua_State *L, int status, lua_KContext ctx) {
  (void)status, (void)ctx;
  struct ask_work *work = script_work_of(L);
  if (work->base.err.code != ERR_NONE) return script_fail(L, &work->base.err);
  struct slice text = {work->answer.data, work->answer.len - 1}; /* without the line's end */
  if (text.len < 3 || memcmp(text.data, "ok\t", 3) != 0) return script_fail_text(L, "unavailable", "the master refused");
  for (size_t i = 0; i < text.len; i++) {
    if (work->answer.data[i] == '\x1e') work->answer.data[i] = '\n';
  }
  lua_pushlstring(L, text.data + 3, text.len - 3);
  return 1;
}

/* ask("status" | "metrics") → text | nil, err */
static int l_ask(lua_State *L) {
  static const char *const names[] = {"status", "metrics", NULL};
  static const char *const requests[] = {"status\n", "metrics\n"};
  int which = luaL_checkoption(L, 1, NULL, names);
  struct script_task *task = script_task_that_waits(L);
  struct ask_work *work = script_work_new(L, sizeof *work, run_ask, free_ask);
  struct bytes path = {0};
  bytes_addf(&path, "%s/control.sock", task->script->data_dir);
  work->path = path.data;
  work->request = requests[which];
  return script_work_start(L, &work->base, finish_ask);
}

int script_open_system(lua_State *L) {
  static const luaL_Reg functions[] = {{"ask", l_ask}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
