#include "script/rules_run.h"

#include <stdio.h>

#include "script/vm_json.h"

struct run {
  struct slice text, input;
  const char *chunk;
  struct bytes result;
};

static int run_chunk(lua_State *L) {
  struct run *run = lua_touserdata(L, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, "copp.globals");
  if (run->input.len == 0) lua_pushnil(L);
  else if (!script_vm_push_json(L, run->input)) return luaL_error(L, "the input is no JSON");
  lua_setfield(L, -2, "input");
  if (!script_vm_compile(L, run->text, run->chunk)) return 0;
  lua_call(L, 0, 1);
  script_vm_add_json(L, -1, &run->result);
  return 0;
}

static void keep_print(void *ctx, struct slice line) {
  struct script_run_board *board = ctx;
  if (line.len + 1 > sizeof board->prints - board->printed) return; /* the limit of the state is the same */
  memcpy(board->prints + board->printed, line.data, line.len);
  board->prints[board->printed + line.len] = '\n';
  board->printed += line.len + 1;
}

static void tell_failure(struct script_run_board *board, const struct script_vm_failure *failure) {
  const struct script_vm_place *place = &failure->place;
  int len = place->chunk[0] != '\0'
                ? snprintf(board->result, sizeof board->result, "%s:%d: %s", place->chunk, place->line, failure->text)
                : snprintf(board->result, sizeof board->result, "%s", failure->text);
  board->kind = failure->kind;
  board->result_len = (size_t)len;
  for (int i = 0; i < len; i++)
    if ((unsigned char)board->result[i] < ' ') board->result[i] = ' '; /* one line */
}

void script_rules_run(struct slice text, const char *chunk, struct slice input, struct script_run_board *board) {
  struct script_vm_limits limits = {.memory_bytes = SCRIPT_RUN_MEMORY, .output_bytes = SCRIPT_RUN_OUTPUT, .depth = 64};
  struct run run = {.text = text, .input = input, .chunk = chunk};
  struct script_watchdog watchdog;
  struct script_vm *vm = script_vm_new(&limits, 0);
  if (vm == NULL) {
    tell_failure(board, &(struct script_vm_failure){.kind = SCRIPT_VM_MEMORY, .text = "no memory for a state"});
    board->is_done = 1;
    return;
  }
  script_watchdog_init(&watchdog, NULL);
  vm->watchdog = &watchdog;
  vm->print = keep_print;
  vm->print_ctx = board;
  if (script_vm_run(vm, run_chunk, &run, SCRIPT_RUN_MS)) {
    memcpy(board->result, run.result.data, run.result.len);
    board->result_len = run.result.len;
    board->kind = SCRIPT_VM_OK;
  } else {
    tell_failure(board, &vm->failure);
  }
  board->is_done = 1;
  script_watchdog_deinit(&watchdog);
  script_vm_free(vm);
  bytes_deinit(&run.result);
}
