/* core.text - text in UTF-8: case, length, escapes, queries, cookies. */
#include "base/utf8.h"
#include "net/cookie.h"
#include "net/query.h"
#include "script/box.h"
#include "script/sandbox.h"
#include "script/task.h"

static int map_case(lua_State *L, uint32_t (*change)(uint32_t)) {
  struct slice text = script_check_slice(L, 1);
  struct bytes *out = script_scratch(L);
  for (size_t at = 0, width; at < text.len; at += width) {
    char utf8[4];
    uint32_t code = utf8_decode(text.data + at, text.len - at, &width);
    bytes_add(out, utf8, utf8_encode(change(code), utf8));
  }
  script_push_scratch(L);
  return 1;
}

static uint32_t fold(uint32_t code) { /* ё is е where people search */
  code = utf8_lower(code);
  return code == 0x451 ? 0x435 : code;
}

static int l_lower(lua_State *L) { return map_case(L, utf8_lower); }
static int l_upper(lua_State *L) { return map_case(L, utf8_upper); }
static int l_fold(lua_State *L) { return map_case(L, fold); }

static int l_len(lua_State *L) {
  struct slice text = script_check_slice(L, 1);
  lua_pushinteger(L, (lua_Integer)utf8_count(text.data, text.len));
  return 1;
}

/* Byte offset of character n (from 0), at most the length. */
static size_t offset_of(struct slice text, size_t n) {
  size_t at = 0;
  while (n-- > 0 && at < text.len) {
    size_t width = utf8_width(text.data + at, text.len - at);
    at += width != 0 ? width : 1;
  }
  return at;
}

/* sub(s, i [, j]): as string.sub, in characters. */
static int l_sub(lua_State *L) {
  struct slice text = script_check_slice(L, 1);
  lua_Integer count = (lua_Integer)utf8_count(text.data, text.len);
  lua_Integer from = luaL_checkinteger(L, 2), to = luaL_optinteger(L, 3, -1);
  if (from < 0) from = from < -count ? 1 : count + from + 1;
  if (from < 1) from = 1;
  if (to < 0) to = to < -count ? 0 : count + to + 1;
  if (to > count) to = count;
  if (from > to) {
    lua_pushliteral(L, "");
    return 1;
  }
  size_t start = offset_of(text, (size_t)from - 1), end = offset_of(text, (size_t)to);
  lua_pushlstring(L, text.data + start, end - start);
  return 1;
}

/* Spaces at both ends, with the no-break space and the byte order mark. */
static size_t space_width(const char *data, size_t len) {
  if (len >= 1 && (*data == ' ' || (*data >= '\t' && *data <= '\r'))) return 1;
  if (len >= 2 && memcmp(data, "\xC2\xA0", 2) == 0) return 2;
  if (len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) return 3;
  return 0;
}

static int l_trim(lua_State *L) {
  struct slice text = script_check_slice(L, 1);
  size_t width;
  while ((width = space_width(text.data, text.len)) != 0) text.data += width, text.len -= width;
  for (;;) {
    size_t cut = 0;
    for (size_t w = 1; w <= 3 && w <= text.len && cut == 0; w++)
      if (space_width(text.data + text.len - w, w) == w) cut = w;
    if (cut == 0) break;
    text.len -= cut;
  }
  lua_pushlstring(L, text.data, text.len);
  return 1;
}

static int l_is_valid(lua_State *L) {
  struct slice text = script_check_slice(L, 1);
  lua_pushboolean(L, utf8_is_valid(text.data, text.len));
  return 1;
}

static int l_escape(lua_State *L) {
  struct slice text = script_check_slice(L, 1);
  bytes_add_html(script_scratch(L), text.data, text.len);
  script_push_scratch(L);
  return 1;
}

static int l_url_encode(lua_State *L) {
  struct slice text = script_check_slice(L, 1);
  bytes_add_url(script_scratch(L), text.data, text.len);
  script_push_scratch(L);
  return 1;
}

static int l_url_decode(lua_State *L) {
  struct slice text = script_check_slice(L, 1);
  if (!net_url_decode(text, true, script_scratch(L)))
    return script_fail_text(L, "invalid", "broken % escape");
  script_push_scratch(L);
  return 1;
}

/* ---- addresses in pages ---- */

static bool is_known_scheme(struct slice scheme) {
  return slice_is_nocase(scheme, "http") || slice_is_nocase(scheme, "https") ||
         slice_is_nocase(scheme, "mailto") || slice_is_nocase(scheme, "tel");
}

/* Browsers drop control characters and read a backslash as a slash. "name:" before the first slash,
 * ? or # may be a scheme; where there are several colons the last one counts. */
static bool is_harmless_address(struct slice text) {
  size_t colon = 0, end = text.len;
  bool has_colon = false;
  if (text.len >= 2 && text.data[0] == '/' && text.data[1] == '/') return false;
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.data[i];
    if (c < 32 || c == 127 || c == '\\') return false;
    if (i < end && c == ':') has_colon = true, colon = i;
    if (i < end && (c == '/' || c == '?' || c == '#')) end = i;
  }
  return !has_colon || is_known_scheme((struct slice){text.data, colon});
}

/* link(value) → the address if it is http(s), mail, phone or inside this site; "#" otherwise */
static int l_link(lua_State *L) {
  lua_settop(L, 1);
  if (!lua_toboolean(L, 1)) return 0;
  struct slice text;
  text.data = luaL_tolstring(L, 1, &text.len);
  unsigned char second = text.len > 1 ? (unsigned char)text.data[1] : 0;
  /* The common case: a path of this site. */
  bool is_path = text.len > 0 && text.data[0] == '/' &&
                 (text.len == 1 || (second > 32 && second != '/' && second != '\\'));
  if (!is_path && !is_harmless_address(text)) lua_pushliteral(L, "#");
  return 1;
}

/* ---- pairs: collected first, since the parsers must not be left by an error of Lua ---- */

static bool collect_pair(void *ctx, struct slice name, struct slice value) {
  struct bytes *out = ctx;
  size_t lens[2] = {name.len, value.len};
  bytes_add(out, lens, sizeof lens);
  bytes_add(out, name.data, name.len);
  bytes_add(out, value.data, value.len);
  return true;
}

static bool take_pair(struct slice *rest, struct slice *name, struct slice *value) {
  size_t lens[2];
  if (rest->len < sizeof lens) return false;
  memcpy(lens, rest->data, sizeof lens);
  *name = (struct slice){rest->data + sizeof lens, lens[0]};
  *value = (struct slice){name->data + lens[0], lens[1]};
  size_t used = sizeof lens + lens[0] + lens[1];
  *rest = (struct slice){rest->data + used, rest->len - used};
  return true;
}

/* first[name] = value unless there is one. Tables at the given places. */
static void add_first(lua_State *L, int first, struct slice name, struct slice value) {
  lua_pushlstring(L, name.data, name.len);
  lua_pushvalue(L, -1);
  if (lua_rawget(L, first) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_pushlstring(L, value.data, value.len);
    lua_rawset(L, first);
    return;
  }
  lua_pop(L, 2);
}

static void add_to_all(lua_State *L, int all, struct slice name, struct slice value) {
  lua_pushlstring(L, name.data, name.len);
  lua_pushvalue(L, -1);
  if (lua_rawget(L, all) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_createtable(L, 1, 0);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, all);
  }
  lua_pushlstring(L, value.data, value.len);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  lua_pop(L, 2);
}

/* parse_query(s): {name = first value}, {name = {all values}}; nil, err when malformed, which bytes
 * that are no UTF-8 and NUL are, too. */
static int l_parse_query(lua_State *L) {
  struct slice text = script_check_slice(L, 1), name, value;
  struct bytes *pairs = script_scratch(L);
  struct error err;
  if (!net_query_parse(text, collect_pair, pairs, &err)) return script_fail(L, &err);
  lua_settop(L, 1);
  lua_newtable(L);
  lua_newtable(L);
  struct slice rest = {pairs->data, pairs->len};
  while (take_pair(&rest, &name, &value)) {
    add_first(L, 2, name, value);
    add_to_all(L, 3, name, value);
  }
  return 2;
}

static int l_parse_cookies(lua_State *L) {
  lua_settop(L, 1);
  lua_newtable(L);
  if (lua_isnil(L, 1)) return 1;
  struct slice text = script_check_slice(L, 1), name, value;
  struct bytes *pairs = script_scratch(L);
  net_cookie_parse(text, collect_pair, pairs);
  struct slice rest = {pairs->data, pairs->len};
  while (take_pair(&rest, &name, &value)) add_first(L, 2, name, value);
  return 1;
}

int script_open_text(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"lower", l_lower},           {"upper", l_upper},
      {"fold", l_fold},             {"len", l_len},
      {"sub", l_sub},               {"trim", l_trim},
      {"is_valid", l_is_valid},     {"escape", l_escape},
      {"url_encode", l_url_encode}, {"url_decode", l_url_decode},
      {"parse_query", l_parse_query}, {"parse_cookies", l_parse_cookies},
      {"link", l_link},
      {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
