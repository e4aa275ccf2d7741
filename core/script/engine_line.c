#include "script/engine_line.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

enum { RETRY_US = 250000, QUESTION_MAX = 256 << 10 };

struct script_engine {
  struct loop *loop;
  char *path;
  struct loop_lines *lines; /* NULL: not connected */
  uint64_t retry_at_us, last;
  struct list waiting;
  int count;                /* of waiting */
  const char *state;
};

struct script_engine *script_engine_new(struct loop *loop, const char *data_dir) {
  struct script_engine *engine = mem_zero(sizeof *engine);
  struct bytes path = {0};
  bytes_addf(&path, "%s/run/engine.sock", data_dir);
  *engine = (struct script_engine){.loop = loop, .path = path.data, .state = ""};
  list_init(&engine->waiting);
  return engine;
}

void script_engine_withdraw(struct engine_ask *ask) {
  if (!link_is_in_list(&ask->link)) return;
  list_remove(&ask->link);
  ask->engine->count--;
  loop_timer_free(ask->timer);
  ask->timer = NULL;
}

static void fail(struct engine_ask *ask, enum error_code code, const char *reason) {
  script_engine_withdraw(ask);
  error_set(&ask->err, code, "%s", reason);
  ask->done(ask);
}

static void hang_up(struct script_engine *engine) {
  struct link *first;
  loop_lines_close(engine->lines);
  engine->lines = NULL;
  engine->state = "away";
  engine->retry_at_us = clock_monotonic_us() + RETRY_US;
  while ((first = list_first(&engine->waiting)) != NULL) fail(LIST_OWNER(first, struct engine_ask, link), ERR_UNAVAILABLE, "the engine is gone");
}

void script_engine_free(struct script_engine *engine) {
  if (engine == NULL) return;
  hang_up(engine);
  free(engine->path);
  free(engine);
}

static void on_gone(void *ctx) { hang_up(ctx); }

static struct engine_ask *numbered(struct script_engine *engine, uint64_t number) {
  for (struct link *at = engine->waiting.head.next; at != &engine->waiting.head; at = at->next) {
    struct engine_ask *ask = LIST_OWNER(at, struct engine_ask, link);
    if (ask->number == number) return ask;
  }
  return NULL;
}

/* An answer whose asker has gone or has waited too long is nobody's. */
static void on_line(void *ctx, struct slice line) {
  struct script_engine *engine = ctx;
  const char *space = memchr(line.data, ' ', line.len);
  struct engine_ask *ask = space != NULL ? numbered(engine, strtoull(line.data, NULL, 10)) : NULL;
  engine->state = "ready";
  if (ask == NULL) return;
  script_engine_withdraw(ask);
  bytes_add(&ask->answer, space + 1, line.len - (size_t)(space + 1 - line.data));
  ask->done(ask);
}

static bool dial(struct script_engine *engine, struct error *err) {
  if (engine->lines != NULL) return true;
  if (clock_monotonic_us() < engine->retry_at_us) return error_set(err, ERR_UNAVAILABLE, "the engine is away");
  int fd = loop_dial_unix(engine->path, err);
  if (fd < 0) {
    engine->state = "away";
    engine->retry_at_us = clock_monotonic_us() + RETRY_US;
    return false;
  }
  engine->lines = loop_lines_open(engine->loop, fd, &(struct loop_lines_events){on_line, on_gone}, engine);
  return true;
}

static void on_late(void *ctx) { fail(ctx, ERR_TIMEOUT, "the engine did not answer in time"); }

bool script_engine_ask(struct script_engine *engine, struct slice question, unsigned timeout_ms, struct engine_ask *ask, struct error *err) {
  if (question.len > QUESTION_MAX) return error_set(err, ERR_LIMIT, "the question is too long");
  if (engine->count >= ENGINE_ASKS_MAX) return error_set(err, ERR_OVERLOADED, "too many questions wait for the engine");
  if (!dial(engine, err)) return false;
  struct bytes line = {0};
  ask->number = ++engine->last;
  bytes_addf(&line, "%llu ", (unsigned long long)ask->number);
  bytes_add(&line, question.data, question.len);
  ask->timer = loop_timer_new(engine->loop, on_late, ask);
  loop_timer_start(ask->timer, timeout_ms, 0);
  ask->engine = engine;
  list_push(&engine->waiting, &ask->link);
  engine->count++;
  loop_lines_write(engine->lines, (struct slice){line.data, line.len});
  bytes_deinit(&line);
  return true;
}

const char *script_engine_state(const struct script_engine *engine) { return engine->state; }
