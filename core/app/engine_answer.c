/* Questions to the engine: JSON in, JSON out.
 *
 *   {"op":"check", …}   → {"cells":[[hit, …], …]}      one list a place of "at"; an empty one: nothing stands against it
 *   {"op":"each", …}    → {"cells":[[hit, …], …]}      one list a card or room of "any" at the first place: only what it hits itself
 *   {"op":"free", …}    → {"places":[[day, minute, any], …]}   the first "most", by time; `any` is a position in "any"
 *
 *   hit      [rule, role, key, lesson, booking, from, to, lacks]     role: g group, s subgroup, l learner (key: resource),
 *                                                                    t card, r room, e equipment; moments are minutes since 1970
 *   common   "zone", "minutes", "group", "subgroup", "staff":[…], "rooms":[…], "things":[id, qty, …], "lesson", "site", "hours"
 *   place    "at":[day, minute, …]; free: "days":[…], "starts":[minute, …], "any":[rooms], "most", nothing up to the moment
 *            "after" nor the place of "at"
 *
 * What the index would answer otherwise than PostgreSQL is not answered at all. */
#include <stdlib.h>

#include "app/engine_world.h"
#include "base/json.h"
#include "base/mem.h"

enum { NUMBERS_MAX = 8192, CELLS_MAX = 4096, PLACES_MAX = 500, STARTS_MAX = 64, HITS_MAX = 40, ROUND = 5 };

struct numbers {
  int64_t *at; /* owned */
  size_t count;
};

struct question {
  struct bytes op, zone, each;
  struct numbers minutes, group, subgroup, staff, rooms, things, lesson, site, hours, at, days, starts, any, most, after;
};

struct probe {
  const struct engine_world *world;
  struct schedule_use use[ENGINE_USES_MAX];
  char role[ENGINE_USES_MAX];
  int64_t key[ENGINE_USES_MAX];
  size_t count;
  int32_t zone;
  struct schedule_booking booking;
  const char *flaw; /* why the index does not answer; NULL: it does */
};

/* ---- reading */

static const struct {
  const char *name;
  size_t offset;
} lists[] = {{"minutes", offsetof(struct question, minutes)}, {"group", offsetof(struct question, group)}, {"subgroup", offsetof(struct question, subgroup)},
             {"staff", offsetof(struct question, staff)},     {"rooms", offsetof(struct question, rooms)}, {"things", offsetof(struct question, things)},
             {"lesson", offsetof(struct question, lesson)},   {"site", offsetof(struct question, site)},   {"hours", offsetof(struct question, hours)},
             {"at", offsetof(struct question, at)},           {"days", offsetof(struct question, days)},   {"starts", offsetof(struct question, starts)},
             {"any", offsetof(struct question, any)},         {"most", offsetof(struct question, most)},
             {"after", offsetof(struct question, after)}};
static const struct {
  const char *name;
  size_t offset;
} words[] = {{"op", offsetof(struct question, op)}, {"zone", offsetof(struct question, zone)}, {"each", offsetof(struct question, each)}};

static void *part_of(struct question *question, size_t offset) { return (char *)question + offset; }

static bool add_number(struct numbers *list, struct slice text) {
  if (list->count == NUMBERS_MAX || text.len > 18) return false;
  if ((list->count & (list->count - 1)) == 0) list->at = mem_grow(list->at, (list->count * 2 + 1) * sizeof *list->at);
  int64_t value = 0;
  size_t i = text.data[0] == '-';
  for (; i < text.len && text.data[i] >= '0' && text.data[i] <= '9'; i++) value = value * 10 + (text.data[i] - '0');
  if (i < text.len) return false;
  list->at[list->count++] = text.data[0] == '-' ? -value : value;
  return true;
}

static bool read_list(struct json_reader *in, struct numbers *list) {
  enum json_token token;
  while ((token = json_next(in)) == JSON_NUMBER) {
    if (!add_number(list, in->text)) return false;
  }
  return token == JSON_ARRAY_END;
}

static struct numbers *list_named(struct question *question, struct slice name) {
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    if (slice_is(name, lists[i].name)) return part_of(question, lists[i].offset);
  }
  return NULL;
}

static struct bytes *word_named(struct question *question, struct slice name) {
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (slice_is(name, words[i].name)) return part_of(question, words[i].offset);
  }
  return NULL;
}

static bool read_member(struct json_reader *in, struct question *question) {
  struct numbers *list = list_named(question, in->text);
  struct bytes *word = word_named(question, in->text);
  enum json_token token = json_next(in);
  if (list != NULL && token == JSON_NUMBER) return add_number(list, in->text);
  if (list != NULL && token == JSON_ARRAY) return read_list(in, list);
  if (word != NULL && token == JSON_STRING) {
    bytes_add(word, in->text.data, in->text.len);
    return true;
  }
  return json_skip(in, token, NULL);
}

static bool read_question(struct slice text, struct question *out) {
  struct json_reader in;
  json_reader_init(&in, text);
  enum json_token token = json_next(&in);
  bool ok = token == JSON_OBJECT;
  while (ok && (token = json_next(&in)) == JSON_KEY) ok = read_member(&in, out);
  ok = ok && token == JSON_OBJECT_END;
  json_reader_deinit(&in);
  return ok;
}

static void question_deinit(struct question *question) {
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) free(((struct numbers *)part_of(question, lists[i].offset))->at);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) bytes_deinit(part_of(question, words[i].offset));
}

static int64_t one(const struct numbers *list) { return list->count > 0 ? list->at[0] : 0; }

/* ---- what the lesson would use */

static void *find(const struct map *map, int64_t key) { return map_get(map, engine_key_bytes(&key)); }

/* Whom the question names twice counts once: a teacher who also learns in the group. */
static void use(struct probe *probe, char role, int64_t key, int64_t resource, int64_t qty) {
  if (resource < 0 || probe->flaw != NULL) return;
  for (size_t i = 0; i < probe->count; i++) {
    if (probe->use[i].resource == (uint32_t)resource) return;
  }
  if (probe->count == ENGINE_USES_MAX || qty < 1 || qty > UINT16_MAX) {
    probe->flaw = "too many uses";
    return;
  }
  probe->use[probe->count] = (struct schedule_use){(uint32_t)resource, (uint16_t)qty};
  probe->role[probe->count] = role;
  probe->key[probe->count++] = key;
}

static void use_group(struct probe *probe, int64_t key, int64_t subgroup) {
  const struct engine_group *group = find(&probe->world->groups, key);
  if (group == NULL) {
    probe->flaw = "unknown group";
    return;
  }
  if (subgroup == 0) use(probe, 'g', key, group->resource, 1);
  for (uint32_t i = 0; i < group->subgroup_count; i++) {
    if (subgroup == 0 || group->subgroup[i].key == subgroup) use(probe, 's', group->subgroup[i].key, group->subgroup[i].resource, 1);
  }
  for (uint32_t i = 0; i < group->learner_count; i++) {
    int64_t in = group->learner[i].key;
    if (subgroup == 0 || in == 0 || in == subgroup) use(probe, 'l', probe->world->key_of[group->learner[i].resource], group->learner[i].resource, 1);
  }
}

static void use_card(struct probe *probe, int64_t card) {
  uintptr_t value = (uintptr_t)find(&probe->world->cards, card);
  if (value == 0) probe->flaw = "unknown card";
  else if (value != UINTPTR_MAX) use(probe, 't', card, (int64_t)value - 1, 1);
}

static void use_resource(struct probe *probe, char role, int64_t key, int64_t qty) {
  int64_t resource = engine_resource(probe->world, key);
  if (resource < 0) probe->flaw = "unknown resource";
  else if (role == 'e' && schedule_resource(probe->world->plan, (uint32_t)resource)->capacity < 2 && qty > 1) probe->flaw = "units of a single thing";
  else use(probe, role, key, resource, qty);
}

/* Moves of a lesson that lies in several parts, and counted things off the slots of five minutes, are PostgreSQL's. */
static void judge(struct probe *probe, const struct question *question) {
  struct schedule_booking known;
  const struct schedule *plan = probe->world->plan;
  int64_t lesson = one(&question->lesson);
  if (lesson != 0 && (schedule_find(plan, engine_id(ENGINE_LESSON, lesson, 1), &known) ||
                      schedule_find(plan, engine_id(ENGINE_LESSON, lesson, ENGINE_PART_COUNTED), &known))) probe->flaw = "a lesson in parts";
  int64_t minutes = one(&question->minutes);
  if (minutes < 1 || minutes > SCHEDULE_MAX_MINUTES) probe->flaw = "minutes";
  for (size_t i = 0; i < probe->count; i++) {
    if (schedule_resource(plan, probe->use[i].resource)->capacity > 1 && minutes % ROUND != 0) probe->flaw = "counted off the slots";
  }
}

static void fill_probe(struct probe *probe, const struct engine_world *world, const struct question *question) {
  probe->world = world;
  probe->count = 0;
  probe->flaw = NULL;
  probe->zone = (int32_t)(uintptr_t)map_get(&world->zones, (struct slice){question->zone.data, question->zone.len}) - 1;
  if (probe->zone < 0) probe->flaw = "unknown zone";
  for (size_t i = 0; i < question->staff.count; i++) use_card(probe, question->staff.at[i]);
  for (size_t i = 0; i < question->rooms.count; i++) use_resource(probe, 'r', question->rooms.at[i], 1);
  if (one(&question->group) != 0) use_group(probe, one(&question->group), one(&question->subgroup));
  for (size_t i = 0; i + 1 < question->things.count; i += 2) use_resource(probe, 'e', question->things.at[i], question->things.at[i + 1]);
  judge(probe, question);
  int64_t lesson = one(&question->lesson), hours = one(&question->hours);
  probe->booking = (struct schedule_booking){
      .id = lesson > 0 ? engine_id(ENGINE_LESSON, lesson, 0) : 0, .minutes = (int32_t)one(&question->minutes),
      .site = engine_site(world, one(&question->site)), .academic_hours = hours > 0 && hours < 100 ? (uint16_t)hours : 0,
      .uses = probe->use, .use_count = probe->count};
}

static bool set_place(struct probe *probe, int64_t day, int64_t minute) {
  if (day < 1 || day > SCHEDULE_LAST_DAY || minute < 0 || minute >= 1440) return false;
  probe->booking.start = schedule_moment(probe->world->plan, probe->zone, (int32_t)day, (int32_t)minute);
  if (probe->booking.start % ROUND == 0) return true;
  for (size_t i = 0; i < probe->count; i++) {
    if (schedule_resource(probe->world->plan, probe->use[i].resource)->capacity > 1) return false;
  }
  return true;
}

/* ---- writing */

static int rule_of(char role, enum schedule_rule rule) {
  if (rule > SCHEDULE_H4_QUANTITY) return (int)rule;
  return role == 't' ? 1 : role == 'r' ? 2 : role == 'e' ? 4 : 3;
}

static void add_hit(struct bytes *out, const struct probe *probe, const struct schedule_hit *hit) {
  char role = '-';
  int64_t key = 0;
  for (size_t i = 0; i < probe->count; i++) {
    if (probe->use[i].resource != hit->resource || hit->rule == SCHEDULE_H11_LOCKED) continue;
    role = probe->role[i];
    key = probe->key[i];
    break;
  }
  bool is_lesson = engine_owner_of(hit->other) == ENGINE_LESSON;
  bytes_addf(out, "[%d,\"%c\",%lld,%lld,%lld,%d,%d,%d]", rule_of(role, hit->rule), role, (long long)key,
             (long long)(is_lesson ? engine_key(hit->other) : 0), (long long)(is_lesson ? 0 : engine_key(hit->other)), hit->from, hit->to, hit->lacks);
}

static void add_cell(struct bytes *out, const struct probe *probe, struct schedule_hits *hits) {
  size_t count = schedule_check(probe->world->plan, &probe->booking, hits);
  bytes_add_char(out, '[');
  for (size_t i = 0; i < count && i < HITS_MAX; i++) {
    if (i > 0) bytes_add_char(out, ',');
    add_hit(out, probe, &hits->hit[i]);
  }
  bytes_add_char(out, ']');
}

static const char *answer_check(struct probe *probe, const struct question *question, struct bytes *out) {
  struct schedule_hits hits = {0};
  const char *flaw = question->at.count / 2 > CELLS_MAX ? "too many places" : NULL;
  bytes_add_str(out, "{\"cells\":[");
  for (size_t i = 0; flaw == NULL && i + 1 < question->at.count; i += 2) {
    if (i > 0) bytes_add_char(out, ',');
    if (set_place(probe, question->at.at[i], question->at.at[i + 1])) add_cell(out, probe, &hits);
    else flaw = "place";
  }
  bytes_add_str(out, "]}");
  schedule_hits_deinit(&hits);
  return flaw;
}

static const char *answer_each(struct probe *probe, const struct question *question, struct bytes *out) {
  struct schedule_hits hits = {0};
  const char *flaw = question->at.count < 2 || !set_place(probe, question->at.at[0], question->at.at[1]) ? "place" : NULL;
  bool is_rooms = slice_is((struct slice){question->each.data, question->each.len}, "rooms");
  bytes_add_str(out, "{\"cells\":[");
  for (size_t i = 0; flaw == NULL && i < question->any.count; i++) {
    probe->count = 0;
    if (is_rooms) use_resource(probe, 'r', question->any.at[i], 1);
    else use_card(probe, question->any.at[i]);
    probe->booking.use_count = probe->count;
    if (i > 0) bytes_add_char(out, ',');
    add_cell(out, probe, &hits);
    flaw = probe->flaw;
  }
  bytes_add_str(out, "]}");
  schedule_hits_deinit(&hits);
  return flaw;
}

/* Adds the places of one day that are wanted; returns how many stand there then. */
static size_t add_places(struct probe *probe, const struct question *question, const struct schedule_question *asked, size_t found, size_t most,
                         struct bytes *out) {
  struct schedule_place place[STARTS_MAX];
  size_t here = schedule_find_free(probe->world->plan, asked, place, STARTS_MAX);
  for (size_t i = 0; i < here && found < most; i++) {
    int32_t day, minute;
    schedule_local(probe->world->plan, probe->zone, place[i].start, &day, &minute);
    bool is_own = question->at.count == 2 && question->at.at[0] == day && question->at.at[1] == minute;
    if (is_own || place[i].start <= one(&question->after)) continue;
    bytes_addf(out, "%s[%d,%d,%u]", found++ > 0 ? "," : "", day, minute, place[i].any);
  }
  return found;
}

static const char *answer_free(struct probe *probe, const struct question *question, struct bytes *out) {
  uint32_t any[NUMBERS_MAX];
  int16_t starts[STARTS_MAX];
  size_t most = one(&question->most) > 0 && one(&question->most) < PLACES_MAX ? (size_t)one(&question->most) : PLACES_MAX, found = 0;
  if (question->starts.count > STARTS_MAX) return "too many starts";
  for (size_t i = 0; i < question->any.count; i++) {
    int64_t resource = engine_resource(probe->world, question->any.at[i]);
    if (resource < 0) return "unknown room";
    any[i] = (uint32_t)resource;
  }
  for (size_t i = 0; i < question->starts.count; i++) {
    if (question->starts.at[i] < 0 || question->starts.at[i] >= 1440) return "starts";
    starts[i] = (int16_t)question->starts.at[i];
  }
  struct schedule_question asked = {.fixed = probe->use, .fixed_count = probe->count, .any = any, .any_count = question->any.count, .zone = probe->zone,
                                    .days = 1, .starts = starts, .start_count = question->starts.count, .minutes = probe->booking.minutes,
                                    .site = probe->booking.site, .academic_hours = probe->booking.academic_hours, .except = probe->booking.id};
  bytes_add_str(out, "{\"places\":[");
  for (size_t i = 0; i < question->days.count && found < most; i++) {
    if (question->days.at[i] < 1 || question->days.at[i] > SCHEDULE_LAST_DAY) return "days";
    asked.first_day = (int32_t)question->days.at[i];
    found = add_places(probe, question, &asked, found, most, out);
  }
  bytes_add_str(out, "]}");
  return NULL;
}

static const char *answer(const struct engine_world *world, const struct question *question, struct bytes *out) {
  struct slice op = {question->op.data, question->op.len};
  struct probe *probe = mem_zero(sizeof *probe);
  fill_probe(probe, world, question);
  const char *flaw = probe->flaw;
  if (flaw == NULL && slice_is(op, "check")) flaw = answer_check(probe, question, out);
  else if (flaw == NULL && slice_is(op, "each")) flaw = answer_each(probe, question, out);
  else if (flaw == NULL && slice_is(op, "free")) flaw = answer_free(probe, question, out);
  else if (flaw == NULL) flaw = "unknown op";
  free(probe);
  return flaw;
}

void engine_answer(const struct engine_world *world, struct slice text, struct bytes *out) {
  struct question question = {0};
  size_t before = out->len;
  const char *flaw = read_question(text, &question) ? answer(world, &question, out) : "malformed question";
  if (flaw != NULL) {
    out->len = before;
    bytes_addf(out, "{\"error\":\"%s\"}", flaw);
  }
  question_deinit(&question);
}
