#include "script/term_table.h"

#include <lauxlib.h>
#include <string.h>

#include "base/mem.h"

static lua_Integer whole(lua_State *L, int idx, const char *name, lua_Integer otherwise, lua_Integer most) {
  int type = lua_getfield(L, idx, name);
  int is_integer;
  lua_Integer value = type == LUA_TNIL ? otherwise : lua_tointegerx(L, -1, &is_integer);
  if (type != LUA_TNIL && !is_integer) luaL_error(L, "%s: a whole number expected", name);
  if (value < 0 || value > most) luaL_error(L, "%s: 0 to %I expected", name, (LUAI_UACINT)most);
  lua_pop(L, 1);
  return value;
}

static char *name_of(lua_State *L, int idx) {
  size_t len;
  lua_getfield(L, idx, "name");
  const char *text = luaL_optlstring(L, -1, "", &len);
  char *copy = mem_dup_n(text, len);
  lua_pop(L, 1);
  return copy;
}

/* Pushes the list; its length is bounded before anything is made of it. */
static uint32_t list_of(lua_State *L, int idx, const char *name, lua_Integer most) {
  if (lua_getfield(L, idx, name) != LUA_TTABLE) luaL_error(L, "%s: a list expected", name);
  lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
  if (count > most) luaL_error(L, "%s: more than %I", name, (LUAI_UACINT)most);
  return (uint32_t)count;
}

static void entry(lua_State *L, uint32_t at, const char *name) {
  if (lua_rawgeti(L, -1, at + 1) != LUA_TTABLE) luaL_error(L, "%s: tables expected", name);
}

/* "0110…" of the entry on top into a row of a table of bytes, which is made when the first one has it. */
static void read_bits(lua_State *L, const char *name, uint8_t **table, uint32_t rows, uint32_t row, uint32_t width) {
  size_t len;
  if (lua_getfield(L, -1, name) != LUA_TNIL) {
    const char *bits = luaL_checklstring(L, -1, &len);
    if (len != width) luaL_error(L, "%s: %d signs expected", name, (int)width);
    if (*table == NULL) *table = mem_zero((size_t)rows * width);
    for (size_t i = 0; i < len; i++) (*table)[(size_t)row * width + i] = bits[i] == '1';
  }
  lua_pop(L, 1);
}

static void read_rooms(lua_State *L, int idx, struct schedule_term *term) {
  uint32_t count = list_of(L, idx, "rooms", SCHEDULE_MAX_ROOMS);
  term->room = mem_zero((count + 1ull) * sizeof *term->room);
  for (uint32_t i = 0; i < count; i++) {
    entry(L, i, "rooms");
    int at = lua_gettop(L);
    uint32_t seats = (uint32_t)whole(L, at, "seats", 0, 1000000);
    term->room[term->room_count++] = (struct schedule_place_room){.name = name_of(L, at), .seats = seats};
    read_bits(L, "taken", &term->taken, count, i, schedule_term_periods(term));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static void read_courses(lua_State *L, int idx, struct schedule_term *term) {
  uint32_t count = list_of(L, idx, "courses", SCHEDULE_MAX_COURSES);
  term->course = mem_zero((count + 1ull) * sizeof *term->course);
  for (uint32_t i = 0; i < count; i++) {
    entry(L, i, "courses");
    int at = lua_gettop(L);
    struct schedule_course *course = &term->course[term->course_count];
    course->lectures = (uint16_t)whole(L, at, "lectures", 1, SCHEDULE_MAX_PERIODS);
    course->min_days = (uint16_t)whole(L, at, "min_days", 0, SCHEDULE_MAX_PERIODS);
    course->learners = (uint32_t)whole(L, at, "learners", 0, 1000000);
    course->name = name_of(L, at);
    term->course_count++;
    read_bits(L, "closed", &term->closed, count, i, schedule_term_periods(term));
    read_bits(L, "unfit", &term->unfit, count, i, term->room_count);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static void read_line(lua_State *L, struct schedule_line *line) {
  int at = lua_gettop(L);
  line->day_limit = (uint8_t)whole(L, at, "day_limit", 0, SCHEDULE_MAX_DAY_PERIODS);
  line->lonely = (uint8_t)whole(L, at, "lonely", 0, 255);
  line->window = (uint8_t)whole(L, at, "window", 0, 255);
  line->name = name_of(L, at);
  uint32_t count = list_of(L, at, "courses", SCHEDULE_MAX_COURSES);
  line->course = mem_zero((count + 1ull) * sizeof *line->course);
  for (uint32_t i = 0; i < count; i++) {
    int is_integer;
    lua_rawgeti(L, -1, i + 1);
    lua_Integer course = lua_tointegerx(L, -1, &is_integer);
    if (!is_integer || course < 1 || course > SCHEDULE_MAX_COURSES) luaL_error(L, "lines: numbers of courses expected");
    line->course[line->course_count++] = (uint32_t)course - 1;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static void read_lines(lua_State *L, int idx, struct schedule_term *term) {
  uint32_t count = list_of(L, idx, "lines", SCHEDULE_MAX_LECTURES);
  term->line = mem_zero((count + 1ull) * sizeof *term->line);
  for (uint32_t i = 0; i < count; i++) {
    entry(L, i, "lines");
    read_line(L, &term->line[term->line_count++]);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static void read_weights(lua_State *L, int idx, struct schedule_term *term) {
  if (lua_getfield(L, idx, "weights") == LUA_TTABLE) {
    int at = lua_gettop(L);
    term->weight = (struct schedule_weights){.seat = (int32_t)whole(L, at, "seat", 0, 1000), .day = (int32_t)whole(L, at, "day", 0, 1000),
                                             .room = (int32_t)whole(L, at, "room", 0, 1000), .moved = (int32_t)whole(L, at, "moved", 0, 1000)};
  }
  lua_pop(L, 1);
}

/* was = { period, room, period, room, … } from 1, 0: nowhere; locked = "0100…": a sign a lecture. After schedule_term_close(). */
static void read_was(lua_State *L, int idx, struct schedule_term *term) {
  if (lua_getfield(L, idx, "was") == LUA_TTABLE) {
    if (lua_rawlen(L, -1) != term->lecture_count * 2ull) luaL_error(L, "was: two numbers a lecture expected");
    term->was = mem_alloc(term->lecture_count * sizeof *term->was);
    for (uint32_t i = 0; i < term->lecture_count; i++) {
      lua_rawgeti(L, -1, i * 2 + 1);
      lua_rawgeti(L, -2, i * 2 + 2);
      lua_Integer period = lua_tointeger(L, -2), room = lua_tointeger(L, -1);
      bool is_placed = period >= 1 && period <= schedule_term_periods(term) && room >= 1 && room <= term->room_count;
      term->was[i] = is_placed ? (struct schedule_at){(uint16_t)(period - 1), (uint16_t)(room - 1)} : (struct schedule_at){SCHEDULE_NOWHERE, 0};
      lua_pop(L, 2);
    }
  }
  lua_pop(L, 1);
}

void script_read_term(lua_State *L, int idx, struct schedule_term *term) {
  luaL_checktype(L, idx, LUA_TTABLE);
  term->days = (uint32_t)whole(L, idx, "days", 0, SCHEDULE_MAX_PERIODS);
  term->day_periods = (uint32_t)whole(L, idx, "day_periods", 0, SCHEDULE_MAX_DAY_PERIODS);
  if (schedule_term_periods(term) > SCHEDULE_MAX_PERIODS) luaL_error(L, "more than %d periods", SCHEDULE_MAX_PERIODS);
  read_rooms(L, idx, term);
  read_courses(L, idx, term);
  read_lines(L, idx, term);
  read_weights(L, idx, term);
  struct error err;
  if (!schedule_term_close(term, &err)) luaL_error(L, "%s", err.text);
  read_was(L, idx, term);
  lua_pushvalue(L, idx);
  read_bits(L, "locked", &term->locked, 1, 0, term->lecture_count);
  lua_pop(L, 1);
}
