/* schedule/inside.h - the inside of struct schedule. Private to schedule/. */
#pragma once
#include "schedule/schedule.h"

enum { RESOURCE_ALIGN = 64, DAY_MINUTES = 1440, WORD_FROM = 360, WORD_TO = 1320, WORD_STEP = 15 };

/* One use of a resource, in the resource's array, sorted by start, then by id. All that a rule reads of another booking
 * stands here: its slot would be one more cache miss. */
struct __attribute__((packed, aligned(4))) interval {
  uint64_t id; /* of the booking */
  int32_t start;
  uint16_t minutes;
  uint16_t qty;
  uint16_t academic_hours;
  int16_t site;
};

/* Quarter-hours of a day of an exclusive resource. */
struct day_words {
  uint64_t touched; /* a booking lies in a part of it: a clear bit is surely free */
  uint64_t full;    /* a booking fills it: a set bit is surely busy */
};

/* Units in use in each quarter-hour of a day, rounded outward. */
struct day_counts {
  uint32_t used[64];
};

/* One cache line, and it lies so: see RESOURCE_ALIGN. */
struct resource {
  struct schedule_resource is;
  struct interval *interval; /* owned */
  uint32_t count, capacity;
  int32_t first, last; /* starts of the first and the last interval */
  int32_t first_day;   /* of words or counts, in the region's days */
  uint16_t day_count;  /* SCHEDULE_LAST_DAY bounds it */
  uint16_t longest;    /* no booking of it was ever longer, in minutes: bounds the search to the left */
  union {
    struct day_words *words;   /* capacity 1 */
    struct day_counts *counts; /* otherwise */
  };
};

struct slot {
  uint64_t id; /* 0: free; `start` is then the next free slot + 1 */
  int32_t start;
  uint32_t uses; /* index into the pool */
  uint16_t minutes;
  int16_t site;
  uint16_t academic_hours;
  uint8_t use_count;
  bool is_locked;
};

struct zone {
  struct schedule_zone_step *step; /* owned */
  size_t count;
};

struct calendar {
  struct schedule_calendar is; /* its exceptions are owned */
};

struct schedule {
  int32_t base_offset;
  struct resource *resource;
  uint32_t resource_count, resource_capacity;
  struct slot *slot;
  uint32_t slot_count, slot_capacity;
  uint32_t free_slot; /* + 1; 0: none */
  struct schedule_use *use; /* pool of uses: runs of one length are used again */
  uint32_t use_count, use_capacity;
  uint32_t free_run[SCHEDULE_MAX_USES + 1]; /* by length, + 1; the first use of a free run names the next */
  uint32_t *key; /* open addressing: slot + 1, 0 = empty */
  uint32_t key_mask; /* capacity - 1; 0: no table yet */
  uint32_t booked; /* slots in use */
  struct zone *zone;
  int32_t zone_count;
  struct calendar *calendar;
  int32_t calendar_count;
  uint16_t *travel; /* site_count × site_count */
  int32_t site_count;
  int32_t longest_way; /* the largest of travel */
};

/* ---- keys.c: id → slot */
uint32_t schedule_slot_of(const struct schedule *plan, uint64_t id); /* UINT32_MAX: none */
void schedule_key_put(struct schedule *plan, uint32_t slot);
void schedule_key_remove(struct schedule *plan, uint64_t id);

/* ---- busy.c: the intervals and words of a resource */
void schedule_busy_add(struct schedule *plan, struct resource *resource, const struct interval *added);
void schedule_busy_remove(struct schedule *plan, struct resource *resource, int32_t start, uint64_t id);
void schedule_busy_recount(struct schedule *plan, struct resource *resource); /* words anew from the intervals */
void schedule_busy_deinit(struct resource *resource);
/* First interval that may reach beyond `moment`. */
uint32_t schedule_busy_from(const struct resource *resource, int32_t moment);

/* A place that is asked about, for all of its resources. */
struct asked {
  int32_t start, end;
  int32_t site;
  uint16_t academic_hours;
  bool has_words;  /* words can tell: it lies within the hours of a day that they cover … */
  int32_t word_day;
  uint64_t bits;   /* … in these quarters; filled by schedule_busy_lay() */
  uint64_t except; /* the booking being moved, 0: none */
};
/* Lays start and end over the words: once a place, not once a resource. */
void schedule_busy_lay(const struct schedule *plan, struct asked *asked);

/* Fetches what a question about the place will read, so that the misses of several resources overlap. */
void schedule_busy_prefetch(const struct resource *resource, const struct asked *asked);

enum busy { BUSY_NO, BUSY_YES, BUSY_PERHAPS };
/* What the words say of the place for qty units more. */
enum busy schedule_busy_ask(const struct resource *resource, const struct asked *asked, uint16_t qty);
/* Is [start, end) free for qty units, `except` not counted? Exact. */
bool schedule_busy_is_free(const struct resource *resource, int32_t start, int32_t end, uint16_t qty, uint64_t except);
/* Most units in use at a time within [start, end), `except` not counted. */
int32_t schedule_busy_peak(const struct resource *resource, int32_t start, int32_t end, uint64_t except);

/* ---- limits.c: calendars, ways, hours. Each adds its hits when hits is not NULL, and says whether the rule holds. */
bool schedule_is_available(const struct schedule *plan, uint32_t at, const struct asked *asked, struct schedule_hits *hits);
bool schedule_has_time_to_travel(const struct schedule *plan, uint32_t at, const struct asked *asked, struct schedule_hits *hits);
bool schedule_is_within_hours(const struct schedule *plan, uint32_t at, const struct asked *asked, struct schedule_hits *hits);

void schedule_hit_add(struct schedule_hits *hits, const struct schedule_hit *hit);

static inline int32_t floor_div(int32_t a, int32_t b) { return a / b - (a % b < 0); }
