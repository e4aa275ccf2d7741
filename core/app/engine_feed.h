/* app/engine_feed.h - keeps a world equal to what PostgreSQL holds.
 *
 *   away --connected--> loading (all lines, from a snapshot on) --> ready --engine_feed_poll--> asking --> ready
 *     \________________________ a query failed, or notes were thrown away before we saw them ________/
 *
 * The stream is the table schedule_change, read by snapshots: what is visible now and was not at the last reading. A note names a
 * thing; its lines are read anew and put in at once, so a note too many does no harm and none is missed, however late it is committed.
 *
 * Loop thread only.
 */
#pragma once
#include "app/engine_world.h"
#include "base/log.h"
#include "db/db.h"

struct engine_feed;

/* The world is as PostgreSQL was at a moment after reading number `reading` began. */
typedef void (*engine_fresh_fn)(void *ctx, uint64_t reading);

struct engine_feed_stats {
  uint64_t readings, changes, loads; /* so far */
  uint64_t loaded_us;                /* the last load took */
  bool is_ready;
};

/* db and log outlive the feed. Begins to load. */
struct engine_feed *engine_feed_new(struct loop *loop, struct db *db, const struct log *log, int32_t base_offset, engine_fresh_fn fresh,
                                    void *ctx);
/* After db_close(): no callback is under way any more. NULL is fine. */
void engine_feed_free(struct engine_feed *feed);
void engine_feed_stop(struct engine_feed *feed); /* before db_close() */

/* NULL while there is nothing to answer from. */
const struct engine_world *engine_feed_world(const struct engine_feed *feed);
/* Begins a reading unless one is under way; returns the number of the next one to begin: who waits for it sees every transaction
 * that has ended before this call. */
uint64_t engine_feed_poll(struct engine_feed *feed);
struct engine_feed_stats engine_feed_stats(const struct engine_feed *feed);
