/* core.mail - handing a finished message to the mail server of the settings. */
#include "net/client.h"
#include "script/box.h"
#include "script/host.h"
#include "script/sandbox.h"

#define MAIL "core.mail.transfer"
#define RECIPIENTS_MAX 50

struct mail_box {
  struct script_wait wait;
  struct net_transfer *transfer;
  struct error err;
  int smtp_code;
};

static void on_mailed(void *ctx, int smtp_code, const struct error *err) {
  struct mail_box *box = ctx;
  box->transfer = NULL;
  box->smtp_code = smtp_code;
  if (err != NULL) box->err = *err;
  script_wake(&box->wait);
}

static void cancel_mail(struct script_wait *wait) {
  net_transfer_cancel(LIST_OWNER(wait, struct mail_box, wait)->transfer);
}

static int finish_mail(lua_State *L, int status, lua_KContext ctx) {
  struct mail_box *box = lua_touserdata(L, 1);
  (void)status, (void)ctx;
  if (box->err.code == ERR_NONE) {
    lua_pushboolean(L, 1);
    return 1;
  }
  script_fail(L, &box->err);
  lua_pushinteger(L, box->smtp_code);
  lua_setfield(L, -2, "smtp_code");
  return 2;
}

static size_t collect_recipients(lua_State *L, const char *to[RECIPIENTS_MAX]) {
  int type = lua_getfield(L, 1, "to");
  size_t count = 0;
  if (type == LUA_TSTRING) to[count++] = lua_tostring(L, -1);
  for (lua_Integer i = 1; type == LUA_TTABLE && lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
    if (count == RECIPIENTS_MAX) luaL_error(L, "at most 50 recipients");
    to[count++] = luaL_checkstring(L, -1);
    lua_pop(L, 1); /* it stays in the table */
  }
  luaL_argcheck(L, count > 0, 1, "to expected");
  return count;
}

/* send{url =, from =, to = text or array, message =} → true; err.smtp_code tells the server's word */
static int l_send(lua_State *L) {
  struct script_task *task = script_task_that_waits(L);
  luaL_checktype(L, 1, LUA_TTABLE);
  const char *to[RECIPIENTS_MAX];
  struct net_mail mail = {.to = to, .to_count = collect_recipients(L, to)};
  lua_getfield(L, 1, "url");
  mail.url = luaL_checkstring(L, -1);
  lua_getfield(L, 1, "from");
  mail.from = luaL_checkstring(L, -1);
  lua_getfield(L, 1, "message");
  mail.message = script_check_slice(L, lua_gettop(L));
  mail.timeout_ms = (int)script_option_integer(L, 1, "timeout_ms", 0, 0, 600000);
  if (task->script->config.client == NULL)
    return script_fail_text(L, "unavailable", "this process sends no mail");
  struct mail_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = (struct mail_box){0};
  struct error err;
  if (!net_mail_send(task->script->config.client, &mail, on_mailed, box, &box->transfer, &err))
    return script_fail(L, &err);
  lua_replace(L, 1);
  lua_settop(L, 1);
  return script_wait(L, &box->wait, cancel_mail, finish_mail);
}

int script_open_mail(lua_State *L) {
  static const luaL_Reg functions[] = {{"send", l_send}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
