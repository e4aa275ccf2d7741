#include "app/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "app/backup.h"
#include "app/command.h"
#include "app/master.h"
#include "app/rules.h"
#include "app/rules_command.h"
#include "app/worker.h"
#include "script/rules_bench.h"

/* What follows the command's name. Options come as --name value, --name=value or --flag. */
struct words {
  int count;
  char **word;
};

struct command {
  const char *name;
  const char *usage; /* after the name; NULL hides it from the list */
  const char *help;
  int (*run)(const struct command *command, struct words words);
};

static int misuse(const struct command *command, const char *word) {
  fprintf(stderr, "Непонятно: %s\nТак: copp %s %s\n", word, command->name, command->usage);
  return 2;
}

static bool setup_or_complain(struct app_setup *setup, const char *who) {
  struct error err = {0};
  if (app_setup_init(setup, who, &err)) return true;
  fprintf(stderr, "%s\n", err.text);
  app_setup_deinit(setup);
  return false;
}

/* Takes "--name" out of the words: its value, "" for the bare flag, NULL when absent. */
static const char *take(struct words *words, const char *name, bool has_value) {
  size_t len = strlen(name);
  for (int i = 0; i < words->count; i++) {
    char *word = words->word[i];
    if (strncmp(word, name, len) != 0 || (word[len] != '\0' && word[len] != '=')) continue;
    int used = 1;
    const char *value = word[len] == '=' ? word + len + 1 : "";
    if (has_value && word[len] == '\0' && i + 1 < words->count) {
      value = words->word[i + 1];
      used = 2;
    }
    memmove(words->word + i, words->word + i + used, (size_t)(words->count - i - used) * sizeof *words->word);
    words->count -= used;
    return value;
  }
  return NULL;
}

static int run_serve(const struct command *command, struct words words) {
  struct app_master_options options = {.demo_if_empty = take(&words, "--demo-if-empty", false) != NULL,
                                       .print_logins = take(&words, "--print-logins", false) != NULL};
  if (words.count > 0) return misuse(command, words.word[0]);
  struct app_setup setup;
  if (!setup_or_complain(&setup, "master")) return 1;
  int exit_code = app_master_run(&setup, &options);
  app_setup_deinit(&setup);
  return exit_code;
}

static int run_worker(const struct command *command, struct words words) {
  const char *who = words.count > 0 ? words.word[0] : command->name;
  if (strcmp(command->name, "engine") == 0) return app_engine(who);
  return strcmp(command->name, "worker") == 0 ? app_worker(who) : app_job_worker(who);
}

static int with_setup(const char *who, int (*run)(struct app_setup *setup)) {
  struct app_setup setup;
  if (!setup_or_complain(&setup, who)) return 1;
  int exit_code = run(&setup);
  app_setup_deinit(&setup);
  return exit_code;
}

static int run_simple(const struct command *command, struct words words) {
  if (words.count > 0) return misuse(command, words.word[0]);
  if (strcmp(command->name, "check") == 0) return with_setup("check", app_command_check);
  if (strcmp(command->name, "reload") == 0) return with_setup("reload", app_command_reload);
  return with_setup("doctor", app_command_doctor);
}

static int migrate_for_real(struct app_setup *setup) { return app_command_migrate(setup, false); }
static int migrate_plan(struct app_setup *setup) { return app_command_migrate(setup, true); }

static int run_migrate(const struct command *command, struct words words) {
  bool plan_only = take(&words, "--plan", false) != NULL;
  if (words.count > 0) return misuse(command, words.word[0]);
  return with_setup("migrate", plan_only ? migrate_plan : migrate_for_real);
}

static int run_version(const struct command *command, struct words words) {
  (void)command;
  (void)words;
  printf("copp %s\n", COPP_VERSION);
  return 0;
}

static int run_lua(const char *name, const char *const *args) {
  struct app_setup setup;
  if (!setup_or_complain(&setup, "command")) return 1;
  int exit_code = app_command_lua(&setup, name, args);
  app_setup_deinit(&setup);
  return exit_code;
}

/* Asked twice without echo at a terminal, otherwise one line of standard input. */
static bool read_password(char *out, size_t size) {
  struct termios shown, hidden;
  bool is_terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
  if (is_terminal) {
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSANOW, &hidden);
    fprintf(stderr, "Пароль: ");
  }
  bool ok = fgets(out, (int)size, stdin) != NULL;
  if (is_terminal) {
    tcsetattr(STDIN_FILENO, TCSANOW, &shown);
    fprintf(stderr, "\n");
  }
  if (ok) out[strcspn(out, "\r\n")] = '\0';
  return ok;
}

static int run_user(const struct command *command, struct words words) {
  if (words.count == 0 || strcmp(words.word[0], "add") != 0) return misuse(command, words.count > 0 ? words.word[0] : "");
  words.word++;
  words.count--;
  const char *email = take(&words, "--email", true), *role = take(&words, "--role", true);
  const char *organization = take(&words, "--organization", true), *name = take(&words, "--name", true);
  const char *sets = take(&words, "--sets", true);
  if (words.count > 0) return misuse(command, words.word[0]);
  if (email == NULL || role == NULL) return misuse(command, "нужны --email и --role");
  char password[1100];
  if (!read_password(password, sizeof password)) {
    fprintf(stderr, "Пароль не прочитан\n");
    return 1;
  }
  const char *args[] = {"email", email, "role", role, "password", password, "organization", organization != NULL ? organization : "",
                        "name", name != NULL ? name : "", "sets", sets != NULL ? sets : "", NULL};
  return run_lua("user add", args);
}

static int run_demo(const struct command *command, struct words words) {
  if (words.count == 1 && strcmp(words.word[0], "logins") == 0) return with_setup("demo", app_command_logins);
  const char *scale = take(&words, "--scale", true);
  bool only_if_empty = take(&words, "--if-empty", false) != NULL;
  if (words.count > 0) return misuse(command, words.word[0]);
  char *end = "";
  long n = scale != NULL ? strtol(scale, &end, 10) : 0;
  if (*end != '\0' || n < 0 || n > 1000) return misuse(command, scale);
  const char *args[] = {"scale", scale != NULL ? scale : "0", "if_empty", only_if_empty ? "true" : "", NULL};
  return run_lua("demo", args);
}

/* What `serve` runs at each start: reference books that are new in this version. */
static int run_refs(const struct command *command, struct words words) {
  if (words.count > 0) return misuse(command, words.word[0]);
  const char *args[] = {NULL};
  return run_lua("refs", args);
}

struct plugin_verb {
  const char *name;
  bool needs_id, needs_database;
};

static int run_plugin_verb(const struct plugin_verb *verb, const char *id, const char *out, const char *is_confirmed) {
  struct app_setup setup;
  if (!setup_or_complain(&setup, "command")) return 1;
  const char *args[] = {"verb", verb->name, "id", id, "yes", is_confirmed, NULL};
  int exit_code;
  /* A running platform enables what it has: it gets the files first. */
  if (strcmp(verb->name, "enable") == 0) app_command_refresh(&setup);
  if (strcmp(verb->name, "new") == 0) exit_code = app_plugin_new(&setup, id);
  else exit_code = app_command_fresh(&setup, "plugin", args, verb->needs_database);
  if (exit_code == 0 && strcmp(verb->name, "pack") == 0) exit_code = app_plugin_pack(&setup, id, out);
  app_setup_deinit(&setup);
  return exit_code;
}

static int run_plugin(const struct command *command, struct words words) {
  static const struct plugin_verb verbs[] = {{"new", true, false},    {"list", false, true},   {"points", false, false}, {"check", true, false},
                                             {"test", true, false},   {"pack", true, false},   {"plan", true, true},     {"enable", true, true},
                                             {"disable", true, true}, {"uninstall", true, true}};
  const char *out = take(&words, "--out", true);
  const char *is_confirmed = take(&words, "--yes", false) != NULL ? "true" : "";
  if (words.count == 0) return misuse(command, "");
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
    if (strcmp(words.word[0], verbs[i].name) != 0) continue;
    if (words.count != (verbs[i].needs_id ? 2 : 1)) return misuse(command, words.word[0]);
    return run_plugin_verb(&verbs[i], verbs[i].needs_id ? words.word[1] : "", out, is_confirmed);
  }
  return misuse(command, words.word[0]);
}

static int run_backup(const struct command *command, struct words words) {
  bool only_verify = take(&words, "--verify", false) != NULL;
  if (words.count != 1) return misuse(command, words.count > 1 ? words.word[1] : "нужно имя файла");
  struct app_setup setup;
  if (!setup_or_complain(&setup, "backup")) return 1;
  int exit_code = only_verify ? app_backup_verify(&setup, words.word[0]) : app_backup(&setup, words.word[0]);
  app_setup_deinit(&setup);
  return exit_code;
}

static int run_restore(const struct command *command, struct words words) {
  bool only_verify = take(&words, "--verify", false) != NULL;
  bool is_forced = take(&words, "--force", false) != NULL;
  if (words.count != 1) return misuse(command, words.count > 1 ? words.word[1] : "нужно имя файла");
  struct app_setup setup;
  if (!setup_or_complain(&setup, "restore")) return 1;
  int exit_code = only_verify ? app_backup_verify(&setup, words.word[0]) : app_restore(&setup, words.word[0], is_forced);
  app_setup_deinit(&setup);
  return exit_code;
}

struct rules_verb {
  const char *name;
  bool needs_pack, needs_dir;
};

static const struct rules_verb *find_rules_verb(const char *name) {
  static const struct rules_verb verbs[] = {{"list", false, false},   {"check", false, false},  {"test", true, false},    {"diff", true, false},
                                            {"dry-run", true, false}, {"publish", true, false}, {"promote", true, false}, {"stop", true, false},
                                            {"rollback", true, false}, {"import", false, true}, {"export", false, true}};
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
    if (strcmp(verbs[i].name, name) == 0) return &verbs[i];
  return NULL;
}

static int run_rules_verb(const struct command *command, const struct rules_verb *verb, struct words words) {
  static const char *const valued[] = {"--organization", "--hash", "--reason", "--share", "--months", "--from", "--to"};
  static const char *const flags[] = {"--force", "--none"};
  struct app_rules_command rules = {.verb = verb->name, .dir = take(&words, "--dir", true)};
  for (size_t i = 0; i < sizeof valued / sizeof *valued; i++) {
    const char *value = take(&words, valued[i], true);
    if (value != NULL) rules.options[rules.count++] = valued[i] + 2, rules.options[rules.count++] = value;
  }
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    if (take(&words, flags[i], false) != NULL) rules.options[rules.count++] = flags[i] + 2, rules.options[rules.count++] = "true";
  if (verb->needs_dir && words.count > 0 && rules.dir == NULL) {
    rules.dir = words.word[words.count - 1];
    words.count--;
  }
  if (words.count > 1) return misuse(command, words.word[1]);
  if (verb->needs_pack && words.count == 0) return misuse(command, "нужно имя набора, например workflow/application");
  if (verb->needs_dir && rules.dir == NULL) return misuse(command, "нужна папка");
  if (words.count == 1) rules.options[rules.count++] = "pack", rules.options[rules.count++] = words.word[0];
  struct app_setup setup;
  if (!setup_or_complain(&setup, "command")) return 1;
  int exit_code = app_rules_command(&setup, &rules);
  app_setup_deinit(&setup);
  return exit_code;
}

/* `run` needs neither settings nor database: a chunk is tried as it is. */
static int run_rules(const struct command *command, struct words words) {
  if (words.count > 0 && strcmp(words.word[0], "bench") == 0) /* of tests/bench/rules */
    return script_rules_bench(".", take(&words, "--json", false) != NULL, stdout);
  const struct rules_verb *verb = words.count > 0 ? find_rules_verb(words.word[0]) : NULL;
  if (words.count == 0 || (verb == NULL && strcmp(words.word[0], "run") != 0)) return misuse(command, words.count > 0 ? words.word[0] : "");
  words.word++;
  words.count--;
  if (verb != NULL) return run_rules_verb(command, verb, words);
  const char *input = take(&words, "--input", true);
  if (words.count != 1) return misuse(command, words.count > 1 ? words.word[1] : "нужно имя файла");
  return app_rules_run(words.word[0], input);
}

static int run_help(const struct command *command, struct words words);

static const struct command commands[] = {
    {"serve", "[--demo-if-empty] [--print-logins]", "запустить платформу", run_serve},
    {"migrate", "[--plan]", "обновить схему базы данных; --plan только покажет", run_migrate},
    {"check", "", "проверить все Lua, правила и страницы", run_simple},
    {"reload", "", "переключить работающую платформу на файлы с диска; код 1, если осталась прежняя версия", run_simple},
    {"doctor", "", "проверить установку и сказать, что не так", run_simple},
    {"user", "add --email E --role R [--organization N] [--name ФИО] [--sets director,…]",
     "добавить пользователя или роль; пароль спросит или прочтёт из ввода; director подписывает приказы", run_user},
    {"demo", "[--scale N] | logins", "загрузить демонстрационный регион; N ≥ 1 доращивает его до N × 10 000 человек (таблицы заняты, пока идёт); logins покажет входы", run_demo},
    {"plugin", "new ID | list | points | check ID | test ID | pack ID [--out FILE] | plan ID | enable ID [--yes] | disable ID | uninstall ID [--yes]",
     "плагины: создать, проверить, испытать, упаковать, показать изменения базы, включить, выключить, удалить с данными", run_plugin},
    {"rules",
     "run FILE.lua [--input JSON|@FILE] | list | check [PACK] | test PACK | diff PACK [--from A] [--to B] | dry-run PACK [--months N] | publish PACK --reason R "
     "[--share N] [--force] | promote PACK --reason R | stop PACK --reason R | rollback PACK --reason R [--hash H | --none] | import DIR --reason R | "
     "export [PACK] DIR; у check, test, diff, dry-run и publish --dir DIR берёт файлы из папки, --organization N — слой организации",
     "выполнить правило в песочнице (последняя строка — ответ в JSON или error: ВИД: текст), посмотреть, проверить, испытать, опубликовать и вернуть правила",
     run_rules},
    {"backup", "FILE | --verify FILE", "сохранить базу и файлы в один архив; --verify восстановит его в отдельную базу и сравнит", run_backup},
    {"restore", "FILE [--force] | --verify FILE", "вернуть базу и файлы из архива; непустую базу заменит только с --force; --verify восстановит рядом и сравнит",
     run_restore},
    {"version", "", "версия", run_version},
    {"help", "", "этот список", run_help},
    {"refs", "", "загрузить справочники поставки, которых ещё нет; при запуске это делается само", run_refs},
    {"worker", NULL, NULL, run_worker},
    {"job-worker", NULL, NULL, run_worker},
    {"engine", NULL, NULL, run_worker},
};

static int run_help(const struct command *command, struct words words) {
  (void)command;
  (void)words;
  printf("copp КОМАНДА …\n\n");
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (commands[i].usage != NULL) printf("  %s %s\n      %s\n", commands[i].name, commands[i].usage, commands[i].help);
  }
  printf("\nЕщё у ./copp: up, test, bench. Настройки: config/default.lua.\n");
  return 0;
}

static bool asks_for_help(struct words words) {
  for (int i = 0; i < words.count; i++) {
    if (strcmp(words.word[i], "--help") == 0 || strcmp(words.word[i], "-h") == 0) return true;
  }
  return false;
}

int app_cli(int argc, char **argv) {
  struct words words = {argc > 2 ? argc - 2 : 0, argv + 2};
  const char *name = argc > 1 ? argv[1] : "help";
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
  if (strcmp(name, "--version") == 0) name = "version";
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    const struct command *command = &commands[i];
    if (strcmp(command->name, name) != 0) continue;
    if (!asks_for_help(words)) return command->run(command, words);
    printf("copp %s %s\n%s\n", command->name, command->usage != NULL ? command->usage : "", command->help != NULL ? command->help : "");
    return 0;
  }
  fprintf(stderr, "Нет команды %s. Список: copp help\n", name);
  return 2;
}
