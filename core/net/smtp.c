#include <stdlib.h>

#include "base/utf8.h"
#include "net/transfer.h"

enum { MAX_ADDRESS_BYTES = 254, MAX_RECIPIENTS = 100, MAX_MESSAGE_BYTES = 32 << 20 };

/* An address stands inside <…> of a command: it must not be able to leave it. Whether the mailbox
 * exists is the server's business. */
static bool is_address(const char *text) {
  size_t len = strlen(text);
  const char *at = strrchr(text, '@');
  if (at == NULL || at == text || at[1] == '\0' || len > MAX_ADDRESS_BYTES) return false;
  for (size_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c <= 0x20 || c == 0x7F || strchr("<>,;:\"\\()[]", c) != NULL) return false;
  }
  return utf8_is_valid(text, len);
}

static bool set_addresses(struct net_transfer *t, const struct net_mail *mail, struct error *err) {
  if (!is_address(mail->from)) return error_set(err, ERR_INVALID, "bad sender address");
  if (mail->to_count == 0) return error_set(err, ERR_INVALID, "mail without a recipient");
  if (mail->to_count > MAX_RECIPIENTS) return error_set(err, ERR_LIMIT, "too many recipients");
  for (size_t i = 0; i < mail->to_count; i++) {
    if (!is_address(mail->to[i])) return error_set(err, ERR_INVALID, "bad recipient %zu", i + 1);
    struct curl_slist *longer = curl_slist_append(t->list, mail->to[i]);
    if (longer == NULL) abort();
    t->list = longer;
  }
  curl_easy_setopt(t->easy, CURLOPT_MAIL_FROM, mail->from);
  curl_easy_setopt(t->easy, CURLOPT_MAIL_RCPT, t->list);
  return true;
}

/* Every line end becomes CRLF: servers disagree about bare ones, and that is how a second mail is
 * smuggled behind the first. curl doubles leading dots. */
static void add_message(struct bytes *out, struct slice message) {
  bytes_reserve(out, message.len + message.len / 32);
  if (message.len == 0) return;
  size_t from = 0;
  for (size_t i = 0; i < message.len; i++) {
    char c = message.data[i];
    if (c != '\r' && c != '\n') continue;
    bytes_add(out, message.data + from, i - from);
    bytes_add(out, "\r\n", 2);
    if (c == '\r' && i + 1 < message.len && message.data[i + 1] == '\n') i++;
    from = i + 1;
  }
  bytes_add(out, message.data + from, message.len - from);
}

static size_t give_message(char *out, size_t size, size_t count, void *ctx) {
  struct net_transfer *t = ctx;
  size_t left = t->input.len - t->input_sent;
  size_t len = size * count < left ? size * count : left;
  if (len > 0) memcpy(out, t->input.data + t->input_sent, len);
  t->input_sent += len;
  return len;
}

/* Replies of the server; curl would print them. */
static size_t swallow(char *data, size_t size, size_t count, void *ctx) {
  (void)data;
  (void)ctx;
  return size * count;
}

static bool read_tls_wish(const char *query, bool has_password, long *out, struct error *err) {
  *out = has_password ? CURLUSESSL_ALL : CURLUSESSL_TRY;
  if (query == NULL) return true;
  if (strcmp(query, "tls=required") == 0) *out = CURLUSESSL_ALL;
  else if (strcmp(query, "tls=try") == 0) *out = CURLUSESSL_TRY;
  else if (strcmp(query, "tls=off") == 0) *out = CURLUSESSL_NONE;
  else return error_set(err, ERR_INVALID, "SMTP URL: only tls=required, tls=try or tls=off");
  return true;
}

struct smtp_url { /* all by curl_free() */
  char *scheme, *host, *user, *password, *query, *bare;
};

static void smtp_url_deinit(struct smtp_url *parts) {
  curl_free(parts->scheme);
  curl_free(parts->host);
  curl_free(parts->user);
  curl_free(parts->password);
  curl_free(parts->query);
  curl_free(parts->bare);
}

/* bare is the URL without secrets and options. */
static CURLUcode split_url(CURLU *url, const char *text, struct smtp_url *out) {
  CURLUcode rc = curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
  if (rc == CURLUE_OK) rc = curl_url_get(url, CURLUPART_SCHEME, &out->scheme, 0);
  if (rc == CURLUE_OK) rc = curl_url_get(url, CURLUPART_HOST, &out->host, 0);
  if (rc != CURLUE_OK) return rc;
  curl_url_get(url, CURLUPART_USER, &out->user, CURLU_URLDECODE); /* these three may be absent */
  curl_url_get(url, CURLUPART_PASSWORD, &out->password, CURLU_URLDECODE);
  curl_url_get(url, CURLUPART_QUERY, &out->query, 0);
  curl_url_set(url, CURLUPART_USER, NULL, 0);
  curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
  curl_url_set(url, CURLUPART_QUERY, NULL, 0);
  return curl_url_get(url, CURLUPART_URL, &out->bare, 0);
}

static bool set_server(struct net_transfer *t, const char *text, struct error *err) {
  bool ok = false;
  struct smtp_url parts = {0};
  long tls = CURLUSESSL_ALL;
  CURLU *url = curl_url();
  if (url == NULL) abort();
  CURLUcode rc = split_url(url, text, &parts);
  if (rc != CURLUE_OK) {
    error_set(err, ERR_INVALID, "SMTP URL cannot be used: %s", curl_url_strerror(rc));
    goto done;
  }
  if (strcmp(parts.scheme, "smtp") != 0 && strcmp(parts.scheme, "smtps") != 0) {
    error_set(err, ERR_INVALID, "SMTP URL must begin with smtp:// or smtps://");
    goto done;
  }
  if (!read_tls_wish(parts.query, parts.password != NULL, &tls, err)) goto done;
  snprintf(t->host, sizeof t->host, "%s", parts.host);
  curl_easy_setopt(t->easy, CURLOPT_URL, parts.bare);
  curl_easy_setopt(t->easy, CURLOPT_USE_SSL, tls);
  if (parts.user != NULL) curl_easy_setopt(t->easy, CURLOPT_USERNAME, parts.user);
  if (parts.password != NULL) curl_easy_setopt(t->easy, CURLOPT_PASSWORD, parts.password);
  ok = true;
done:
  smtp_url_deinit(&parts);
  curl_url_cleanup(url);
  return ok;
}

void net_mail_finish(struct net_transfer *t, const struct error *err) {
  long code = 0;
  curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &code);
  if (err == NULL) {
    t->mailed(t->ctx, (int)code, NULL);
    return;
  }
  struct error told = *err;
  if (code >= 400 && code < 500) told.code = ERR_UNAVAILABLE;
  if (code >= 500 && code < 600) told.code = ERR_INVALID;
  t->mailed(t->ctx, (int)code, &told);
}

static bool set_up(struct net_transfer *t, const struct net_mail *mail, struct error *err) {
  if (mail->message.len > MAX_MESSAGE_BYTES) {
    return error_set(err, ERR_LIMIT, "mail exceeds %d bytes", MAX_MESSAGE_BYTES);
  }
  if (!set_addresses(t, mail, err) || !set_server(t, mail->url, err)) return false;
  add_message(&t->input, mail->message);
  t->may_be_private = true; /* the operator named this server */
  curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(t->easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(t->easy, CURLOPT_READFUNCTION, give_message);
  curl_easy_setopt(t->easy, CURLOPT_READDATA, t);
  curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, swallow);
  curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, swallow);
  curl_easy_setopt(t->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->input.len);
  return true;
}

bool net_mail_send(struct net_client *client, const struct net_mail *mail, net_mailed_fn done,
                   void *ctx, struct net_transfer **out, struct error *err) {
  *out = NULL;
  struct net_transfer *t = net_transfer_new(client, mail->timeout_ms, err);
  if (t == NULL) return false;
  t->mailed = done;
  t->ctx = ctx;
  if (!set_up(t, mail, err)) {
    net_transfer_free(t);
    return false;
  }
  net_transfer_start(t);
  *out = t;
  return true;
}
