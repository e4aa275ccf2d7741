/* Instances of timetabling: anything is read or refused, and what is read can be asked why it is impossible and be searched. */
#include <stdlib.h>

#include "schedule/term.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct schedule_term term;
  struct error err = {0};
  if (!schedule_term_read_ctt((struct slice){(const char *)data, size}, &term, &err)) {
    if (err.text[0] == '\0') abort();
    return 0;
  }
  struct schedule_blockers why;
  bool is_small = term.lecture_count <= 200 && (uint64_t)term.course_count * schedule_term_periods(&term) * term.room_count <= 100000;
  bool is_blocked = is_small && schedule_term_blockers(&term, &why);
  if (is_small && !is_blocked) {
    struct schedule_at *draft = malloc(term.lecture_count * sizeof *draft);
    struct schedule_cost cost;
    int32_t hard;
    bool is_found = schedule_solve(&term, &(struct schedule_solve_options){.seed = 1, .moves = 2000}, draft, &hard);
    schedule_cost(&term, draft, &cost);
    if (is_found != (schedule_hard(&cost) == 0)) abort();
    free(draft);
  }
  if (is_small) schedule_blockers_deinit(&why);
  schedule_term_free(&term);
  return 0;
}
