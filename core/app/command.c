#include "app/command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/database.h"
#include "app/process.h"
#include "app/tree.h"
#include "app/wire.h"
#include "base/mem.h"
#include "db/cluster.h"
#include "db/migrate.h"

static int complain(const struct error *err) {
  fprintf(stderr, "%s\n", err->text);
  return 1;
}

/* ---- Lua commands ---- */

struct run {
  struct app_process *process;
  int exit_code;
};

static void on_command_done(void *ctx, int exit_code, const char *message) {
  struct run *run = ctx;
  run->exit_code = exit_code;
  if (message != NULL && *message != '\0') fprintf(exit_code == 0 ? stdout : stderr, "%s\n", message);
  loop_stop(&run->process->loop);
}

static bool build(struct app_process *process, const char *tree, struct error *err) {
  struct script_place place = {0};
  char *chunks = app_path(&process->setup, "chunks");
  struct script_source source = {.tree = tree, .chunks = chunks, .number = 1, .settings = process->setup.settings, .log = &process->setup.log};
  struct script_generation *generation = script_generation_build(&source, &place, err);
  free(chunks);
  if (generation == NULL) {
    struct error reason = *err;
    return error_set(err, ERR_SCRIPT, "%s:%d: %.400s", place.file, place.line, reason.text);
  }
  script_use(process->script, generation);
  return true;
}

static int run_in(struct app_process *process, const char *tree, const char *url, const char *name, const char *const *args) {
  struct error err = {0};
  struct run run = {process, 1};
  if (!app_process_open(process, url, APP_COMMAND, &err) || !build(process, tree, &err)) {
    complain(&err);
  } else {
    script_command(process->script, name, args, on_command_done, &run);
    loop_run(&process->loop);
  }
  app_process_close(process);
  loop_run(&process->loop);
  return run.exit_code;
}

/* The tree a command runs from: the installed one, or a fresh copy when there is none. */
static char *command_tree(struct app_setup *setup, struct error *err) {
  char *tree = app_tree_current(setup);
  if (tree != NULL) return tree;
  return app_tree_install(setup, &tree, err) && app_tree_use(setup, tree, NULL, err) ? tree : NULL;
}

static int run_with_database(struct app_setup *setup, const char *tree, const char *name, const char *const *args) {
  struct error err = {0};
  struct app_database database = {0};
  struct app_process process = {0};
  int exit_code = 1;
  if (!app_drop_root(setup, &err) || !app_make_secret(setup, &err) || !app_database_open(setup, &database, &err)) {
    complain(&err);
    goto done;
  }
  struct bytes dir = {0};
  bytes_addf(&dir, "%s/migrations", tree);
  bool is_migrated = db_migrate(database.url, dir.data, false, NULL, NULL, &err);
  bytes_deinit(&dir);
  signal(SIGPIPE, SIG_IGN);
  process.setup = *setup;
  if (!is_migrated || !loop_init(&process.loop, &err)) {
    complain(&err);
    goto done;
  }
  exit_code = run_in(&process, tree, database.url, name, args);
  loop_deinit(&process.loop);
  script_stats_deinit(&process.stats);
done:
  app_database_close(&database);
  return exit_code;
}

int app_command_lua(struct app_setup *setup, const char *name, const char *const *args) {
  struct error err = {0};
  char *tree = command_tree(setup, &err);
  int exit_code = tree != NULL ? run_with_database(setup, tree, name, args) : complain(&err);
  free(tree);
  return exit_code;
}

/* Nothing of the data directory is needed but the place for the copy. */
static int run_without_database(struct app_setup *setup, const char *tree, const char *name, const char *const *args) {
  struct error err = {0};
  struct app_process process = {.setup = *setup};
  if (!app_make_secret(setup, &err) || !loop_init(&process.loop, &err)) return complain(&err);
  int exit_code = run_in(&process, tree, NULL, name, args);
  loop_deinit(&process.loop);
  script_stats_deinit(&process.stats);
  return exit_code;
}

int app_command_fresh(struct app_setup *setup, const char *name, const char *const *args, bool needs_database) {
  struct error err = {0};
  char *tree = NULL;
  if (!app_tree_install(setup, &tree, &err)) return complain(&err);
  int exit_code = (needs_database ? run_with_database : run_without_database)(setup, tree, name, args);
  app_tree_remove(tree);
  free(tree);
  return exit_code;
}

/* ---- the others ---- */

int app_command_migrate(struct app_setup *setup, bool plan_only) {
  struct error err = {0};
  struct app_database database = {0};
  char *tree = NULL;
  struct db_migrate_report report = {0};
  bool ok = app_tree_install(setup, &tree, &err) && app_drop_root(setup, &err) && app_database_open(setup, &database, &err);
  if (ok) {
    struct bytes dir = {0};
    bytes_addf(&dir, "%s/migrations", tree);
    ok = db_migrate(database.url, dir.data, plan_only, stdout, &report, &err);
    bytes_deinit(&dir);
  }
  if (ok) printf("%s: %d, уже есть: %d\n", plan_only ? "Предстоит" : "Применено", report.applied, report.present);
  app_database_close(&database);
  if (tree != NULL) app_tree_remove(tree);
  free(tree);
  return ok ? 0 : complain(&err);
}

/* Checks what a reload would install: the checkout with the region's directory over it. */
int app_command_check(struct app_setup *setup) {
  struct error err = {0};
  char *tree = NULL;
  if (!app_tree_install(setup, &tree, &err)) return complain(&err);
  struct script_source source = {.tree = tree, .number = 1, .settings = setup->settings, .log = &setup->log};
  int faults = script_check(&source, stdout);
  app_tree_remove(tree);
  free(tree);
  printf(faults == 0 ? "Проверено: ошибок нет\n" : "Ошибок: %d\n", faults);
  return faults == 0 ? 0 : 1;
}

int app_command_reload(struct app_setup *setup) {
  struct error err = {0};
  char *tree = NULL;
  char answer[4096] = "";
  if (!app_tree_install(setup, &tree, &err)) return complain(&err);
  struct bytes request = {0};
  bytes_addf(&request, "reload\t%s\n", tree);
  bool is_answered = app_ask_master(setup, request.data, answer, sizeof answer);
  bytes_deinit(&request);
  if (!is_answered) app_tree_remove(tree);
  free(tree);
  struct wire_message message;
  wire_parse(slice_of(answer), &message);
  bool ok = is_answered && wire_is(&message, "ok");
  if (!is_answered) fprintf(stderr, "Платформа не запущена (каталог данных %s)\n", setup->data_dir);
  else if (ok) printf("Работает поколение %s\n", message.field[1]);
  else if (*message.field[1] != '\0') fprintf(stderr, "%s:%s: %s\nРаботает прежняя версия\n", message.field[1], message.field[2], message.field[3]);
  else fprintf(stderr, "%s\nРаботает прежняя версия\n", message.field[3]);
  wire_free(&message);
  return ok ? 0 : 1;
}

void app_command_refresh(struct app_setup *setup) {
  char answer[4096] = "";
  if (app_ask_master(setup, "status\n", answer, sizeof answer)) app_command_reload(setup);
}

int app_command_logins(struct app_setup *setup) {
  char *path = app_path(setup, "demo-logins.txt");
  FILE *file = fopen(path, "r");
  if (file == NULL) fprintf(stderr, "Демонстрационных входов нет: %s: %s\n", path, strerror(errno));
  free(path);
  if (file == NULL) return 1;
  for (int c = getc(file); c != EOF; c = getc(file)) putchar(c);
  fclose(file);
  return 0;
}

static void say(bool ok, const char *what, const char *detail, int *faults) {
  printf("%s  %s%s%s\n", ok ? "хорошо" : "плохо ", what, *detail != '\0' ? ": " : "", detail);
  if (!ok) (*faults)++;
}

int app_command_doctor(struct app_setup *setup) {
  int faults = 0;
  char answer[4096] = "", detail[600];
  struct statvfs disk;
  struct error err = {0};
  say(true, "Каталог данных", setup->data_dir, &faults);
  bool has_disk = statvfs(setup->data_dir, &disk) == 0;
  double free_gb = has_disk ? (double)disk.f_bavail * (double)disk.f_frsize / 1e9 : 0;
  snprintf(detail, sizeof detail, "свободно %.1f ГБ", free_gb);
  say(free_gb > 1, "Диск", detail, &faults);
  bool runs = app_ask_master(setup, "status\n", answer, sizeof answer);
  say(runs, "Платформа", runs ? answer + 3 : "не запущена", &faults);
  struct app_database database = {0};
  char *tree = command_tree(setup, &err);
  bool ok = tree != NULL && app_drop_root(setup, &err) && app_database_open(setup, &database, &err);
  say(ok, "База данных", ok ? "отвечает" : err.text, &faults);
  if (ok) {
    struct bytes dir = {0};
    struct db_migrate_report report = {0};
    bytes_addf(&dir, "%s/migrations", tree);
    ok = db_migrate(database.url, dir.data, true, NULL, &report, &err);
    snprintf(detail, sizeof detail, "%s", ok ? report.applied == 0 ? "схема свежая" : "есть непримененные: ./copp migrate" : err.text);
    say(ok && report.applied == 0, "Миграции", detail, &faults);
    bytes_deinit(&dir);
  }
  app_database_close(&database);
  free(tree);
  return faults == 0 ? 0 : 1;
}
