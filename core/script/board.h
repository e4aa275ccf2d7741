/* script/board.h - which rule runs in which process, and which rules cost a process its life.
 *
 * One file in the data directory, mapped by the master and all its children. A child writes the pack's
 * name into its slot before it enters a rule and clears it after; what it wrote is still there when it
 * has crashed or was killed for stalling. The master then strikes that pack: after SCRIPT_BOARD_STRIKES
 * it is quarantined, and no process loads or calls it any more. A pack's name holds the hash of its
 * content, so a mended version starts clean. Quarantine outlives a restart; script_board_pardon() lifts it.
 */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

#include "base/error.h"

enum { SCRIPT_BOARD_SLOTS = 72, SCRIPT_BOARD_STRUCK = 64, SCRIPT_BOARD_STRIKES = 2, SCRIPT_BOARD_NAME = 128 };

struct script_board_slot {
  char process[24];               /* "web-1"; "": free */
  _Atomic uint32_t is_inside;
  char pack[SCRIPT_BOARD_NAME];
  char function[SCRIPT_BOARD_NAME]; /* "rules.guards.application age_suits" */
};

struct script_board_struck {
  char pack[SCRIPT_BOARD_NAME];   /* "": free */
  char function[SCRIPT_BOARD_NAME]; /* of the last strike */
  _Atomic uint32_t strikes;
  int64_t at_us;                  /* of the last, wall clock */
};

struct script_board {
  uint32_t version;
  _Atomic uint32_t changes;       /* counts strikes and pardons: whoever keeps a verdict looks again */
  struct script_board_slot slots[SCRIPT_BOARD_SLOTS];
  struct script_board_struck struck[SCRIPT_BOARD_STRUCK];
};

/* Maps the file, makes it when it is not there or of another version. */
COPP_MUST_USE bool script_board_open(const char *path, struct script_board **out, struct error *err);
void script_board_close(struct script_board *board); /* NULL is fine */

/* The slot of a process by name; NULL when all are taken. */
struct script_board_slot *script_board_slot(struct script_board *board, const char *process);
void script_board_enter(struct script_board_slot *slot, const char *pack, const char *module, const char *path);
void script_board_leave(struct script_board_slot *slot);

/* That process died. When it was inside a rule: strikes the pack and returns it, else NULL. */
const struct script_board_struck *script_board_strike(struct script_board *board, const char *process);
/* How often the pack was struck. */
unsigned script_board_strikes(const struct script_board *board, const char *pack);
bool script_board_pardon(struct script_board *board, const char *pack);
