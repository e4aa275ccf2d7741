/* string.find, match, gmatch, gsub and rep for rules, over script/pattern.h. */
#include "script/pattern.h"
#include "script/vm.h"

static bool ask_for_more(void *ctx) {
  script_vm_tick(ctx); /* does not come back when time is over */
  return true;
}

static struct slice check_slice(lua_State *L, int arg) {
  struct slice text;
  text.data = luaL_checklstring(L, arg, &text.len);
  return text;
}

static struct script_pattern pattern_of(lua_State *L, struct slice subject, struct slice pattern) {
  return (struct script_pattern){.subject = subject, .pattern = pattern, .more = ask_for_more, .ctx = L};
}

/* Behind the match, or NULL for none. Raises when the pattern is broken. */
static const char *match(lua_State *L, struct script_pattern *p, size_t from, const char *at) {
  const char *end;
  enum script_pattern_verdict verdict = script_pattern_match(p, from, at, &end);
  if (verdict == SCRIPT_PATTERN_BROKEN) luaL_error(L, p->error, p->error_index);
  return verdict == SCRIPT_PATTERN_MATCH ? end : NULL;
}

static void push_capture(lua_State *L, const struct script_pattern *p, int i, const char *at, const char *end) {
  if (i >= p->captures) {
    if (i != 0) luaL_error(L, "invalid capture index %%%d", i + 1);
    lua_pushlstring(L, at, (size_t)(end - at)); /* the whole match */
    return;
  }
  ptrdiff_t len = p->capture[i].len;
  if (len == SCRIPT_CAPTURE_OPEN) luaL_error(L, "unfinished capture");
  if (len == SCRIPT_CAPTURE_POSITION) lua_pushinteger(L, p->capture[i].start - p->subject.data + 1);
  else lua_pushlstring(L, p->capture[i].start, (size_t)len);
}

/* All of them; the whole match when there are none and has_whole. */
static int push_captures(lua_State *L, const struct script_pattern *p, const char *at, const char *end, bool has_whole) {
  int count = p->captures == 0 && has_whole ? 1 : p->captures;
  luaL_checkstack(L, count, "too many captures");
  for (int i = 0; i < count; i++) push_capture(L, p, i, at, end);
  return count;
}

/* Where to begin, from 0: a negative one counts from the end. */
static size_t start_of(lua_Integer at, size_t len) {
  if (at > 0) return (size_t)at - 1;
  if (at == 0 || at < -(lua_Integer)len) return 0;
  return len - (size_t)-at;
}

/* ---- find, match ---- */

static int find_plain(lua_State *L, struct slice subject, struct slice text, size_t from) {
  const char *found = text.len == 0 ? subject.data + from : memmem(subject.data + from, subject.len - from, text.data, text.len);
  if (found == NULL) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, found - subject.data + 1);
  lua_pushinteger(L, found - subject.data + (lua_Integer)text.len);
  return 2;
}

static int search(lua_State *L, bool is_find) {
  struct slice subject = check_slice(L, 1), pattern = check_slice(L, 2);
  size_t from = start_of(luaL_optinteger(L, 3, 1), subject.len);
  if (from > subject.len) {
    lua_pushnil(L);
    return 1;
  }
  if (is_find && (lua_toboolean(L, 4) || script_pattern_is_plain(pattern))) return find_plain(L, subject, pattern, from);
  struct script_pattern p = pattern_of(L, subject, pattern);
  bool is_anchored = pattern.len > 0 && pattern.data[0] == '^';
  for (size_t at = from; at <= subject.len; at++) {
    const char *end = match(L, &p, is_anchored, subject.data + at);
    if (end != NULL && !is_find) return push_captures(L, &p, subject.data + at, end, true);
    if (end != NULL) {
      lua_pushinteger(L, (lua_Integer)at + 1);
      lua_pushinteger(L, end - subject.data);
      return push_captures(L, &p, NULL, NULL, false) + 2;
    }
    if (is_anchored) break;
  }
  lua_pushnil(L);
  return 1;
}

static int l_find(lua_State *L) { return search(L, true); }
static int l_match(lua_State *L) { return search(L, false); }

/* ---- gmatch ---- */

enum { GMATCH_SUBJECT = 1, GMATCH_PATTERN, GMATCH_AT, GMATCH_LAST };

static int step_gmatch(lua_State *L) {
  struct slice subject = check_slice(L, lua_upvalueindex(GMATCH_SUBJECT)), pattern = check_slice(L, lua_upvalueindex(GMATCH_PATTERN));
  lua_Integer last = lua_tointeger(L, lua_upvalueindex(GMATCH_LAST));
  struct script_pattern p = pattern_of(L, subject, pattern);
  for (size_t at = (size_t)lua_tointeger(L, lua_upvalueindex(GMATCH_AT)); at <= subject.len; at++) {
    const char *end = match(L, &p, 0, subject.data + at);
    if (end == NULL || end - subject.data == last) continue;
    lua_pushinteger(L, end - subject.data);
    lua_copy(L, -1, lua_upvalueindex(GMATCH_AT));
    lua_replace(L, lua_upvalueindex(GMATCH_LAST));
    return push_captures(L, &p, subject.data + at, end, true);
  }
  return 0;
}

static int l_gmatch(lua_State *L) {
  struct slice subject = check_slice(L, 1);
  check_slice(L, 2);
  size_t from = start_of(luaL_optinteger(L, 3, 1), subject.len);
  lua_settop(L, 2);
  lua_pushinteger(L, (lua_Integer)(from > subject.len ? subject.len + 1 : from));
  lua_pushinteger(L, -1);
  lua_pushcclosure(L, step_gmatch, 4);
  return 1;
}

/* ---- gsub ---- */

/* The replacement text at 3, with %0 … %9. */
static void add_text(lua_State *L, const struct script_pattern *p, luaL_Buffer *out, const char *at, const char *end) {
  struct slice text;
  text.data = lua_tolstring(L, 3, &text.len);
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    if (c != '%') {
      luaL_addchar(out, c);
      continue;
    }
    c = ++i < text.len ? text.data[i] : '\0';
    if (c == '%') luaL_addchar(out, c);
    else if (c == '0') luaL_addlstring(out, at, (size_t)(end - at));
    else if (c >= '1' && c <= '9') {
      push_capture(L, p, c - '1', at, end);
      luaL_tolstring(L, -1, NULL); /* of a position */
      lua_remove(L, -2);
      luaL_addvalue(out);
    } else {
      luaL_error(L, "invalid use of '%%' in replacement string");
    }
  }
}

/* What stands for the match [at, end). */
static void add_replacement(lua_State *L, const struct script_pattern *p, luaL_Buffer *out, const char *at, const char *end) {
  switch (lua_type(L, 3)) {
    case LUA_TFUNCTION: {
      lua_pushvalue(L, 3);
      lua_call(L, push_captures(L, p, at, end, true), 1);
      break;
    }
    case LUA_TTABLE:
      push_capture(L, p, 0, at, end);
      lua_gettable(L, 3);
      break;
    default: add_text(L, p, out, at, end); return;
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    luaL_addlstring(out, at, (size_t)(end - at));
    return;
  }
  if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  luaL_addvalue(out);
}

static int l_gsub(lua_State *L) {
  struct slice subject = check_slice(L, 1), pattern = check_slice(L, 2);
  int type = lua_type(L, 3);
  luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TTABLE || type == LUA_TFUNCTION, 3,
                   "string/function/table");
  lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)subject.len + 1), count = 0;
  struct script_pattern p = pattern_of(L, subject, pattern);
  bool is_anchored = pattern.len > 0 && pattern.data[0] == '^';
  const char *at = subject.data, *last = NULL, *behind = subject.data + subject.len;
  luaL_Buffer out;
  lua_settop(L, 3);
  luaL_buffinit(L, &out);
  while (count < most) {
    const char *end = match(L, &p, is_anchored, at);
    if (end != NULL && end != last) {
      count++;
      add_replacement(L, &p, &out, at, end);
      at = last = end;
    } else if (at < behind) {
      luaL_addchar(&out, *at++);
    } else {
      break;
    }
    if (is_anchored) break;
  }
  luaL_addlstring(&out, at, (size_t)(behind - at));
  luaL_pushresult(&out);
  lua_pushinteger(L, count);
  return 2;
}

/* ---- rep: the original loops 2^62 times over an empty text ---- */

static int l_rep(lua_State *L) {
  struct slice text = check_slice(L, 1), separator = {"", 0};
  lua_Integer count = luaL_checkinteger(L, 2);
  separator.data = luaL_optlstring(L, 3, "", &separator.len);
  if (count <= 0 || text.len + separator.len == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  size_t room = script_vm_of(L)->limits.memory_bytes;
  if ((size_t)count > room / (text.len + separator.len)) script_vm_stop(L, SCRIPT_VM_MEMORY, NULL);
  size_t unit = text.len + separator.len, len = (size_t)count * unit - separator.len;
  luaL_Buffer out;
  char *to = luaL_buffinitsize(L, &out, len + separator.len);
  memcpy(to, text.data, text.len);
  memcpy(to + text.len, separator.data, separator.len);
  for (size_t done = unit; done < len; done *= 2) /* what is there once more, until it is enough */
    memcpy(to + done, to, done < len - done ? done : len - done);
  luaL_pushresultsize(&out, len);
  return 1;
}

void script_vm_open_string(lua_State *L) {
  static const luaL_Reg functions[] = {{"find", l_find}, {"match", l_match}, {"gmatch", l_gmatch},
                                       {"gsub", l_gsub}, {"rep", l_rep},     {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
