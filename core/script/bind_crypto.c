/* core.crypto - hashes, tokens, passwords. */
#include <stdlib.h>

#include "base/mem.h"
#include "crypto/compare.h"
#include "crypto/encode.h"
#include "crypto/hash.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "script/box.h"
#include "script/host.h"
#include "script/sandbox.h"
#include "script/work.h"

#define PASSWORDS_MAX 64 /* argon2 sums at once in this process, waiting ones included */

struct password_work {
  struct script_work base;
  char *password; /* owned */
  size_t len;
  char *stored;   /* owned; NULL: hash it, or nobody has such an account */
  struct crypto_password_check check;
  char out[CRYPTO_PASSWORD_STORED];
};

static void free_password(struct script_work *base) {
  struct password_work *work = (struct password_work *)base;
  crypto_wipe(work->password, work->len);
  free(work->password);
  free(work->stored);
}

static void run_hash(struct script_work *base) {
  struct password_work *work = (struct password_work *)base;
  struct slice password = {work->password, work->len};
  if (!crypto_password_hash(password, work->out, &base->err)) work->out[0] = '\0';
}

static void run_verify(struct script_work *base) {
  struct password_work *work = (struct password_work *)base;
  if (!crypto_password_verify((struct slice){work->password, work->len}, work->stored, &work->check,
                              &base->err))
    work->check.is_right = false;
}

static struct password_work *push_password(lua_State *L, void (*run)(struct script_work *)) {
  struct script_task *task = script_task_that_waits(L);
  struct slice password = script_check_slice(L, 1);
  luaL_argcheck(L, password.len <= CRYPTO_PASSWORD_MAX, 1, "password too long");
  const char *stored = luaL_optstring(L, 2, NULL);
  struct password_work *work = script_work_new(L, sizeof *work, run, free_password);
  work->password = mem_dup_n(password.data, password.len);
  work->len = password.len;
  work->stored = stored != NULL ? mem_dup(stored) : NULL;
  work->base.counter = &task->script->password_count;
  return work;
}

static int start_password(lua_State *L, struct password_work *work, lua_KFunction finish) {
  if (*work->base.counter >= PASSWORDS_MAX)
    return script_fail_text(L, "overloaded", "too many passwords are being checked");
  return script_work_start(L, &work->base, finish);
}

static int finish_hash(lua_State *L, int status, lua_KContext ctx) {
  struct password_work *work = script_work_of(L);
  (void)status, (void)ctx;
  if (work->base.err.code != ERR_NONE) return script_fail(L, &work->base.err);
  lua_pushstring(L, work->out);
  return 1;
}

static int finish_verify(lua_State *L, int status, lua_KContext ctx) {
  struct password_work *work = script_work_of(L);
  (void)status, (void)ctx;
  if (work->base.err.code != ERR_NONE) return script_fail(L, &work->base.err);
  lua_pushboolean(L, work->check.is_right);
  lua_pushboolean(L, work->check.needs_rehash);
  return 2;
}

static int l_password_hash(lua_State *L) {
  lua_settop(L, 1);
  return start_password(L, push_password(L, run_hash), finish_hash);
}

/* password_verify(password, stored or nil): nil takes the same time and is wrong. */
static int l_password_verify(lua_State *L) {
  lua_settop(L, 2);
  return start_password(L, push_password(L, run_verify), finish_verify);
}

static int l_token(lua_State *L) {
  lua_Integer count = luaL_checkinteger(L, 1);
  luaL_argcheck(L, count >= 1 && count <= 1024, 1, "1 to 1024 bytes expected");
  crypto_token(script_scratch(L), (size_t)count);
  script_push_scratch(L);
  return 1;
}

static int l_sha256(lua_State *L) {
  struct slice text = script_check_slice(L, 1);
  char hex[CRYPTO_SHA256_HEX];
  crypto_sha256_hex(text.data, text.len, hex);
  lua_pushlstring(L, hex, sizeof hex - 1);
  return 1;
}

static int l_hmac_sha256(lua_State *L) {
  char hex[CRYPTO_SHA256_HEX];
  crypto_hmac_sha256_hex(script_check_slice(L, 1), script_check_slice(L, 2), hex);
  lua_pushlstring(L, hex, sizeof hex - 1);
  return 1;
}

static int l_hmac_sha1(lua_State *L) {
  unsigned char sum[CRYPTO_SHA1_BYTES];
  crypto_hmac_sha1(script_check_slice(L, 1), script_check_slice(L, 2), sum);
  lua_pushlstring(L, (const char *)sum, sizeof sum);
  return 1;
}

static int l_base64url(lua_State *L) {
  struct slice bytes = script_check_slice(L, 1);
  crypto_add_base64url(script_scratch(L), bytes.data, bytes.len);
  script_push_scratch(L);
  return 1;
}

static int l_unbase64url(lua_State *L) {
  struct error err = {0};
  if (!crypto_unbase64url(script_scratch(L), script_check_slice(L, 1), &err)) return script_fail(L, &err);
  script_push_scratch(L);
  return 1;
}

static int l_equal(lua_State *L) {
  lua_pushboolean(L, crypto_equal(script_check_slice(L, 1), script_check_slice(L, 2)));
  return 1;
}

/* random_int(max): 1 to max, evenly. */
static int l_random_int(lua_State *L) {
  lua_Integer most = luaL_checkinteger(L, 1);
  luaL_argcheck(L, most >= 1, 1, "at least 1 expected");
  lua_pushinteger(L, (lua_Integer)crypto_random_int((uint64_t)most) + 1);
  return 1;
}

static const struct crypto_seal_key *seal_key(lua_State *L) {
  const struct crypto_seal_key *key = script_task(L)->script->config.seal_key;
  if (key == NULL) luaL_error(L, "this process has no key for sealed values");
  return key;
}

/* seal(name, text): opens under the same name only. */
static int l_seal(lua_State *L) {
  struct slice name = script_check_slice(L, 1), plain = script_check_slice(L, 2);
  luaL_argcheck(L, name.len >= 1 && name.len <= 200, 1, "1 to 200 bytes expected");
  luaL_argcheck(L, plain.len <= CRYPTO_SEAL_MAX, 2, "at most 1 MiB expected");
  crypto_seal(seal_key(L), name, plain, script_scratch(L));
  script_push_scratch(L);
  return 1;
}

static int l_unseal(lua_State *L) {
  struct slice name = script_check_slice(L, 1), sealed = script_check_slice(L, 2);
  struct error err = {0};
  struct bytes *plain = script_scratch(L);
  if (!crypto_unseal(seal_key(L), name, sealed, plain, &err)) return script_fail(L, &err);
  script_push_scratch(L);
  crypto_wipe(plain->data, plain->len);
  return 1;
}

int script_open_crypto(lua_State *L) {
  static const luaL_Reg functions[] = {{"password_hash", l_password_hash},
                                       {"password_verify", l_password_verify},
                                       {"token", l_token},
                                       {"sha256", l_sha256},
                                       {"hmac_sha256", l_hmac_sha256},
                                       {"hmac_sha1", l_hmac_sha1},
                                       {"base64url", l_base64url},
                                       {"unbase64url", l_unbase64url},
                                       {"equal", l_equal},
                                       {"random_int", l_random_int},
                                       {"seal", l_seal},
                                       {"unseal", l_unseal},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
