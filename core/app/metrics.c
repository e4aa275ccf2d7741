#include <stdio.h>
#include <stdlib.h>

#include "app/master_inside.h"
#include "base/clock.h"
#include "base/mem.h"

/* A scrape lands on one worker; it asks the master, which asks all the others and joins the texts.
 * A process that does not answer in time is left out. */
enum { ANSWER_LIMIT_US = 500000 };

static void release(struct app_ask *ask) {
  bytes_deinit(&ask->text);
  *ask = (struct app_ask){0};
}

static void reply(struct app_ask *ask) {
  const char *text = ask->text.data != NULL ? ask->text.data : "";
  if (ask->child != NULL) wire_send(ask->lines, "metrics", ask->token, text, NULL);
  else wire_send(ask->lines, "ok", text, NULL);
  release(ask);
}

static struct app_ask *free_place(struct app_master *master) {
  for (int i = 0; i < MASTER_ASKS; i++) {
    if (master->asks[i].lines == NULL) return &master->asks[i];
  }
  return NULL;
}

static void ask_children(struct app_master *master, struct app_ask *ask) {
  char number[16];
  snprintf(number, sizeof number, "%u", ask->number);
  for (int i = 0; i < master->child_count; i++) {
    struct app_child *other = &master->child[i];
    if (other == ask->child || !other->is_ready) continue;
    ask->waiting++;
    wire_send(other->lines, "stats", number, NULL);
  }
  if (ask->waiting == 0) reply(ask);
}

void app_metrics_ask(struct app_master *master, struct app_child *child, const char *token) {
  struct app_ask *ask = free_place(master);
  if (ask == NULL) {
    wire_send(child->lines, "metrics", token, "", NULL);
    return;
  }
  *ask = (struct app_ask){.child = child, .lines = child->lines, .number = ++master->next_ask, .asked_us = clock_monotonic_us()};
  snprintf(ask->token, sizeof ask->token, "%s", token);
  ask_children(master, ask);
}

void app_metrics_ask_for_control(struct app_master *master, struct loop_lines *lines) {
  struct app_ask *ask = free_place(master);
  if (ask == NULL) return wire_send(lines, "error", "", "", "too many scrapes", NULL);
  *ask = (struct app_ask){.lines = lines, .number = ++master->next_ask, .asked_us = clock_monotonic_us()};
  ask_children(master, ask);
}

void app_metrics_forget_lines(struct app_master *master, const struct loop_lines *lines) {
  for (int i = 0; i < MASTER_ASKS; i++) {
    if (master->asks[i].child == NULL && master->asks[i].lines == lines) release(&master->asks[i]);
  }
}

void app_metrics_answer(struct app_master *master, struct wire_message *message) {
  unsigned number = (unsigned)strtoul(message->field[1], NULL, 10);
  for (int i = 0; i < MASTER_ASKS; i++) {
    struct app_ask *ask = &master->asks[i];
    if (ask->lines == NULL || ask->number != number) continue;
    bytes_add_str(&ask->text, message->field[2]);
    if (--ask->waiting == 0) reply(ask);
    return;
  }
}

void app_metrics_check(struct app_master *master, uint64_t now_us) {
  for (int i = 0; i < MASTER_ASKS; i++) {
    struct app_ask *ask = &master->asks[i];
    if (ask->lines != NULL && now_us - ask->asked_us > ANSWER_LIMIT_US) reply(ask);
  }
}

void app_metrics_forget(struct app_master *master, const struct app_child *child) {
  for (int i = 0; i < MASTER_ASKS; i++) {
    if (child != NULL && master->asks[i].child == child) release(&master->asks[i]);
  }
}
