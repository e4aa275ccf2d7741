#include "script/replay.h"

#include <stdlib.h>

#include "base/mem.h"
#include "script/vm_json.h"

struct script_replay *script_replay_new(struct script_pack *pack, const char *module, const char *path) {
  struct script_replay *replay = mem_zero(sizeof *replay);
  *replay = (struct script_replay){.pack = pack, .module = mem_dup(module), .path = mem_dup(path)};
  return replay;
}

void script_replay_free(struct script_replay *replay) {
  if (replay == NULL) return;
  script_pack_free(replay->pack);
  bytes_deinit(&replay->texts);
  bytes_deinit(&replay->results);
  free(replay->ends);
  free(replay->result_ends);
  free(replay->module);
  free(replay->path);
  free(replay);
}

/* Doubled whenever the count reaches a power of two. */
static bool is_full(int count) { return count == 0 || (count >= 16 && (count & (count - 1)) == 0); }

void script_replay_add(struct script_replay *replay, const struct slice parts[SCRIPT_REPLAY_PARTS]) {
  if (is_full(replay->count)) {
    size_t room = replay->count == 0 ? 16 : (size_t)replay->count * 2;
    replay->ends = mem_grow(replay->ends, room * SCRIPT_REPLAY_PARTS * sizeof *replay->ends);
    replay->result_ends = mem_grow(replay->result_ends, room * sizeof *replay->result_ends);
  }
  for (int i = 0; i < SCRIPT_REPLAY_PARTS; i++) {
    bytes_add(&replay->texts, parts[i].data, parts[i].len);
    replay->ends[replay->count * SCRIPT_REPLAY_PARTS + i] = replay->texts.len;
  }
  replay->count++;
}

static struct slice part_of(const struct script_replay *replay, int at) {
  size_t begin = at > 0 ? replay->ends[at - 1] : 0;
  return (struct slice){replay->texts.data + begin, replay->ends[at] - begin};
}

struct one {
  struct script_replay *replay;
  int index;
};

/* Inside the state: role, expected, inputs. */
static int push_arguments(lua_State *L, void *ctx) {
  const struct one *one = ctx;
  for (int i = 0; i < SCRIPT_REPLAY_PARTS; i++) {
    struct slice text = part_of(one->replay, one->index * SCRIPT_REPLAY_PARTS + i);
    if (i < SCRIPT_REPLAY_PARTS - 1) lua_pushlstring(L, text.data, text.len);
    else if (!script_vm_push_json(L, text)) luaL_error(L, "the inputs of a decision are no JSON");
  }
  return SCRIPT_REPLAY_PARTS;
}

static void replay_one(struct script_replay *replay, int index) {
  struct script_pack *pack = replay->pack;
  struct one one = {replay, index};
  if (!script_pack_call_with(pack, replay->module, replay->path, push_arguments, &one)) {
    bytes_addf(&replay->results, "!%s: %s", script_vm_kind_name(pack->failure.kind), pack->failure.text);
  } else if (lua_type(pack->vm->L, 1) == LUA_TSTRING) {
    size_t len;
    const char *text = lua_tolstring(pack->vm->L, 1, &len);
    bytes_add(&replay->results, text, len);
  }
  replay->result_ends[index] = replay->results.len;
}

void script_replay_run(struct script_replay *replay) {
  for (int i = 0; i < replay->count; i++) replay_one(replay, i);
}

struct slice script_replay_result(const struct script_replay *replay, int i) {
  size_t begin = i > 0 ? replay->result_ends[i - 1] : 0, end = replay->result_ends[i];
  return end > begin ? (struct slice){replay->results.data + begin, end - begin} : (struct slice){NULL, 0};
}
