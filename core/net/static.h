/* net/static.h - a set of files held in memory, answered by the server under /a/.
 *
 * Loaded once from a directory tree (hidden files are left out); name.br and name.gz beside name
 * are its compressed forms. app.css is reachable as
 *
 *   /a/app.<hash>.css   "immutable" for a year; net_static_url() makes this address
 *   /a/app.css          to be revalidated by ETag each time
 *
 * A name that carries a hash on disk already (8 or more hex digits before the extension) is
 * immutable as it is. Counted by reference, so that a reload can swap the set while old answers
 * are still being sent. Loading may happen on any thread; the count is the loop thread's.
 */
#pragma once
#include "base/bytes.h"
#include "base/error.h"

struct net_static;

/* NULL on failure: root unreadable, a file above 16 MiB, more than 256 MiB in all. Files of overlay
 * (NULL: none; it need not exist) take the place of those of root. The caller holds one reference. */
COPP_MUST_USE struct net_static *net_static_load(const char *root, const char *overlay, struct error *err);
struct net_static *net_static_ref(struct net_static *set);
void net_static_unref(struct net_static *set); /* NULL is fine */

/* "/a/app.1f2e3d4c5b6a.css" for "app.css"; NULL when there is none. Lives as long as set. */
const char *net_static_url(const struct net_static *set, struct slice name);
size_t net_static_count(const struct net_static *set);
