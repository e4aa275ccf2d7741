#include "app/engine_door.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "loop/lines.h"

enum { QUEUE_MAX = 1024 };

struct guest {
  struct link link; /* in door->guests */
  struct engine_door *door;
  struct loop_lines *lines;
};

struct ask {
  struct link link;    /* in door->queue */
  struct guest *guest; /* NULL: it left */
  uint64_t reading;    /* it waits for */
  struct bytes text;   /* "NUMBER QUESTION" */
};

struct engine_door {
  struct loop *loop;
  struct engine_feed **feed; /* *feed is NULL until the database may be read */
  struct loop_listener *listener;
  struct list guests, queue;
  size_t queued;
  struct engine_door_stats stats;
};

static void answer(struct engine_door *door, struct guest *guest, struct slice line) {
  const struct engine_world *world = *door->feed != NULL ? engine_feed_world(*door->feed) : NULL;
  const char *space = memchr(line.data, ' ', line.len);
  size_t number = space != NULL ? (size_t)(space - line.data) : line.len;
  struct slice question = space != NULL ? (struct slice){space + 1, line.len - number - 1} : (struct slice){"", 0};
  struct bytes out = {0};
  uint64_t began_us = clock_monotonic_us();
  bytes_add(&out, line.data, number);
  bytes_add_char(&out, ' ');
  if (world != NULL && door->queued < QUEUE_MAX) engine_answer(world, question, &out);
  else bytes_add_str(&out, world == NULL ? "{\"error\":\"not_ready\"}" : "{\"error\":\"overloaded\"}");
  if (world != NULL) door->stats.answered++;
  else door->stats.refused++;
  loop_lines_write(guest->lines, (struct slice){out.data, out.len});
  bytes_deinit(&out);
  door->stats.busy_us += clock_monotonic_us() - began_us;
}

static void free_ask(struct engine_door *door, struct ask *ask) {
  list_remove(&ask->link);
  door->queued--;
  bytes_deinit(&ask->text);
  free(ask);
}

static void on_line(void *ctx, struct slice line) {
  struct guest *guest = ctx;
  struct engine_door *door = guest->door;
  door->stats.asked++;
  bool can_wait = *door->feed != NULL && engine_feed_world(*door->feed) != NULL && door->queued < QUEUE_MAX;
  if (!can_wait) return answer(door, guest, line);
  struct ask *ask = mem_zero(sizeof *ask);
  ask->guest = guest;
  bytes_add(&ask->text, line.data, line.len);
  list_push(&door->queue, &ask->link);
  door->queued++;
  ask->reading = engine_feed_poll(*door->feed);
}

static void on_gone(void *ctx) {
  struct guest *guest = ctx;
  struct engine_door *door = guest->door;
  for (struct link *at = door->queue.head.next, *next; at != &door->queue.head; at = next) {
    next = at->next;
    struct ask *ask = LIST_OWNER(at, struct ask, link);
    if (ask->guest == guest) free_ask(door, ask);
  }
  list_remove(&guest->link);
  loop_lines_close(guest->lines);
  free(guest);
}

static void on_guest(void *ctx, int fd) {
  struct engine_door *door = ctx;
  struct guest *guest = mem_zero(sizeof *guest);
  guest->door = door;
  list_push(&door->guests, &guest->link);
  guest->lines = loop_lines_open(door->loop, fd, &(struct loop_lines_events){on_line, on_gone}, guest);
}

void engine_door_fresh(struct engine_door *door, uint64_t reading) {
  struct link *first;
  bool has_world = *door->feed != NULL && engine_feed_world(*door->feed) != NULL;
  while ((first = list_first(&door->queue)) != NULL) {
    struct ask *ask = LIST_OWNER(first, struct ask, link);
    if (has_world && ask->reading > reading) break;
    struct guest *guest = ask->guest;
    struct bytes text = ask->text;
    ask->text = (struct bytes){0};
    free_ask(door, ask);
    answer(door, guest, (struct slice){text.data, text.len});
    bytes_deinit(&text);
  }
  if (list_first(&door->queue) != NULL) engine_feed_poll(*door->feed);
}

struct engine_door *engine_door_new(struct loop *loop, const char *path, struct engine_feed **feed, struct error *err) {
  struct engine_door *door = mem_zero(sizeof *door);
  *door = (struct engine_door){.loop = loop, .feed = feed};
  list_init(&door->guests);
  list_init(&door->queue);
  door->listener = loop_listener_new(loop, path, on_guest, door, err);
  if (door->listener != NULL) return door;
  free(door);
  return NULL;
}

void engine_door_free(struct engine_door *door) {
  struct link *first;
  if (door == NULL) return;
  while ((first = list_first(&door->guests)) != NULL) on_gone(LIST_OWNER(first, struct guest, link));
  loop_listener_free(door->listener);
  free(door);
}

struct engine_door_stats engine_door_stats(const struct engine_door *door) { return door->stats; }
