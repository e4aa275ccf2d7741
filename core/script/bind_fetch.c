/* core.fetch - outgoing HTTP. Redirects are off; only public addresses, unless the settings allow. */
#include <stdlib.h>

#include "net/client.h"
#include "script/box.h"
#include "script/host.h"
#include "script/sandbox.h"

#define FETCH "core.fetch.transfer"
#define HEADERS_MAX 64

struct fetch_box {
  struct script_wait wait;
  struct net_transfer *transfer;
  struct error err;
  int status;
  struct bytes body;
  struct bytes headers; /* "name\0value\0" … */
};

static int l_free(lua_State *L) {
  struct fetch_box *box = lua_touserdata(L, 1);
  bytes_deinit(&box->body);
  bytes_deinit(&box->headers);
  return 0;
}

static void on_fetched(void *ctx, struct net_fetched *fetched, const struct error *err) {
  struct fetch_box *box = ctx;
  box->transfer = NULL;
  if (err != NULL) box->err = *err;
  if (fetched != NULL) {
    box->status = fetched->status;
    box->body = fetched->body;
    fetched->body = (struct bytes){0};
    for (size_t i = 0; i < fetched->header_count; i++) {
      bytes_add(&box->headers, fetched->headers[i].name.data, fetched->headers[i].name.len);
      bytes_add_char(&box->headers, '\0');
      bytes_add(&box->headers, fetched->headers[i].value.data, fetched->headers[i].value.len);
      bytes_add_char(&box->headers, '\0');
    }
  }
  script_wake(&box->wait);
}

static void cancel_fetch(struct script_wait *wait) {
  net_transfer_cancel(LIST_OWNER(wait, struct fetch_box, wait)->transfer);
}

static void push_headers(lua_State *L, const struct bytes *headers) {
  lua_newtable(L);
  for (size_t at = 0; at < headers->len;) {
    const char *name = headers->data + at;
    const char *value = name + strlen(name) + 1;
    at = (size_t)(value - headers->data) + strlen(value) + 1;
    luaL_Buffer lower;
    luaL_buffinit(L, &lower);
    for (; *name != '\0'; name++)
      luaL_addchar(&lower, (char)(*name >= 'A' && *name <= 'Z' ? *name + 32 : *name));
    luaL_pushresult(&lower);
    lua_pushstring(L, value);
    lua_rawset(L, -3);
  }
}

static int finish_fetch(lua_State *L, int status, lua_KContext ctx) {
  struct fetch_box *box = lua_touserdata(L, 1);
  (void)status, (void)ctx;
  if (box->err.code != ERR_NONE) return script_fail(L, &box->err);
  lua_createtable(L, 0, 3);
  lua_pushinteger(L, box->status);
  lua_setfield(L, -2, "status");
  push_headers(L, &box->headers);
  lua_setfield(L, -2, "headers");
  lua_pushlstring(L, box->body.len != 0 ? box->body.data : "", box->body.len);
  lua_setfield(L, -2, "body");
  return 1;
}

static const char *text_option(lua_State *L, const char *name, size_t *len) { /* stays in table 1 */
  size_t unused;
  lua_getfield(L, 1, name);
  const char *text = luaL_optlstring(L, -1, NULL, len != NULL ? len : &unused);
  lua_pop(L, 1);
  return text;
}

static size_t collect_headers(lua_State *L, struct net_header headers[HEADERS_MAX]) {
  size_t count = 0;
  if (lua_getfield(L, 1, "headers") == LUA_TTABLE) {
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
      if (count == HEADERS_MAX || lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
        luaL_error(L, "headers are at most 64 pairs of text");
      headers[count].name = slice_of(lua_tostring(L, -2));
      headers[count].value = slice_of(lua_tostring(L, -1));
      count++;
    }
  }
  lua_pop(L, 1);
  return count;
}

/* fetch{url =, method =, headers =, body =, timeout_ms =, max_bytes =, is_own =} → {status, headers, body} */
static int l_fetch(lua_State *L) {
  struct script_task *task = script_task_that_waits(L);
  luaL_checktype(L, 1, LUA_TTABLE);
  struct net_header headers[HEADERS_MAX];
  struct net_fetch fetch = {
      .url = text_option(L, "url", NULL),
      .method = text_option(L, "method", NULL),
      .headers = headers,
      .timeout_ms = (int)script_option_integer(L, 1, "timeout_ms", 0, 0, 600000),
      .max_body_bytes = (size_t)script_option_integer(L, 1, "max_bytes", 0, 0, 256 << 20)};
  lua_getfield(L, 1, "is_own");
  fetch.is_own = lua_toboolean(L, -1);
  lua_pop(L, 1);
  fetch.header_count = collect_headers(L, headers);
  fetch.body.data = text_option(L, "body", &fetch.body.len);
  if (fetch.body.data == NULL) fetch.body.len = 0;
  luaL_argcheck(L, fetch.url != NULL, 1, "url expected");
  if (task->script->config.client == NULL)
    return script_fail_text(L, "unavailable", "this process does not fetch");
  struct fetch_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = (struct fetch_box){0};
  luaL_setmetatable(L, FETCH);
  struct error err;
  if (!net_client_fetch(task->script->config.client, &fetch, on_fetched, box, &box->transfer, &err))
    return script_fail(L, &err);
  lua_replace(L, 1);
  lua_settop(L, 1);
  return script_wait(L, &box->wait, cancel_fetch, finish_fetch);
}

int script_open_fetch(lua_State *L) {
  static const luaL_Reg functions[] = {{"fetch", l_fetch}, {NULL, NULL}};
  luaL_newmetatable(L, FETCH);
  lua_pushcfunction(L, l_free);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
