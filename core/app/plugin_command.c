/* `copp plugin …`: making and packing a folder is done here; what a plugin is and whether it holds is Lua's affair, over a
 * fresh copy of the files on disk, so that a developer need not reload anything to have his work checked. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/archive.h"
#include "app/command.h"
#include "app/tree.h"
#include "base/mem.h"

#define PLACEHOLDER "__id__"

static char *join(const char *dir, const char *name) {
  struct bytes path = {0};
  bytes_addf(&path, "%s/%s", dir, name);
  return path.data;
}

static bool is_id(const char *id) {
  size_t len = strlen(id);
  return len >= 2 && len <= 30 && *id >= 'a' && *id <= 'z' && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

/* The region's directory goes before the checkout, as the platform itself has it. */
static char *find_plugin(const struct app_setup *setup, const char *id, const char **parent) {
  const char *region = script_settings_text(setup->settings, "region_dir");
  const char *const roots[] = {region, setup->source};
  for (size_t i = 0; i < 2; i++) {
    if (roots[i] == NULL || *roots[i] == '\0') continue;
    char *dir = join(roots[i], "plugins");
    char *path = join(dir, id);
    free(dir);
    *parent = roots[i];
    if (access(path, R_OK) == 0) return path;
    free(path);
  }
  return NULL;
}

/* ---- new ---- */

static bool fill_file(const char *from, const char *to, const char *id, struct error *err) {
  FILE *in = fopen(from, "re"), *out = in != NULL ? fopen(to, "wxe") : NULL;
  char line[1024];
  bool ok = out != NULL || error_set(err, ERR_IO, "%s: %s", to, strerror(errno));
  while (ok && fgets(line, sizeof line, in) != NULL) {
    const char *rest = line, *mark;
    for (; (mark = strstr(rest, PLACEHOLDER)) != NULL; rest = mark + strlen(PLACEHOLDER))
      fprintf(out, "%.*s%s", (int)(mark - rest), rest, id);
    fputs(rest, out);
  }
  if (in != NULL) fclose(in);
  if (out != NULL && fclose(out) != 0 && ok) ok = error_set(err, ERR_IO, "%s: %s", to, strerror(errno));
  return ok;
}

static bool fill_folder(const char *from, const char *to, const char *id, struct error *err) {
  DIR *dir = opendir(from);
  if (dir == NULL) return error_set(err, ERR_IO, "%s: %s", from, strerror(errno));
  bool ok = mkdir(to, 0755) == 0 || error_set(err, ERR_IO, "%s: %s", to, strerror(errno));
  const struct dirent *entry;
  while (ok && (entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] == '.') continue;
    char *source = join(from, entry->d_name), *target = join(to, entry->d_name);
    struct stat st;
    if (stat(source, &st) == 0) ok = (S_ISDIR(st.st_mode) ? fill_folder : fill_file)(source, target, id, err);
    free(source);
    free(target);
  }
  closedir(dir);
  return ok;
}

int app_plugin_new(struct app_setup *setup, const char *id) {
  struct error err = {0};
  if (!is_id(id)) {
    fprintf(stderr, "Имя плагина: от 2 до 30 строчных латинских букв, цифр и _, первая — буква\n");
    return 2;
  }
  const char *region = script_settings_text(setup->settings, "region_dir");
  char *root = join(region != NULL && *region != '\0' ? region : setup->source, "plugins");
  char *target = join(root, id), *skeleton = join(setup->source, "data/plugin_skeleton");
  mkdir(root, 0755); /* what is wrong with it the next step says */
  bool ok = fill_folder(skeleton, target, id, &err);
  if (ok) printf("Создан %s\nДальше: ./copp plugin check %s, потом ./copp plugin test %s\n", target, id, id);
  else fprintf(stderr, "%s\n", err.text);
  free(root);
  free(target);
  free(skeleton);
  return ok ? 0 : 1;
}

/* ---- pack ---- */

int app_plugin_pack(struct app_setup *setup, const char *id, const char *out) {
  struct error err = {0};
  const char *parent = NULL;
  char *path = find_plugin(setup, id, &parent);
  if (path == NULL) {
    fprintf(stderr, "Плагина %s нет\n", id);
    return 1;
  }
  struct bytes name = {0};
  if (out != NULL) bytes_add_str(&name, out);
  else bytes_addf(&name, "%s.tar.gz", id);
  char *root = join(parent, "plugins");
  /* The same files give the same archive: whoever gets it can compare sums. */
  char *const argv[] = {"tar", "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--exclude=.*",
                        "-czf", name.data, "-C", root, (char *)id, NULL};
  bool ok = archive_run(argv, -1, -1, &err);
  if (ok) printf("Упакован в %s\n", name.data);
  else fprintf(stderr, "%s\n", err.text);
  bytes_deinit(&name);
  free(root);
  free(path);
  return ok ? 0 : 1;
}
