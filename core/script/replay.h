/* script/replay.h - many recorded decisions asked again of a rule pack, away from the loop.
 *
 *   struct script_replay *replay = script_replay_new(pack, "replay", "judge");  takes the pack
 *   script_replay_add(replay, role, expected, inputs);  …
 *   script_replay_run(replay);                          on any thread
 *   script_replay_result(replay, i);                    data NULL: the same as before
 *
 * judge(role, expected, inputs) gets two texts and a value read from JSON straight into the state of the
 * rules, and returns nil when nothing has changed, or a text.
 */
#pragma once
#include "script/pack.h"

enum { SCRIPT_REPLAY_PARTS = 3 };

struct script_replay {
  struct script_pack *pack;  /* owned */
  char *module, *path;
  struct bytes texts;        /* parts of all cases behind each other */
  size_t *ends;              /* of each part */
  int count;                 /* of cases */
  struct bytes results;
  size_t *result_ends;       /* by case; equal to the one before: nothing changed */
};

struct script_replay *script_replay_new(struct script_pack *pack, const char *module, const char *path);
void script_replay_free(struct script_replay *replay); /* NULL is fine */
void script_replay_add(struct script_replay *replay, const struct slice parts[SCRIPT_REPLAY_PARTS]);
/* A case that fails gets the result "!kind: text". */
void script_replay_run(struct script_replay *replay);
struct slice script_replay_result(const struct script_replay *replay, int i);
