/* script/engine_line.h - the line of a process to the engine of its node. Private to script/.
 *
 *   none --first question--> open --engine died, or does not answer--> none (not tried again for a quarter of a second)
 *
 * Questions and answers are numbered lines of run/engine.sock; what an answer means is the asker's business. Loop thread only.
 */
#pragma once
#include "base/list.h"
#include "loop/lines.h"

enum { ENGINE_ASKS_MAX = 256 };

struct script_engine;

struct engine_ask {
  struct link link; /* in the engine's list; in none when nobody waits */
  struct script_engine *engine;
  uint64_t number;
  struct loop_timer *timer;
  struct bytes answer;  /* JSON; empty: see err */
  struct error err;
  void (*done)(struct engine_ask *ask);
};

struct script_engine *script_engine_new(struct loop *loop, const char *data_dir);
void script_engine_free(struct script_engine *engine); /* nobody waits any more; NULL is fine */
/* done comes from the loop, with an answer or an error, unless the ask is withdrawn. On false it does not come. */
COPP_MUST_USE bool script_engine_ask(struct script_engine *engine, struct slice question, unsigned timeout_ms, struct engine_ask *ask,
                                     struct error *err);
void script_engine_withdraw(struct engine_ask *ask);
/* "ready" when the engine has answered this process, "away" when it is gone, "" when nobody has asked yet. */
const char *script_engine_state(const struct script_engine *engine);
