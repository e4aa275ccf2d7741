/* The board: what a process ran when it died, and which packs are quarantined for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <lauxlib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "script/pack.h"

#define TEST(name) static void name(void **state)

struct world {
  char path[64];
  struct script_board *board;
};

static void open_world(struct world *world) {
  struct error err = {0};
  snprintf(world->path, sizeof world->path, "/tmp/copp-board-XXXXXX");
  int fd = mkstemp(world->path);
  assert_true(fd >= 0);
  close(fd);
  if (!script_board_open(world->path, &world->board, &err)) fail_msg("%s", err.text);
}

static void close_world(struct world *world) {
  script_board_close(world->board);
  unlink(world->path);
}

/* A process that opens the same file, enters the pack and dies by that signal (0: leaves it, ends well). */
static void die_in(struct world *world, const char *pack, int signum) {
  pid_t pid = fork();
  if (pid == 0) {
    struct script_board *board;
    struct error err;
    if (!script_board_open(world->path, &board, &err)) _exit(9);
    struct script_board_slot *slot = script_board_slot(board, "web-1");
    script_board_enter(slot, pack, "rules.it", "spin");
    if (signum == 0) script_board_leave(slot);
    signal(signum == 0 ? SIGKILL : signum, SIG_DFL);
    if (signum != 0) kill(getpid(), signum);
    _exit(0);
  }
  int status;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, signum);
}

TEST(a_pack_is_quarantined_after_it_brought_two_processes_down) {
  (void)state;
  struct world world;
  open_world(&world);
  assert_null(script_board_strike(world.board, "web-1"));
  die_in(&world, "app@1", SIGSEGV);
  const struct script_board_struck *struck = script_board_strike(world.board, "web-1");
  assert_non_null(struck);
  assert_string_equal(struck->pack, "app@1");
  assert_string_equal(struck->function, "rules.it spin");
  assert_int_equal(script_board_strikes(world.board, "app@1"), 1);
  die_in(&world, "app@2", 0);
  assert_null(script_board_strike(world.board, "web-1"));
  die_in(&world, "app@1", SIGKILL); /* a stall that the master ended */
  assert_non_null(script_board_strike(world.board, "web-1"));
  assert_int_equal(script_board_strikes(world.board, "app@1"), SCRIPT_BOARD_STRIKES);
  assert_int_equal(script_board_strikes(world.board, "app@2"), 0);
  close_world(&world);
}

TEST(quarantine_holds_in_every_process_until_it_is_lifted) {
  (void)state;
  struct world world;
  open_world(&world);
  struct script_pack_limits limits = {.vm = {.memory_bytes = 4 << 20, .output_bytes = 1 << 16, .depth = 8}, .ms = 50, .load_ms = 500};
  struct script_pack *pack = script_pack_new("app@1", &limits);
  lua_State *app = luaL_newstate();
  pack->board = world.board;
  pack->slot = script_board_slot(world.board, "web-2");
  assert_true(script_pack_add(pack, "rules/it.lua", slice_of("return { f = function(x) return x end }")));
  assert_true(script_pack_load(pack));
  lua_pushinteger(app, 1);
  assert_true(script_pack_call(pack, "rules.it", "f", app, 1));
  for (int i = 0; i < 2; i++) {
    die_in(&world, "app@1", SIGABRT);
    assert_non_null(script_board_strike(world.board, "web-1"));
  }
  assert_false(script_pack_call(pack, "rules.it", "f", app, 1));
  assert_int_equal(pack->failure.kind, SCRIPT_VM_CRASH);
  assert_false(script_pack_load(pack));
  assert_int_equal(world.board->slots[1].is_inside, 0);
  assert_true(script_board_pardon(world.board, "app@1"));
  assert_false(script_board_pardon(world.board, "app@1"));
  assert_true(script_pack_call(pack, "rules.it", "f", app, 1));
  script_pack_free(pack);
  lua_close(app);
  close_world(&world);
}

TEST(names_too_long_and_files_of_another_make_do_no_harm) {
  (void)state;
  struct world world;
  char name[400];
  memset(name, 'x', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  open_world(&world);
  die_in(&world, name, SIGKILL);
  assert_non_null(script_board_strike(world.board, "web-1"));
  assert_int_equal(script_board_strikes(world.board, name), 1);
  script_board_close(world.board);
  FILE *file = fopen(world.path, "w");
  fputs("something else", file);
  fclose(file);
  struct error err;
  assert_true(script_board_open(world.path, &world.board, &err));
  assert_int_equal(script_board_strikes(world.board, name), 0);
  for (int i = 0; i < SCRIPT_BOARD_SLOTS; i++) {
    snprintf(name, sizeof name, "web-%d", i + 1);
    assert_non_null(script_board_slot(world.board, name));
  }
  assert_null(script_board_slot(world.board, "one more"));
  close_world(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_pack_is_quarantined_after_it_brought_two_processes_down),
      cmocka_unit_test(quarantine_holds_in_every_process_until_it_is_lifted),
      cmocka_unit_test(names_too_long_and_files_of_another_make_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
