#include "script/rules_bench.h"

#include <lualib.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "script/pack.h"

enum { DECISIONS = 20000, BATCH = 100000, ROUNDS = 5 };

struct measure {
  const char *name, *unit, *gate_text;
  double value;
  bool ok;
};

/* A context as kit.workflow makes one: the object, what the binding gathered, the user. */
static const char CONTEXT[] =
    "local facts = {}\n"
    "for i = 1, 24 do facts['fact_' .. i] = i % 3 == 0 and 'значение ' .. i or i % 3 == 1 and i or i % 2 == 0 end\n"
    "facts.age_on_start, facts.min_age, facts.max_age, facts.starts_on_text = 17, 18, 65, '1 марта 2027 г.'\n"
    "facts.profile_missing = { 'СНИЛС', 'телефон' }\n"
    "return { facts = facts, action = 'submit', from = 'draft', to = 'submitted', today = '2026-11-27', now = 1795000000.5,\n"
    "  object = { id = 17, state = 'draft', version = 3, organization_id = 4, program_id = 8, intake_id = 21, public_id = 'Xk3f9aQ2', number = '2026-000017' },\n"
    "  user = { id = 5, name = 'Иванова Анна Петровна', grant = { role = 'partner', organization_id = 4 } },\n"
    "  input = { reason = 'текст причины', data = { a = 1, b = 'два' } } }\n";

static const char WORK[] =
    "local n, t = 0, {}\n"
    "for i = 1, 3000000 do\n"
    "  local x = i % 1000\n"
    "  t[x + 1] = x\n"
    "  if x > 500 then n = n + x else n = n - 1 end\n"
    "end\n"
    "return n\n";

static double cpu_us(void) {
  struct timespec spent;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return (double)spent.tv_sec * 1e6 + (double)spent.tv_nsec / 1e3;
}

/* ---- decisions ---- */

static bool add_file(struct script_pack *pack, const char *tree, const char *name) {
  struct bytes path = {0}, text = {0};
  char part[8192];
  size_t count;
  bytes_addf(&path, "%s/lua/%s", tree, name);
  FILE *file = fopen(path.data, "rb");
  while (file != NULL && (count = fread(part, 1, sizeof part, file)) > 0) bytes_add(&text, part, count);
  bool ok = file != NULL && script_pack_add(pack, name, (struct slice){text.data, text.len});
  if (file != NULL) fclose(file);
  if (!ok) fprintf(stderr, "%s: not read\n", path.data);
  bytes_deinit(&path);
  bytes_deinit(&text);
  return ok;
}

static struct script_pack *load(const char *tree, struct script_watchdog *watchdog) {
  struct script_pack_limits limits = {.vm = {.memory_bytes = 8 << 20, .output_bytes = 1 << 20, .depth = 64}, .ms = 50, .load_ms = 1000};
  struct script_pack *pack = script_pack_new("bench", &limits);
  pack->watchdog = watchdog;
  bool ok = add_file(pack, tree, "rules/guards/application.lua") && add_file(pack, tree, "rules/guards/shared.lua");
  if (ok && script_pack_load(pack)) return pack;
  if (ok) fprintf(stderr, "%s:%d: %s\n", pack->failure.place.chunk, pack->failure.place.line, pack->failure.text);
  script_pack_free(pack);
  return NULL;
}

static bool decide(struct script_pack *pack, lua_State *app) {
  struct script_copy copy = {.depth = 64, .bytes = 1 << 20, .failure = &pack->failure};
  if (!script_pack_call(pack, "rules.guards.application", "age_suits", app, 1)) return false;
  for (int i = 1; i <= lua_gettop(pack->vm->L); i++)
    if (!script_copy_value(&copy, pack->vm->L, i, app)) return false;
  lua_settop(app, 1);
  return true;
}

/* Microseconds of the processor for one, the best of some rounds. */
static double time_decisions(struct script_pack *pack, lua_State *app, int count) {
  double best = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    double began = cpu_us();
    for (int i = 0; i < count; i++) {
      if (decide(pack, app)) continue;
      fprintf(stderr, "%s\n", pack->failure.text);
      return 1e9;
    }
    double one = (cpu_us() - began) / count;
    if (one < best) best = one;
  }
  return best;
}

/* ---- pure Lua: the sandbox against a plain state ---- */

static int run_work(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_call(L, 0, 0);
  return 0;
}

static int load_work(lua_State *L) {
  if (!script_vm_compile(L, slice_of(WORK), "work")) return 0;
  lua_pushcclosure(L, run_work, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, "bench.work");
  return 0;
}

static int call_work(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "bench.work");
  lua_call(L, 0, 0);
  return 0;
}

static double watchdog_ratio(struct script_watchdog *watchdog) {
  struct script_vm_limits limits = {.memory_bytes = 8 << 20, .output_bytes = 1 << 20, .depth = 64};
  struct script_vm *vm = script_vm_new(&limits, 0);
  lua_State *plain = luaL_newstate();
  double best_inside = 1e12, best_plain = 1e12;
  vm->watchdog = watchdog;
  luaL_openlibs(plain);
  bool ok = script_vm_run(vm, load_work, NULL, 10000) && luaL_loadstring(plain, WORK) == LUA_OK;
  for (int round = 0; ok && round < 2 * ROUNDS; round++) {
    double began = cpu_us();
    ok = script_vm_run(vm, call_work, NULL, 10000);
    double middle = cpu_us();
    lua_pushvalue(plain, 1);
    lua_call(plain, 0, 0);
    double end = cpu_us();
    if (middle - began < best_inside) best_inside = middle - began;
    if (end - middle < best_plain) best_plain = end - middle;
  }
  script_vm_free(vm);
  lua_close(plain);
  return ok ? best_inside / best_plain : 1e9;
}

/* ---- all of it ---- */

static int print_all(const struct measure *measures, int count, bool is_json, FILE *out) {
  int exit_code = 0;
  for (int i = 0; i < count; i++) {
    const struct measure *m = &measures[i];
    if (!m->ok) exit_code = 1;
    if (is_json)
      fprintf(out, "%s{\"name\":\"%s\",\"value\":%.3f,\"unit\":\"%s\",\"gate\":\"%s\",\"ok\":%s}", i == 0 ? "[" : ",\n ", m->name,
              m->value, m->unit, m->gate_text, m->ok ? "true" : "false");
    else fprintf(out, "%-44s %12.2f %-10s %-8s %s\n", m->name, m->value, m->unit, m->gate_text, m->ok ? "ok" : "MISSED");
  }
  if (is_json) fprintf(out, "]\n");
  return exit_code;
}

int script_rules_bench(const char *tree, bool is_json, FILE *out) {
  struct script_watchdog watchdog;
  script_watchdog_init(&watchdog, NULL);
  struct script_pack *pack = load(tree, &watchdog);
  lua_State *app = luaL_newstate();
  int exit_code = 1;
  luaL_openlibs(app);
  if (pack != NULL && luaL_dostring(app, CONTEXT) == LUA_OK) {
    double decision = time_decisions(pack, app, DECISIONS), batch = time_decisions(pack, app, BATCH);
    double ratio = watchdog_ratio(&watchdog);
    struct measure measures[] = {
        {"decision with its context, processor time", "us", "<= 15", decision, decision <= 15},
        {"pure Lua in the sandbox against a plain state", "times", "<= 1.05", ratio, ratio <= 1.05},
        {"decisions of a dry run, one core", "per s", ">= 50000", 1e6 / batch, 1e6 / batch >= 50000},
    };
    exit_code = print_all(measures, sizeof measures / sizeof *measures, is_json, out);
  }
  lua_close(app);
  script_pack_free(pack);
  script_watchdog_deinit(&watchdog);
  return exit_code;
}
