/* The hostile corpus (tests/hostile) inside one process, as in a worker: each twice, under the sanitizers, with small
 * limits. None may crash, outlive its limit or harm the pack beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "script/pack.h"

#define TEST(name) static void name(void **state)
#define LIMIT_MS 20
/* Under ASan every block is malloc's and a full collection of the whole memory takes its time, the more when others use the processor. */
#define MARGIN_MS 900

static const struct script_pack_limits LIMITS = {
    .vm = {.memory_bytes = 4 << 20, .output_bytes = 64 << 10, .depth = 64}, .ms = LIMIT_MS, .load_ms = LIMIT_MS};

static struct script_pack *pack_of(const char *name, struct slice text, struct script_watchdog *watchdog) {
  struct script_pack *pack = script_pack_new(name, &LIMITS);
  assert_true(script_pack_add(pack, "rules/it.lua", text));
  pack->watchdog = watchdog;
  return pack;
}

static void read_text(const char *path, struct bytes *out) {
  char part[4096];
  size_t count;
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  while ((count = fread(part, 1, sizeof part, file)) > 0) bytes_add(out, part, count);
  fclose(file);
  if (out->data == NULL) bytes_add(out, "", 0);
}

static uint64_t cpu_us(void) {
  struct timespec spent;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return (uint64_t)spent.tv_sec * 1000000 + (uint64_t)spent.tv_nsec / 1000;
}

/* Loads it (which runs it), takes its export out, and asks the neighbour. */
static void contain(const char *name, struct slice text, struct script_pack *neighbour, struct script_watchdog *watchdog) {
  lua_State *app = luaL_newstate();
  struct script_pack *pack = pack_of(name, text, watchdog);
  uint64_t began = cpu_us();
  bool ok = script_pack_load(pack);
  uint64_t spent_ms = (cpu_us() - began) / 1000;
  if (spent_ms > LIMIT_MS + MARGIN_MS) fail_msg("%s took %d ms", name, (int)spent_ms);
  if (ok && script_pack_export(pack, "rules.it")) {
    struct script_vm_failure failure = {0};
    struct script_copy copy = {.depth = 64, .bytes = 1 << 20, .functions = SCRIPT_COPY_NAME_FUNCTIONS, .failure = &failure};
    if (!script_copy_value(&copy, pack->vm->L, 1, app)) assert_int_not_equal(failure.kind, SCRIPT_VM_OK);
  } else if (!ok) {
    assert_int_not_equal(pack->failure.kind, SCRIPT_VM_OK);
    assert_true(pack->failure.text[0] != '\0');
  }
  lua_settop(app, 0);
  lua_pushinteger(app, 20);
  if (!script_pack_call(neighbour, "rules.it", "double", app, 1)) fail_msg("after %s: %s", name, neighbour->failure.text);
  assert_int_equal(lua_tointeger(neighbour->vm->L, 1), 40);
  script_pack_free(pack);
  lua_close(app);
}

static int contain_all(struct script_watchdog *watchdog) {
  int count = 0;
  struct dirent *entry;
  DIR *dir = opendir(COPP_SOURCE_DIR "/tests/hostile");
  struct script_pack *neighbour = pack_of("neighbour", slice_of("return { double = function(x) return x * 2 end }"), watchdog);
  assert_non_null(dir);
  while ((entry = readdir(dir)) != NULL) {
    char path[512];
    struct bytes text = {0};
    size_t len = strlen(entry->d_name);
    if (len < 4 || strcmp(entry->d_name + len - 4, ".lua") != 0) continue;
    snprintf(path, sizeof path, "%s/tests/hostile/%s", COPP_SOURCE_DIR, entry->d_name);
    read_text(path, &text);
    for (int round = 0; round < 2; round++) contain(entry->d_name, (struct slice){text.data, text.len}, neighbour, watchdog);
    bytes_deinit(&text);
    count++;
  }
  closedir(dir);
  script_pack_free(neighbour);
  return count;
}

TEST(the_hostile_corpus_is_contained_by_the_watchdog) {
  (void)state;
  struct script_watchdog watchdog;
  script_watchdog_init(&watchdog, NULL);
  assert_true(contain_all(&watchdog) >= 100);
  script_watchdog_deinit(&watchdog);
}

TEST(the_hostile_corpus_is_contained_without_a_watchdog) {
  (void)state;
  assert_true(contain_all(NULL) >= 100);
}

/* ---- failing allocations ---- */

static const char WORKLOAD[] =
    "local it = {}\n"
    "local class = {} class.__index = class\n"
    "function class.sum(self) local n = 0 for k, v in pairs(self) do n = n + v end return n end\n"
    "function it.work(ctx)\n"
    "  local object = setmetatable({ a = 1, b = 2, c = ctx.n }, class)\n"
    "  local words = {} for word in ('один два три'):gmatch('%S+') do words[#words + 1] = utf8.upper(word) end\n"
    "  table.sort(words)\n"
    "  local f = coroutine.wrap(function(x) local y = coroutine.yield(x) return y .. table.concat(words) end)\n"
    "  local ok = pcall(error, { code = 'x' })\n"
    "  return object:sum(), f(1), f('z'), ok, { ('%s-%d'):format('a', 5), (('abc'):gsub('b', '%0%0')) }\n"
    "end\n"
    "return it\n";

TEST(every_allocation_of_a_pack_may_fail_in_turn) {
  (void)state;
  lua_State *app = luaL_newstate();
  struct script_pack *pack = pack_of("work", slice_of(WORKLOAD), NULL);
  int failures = 0;
  lua_newtable(app);
  lua_pushinteger(app, 7);
  lua_setfield(app, 1, "n");
  for (long n = 1; n < 20000; n++) { /* while the state is made */
    pack->fail_at = n;
    if (script_pack_load(pack)) break;
    failures++;
    assert_int_equal(pack->failure.kind, SCRIPT_VM_MEMORY);
  }
  pack->fail_at = pack->vm->memory.fail_at = 0;
  assert_true(failures > 100);
  for (long n = 1; n < 20000; n++) { /* in a call; the next one works */
    assert_true(script_pack_call(pack, "rules.it", "work", app, 1));
    pack->vm->memory.allocations = 0;
    pack->vm->memory.fail_at = n;
    bool ok = script_pack_call(pack, "rules.it", "work", app, 1);
    if (ok && pack->vm->memory.allocations < n) break;
    if (!ok) assert_int_equal(pack->failure.kind, SCRIPT_VM_MEMORY);
    if (pack->vm != NULL) pack->vm->memory.fail_at = 0;
    assert_true(n < 19999);
  }
  script_pack_free(pack);
  lua_close(app);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_hostile_corpus_is_contained_by_the_watchdog),
      cmocka_unit_test(the_hostile_corpus_is_contained_without_a_watchdog),
      cmocka_unit_test(every_allocation_of_a_pack_may_fail_in_turn),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
