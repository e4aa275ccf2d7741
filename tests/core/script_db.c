/* core.db inside tasks: values, errors, transactions that die, tasks that are stopped while they wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/lua_rig.h"
#include "support/pg.h"

#define TEST(name) static void name(void **state)

struct scene {
  struct world *world;
  struct lua_rig *rig;
};

static int set_up(void **state) {
  *state = pg_start();
  return 0;
}

static int tear_down(void **state) {
  pg_free(*state);
  return 0;
}

static struct scene open_scene(void **state, struct script_limits limits) {
  struct scene scene;
  pg_run(*state, "DROP TABLE IF EXISTS account; CREATE TABLE account (id int PRIMARY KEY,"
                 " money int NOT NULL CONSTRAINT money_is_there CHECK (money >= 0));"
                 "INSERT INTO account VALUES (1, 100), (2, 100)");
  scene.world = world_new(*state, NULL);
  scene.rig = lua_rig_new(&(struct lua_rig_options){
      .db = scene.world->db, .loop = &scene.world->loop, .command = limits});
  return scene;
}

static void close_scene(struct scene *scene) {
  lua_rig_free(scene->rig);
  world_free(scene->world);
}

static void run_well(void **state, const char *lua) {
  struct scene scene = open_scene(state, (struct script_limits){0});
  struct lua_rig_end end = lua_rig_run(scene.rig, lua);
  if (end.exit_code != 0) fail_msg("%s", end.message);
  close_scene(&scene);
}

static const char *money(void **state) {
  return pg_value(*state, "SELECT money FROM account WHERE id = 1");
}

static bool no_transaction_is_open(void *ctx) {
  return strcmp(pg_value(ctx, "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in tr%'"),
                "0") == 0;
}

TEST(values_come_as_the_contract_says) {
  run_well(state,
           "local db = require('core.db')\n"
           "local r = assert(db.row([[SELECT 1::int2 i2, 2::int4 i4, 9007199254740993::int8 i8, true b,\n"
           "  1.5::float8 f, 12.30::numeric n, 'ж'::text t, NULL::text nothing, '{1,2}'::int[] ia,\n"
           "  '{a,NULL,\"b c\"}'::text[] ta, '{\"k\": [1]}'::jsonb j, '2026-11-23'::date d,\n"
           "  '{}'::bigint[] empty]]))\n"
           "assert(math.type(r.i2) == 'integer' and r.i4 == 2 and r.i8 == 9007199254740993)\n"
           "assert(r.b == true and r.f == 1.5 and r.n == '12.30' and r.t == 'ж' and r.nothing == nil)\n"
           "assert(r.ia[2] == 2 and r.ta[2] == db.null and r.ta[3] == 'b c' and #r.empty == 0)\n"
           "assert(r.j == '{\"k\": [1]}' and r.d == '2026-11-23')\n"
           "local p = assert(db.row('SELECT $1::int a, $2::text b, $3::bool c, $4::float8 d, $5::text e',\n"
           "  7, \"o'clock\", false, 0.1, nil))\n"
           "assert(p.a == 7 and p.b == \"o'clock\" and p.c == false and p.d == 0.1 and p.e == nil)\n"
           "assert(#assert(db.rows('SELECT 1 WHERE false')) == 0 and db.row('SELECT 1 WHERE false') == nil)\n"
           "local list = assert(db.rows('SELECT * FROM unnest($1::text[]) AS x', db.array({ 'a', '\"', '{' })))\n"
           "assert(#list == 3 and list[2].x == '\"')\n"
           "assert(db.exec('UPDATE account SET money = money') == 2)\n"
           "assert(db.row({ lane = 'slow', timeout_ms = 5000 }, 'SELECT 1 x').x == 1)\n"
           "return 0");
}

TEST(json_pages_tell_whether_there_is_more) {
  run_well(state,
           "local db = require('core.db')\n"
           "local sql = 'SELECT g AS id, g AS at FROM generate_series(1, $1::int) g ORDER BY g'\n"
           "local bytes, count, cursor = assert(db.json({ limit = 2, cursor = 'at' }, sql, 3))\n"
           "assert(count == 2 and cursor == '2', tostring(cursor))\n"
           "assert(bytes == '[{\"id\":1},{\"id\":2}]', bytes)\n"
           "bytes, count, cursor = assert(db.json({ limit = 2, cursor = 'at' }, sql, 2))\n"
           "assert(count == 2 and cursor == nil)\n"
           "bytes, count = assert(db.json(nil, sql, 1))\n"
           "assert(bytes == '[{\"id\":1,\"at\":1}]' and count == 1, bytes)\n"
           "assert(db.json_row('SELECT 1 AS x') == '{\"x\":1}' and db.json_row('SELECT 1 WHERE false') == nil)\n"
           "return 0");
}

TEST(a_constraint_is_named_and_misuse_raises) {
  run_well(state,
           "local db = require('core.db')\n"
           "local none, err = db.exec('UPDATE account SET money = -1')\n"
           "assert(none == nil and err.code == 'constraint' and err.constraint == 'money_is_there')\n"
           "assert(err.sqlstate == '23514' and err.table == 'account')\n"
           "none, err = db.row('SELEKT')\n"
           "assert(none == nil and err.code == 'db' and err.sqlstate == '42601')\n"
           "assert(not pcall(db.row, 'SELECT $1', {}) and not pcall(db.row) and not pcall(db.commit))\n"
           "return 0");
}

TEST(a_transaction_commits_and_rolls_back) {
  run_well(state,
           "local db = require('core.db')\n"
           "assert(db.begin() and db.exec('UPDATE account SET money = 1 WHERE id = 1') and db.rollback())\n"
           "assert(db.row('SELECT money FROM account WHERE id = 1').money == 100)\n"
           "assert(db.begin('serializable'))\n"
           "assert(db.exec('UPDATE account SET money = 5 WHERE id = 1') and db.commit())\n"
           "assert(db.row('SELECT money FROM account WHERE id = 1').money == 5)\n"
           "return 0");
}

static void dies_in_transaction(void **state, const char *rest, struct script_limits limits) {
  struct scene scene = open_scene(state, limits);
  char lua[1024];
  snprintf(lua, sizeof lua,
           "local db = require('core.db')\n"
           "assert(db.begin() and db.exec('UPDATE account SET money = 0 WHERE id = 1'))\n%s",
           rest);
  struct lua_rig_end end = lua_rig_run(scene.rig, lua);
  (void)end;
  assert_true(lua_rig_until(scene.rig, no_transaction_is_open, *state, 10000));
  assert_string_equal(money(state), "100");
  for (int i = 0; i < 5; i++) { /* no connection was lost to it */
    end = lua_rig_run(scene.rig, "local db = require('core.db') assert(db.begin() and db.commit()) return 0");
    if (end.exit_code != 0) fail_msg("%s", end.message);
  }
  close_scene(&scene);
}

TEST(a_task_that_fails_in_a_transaction_rolls_back) {
  dies_in_transaction(state, "error('oops')", (struct script_limits){0});
}

TEST(a_task_that_forgets_to_commit_rolls_back) {
  dies_in_transaction(state, "return 0", (struct script_limits){0});
}

TEST(a_task_killed_by_its_time_limit_rolls_back) {
  dies_in_transaction(state, "while true do pcall(function() while true do end end) end",
                      (struct script_limits){.burst_us = 200000, .memory_bytes = 8 << 20});
}

TEST(a_task_killed_by_its_memory_limit_rolls_back) {
  dies_in_transaction(state, "local s = 'x' while true do s = s .. s end",
                      (struct script_limits){.burst_us = 20000000, .memory_bytes = 8 << 20});
}

static void stopped_while(void **state, const char *lua, const char *sign) {
  struct scene scene = open_scene(state, (struct script_limits){0});
  char text[1024];
  struct lua_rig_end end;
  snprintf(text, sizeof text, "return function() local db = require('core.db') %s end", lua);
  lua_rig_write(scene.rig, "tree/lua/commands/waits.lua", text);
  lua_rig_load(scene.rig, 1);
  lua_rig_start(scene.rig, "waits", &end);
  for (int i = 0; i < 2000 && strcmp(pg_value(*state, sign), "1") != 0; i++)
    uv_run(&scene.world->loop.uv, UV_RUN_NOWAIT);
  assert_false(end.is_done);
  script_stop_all(scene.rig->script);
  assert_true(end.is_done);
  assert_int_equal(script_task_count(scene.rig->script), 0);
  assert_true(lua_rig_until(scene.rig, no_transaction_is_open, *state, 10000));
  assert_string_equal(money(state), "100");
  close_scene(&scene);
}

TEST(a_task_stopped_while_it_waits_for_a_query_leaves_nothing) {
  stopped_while(state, "db.row('SELECT pg_sleep(30)')",
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)' AND state = 'active'"
                " AND pid <> pg_backend_pid()");
}

TEST(a_task_stopped_inside_a_transaction_rolls_back) {
  stopped_while(state,
                "db.begin() db.exec('UPDATE account SET money = 0 WHERE id = 1') db.row('SELECT pg_sleep(31)')",
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(31)' AND state = 'active'"
                " AND pid <> pg_backend_pid()");
}

TEST(waiting_inside_a_nested_coroutine_suspends_the_task) {
  run_well(state,
           "local db = require('core.db')\n"
           "local seen = {}\n"
           "local f = coroutine.wrap(function()\n"
           "  for i = 1, 3 do coroutine.yield(db.row('SELECT $1::int AS x', i).x) end\n"
           "end)\n"
           "for i = 1, 3 do seen[i] = f() end\n"
           "assert(seen[1] == 1 and seen[3] == 3)\n"
           "local co = coroutine.create(function() return pcall(function() error(db.row('SELECT 5 AS x').x, 0) end) end)\n"
           "local ok, inner, value = coroutine.resume(co)\n"
           "assert(ok and not inner and value == 5 and coroutine.status(co) == 'dead')\n"
           "return 0");
}

TEST(waiting_inside_sort_is_refused_and_nothing_hangs) {
  run_well(state,
           "local db = require('core.db')\n"
           "local ok, why = pcall(table.sort, { 3, 1, 2 }, function() return db.row('SELECT true AS x').x end)\n"
           "assert(not ok and tostring(why):find('waiting is not possible'), why)\n"
           "ok, why = pcall(table.sort, { 3, 1, 2 }, function()\n"
           "  return coroutine.wrap(function() return db.row('SELECT true AS x').x end)()\n"
           "end)\n"
           "assert(not ok and tostring(why):find('waiting is not possible'), why)\n"
           "assert(db.row('SELECT 1 AS x').x == 1)\n"
           "return 0");
}

TEST(copy_takes_chunks_and_may_wait_between_them) {
  run_well(state,
           "local db = require('core.db')\n"
           "local i = 0\n"
           "local count = assert(db.copy('COPY account FROM STDIN', function()\n"
           "  i = i + 1\n"
           "  if i > 2000 then return nil end\n"
           "  if i % 500 == 0 then assert(db.row({ lane = 'fast' }, 'SELECT 1 AS x')) end\n"
           "  return (i + 10) .. '\\t' .. i .. '\\n'\n"
           "end))\n"
           "assert(count == 2000 and db.row('SELECT count(*) AS n FROM account').n == 2002)\n"
           "local none, err = db.copy('COPY account FROM STDIN', coroutine.wrap(function()\n"
           "  coroutine.yield('1\\t1\\n') coroutine.yield(nil)\n"
           "end))\n"
           "assert(none == nil and err.code == 'constraint', err and err.code)\n"
           "local ok = pcall(db.copy, 'COPY account FROM STDIN', function() error('no more') end)\n"
           "assert(not ok and db.row('SELECT 1 AS x').x == 1)\n"
           "return 0");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_come_as_the_contract_says),
      cmocka_unit_test(json_pages_tell_whether_there_is_more),
      cmocka_unit_test(a_constraint_is_named_and_misuse_raises),
      cmocka_unit_test(a_transaction_commits_and_rolls_back),
      cmocka_unit_test(a_task_that_fails_in_a_transaction_rolls_back),
      cmocka_unit_test(a_task_that_forgets_to_commit_rolls_back),
      cmocka_unit_test(a_task_killed_by_its_time_limit_rolls_back),
      cmocka_unit_test(a_task_killed_by_its_memory_limit_rolls_back),
      cmocka_unit_test(a_task_stopped_while_it_waits_for_a_query_leaves_nothing),
      cmocka_unit_test(a_task_stopped_inside_a_transaction_rolls_back),
      cmocka_unit_test(waiting_inside_a_nested_coroutine_suspends_the_task),
      cmocka_unit_test(waiting_inside_sort_is_refused_and_nothing_hangs),
      cmocka_unit_test(copy_takes_chunks_and_may_wait_between_them),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
