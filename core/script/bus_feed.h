/* script/bus_feed.h - notifications kept for one task, for answers that stay open. Private to script/.
 *
 *   core.bus.follow{topics} --> kept, up to FEED_EVENTS --> core.bus.next --> … --> the task ends
 *
 * Unlike core.bus.wait nothing is missed between two waits: what comes meanwhile is kept, and when it
 * is too much, next() says "lost" once. A task has at most one feed, which goes with it. A new
 * generation and a process that drains say "ending" to all, so that streams end in good order. */
#pragma once
#include <lua.h>

#include "base/bytes.h"

struct script;
struct script_task;

enum { FEEDS_MAX = 1000 }; /* of a process: each holds a connection and a coroutine */

int script_bus_follow(lua_State *L); /* of core.bus */
int script_bus_next(lua_State *L);
/* A notification came; after a broken connection it is the topic "missed". */
void script_feeds_notify(struct script *script, struct slice topic, struct slice data);
/* Tells every feed that its process or its generation ends. */
void script_feeds_end(struct script *script);
/* The task ends: frees its feed, if it has one. */
void script_feed_drop(struct script_task *task);
