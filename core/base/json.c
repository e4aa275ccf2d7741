#include "base/json.h"

#include "base/utf8.h"

enum { VALUE, VALUE_OR_END, KEY, KEY_OR_END, COMMA, NOTHING, BROKEN };

void json_reader_init(struct json_reader *in, struct slice text) {
  *in = (struct json_reader){.start = text.data, .at = text.data, .end = text.data + text.len};
}

void json_reader_deinit(struct json_reader *in) { bytes_deinit(&in->scratch); }

static enum json_token broken(struct json_reader *in, const char *reason) {
  in->expect = BROKEN;
  in->reason = reason;
  return JSON_BROKEN;
}

static void skip_space(struct json_reader *in) {
  while (in->at < in->end &&
         (*in->at == ' ' || *in->at == '\n' || *in->at == '\t' || *in->at == '\r'))
    in->at++;
}

static enum json_token after_value(struct json_reader *in, enum json_token token) {
  in->expect = in->depth == 0 ? NOTHING : COMMA;
  return token;
}

static enum json_token word(struct json_reader *in, const char *name, enum json_token token) {
  size_t len = strlen(name);
  if ((size_t)(in->end - in->at) < len || memcmp(in->at, name, len) != 0)
    return broken(in, "a value is expected");
  in->at += len;
  return after_value(in, token);
}

static bool digits(struct json_reader *in) {
  const char *from = in->at;
  while (in->at < in->end && *in->at >= '0' && *in->at <= '9') in->at++;
  return in->at > from;
}

static enum json_token number(struct json_reader *in) {
  const char *from = in->at;
  if (*in->at == '-') in->at++;
  bool is_zero = in->at < in->end && *in->at == '0';
  if (is_zero) in->at++;
  else if (!digits(in)) return broken(in, "a digit is expected");
  if (in->at < in->end && *in->at == '.') {
    in->at++;
    if (!digits(in)) return broken(in, "a digit is expected");
  }
  if (in->at < in->end && (*in->at == 'e' || *in->at == 'E')) {
    in->at++;
    if (in->at < in->end && (*in->at == '+' || *in->at == '-')) in->at++;
    if (!digits(in)) return broken(in, "a digit is expected");
  }
  in->text = (struct slice){from, (size_t)(in->at - from)};
  return after_value(in, JSON_NUMBER);
}

static int hex4(struct json_reader *in) { /* after \u; -1 when malformed */
  if (in->end - in->at < 4) return -1;
  int code = 0;
  for (int i = 0; i < 4; i++) {
    char c = *in->at++;
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0) return -1;
    code = code * 16 + digit;
  }
  return code;
}

static bool unicode_escape(struct json_reader *in) {
  int code = hex4(in);
  if (code >= 0xD800 && code <= 0xDBFF) {
    if (in->end - in->at < 6 || in->at[0] != '\\' || in->at[1] != 'u') return false;
    in->at += 2;
    int low = hex4(in);
    if (low < 0xDC00 || low > 0xDFFF) return false;
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  } else if (code < 0 || (code >= 0xDC00 && code <= 0xDFFF)) {
    return false;
  }
  char utf8[4];
  bytes_add(&in->scratch, utf8, utf8_encode((uint32_t)code, utf8));
  return true;
}

static bool escape(struct json_reader *in) { /* at the character after the backslash */
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  if (in->at == in->end) return false;
  char c = *in->at++;
  if (c == 'u') return unicode_escape(in);
  const char *found = c != '\0' ? strchr(from, c) : NULL;
  if (found == NULL) return false;
  bytes_add_char(&in->scratch, to[found - from]);
  return true;
}

/* Reads to the closing quote; text is a view of the input when there are no escapes. */
static bool string(struct json_reader *in) {
  const char *from = ++in->at;
  bool is_copied = false;
  for (;;) {
    while (in->at < in->end && *in->at != '"' && *in->at != '\\' && (unsigned char)*in->at >= 0x20)
      in->at++;
    if (in->at == in->end || (unsigned char)*in->at < 0x20) return false;
    if (*in->at == '"' && !is_copied) break;
    if (!is_copied) bytes_clear(&in->scratch);
    is_copied = true;
    bytes_add(&in->scratch, from, (size_t)(in->at - from));
    if (*in->at == '"') break;
    in->at++;
    if (!escape(in)) return false;
    from = in->at;
  }
  in->text = is_copied ? (struct slice){in->scratch.data, in->scratch.len}
                       : (struct slice){from, (size_t)(in->at - from)};
  in->at++;
  return utf8_is_valid(in->text.data, in->text.len);
}

static enum json_token open_level(struct json_reader *in, char kind) {
  if (in->depth == JSON_DEPTH_MAX) return broken(in, "nested too deeply");
  in->nest[in->depth++] = kind;
  in->at++;
  in->expect = kind == '{' ? KEY_OR_END : VALUE_OR_END;
  return kind == '{' ? JSON_OBJECT : JSON_ARRAY;
}

static enum json_token close_level(struct json_reader *in) {
  char kind = in->nest[--in->depth];
  in->at++;
  return after_value(in, kind == '{' ? JSON_OBJECT_END : JSON_ARRAY_END);
}

static enum json_token value(struct json_reader *in) {
  switch (*in->at) {
    case '{':
    case '[': return open_level(in, *in->at);
    case '"':
      if (!string(in)) return broken(in, "malformed string");
      return after_value(in, JSON_STRING);
    case 't': return word(in, "true", JSON_TRUE);
    case 'f': return word(in, "false", JSON_FALSE);
    case 'n': return word(in, "null", JSON_NULL);
    default: break;
  }
  if (*in->at == '-' || (*in->at >= '0' && *in->at <= '9')) return number(in);
  return broken(in, "a value is expected");
}

static enum json_token key(struct json_reader *in) {
  if (*in->at != '"' || !string(in)) return broken(in, "a member name is expected");
  struct slice name = in->text;
  skip_space(in);
  if (in->at == in->end || *in->at != ':') return broken(in, "a colon is expected");
  in->at++;
  in->text = name;
  in->expect = VALUE;
  return JSON_KEY;
}

enum json_token json_next(struct json_reader *in) {
  if (in->expect == BROKEN) return JSON_BROKEN;
  skip_space(in);
  if (in->at == in->end)
    return in->expect == NOTHING ? JSON_END : broken(in, "the text ends too early");
  if (in->expect == NOTHING) return broken(in, "something follows the value");
  if (in->expect == COMMA) {
    char kind = in->nest[in->depth - 1];
    if (*in->at == (kind == '{' ? '}' : ']')) return close_level(in);
    if (*in->at != ',') return broken(in, "a comma is expected");
    in->at++;
    in->expect = kind == '{' ? KEY : VALUE;
    skip_space(in);
    if (in->at == in->end) return broken(in, "the text ends too early");
  }
  if (in->expect == KEY_OR_END && *in->at == '}') return close_level(in);
  if (in->expect == VALUE_OR_END && *in->at == ']') return close_level(in);
  return in->expect == KEY || in->expect == KEY_OR_END ? key(in) : value(in);
}

bool json_skip(struct json_reader *in, enum json_token first, struct slice *raw) {
  const char *from = in->at - 1; /* of a nested value: its bracket */
  if (first == JSON_ARRAY || first == JSON_OBJECT) {
    int depth = in->depth;
    while (in->depth >= depth)
      if (json_next(in) == JSON_BROKEN) return false;
    if (raw != NULL) *raw = (struct slice){from, (size_t)(in->at - from)};
    return true;
  }
  static const char *const words[] = {"null", "true", "false"};
  if (raw != NULL) *raw = first <= JSON_FALSE ? slice_of(words[first]) : in->text;
  return first <= JSON_STRING;
}

/* Stands behind the wanted key when it is found. */
static bool find_member(struct json_reader *in, const char *name) {
  if (json_next(in) != JSON_OBJECT) return false;
  while (json_next(in) == JSON_KEY) {
    if (slice_is(in->text, name)) return true;
    if (!json_skip(in, json_next(in), NULL)) return false;
  }
  return false;
}

bool json_member(struct slice object, const char *name, struct bytes *out) {
  struct json_reader in;
  struct slice value;
  json_reader_init(&in, object);
  bool ok = find_member(&in, name) && json_skip(&in, json_next(&in), &value);
  if (ok) bytes_add(out, value.data, value.len);
  json_reader_deinit(&in);
  return ok;
}

bool json_member_raw(struct slice object, const char *name, struct slice *raw) {
  struct json_reader in;
  json_reader_init(&in, object);
  bool ok = find_member(&in, name);
  skip_space(&in);
  const char *from = in.at;
  ok = ok && json_skip(&in, json_next(&in), NULL);
  if (ok) *raw = (struct slice){from, (size_t)(in.at - from)};
  json_reader_deinit(&in);
  return ok;
}
