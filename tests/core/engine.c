/* The engine: lines of the feed, questions and answers, and the change stream under transactions that end out of order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/engine_feed.h"
#include "app/engine_world.h"
#include "db/blocking.h"
#include "db/migrate.h"
#include "support/pg.h"

#define TEST(name) static void name(void **state)

enum { DAY = 20000 }; /* 2024-10-04, a Friday */

static void feed_line(struct engine_world *world, const char *line) {
  struct error err;
  assert_true(engine_world_line(world, slice_of(line), &err));
}

/* Group 7 with a subgroup 71 and a learner, teacher's card 5, rooms 10 and 11, twelve posts 12; lesson 1 on DAY 09:00–10:30 of Moscow. */
static struct engine_world *region(void) {
  struct engine_world *world = engine_world_new(180);
  static const char *const lines[] = {
      "z\tEurope/Moscow\t0\t180", "w\t1\t2\t40", "r\t10\troom\t1", "r\t11\troom\t1", "r\t12\tequipment\t12", "r\t20\tgroup\t1", "r\t21\tsubgroup\t1",
      "r\t30\tperson\t1", "r\t31\tperson\t1", "g\t7\t20", "s\t7\t71\t21", "l\t7\t31\t0", "t\t30\t8\t36\t\\N\t5", "t\t\\N\t8\t36\t\\N\t6",
      "b\t1\t100\t10\t1\t28800360\t28800450\t1\t2\tf", "b\t1\t101\t20\t1\t28800360\t28800450\t1\t2\tf", "b\t1\t102\t30\t1\t28800360\t28800450\t1\t2\tf",
      "b\t1\t103\t12\t5\t28800360\t28800450\t1\t2\tf", "b\t\\N\t104\t31\t1\t28800600\t28800660\t\\N\t\\N\t\\N"};
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) feed_line(world, lines[i]);
  engine_world_flush(world);
  return world;
}

static const char *asked(const struct engine_world *world, const char *question) {
  static char text[4096];
  struct bytes out = {0};
  engine_answer(world, slice_of(question), &out);
  snprintf(text, sizeof text, "%.*s", (int)out.len, out.data);
  bytes_deinit(&out);
  return text;
}

#define PLACE "\"zone\":\"Europe/Moscow\",\"minutes\":90,\"at\":[20000,540]"

TEST(a_free_place_has_no_hits) {
  struct engine_world *world = region();
  assert_string_equal(asked(world, "{\"op\":\"check\",\"zone\":\"Europe/Moscow\",\"minutes\":90,\"staff\":[5],\"rooms\":[10],\"group\":7,\"at\":[20000,630]}"),
                      "{\"cells\":[[]]}");
  engine_world_free(world);
}

TEST(a_hit_names_rule_role_and_the_other_lesson) {
  struct engine_world *world = region();
  assert_string_equal(asked(world, "{\"op\":\"check\"," PLACE ",\"staff\":[5],\"rooms\":[11]}"),
                      "{\"cells\":[[[1,\"t\",5,1,0,28800360,28800450,0]]]}");
  assert_string_equal(asked(world, "{\"op\":\"check\"," PLACE ",\"rooms\":[10],\"subgroup\":71}"), "{\"cells\":[[[2,\"r\",10,1,0,28800360,28800450,0]]]}");
  engine_world_free(world);
}

TEST(a_lesson_that_moves_does_not_meet_itself) {
  struct engine_world *world = region();
  assert_string_equal(asked(world, "{\"op\":\"check\"," PLACE ",\"staff\":[5],\"rooms\":[10],\"group\":7,\"lesson\":1}"), "{\"cells\":[[]]}");
  engine_world_free(world);
}

TEST(units_that_are_missing_are_counted) {
  struct engine_world *world = region();
  assert_string_equal(asked(world, "{\"op\":\"check\"," PLACE ",\"things\":[12,7]}"), "{\"cells\":[[]]}");
  assert_string_equal(asked(world, "{\"op\":\"check\"," PLACE ",\"things\":[12,9]}"), "{\"cells\":[[[4,\"e\",12,1,0,28800360,28800450,2]]]}");
  engine_world_free(world);
}

TEST(a_learner_of_the_group_is_busy_elsewhere) {
  struct engine_world *world = region();
  const char *question = "{\"op\":\"check\",\"zone\":\"Europe/Moscow\",\"minutes\":90,\"group\":7,\"at\":[20000,780]}";
  assert_string_equal(asked(world, question), "{\"cells\":[[[3,\"l\",31,0,104,28800600,28800660,0]]]}");
  engine_world_forget(world, 'b', 104);
  assert_string_equal(asked(world, question), "{\"cells\":[[]]}");
  engine_world_free(world);
}

TEST(the_way_between_sites_takes_time) {
  struct engine_world *world = region();
  assert_string_equal(asked(world, "{\"op\":\"check\",\"zone\":\"Europe/Moscow\",\"minutes\":90,\"staff\":[5],\"site\":2,\"at\":[20000,640]}"),
                      "{\"cells\":[[[12,\"t\",5,1,0,28800450,28800460,30]]]}");
  engine_world_free(world);
}

TEST(free_places_leave_out_the_past_and_the_own_place) {
  struct engine_world *world = region();
  assert_string_equal(asked(world, "{\"op\":\"free\",\"zone\":\"Europe/Moscow\",\"minutes\":90,\"staff\":[5],\"any\":[10,11],\"days\":[20000,20001],"
                                   "\"starts\":[540,630],\"most\":3,\"at\":[20001,540],\"after\":28800300}"),
                      "{\"places\":[[20000,630,0],[20001,630,0]]}");
  engine_world_free(world);
}

TEST(substitutes_are_judged_one_by_one) {
  struct engine_world *world = region();
  assert_string_equal(asked(world, "{\"op\":\"each\",\"each\":\"staff\"," PLACE ",\"any\":[5,6]}"),
                      "{\"cells\":[[[1,\"t\",5,1,0,28800360,28800450,0]],[]]}");
  engine_world_free(world);
}

TEST(what_the_engine_does_not_know_is_left_to_postgresql) {
  struct engine_world *world = region();
  static const char *const questions[] = {
      "{\"op\":\"check\"," PLACE ",\"staff\":[99]}", "{\"op\":\"check\"," PLACE ",\"rooms\":[99]}", "{\"op\":\"check\"," PLACE ",\"group\":99}",
      "{\"op\":\"check\",\"zone\":\"Asia/Omsk\",\"minutes\":90,\"at\":[20000,540]}", "{\"op\":\"fly\"," PLACE "}", "{\"op\":\"check\"", "[]", "",
      "{\"op\":\"check\",\"zone\":\"Europe/Moscow\",\"minutes\":93,\"things\":[12,1],\"at\":[20000,540]}",
      "{\"op\":\"check\",\"zone\":\"Europe/Moscow\",\"minutes\":90,\"at\":[99999999,540]}"};
  for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) assert_int_equal(0, strncmp(asked(world, questions[i]), "{\"error\"", 8));
  engine_world_free(world);
}

TEST(a_leave_of_months_lies_in_parts_and_goes_whole) {
  struct engine_world *world = region();
  feed_line(world, "b\t\\N\t200\t30\t1\t28900800\t29080800\t\\N\t\\N\t\\N"); /* 125 days */
  engine_world_flush(world);
  assert_int_equal(6, schedule_count(world->plan));
  assert_int_equal(0, strncmp(asked(world, "{\"op\":\"check\",\"zone\":\"Europe/Moscow\",\"minutes\":90,\"staff\":[5],\"at\":[20190,540]}"), "{\"cells\":[[[1", 13));
  engine_world_forget(world, 'b', 200);
  assert_int_equal(2, schedule_count(world->plan));
  engine_world_free(world);
}

/* ---- the stream */

static int set_up(void **state) {
  struct pg *pg = pg_start();
  struct error err;
  if (!db_migrate(db_cluster_url(pg->cluster), COPP_SOURCE_DIR "/migrations", false, NULL, NULL, &err)) {
    fprintf(stderr, "%s\n", err.text);
    return 1;
  }
  *state = pg;
  return 0;
}

static int tear_down(void **state) {
  pg_free(*state);
  return 0;
}

struct follower {
  struct world *w;
  struct engine_feed *feed;
  uint64_t done, wanted;
};

static void on_fresh(void *ctx, uint64_t reading) { ((struct follower *)ctx)->done = reading; }
static bool is_ready(void *ctx) { return engine_feed_world(((struct follower *)ctx)->feed) != NULL; }
static bool has_read(void *ctx) { return ((struct follower *)ctx)->done >= ((struct follower *)ctx)->wanted; }

static struct follower *follow(struct pg *pg) {
  struct follower *f = calloc(1, sizeof *f);
  f->w = world_new(pg, NULL);
  f->feed = engine_feed_new(&f->w->loop, f->w->db, &f->w->log, 180, on_fresh, f);
  assert_true(world_until(f->w, is_ready, f, 20000));
  return f;
}

static const struct engine_world *seen(struct follower *f) {
  f->wanted = engine_feed_poll(f->feed);
  assert_true(world_until(f->w, has_read, f, 10000));
  assert_true(world_until(f->w, is_ready, f, 20000));
  return engine_feed_world(f->feed);
}

static void leave(struct follower *f) {
  engine_feed_stop(f->feed);
  world_free(f->w);
  engine_feed_free(f->feed);
  free(f);
}

static struct db_blocking *connection(struct pg *pg) {
  struct db_blocking *db;
  struct error err;
  assert_true(db_blocking_open(db_cluster_url(pg->cluster), "writer", &db, &err));
  return db;
}

static void run(struct db_blocking *db, const char *sql) {
  struct error err;
  if (!db_blocking_run(db, sql, 0, NULL, NULL, &err)) fail_msg("%s: %s", sql, err.text);
}

#define BOOK "INSERT INTO booking (resource_id, during, purpose) SELECT id, tstzrange('2027-03-01 09:00Z', '2027-03-01 10:00Z'), 'event' FROM made"
#define BOOK_NEW "WITH made AS (INSERT INTO resource (kind) VALUES ('room') RETURNING id) " BOOK

TEST(a_transaction_that_commits_late_is_not_lost_and_nothing_comes_twice) {
  struct follower *f = follow(*state);
  struct db_blocking *late = connection(*state), *quick = connection(*state);
  size_t before = schedule_count(seen(f)->plan);
  run(late, "BEGIN");
  run(late, BOOK_NEW);
  run(quick, BOOK_NEW);
  assert_int_equal(before + 1, schedule_count(seen(f)->plan));
  uint64_t changes = engine_feed_stats(f->feed).changes;
  seen(f);
  assert_int_equal(changes, engine_feed_stats(f->feed).changes); /* though the late one holds the mark down */
  run(late, "SAVEPOINT inner_part");
  run(late, BOOK_NEW);
  run(late, "COMMIT");
  assert_int_equal(before + 3, schedule_count(seen(f)->plan));
  assert_int_equal(changes + 4, engine_feed_stats(f->feed).changes); /* two resources, two bookings */
  run(late, "BEGIN");
  run(late, BOOK_NEW);
  run(late, "ROLLBACK");
  assert_int_equal(before + 3, schedule_count(seen(f)->plan));
  db_blocking_close(late);
  db_blocking_close(quick);
  leave(f);
}

static void compare(struct pg *pg, const struct engine_world *world) {
  char text[64];
  uint64_t sum = 0, weight = 0;
  for (int64_t key = 1; key < 3000; key++) {
    struct schedule_booking found;
    if (!schedule_find(world->plan, engine_id(ENGINE_BOOKING, key, 0), &found)) continue;
    sum += (uint64_t)key;
    weight += (uint64_t)key * (uint64_t)(found.start % 1000 + found.minutes);
  }
  snprintf(text, sizeof text, "%llu %llu", (unsigned long long)sum, (unsigned long long)weight);
  assert_string_equal(text, pg_value(pg, "SELECT coalesce(sum(id), 0) || ' ' || coalesce(sum(id * ((extract(epoch FROM lower(during)) / 60)::bigint % 1000 + "
                                         "(extract(epoch FROM upper(during) - lower(during)) / 60)::bigint)), 0) FROM booking WHERE state = 'confirmed'"));
}

/* Each of four writers is somewhere in a transaction; whenever the feed has read, it is what a fresh look at PostgreSQL shows. */
TEST(the_world_equals_the_table_whatever_order_transactions_end_in) {
  struct follower *f = follow(*state);
  struct db_blocking *writer[4];
  bool is_open[4] = {false};
  unsigned dice = 12345;
  for (int i = 0; i < 4; i++) writer[i] = connection(*state);
  for (int step = 0; step < 400; step++) {
    dice = dice * 1103515245 + 12345;
    int who = (int)(dice >> 16) % 4, what = (int)(dice >> 20) % 8;
    char sql[300];
    if (!is_open[who]) run(writer[who], "BEGIN");
    is_open[who] = what > 1;
    if (what == 0) run(writer[who], "COMMIT");
    else if (what == 1) run(writer[who], step % 3 == 0 ? "ROLLBACK" : "COMMIT");
    else if (what < 5) run(writer[who], BOOK_NEW);
    else {
      snprintf(sql, sizeof sql, what == 5 ? "DELETE FROM booking WHERE id IN (SELECT id FROM booking WHERE id %% 4 = %d ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)"
               : "UPDATE booking SET during = tstzrange(lower(during) + interval '5 minutes', upper(during) + interval '20 minutes') WHERE id IN "
                 "(SELECT id FROM booking WHERE id %% 4 = %d ORDER BY id DESC LIMIT 2 FOR UPDATE SKIP LOCKED)", who);
      run(writer[who], sql);
    }
    if (step % 10 == 9) compare(*state, seen(f));
  }
  for (int i = 0; i < 4; i++) {
    if (is_open[i]) run(writer[i], "COMMIT");
    db_blocking_close(writer[i]);
  }
  compare(*state, seen(f));
  leave(f);
}

TEST(notes_thrown_away_too_early_lead_to_a_new_load) {
  struct follower *f = follow(*state);
  struct db_blocking *db = connection(*state);
  uint64_t loads = engine_feed_stats(f->feed).loads;
  seen(f);
  run(db, BOOK_NEW);
  run(db, "SELECT trim_schedule_changes('0 s')::text");
  compare(*state, seen(f));
  assert_int_equal(loads + 1, engine_feed_stats(f->feed).loads);
  assert_string_equal("0", pg_value(*state, "SELECT count(*) FROM schedule_change"));
  db_blocking_close(db);
  leave(f);
}

TEST(an_emptied_table_is_noticed) {
  struct follower *f = follow(*state);
  assert_true(pg_run(*state, BOOK_NEW));
  assert_true(schedule_count(seen(f)->plan) > 0);
  assert_true(pg_run(*state, "TRUNCATE booking"));
  assert_int_equal(0, schedule_count(seen(f)->plan));
  leave(f);
}

int main(void) {
  const struct CMUnitTest world_tests[] = {
      cmocka_unit_test(a_free_place_has_no_hits),
      cmocka_unit_test(a_hit_names_rule_role_and_the_other_lesson),
      cmocka_unit_test(a_lesson_that_moves_does_not_meet_itself),
      cmocka_unit_test(units_that_are_missing_are_counted),
      cmocka_unit_test(a_learner_of_the_group_is_busy_elsewhere),
      cmocka_unit_test(the_way_between_sites_takes_time),
      cmocka_unit_test(free_places_leave_out_the_past_and_the_own_place),
      cmocka_unit_test(substitutes_are_judged_one_by_one),
      cmocka_unit_test(what_the_engine_does_not_know_is_left_to_postgresql),
      cmocka_unit_test(a_leave_of_months_lies_in_parts_and_goes_whole),
  };
  const struct CMUnitTest stream_tests[] = {
      cmocka_unit_test(a_transaction_that_commits_late_is_not_lost_and_nothing_comes_twice),
      cmocka_unit_test(the_world_equals_the_table_whatever_order_transactions_end_in),
      cmocka_unit_test(notes_thrown_away_too_early_lead_to_a_new_load),
      cmocka_unit_test(an_emptied_table_is_noticed),
  };
  return cmocka_run_group_tests(world_tests, NULL, NULL) + cmocka_run_group_tests(stream_tests, set_up, tear_down);
}
