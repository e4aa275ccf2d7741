/* core.sign - signatures by keys in PEM: tokens of other systems, and requests that are signed for them. */
#include "crypto/sign.h"

#include "script/box.h"
#include "script/task.h"
#include "script/sandbox.h"

#define SIGNED_MAX (1 << 20) /* bytes: what comes with one request */

static enum crypto_alg check_alg(lua_State *L, int arg) {
  enum crypto_alg alg;
  luaL_argcheck(L, crypto_alg_of(luaL_checkstring(L, arg), &alg), arg, "RS256, ES256 or GOST256 expected");
  return alg;
}

static struct slice check_signed(lua_State *L, int arg) {
  struct slice text = script_check_slice(L, arg);
  luaL_argcheck(L, text.len <= SIGNED_MAX, arg, "at most 1 MiB expected");
  return text;
}

static int push_result(lua_State *L, bool ok, const struct error *err) {
  if (!ok) return script_fail(L, err);
  script_push_scratch(L);
  return 1;
}

/* sign(alg, key, text) → bytes */
static int l_sign(lua_State *L) {
  enum crypto_alg alg = check_alg(L, 1);
  struct slice key = script_check_slice(L, 2), text = check_signed(L, 3);
  struct error err = {0};
  bool ok = crypto_sign(alg, key, text, script_scratch(L), &err);
  return push_result(L, ok, &err);
}

/* verify(alg, public key or certificate, text, signature) → boolean */
static int l_verify(lua_State *L) {
  enum crypto_alg alg = check_alg(L, 1);
  struct slice key = script_check_slice(L, 2), text = check_signed(L, 3), signature = check_signed(L, 4);
  struct error err = {0};
  bool is_right;
  if (!crypto_verify(alg, key, text, signature, &is_right, &err)) return script_fail(L, &err);
  lua_pushboolean(L, is_right);
  return 1;
}

static int l_rsa_pem(lua_State *L) {
  struct slice modulus = check_signed(L, 1), exponent = check_signed(L, 2);
  struct error err = {0};
  bool ok = crypto_rsa_pem(modulus, exponent, script_scratch(L), &err);
  return push_result(L, ok, &err);
}

static int l_ec_pem(lua_State *L) {
  struct slice x = check_signed(L, 1), y = check_signed(L, 2);
  struct error err = {0};
  bool ok = crypto_ec_pem(x, y, script_scratch(L), &err);
  return push_result(L, ok, &err);
}

static int l_ec_point(lua_State *L) {
  struct slice key = script_check_slice(L, 1);
  struct error err = {0};
  bool ok = crypto_ec_point(key, script_scratch(L), &err);
  return push_result(L, ok, &err);
}

/* cms_sign(certificate, key, text) → DER */
static int l_cms_sign(lua_State *L) {
  struct slice certificate = script_check_slice(L, 1), key = script_check_slice(L, 2);
  struct slice text = check_signed(L, 3);
  struct error err = {0};
  bool ok = crypto_cms_sign(certificate, key, text, script_scratch(L), &err);
  return push_result(L, ok, &err);
}

/* cms_verify(certificate, DER, text) → boolean */
static int l_cms_verify(lua_State *L) {
  struct slice certificate = script_check_slice(L, 1), der = check_signed(L, 2), text = check_signed(L, 3);
  struct error err = {0};
  bool is_right;
  if (!crypto_cms_verify(certificate, der, text, &is_right, &err)) return script_fail(L, &err);
  lua_pushboolean(L, is_right);
  return 1;
}

/* make_certificate(alg, name) → certificate, key. The certificate goes first into the scratch. */
static int l_make_certificate(lua_State *L) {
  enum crypto_alg alg = check_alg(L, 1);
  const char *name = luaL_checkstring(L, 2);
  struct bytes *both = script_scratch(L), key = {0};
  struct error err = {0};
  luaL_argcheck(L, alg != CRYPTO_GOST256, 1, "RS256 or ES256 expected");
  if (!crypto_make_certificate(alg, name, both, &key, &err)) return script_fail(L, &err);
  size_t len = both->len;
  bytes_add(both, key.data, key.len);
  bytes_deinit(&key);
  lua_pushlstring(L, both->data, len);
  lua_pushlstring(L, both->data + len, both->len - len);
  return 2;
}

int script_open_sign(lua_State *L) {
  static const luaL_Reg functions[] = {{"sign", l_sign},
                                       {"verify", l_verify},
                                       {"rsa_pem", l_rsa_pem},
                                       {"ec_pem", l_ec_pem},
                                       {"ec_point", l_ec_point},
                                       {"cms_sign", l_cms_sign},
                                       {"cms_verify", l_cms_verify},
                                       {"make_certificate", l_make_certificate},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
