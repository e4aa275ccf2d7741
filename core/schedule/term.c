/* A term: checking, freeing, and its cost counted from a draft alone. Nothing here is shared with the search. */
#include "schedule/term.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void schedule_term_free(struct schedule_term *term) {
  for (uint32_t i = 0; i < term->course_count; i++) free(term->course[i].name);
  for (uint32_t i = 0; i < term->room_count; i++) free(term->room[i].name);
  for (uint32_t i = 0; i < term->line_count; i++) {
    free(term->line[i].name);
    free(term->line[i].course);
  }
  free(term->course);
  free(term->room);
  free(term->line);
  free(term->closed);
  free(term->unfit);
  free(term->taken);
  free(term->locked);
  free(term->was);
  free(term->lecture_course);
  *term = (struct schedule_term){0};
}

static bool has_right_size(const struct schedule_term *term, struct error *err) {
  if (term->days == 0 || term->day_periods == 0) return error_set(err, ERR_INVALID, "there are no days or no periods");
  if (term->day_periods > SCHEDULE_MAX_DAY_PERIODS)
    return error_set(err, ERR_INVALID, "%u periods a day, at most %d are possible", term->day_periods, SCHEDULE_MAX_DAY_PERIODS);
  if ((uint64_t)term->days * term->day_periods > SCHEDULE_MAX_PERIODS)
    return error_set(err, ERR_INVALID, "%u days of %u periods: more than %d periods", term->days, term->day_periods, SCHEDULE_MAX_PERIODS);
  if (term->course_count == 0 || term->course_count > SCHEDULE_MAX_COURSES)
    return error_set(err, ERR_INVALID, "%u courses, possible are 1 to %d", term->course_count, SCHEDULE_MAX_COURSES);
  if (term->room_count == 0 || term->room_count > SCHEDULE_MAX_ROOMS)
    return error_set(err, ERR_INVALID, "%u rooms, possible are 1 to %d", term->room_count, SCHEDULE_MAX_ROOMS);
  uint64_t wide = schedule_term_periods(term) > term->room_count ? schedule_term_periods(term) : term->room_count;
  if (wide * term->course_count > SCHEDULE_MAX_CELLS || wide * term->line_count > SCHEDULE_MAX_CELLS ||
      (uint64_t)term->course_count * term->course_count / 8 > SCHEDULE_MAX_CELLS)
    return error_set(err, ERR_INVALID, "the term is too large for one search: divide it by site or by faculty");
  return true;
}

static bool are_lines_right(const struct schedule_term *term, struct error *err) {
  uint8_t *seen = mem_zero(term->course_count);
  bool ok = true;
  for (uint32_t i = 0; ok && i < term->line_count; i++) {
    const struct schedule_line *line = &term->line[i];
    for (uint32_t k = 0; ok && k < line->course_count; k++) {
      uint32_t course = line->course[k];
      if (course >= term->course_count) ok = error_set(err, ERR_INVALID, "line %s names a course that is not there", line->name);
      else if (seen[course]++) ok = error_set(err, ERR_INVALID, "line %s: course %s stands there twice", line->name, term->course[course].name);
    }
    for (uint32_t k = 0; ok && k < line->course_count; k++) seen[line->course[k]] = 0;
  }
  free(seen);
  return ok;
}

bool schedule_term_close(struct schedule_term *term, struct error *err) {
  if (!has_right_size(term, err) || !are_lines_right(term, err)) return false;
  uint64_t lectures = 0;
  for (uint32_t i = 0; i < term->course_count; i++) lectures += term->course[i].lectures;
  if (lectures == 0) return error_set(err, ERR_INVALID, "there are no lectures to place");
  if (lectures > SCHEDULE_MAX_LECTURES) return error_set(err, ERR_INVALID, "%llu lectures, at most %d", (unsigned long long)lectures, SCHEDULE_MAX_LECTURES);
  free(term->lecture_course);
  term->lecture_count = (uint32_t)lectures;
  term->lecture_course = mem_alloc(lectures * sizeof *term->lecture_course);
  for (uint32_t i = 0, at = 0; i < term->course_count; i++) {
    for (uint32_t k = 0; k < term->course[i].lectures; k++) term->lecture_course[at++] = i;
  }
  return true;
}

/* ---- cost */

/* Lectures of a course in each period; two in one period are one lecture too few, as the competition counts. */
static uint16_t *count_periods(const struct schedule_term *term, const struct schedule_at *draft, struct schedule_cost *out) {
  uint32_t periods = schedule_term_periods(term);
  uint16_t *count = mem_zero((size_t)term->course_count * periods * sizeof *count);
  for (uint32_t l = 0; l < term->lecture_count; l++) {
    uint32_t course = term->lecture_course[l];
    if (draft[l].period >= periods || count[course * periods + draft[l].period]++ > 0) out->lectures++;
  }
  return count;
}

static void add_rooms(const struct schedule_term *term, const struct schedule_at *draft, struct schedule_cost *out) {
  uint32_t periods = schedule_term_periods(term);
  uint16_t *taken = mem_zero((size_t)periods * term->room_count * sizeof *taken);
  uint8_t *used = mem_zero((size_t)term->course_count * term->room_count);
  for (uint32_t l = 0; l < term->lecture_count; l++) {
    uint32_t course = term->lecture_course[l], room = draft[l].room;
    if (draft[l].period >= periods) continue;
    if (room >= term->room_count || (term->unfit != NULL && term->unfit[course * term->room_count + room])) out->unfit++;
    if (room >= term->room_count) continue;
    bool is_others = term->taken != NULL && term->taken[room * periods + draft[l].period];
    if (taken[draft[l].period * term->room_count + room]++ > 0 || is_others) out->occupancy++;
    if (term->course[course].learners > term->room[room].seats)
      out->seats += (int64_t)(term->course[course].learners - term->room[room].seats) * term->weight.seat;
    used[course * term->room_count + room] = 1;
  }
  for (uint32_t i = 0; i < term->course_count; i++) {
    int64_t rooms = 0;
    for (uint32_t r = 0; r < term->room_count; r++) rooms += used[i * term->room_count + r];
    if (rooms > 1) out->rooms += (rooms - 1) * term->weight.room;
  }
  free(taken);
  free(used);
}

/* Two courses that share a line meet once however many lines they share. */
static void add_conflicts(const struct schedule_term *term, const uint16_t *count, struct schedule_cost *out) {
  uint32_t periods = schedule_term_periods(term), courses = term->course_count;
  uint8_t *meets = mem_zero(((size_t)courses * courses + 7) / 8);
  for (uint32_t i = 0; i < term->line_count; i++) {
    const struct schedule_line *line = &term->line[i];
    for (uint32_t a = 0; a < line->course_count; a++) {
      for (uint32_t b = 0; b < line->course_count; b++) {
        size_t bit = (size_t)line->course[a] * courses + line->course[b];
        if (line->course[a] >= line->course[b] || (meets[bit / 8] >> bit % 8 & 1)) continue;
        meets[bit / 8] |= (uint8_t)(1 << bit % 8);
        for (uint32_t p = 0; p < periods; p++)
          out->conflicts += count[line->course[a] * periods + p] > 0 && count[line->course[b] * periods + p] > 0;
      }
    }
  }
  free(meets);
}

static void add_days(const struct schedule_term *term, const uint16_t *count, struct schedule_cost *out) {
  uint32_t periods = schedule_term_periods(term);
  for (uint32_t i = 0; i < term->course_count; i++) {
    int64_t used = 0;
    for (uint32_t day = 0; day < term->days; day++) {
      bool is_used = false;
      for (uint32_t k = 0; k < term->day_periods; k++) is_used = is_used || count[i * periods + day * term->day_periods + k] > 0;
      used += is_used;
    }
    if (used < term->course[i].min_days) out->days += (term->course[i].min_days - used) * term->weight.day;
    for (uint32_t p = 0; term->closed != NULL && p < periods; p++) out->availability += term->closed[i * periods + p] && count[i * periods + p] > 0;
  }
}

static void add_day_shape(const struct schedule_line *line, const uint8_t *busy, uint32_t count, struct schedule_cost *out) {
  int64_t lectures = 0, last = -1;
  for (uint32_t k = 0; k < count; k++) {
    if (busy[k] == 0) continue;
    lectures++;
    bool has_neighbour = (k > 0 && busy[k - 1] > 0) || (k + 1 < count && busy[k + 1] > 0);
    if (!has_neighbour) out->shape += line->lonely;
    if (last >= 0) out->shape += ((int64_t)k - last - 1) * line->window;
    last = k;
  }
  if (line->day_limit > 0 && lectures > line->day_limit) out->day_limit += lectures - line->day_limit;
}

static void add_shapes(const struct schedule_term *term, const uint16_t *count, struct schedule_cost *out) {
  uint32_t periods = schedule_term_periods(term);
  for (uint32_t i = 0; i < term->line_count; i++) {
    const struct schedule_line *line = &term->line[i];
    for (uint32_t day = 0; day < term->days; day++) {
      uint8_t busy[SCHEDULE_MAX_DAY_PERIODS] = {0};
      for (uint32_t c = 0; c < line->course_count; c++) {
        for (uint32_t k = 0; k < term->day_periods; k++) busy[k] |= count[line->course[c] * periods + day * term->day_periods + k] > 0;
      }
      add_day_shape(line, busy, term->day_periods, out);
    }
  }
}

void schedule_cost(const struct schedule_term *term, const struct schedule_at *draft, struct schedule_cost *out) {
  *out = (struct schedule_cost){0};
  uint16_t *count = count_periods(term, draft, out);
  add_conflicts(term, count, out);
  add_days(term, count, out);
  add_shapes(term, count, out);
  add_rooms(term, draft, out);
  for (uint32_t l = 0; term->was != NULL && l < term->lecture_count; l++)
    out->moved += (draft[l].period != term->was[l].period || draft[l].room != term->was[l].room) * (int64_t)term->weight.moved;
  free(count);
}

void schedule_write_ctt(const struct schedule_term *term, const struct schedule_at *draft, struct bytes *out) {
  for (uint32_t l = 0; l < term->lecture_count; l++) {
    if (draft[l].period == SCHEDULE_NOWHERE || draft[l].room >= term->room_count) continue;
    bytes_addf(out, "%s %s %u %u\n", term->course[term->lecture_course[l]].name, term->room[draft[l].room].name,
               draft[l].period / term->day_periods, draft[l].period % term->day_periods);
  }
}
