#include "script/bus_feed.h"

#include <stdlib.h>

#include "base/mem.h"
#include "script/box.h"
#include "script/host.h"

enum { FEED_TOPICS = 16, FEED_EVENTS = 64 };

struct feed_event {
  struct link link;
  struct bytes topic, data;
};

struct script_feed {
  struct script_wait wait;
  struct link link;         /* in script->feeds */
  struct loop_timer *timer; /* of the wait under way */
  char *topics[FEED_TOPICS];
  int topic_count;
  struct list events;
  int event_count;
  bool is_lost;             /* more came than is kept */
  bool is_ending;
};

static void free_event(struct feed_event *event) {
  list_remove(&event->link);
  bytes_deinit(&event->topic);
  bytes_deinit(&event->data);
  free(event);
}

static void drop_events(struct script_feed *feed) {
  struct link *link;
  while ((link = list_first(&feed->events)) != NULL) free_event(LIST_OWNER(link, struct feed_event, link));
  feed->event_count = 0;
}

void script_feed_drop(struct script_task *task) {
  struct script_feed *feed = task->feed;
  if (feed == NULL) return;
  task->feed = NULL;
  task->script->feed_count--;
  list_remove(&feed->link);
  loop_timer_free(feed->timer);
  drop_events(feed);
  for (int i = 0; i < feed->topic_count; i++) free(feed->topics[i]);
  free(feed);
}

/* ---- what comes ---- */

static void wake(struct script_feed *feed) {
  loop_timer_stop(feed->timer);
  script_wake(&feed->wait); /* the feed may be gone now */
}

static bool follows(const struct script_feed *feed, struct slice topic) {
  for (int i = 0; i < feed->topic_count; i++)
    if (slice_is(topic, feed->topics[i])) return true;
  return false;
}

static void lose(struct script_feed *feed) {
  drop_events(feed);
  feed->is_lost = true;
}

static void keep(struct script_feed *feed, struct slice topic, struct slice data) {
  if (feed->is_lost) return;
  if (feed->event_count == FEED_EVENTS) {
    lose(feed);
    return;
  }
  struct feed_event *event = mem_zero(sizeof *event);
  bytes_add(&event->topic, topic.data, topic.len);
  bytes_add(&event->data, data.data, data.len);
  list_push(&feed->events, &event->link);
  feed->event_count++;
}

/* Who is woken may end, or begin to follow: those to come are moved aside first. */
static void wake_all(struct script *script, bool (*is_due)(struct script_feed *)) {
  struct list due;
  struct link *link, *next;
  list_init(&due);
  for (link = script->feeds.head.next; link != &script->feeds.head; link = next) {
    next = link->next;
    if (!is_due(LIST_OWNER(link, struct script_feed, link))) continue;
    list_remove(link);
    list_push(&due, link);
  }
  while ((link = list_pop(&due)) != NULL) {
    list_push(&script->feeds, link);
    wake(LIST_OWNER(link, struct script_feed, link));
  }
}

static bool has_news(struct script_feed *feed) {
  return feed->wait.task != NULL && (feed->event_count > 0 || feed->is_lost || feed->is_ending);
}

void script_feeds_notify(struct script *script, struct slice topic, struct slice data) {
  bool is_missed = slice_is(topic, "missed");
  for (struct link *link = script->feeds.head.next; link != &script->feeds.head; link = link->next) {
    struct script_feed *feed = LIST_OWNER(link, struct script_feed, link);
    if (is_missed) lose(feed);
    else if (follows(feed, topic)) keep(feed, topic, data);
  }
  wake_all(script, has_news);
}

void script_feeds_end(struct script *script) {
  for (struct link *link = script->feeds.head.next; link != &script->feeds.head; link = link->next)
    LIST_OWNER(link, struct script_feed, link)->is_ending = true;
  wake_all(script, has_news);
}

static void on_timeout(void *ctx) { script_wake(&((struct script_feed *)ctx)->wait); }

/* ---- core.bus ---- */

static int check_topics(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
  luaL_argcheck(L, count >= 1 && count <= FEED_TOPICS, 1, "1 to 16 topics expected");
  for (lua_Integer i = 1; i <= count; i++) {
    luaL_argcheck(L, lua_rawgeti(L, 1, i) == LUA_TSTRING, 1, "topics are text");
    lua_pop(L, 1);
  }
  return (int)count;
}

/* follow(topics) → true | nil, err */
int script_bus_follow(lua_State *L) {
  struct script_task *task = script_task(L);
  struct script *script = task->script;
  int count = check_topics(L);
  if (task->feed != NULL) return luaL_error(L, "this task follows already");
  if (script->is_ending || script->feed_count >= FEEDS_MAX)
    return script_fail_text(L, "overloaded", "too many streams are open");
  struct script_feed *feed = task->feed = mem_zero(sizeof *feed);
  feed->timer = loop_timer_new(script->config.loop, on_timeout, feed);
  list_init(&feed->events);
  list_push(&script->feeds, &feed->link);
  script->feed_count++;
  for (; feed->topic_count < count; feed->topic_count++) {
    lua_rawgeti(L, 1, feed->topic_count + 1);
    feed->topics[feed->topic_count] = mem_dup(lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  lua_pushboolean(L, 1);
  return 1;
}

static int say(lua_State *L, const char *why) {
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

static int give_event(lua_State *L, struct script_feed *feed) {
  struct feed_event *event = LIST_OWNER(list_first(&feed->events), struct feed_event, link);
  const char *reason;
  lua_pushlstring(L, event->topic.data != NULL ? event->topic.data : "", event->topic.len);
  if (!script_push_json(L, (struct slice){event->data.data, event->data.len}, &reason))
    lua_pushnil(L); /* PostgreSQL takes any text */
  free_event(event);
  feed->event_count--;
  return 2;
}

static int give_next(lua_State *L, int status, lua_KContext ctx) {
  struct script_feed *feed = script_task(L)->feed;
  (void)status, (void)ctx;
  if (feed->is_ending) return say(L, "ending");
  if (feed->is_lost) {
    feed->is_lost = false;
    return say(L, "lost");
  }
  return feed->event_count > 0 ? give_event(L, feed) : say(L, "timeout");
}

static void cancel_wait(struct script_wait *wait) { (void)wait; } /* the feed goes with the task */

/* next(timeout_ms) → topic, data | nil, why */
int script_bus_next(lua_State *L) {
  struct script_task *task = script_task_that_waits(L);
  struct script_feed *feed = task->feed;
  lua_Integer timeout_ms = luaL_checkinteger(L, 1);
  luaL_argcheck(L, timeout_ms >= 1 && timeout_ms <= 3600000, 1, "1 to 3600000 expected");
  if (feed == NULL) return luaL_error(L, "this task follows nothing");
  if (feed->event_count > 0 || feed->is_lost || feed->is_ending) return give_next(L, LUA_OK, 0);
  loop_timer_start(feed->timer, (uint64_t)timeout_ms, 0);
  return script_wait(L, &feed->wait, cancel_wait, give_next);
}
