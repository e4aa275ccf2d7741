/* Free places: bells × rooms × days. Words decide nearly all of it; only what they cannot decide is looked up. */
#include "schedule/inside.h"

static bool may_take(const struct schedule *plan, uint32_t at, uint16_t qty, const struct asked *asked) {
  const struct resource *resource = &plan->resource[at];
  enum busy busy = schedule_busy_ask(resource, asked, qty);
  /* "Surely busy" may be the very booking that is being moved. */
  if (busy == BUSY_YES && asked->except == 0) return false;
  if (busy != BUSY_NO && !schedule_busy_is_free(resource, asked->start, asked->end, qty, asked->except)) return false;
  return schedule_is_available(plan, at, asked, NULL) && schedule_has_time_to_travel(plan, at, asked, NULL) &&
         schedule_is_within_hours(plan, at, asked, NULL);
}

static bool may_take_all(const struct schedule *plan, const struct schedule_question *question, const struct asked *asked) {
  for (size_t i = 0; i < question->fixed_count; i++) {
    if (!may_take(plan, question->fixed[i].resource, question->fixed[i].qty, asked)) return false;
  }
  return true;
}

/* The first of `any` that is free, or any_count. */
static size_t first_free(const struct schedule *plan, const struct schedule_question *question, const struct asked *asked) {
  size_t i = 0;
  while (i < question->any_count && !may_take(plan, question->any[i], 1, asked)) i++;
  return i;
}

size_t schedule_find_free(const struct schedule *plan, const struct schedule_question *question, struct schedule_place *out,
                          size_t most) {
  size_t found = 0;
  struct asked asked = {.site = question->site, .academic_hours = question->academic_hours,
                        .except = question->except};
  for (int32_t day = question->first_day; day < question->first_day + question->days; day++) {
    for (size_t i = 0; i < question->start_count; i++) {
      if (found == most) return found;
      asked.start = schedule_moment(plan, question->zone, day, question->starts[i]);
      asked.end = asked.start + question->minutes;
      schedule_busy_lay(plan, &asked);
      if (!may_take_all(plan, question, &asked)) continue;
      size_t any = first_free(plan, question, &asked);
      if (question->any_count > 0 && any == question->any_count) continue;
      out[found++] = (struct schedule_place){asked.start, question->any_count > 0 ? (uint32_t)any : 0};
    }
  }
  return found;
}
