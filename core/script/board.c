#include "script/board.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

enum { VERSION = 1 };

/* ---- the file ---- */

bool script_board_open(const char *path, struct script_board **out, struct error *err) {
  struct script_board *board = MAP_FAILED;
  struct stat info;
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  *out = NULL;
  if (fd >= 0 && fstat(fd, &info) == 0 && ((size_t)info.st_size == sizeof *board || ftruncate(fd, sizeof *board) == 0))
    board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  int reason = errno;
  if (fd >= 0) close(fd);
  if (board == MAP_FAILED) return error_set(err, ERR_IO, "%s: %s", path, strerror(reason));
  if (board->version != VERSION) {
    memset(board, 0, sizeof *board);
    board->version = VERSION;
  }
  *out = board;
  return true;
}

void script_board_close(struct script_board *board) {
  if (board != NULL) munmap(board, sizeof *board);
}

/* ---- in a child ---- */

struct script_board_slot *script_board_slot(struct script_board *board, const char *process) {
  struct script_board_slot *free_slot = NULL;
  for (int i = 0; i < SCRIPT_BOARD_SLOTS; i++) {
    struct script_board_slot *slot = &board->slots[i];
    if (strncmp(slot->process, process, sizeof slot->process) == 0) return slot;
    if (slot->process[0] == '\0' && free_slot == NULL) free_slot = slot;
  }
  if (free_slot != NULL) snprintf(free_slot->process, sizeof free_slot->process, "%s", process);
  return free_slot;
}

static void put(char *out, const char *text) { /* cut, always with its end */
  size_t len = strnlen(text, SCRIPT_BOARD_NAME - 1);
  memcpy(out, text, len);
  out[len] = '\0';
}

void script_board_enter(struct script_board_slot *slot, const char *pack, const char *module, const char *path) {
  put(slot->pack, pack);
  put(slot->function, module);
  size_t len = strlen(slot->function);
  if (len + strlen(path) + 2 <= SCRIPT_BOARD_NAME) {
    slot->function[len] = ' ';
    put(slot->function + len + 1, path);
  }
  atomic_store_explicit(&slot->is_inside, 1, memory_order_release);
}

void script_board_leave(struct script_board_slot *slot) {
  atomic_store_explicit(&slot->is_inside, 0, memory_order_release);
}

/* ---- in the master ---- */

static struct script_board_struck *find(struct script_board *board, const char *pack) {
  for (int i = 0; i < SCRIPT_BOARD_STRUCK; i++)
    if (strncmp(board->struck[i].pack, pack, SCRIPT_BOARD_NAME - 1) == 0) return &board->struck[i];
  return NULL;
}

/* A free place, or that of whoever was struck longest ago. */
static struct script_board_struck *place_for(struct script_board *board, const char *pack) {
  struct script_board_struck *place = find(board, pack);
  if (place != NULL) return place;
  place = &board->struck[0];
  for (int i = 1; i < SCRIPT_BOARD_STRUCK; i++)
    if (board->struck[i].at_us < place->at_us) place = &board->struck[i];
  place->strikes = 0;
  put(place->pack, pack);
  return place;
}

const struct script_board_struck *script_board_strike(struct script_board *board, const char *process) {
  struct script_board_slot *slot = script_board_slot(board, process);
  if (slot == NULL || atomic_load_explicit(&slot->is_inside, memory_order_acquire) == 0) return NULL;
  slot->is_inside = 0;
  slot->pack[SCRIPT_BOARD_NAME - 1] = slot->function[SCRIPT_BOARD_NAME - 1] = '\0'; /* whatever the crash wrote */
  struct script_board_struck *struck = place_for(board, slot->pack);
  put(struck->function, slot->function);
  struck->at_us = clock_realtime_us();
  struck->strikes++;
  board->changes++;
  return struck;
}

unsigned script_board_strikes(const struct script_board *board, const char *pack) {
  const struct script_board_struck *struck = find((struct script_board *)(uintptr_t)board, pack);
  return struck != NULL ? struck->strikes : 0;
}

bool script_board_pardon(struct script_board *board, const char *pack) {
  struct script_board_struck *struck = find(board, pack);
  if (struck == NULL || pack[0] == '\0') return false;
  struck->strikes = 0;
  struck->at_us = 0;
  struck->pack[0] = '\0';
  board->changes++;
  return true;
}
