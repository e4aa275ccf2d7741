/* net/asset.h - inside of net: one file of a static set, in its forms. */
#pragma once
#include "net/static.h"

struct net_asset {
  struct bytes plain, br, gz; /* br and gz are empty when there is no such form */
  const char *type;
  char *url;                  /* with the hash */
  char etag[3][24];           /* of plain, br, gz; with quotes */
  char hash[13];
  bool is_hashed_name; /* its name on disk carries a hash */
};

/* The file behind /a/<name>; NULL when there is none. is_immutable: the name fixes the content. */
const struct net_asset *net_static_find(const struct net_static *set, struct slice name,
                                        bool *is_immutable);
