/* app/engine_door.h - where workers ask the engine: a unix socket, lines "NUMBER QUESTION" and "NUMBER ANSWER".
 *
 *   line --> queue --reading of the stream that began later has ended--> answered in order
 *
 * An answer so reflects every transaction that had ended before its question came; all that come during one reading share the next.
 * The queue is bounded: beyond it, and while there is no world, the answer is {"error":…} and PostgreSQL is asked instead.
 * Loop thread only.
 */
#pragma once
#include "app/engine_feed.h"
#include "loop/loop.h"

#define ENGINE_SOCKET "run/engine.sock"

struct engine_door;

struct engine_door_stats {
  uint64_t asked, answered, refused;
  uint64_t busy_us; /* spent on answers */
};

struct engine_door *engine_door_new(struct loop *loop, const char *path, struct engine_feed **feed, struct error *err); /* NULL: see err */
void engine_door_free(struct engine_door *door); /* NULL is fine */
/* Answers all who waited for this reading, or an earlier one. */
void engine_door_fresh(struct engine_door *door, uint64_t reading);
struct engine_door_stats engine_door_stats(const struct engine_door *door);
