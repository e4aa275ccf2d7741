/* What a handler returned, as an answer of net. */
#include <string.h>

#include "base/clock.h"
#include "script/box.h"
#include "script/web.h"

#define HEADERS_MAX 64

struct header_list {
  struct net_header items[HEADERS_MAX]; /* borrow from strings on the Lua stack */
  size_t count;
};

static void add_header(lua_State *L, struct header_list *list, struct slice name) {
  struct slice value;
  value.data = lua_tolstring(L, -1, &value.len);
  if (list->count == HEADERS_MAX) luaL_error(L, "an answer has too many headers");
  list->items[list->count++] = (struct net_header){name, value};
}

static void add_headers(lua_State *L, struct header_list *list, struct slice name) {
  if (lua_type(L, -1) == LUA_TSTRING) {
    add_header(L, list, name);
    return;
  }
  if (!lua_istable(L, -1)) luaL_error(L, "header '%s' must be a string or an array", name.data);
  lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
  for (lua_Integer i = 1; i <= count; i++) {
    if (lua_rawgeti(L, -1, i) != LUA_TSTRING) luaL_error(L, "header '%s' must be text", name.data);
    add_header(L, list, name);
    lua_pop(L, 1); /* the array still holds it */
  }
}

static void collect_headers(lua_State *L, int table, struct header_list *list) {
  list->count = 0;
  if (lua_isnil(L, table)) return;
  luaL_checktype(L, table, LUA_TTABLE);
  for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) luaL_error(L, "header names must be text");
    struct slice name;
    name.data = lua_tolstring(L, -2, &name.len);
    add_headers(L, list, name);
  }
}

/* ---- streams ---- */

static struct script_web *live_web(lua_State *L) {
  struct script_task *task = script_task(L);
  struct script_web *web = lua_touserdata(L, lua_upvalueindex(1));
  if (task->owner != web || !web->is_streaming) luaL_error(L, "this answer has ended");
  return web;
}

static void on_written(struct net_request *req, bool closed) {
  struct script_web *web = req->task;
  web->is_stream_closed = closed;
  script_wake(&web->wait);
}

static void cancel_write(struct script_wait *wait) { (void)wait; } /* the request is abandoned */

static int finish_write(lua_State *L, int status, lua_KContext ctx) {
  (void)status;
  (void)ctx;
  if (live_web(L)->is_stream_closed) return script_fail_text(L, "closed", "the client went away");
  lua_pushboolean(L, 1);
  return 1;
}

static int l_write(lua_State *L) {
  struct script_web *web = live_web(L);
  struct slice data = script_check_slice(L, 1);
  script_task_that_waits(L);
  if (web->is_stream_closed) return script_fail_text(L, "closed", "the client went away");
  web->bytes += data.len;
  switch (net_stream_write(web->task.request, data, on_written)) {
    case NET_FLOW_READY: break;
    case NET_FLOW_WAIT: return script_wait(L, &web->wait, cancel_write, finish_write);
    case NET_FLOW_CLOSED: web->is_stream_closed = true; break;
  }
  return finish_write(L, LUA_OK, 0);
}

static int finish_stream(lua_State *L, int status, lua_KContext ctx) {
  struct script_web *web = (struct script_web *)ctx;
  (void)L;
  (void)status;
  web->is_streaming = false;
  struct net_request *req = web->task.request;
  web->task.request = NULL;
  net_stream_end(req);
  return 0;
}

static int begin_stream(lua_State *L, struct script_web *web, struct net_answer *answer) {
  if (lua_getfield(L, 5, "stream") != LUA_TFUNCTION)
    return luaL_error(L, "a body is text, a buffer, {path=} or {stream=function}");
  web->task.owner = web;
  lua_pushlightuserdata(L, web);
  lua_pushcclosure(L, l_write, 1);
  web->status = answer->status;
  web->is_streaming = true;
  web->stream_us = clock_monotonic_us() - web->task.started_us;
  net_stream_begin(web->task.request, answer);
  lua_callk(L, 1, 0, (lua_KContext)web, finish_stream);
  return finish_stream(L, LUA_OK, (lua_KContext)web);
}

/* ---- whole bodies ---- */

static void respond(struct script_web *web, struct net_answer *answer) {
  struct net_request *req = web->task.request;
  web->status = answer->status;
  web->bytes = answer->bytes.len + answer->text.len;
  web->task.request = NULL;
  net_respond(req, answer);
}

int script_answer(lua_State *L, struct script_web *web) {
  int is_integer;
  lua_Integer status = lua_tointegerx(L, 3, &is_integer);
  if (!is_integer || status < 200 || status > 599)
    return luaL_error(L, "a handler returns status, headers, body");
  struct header_list headers;
  collect_headers(L, 4, &headers);
  struct net_answer answer = {
      .status = (int)status, .headers = headers.items, .header_count = headers.count};
  if (lua_type(L, 5) == LUA_TSTRING) {
    answer.text.data = lua_tolstring(L, 5, &answer.text.len);
  } else if (lua_istable(L, 5)) {
    if (lua_getfield(L, 5, "path") != LUA_TSTRING) return begin_stream(L, web, &answer);
    answer.path = lua_tostring(L, -1);
    web->bytes = 0;
  } else if (!lua_isnil(L, 5) && !script_take_buffer(L, 5, &answer.bytes)) {
    return luaL_error(L, "a body is text, a buffer, {path=} or {stream=function}");
  }
  respond(web, &answer);
  return 0;
}

bool script_is_api(const struct net_request *req) {
  return req->path.len >= 5 && memcmp(req->path.data, "/api/", 5) == 0;
}

void script_answer_plainly(struct script_web *web, int status, const char *code, const char *text) {
  struct net_request *req = web->task.request;
  bool as_json = script_is_api(req);
  struct net_header headers[] = {
      {slice_of("Content-Type"),
       slice_of(as_json ? "application/problem+json" : "text/html; charset=utf-8")},
      {slice_of("Cache-Control"), slice_of("no-store")},
      {slice_of("Retry-After"), slice_of("5")}};
  struct net_answer answer = {
      .status = status, .headers = headers, .header_count = status == 503 ? 3 : 2};
  if (as_json)
    bytes_addf(&answer.bytes,
               "{\"type\":\"about:blank\",\"status\":%d,\"code\":\"%s\",\"title\":\"%s\"}\n", status,
               code, text);
  else
    bytes_addf(&answer.bytes,
               "<!doctype html><html lang=\"ru\"><meta charset=\"utf-8\"><title>%d</title>"
               "<h1>%s</h1><p>Номер обращения: %s</p></html>\n",
               status, text, req->id);
  respond(web, &answer);
}
