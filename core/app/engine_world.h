/* app/engine_world.h - what the engine knows of the region: the conflict index under the keys of PostgreSQL.
 *
 *   lines of the feed (engine_feed.c)  --engine_world_line-->  struct schedule + groups, cards, sites  <--engine_answer--  questions
 *
 * A line is a row of COPY: a tag, then fields separated by tabs, \N for NULL.
 *
 *   z zone from offset                       minutes of time, ascending; the first one holds before it, too
 *   w site_a site_b minutes                  the way between two sites
 *   r id kind capacity                       capacity 1: exclusive
 *   g id resource · s group id resource · l group resource subgroup      a group, its subgroups, its learners who are resources
 *   t resource day_hours week_hours windows cards                         a teacher: "1:540-1080,…", "7,9"
 *   b lesson booking resource qty from to site hours locked               minutes; the rows of a lesson stand together
 *
 * No I/O and no clock: tests feed it by hand. One thread.
 */
#pragma once
#include "base/bytes.h"
#include "base/error.h"
#include "base/map.h"
#include "schedule/schedule.h"

enum {
  ENGINE_USES_MAX = 2048,
  ENGINE_NO_RESOURCE = -1,
  ENGINE_PART_COUNTED = 128, /* parts from here on hold what is counted, in whole slots of five minutes */
};

struct engine_member { /* a subgroup or a learner of a group */
  int64_t key;         /* subgroup; of a learner: the subgroup he is in, 0 for none */
  uint32_t resource;   /* dense */
};

struct engine_group {
  int64_t resource; /* dense, or ENGINE_NO_RESOURCE */
  struct engine_member *subgroup, *learner; /* owned */
  uint32_t subgroup_count, learner_count;
};

struct engine_world {
  struct schedule *plan;
  struct map resources; /* key → dense + 1 */
  int64_t *key_of;      /* dense → key */
  uint32_t key_capacity;
  struct map groups;    /* key → struct engine_group */
  struct map cards;     /* staff card → dense + 1; dense + 1 == UINTPTR_MAX: a person who is no resource yet */
  struct map sites;     /* key → dense + 1 */
  struct map zones;     /* name → zone + 1 */
  int32_t site_count;
  /* lines that belong together are gathered */
  char zone_name[64];
  struct schedule_zone_step *step; /* owned */
  size_t step_count;
  struct schedule_use use[ENGINE_USES_MAX];
  int64_t gathered;     /* lesson whose uses stand in `use`; 0: none */
  struct schedule_booking booking; /* … and its time */
  uint32_t refused;     /* bookings the index cannot hold */
};

struct engine_world *engine_world_new(int32_t base_offset);
void engine_world_free(struct engine_world *world); /* NULL is fine */
COPP_MUST_USE bool engine_world_line(struct engine_world *world, struct slice line, struct error *err);
/* The lines are over: what was gathered is put in. */
void engine_world_flush(struct engine_world *world);
/* Before the lines of a thing are read anew. kind: of schedule_change. */
void engine_world_forget(struct engine_world *world, char kind, int64_t key);

/* Booking ids: a lesson or a booking of its own, and the part of it. One with very many uses, or a very long one, has parts. */
enum engine_owner { ENGINE_LESSON, ENGINE_BOOKING };
static inline uint64_t engine_id(enum engine_owner owner, int64_t key, unsigned part) {
  return (uint64_t)key << 9 | (uint64_t)(owner == ENGINE_BOOKING) << 8 | part;
}
static inline int64_t engine_key(uint64_t id) { return (int64_t)(id >> 9); }
static inline enum engine_owner engine_owner_of(uint64_t id) { return id & 256 ? ENGINE_BOOKING : ENGINE_LESSON; }

/* Dense number of a key, or ENGINE_NO_RESOURCE. */
int64_t engine_resource(const struct engine_world *world, int64_t key);
int32_t engine_site(const struct engine_world *world, int64_t key); /* SCHEDULE_NONE: not on any way */
struct slice engine_key_bytes(const int64_t *key); /* for the maps */

/* Answers one question, a JSON object, with one JSON object. What cannot be answered is {"error":"…"}: PostgreSQL is asked then. */
void engine_answer(const struct engine_world *world, struct slice question, struct bytes *out);
