/* LISTEN: channels, several listeners, reconnection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "support/pg.h"

#define TEST(name) static void name(void **state)

static int set_up(void **state) {
  *state = pg_start();
  return 0;
}

static int tear_down(void **state) {
  pg_free(*state);
  return 0;
}

struct ear {
  int heard, missed;
  char last[64];
  struct db_listener *listener;
  bool leaves; /* at the first notification */
};

static void hear(void *ctx, const char *channel, struct slice payload, bool missed) {
  struct ear *ear = ctx;
  assert_int_equal(strncmp(channel, "co", 2), 0);
  if (missed) {
    ear->missed++;
    return;
  }
  ear->heard++;
  snprintf(ear->last, sizeof ear->last, "%.*s", (int)payload.len, payload.data);
  if (ear->leaves) db_unlisten(ear->listener);
}

static bool has_heard(void *ctx) { return ((struct ear *)ctx)->heard > 0; }

static bool is_told(void *ctx) { return ((struct ear *)ctx)->missed > 0; }

TEST(a_notification_arrives_with_its_payload) {
  struct world *w = world_new(*state, NULL);
  struct ear ear = {0}, other = {0};
  ear.listener = db_listen(w->db, "copp", hear, &ear);
  other.listener = db_listen(w->db, "co \"odd\" name", hear, &other);
  assert_true(world_until(w, is_told, &other, 5000)); /* once LISTEN is in force */
  assert_true(db_is_listening(w->db));
  assert_int_equal(ear.missed, 1);
  pg_run(*state, "NOTIFY copp, '{\"topic\":\"job\"}'");
  assert_true(world_until(w, has_heard, &ear, 5000));
  assert_string_equal(ear.last, "{\"topic\":\"job\"}");
  assert_int_equal(other.heard, 0);
  pg_run(*state, "NOTIFY \"co \"\"odd\"\" name\"");
  assert_true(world_until(w, has_heard, &other, 5000));
  world_free(w);
}

TEST(a_listener_may_leave_while_it_is_called) {
  struct world *w = world_new(*state, NULL);
  struct ear leaving = {.leaves = true}, staying = {0};
  leaving.listener = db_listen(w->db, "copp", hear, &leaving);
  staying.listener = db_listen(w->db, "copp", hear, &staying);
  assert_true(world_until(w, is_told, &staying, 5000));
  pg_run(*state, "NOTIFY copp, '1'");
  assert_true(world_until(w, has_heard, &staying, 5000));
  staying.heard = 0;
  pg_run(*state, "NOTIFY copp, '2'");
  assert_true(world_until(w, has_heard, &staying, 5000));
  assert_string_equal(staying.last, "2");
  assert_int_equal(leaving.heard, 1);
  world_free(w);
}

static void lose_and_hear_again(struct world *w, struct ear *ear) {
  ear->heard = 0;
  assert_true(world_until(w, is_told, ear, 5000));
  pg_run(w->pg, "NOTIFY copp, 'after'");
  assert_true(world_until(w, has_heard, ear, 5000));
  assert_string_equal(ear->last, "after");
}

TEST(after_a_loss_it_listens_again_and_says_that_something_may_be_missing) {
  struct world *w = world_new(*state, NULL);
  struct ear ear = {0};
  ear.listener = db_listen(w->db, "copp", hear, &ear);
  assert_true(world_until(w, is_told, &ear, 5000));
  ear.missed = 0;
  pg_run(*state,
         "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'UNLISTEN%'");
  lose_and_hear_again(w, &ear);
  ear.missed = 0;
  pg_stop(*state);
  pg_start_again(*state);
  lose_and_hear_again(w, &ear);
  db_unlisten(ear.listener);
  world_free(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_notification_arrives_with_its_payload),
      cmocka_unit_test(a_listener_may_leave_while_it_is_called),
      cmocka_unit_test(after_a_loss_it_listens_again_and_says_that_something_may_be_missing),
  };
  return cmocka_run_group_tests_name("db_listen", tests, set_up, tear_down);
}
