#include "app/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/compare.h"
#include "crypto/random.h"

static char *join(const char *dir, const char *name) {
  struct bytes path = {0};
  bytes_addf(&path, "%s/%s", dir, name);
  return path.data;
}

static bool is_source(const char *dir) {
  char *boot = join(dir, "lua/boot.lua"), *settings = join(dir, "config/default.lua");
  bool found = access(boot, R_OK) == 0 && access(settings, R_OK) == 0;
  free(boot);
  free(settings);
  return found;
}

/* The checkout is above the binary: <source>/build/release/copp, or <data_dir>/run/copp beside the
 * installed tree. */
static char *find_source(const char *binary) {
  char *dir = mem_dup(binary);
  for (char *slash = strrchr(dir, '/'); slash != NULL && slash != dir; slash = strrchr(dir, '/')) {
    *slash = '\0';
    if (is_source(dir)) return dir;
    char *installed = join(dir, "tree/current");
    if (is_source(installed)) {
      free(dir);
      return installed;
    }
    free(installed);
  }
  free(dir);
  return mem_dup("");
}

static bool find_user(struct app_setup *setup, struct error *err) {
  setup->uid = geteuid();
  setup->gid = getegid();
  if (setup->uid != 0) return true;
  const struct passwd *user = getpwnam(APP_USER);
  if (user == NULL)
    return error_set(err, ERR_INVALID,
                     "Нет системного пользователя " APP_USER
                     ". Запустите ./copp up или создайте его: useradd --system " APP_USER);
  setup->uid = user->pw_uid;
  setup->gid = user->pw_gid;
  return true;
}

static char *default_data_dir(void) {
  if (geteuid() == 0) return mem_dup("/var/lib/copp");
  const char *home = getenv("HOME");
  return join(home != NULL ? home : "/tmp", ".local/share/copp");
}

static bool make_parents(const char *path, struct error *err) {
  char *copy = mem_dup(path);
  bool ok = true;
  for (char *at = copy + 1; ok && *at != '\0'; at++) {
    if (*at != '/') continue;
    *at = '\0';
    if (mkdir(copy, 0755) != 0 && errno != EEXIST)
      ok = error_set(err, ERR_IO, "Каталог %s не создать: %s (COPP_DATA_DIR)", copy, strerror(errno));
    *at = '/';
  }
  free(copy);
  return ok;
}

/* PostgreSQL and the workers run as uid: every directory above must let that user pass. */
static bool is_reachable(const char *path, uid_t uid, gid_t gid) {
  char *copy = mem_dup(path);
  bool ok = true;
  for (char *at = copy + 1; ok; at++) {
    if (*at != '/' && *at != '\0') continue;
    char kept = *at;
    *at = '\0';
    struct stat st;
    ok = stat(copy, &st) == 0 && ((st.st_mode & S_IXOTH) != 0 || (st.st_uid == uid && (st.st_mode & S_IXUSR)) ||
                                  (st.st_gid == gid && (st.st_mode & S_IXGRP)));
    *at = kept;
    if (kept == '\0') break;
  }
  free(copy);
  return ok;
}

static bool make_data_dir(struct app_setup *setup, struct error *err) {
  const char *path = setup->data_dir;
  if (!make_parents(path, err)) return false;
  if (mkdir(path, 0755) != 0 && errno != EEXIST)
    return error_set(err, ERR_IO, "Каталог данных %s не создать: %s (COPP_DATA_DIR)", path, strerror(errno));
  static const char *const inner[] = {"run", "tree", "files", "tmp"};
  if (geteuid() == 0 && chown(path, setup->uid, setup->gid) != 0)
    return error_set(err, ERR_IO, "Каталог данных %s: %s (COPP_DATA_DIR)", path, strerror(errno));
  for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
    char *dir = join(path, inner[i]);
    bool ok = mkdir(dir, 0755) == 0 || errno == EEXIST;
    if (ok && geteuid() == 0) ok = chown(dir, setup->uid, setup->gid) == 0;
    if (!ok) error_set(err, ERR_IO, "Каталог %s: %s (COPP_DATA_DIR)", dir, strerror(errno));
    free(dir);
    if (!ok) return false;
  }
  if (!is_reachable(path, setup->uid, setup->gid))
    return error_set(err, ERR_INVALID,
                     "Каталог данных %s недоступен пользователю " APP_USER
                     ": выберите в COPP_DATA_DIR другой, куда он может войти", path);
  return true;
}

static enum log_level level_of(const char *name) {
  if (strcmp(name, "debug") == 0) return LOG_DEBUG;
  if (strcmp(name, "warn") == 0) return LOG_WARN;
  if (strcmp(name, "error") == 0) return LOG_ERROR;
  return LOG_INFO;
}

static bool load_settings(struct app_setup *setup, struct error *err) {
  if (*setup->source == '\0')
    return error_set(err, ERR_NOT_FOUND, "Рядом с %s нет каталогов lua и config платформы", setup->binary);
  char *defaults = join(setup->source, "config/default.lua");
  const char *region = getenv("COPP_REGION_DIR");
  bool ok = script_settings_load(defaults, region != NULL && *region != '\0' ? region : NULL, &setup->settings, err);
  free(defaults);
  return ok;
}

/* The region's zone is the zone of the process: core.clock and PostgreSQL then agree what day it is. */
static bool use_zone(const struct app_setup *setup, struct error *err) {
  const char *zone = script_settings_text(setup->settings, "region.zone");
  struct bytes path = {0};
  bytes_addf(&path, "/usr/share/zoneinfo/%s", zone);
  bool ok = strstr(zone, "..") == NULL && access(path.data, R_OK) == 0;
  bytes_deinit(&path);
  if (!ok) return error_set(err, ERR_INVALID, "region.zone (COPP_REGION_ZONE): часового пояса «%s» нет. Пример: Asia/Yekaterinburg", zone);
  setenv("TZ", zone, 1);
  tzset();
  return true;
}

bool app_setup_init(struct app_setup *setup, const char *who, struct error *err) {
  *setup = (struct app_setup){.log = {.fd = STDERR_FILENO, .from = LOG_INFO}};
  snprintf(setup->log.who, sizeof setup->log.who, "%s", who);
  char path[PATH_MAX];
  ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
  setup->binary = len > 0 ? mem_dup_n(path, (size_t)len) : mem_dup("copp");
  setup->source = find_source(setup->binary);
  if (!load_settings(setup, err) || !use_zone(setup, err) || !find_user(setup, err)) return false;
  setup->log.from = level_of(script_settings_text(setup->settings, "log_level"));
  const char *data_dir = script_settings_text(setup->settings, "data_dir");
  setup->data_dir = data_dir != NULL && *data_dir != '\0' ? mem_dup(data_dir) : default_data_dir();
  if (setup->data_dir[0] != '/')
    return error_set(err, ERR_INVALID, "COPP_DATA_DIR: нужен полный путь, а не «%s»", setup->data_dir);
  script_settings_set(setup->settings, "data_dir", setup->data_dir);
  return make_data_dir(setup, err);
}

void app_setup_deinit(struct app_setup *setup) {
  script_settings_free(setup->settings);
  free(setup->source);
  free(setup->binary);
  free(setup->data_dir);
  *setup = (struct app_setup){0};
}

bool app_drop_root(const struct app_setup *setup, struct error *err) {
  if (geteuid() != 0) return true;
  if (setgroups(0, NULL) != 0 || setgid(setup->gid) != 0 || setuid(setup->uid) != 0 || setuid(0) == 0)
    return error_set(err, ERR_INTERNAL, "Не удалось отказаться от прав root: %s", strerror(errno));
  /* Our own /proc entries stay readable for us after the change of user. */
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  return true;
}

char *app_path(const struct app_setup *setup, const char *name) { return join(setup->data_dir, name); }

bool app_make_secret(const struct app_setup *setup, struct error *err) {
  const char *given = script_settings_text(setup->settings, "secret_file");
  char *path = given != NULL && *given != '\0' ? mem_dup(given) : app_path(setup, "secret");
  bool ok = true;
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) {
    struct bytes token = {0};
    crypto_token(&token, 32);
    ok = write(fd, token.data, token.len) == (ssize_t)token.len && fsync(fd) == 0;
    bytes_deinit(&token);
    close(fd);
  } else {
    ok = errno == EEXIST;
  }
  if (!ok) error_set(err, ERR_IO, "Файл секрета %s не записать: %s (COPP_SECRET_FILE)", path, strerror(errno));
  if (ok) script_settings_set(setup->settings, "secret_file", path);
  free(path);
  return ok;
}

bool app_read_secret(const struct app_setup *setup, struct crypto_seal_key *key, struct error *err) {
  const char *path = script_settings_text(setup->settings, "secret_file");
  char text[4096];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t len = fd >= 0 ? read(fd, text, sizeof text) : -1;
  if (len < 0) error_set(err, ERR_IO, "Файл секрета %s не прочитать: %s (COPP_SECRET_FILE)", path, strerror(errno));
  if (fd >= 0) close(fd);
  if (len < 0) return false;
  while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r')) len--;
  bool is_long = len >= CRYPTO_SEAL_SECRET_MIN;
  if (is_long) crypto_seal_key_derive((struct slice){text, (size_t)len}, key);
  else error_set(err, ERR_INVALID, "Файл секрета %s короче %d знаков (COPP_SECRET_FILE)", path, CRYPTO_SEAL_SECRET_MIN);
  crypto_wipe(text, sizeof text);
  return is_long;
}
