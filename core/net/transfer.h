/* net/transfer.h - what client.c (queue, curl multi), fetch.c (HTTP) and smtp.c (mail) share.
 * Private to these three. */
#pragma once
#include <curl/curl.h>

#include "base/list.h"
#include "net/client.h"

enum net_transfer_state { NET_TRANSFER_WAITING, NET_TRANSFER_ACTIVE, NET_TRANSFER_ENDED };

struct net_transfer {
  struct link link; /* in client->waiting or client->active */
  struct net_client *client;
  enum net_transfer_state state;
  uint64_t deadline_us; /* monotonic; covers the wait */
  CURL *easy;
  struct curl_slist *list; /* headers, or recipients */
  char curl_text[CURL_ERROR_SIZE];
  char host[256];           /* for the log */
  bool may_be_private;      /* the address policy does not apply */
  struct error refusal;     /* why a callback of ours stopped curl; code ERR_NONE: it did not */
  struct bytes input;       /* request body, or message */
  size_t input_sent;        /* bytes of it that curl took */
  struct bytes head;        /* reply headers, whole lines */
  struct bytes body;        /* reply body */
  size_t max_body_bytes;
  net_fetched_fn fetched;   /* one of these two is set */
  net_mailed_fn mailed;
  void *ctx;
};

/* A transfer with an easy handle that has all the common options; ERR_OVERLOADED when too many. */
struct net_transfer *net_transfer_new(struct net_client *client, int timeout_ms, struct error *err);
void net_transfer_free(struct net_transfer *t); /* in no list, not known to curl multi */
/* Queues or starts it: client.c owns t from here on. */
void net_transfer_start(struct net_transfer *t);
/* Is "host:port" on the list of the settings? */
bool net_client_allows(const struct net_client *client, const char *host, const char *port);
bool net_client_is_own(const struct net_client *client, const char *host, const char *port);
const struct net_client_config *net_client_settings(const struct net_client *client);

/* Call the owner back; err is NULL when curl ended well. */
void net_fetch_finish(struct net_transfer *t, const struct error *err);
void net_mail_finish(struct net_transfer *t, const struct error *err);
