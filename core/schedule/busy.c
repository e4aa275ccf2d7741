/* When one resource is busy: intervals sorted by start, and words of days over them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "schedule/inside.h"

static inline bool is_exclusive(const struct resource *resource) { return resource->is.capacity <= 1; }

static inline int32_t end_of(const struct interval *interval) { return interval->start + interval->minutes; }

/* ---- words of days */

/* Part of the word that lies in [from, to), minutes of the day; quarters rounded outward, or inward. */
static uint64_t quarters(int32_t from, int32_t to, bool outward) {
  if (from < WORD_FROM) from = WORD_FROM;
  if (to > WORD_TO) to = WORD_TO;
  if (from >= to) return 0;
  int32_t first = from - WORD_FROM, last = to - WORD_FROM;
  first = outward ? first / WORD_STEP : (first + WORD_STEP - 1) / WORD_STEP;
  last = outward ? (last + WORD_STEP - 1) / WORD_STEP : last / WORD_STEP;
  if (first >= last) return 0;
  uint64_t upto = last == 64 ? UINT64_MAX : (UINT64_C(1) << last) - 1;
  return upto & ~((UINT64_C(1) << first) - 1);
}

/* Makes room for the words of the days [first, last]. */
static void reach_days(struct resource *resource, int32_t first, int32_t last) {
  size_t size = is_exclusive(resource) ? sizeof(struct day_words) : sizeof(struct day_counts);
  if (resource->day_count > 0 && first >= resource->first_day && last < resource->first_day + resource->day_count) return;
  int32_t from = first, to = last + 1;
  if (resource->day_count > 0) {
    if (resource->first_day < from) from = resource->first_day;
    if (resource->first_day + resource->day_count > to) to = resource->first_day + resource->day_count;
    /* Terms grow forward: a month ahead saves moving the words each week. */
    if (to > resource->first_day + resource->day_count) to += 30;
  }
  char *fresh = mem_zero((size_t)(to - from) * size);
  if (resource->day_count > 0)
    memcpy(fresh + (size_t)(resource->first_day - from) * size, resource->words, (size_t)resource->day_count * size);
  free(resource->words);
  resource->words = (struct day_words *)(void *)fresh;
  resource->first_day = from;
  resource->day_count = (uint16_t)(to - from);
}

static inline struct day_words *words_of(const struct resource *resource, int32_t day) {
  int32_t at = day - resource->first_day;
  return at < 0 || at >= resource->day_count ? NULL : &resource->words[at];
}

static inline struct day_counts *counts_of(const struct resource *resource, int32_t day) {
  int32_t at = day - resource->first_day;
  return at < 0 || at >= resource->day_count ? NULL : &resource->counts[at];
}

static void count_day(struct day_counts *counts, uint64_t bits, int32_t qty) {
  for (; bits != 0; bits &= bits - 1) {
    uint32_t *used = &counts->used[__builtin_ctzll(bits)];
    *used += (uint32_t)qty; /* wraps back when units are taken away */
  }
}

/* Lays an interval over the words of its days: qty > 0 adds units, < 0 takes them away (counted resources only). */
static void mark(const struct schedule *plan, struct resource *resource, const struct interval *interval, int32_t qty) {
  int32_t from = interval->start + plan->base_offset, to = end_of(interval) + plan->base_offset;
  int32_t first = floor_div(from, DAY_MINUTES), last = floor_div(to - 1, DAY_MINUTES);
  reach_days(resource, first, last);
  for (int32_t day = first; day <= last; day++) {
    int32_t midnight = day * DAY_MINUTES;
    uint64_t touched = quarters(from - midnight, to - midnight, true);
    if (!is_exclusive(resource)) {
      count_day(counts_of(resource, day), touched, qty);
      continue;
    }
    struct day_words *words = words_of(resource, day);
    words->touched |= touched;
    words->full |= quarters(from - midnight, to - midnight, false);
  }
}

/* The words of the days that [start, end) lies in, anew from the intervals that are left. */
static void remark(const struct schedule *plan, struct resource *resource, int32_t start, int32_t end) {
  int32_t first = floor_div(start + plan->base_offset, DAY_MINUTES), last = floor_div(end - 1 + plan->base_offset, DAY_MINUTES);
  int32_t from = first * DAY_MINUTES - plan->base_offset, to = (last + 1) * DAY_MINUTES - plan->base_offset;
  for (int32_t day = first; day <= last; day++) {
    struct day_words *words = words_of(resource, day);
    if (words != NULL) *words = (struct day_words){0};
  }
  for (uint32_t i = schedule_busy_from(resource, from); i < resource->count && resource->interval[i].start < to; i++) {
    if (end_of(&resource->interval[i]) > from) mark(plan, resource, &resource->interval[i], 1);
  }
}

/* ---- intervals */

/* Where `start` would lie if the time between the first booking and the last were filled evenly. Timetables nearly are:
 * the true place is a cache line or two away, where halving from the middle would touch five. */
static uint32_t guess(const struct resource *resource, int32_t start) {
  if (start <= resource->first || resource->last <= resource->first) return 0;
  /* Floats divide faster, and a guess need not be exact. */
  float at = ((float)start - (float)resource->first) * (float)resource->count / ((float)resource->last - (float)resource->first);
  return at < (float)resource->count ? (uint32_t)at : resource->count;
}

static void note_ends(struct resource *resource) {
  resource->first = resource->count > 0 ? resource->interval[0].start : 0;
  resource->last = resource->count > 0 ? resource->interval[resource->count - 1].start : 0;
}

static bool is_before(const struct interval *at, int32_t start, uint64_t id) {
  return at->start < start || (at->start == start && at->id < id);
}

/* First interval that does not begin before `start` (nor, at the same start, at a smaller id). */
static uint32_t lower_bound(const struct resource *resource, int32_t start, uint64_t id) {
  uint32_t low = guess(resource, start), high = low;
  const struct interval *interval = resource->interval;
  for (uint32_t step = 4; low > 0 && !is_before(&interval[low - 1], start, id); step *= 2) {
    high = low - 1;
    low = low > step ? low - step : 0;
  }
  for (uint32_t step = 4; high < resource->count && is_before(&interval[high], start, id); step *= 2) {
    low = high + 1;
    high = resource->count - high > step ? high + step : resource->count;
  }
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (is_before(&interval[middle], start, id)) low = middle + 1;
    else high = middle;
  }
  return low;
}

uint32_t schedule_busy_from(const struct resource *resource, int32_t moment) {
  return lower_bound(resource, moment - resource->longest, 0);
}

void schedule_busy_lay(const struct schedule *plan, struct asked *asked) {
  int32_t local = asked->start + plan->base_offset;
  asked->word_day = floor_div(local, DAY_MINUTES);
  int32_t from = local - asked->word_day * DAY_MINUTES, to = from + asked->end - asked->start;
  asked->has_words = from >= WORD_FROM && to <= WORD_TO;
  asked->bits = asked->has_words ? quarters(from, to, true) : 0;
}

void schedule_busy_prefetch(const struct resource *resource, const struct asked *asked) {
  if (is_exclusive(resource)) __builtin_prefetch(words_of(resource, asked->word_day));
  else __builtin_prefetch(counts_of(resource, asked->word_day));
  /* Three lines around the guess; an address that is nobody's does no harm. */
  uintptr_t around = (uintptr_t)resource->interval + guess(resource, asked->start) * sizeof *resource->interval;
  for (int line = -1; line <= 1; line++) __builtin_prefetch((const void *)(around + (uintptr_t)(line * 64)));
}

void schedule_busy_add(struct schedule *plan, struct resource *resource, const struct interval *added) {
  if (resource->count == resource->capacity) {
    resource->capacity += resource->capacity / 4 + 8;
    resource->interval = mem_grow(resource->interval, resource->capacity * sizeof *resource->interval);
  }
  uint32_t at = lower_bound(resource, added->start, added->id);
  struct interval *place = resource->interval + at;
  memmove(place + 1, place, (resource->count - at) * sizeof *place);
  *place = *added;
  resource->count++;
  note_ends(resource);
  if (added->minutes > resource->longest) resource->longest = added->minutes;
  mark(plan, resource, added, added->qty);
}

void schedule_busy_remove(struct schedule *plan, struct resource *resource, int32_t start, uint64_t id) {
  uint32_t at = lower_bound(resource, start, id);
  assert(at < resource->count && resource->interval[at].id == id);
  struct interval gone = resource->interval[at];
  resource->count--;
  memmove(resource->interval + at, resource->interval + at + 1, (resource->count - at) * sizeof gone);
  note_ends(resource);
  if (is_exclusive(resource)) remark(plan, resource, gone.start, end_of(&gone));
  else mark(plan, resource, &gone, -(int32_t)gone.qty);
}

void schedule_busy_recount(struct schedule *plan, struct resource *resource) {
  free(resource->words);
  resource->words = NULL;
  resource->day_count = 0;
  for (uint32_t i = 0; i < resource->count; i++) mark(plan, resource, &resource->interval[i], resource->interval[i].qty);
}

void schedule_busy_deinit(struct resource *resource) {
  free(resource->interval);
  free(resource->words);
}

/* ---- questions */

static enum busy ask_counts(const struct resource *resource, int32_t day, uint64_t bits, uint16_t qty) {
  const struct day_counts *counts = counts_of(resource, day);
  if (qty > resource->is.capacity) return BUSY_YES;
  for (; counts != NULL && bits != 0; bits &= bits - 1) {
    if (counts->used[__builtin_ctzll(bits)] + qty > resource->is.capacity) return BUSY_PERHAPS;
  }
  return BUSY_NO;
}

enum busy schedule_busy_ask(const struct resource *resource, const struct asked *asked, uint16_t qty) {
  if (!asked->has_words) return BUSY_PERHAPS;
  if (!is_exclusive(resource)) return ask_counts(resource, asked->word_day, asked->bits, qty);
  const struct day_words *words = words_of(resource, asked->word_day);
  if (words == NULL || (words->touched & asked->bits) == 0) return BUSY_NO;
  /* A full quarter that the question also touches is an overlap, whatever the rounding. */
  return (words->full & asked->bits) != 0 ? BUSY_YES : BUSY_PERHAPS;
}

/* Units in use change only where a booking begins: the peak is at the start of the question or at one of those. */
int32_t schedule_busy_peak(const struct resource *resource, int32_t start, int32_t end, uint64_t except) {
  uint32_t first = schedule_busy_from(resource, start);
  int32_t peak = 0;
  for (uint32_t i = first; i <= resource->count; i++) {
    bool is_first = i == first;
    if (!is_first && resource->interval[i - 1].start >= end) break;
    int32_t moment = is_first ? start : resource->interval[i - 1].start;
    if (moment < start) continue;
    int32_t used = 0;
    for (uint32_t k = first; k < resource->count && resource->interval[k].start <= moment; k++) {
      const struct interval *other = &resource->interval[k];
      if (end_of(other) > moment && other->id != except) used += other->qty;
    }
    if (used > peak) peak = used;
  }
  return peak;
}

bool schedule_busy_is_free(const struct resource *resource, int32_t start, int32_t end, uint16_t qty, uint64_t except) {
  if (!is_exclusive(resource)) return schedule_busy_peak(resource, start, end, except) + qty <= resource->is.capacity;
  for (uint32_t i = schedule_busy_from(resource, start); i < resource->count && resource->interval[i].start < end; i++) {
    if (end_of(&resource->interval[i]) > start && resource->interval[i].id != except) return false;
  }
  return true;
}
