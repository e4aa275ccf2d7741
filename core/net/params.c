#include "net/params.h"

#include "net/head.h"
#include "net/query.h"

struct slice net_params_value(struct slice header) {
  const char *end = header.len > 0 ? memchr(header.data, ';', header.len) : NULL;
  if (end != NULL) header.len = (size_t)(end - header.data);
  return net_trim(header);
}

struct param {
  struct slice name;
  struct slice value; /* quoted ones without the quotes, still escaped */
  bool is_quoted;
};

/* The index of the closing quote of the string that begins behind from, or header.len. */
static size_t closing_quote(struct slice header, size_t from) {
  size_t i = from;
  while (i < header.len && header.data[i] != '"') i += header.data[i] == '\\' ? 2 : 1;
  return i < header.len ? i : header.len;
}

/* Takes the next ;name=value at *at; false at the end and at malformed text. */
static bool next_param(struct slice header, size_t *at, struct param *out) {
  const char *text = header.data;
  size_t i = *at;
  while (i < header.len && (text[i] == ';' || text[i] == ' ' || text[i] == '\t')) i++;
  size_t name = i;
  while (i < header.len && text[i] != '=' && text[i] != ';') i++;
  if (i >= header.len || text[i] != '=') return false;
  out->name = net_trim((struct slice){text + name, i - name});
  i++;
  out->is_quoted = i < header.len && text[i] == '"';
  size_t begin = out->is_quoted ? i + 1 : i;
  size_t end = begin;
  if (out->is_quoted) end = closing_quote(header, begin);
  else
    while (end < header.len && text[end] != ';') end++;
  if (out->is_quoted && end == header.len) return false;
  out->value = (struct slice){text + begin, end - begin};
  if (!out->is_quoted) out->value = net_trim(out->value);
  *at = out->is_quoted ? end + 1 : end;
  return net_is_token(out->name);
}

static bool find_param(struct slice header, const char *name, struct param *out) {
  const char *semicolon = header.len > 0 ? memchr(header.data, ';', header.len) : NULL;
  if (semicolon == NULL) return false;
  size_t at = (size_t)(semicolon - header.data);
  while (next_param(header, &at, out))
    if (slice_is_nocase(out->name, name)) return true;
  return false;
}

static void add_unescaped(struct bytes *out, struct slice quoted) {
  for (size_t i = 0; i < quoted.len; i++) {
    bool is_escape = quoted.data[i] == '\\' && i + 1 < quoted.len &&
                     (quoted.data[i + 1] == '"' || quoted.data[i + 1] == '\\');
    if (is_escape) i++; /* other backslashes are part of Windows paths */
    bytes_add_char(out, quoted.data[i]);
  }
}

/* UTF-8'language'percent-encoded */
static bool add_extended(struct bytes *out, struct slice value) {
  struct slice charset = {value.data, value.len < 6 ? value.len : 6};
  if (!slice_is_nocase(charset, "utf-8'")) return false;
  const char *quote = memchr(value.data + 6, '\'', value.len - 6);
  if (quote == NULL) return false;
  size_t skip = (size_t)(quote + 1 - value.data);
  return net_url_decode((struct slice){value.data + skip, value.len - skip}, false, out);
}

bool net_params_get(struct slice header, const char *name, struct bytes *out) {
  char extended[40];
  size_t len = strlen(name);
  struct param param;
  if (len + 2 <= sizeof extended) {
    memcpy(extended, name, len);
    memcpy(extended + len, "*", 2);
    if (find_param(header, extended, &param) && add_extended(out, param.value)) return true;
  }
  if (!find_param(header, name, &param)) return false;
  if (param.is_quoted) add_unescaped(out, param.value);
  else bytes_add(out, param.value.data, param.value.len);
  return true;
}

void net_disposition(struct bytes *out, struct slice filename, bool is_inline) {
  bytes_add_str(out, is_inline ? "inline; filename=\"" : "attachment; filename=\"");
  for (size_t i = 0; i < filename.len; i++) { /* for clients that know only ASCII */
    unsigned char c = (unsigned char)filename.data[i];
    if ((c & 0xC0) == 0x80) continue; /* one "_" a character, not a byte */
    bool is_plain = c >= ' ' && c < 0x7f && strchr("\"\\/%:*?<>|;", c) == NULL;
    bytes_add_char(out, is_plain ? (char)c : '_');
  }
  bytes_add_str(out, "\"; filename*=UTF-8''");
  bytes_add_url(out, filename.data, filename.len);
}
