#include "app/rules_command.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/command.h"
#include "base/bytes.h"
#include "base/mem.h"

enum { FILES_MAX = 400, FILE_BYTES = 1 << 20, DEPTH = 3 };

/* ---- reading a directory of rules ---- */

struct files {
  char *names[FILES_MAX], *texts[FILES_MAX]; /* "file:workflows/application" and what it holds */
  int count;
};

static void free_files(struct files *files) {
  for (int i = 0; i < files->count; i++) {
    free(files->names[i]);
    free(files->texts[i]);
  }
}

static bool read_file(struct files *files, const char *path, const char *part, struct error *err) {
  FILE *in = fopen(path, "re");
  if (in == NULL) return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
  char *text = mem_zero(FILE_BYTES + 1);
  size_t len = fread(text, 1, FILE_BYTES + 1, in);
  bool ok = ferror(in) == 0 && len <= FILE_BYTES && memchr(text, '\0', len) == NULL;
  fclose(in);
  if (!ok || files->count == FILES_MAX) {
    free(text);
    return error_set(err, ERR_IO, "%s: файл не читается, больше 1 МБ, или файлов слишком много", path);
  }
  text[len] = '\0';
  struct bytes name = {0};
  bytes_addf(&name, "file:%.*s", (int)strlen(part) - 4, part);
  files->names[files->count] = name.data;
  files->texts[files->count++] = text;
  return true;
}

static bool is_lua(const char *name) {
  size_t len = strlen(name);
  return len > 4 && strcmp(name + len - 4, ".lua") == 0;
}

/* below: the path from the top of the rules, "" or "workflows/". */
static bool read_dir(struct files *files, const char *top, const char *below, int depth, struct error *err) {
  char path[4096], inner[1024];
  snprintf(path, sizeof path, "%s/%s", top, below);
  DIR *dir = opendir(path);
  if (dir == NULL) return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
  bool ok = true;
  for (const struct dirent *entry; ok && (entry = readdir(dir)) != NULL;) {
    struct stat info;
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/%s%s", top, below, entry->d_name);
    if (stat(path, &info) != 0) continue;
    bool is_dir = S_ISDIR(info.st_mode);
    snprintf(inner, sizeof inner, "%s%s%s", below, entry->d_name, is_dir ? "/" : "");
    if (is_dir && depth < DEPTH) ok = read_dir(files, top, inner, depth + 1, err);
    else if (!is_dir && is_lua(entry->d_name)) ok = read_file(files, path, inner, err);
  }
  closedir(dir);
  return ok;
}

/* A region's directory has them in lua/rules; a bare directory of rules does, too. */
static bool read_rules(struct files *files, const char *dir, struct error *err) {
  char top[4096];
  struct stat info;
  snprintf(top, sizeof top, "%s/lua/rules", dir);
  if (stat(top, &info) != 0) snprintf(top, sizeof top, "%s", dir);
  return read_dir(files, top, "", 1, err);
}

/* ---- writing one ---- */

static bool make_parents(char *path) {
  for (char *at = path + 1; (at = strchr(at, '/')) != NULL; at++) {
    *at = '\0';
    bool ok = mkdir(path, 0755) == 0 || errno == EEXIST;
    *at = '/';
    if (!ok) return false;
  }
  return true;
}

/* Names come from our own child, and still may not leave the directory. */
static bool write_file(const char *dir, const char *name, FILE *in, size_t len) {
  char path[4096];
  if (*name == '/' || strstr(name, "..") != NULL || len > FILE_BYTES) return false;
  snprintf(path, sizeof path, "%s/%s", dir, name);
  char *text = mem_zero(len + 1);
  bool ok = fread(text, 1, len, in) == len && make_parents(path);
  FILE *out = ok ? fopen(path, "we") : NULL;
  ok = out != NULL && fwrite(text, 1, len, out) == len;
  if (out != NULL && fclose(out) != 0) ok = false;
  free(text);
  if (ok) printf("%s\n", path);
  else fprintf(stderr, "%s: %s\n", path, strerror(errno));
  return ok;
}

/* The child says "file NAME BYTES", the bytes, and so on; other lines are for people. */
static bool take_files(const char *dir, FILE *in) {
  char line[1200], name[1000];
  size_t len;
  bool ok = true;
  while (ok && fgets(line, sizeof line, in) != NULL) {
    if (sscanf(line, "file %999s %zu", name, &len) == 2) ok = write_file(dir, name, in, len);
    else fputs(line, stdout);
  }
  return ok;
}

static int export_to(struct app_setup *setup, const char *dir, const char *const *args) {
  int ends[2];
  if (pipe(ends) != 0) return 1;
  pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
    _exit(app_command_lua(setup, "rules", args));
  }
  close(ends[1]);
  FILE *in = fdopen(ends[0], "r");
  bool ok = child > 0 && in != NULL && take_files(dir, in);
  if (in != NULL) fclose(in);
  int status = 0;
  if (child > 0) waitpid(child, &status, 0);
  return ok && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int app_rules_command(struct app_setup *setup, const struct app_rules_command *command) {
  struct error err = {0};
  struct files files = {0};
  bool is_export = strcmp(command->verb, "export") == 0;
  if (command->dir != NULL && !is_export && !read_rules(&files, command->dir, &err)) {
    fprintf(stderr, "%s\n", err.text);
    free_files(&files);
    return 1;
  }
  const char **args = mem_zero(((size_t)command->count + (size_t)files.count * 2 + 5) * sizeof *args);
  int n = 0;
  args[n++] = "verb", args[n++] = command->verb;
  if (command->dir != NULL) args[n++] = "dir", args[n++] = command->dir;
  for (int i = 0; i < command->count; i++) args[n++] = command->options[i];
  for (int i = 0; i < files.count; i++) args[n++] = files.names[i], args[n++] = files.texts[i];
  int exit_code = is_export ? export_to(setup, command->dir, args) : app_command_lua(setup, "rules", args);
  free(args);
  free_files(&files);
  return exit_code;
}
