/* script/work.h - a binding that needs the thread pool. Private to script/.
 *
 *   struct hash_work { struct script_work base; … };
 *   static int l_hash(lua_State *L) {
 *     … check arguments …
 *     struct hash_work *work = script_work_new(L, sizeof *work, run_hash, free_hash);   pushes a box
 *     work->text = mem_dup_n(…);
 *     return script_work_start(L, &work->base, finish_hash);                            yields
 *   }
 *
 * The box owns the work: it goes with the coroutine, or right after run() when the task has died
 * meanwhile. In finish the work is script_work_of(L); a failure is in work->err. */
#pragma once
#include <lua.h>

#include "script/task.h"

struct script_work {
  struct script_wait wait;
  void (*run)(struct script_work *work);     /* pool thread; sets err */
  void (*deinit)(struct script_work *work);  /* frees what the work holds; may be NULL */
  struct error err;                          /* code ERR_NONE when it went well */
  int *counter;                              /* lowered when it is over; may be NULL */
  bool is_running, is_orphan;
};

void script_open_work(lua_State *L); /* once a state */
void *script_work_new(lua_State *L, size_t size, void (*run)(struct script_work *),
                      void (*deinit)(struct script_work *));
/* Keeps only the box, at 1; yields, or returns nil, err when the pool is full. */
int script_work_start(lua_State *L, struct script_work *work, lua_KFunction finish);
void *script_work_of(lua_State *L);
