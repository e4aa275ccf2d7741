/* core.bus - notifications of PostgreSQL, waited for or counted: NOTIFY copp, '{"topic":…,"data":…}'. */
#include <stdlib.h>

#include "base/mem.h"
#include "script/box.h"
#include "script/host.h"
#include "script/sandbox.h"

#define BUS "core.bus.wait"

struct bus_box {
  struct script_wait wait;
  struct link link;         /* in script->bus while it waits */
  struct loop_timer *timer;
  char *topic;              /* owned */
  struct bytes data;        /* JSON of what came; empty: nothing came */
};

/* Counts live as long as the process, so that a value cached by one generation is not taken for fresh by the next. */
struct bus_count {
  lua_Integer seen;
};

enum { MAX_TOPICS = 1000 }; /* of counts; Lua names them in code, this catches a mistake */

static void stop_waiting(struct bus_box *box) {
  list_remove(&box->link);
  loop_timer_free(box->timer);
  box->timer = NULL;
}

static int l_free(lua_State *L) {
  struct bus_box *box = lua_touserdata(L, 1);
  free(box->topic);
  bytes_deinit(&box->data);
  return 0;
}

static void cancel_wait(struct script_wait *wait) {
  stop_waiting(LIST_OWNER(wait, struct bus_box, wait));
}

static void on_timeout(void *ctx) {
  struct bus_box *box = ctx;
  stop_waiting(box);
  script_wake(&box->wait);
}

/* What came while the connection was away is unknown: after "missed" every count has moved. */
static void count_notification(struct script *script, struct slice topic) {
  struct map_slot *slot;
  size_t at = 0;
  bool is_missed = slice_is(topic, "missed");
  struct bus_count *count = map_get(&script->bus_counts, topic);
  if (count != NULL && !is_missed) count->seen++;
  while (is_missed && (slot = map_next(&script->bus_counts, &at)) != NULL) ((struct bus_count *)slot->value)->seen++;
}

void script_bus_deinit(struct script *script) {
  struct map_slot *slot;
  size_t at = 0;
  while ((slot = map_next(&script->bus_counts, &at)) != NULL) free(slot->value);
  map_deinit(&script->bus_counts);
}

void script_notify(struct script *script, struct slice payload) {
  struct bytes topic = {0};
  struct slice data;
  if (!json_member(payload, "topic", &topic)) return;
  if (!json_member_raw(payload, "data", &data)) data = slice_of("null");
  count_notification(script, (struct slice){topic.data, topic.len});
  script_feeds_notify(script, (struct slice){topic.data, topic.len}, data);
  struct list due; /* the woken ones may wait again, in script->bus */
  list_init(&due);
  struct link *link, *next;
  for (link = script->bus.head.next; link != &script->bus.head; link = next) {
    next = link->next;
    struct bus_box *box = LIST_OWNER(link, struct bus_box, link);
    if (!slice_is((struct slice){topic.data, topic.len}, box->topic)) continue;
    list_remove(link);
    list_push(&due, link);
    bytes_add(&box->data, data.data, data.len);
  }
  while ((link = list_first(&due)) != NULL) {
    struct bus_box *box = LIST_OWNER(link, struct bus_box, link);
    stop_waiting(box);
    script_wake(&box->wait);
  }
  bytes_deinit(&topic);
}

static int finish_wait(lua_State *L, int status, lua_KContext ctx) {
  struct bus_box *box = lua_touserdata(L, 1);
  const char *reason;
  (void)status, (void)ctx;
  if (box->data.len == 0) return 0; /* the time is over */
  if (script_push_json(L, (struct slice){box->data.data, box->data.len}, &reason)) return 1;
  return luaL_error(L, "malformed notification: %s", reason);
}

/* wait(topic, timeout_ms) → data | nil */
static int l_wait(lua_State *L) {
  struct script_task *task = script_task_that_waits(L);
  const char *topic = luaL_checkstring(L, 1);
  lua_Integer timeout_ms = luaL_checkinteger(L, 2);
  luaL_argcheck(L, timeout_ms >= 1 && timeout_ms <= 3600000, 2, "1 to 3600000 expected");
  struct bus_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = (struct bus_box){0};
  luaL_setmetatable(L, BUS);
  box->topic = mem_dup(topic);
  box->timer = loop_timer_new(task->script->config.loop, on_timeout, box);
  loop_timer_start(box->timer, (uint64_t)timeout_ms, 0);
  list_push(&task->script->bus, &box->link);
  lua_replace(L, 1);
  lua_settop(L, 1);
  return script_wait(L, &box->wait, cancel_wait, finish_wait);
}

/* count(topic) → how many came so far: a cache compares it with what it was when it read. */
static int l_count(lua_State *L) {
  struct script_task *task = script_task(L);
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  struct script *script = task->script;
  struct bus_count *count = map_get(&script->bus_counts, (struct slice){text, len});
  if (count == NULL) {
    if (script->bus_counts.used >= MAX_TOPICS) return luaL_error(L, "too many topics are counted");
    count = mem_zero(sizeof *count);
    map_put(&script->bus_counts, (struct slice){text, len}, count);
  }
  lua_pushinteger(L, count->seen);
  return 1;
}

static int l_follow(lua_State *L) { return script_bus_follow(L); }
static int l_next(lua_State *L) { return script_bus_next(L); }

int script_open_bus(lua_State *L) {
  static const luaL_Reg functions[] = {{"wait", l_wait}, {"count", l_count}, {"follow", l_follow}, {"next", l_next}, {NULL, NULL}};
  luaL_newmetatable(L, BUS);
  lua_pushcfunction(L, l_free);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
