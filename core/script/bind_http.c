/* core.http - the request that runs the task, as userdata `req.http`. */
#include <stdlib.h>
#include <string.h>

#include "script/box.h"
#include "script/host.h"
#include "script/sandbox.h"
#include "script/web.h"

#define REQUEST "core.http.request"

struct http_box {
  struct script_task *task; /* NULL once the request has ended; of a struct script_web */
};

void script_push_http(lua_State *L, struct script_web *web) {
  struct http_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->task = &web->task;
  web->task.lua_side = &box->task;
  luaL_setmetatable(L, REQUEST);
}

static struct script_web *check_web(lua_State *L) {
  struct http_box *box = luaL_checkudata(L, 1, REQUEST);
  if (box->task == NULL || box->task->request == NULL)
    luaL_error(L, "this request has been answered");
  return LIST_OWNER(box->task, struct script_web, task);
}

/* ---- the head ---- */

/* What few requests ask for; made a Lua string only then. */
static int l_fact(lua_State *L) {
  static const char *const names[] = {"id", "host", "ip", "scheme", NULL};
  struct script_web *web = check_web(L);
  const struct net_request *req = web->task.request;
  const struct slice facts[] = {slice_of(req->id), req->host, slice_of(req->ip), req->scheme};
  struct slice fact = facts[luaL_checkoption(L, 2, NULL, names)];
  lua_pushlstring(L, fact.data != NULL ? fact.data : "", fact.len);
  return 1;
}

static int l_header(lua_State *L) {
  struct script_web *web = check_web(L);
  struct slice value = net_request_header(web->task.request, luaL_checkstring(L, 2));
  if (value.data == NULL) return 0;
  lua_pushlstring(L, value.data, value.len);
  return 1;
}

static void push_lower(lua_State *L, struct slice name) {
  char lower[256];
  size_t len = name.len < sizeof lower ? name.len : sizeof lower;
  for (size_t i = 0; i < len; i++)
    lower[i] = (char)(name.data[i] >= 'A' && name.data[i] <= 'Z' ? name.data[i] + 32 : name.data[i]);
  lua_pushlstring(L, lower, len);
}

static int l_headers(lua_State *L) {
  struct script_web *web = check_web(L);
  size_t count = net_request_header_count(web->task.request);
  lua_createtable(L, 0, (int)count);
  for (size_t i = count; i-- > 0;) { /* last to first: the first of a name stays */
    struct net_header header = net_request_header_at(web->task.request, i);
    push_lower(L, header.name);
    lua_pushlstring(L, header.value.data != NULL ? header.value.data : "", header.value.len);
    lua_rawset(L, -3);
  }
  return 1;
}

static int l_route(lua_State *L) {
  struct http_box *box = luaL_checkudata(L, 1, REQUEST);
  struct slice route = script_check_slice(L, 2);
  struct script_task *task = box->task;
  if (task == NULL) return 0;
  size_t len = route.len < sizeof task->route ? route.len : sizeof task->route - 1;
  for (size_t i = 0; i < len; i++) /* it becomes a label of a metric */
    task->route[i] = (char)(route.data[i] == '"' || route.data[i] == '\\' || route.data[i] == '\n'
                                ? '_' : route.data[i]);
  task->route[len] = '\0';
  if (!lua_isnoneornil(L, 3)) task->user_id = luaL_checkinteger(L, 3);
  return 0;
}

/* ---- the body ---- */

/* true: the request goes on; false: the client is gone, and with it the task. */
static bool keep_outcome(struct script_web *web, const struct error *err) {
  web->err.code = ERR_NONE;
  if (err == NULL) return true;
  web->err = *err;
  bool is_answered = err->code == ERR_CLOSED || err->code == ERR_TIMEOUT;
  if (!is_answered) return true;
  script_task_stop(&web->task);
  return false;
}

static void cancel_read(struct script_wait *wait) { (void)wait; } /* the request is abandoned */

static void on_body(struct net_request *req, struct bytes *body, const struct error *err) {
  struct script_web *web = req->task;
  if (err == NULL) {
    bytes_deinit(&web->body);
    web->body = *body;
    *body = (struct bytes){0};
  }
  if (keep_outcome(web, err)) script_wake(&web->wait);
}

static int finish_body(lua_State *L, int status, lua_KContext ctx) {
  struct script_web *web = check_web(L);
  (void)status;
  (void)ctx;
  if (web->err.code != ERR_NONE) return script_fail(L, &web->err);
  lua_pushlstring(L, web->body.len != 0 ? web->body.data : "", web->body.len);
  bytes_deinit(&web->body);
  return 1;
}

static int l_body(lua_State *L) {
  struct script_web *web = check_web(L);
  lua_Integer limit = luaL_optinteger(L, 2, 1 << 20);
  luaL_argcheck(L, limit >= 0 && limit <= 64 << 20, 2, "0 to 64 MiB expected");
  script_task_that_waits(L);
  lua_settop(L, 1);
  net_request_read(web->task.request, (size_t)limit, on_body);
  return script_wait(L, &web->wait, cancel_read, finish_body);
}

/* ---- forms with files ---- */

/* fields[name] becomes the value, or an array when the name comes again. The value is on top. */
static void add_field(lua_State *L, const char *name) {
  int type = lua_getfield(L, -2, name);
  if (type == LUA_TNIL) {
    lua_pop(L, 1);
    lua_setfield(L, -2, name);
    return;
  }
  if (type != LUA_TTABLE) {
    lua_createtable(L, 2, 0);
    lua_insert(L, -2);
    lua_rawseti(L, -2, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, -4, name);
  }
  lua_insert(L, -2);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  lua_pop(L, 1);
}

static void push_file(lua_State *L, const struct net_part *part) {
  lua_createtable(L, 0, 6);
  lua_pushstring(L, part->name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, part->filename);
  lua_setfield(L, -2, "filename");
  lua_pushstring(L, part->type);
  lua_setfield(L, -2, "type");
  lua_pushstring(L, part->path);
  lua_setfield(L, -2, "path");
  lua_pushinteger(L, part->size);
  lua_setfield(L, -2, "size");
  lua_pushstring(L, part->sha256);
  lua_setfield(L, -2, "sha256");
}

static int finish_form(lua_State *L, int status, lua_KContext ctx) {
  struct script_web *web = check_web(L);
  (void)status;
  (void)ctx;
  if (web->err.code != ERR_NONE) return script_fail(L, &web->err);
  lua_createtable(L, 0, 2);
  lua_newtable(L); /* files */
  lua_newtable(L); /* fields */
  lua_Integer files = 0;
  for (size_t i = 0; i < web->form->count; i++) {
    const struct net_part *part = &web->form->parts[i];
    if (part->filename != NULL) {
      push_file(L, part);
      lua_rawseti(L, -3, ++files);
    } else {
      lua_pushlstring(L, part->value, part->value_len);
      add_field(L, part->name);
    }
  }
  lua_setfield(L, -3, "fields");
  lua_setfield(L, -2, "files");
  return 1; /* the files nobody moved away are removed when the request ends */
}

static void on_form(struct net_request *req, struct net_multipart *form, const struct error *err) {
  struct script_web *web = req->task;
  if (err == NULL) web->form = form;
  if (keep_outcome(web, err)) script_wake(&web->wait);
}

static int l_multipart(lua_State *L) {
  struct script_web *web = check_web(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  struct net_multipart_limits limits = NET_MULTIPART_LIMITS;
  limits.max_bytes = script_option_integer(L, 2, "max_bytes", limits.max_bytes, 0, 1LL << 32);
  limits.max_file_bytes =
      script_option_integer(L, 2, "max_file_bytes", limits.max_bytes, 0, 1LL << 32);
  limits.max_files = (int)script_option_integer(L, 2, "max_files", limits.max_files, 0, 1000);
  script_task_that_waits(L);
  const char *dir = lua_pushfstring(L, "%s/tmp", web->task.script->config.data_dir);
  net_request_multipart(web->task.request, &limits, dir, on_form);
  lua_settop(L, 1);
  return script_wait(L, &web->wait, cancel_read, finish_form);
}

int script_open_http(lua_State *L) {
  static const luaL_Reg methods[] = {{"header", l_header}, {"headers", l_headers},
                                     {"fact", l_fact},     {"route", l_route},
                                     {"body", l_body},     {"multipart", l_multipart},
                                     {NULL, NULL}};
  luaL_newmetatable(L, REQUEST);
  luaL_setfuncs(L, methods, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_newtable(L);
  return 1;
}
