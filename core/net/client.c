#include "net/client.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "net/address.h"
#include "net/transfer.h"

struct net_client {
  uv_loop_t *uv;
  const struct log *log;
  struct net_client_config config; /* texts owned */
  CURLM *multi;
  uv_timer_t curl_timer; /* when curl wants to be called */
  uv_timer_t wait_timer; /* the nearest deadline among the waiting */
  struct list waiting, active;
  size_t waiting_count, active_count;
  uint64_t done, failed;
  int open_handles; /* timers not yet closed */
};

struct watched { /* a socket of curl */
  uv_poll_t poll;
  struct net_client *client;
  curl_socket_t fd;
};

static void reap(struct net_client *client);
static void start_waiting(struct net_client *client);

/* ---- sockets and timers of curl ---- */

static void act(struct net_client *client, curl_socket_t fd, int what) {
  int running = 0;
  curl_multi_socket_action(client->multi, fd, what, &running);
  reap(client);
}

static void on_socket(uv_poll_t *poll, int status, int events) {
  struct watched *watched = poll->data;
  int what = 0;
  if (status < 0) what = CURL_CSELECT_ERR;
  if (events & UV_READABLE) what |= CURL_CSELECT_IN;
  if (events & UV_WRITABLE) what |= CURL_CSELECT_OUT;
  act(watched->client, watched->fd, what);
}

static void free_watched(uv_handle_t *poll) { free(poll->data); }

static struct watched *watch(struct net_client *client, curl_socket_t fd) {
  struct watched *watched = mem_zero(sizeof *watched);
  watched->client = client;
  watched->fd = fd;
  watched->poll.data = watched;
  if (uv_poll_init_socket(client->uv, &watched->poll, fd) != 0) {
    free(watched);
    return NULL;
  }
  curl_multi_assign(client->multi, fd, watched);
  return watched;
}

static int on_socket_wish(CURL *easy, curl_socket_t fd, int what, void *ctx, void *watched_ptr) {
  (void)easy;
  struct watched *watched = watched_ptr;
  if (what == CURL_POLL_REMOVE) {
    if (watched == NULL) return 0;
    /* Before curl closes the descriptor: libuv must have let it go by then. */
    curl_multi_assign(((struct net_client *)ctx)->multi, fd, NULL);
    uv_close((uv_handle_t *)&watched->poll, free_watched);
    return 0;
  }
  if (watched == NULL) watched = watch(ctx, fd);
  if (watched == NULL) return -1;
  int events = 0;
  if (what & CURL_POLL_IN) events |= UV_READABLE;
  if (what & CURL_POLL_OUT) events |= UV_WRITABLE;
  return uv_poll_start(&watched->poll, events, on_socket) == 0 ? 0 : -1;
}

static void arm_curl_timer(struct net_client *client, long timeout_ms);

static void on_curl_timer(uv_timer_t *timer) {
  struct net_client *client = timer->data;
  act(client, CURL_SOCKET_TIMEOUT, 0);
  /* By its own clock curl may find it too early, and it does not ask for one moment twice. */
  long timeout_ms = -1;
  if (!uv_is_active((uv_handle_t *)timer)) curl_multi_timeout(client->multi, &timeout_ms);
  if (timeout_ms >= 0) arm_curl_timer(client, timeout_ms > 0 ? timeout_ms : 1);
}

static void arm_curl_timer(struct net_client *client, long timeout_ms) {
  uv_update_time(client->uv); /* a stale loop time would fire early */
  uv_timer_start(&client->curl_timer, on_curl_timer, (uint64_t)timeout_ms, 0);
}

static int on_timer_wish(CURLM *multi, long timeout_ms, void *ctx) {
  (void)multi;
  struct net_client *client = ctx;
  if (timeout_ms < 0) uv_timer_stop(&client->curl_timer);
  else arm_curl_timer(client, timeout_ms);
  return 0;
}

/* ---- the address policy ---- */

static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)purpose;
  struct net_transfer *t = ctx;
  if (!t->may_be_private && !net_address_is_public(&address->addr)) {
    error_set(&t->refusal, ERR_INVALID, "address of %s is not public", t->host);
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                address->protocol);
}

static bool is_entry(const char *entry, const char *host, const char *port) {
  struct bytes want = {0};
  bytes_addf(&want, "%s:%s", host, port);
  bool same = slice_is_nocase((struct slice){want.data, want.len}, entry);
  bytes_deinit(&want);
  return same;
}

bool net_client_allows(const struct net_client *client, const char *host, const char *port) {
  for (size_t i = 0; i < client->config.allowed_count; i++) {
    if (is_entry(client->config.allowed[i], host, port)) return true;
  }
  return false;
}

bool net_client_is_own(const struct net_client *client, const char *host, const char *port) {
  return client->config.own != NULL && is_entry(client->config.own, host, port);
}

const struct net_client_config *net_client_settings(const struct net_client *client) {
  return &client->config;
}

/* ---- a transfer's life ---- */

static CURL *new_easy(struct net_transfer *t) {
  const struct net_client_config *config = &t->client->config;
  CURL *easy = curl_easy_init();
  if (easy == NULL) abort(); /* no memory */
  curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->curl_text);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  /* A cancelled transfer must not wait for the resolver's thread. */
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)config->connect_timeout_ms);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t);
  if (config->ca_file != NULL) curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file);
  return easy;
}

struct net_transfer *net_transfer_new(struct net_client *client, int timeout_ms,
                                      struct error *err) {
  bool is_full = client->active_count >= client->config.max_active &&
                 client->waiting_count >= client->config.max_waiting;
  if (is_full) {
    error_set(err, ERR_OVERLOADED, "%zu outgoing requests wait already", client->waiting_count);
    return NULL;
  }
  if (timeout_ms <= 0) timeout_ms = client->config.timeout_ms;
  struct net_transfer *t = mem_zero(sizeof *t);
  t->client = client;
  t->deadline_us = clock_monotonic_us() + (uint64_t)timeout_ms * 1000;
  t->easy = new_easy(t);
  return t;
}

void net_transfer_free(struct net_transfer *t) {
  if (t == NULL) return;
  curl_easy_cleanup(t->easy);
  curl_slist_free_all(t->list);
  bytes_deinit(&t->input);
  bytes_deinit(&t->head);
  bytes_deinit(&t->body);
  free(t);
}

static void leave_list(struct net_transfer *t) {
  struct net_client *client = t->client;
  if (!link_is_in_list(&t->link)) return;
  list_remove(&t->link);
  if (t->state == NET_TRANSFER_WAITING) client->waiting_count--;
  else client->active_count--;
}

static void finish(struct net_transfer *t, const struct error *err) {
  struct net_client *client = t->client;
  if (t->state == NET_TRANSFER_ACTIVE) curl_multi_remove_handle(client->multi, t->easy);
  leave_list(t);
  t->state = NET_TRANSFER_ENDED;
  client->done++;
  if (err != NULL) client->failed++;
  if (t->fetched != NULL) net_fetch_finish(t, err);
  else net_mail_finish(t, err);
  net_transfer_free(t);
}

static void on_wait_timer(uv_timer_t *timer) { start_waiting(timer->data); }

/* Waiting ones may have different time limits, so the nearest deadline is searched. */
static void arm_wait_timer(struct net_client *client) {
  uint64_t nearest = UINT64_MAX;
  for (struct link *k = client->waiting.head.next; k != &client->waiting.head; k = k->next) {
    uint64_t deadline = LIST_OWNER(k, struct net_transfer, link)->deadline_us;
    if (deadline < nearest) nearest = deadline;
  }
  uv_timer_stop(&client->wait_timer);
  if (nearest == UINT64_MAX) return;
  uint64_t now = clock_monotonic_us();
  uint64_t wait_ms = nearest > now ? (nearest - now) / 1000 + 1 : 0;
  uv_timer_start(&client->wait_timer, on_wait_timer, wait_ms, 0);
}

static void activate(struct net_transfer *t, uint64_t now) {
  struct net_client *client = t->client;
  leave_list(t);
  t->state = NET_TRANSFER_ACTIVE;
  list_push(&client->active, &t->link);
  client->active_count++;
  /* 0 would mean "no limit" to curl. */
  long left_ms = t->deadline_us > now ? (long)((t->deadline_us - now) / 1000) + 1 : 1;
  curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, left_ms);
  curl_multi_add_handle(client->multi, t->easy); /* only asks for the timer: no callback yet */
}

static struct net_transfer *find_expired(struct net_client *client, uint64_t now) {
  for (struct link *k = client->waiting.head.next; k != &client->waiting.head; k = k->next) {
    struct net_transfer *t = LIST_OWNER(k, struct net_transfer, link);
    if (t->deadline_us <= now) return t;
  }
  return NULL;
}

static void start_waiting(struct net_client *client) {
  uint64_t now = clock_monotonic_us();
  struct net_transfer *expired;
  while ((expired = find_expired(client, now)) != NULL) {
    struct error err = {0};
    error_set(&err, ERR_TIMEOUT, "no free place for an outgoing request in time");
    finish(expired, &err);
  }
  while (client->active_count < client->config.max_active && !list_is_empty(&client->waiting)) {
    activate(LIST_OWNER(list_first(&client->waiting), struct net_transfer, link), now);
  }
  arm_wait_timer(client);
}

void net_transfer_start(struct net_transfer *t) {
  struct net_client *client = t->client;
  list_push(&client->waiting, &t->link);
  client->waiting_count++;
  if (client->active_count < client->config.max_active) activate(t, clock_monotonic_us());
  arm_wait_timer(client);
}

void net_transfer_cancel(struct net_transfer *t) {
  if (t == NULL) return;
  struct net_client *client = t->client;
  assert(t->state != NET_TRANSFER_ENDED);
  if (t->state == NET_TRANSFER_ACTIVE) curl_multi_remove_handle(client->multi, t->easy);
  leave_list(t);
  net_transfer_free(t);
  /* By the timer and not here: the caller expects no callback of others inside this call. */
  uv_timer_start(&client->wait_timer, on_wait_timer, 0, 0);
}

/* ---- results ---- */

static enum error_code code_of(CURLcode rc) {
  switch ((int)rc) { /* a foreign enum of a hundred values */
    case CURLE_OPERATION_TIMEDOUT: return ERR_TIMEOUT;
    case CURLE_FILESIZE_EXCEEDED: return ERR_LIMIT;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_LOGIN_DENIED: return ERR_INVALID;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR: return ERR_UNAVAILABLE;
    default: return ERR_IO;
  }
}

static void end(struct net_transfer *t, CURLcode rc) {
  if (rc == CURLE_OK) {
    finish(t, NULL);
    return;
  }
  struct error err = t->refusal;
  if (err.code == ERR_NONE) {
    const char *text = t->curl_text[0] != '\0' ? t->curl_text : curl_easy_strerror(rc);
    error_set(&err, code_of(rc), "%s", text);
  } else if (err.code == ERR_INVALID) { /* somebody tried to make us reach inside */
    log_text(t->client->log, LOG_WARN, "outgoing request refused", "%s", err.text);
  }
  finish(t, &err);
}

static void reap(struct net_client *client) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE) continue;
    CURLcode rc = message->data.result; /* message dies with remove_handle */
    struct net_transfer *t = NULL;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
    end(t, rc);
  }
  start_waiting(client);
}

/* ---- the client ---- */

static char *dup_or_null(const char *text) { return text != NULL ? mem_dup(text) : NULL; }

static void copy_config(struct net_client *client, const struct net_client_config *config) {
  client->config = *config;
  char **allowed = mem_zero(config->allowed_count * sizeof *allowed);
  for (size_t i = 0; i < config->allowed_count; i++) allowed[i] = mem_dup(config->allowed[i]);
  client->config.allowed = (const char *const *)allowed;
  client->config.ca_file = dup_or_null(config->ca_file);
  client->config.own = dup_or_null(config->own);
  client->config.user_agent = dup_or_null(config->user_agent);
}

struct net_client *net_client_new(struct loop *loop, const struct net_client_config *config,
                                  const struct log *log) {
  struct net_client *client = mem_zero(sizeof *client);
  client->uv = &loop->uv;
  client->log = log;
  copy_config(client, config);
  list_init(&client->waiting);
  list_init(&client->active);
  uv_timer_init(client->uv, &client->curl_timer);
  uv_timer_init(client->uv, &client->wait_timer);
  client->curl_timer.data = client->wait_timer.data = client;
  client->open_handles = 2;
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) abort(); /* no memory; counted, thread-safe */
  client->multi = curl_multi_init();
  if (client->multi == NULL) abort();
  curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wish);
  curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
  curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_timer_wish);
  curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
  curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)config->max_active);
  return client;
}

static void on_handle_closed(uv_handle_t *handle) {
  struct net_client *client = handle->data;
  if (--client->open_handles > 0) return;
  for (size_t i = 0; i < client->config.allowed_count; i++) free((char *)client->config.allowed[i]);
  free((void *)client->config.allowed);
  free((char *)client->config.ca_file);
  free((char *)client->config.own);
  free((char *)client->config.user_agent);
  free(client);
}

static void cancel_all(struct list *transfers) {
  struct link *k;
  while ((k = list_first(transfers)) != NULL) {
    net_transfer_cancel(LIST_OWNER(k, struct net_transfer, link));
  }
}

void net_client_free(struct net_client *client) {
  if (client == NULL) return;
  cancel_all(&client->waiting);
  cancel_all(&client->active);
  curl_multi_cleanup(client->multi); /* closes kept connections; lets go of their sockets first */
  curl_global_cleanup();
  uv_close((uv_handle_t *)&client->curl_timer, on_handle_closed);
  uv_close((uv_handle_t *)&client->wait_timer, on_handle_closed);
}

struct net_client_stats net_client_stats(const struct net_client *client) {
  return (struct net_client_stats){client->active_count, client->waiting_count, client->done,
                                   client->failed};
}
