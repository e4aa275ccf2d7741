#include <assert.h>
#include <ctype.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/transfer.h"

enum { MAX_HEAD_BYTES = 64 * 1024, MAX_HEADER_BYTES = 8 * 1024, MAX_HEADERS = 100 };

/* ---- checks: nothing of the caller may end a line ---- */

static bool is_token_char(char c) {
  return isalnum((unsigned char)c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct slice text) {
  for (size_t i = 0; i < text.len; i++) {
    if (!is_token_char(text.data[i])) return false;
  }
  return text.len > 0;
}

static bool is_method(const char *method) {
  size_t len = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  return len > 0 && len <= 16 && method[len] == '\0';
}

static bool is_header_value(struct slice value) {
  for (size_t i = 0; i < value.len; i++) {
    unsigned char c = (unsigned char)value.data[i];
    if ((c < 0x20 && c != '\t') || c == 0x7F) return false;
  }
  return value.len <= MAX_HEADER_BYTES;
}

static bool is_ours(struct slice name) {
  static const char *const names[] = {"host", "content-length", "transfer-encoding", "connection",
                                      "upgrade", "te", "trailer", "expect"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (slice_is_nocase(name, names[i])) return true;
  }
  return false;
}

/* ---- setting up ---- */

/* Takes the URL apart once, to know whom the settings would have to allow. */
static bool read_url(struct net_transfer *t, const struct net_fetch *fetch, struct error *err) {
  const char *text = fetch->url;
  bool ok = false;
  char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL;
  CURLU *url = curl_url();
  if (url == NULL) abort();
  CURLUcode rc = curl_url_set(url, CURLUPART_URL, text, 0);
  if (rc == CURLUE_OK) rc = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
  if (rc == CURLUE_OK) rc = curl_url_get(url, CURLUPART_HOST, &host, 0);
  if (rc == CURLUE_OK) rc = curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
  if (rc != CURLUE_OK) {
    error_set(err, ERR_INVALID, "URL cannot be used: %s", curl_url_strerror(rc));
    goto done;
  }
  if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0) {
    error_set(err, ERR_INVALID, "only http and https can be fetched");
    goto done;
  }
  if (curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK) {
    error_set(err, ERR_INVALID, "no password in a URL: use the header Authorization");
    goto done;
  }
  t->may_be_private = net_client_allows(t->client, host, port) ||
                      (fetch->is_own && net_client_is_own(t->client, host, port));
  snprintf(t->host, sizeof t->host, "%s", host);
  ok = curl_easy_setopt(t->easy, CURLOPT_URL, text) == CURLE_OK;
  if (!ok) error_set(err, ERR_INVALID, "URL cannot be used");
done:
  curl_free(scheme);
  curl_free(host);
  curl_free(port);
  curl_free(user);
  curl_url_cleanup(url);
  return ok;
}

static void add_line(struct net_transfer *t, const char *line) {
  struct curl_slist *longer = curl_slist_append(t->list, line);
  if (longer == NULL) abort();
  t->list = longer;
}

static bool add_header(struct net_transfer *t, struct net_header header, struct error *err) {
  if (!is_token(header.name) || !is_header_value(header.value) || is_ours(header.name)) {
    return error_set(err, ERR_INVALID, "header cannot be sent: %.*s",
                     (int)(header.name.len < 64 ? header.name.len : 64), header.name.data);
  }
  struct bytes line = {0};
  bytes_add(&line, header.name.data, header.name.len);
  if (header.value.len == 0) {
    bytes_add_str(&line, ";"); /* how curl is told of an empty value */
  } else {
    bytes_add_str(&line, ": ");
    bytes_add(&line, header.value.data, header.value.len);
  }
  add_line(t, line.data);
  bytes_deinit(&line);
  return true;
}

static bool add_headers(struct net_transfer *t, const struct net_fetch *fetch, struct error *err) {
  if (fetch->header_count > MAX_HEADERS) return error_set(err, ERR_INVALID, "too many headers");
  bool has_type = false;
  for (size_t i = 0; i < fetch->header_count; i++) {
    if (!add_header(t, fetch->headers[i], err)) return false;
    has_type = has_type || slice_is_nocase(fetch->headers[i].name, "content-type");
  }
  add_line(t, "Expect:");
  if (!has_type) add_line(t, "Content-Type:"); /* curl would claim a form */
  curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->list);
  return true;
}

static void set_method(struct net_transfer *t, const struct net_fetch *fetch, const char *method) {
  bool is_head = strcmp(method, "HEAD") == 0;
  bool may_have_body = strcmp(method, "GET") != 0 && !is_head;
  if (fetch->body.len > 0 || (may_have_body && strcmp(method, "DELETE") != 0)) {
    bytes_add(&t->input, fetch->body.data, fetch->body.len);
    curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, t->input.data);
    curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->input.len);
  }
  if (is_head) {
    curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
    return;
  }
  curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, method);
  /* Refuses by Content-Length, before the first byte; on_body() counts what really comes. */
  curl_easy_setopt(t->easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->max_body_bytes);
}

/* ---- the reply ---- */

static size_t on_head_line(char *data, size_t size, size_t count, void *ctx) {
  struct net_transfer *t = ctx;
  size_t len = size * count;
  if (t->body.len > 0) return len; /* trailers are nobody's business */
  bool begins_anew = len >= 5 && memcmp(data, "HTTP/", 5) == 0; /* after 100 Continue */
  if (begins_anew) bytes_clear(&t->head);
  if (t->head.len + len > MAX_HEAD_BYTES) {
    error_set(&t->refusal, ERR_LIMIT, "reply headers exceed %d bytes", MAX_HEAD_BYTES);
    return 0;
  }
  if (!begins_anew) bytes_add(&t->head, data, len);
  return len;
}

static size_t on_body(char *data, size_t size, size_t count, void *ctx) {
  struct net_transfer *t = ctx;
  size_t len = size * count;
  if (len > t->max_body_bytes - t->body.len) {
    error_set(&t->refusal, ERR_LIMIT, "reply exceeds %zu bytes", t->max_body_bytes);
    return 0;
  }
  bytes_add(&t->body, data, len);
  return len;
}

static struct slice trim(const char *from, const char *to) {
  while (from < to && strchr(" \t\r\n", *from) != NULL) from++;
  while (to > from && strchr(" \t\r\n", to[-1]) != NULL) to--;
  return (struct slice){from, (size_t)(to - from)};
}

/* Slices into t->head. Lines without a colon (the last, empty one) are left out. */
static size_t split_head(const struct net_transfer *t, struct net_header *out, size_t most) {
  size_t count = 0;
  const char *at = t->head.data, *end = at + t->head.len;
  while (at < end && count < most) {
    const char *line_end = memchr(at, '\n', (size_t)(end - at));
    if (line_end == NULL) line_end = end;
    const char *colon = memchr(at, ':', (size_t)(line_end - at));
    if (colon != NULL) {
      out[count++] = (struct net_header){trim(at, colon), trim(colon + 1, line_end)};
    }
    at = line_end < end ? line_end + 1 : end;
  }
  return count;
}

void net_fetch_finish(struct net_transfer *t, const struct error *err) {
  if (err != NULL) {
    t->fetched(t->ctx, NULL, err);
    return;
  }
  struct net_header headers[256];
  struct net_fetched fetched = {.headers = headers, .body = t->body};
  t->body = (struct bytes){0};
  if (t->head.len > 0) {
    fetched.header_count = split_head(t, headers, sizeof headers / sizeof *headers);
  }
  long status = 0;
  curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
  fetched.status = (int)status;
  t->fetched(t->ctx, &fetched, NULL);
  bytes_deinit(&fetched.body);
}

static bool set_up(struct net_transfer *t, const struct net_fetch *fetch, struct error *err) {
  const char *method = fetch->method != NULL ? fetch->method : "GET";
  if (!is_method(method)) return error_set(err, ERR_INVALID, "method cannot be sent");
  if (!read_url(t, fetch, err) || !add_headers(t, fetch, err)) return false;
  const struct net_client_config *config = net_client_settings(t->client);
  t->max_body_bytes = fetch->max_body_bytes != 0 ? fetch->max_body_bytes : config->max_body_bytes;
  set_method(t, fetch, method);
  curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(t->easy, CURLOPT_USERAGENT, config->user_agent);
  curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_head_line);
  curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
  curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
  return true;
}

bool net_client_fetch(struct net_client *client, const struct net_fetch *fetch, net_fetched_fn done,
                      void *ctx, struct net_transfer **out, struct error *err) {
  *out = NULL;
  struct net_transfer *t = net_transfer_new(client, fetch->timeout_ms, err);
  if (t == NULL) return false;
  t->fetched = done;
  t->ctx = ctx;
  if (!set_up(t, fetch, err)) {
    net_transfer_free(t);
    return false;
  }
  net_transfer_start(t);
  *out = t;
  return true;
}
