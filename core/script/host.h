/* script/host.h - the inside of struct script. Private to script/. */
#pragma once
#include "base/map.h"
#include "script/board.h"
#include "script/bus_feed.h"
#include "script/engine_line.h"
#include "script/script.h"
#include "script/task.h"
#include "script/watchdog.h"

struct script {
  struct script_config config;
  char *data_dir;
  struct script_watchdog watchdog;
  struct script_generation *generation; /* in use; NULL at first */
  struct script_board_slot *slot;       /* ours on the board; NULL: none */
  struct script_task *current;          /* whose Lua runs right now */
  struct list tasks;                    /* struct script_task.link */
  int task_count;
  struct list bus;                      /* waits of core.bus */
  struct map bus_counts;                /* topic that Lua asked about → struct bus_count */
  struct script_engine *engine;         /* line to the engine of this node */
  struct list feeds;                    /* struct script_feed.link, of core.bus.follow */
  int feed_count;
  bool is_ending;                       /* script_end_streams(): no new feeds */
  int password_count;                   /* argon2 in the pool or before it */
  struct bytes access;                  /* access-log lines of this turn of the loop */
  struct loop_turn *turn;               /* writes them */
};

void script_bus_deinit(struct script *script); /* frees the counts; nobody waits any more */
