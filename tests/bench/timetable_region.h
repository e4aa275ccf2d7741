/* bench/timetable_region.h - a term of a whole region, made up. */
#pragma once
#include "schedule/term.h"

COPP_MUST_USE bool bench_region_term(uint32_t lectures, struct schedule_term *term, struct error *err);
