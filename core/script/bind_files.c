/* core.files - the bytes of uploads, by content: $COPP_DATA_DIR/files/ab/<sha256>, and tmp/. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "script/box.h"
#include "script/host.h"
#include "script/sandbox.h"
#include "script/work.h"

enum { HASH_LEN = CRYPTO_SHA256_HEX - 1 };

struct file_work {
  struct script_work base;
  char *path;        /* owned */
  char *data_dir;    /* owned; for storing */
  struct bytes text; /* to write, or read */
  size_t limit;
  long long size;
  char sha256[CRYPTO_SHA256_HEX];
};

static void free_file(struct script_work *base) {
  struct file_work *work = (struct file_work *)base;
  free(work->path);
  free(work->data_dir);
  bytes_deinit(&work->text);
}

static void fail(struct file_work *work, const char *what) {
  enum error_code code = errno == ENOENT                     ? ERR_NOT_FOUND
                         : errno == ENOSPC || errno == EDQUOT ? ERR_UNAVAILABLE
                                                              : ERR_IO;
  error_set(&work->base.err, code, "%s: %s", what, strerror(errno));
}

/* ---- storing (pool thread) ---- */

static bool hash_and_sync(struct file_work *work) {
  int fd = open(work->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return false;
  struct crypto_sha256 sum;
  crypto_sha256_init(&sum);
  char chunk[65536];
  ssize_t count;
  while ((count = read(fd, chunk, sizeof chunk)) > 0) {
    crypto_sha256_add(&sum, chunk, (size_t)count);
    work->size += count;
  }
  crypto_sha256_hex_end(&sum, work->sha256);
  bool ok = count == 0 && fchmod(fd, 0600) == 0 && fsync(fd) == 0;
  int reason = errno;
  close(fd);
  errno = reason;
  return ok;
}

static bool sync_directory(const char *path) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  bool ok = fsync(fd) == 0;
  close(fd);
  return ok;
}

static bool move_into_place(struct file_work *work) {
  struct bytes dir = {0}, target = {0};
  bytes_addf(&dir, "%s/files", work->data_dir);
  mkdir(dir.data, 0700);
  bytes_addf(&dir, "/%.2s", work->sha256);
  mkdir(dir.data, 0700);
  bytes_addf(&target, "%s/%s", dir.data, work->sha256);
  bool ok = rename(work->path, target.data) == 0 && sync_directory(dir.data);
  bytes_deinit(&dir);
  bytes_deinit(&target);
  return ok;
}

static void run_store(struct script_work *base) {
  struct file_work *work = (struct file_work *)base;
  if (!hash_and_sync(work) || !move_into_place(work)) fail(work, "cannot store the file");
}

static void run_remove(struct script_work *base) {
  struct file_work *work = (struct file_work *)base;
  if (unlink(work->path) != 0 && errno != ENOENT) fail(work, "cannot remove the file");
}

/* ---- reading and writing (pool thread) ---- */

static void read_bytes(struct file_work *work, int fd, size_t size) {
  bytes_reserve(&work->text, size + 1);
  ssize_t count = 1;
  while (count > 0 && work->text.len < size) {
    count = read(fd, work->text.data + work->text.len, size - work->text.len);
    if (count > 0) work->text.len += (size_t)count;
  }
  if (count < 0) fail(work, "cannot read the file");
}

static void run_read(struct script_work *base) {
  struct file_work *work = (struct file_work *)base;
  struct stat info;
  int fd = open(work->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 || fstat(fd, &info) != 0) fail(work, "cannot read the file");
  else if ((unsigned long long)info.st_size > work->limit)
    error_set(&base->err, ERR_LIMIT, "the file has %lld bytes", (long long)info.st_size);
  else read_bytes(work, fd, (size_t)info.st_size);
  if (fd >= 0) close(fd);
}

static void run_head(struct script_work *base) {
  struct file_work *work = (struct file_work *)base;
  int fd = open(work->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) fail(work, "cannot read the file");
  else read_bytes(work, fd, work->limit);
  if (fd >= 0) close(fd);
}

static void run_write(struct script_work *base) {
  struct file_work *work = (struct file_work *)base;
  int fd = open(work->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  size_t at = 0;
  ssize_t count = 0;
  while (fd >= 0 && at < work->text.len && count >= 0) {
    count = write(fd, work->text.data + at, work->text.len - at);
    if (count > 0) at += (size_t)count;
  }
  if (fd < 0 || count < 0) fail(work, "cannot write the file");
  if (fd >= 0) close(fd);
  if (fd >= 0 && count < 0) unlink(work->path);
}

/* ---- Lua ---- */

static const char *data_dir(lua_State *L) { return script_task(L)->script->config.data_dir; }

static const char *check_hash(lua_State *L, int arg) {
  const char *hash = luaL_checkstring(L, arg);
  luaL_argcheck(L, strlen(hash) == HASH_LEN && strspn(hash, "0123456789abcdef") == HASH_LEN, arg,
                "sha256 in hex expected");
  return hash;
}

static struct file_work *push_work(lua_State *L, const char *path,
                                   void (*run)(struct script_work *)) {
  script_task_that_waits(L);
  struct file_work *work = script_work_new(L, sizeof *work, run, free_file);
  work->path = mem_dup(path);
  return work;
}

static int finish_store(lua_State *L, int status, lua_KContext ctx) {
  struct file_work *work = script_work_of(L);
  (void)status, (void)ctx;
  if (work->base.err.code != ERR_NONE) return script_fail(L, &work->base.err);
  lua_createtable(L, 0, 2);
  lua_pushstring(L, work->sha256);
  lua_setfield(L, -2, "sha256");
  lua_pushinteger(L, work->size);
  lua_setfield(L, -2, "size");
  return 1;
}

static int finish_plain(lua_State *L, int status, lua_KContext ctx) {
  struct file_work *work = script_work_of(L);
  (void)status, (void)ctx;
  if (work->base.err.code != ERR_NONE) return script_fail(L, &work->base.err);
  lua_pushboolean(L, 1);
  return 1;
}

static int finish_read(lua_State *L, int status, lua_KContext ctx) {
  struct file_work *work = script_work_of(L);
  (void)status, (void)ctx;
  if (work->base.err.code != ERR_NONE) return script_fail(L, &work->base.err);
  lua_pushlstring(L, work->text.len != 0 ? work->text.data : "", work->text.len);
  return 1;
}

static int l_store(lua_State *L) {
  struct file_work *work = push_work(L, script_check_path(L, 1), run_store);
  work->data_dir = mem_dup(data_dir(L));
  return script_work_start(L, &work->base, finish_store);
}

static int l_path(lua_State *L) {
  const char *hash = check_hash(L, 1);
  char first[3] = {hash[0], hash[1], '\0'};
  lua_pushfstring(L, "%s/files/%s/%s", data_dir(L), first, hash);
  return 1;
}

static int l_remove(lua_State *L) {
  l_path(L);
  struct file_work *work = push_work(L, lua_tostring(L, -1), run_remove);
  return script_work_start(L, &work->base, finish_plain);
}

static int l_read(lua_State *L) {
  const char *path = script_check_path(L, 1);
  lua_Integer limit = luaL_optinteger(L, 2, 16 << 20);
  luaL_argcheck(L, limit >= 0 && limit <= 256 << 20, 2, "0 to 256 MiB expected");
  struct file_work *work = push_work(L, path, run_read);
  work->limit = (size_t)limit;
  return script_work_start(L, &work->base, finish_read);
}

/* head(path, count): at most so many bytes from the beginning of a file of any size. */
static int l_head(lua_State *L) {
  const char *path = script_check_path(L, 1);
  lua_Integer count = luaL_checkinteger(L, 2);
  luaL_argcheck(L, count >= 0 && count <= 1 << 20, 2, "0 to 1 MiB expected");
  struct file_work *work = push_work(L, path, run_head);
  work->limit = (size_t)count;
  return script_work_start(L, &work->base, finish_read);
}

static int l_write(lua_State *L) {
  const char *path = script_check_path(L, 1);
  struct slice text = script_check_slice(L, 2);
  struct file_work *work = push_work(L, path, run_write);
  bytes_add(&work->text, text.data, text.len);
  return script_work_start(L, &work->base, finish_plain);
}

/* temp(name): a path in tmp/ that nobody uses; name is kept as its end. */
static int l_temp(lua_State *L) {
  const char *name = luaL_optstring(L, 1, "file");
  luaL_argcheck(L, strchr(name, '/') == NULL && name[0] != '.', 1, "a plain file name expected");
  crypto_token(script_scratch(L), 12);
  script_push_scratch(L);
  lua_pushfstring(L, "%s/tmp/%s-%s", data_dir(L), lua_tostring(L, -1), name);
  return 1;
}

int script_open_files(lua_State *L) {
  static const luaL_Reg functions[] = {{"store", l_store}, {"path", l_path},   {"remove", l_remove},
                                       {"read", l_read},   {"write", l_write}, {"temp", l_temp},
                                       {"head", l_head},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
