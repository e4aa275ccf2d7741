#include "script/web.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "script/box.h"
#include "script/host.h"

#define REQUEST_FIELDS 14 /* with those that the kit adds to nearly every request */

static struct script_web *web_of(struct script_task *task) {
  return LIST_OWNER(task, struct script_web, task);
}

/* ---- the end ---- */

static void write_access_line(const struct script_web *web, uint64_t us) {
  const struct script_task *task = &web->task;
  struct log_line line;
  log_begin(&line, task->script->config.log, LOG_INFO, "request");
  log_str(&line, "id", slice_of(task->id));
  log_str(&line, "method", slice_of(web->method));
  log_str(&line, "route", slice_of(task->route));
  log_int(&line, "status", web->status);
  log_int(&line, "us", (long long)us);
  log_int(&line, "lua_us", (long long)task->lua_us);
  log_int(&line, "queries", task->queries);
  if (task->user_id != 0) log_int(&line, "user", task->user_id);
  log_int(&line, "bytes", (long long)web->bytes);
  log_end_into(&line, &task->script->access);
}

static void end_request(struct script_web *web, enum script_end how) {
  struct net_request *req = web->task.request;
  if (req == NULL) return;
  if (how == SCRIPT_END_STOPPED || web->is_streaming) {
    if (how == SCRIPT_END_STOPPED && web->status == 0) web->status = 499; /* nobody to answer */
    net_request_abandon(req);
    web->task.request = NULL;
  } else {
    script_answer_plainly(web, 500, "internal", "Внутренняя ошибка. Мы уже знаем о ней.");
  }
}

static void on_ended(struct script_task *task, enum script_end how, const char *reason) {
  struct script_web *web = web_of(task);
  (void)reason; /* it is in the log */
  end_request(web, how);
  uint64_t us = clock_monotonic_us() - task->started_us;
  write_access_line(web, us);
  script_stats_request(task->script->config.stats, web->method, task->route, web->status,
                       web->stream_us != 0 ? web->stream_us : us, task->lua_us, task->queries);
  bytes_deinit(&web->body);
  net_multipart_free(web->form);
  free(web);
}

static void on_closed(struct net_request *req) {
  struct script_web *web = req->task;
  script_task_stop(&web->task);
}

/* ---- the beginning ---- */

static void set_text(lua_State *L, const char *name, struct slice text) {
  lua_pushlstring(L, text.data != NULL ? text.data : "", text.len);
  lua_setfield(L, -2, name);
}

/* The box must lie at 2 of the coroutine's stack. */
static void push_request(lua_State *L, struct script_web *web) {
  const struct net_request *req = web->task.request;
  lua_createtable(L, 0, REQUEST_FIELDS);
  set_text(L, "method", req->method_name);
  set_text(L, "path", req->path);
  set_text(L, "query_string", req->query);
  lua_pushboolean(L, script_is_api(req));
  lua_setfield(L, -2, "is_api");
  lua_pushvalue(L, 2);
  lua_setfield(L, -2, "http");
}

static int answered(lua_State *L, int status, lua_KContext ctx) {
  (void)status;
  (void)ctx;
  return script_answer(L, web_of(lua_touserdata(L, 1)));
}

/* The coroutine's body. Stack: 1 task, 2 core.http, then what the handler returns. */
static int enter(lua_State *L) {
  struct script_task *task = lua_touserdata(L, 1);
  script_push_http(L, web_of(task));
  lua_rawgeti(L, LUA_REGISTRYINDEX, task->generation->request_ref);
  push_request(L, web_of(task));
  lua_callk(L, 1, 3, 0, answered);
  return answered(L, LUA_OK, 0);
}

static struct script_web *new_web(struct script *script, struct net_request *req) {
  struct script_web *web = mem_zero(sizeof *web);
  struct script_task *task = &web->task;
  task->script = script;
  task->limits = &script->config.web;
  task->ended = on_ended;
  task->request = req;
  task->started_us = req->started_us;
  task->is_read_only = req->method == NET_GET || req->method == NET_HEAD;
  memcpy(task->id, req->id, sizeof req->id);
  size_t len = req->method_name.len < sizeof web->method ? req->method_name.len
                                                         : sizeof web->method - 1;
  memcpy(web->method, req->method_name.data, len);
  return web;
}

void script_handle(struct net_request *req, void *ctx) {
  struct script *script = ctx;
  struct script_web *web = new_web(script, req);
  struct error err;
  req->task = web;
  req->closed = on_closed;
  bool has_app = script->generation != NULL && script->generation->request_ref != LUA_NOREF;
  if (has_app && script_task_start(script, &web->task, enter, &err)) return;
  script_answer_plainly(web, 503, "unavailable", "Сервис запускается. Попробуйте через минуту.");
  on_ended(&web->task, SCRIPT_END_OK, NULL);
}
