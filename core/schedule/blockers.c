/* Why there can be no plan: a line's lectures are matched to the periods they may have; where the matching falls short,
 * courses are left out one by one while it still does. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "schedule/term.h"

struct matching {
  const struct schedule_term *term;
  uint32_t *taken; /* period → course + 1 */
  uint8_t *seen;   /* periods of this round */
};

/* A period serves a course when it is not closed to it and a room that fits is not somebody else's. */
static bool is_open(const struct schedule_term *term, uint32_t course, uint32_t period) {
  uint32_t periods = schedule_term_periods(term);
  if (term->closed != NULL && term->closed[course * periods + period]) return false;
  bool has_room = term->unfit == NULL && term->taken == NULL;
  for (uint32_t room = 0; !has_room && room < term->room_count; room++)
    has_room = (term->unfit == NULL || !term->unfit[course * term->room_count + room]) && (term->taken == NULL || !term->taken[room * periods + period]);
  return has_room;
}

/* Finds a period for one more lecture of the course, moving others along. Depth is bounded by the number of periods. */
static bool seat(struct matching *matching, uint32_t course) {
  uint32_t periods = schedule_term_periods(matching->term);
  for (uint32_t p = 0; p < periods; p++) {
    if (matching->seen[p] || !is_open(matching->term, course, p)) continue;
    matching->seen[p] = 1;
    if (matching->taken[p] != 0 && !seat(matching, matching->taken[p] - 1)) continue;
    matching->taken[p] = course + 1;
    return true;
  }
  return false;
}

static bool fits(struct matching *matching, const uint32_t *course, uint32_t count) {
  uint32_t periods = schedule_term_periods(matching->term);
  memset(matching->taken, 0, periods * sizeof *matching->taken);
  for (uint32_t i = 0; i < count; i++) {
    for (uint32_t k = 0; k < matching->term->course[course[i]].lectures; k++) {
      memset(matching->seen, 0, periods);
      if (!seat(matching, course[i])) return false;
    }
  }
  return true;
}

static void describe(const struct schedule_term *term, const struct schedule_line *line, struct schedule_blockers *out) {
  out->line = line;
  out->needed = out->open = 0;
  for (uint32_t i = 0; i < out->count; i++) out->needed += term->course[out->course[i]].lectures;
  for (uint32_t p = 0; p < schedule_term_periods(term); p++) {
    bool any = false;
    for (uint32_t i = 0; i < out->count; i++) any = any || is_open(term, out->course[i], p);
    out->open += any;
  }
}

/* Keeps *out as it is when that is the smaller set. */
static void try_courses(struct matching *matching, const struct schedule_line *line, const uint32_t *course, uint32_t count,
                        struct schedule_blockers *out) {
  if (fits(matching, course, count)) return;
  uint32_t *kept = mem_alloc(count * sizeof *kept), left = count;
  memcpy(kept, course, count * sizeof *kept);
  for (uint32_t i = 0; i < left;) {
    uint32_t one = kept[i];
    memmove(kept + i, kept + i + 1, (left - i - 1) * sizeof *kept);
    if (!fits(matching, kept, left - 1)) {
      left--;
      continue;
    }
    memmove(kept + i + 1, kept + i, (left - i - 1) * sizeof *kept);
    kept[i++] = one;
  }
  if (out->course != NULL && out->count <= left) {
    free(kept);
    return;
  }
  free(out->course);
  out->course = kept;
  out->count = left;
  describe(matching->term, line, out);
}

bool schedule_term_blockers(const struct schedule_term *term, struct schedule_blockers *out) {
  *out = (struct schedule_blockers){0};
  uint32_t periods = schedule_term_periods(term);
  struct matching matching = {term, mem_alloc(periods * sizeof *matching.taken), mem_alloc(periods)};
  for (uint32_t i = 0; i < term->course_count; i++) try_courses(&matching, NULL, &i, 1, out);
  for (uint32_t i = 0; out->course == NULL && i < term->line_count; i++)
    try_courses(&matching, &term->line[i], term->line[i].course, term->line[i].course_count, out);
  free(matching.taken);
  free(matching.seen);
  if (out->course != NULL) return true;
  if (term->lecture_count <= (uint64_t)periods * term->room_count) return false;
  *out = (struct schedule_blockers){.needed = term->lecture_count, .open = periods * term->room_count};
  return true;
}

void schedule_blockers_deinit(struct schedule_blockers *blockers) {
  free(blockers->course);
  *blockers = (struct schedule_blockers){0};
}
