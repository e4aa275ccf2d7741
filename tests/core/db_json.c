/* A result as JSON: the table of types, pages with a cursor, array literals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "db/array.h"
#include "db/json.h"
#include "support/pg.h"

#define TEST(name) static void name(void **state)

static int set_up(void **state) {
  *state = world_new(pg_start(), NULL);
  return 0;
}

static int tear_down(void **state) {
  struct world *w = *state;
  struct pg *pg = w->pg;
  world_free(w);
  pg_free(pg);
  return 0;
}

struct kept {
  bool is_done;
  struct pg_result *result;
};

static void keep(void *ctx, struct db_outcome *outcome) {
  struct kept *kept = ctx;
  kept->is_done = true;
  if (outcome->err != NULL) fail_msg("%s", outcome->err->text);
  kept->result = outcome->result;
  outcome->result = NULL;
}

static bool is_kept(void *ctx) { return ((struct kept *)ctx)->is_done; }

static struct pg_result *result_of(struct world *w, const char *sql) {
  struct kept kept = {0};
  db_submit(w->db, query_of(sql, NULL), keep, &kept);
  assert_true(world_until(w, is_kept, &kept, 10000));
  return kept.result;
}

static void assert_json(struct world *w, const char *sql, const char *expected) {
  struct pg_result *result = result_of(w, sql);
  struct bytes out = {0};
  struct error err = {0};
  assert_true(db_json_write(result, NULL, &out, NULL, &err));
  assert_string_equal(out.data, expected);
  bytes_deinit(&out);
  db_result_free(result);
}

TEST(each_type_has_its_form) {
  static const struct {
    const char *value, *json;
  } table[] = {
      {"1::smallint", "1"},
      {"(-42)::int", "-42"},
      {"9007199254740993::bigint", "9007199254740993"},
      {"1.5::float8", "1.5"},
      {"1e-7::float8", "1e-07"},
      {"1e300::float8", "1e+300"},
      {"'NaN'::float8", "null"},
      {"'-Infinity'::float4", "null"},
      {"true", "true"},
      {"false", "false"},
      {"NULL::int", "null"},
      {"NULL::text", "null"},
      {"2874.00::numeric(10,2)", "\"2874.00\""},
      {"'NaN'::numeric", "\"NaN\""},
      {"''::text", "\"\""},
      {"E'quote \" back \\\\ line\\n tab\\t </script>'",
       "\"quote \\\" back \\\\ line\\n tab\\t <\\/script>\""},
      {"'Ёлка — 木'", "\"Ёлка — 木\""},
      {"'{\"a\": [1, null]}'::jsonb", "{\"a\": [1, null]}"},
      {"'[ ]'::json", "[ ]"},
      {"date '2026-11-23'", "\"2026-11-23\""},
      {"time '09:05'", "\"09:05:00\""},
      {"timestamptz '2026-11-23 14:02:00+05'", "\"2026-11-23T14:02:00+05:00\""},
      {"timestamptz '2026-11-23 14:02:00.123456+05'", "\"2026-11-23T14:02:00.123456+05:00\""},
      {"timestamptz 'infinity'", "\"infinity\""},
      {"timestamptz '0044-03-15 12:00:00+05 BC'", NULL},
      {"timestamptz '1900-01-01 00:00:00+00'", "\"1900-01-01T04:02:33+04:02:33\""},
      {"timestamp '2026-11-23 14:02:00'", "\"2026-11-23T14:02:00\""},
      {"timestamp '2026-11-23 14:02:00.5'", "\"2026-11-23T14:02:00.5\""},
      {"interval '1 day 02:00'", "\"1 day 02:00:00\""},
      {"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""},
      {"int4range(1, 5)", "\"[1,5)\""},
      {"'x'::\"char\"", "\"x\""},
      {"E'\\\\xdead'::bytea", "\"\\\\xdead\""},
      {"ARRAY[1, NULL, 3]", "[1,null,3]"},
      {"ARRAY[10]::bigint[]", "[10]"},
      {"ARRAY[]::int[]", "[]"},
      {"ARRAY[true, false]", "[true,false]"},
      {"ARRAY[0.5, 'NaN']::float8[]", "[0.5,null]"},
      {"ARRAY['a', 'two words', 'com,ma', 'qu\"ote', E'back\\\\slash', '', NULL, 'NULL', '{}']",
       "[\"a\",\"two "
       "words\",\"com,ma\",\"qu\\\"ote\",\"back\\\\slash\",\"\",null,\"NULL\",\"{}\"]"},
      {"ARRAY[1.50]::numeric[]", "[\"1.50\"]"},
      {"ARRAY['2026-11-23']::date[]", "[\"2026-11-23\"]"},
      {"ARRAY['{\"a\": 1}']::jsonb[]", "[{\"a\": 1}]"},
      {"ARRAY[timestamptz '2026-11-23 14:02:00+05']", "[\"2026-11-23T14:02:00+05:00\"]"},
      {"ARRAY[[1,2],[3,4]]", "\"{{1,2},{3,4}}\""},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (table[i].json == NULL) continue;
    char sql[512], expected[512];
    snprintf(sql, sizeof sql, "SELECT %s AS value", table[i].value);
    snprintf(expected, sizeof expected, "[{\"value\":%s}]", table[i].json);
    assert_json(*state, sql, expected);
  }
}

TEST(identifiers_are_strings) {
  assert_json(
      *state,
      "SELECT 1::bigint AS id, 2::bigint AS group_id, 3::int AS grade_id, 4::bigint AS seats,"
      " 5::bigint AS paid, ARRAY[6, 7]::bigint[] AS teacher_ids, ARRAY[8]::bigint[] AS marks",
      "[{\"id\":\"1\",\"group_id\":\"2\",\"grade_id\":3,\"seats\":4,\"paid\":5,"
      "\"teacher_ids\":[\"6\",\"7\"],\"marks\":[8]}]");
}

TEST(an_empty_result_is_an_empty_array) {
  assert_json(*state, "SELECT 1 AS one WHERE false", "[]");
  assert_json(*state, "SELECT 1 AS \"a\"\"b\"", "[{\"a\\\"b\":1}]");
  assert_json(*state, "SELECT", "[{}]");
}

TEST(a_page_drops_the_extra_row_and_tells_the_cursor) {
  struct world *w = *state;
  struct error err = {0};
  struct bytes out = {0};
  struct db_json_page page;
  struct db_json_options options = {.limit = 2, .cursor = "place"};
  struct pg_result *result =
      result_of(w, "SELECT n * 10 AS place, n AS value FROM generate_series(1, 3) n");
  assert_true(db_json_write(result, &options, &out, &page, &err));
  assert_string_equal(out.data, "[{\"value\":1},{\"value\":2}]");
  assert_int_equal(page.count, 2);
  assert_true(page.has_more);
  assert_true(slice_is(page.cursor, "20"));
  bytes_clear(&out);
  options.limit = 3;
  assert_true(db_json_write(result, &options, &out, &page, &err));
  assert_int_equal(page.count, 3);
  assert_false(page.has_more);
  assert_null(page.cursor.data);
  bytes_clear(&out);
  options.cursor = "absent";
  assert_false(db_json_write(result, &options, &out, &page, &err));
  assert_int_equal(out.len, 0);
  bytes_deinit(&out);
  db_result_free(result);
}

TEST(one_row_is_an_object) {
  struct pg_result *result = result_of(*state, "SELECT 'x' AS name, NULL AS nothing");
  struct bytes out = {0};
  db_json_write_row(result, 0, &out);
  assert_string_equal(out.data, "{\"name\":\"x\",\"nothing\":null}");
  bytes_deinit(&out);
  db_result_free(result);
}

TEST(a_written_array_is_read_back_by_postgresql) {
  struct world *w = *state;
  struct bytes literal = {0};
  db_array_begin(&literal);
  db_array_add(&literal, "plain", 5);
  db_array_add(&literal, "q\"b\\,{}", 7);
  db_array_add(&literal, NULL, 0);
  db_array_add(&literal, "", 0);
  db_array_end(&literal);
  struct answer a;
  world_ask(w, &a, "SELECT array_to_json($1::text[])", literal.data, NULL);
  world_wait(w, &a);
  assert_string_equal(a.text, "[\"plain\",\"q\\\"b\\\\,{}\",null,\"\"]");
  bytes_deinit(&literal);
}

TEST(a_text_that_is_no_array_is_noticed) {
  (void)state;
  static const char *const broken[] = {"",     "{",           "1,2",      "{\"open}", "{1,}",
                                       "{,1}", "[0:1]={1,2}", "{\"a\"b}", "{{1}}"};
  struct bytes scratch = {0};
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
    struct db_array array;
    struct slice item;
    bool is_null;
    db_array_open(&array, slice_of(broken[i]), &scratch);
    while (db_array_next(&array, &item, &is_null)) continue;
    if (!array.is_broken) fail_msg("%s", broken[i]);
  }
  bytes_deinit(&scratch);
}

TEST(writing_a_list_costs_microseconds) {
  struct pg_result *result =
      result_of(*state,
                "SELECT n::bigint AS id, 'Программа номер ' || n AS title, 72 AS hours,"
                " 12500.50::numeric(10,2) AS price, now() AS changed_at, n % 2 = 0 AS open"
                " FROM generate_series(1, 20) n");
  enum { ROUNDS = 2000 };
  struct bytes out = {0};
  uint64_t from = clock_monotonic_us();
  for (int i = 0; i < ROUNDS; i++) {
    bytes_clear(&out);
    assert_true(db_json_write(result, NULL, &out, NULL, NULL));
  }
  uint64_t us = clock_monotonic_us() - from;
  printf("# 20 rows of 6 columns, %zu bytes: %.2f us\n", out.len, (double)us / ROUNDS);
  bytes_deinit(&out);
  db_result_free(result);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_type_has_its_form),
      cmocka_unit_test(identifiers_are_strings),
      cmocka_unit_test(an_empty_result_is_an_empty_array),
      cmocka_unit_test(a_page_drops_the_extra_row_and_tells_the_cursor),
      cmocka_unit_test(one_row_is_an_object),
      cmocka_unit_test(a_written_array_is_read_back_by_postgresql),
      cmocka_unit_test(a_text_that_is_no_array_is_noticed),
      cmocka_unit_test(writing_a_list_costs_microseconds),
  };
  return cmocka_run_group_tests_name("db_json", tests, set_up, tear_down);
}
