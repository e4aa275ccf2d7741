/* script/web.h - one HTTP request as a task. Private to script/.
 *
 *   script_handle --> app.request(req) --> status, headers, body --> net_respond --> access-log line
 *
 * The net_request is ours until it is answered; `request` of the task is NULL from then on. */
#pragma once
#include "net/request.h"
#include "script/task.h"

struct script_web {
  struct script_task task;   /* first; task.owner points back */
  struct script_wait wait;   /* for the body, the form, or room in the stream */
  struct bytes body;         /* read, not yet given to Lua */
  struct net_multipart *form;
  struct error err;          /* of the wait that ended */
  bool is_stream_closed;
  bool is_streaming;
  uint64_t stream_us;        /* from the start to the begin of a stream, for the metrics; 0: none */
  int status;                /* of the answer; 0 before */
  uint64_t bytes;            /* of its body */
  char method[8];
};

/* answer.c: takes status, headers and body from the stack (3, 4, 5) and answers; raises when they
 * are not what a handler returns. Continues in Lua for a stream. */
int script_answer(lua_State *L, struct script_web *web);
bool script_is_api(const struct net_request *req);
/* Answers by itself, e.g. after a fault. code is the API's problem code. */
void script_answer_plainly(struct script_web *web, int status, const char *code, const char *text);
