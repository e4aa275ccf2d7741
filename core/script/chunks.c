#include "script/chunks.h"

#include <fcntl.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* The file: magic, sum of the rest, then key, length (8 bytes, of this machine), code – again and again. */
#define MAGIC "copp chunks 1\n"
enum { HEAD = sizeof MAGIC - 1 + CRYPTO_SHA256_BYTES, ENTRY = CRYPTO_SHA256_BYTES + sizeof(uint64_t), FILE_MAX = 64 << 20 };

struct chunk {
  struct slice code;
  struct bytes own; /* what code points into, when it is new */
  bool is_used;
};

static struct slice key_slice(const struct script_chunk_key *key) {
  return (struct slice){(const char *)key->sum, sizeof key->sum};
}

struct script_chunk_key script_chunk_key(struct slice kind, struct slice name, struct slice text) {
  static const char salt[] = "copp " COPP_VERSION " " LUA_RELEASE;
  struct script_chunk_key key;
  struct crypto_sha256 sum;
  crypto_sha256_init(&sum);
  crypto_sha256_add(&sum, salt, sizeof salt);
  const struct slice parts[] = {kind, name, text};
  for (int i = 0; i < 3; i++) {
    crypto_sha256_add(&sum, &parts[i].len, sizeof parts[i].len);
    if (parts[i].len > 0) crypto_sha256_add(&sum, parts[i].data, parts[i].len);
  }
  crypto_sha256_end(&sum, key.sum);
  return key;
}

/* ---- reading ---- */

/* Whole, and only when nobody else can have written it. */
static bool read_own(const char *path, struct bytes *out) {
  struct stat info;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return false;
  bool is_ours = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
                 (info.st_mode & 077) == 0 && info.st_size >= HEAD && info.st_size <= FILE_MAX;
  if (is_ours) bytes_reserve(out, (size_t)info.st_size);
  while (is_ours && out->len < (size_t)info.st_size) {
    ssize_t count = read(fd, out->data + out->len, (size_t)info.st_size - out->len);
    if (count <= 0) break;
    out->len += (size_t)count;
  }
  close(fd);
  return is_ours && out->len == (size_t)info.st_size;
}

static bool is_whole(const struct bytes *file) {
  unsigned char sum[CRYPTO_SHA256_BYTES];
  if (memcmp(file->data, MAGIC, sizeof MAGIC - 1) != 0) return false;
  crypto_sha256(file->data + HEAD, file->len - HEAD, sum);
  return memcmp(file->data + sizeof MAGIC - 1, sum, sizeof sum) == 0;
}

static struct chunk *put(struct script_chunks *chunks, struct slice key, struct slice code) {
  struct chunk *chunk = mem_zero(sizeof *chunk);
  chunk->code = code;
  free(map_get(&chunks->all, key)); /* only of a file with a key twice, which we do not write */
  map_put(&chunks->all, key, chunk);
  return chunk;
}

void script_chunks_open(struct script_chunks *chunks, const char *path) {
  *chunks = (struct script_chunks){.path = path != NULL ? mem_dup(path) : NULL};
  if (path == NULL || !read_own(path, &chunks->old) || !is_whole(&chunks->old)) return;
  const char *at = chunks->old.data + HEAD, *end = chunks->old.data + chunks->old.len;
  while (end - at >= ENTRY) {
    uint64_t len;
    memcpy(&len, at + CRYPTO_SHA256_BYTES, sizeof len);
    if (len > (size_t)(end - at) - ENTRY) return;
    put(chunks, (struct slice){at, CRYPTO_SHA256_BYTES}, (struct slice){at + ENTRY, len});
    at += ENTRY + len;
  }
}

struct slice script_chunks_find(struct script_chunks *chunks, const struct script_chunk_key *key) {
  struct chunk *chunk = map_get(&chunks->all, key_slice(key));
  if (chunk == NULL) return (struct slice){0};
  chunk->is_used = true;
  return chunk->code;
}

void script_chunks_add(struct script_chunks *chunks, const struct script_chunk_key *key, struct bytes *code) {
  if (chunks->path == NULL || map_get(&chunks->all, key_slice(key)) != NULL) {
    bytes_deinit(code);
    return;
  }
  struct chunk *chunk = put(chunks, key_slice(key), (struct slice){code->data, code->len});
  chunk->own = *code;
  chunk->is_used = chunks->is_changed = true;
  *code = (struct bytes){0};
}

/* ---- writing ---- */

static void render(const struct script_chunks *chunks, struct bytes *out) {
  unsigned char sum[CRYPTO_SHA256_BYTES] = {0};
  struct map_slot *slot;
  size_t at = 0;
  bytes_add_str(out, MAGIC);
  bytes_add(out, (const char *)sum, sizeof sum);
  while ((slot = map_next(&chunks->all, &at)) != NULL) {
    const struct chunk *chunk = slot->value;
    uint64_t len = chunk->code.len;
    if (!chunk->is_used) continue;
    bytes_add(out, slot->key, slot->len);
    bytes_add(out, (const char *)&len, sizeof len);
    bytes_add(out, chunk->code.data, chunk->code.len);
  }
  crypto_sha256(out->data + HEAD, out->len - HEAD, sum);
  memcpy(out->data + sizeof MAGIC - 1, sum, sizeof sum);
}

/* A cache that could not be written is made again next time. */
static void save(const struct script_chunks *chunks) {
  struct bytes text = {0}, beside = {0};
  render(chunks, &text);
  bytes_addf(&beside, "%s.%ld", chunks->path, (long)getpid());
  int fd = open(beside.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  bool ok = fd >= 0 && write(fd, text.data, text.len) == (ssize_t)text.len;
  if (fd >= 0 && close(fd) != 0) ok = false;
  if (!ok || rename(beside.data, chunks->path) != 0) unlink(beside.data);
  bytes_deinit(&beside);
  bytes_deinit(&text);
}

void script_chunks_close(struct script_chunks *chunks, bool is_good) {
  struct map_slot *slot;
  size_t at = 0;
  if (is_good && chunks->is_changed) save(chunks);
  while ((slot = map_next(&chunks->all, &at)) != NULL) {
    struct chunk *chunk = slot->value;
    bytes_deinit(&chunk->own);
    free(chunk);
  }
  map_deinit(&chunks->all);
  bytes_deinit(&chunks->old);
  free(chunks->path);
  *chunks = (struct script_chunks){0};
}
