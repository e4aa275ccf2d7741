/* The public format of curriculum-based timetabling: sections of lines, fields between white space. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "schedule/term.h"

enum { MAX_FIELDS = 4096, SECTION_COUNT = 5 };

static const char *const SECTION[SECTION_COUNT] = {"COURSES:", "ROOMS:", "CURRICULA:", "UNAVAILABILITY_CONSTRAINTS:", "ROOM_CONSTRAINTS:"};

/* Names to numbers: open addressing, so that a file of names only does not become quadratic. */
struct names {
  const struct slice *name; /* the reader's, by number */
  uint32_t *place;          /* number + 1; 0: empty. Owned */
  uint32_t mask;
};

struct reader {
  struct schedule_term *term;
  struct error *err;
  struct slice rest;
  int line_no;
  struct slice field[MAX_FIELDS];
  int field_count;
  int section;                  /* -1: the head */
  bool is_ended;
  uint32_t promised[SECTION_COUNT], read[SECTION_COUNT];
  bool is_promised[SECTION_COUNT];
  bool has_days, has_periods;
  struct slice *course, *room, *teacher; /* owned arrays of names in the text */
  uint32_t teacher_count;
  uint32_t *course_teacher;
  struct names courses, rooms, teachers;
};

static struct slice *grown(struct slice *list, uint32_t count) {
  return (count & (count - 1)) == 0 ? mem_grow(list, (count == 0 ? 1 : count * 2) * sizeof *list) : list;
}

static uint32_t hash_of(struct slice name) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < name.len; i++) hash = (hash ^ (uint8_t)name.data[i]) * 16777619u;
  return hash;
}

static bool is_same(struct slice a, struct slice b) { return a.len == b.len && memcmp(a.data, b.data, a.len) == 0; }

static uint32_t *place_of(struct names *names, const struct slice *list, struct slice name) {
  uint32_t at = hash_of(name) & names->mask;
  while (names->place[at] != 0 && !is_same(list[names->place[at] - 1], name)) at = (at + 1) & names->mask;
  return &names->place[at];
}

/* Numbers are given in order: `number` is the count so far. */
static void name_add(struct names *names, const struct slice *list, uint32_t number) {
  if (names->place == NULL || (number + 1) * 2 > names->mask) {
    free(names->place);
    names->mask = names->mask == 0 ? 63 : names->mask * 2 + 1;
    names->place = mem_zero((names->mask + 1ull) * sizeof *names->place);
    for (uint32_t i = 0; i < number; i++) *place_of(names, list, list[i]) = i + 1;
  }
  *place_of(names, list, list[number]) = number + 1;
}

/* UINT32_MAX: unknown. */
static uint32_t name_find(struct names *names, const struct slice *list, struct slice name) {
  return names->place == NULL ? UINT32_MAX : *place_of(names, list, name) - 1;
}

static bool wrong(struct reader *reader, const char *what, struct slice which) {
  return error_set(reader->err, ERR_INVALID, "line %d: %s%s%.*s", reader->line_no, what, which.len > 0 ? " " : "",
                   (int)(which.len < 100 ? which.len : 100), which.len > 0 ? which.data : "");
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }

/* The next line that is not empty, cut into fields. False at the end of the text. */
static bool next_line(struct reader *reader) {
  while (reader->rest.len > 0) {
    const char *feed = memchr(reader->rest.data, '\n', reader->rest.len);
    size_t len = feed != NULL ? (size_t)(feed - reader->rest.data) : reader->rest.len;
    const char *at = reader->rest.data, *end = at + len;
    size_t used = feed != NULL ? len + 1 : len;
    reader->rest = (struct slice){reader->rest.data + used, reader->rest.len - used};
    reader->line_no++;
    reader->field_count = 0;
    while (at < end) {
      while (at < end && is_blank(*at)) at++;
      const char *from = at;
      while (at < end && !is_blank(*at)) at++;
      if (at == from) break;
      if (reader->field_count < MAX_FIELDS) reader->field[reader->field_count] = (struct slice){from, (size_t)(at - from)};
      reader->field_count++;
    }
    if (reader->field_count > 0) return true;
  }
  return false;
}

static bool number(struct reader *reader, int at, uint32_t most, uint32_t *out) {
  if (at >= reader->field_count) return wrong(reader, "a number is missing", (struct slice){0});
  struct slice field = reader->field[at];
  uint64_t value = 0;
  for (size_t i = 0; i < field.len; i++) {
    if (field.data[i] < '0' || field.data[i] > '9' || value > most) return wrong(reader, "a number is expected, not", field);
    value = value * 10 + (uint64_t)(field.data[i] - '0');
  }
  if (value > most) return wrong(reader, "the number is too large:", field);
  *out = (uint32_t)value;
  return true;
}

static bool read_head(struct reader *reader) {
  static const struct { const char *word; int section; } counts[] = {
      {"Courses:", 0}, {"Rooms:", 1}, {"Curricula:", 2}, {"Constraints:", 3}, {"UnavailabilityConstraints:", 3}, {"RoomConstraints:", 4}};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    if (!slice_is(reader->field[0], counts[i].word)) continue;
    reader->is_promised[counts[i].section] = true;
    return number(reader, 1, 100000000, &reader->promised[counts[i].section]);
  }
  if (slice_is(reader->field[0], "Days:")) return reader->has_days = number(reader, 1, SCHEDULE_MAX_PERIODS, &reader->term->days);
  if (slice_is(reader->field[0], "Periods_per_day:"))
    return reader->has_periods = number(reader, 1, SCHEDULE_MAX_DAY_PERIODS, &reader->term->day_periods);
  return true; /* Name: and what other dialects add */
}

static uint32_t teacher_of(struct reader *reader, struct slice name) {
  uint32_t known = name_find(&reader->teachers, reader->teacher, name);
  if (known != UINT32_MAX) return known;
  reader->teacher = grown(reader->teacher, reader->teacher_count);
  reader->teacher[reader->teacher_count] = name;
  name_add(&reader->teachers, reader->teacher, reader->teacher_count);
  return reader->teacher_count++;
}

static bool read_course(struct reader *reader) {
  struct schedule_term *term = reader->term;
  uint32_t lectures, min_days, learners;
  if (reader->field_count < 5) return wrong(reader, "a course has a name, a teacher and three numbers; here is", reader->field[0]);
  if (!number(reader, 2, 10000, &lectures) || !number(reader, 3, 10000, &min_days) || !number(reader, 4, 1000000, &learners)) return false;
  if (name_find(&reader->courses, reader->course, reader->field[0]) != UINT32_MAX) return wrong(reader, "a second course", reader->field[0]);
  if (term->course_count == SCHEDULE_MAX_COURSES) return wrong(reader, "too many courses", (struct slice){0});
  uint32_t at = term->course_count;
  reader->course = grown(reader->course, at);
  if ((at & (at - 1)) == 0) {
    term->course = mem_grow(term->course, (at == 0 ? 1 : at * 2) * sizeof *term->course);
    reader->course_teacher = mem_grow(reader->course_teacher, (at == 0 ? 1 : at * 2) * sizeof *reader->course_teacher);
  }
  reader->course[at] = reader->field[0];
  reader->course_teacher[at] = teacher_of(reader, reader->field[1]);
  term->course[at] = (struct schedule_course){.name = mem_dup_n(reader->field[0].data, reader->field[0].len), .lectures = (uint16_t)lectures,
                                              .min_days = (uint16_t)min_days, .learners = learners};
  name_add(&reader->courses, reader->course, at);
  term->course_count++;
  return true;
}

static bool read_room(struct reader *reader) {
  struct schedule_term *term = reader->term;
  uint32_t seats, at = term->room_count;
  if (!number(reader, 1, 1000000, &seats)) return false;
  if (name_find(&reader->rooms, reader->room, reader->field[0]) != UINT32_MAX) return wrong(reader, "a second room", reader->field[0]);
  if (at == SCHEDULE_MAX_ROOMS) return wrong(reader, "too many rooms", (struct slice){0});
  reader->room = grown(reader->room, at);
  if ((at & (at - 1)) == 0) term->room = mem_grow(term->room, (at == 0 ? 1 : at * 2) * sizeof *term->room);
  reader->room[at] = reader->field[0];
  term->room[at] = (struct schedule_place_room){.name = mem_dup_n(reader->field[0].data, reader->field[0].len), .seats = seats};
  name_add(&reader->rooms, reader->room, at);
  term->room_count++;
  return true;
}

static struct schedule_line *add_line(struct schedule_term *term, struct slice name, uint32_t most) {
  uint32_t at = term->line_count;
  if ((at & (at - 1)) == 0) term->line = mem_grow(term->line, (at == 0 ? 1 : at * 2) * sizeof *term->line);
  struct schedule_line *line = &term->line[term->line_count++];
  *line = (struct schedule_line){.name = mem_dup_n(name.data, name.len), .course = mem_alloc(most * sizeof *line->course)};
  return line;
}

static bool read_curriculum(struct reader *reader) {
  uint32_t promised;
  if (!number(reader, 1, MAX_FIELDS - 2, &promised)) return false;
  if (reader->field_count != (int)promised + 2) return wrong(reader, "as many courses as promised are expected in curriculum", reader->field[0]);
  struct schedule_line *line = add_line(reader->term, reader->field[0], promised);
  line->lonely = 2;
  for (uint32_t i = 0; i < promised; i++) {
    uint32_t course = name_find(&reader->courses, reader->course, reader->field[i + 2]);
    if (course == UINT32_MAX) return wrong(reader, "an unknown course in a curriculum:", reader->field[i + 2]);
    for (uint32_t k = 0; k < line->course_count; k++) {
      if (line->course[k] == course) return wrong(reader, "a course stands twice in its curriculum:", reader->field[i + 2]);
    }
    line->course[line->course_count++] = course;
  }
  return true;
}

static bool read_closed(struct reader *reader) {
  struct schedule_term *term = reader->term;
  uint32_t day, period, course = name_find(&reader->courses, reader->course, reader->field[0]);
  if (course == UINT32_MAX) return wrong(reader, "an unknown course in a constraint:", reader->field[0]);
  if (!number(reader, 1, SCHEDULE_MAX_PERIODS, &day) || !number(reader, 2, SCHEDULE_MAX_PERIODS, &period)) return false;
  if (day >= term->days || period >= term->day_periods) return wrong(reader, "a constraint outside of the week, of course", reader->field[0]);
  uint64_t cells = (uint64_t)term->course_count * schedule_term_periods(term);
  if (cells > SCHEDULE_MAX_CELLS) return wrong(reader, "too many courses and periods", (struct slice){0});
  if (term->closed == NULL) term->closed = mem_zero(cells);
  term->closed[course * schedule_term_periods(term) + day * term->day_periods + period] = 1;
  return true;
}

/* Rooms that a course should not use are no part of the costs counted here; the names must be known all the same. */
static bool read_unfit(struct reader *reader) {
  if (name_find(&reader->courses, reader->course, reader->field[0]) == UINT32_MAX) return wrong(reader, "an unknown course:", reader->field[0]);
  if (reader->field_count < 2) return wrong(reader, "a room is missing", (struct slice){0});
  if (name_find(&reader->rooms, reader->room, reader->field[1]) == UINT32_MAX) return wrong(reader, "an unknown room:", reader->field[1]);
  return true;
}

static bool begins_section(struct reader *reader) {
  for (int i = 0; i < SECTION_COUNT; i++) {
    if (!slice_is(reader->field[0], SECTION[i])) continue;
    reader->section = i;
    return true;
  }
  return false;
}

static bool read_entry(struct reader *reader) {
  reader->read[reader->section]++;
  switch (reader->section) {
    case 0: return reader->term->closed == NULL ? read_course(reader) : wrong(reader, "a course after the constraints:", reader->field[0]);
    case 1: return read_room(reader);
    case 2: return read_curriculum(reader);
    case 3: return read_closed(reader);
    default: return read_unfit(reader);
  }
}

static bool read_lines(struct reader *reader) {
  while (!reader->is_ended && next_line(reader)) {
    if (reader->field_count > MAX_FIELDS) return wrong(reader, "too many fields", (struct slice){0});
    if (slice_is(reader->field[0], "END.")) reader->is_ended = true;
    else if (begins_section(reader)) continue;
    else if (!(reader->section < 0 ? read_head(reader) : read_entry(reader))) return false;
  }
  return true;
}

static bool is_whole(struct reader *reader) {
  static const char *const what[SECTION_COUNT] = {"courses", "rooms", "curricula", "constraints", "room constraints"};
  if (!reader->has_days || !reader->has_periods) return error_set(reader->err, ERR_INVALID, "the head does not tell Days and Periods_per_day");
  for (int i = 0; i < SECTION_COUNT; i++) {
    if (i < 3 && !reader->is_promised[i]) return error_set(reader->err, ERR_INVALID, "the head does not tell the number of %s", what[i]);
    if (reader->is_promised[i] && reader->promised[i] != reader->read[i])
      return error_set(reader->err, ERR_INVALID, "%u %s are promised, %u are there%s", reader->promised[i], what[i], reader->read[i],
                       reader->is_ended ? "" : ": the file is cut off");
  }
  return reader->is_ended || error_set(reader->err, ERR_INVALID, "END. is missing: the file is cut off");
}

/* A teacher is a line whose days may have any shape. */
static void add_teachers(struct reader *reader) {
  struct schedule_term *term = reader->term;
  uint32_t *count = mem_zero(reader->teacher_count * sizeof *count);
  uint32_t *line_of = mem_zero(reader->teacher_count * sizeof *line_of);
  for (uint32_t i = 0; i < term->course_count; i++) count[reader->course_teacher[i]]++;
  for (uint32_t t = 0; t < reader->teacher_count; t++) {
    if (count[t] < 2) continue;
    add_line(term, reader->teacher[t], count[t]);
    line_of[t] = term->line_count;
  }
  for (uint32_t i = 0; i < term->course_count; i++) {
    uint32_t line = line_of[reader->course_teacher[i]];
    if (line > 0) term->line[line - 1].course[term->line[line - 1].course_count++] = i;
  }
  free(count);
  free(line_of);
}

bool schedule_term_read_ctt(struct slice text, struct schedule_term *term, struct error *err) {
  *term = (struct schedule_term){.weight = {.seat = 1, .day = 5, .room = 1}};
  struct reader *reader = mem_zero(sizeof *reader);
  *reader = (struct reader){.term = term, .err = err, .rest = text, .section = -1};
  if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) reader->rest = (struct slice){text.data + 3, text.len - 3};
  bool ok = read_lines(reader) && is_whole(reader);
  if (ok) add_teachers(reader);
  ok = ok && schedule_term_close(term, err);
  if (!ok) schedule_term_free(term);
  free(reader->course);
  free(reader->room);
  free(reader->teacher);
  free(reader->course_teacher);
  free(reader->courses.place);
  free(reader->rooms.place);
  free(reader->teachers.place);
  free(reader);
  return ok;
}
