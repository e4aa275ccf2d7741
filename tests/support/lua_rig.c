#include "support/lua_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define GENEROUS \
  {.burst_us = 20000000, .total_us = 0, .wall_us = 0, .memory_bytes = (size_t)256 << 20}

static const char OWN_BOOT[] =
    "local boot = {}\n"
    "function boot.load() return { request = function() return 204 end } end\n"
    "function boot.command(name, args) return require('commands.' .. name)(args) end\n"
    "return boot\n";

static void make_parents(char *path) {
  for (char *at = path + 1; (at = strchr(at, '/')) != NULL; at++) {
    *at = '\0';
    mkdir(path, 0755);
    *at = '/';
  }
}

void lua_rig_write(struct lua_rig *rig, const char *path, const char *text) {
  char full[512];
  snprintf(full, sizeof full, "%s/%s", rig->dir, path);
  make_parents(full);
  FILE *file = fopen(full, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
  fclose(file);
}

static void open_settings(struct lua_rig *rig) {
  struct error err;
  char path[512];
  lua_rig_write(rig, "tree/config/default.lua",
            "return { { key = 'region.zone', type = 'text', default = 'Europe/Moscow', reason = 'r' },\n"
            "  { key = 'dev', type = 'boolean', default = 0, reason = 'r' } }\n");
  snprintf(path, sizeof path, "%s/tree/config/default.lua", rig->dir);
  assert_true(script_settings_load(path, NULL, &rig->settings, &err));
}

static void open_script(struct lua_rig *rig, const struct lua_rig_options *options) {
  char data[128];
  struct script_limits generous = GENEROUS;
  bool has_limits = options->command.burst_us != 0;
  snprintf(data, sizeof data, "%s/data", rig->dir);
  struct script_config config = {.loop = rig->loop,
                                 .log = rig->log,
                                 .db = options->db,
                                 .settings = rig->settings,
                                 .seal_key = &rig->seal_key,
                                 .data_dir = data,
                                 .web = SCRIPT_WEB_LIMITS,
                                 .job = SCRIPT_JOB_LIMITS,
                                 .command = has_limits ? options->command : generous,
                                 .may_run_processes = true,
                                 .has_console = true,
                                 .stats = &rig->stats};
  rig->script = script_new(&config);
}

struct lua_rig *lua_rig_new(const struct lua_rig_options *options) {
  struct lua_rig *rig = mem_zero(sizeof *rig);
  struct error err;
  snprintf(rig->dir, sizeof rig->dir, "/tmp/copp-script-XXXXXX");
  assert_non_null(mkdtemp(rig->dir));
  rig->log_fd = memfd_create("log", MFD_CLOEXEC);
  rig->own_log = (struct log){.fd = rig->log_fd, .from = LOG_DEBUG, .who = "test"};
  rig->log = options->log != NULL ? options->log : &rig->own_log;
  rig->loop = options->loop != NULL ? options->loop : &rig->own_loop;
  if (options->loop == NULL) assert_true(loop_init(rig->loop, &err));
  lua_rig_write(rig, "data/tmp/.keep", "");
  lua_rig_write(rig, "tree/lua/boot.lua", options->boot != NULL ? options->boot : OWN_BOOT);
  open_settings(rig);
  open_script(rig, options);
  return rig;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *ftw) {
  (void)info, (void)type, (void)ftw;
  return remove(path);
}

void lua_rig_free(struct lua_rig *rig) {
  script_stop_all(rig->script);
  script_free(rig->script);
  if (rig->loop == &rig->own_loop) loop_deinit(rig->loop);
  script_stats_deinit(&rig->stats);
  script_settings_free(rig->settings);
  nftw(rig->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  close(rig->log_fd);
  free(rig);
}

struct script_generation *lua_rig_build(struct lua_rig *rig, int number, long fail_at,
                                    struct script_place *place, struct error *err) {
  char tree[128], chunks[128];
  snprintf(tree, sizeof tree, "%s/tree", rig->dir);
  snprintf(chunks, sizeof chunks, "%s/chunks", rig->dir);
  struct script_source source = {.tree = tree,
                                 .chunks = chunks,
                                 .number = number,
                                 .settings = rig->settings,
                                 .log = rig->log,
                                 .fail_at = fail_at};
  return script_generation_build(&source, place, err);
}

void lua_rig_load(struct lua_rig *rig, int number) {
  struct script_place place;
  struct error err = {0};
  struct script_generation *generation = lua_rig_build(rig, number, 0, &place, &err);
  if (generation == NULL) fail_msg("%s:%d: %s", place.file, place.line, err.text);
  script_use(rig->script, generation);
}

static uint64_t cpu_us(void) {
  struct timespec spent;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return (uint64_t)spent.tv_sec * 1000000 + (uint64_t)spent.tv_nsec / 1000;
}

static void on_done(void *ctx, int exit_code, const char *message) {
  struct lua_rig_end *end = ctx;
  end->is_done = true;
  end->exit_code = exit_code;
  end->us = clock_monotonic_us() - end->us;
  end->cpu_us = cpu_us() - end->cpu_us;
  snprintf(end->message, sizeof end->message, "%s", message != NULL ? message : "");
}

void lua_rig_start(struct lua_rig *rig, const char *name, struct lua_rig_end *end) {
  *end = (struct lua_rig_end){.us = clock_monotonic_us(), .cpu_us = cpu_us()};
  script_command(rig->script, name, NULL, on_done, end);
}

static bool is_done(void *ctx) { return ((struct lua_rig_end *)ctx)->is_done; }

bool lua_rig_until(struct lua_rig *rig, bool (*cond)(void *ctx), void *ctx, int timeout_ms) {
  uint64_t deadline = clock_monotonic_us() + (uint64_t)timeout_ms * 1000;
  while (!cond(ctx) && clock_monotonic_us() < deadline) {
    uv_run(&rig->loop->uv, UV_RUN_NOWAIT);
    usleep(500);
  }
  return cond(ctx);
}

struct lua_rig_end lua_rig_command(struct lua_rig *rig, const char *name) {
  struct lua_rig_end end;
  lua_rig_start(rig, name, &end);
  assert_true(lua_rig_until(rig, is_done, &end, 30000));
  return end;
}

struct lua_rig_end lua_rig_run(struct lua_rig *rig, const char *lua) {
  struct bytes text = {0};
  bytes_addf(&text, "return function(args)\n%s\nend\n", lua);
  lua_rig_write(rig, "tree/lua/commands/it.lua", text.data);
  bytes_deinit(&text);
  lua_rig_load(rig, 1);
  return lua_rig_command(rig, "it");
}

char *lua_rig_log(struct lua_rig *rig) {
  uv_run(&rig->loop->uv, UV_RUN_NOWAIT); /* lines of a turn are written at its end */
  off_t len = lseek(rig->log_fd, 0, SEEK_END);
  char *text = mem_zero((size_t)len + 1);
  assert_int_equal(pread(rig->log_fd, text, (size_t)len, 0), len);
  return text;
}
