#include "script/script.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "script/host.h"

static void write_access(void *ctx) {
  struct script *script = ctx;
  log_write(script->config.log, &script->access);
}

struct script *script_new(const struct script_config *config) {
  struct script *script = mem_zero(sizeof *script);
  script->config = *config;
  script->data_dir = mem_dup(config->data_dir);
  script->config.data_dir = script->data_dir;
  list_init(&script->tasks);
  list_init(&script->bus);
  list_init(&script->feeds);
  script->engine = script_engine_new(config->loop, script->data_dir);
  script_watchdog_init(&script->watchdog, script_overrun_hook);
  if (config->board != NULL) script->slot = script_board_slot(config->board, config->log->who);
  if (script->slot != NULL) script_board_leave(script->slot); /* of the process before us */
  script->turn = loop_turn_new(config->loop, write_access, script);
  return script;
}

void script_free(struct script *script) {
  if (script == NULL) return;
  assert(script->task_count == 0);
  script_watchdog_deinit(&script->watchdog);
  script_bus_deinit(script);
  script_engine_free(script->engine);
  write_access(script);
  bytes_deinit(&script->access);
  loop_turn_free(script->turn);
  script_generation_unref(script->generation);
  free(script->data_dir);
  free(script);
}

void script_use(struct script *script, struct script_generation *generation) {
  struct script_generation *before = script->generation;
  generation->script = script;
  generation->loop = script->config.loop;
  if (script->config.state_bytes != 0)
    generation->memory.ceiling = generation->memory.limit = script->config.state_bytes;
  script->generation = generation;
  script_feeds_end(script); /* what stays open shall not keep the former one alive */
  script_generation_unref(before);
}

struct script_generation *script_generation(const struct script *script) {
  return script->generation;
}

const char *script_engine(const struct script *script) { return script_engine_state(script->engine); }

int script_task_count(const struct script *script) { return script->task_count; }

void script_end_streams(struct script *script) {
  script->is_ending = true;
  script_feeds_end(script);
}

void script_stop_all(struct script *script) {
  struct link *link;
  while ((link = list_first(&script->tasks)) != NULL)
    script_task_stop(LIST_OWNER(link, struct script_task, link));
}
