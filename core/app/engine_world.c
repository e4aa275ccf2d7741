#include "app/engine_world.h"

#include <stdlib.h>

#include "base/mem.h"

enum { FIELDS = 10, PARTS = 256, ROUND = 5, DAY = 1440 };

struct slice engine_key_bytes(const int64_t *key) { return (struct slice){(const char *)key, sizeof *key}; }

static void *find(const struct map *map, int64_t key) { return map_get(map, engine_key_bytes(&key)); }

int64_t engine_resource(const struct engine_world *world, int64_t key) {
  return (int64_t)(uintptr_t)find(&world->resources, key) - 1;
}

int32_t engine_site(const struct engine_world *world, int64_t key) {
  return (int32_t)(uintptr_t)find(&world->sites, key) - 1;
}

struct engine_world *engine_world_new(int32_t base_offset) {
  struct engine_world *world = mem_zero(sizeof *world);
  world->plan = schedule_new(base_offset);
  return world;
}

static void free_group(struct engine_group *group) {
  if (group == NULL) return;
  free(group->subgroup);
  free(group->learner);
  free(group);
}

void engine_world_free(struct engine_world *world) {
  if (world == NULL) return;
  struct map_slot *slot;
  size_t at = 0;
  while ((slot = map_next(&world->groups, &at)) != NULL) free_group(slot->value);
  map_deinit(&world->resources);
  map_deinit(&world->groups);
  map_deinit(&world->cards);
  map_deinit(&world->sites);
  map_deinit(&world->zones);
  free(world->key_of);
  free(world->step);
  schedule_free(world->plan);
  free(world);
}

/* ---- fields */

struct fields {
  struct slice at[FIELDS];
  int count;
};

static void split(struct slice line, struct fields *out) {
  out->count = 0;
  while (out->count < FIELDS) {
    const char *tab = line.len > 0 ? memchr(line.data, '\t', line.len) : NULL;
    size_t len = tab != NULL ? (size_t)(tab - line.data) : line.len;
    out->at[out->count++] = (struct slice){line.data, len};
    if (tab == NULL) return;
    line = (struct slice){tab + 1, line.len - len - 1};
  }
}

static bool is_null(struct slice field) { return slice_is(field, "\\N"); }

/* Digits only; what is NULL or cut short is 0. */
static int64_t integer(struct slice field) {
  int64_t value = 0;
  size_t i = field.len > 0 && field.data[0] == '-';
  bool is_negative = i == 1;
  for (; i < field.len && field.data[i] >= '0' && field.data[i] <= '9' && value < INT64_MAX / 16; i++) value = value * 10 + (field.data[i] - '0');
  return is_negative ? -value : value;
}

static uint16_t small(struct slice field) {
  int64_t value = integer(field);
  return value < 0 ? 0 : value > UINT16_MAX ? UINT16_MAX : (uint16_t)value;
}

/* ---- resources */

static enum schedule_kind kind_of(struct slice name) {
  if (slice_is(name, "person")) return SCHEDULE_TEACHER;
  if (slice_is(name, "room")) return SCHEDULE_ROOM;
  if (slice_is(name, "group") || slice_is(name, "subgroup")) return SCHEDULE_GROUP;
  return SCHEDULE_COUNTED;
}

static int64_t know_resource(struct engine_world *world, int64_t key, const struct schedule_resource *is) {
  int64_t at = engine_resource(world, key);
  if (at >= 0) {
    struct schedule_resource fresh = *schedule_resource(world->plan, (uint32_t)at);
    fresh.capacity = is->capacity;
    fresh.kind = is->kind;
    schedule_set_resource(world->plan, (uint32_t)at, &fresh);
    return at;
  }
  uint32_t added = schedule_add_resource(world->plan, is);
  if (added == world->key_capacity) {
    world->key_capacity += world->key_capacity / 2 + 64;
    world->key_of = mem_grow(world->key_of, world->key_capacity * sizeof *world->key_of);
  }
  world->key_of[added] = key;
  map_put(&world->resources, engine_key_bytes(&key), (void *)(uintptr_t)(added + 1ull));
  return added;
}

static void take_resource(struct engine_world *world, const struct fields *f) {
  enum schedule_kind kind = kind_of(f->at[2]);
  struct schedule_resource is = {.kind = kind, .capacity = small(f->at[3]), .calendar = SCHEDULE_NONE, .zone = SCHEDULE_NONE,
                                 .travels = kind == SCHEDULE_TEACHER || kind == SCHEDULE_GROUP};
  know_resource(world, integer(f->at[1]), &is);
}

/* ---- zones and ways */

static void end_zone(struct engine_world *world) {
  if (world->step_count == 0) return;
  int32_t zone = schedule_add_zone(world->plan, world->step, world->step_count);
  map_put(&world->zones, slice_of(world->zone_name), (void *)(uintptr_t)(zone + 1));
  world->step_count = 0;
}

static void take_zone(struct engine_world *world, const struct fields *f) {
  struct slice name = f->at[1];
  if (name.len >= sizeof world->zone_name) return;
  if (!slice_is(name, world->zone_name)) {
    end_zone(world);
    memcpy(world->zone_name, name.data, name.len);
    world->zone_name[name.len] = '\0';
  }
  world->step = mem_grow(world->step, (world->step_count + 1) * sizeof *world->step);
  world->step[world->step_count++] = (struct schedule_zone_step){(int32_t)integer(f->at[2]), (int32_t)integer(f->at[3])};
}

static int32_t know_site(struct engine_world *world, int64_t key) {
  int32_t site = engine_site(world, key);
  if (site >= 0 || world->site_count >= SCHEDULE_MAX_SITES) return site;
  site = world->site_count++;
  map_put(&world->sites, engine_key_bytes(&key), (void *)(uintptr_t)(site + 1));
  return site;
}

static void take_way(struct engine_world *world, const struct fields *f) {
  schedule_set_travel(world->plan, know_site(world, integer(f->at[1])), know_site(world, integer(f->at[2])), small(f->at[3]));
}

/* ---- groups and teachers */

static struct engine_group *know_group(struct engine_world *world, int64_t key) {
  struct engine_group *group = find(&world->groups, key);
  if (group != NULL) return group;
  group = mem_zero(sizeof *group);
  group->resource = ENGINE_NO_RESOURCE;
  map_put(&world->groups, engine_key_bytes(&key), group);
  return group;
}

static void add_member(struct engine_member **list, uint32_t *count, int64_t key, int64_t resource) {
  if (resource < 0) return;
  *list = mem_grow(*list, (*count + 1ull) * sizeof **list);
  (*list)[(*count)++] = (struct engine_member){key, (uint32_t)resource};
}

static void take_member(struct engine_world *world, const struct fields *f, bool is_learner) {
  struct engine_group *group = know_group(world, integer(f->at[1]));
  if (is_learner) add_member(&group->learner, &group->learner_count, integer(f->at[3]), engine_resource(world, integer(f->at[2])));
  else add_member(&group->subgroup, &group->subgroup_count, integer(f->at[2]), engine_resource(world, integer(f->at[3])));
}

/* "1:540-1080,2:540-720": weekday from Monday, minutes of the day; ascending. */
static bool read_windows(struct slice text, struct schedule_calendar *out) {
  *out = (struct schedule_calendar){0};
  const char *at = text.data, *end = text.data + text.len;
  while (at < end) {
    char *next;
    long day = strtol(at, &next, 10), from = strtol(next + 1, &next, 10), to = strtol(next + 1, &next, 10);
    if (day < 1 || day > 7 || from < 0 || to <= from || to > DAY) return false;
    struct schedule_day *week = &out->week[day - 1];
    bool touches = week->count > 0 && week->span[week->count - 1].to >= from;
    if (touches) { /* two cards of one person: together */
      if (week->span[week->count - 1].to < to) week->span[week->count - 1].to = (int16_t)to;
    } else if (week->count < SCHEDULE_MAX_SPANS) {
      week->span[week->count++] = (struct schedule_span){(int16_t)from, (int16_t)to};
    }
    at = next + 1;
  }
  return true;
}

static void limit_person(struct engine_world *world, uint32_t resource, const struct fields *f) {
  struct schedule_resource fresh = *schedule_resource(world->plan, resource);
  struct schedule_calendar calendar;
  char windows[2048] = {0};
  struct slice given = f->at[4];
  fresh.day_hours = small(f->at[2]);
  fresh.week_hours = small(f->at[3]);
  fresh.calendar = SCHEDULE_NONE;
  if (!is_null(given) && given.len + 8 < sizeof windows) { /* zeros behind: a cut text ends every number */
    memcpy(windows, given.data, given.len);
    if (read_windows((struct slice){windows, given.len}, &calendar)) fresh.calendar = schedule_add_calendar(world->plan, &calendar);
  }
  schedule_set_resource(world->plan, resource, &fresh);
}

static void take_teacher(struct engine_world *world, const struct fields *f) {
  int64_t resource = is_null(f->at[1]) ? ENGINE_NO_RESOURCE : engine_resource(world, integer(f->at[1]));
  uintptr_t value = resource < 0 ? UINTPTR_MAX : (uintptr_t)(resource + 1);
  struct slice cards = f->at[5];
  while (cards.len > 0) {
    int64_t card = integer(cards);
    map_put(&world->cards, engine_key_bytes(&card), (void *)value);
    const char *comma = memchr(cards.data, ',', cards.len);
    size_t gone = comma != NULL ? (size_t)(comma - cards.data) + 1 : cards.len;
    cards = (struct slice){cards.data + gone, cards.len - gone};
  }
  if (resource >= 0) limit_person(world, (uint32_t)resource, f);
}

/* ---- bookings */

static void put(struct engine_world *world, struct schedule_booking *booking, uint64_t id) {
  booking->id = id;
  if (!schedule_put(world->plan, booking)) world->refused++;
}

/* Uses that do not fit into one booking of the index go into further parts. */
static void put_uses(struct engine_world *world, struct schedule_booking booking, const struct schedule_use *use, size_t count, unsigned part) {
  for (size_t done = 0; done < count; done += SCHEDULE_MAX_USES) {
    booking.uses = use + done;
    booking.use_count = count - done < SCHEDULE_MAX_USES ? count - done : SCHEDULE_MAX_USES;
    put(world, &booking, engine_id(ENGINE_LESSON, world->gathered, part++));
  }
}

/* PostgreSQL counts units in slots of five minutes: what lies across their edges takes them whole. */
static bool is_counted(const struct engine_world *world, const struct schedule_use *use) {
  return schedule_resource(world->plan, use->resource)->capacity > 1;
}

static void put_lesson(struct engine_world *world) {
  struct schedule_booking *booking = &world->booking;
  int32_t end = booking->start + booking->minutes;
  bool is_even = booking->start % ROUND == 0 && end % ROUND == 0;
  size_t exclusive = is_even ? booking->use_count : 0;
  for (size_t i = 0; !is_even && i < booking->use_count; i++) {
    if (is_counted(world, &world->use[i])) continue;
    struct schedule_use one = world->use[i];
    world->use[i] = world->use[exclusive];
    world->use[exclusive++] = one;
  }
  put_uses(world, *booking, world->use, exclusive, 0);
  if (exclusive == booking->use_count) return;
  struct schedule_booking wide = *booking;
  wide.start -= wide.start % ROUND;
  wide.minutes = (end + ROUND - 1) / ROUND * ROUND - wide.start;
  put_uses(world, wide, world->use + exclusive, booking->use_count - exclusive, ENGINE_PART_COUNTED);
}

void engine_world_flush(struct engine_world *world) {
  end_zone(world);
  world->zone_name[0] = '\0';
  if (world->gathered != 0) put_lesson(world);
  world->gathered = 0;
}

/* A leave or a repair may be longer than the index takes. */
static void put_own(struct engine_world *world, int64_t key, struct schedule_booking booking, const struct schedule_use *use) {
  int32_t end = booking.start + booking.minutes;
  booking.uses = use;
  booking.use_count = 1;
  if (is_counted(world, use)) {
    booking.start -= booking.start % ROUND;
    end = (end + ROUND - 1) / ROUND * ROUND;
  }
  for (unsigned part = 0; part < PARTS && booking.start < end; part++) {
    booking.minutes = end - booking.start < SCHEDULE_MAX_MINUTES ? end - booking.start : SCHEDULE_MAX_MINUTES;
    put(world, &booking, engine_id(ENGINE_BOOKING, key, part));
    booking.start += booking.minutes;
  }
}

static void take_booking(struct engine_world *world, const struct fields *f) {
  int64_t lesson = is_null(f->at[1]) ? 0 : integer(f->at[1]), resource = engine_resource(world, integer(f->at[3]));
  if (world->gathered != 0 && world->gathered != lesson) engine_world_flush(world);
  if (resource < 0) {
    world->refused++;
    return;
  }
  int64_t from = integer(f->at[5]), to = integer(f->at[6]);
  if (from < 0 || to > (int64_t)SCHEDULE_LAST_DAY * DAY || to <= from) {
    world->refused++;
    return;
  }
  struct schedule_use use = {(uint32_t)resource, small(f->at[4])};
  struct schedule_booking booking = {.start = (int32_t)from, .minutes = (int32_t)(to - from), .academic_hours = small(f->at[8]),
                                     .site = is_null(f->at[7]) ? SCHEDULE_NONE : engine_site(world, integer(f->at[7])), .is_locked = slice_is(f->at[9], "t")};
  if (lesson == 0) return put_own(world, integer(f->at[2]), booking, &use);
  if (world->gathered == 0) world->booking = booking;
  world->gathered = lesson;
  if (world->booking.use_count < ENGINE_USES_MAX) world->use[world->booking.use_count++] = use;
  else world->refused++;
}

bool engine_world_line(struct engine_world *world, struct slice line, struct error *err) {
  struct fields f;
  split(line, &f);
  for (int i = f.count; i < FIELDS; i++) f.at[i] = slice_of("\\N");
  char tag = f.at[0].len == 1 ? f.at[0].data[0] : '\0';
  if (tag != 'b' && tag != 'z') engine_world_flush(world);
  switch (tag) {
    case 'z': take_zone(world, &f); return true;
    case 'w': take_way(world, &f); return true;
    case 'r': take_resource(world, &f); return true;
    case 'g': know_group(world, integer(f.at[1]))->resource = engine_resource(world, integer(f.at[2])); return true;
    case 's': take_member(world, &f, false); return true;
    case 'l': take_member(world, &f, true); return true;
    case 't': take_teacher(world, &f); return true;
    case 'b': take_booking(world, &f); return true;
    default: return error_set(err, ERR_INTERNAL, "a line of the feed begins with '%.*s'", (int)f.at[0].len, f.at[0].data);
  }
}

static void drop_parts(struct engine_world *world, enum engine_owner owner, int64_t key, unsigned from, unsigned to) {
  for (unsigned part = from; part < to && schedule_drop(world->plan, engine_id(owner, key, part)); part++) continue;
}

void engine_world_forget(struct engine_world *world, char kind, int64_t key) {
  if (kind == 'l') {
    drop_parts(world, ENGINE_LESSON, key, 0, ENGINE_PART_COUNTED);
    drop_parts(world, ENGINE_LESSON, key, ENGINE_PART_COUNTED, PARTS);
  } else if (kind == 'b') {
    drop_parts(world, ENGINE_BOOKING, key, 0, PARTS);
  } else if (kind == 'g') {
    free_group(map_remove(&world->groups, engine_key_bytes(&key)));
  } else if (kind == 't') {
    map_remove(&world->cards, engine_key_bytes(&key));
  }
}
