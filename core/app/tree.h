/* app/tree.h - the installed copy of what is served at run time.
 *
 *   <data_dir>/tree/<id>/{lua,views,assets,migrations,plugins,config,data,region,published}
 *   <data_dir>/tree/current -> <id>     the last one that all workers accepted
 *
 * A reload installs a new copy beside the old one; a worker that is replaced meanwhile starts from
 * `current`. Works before root is given up, since the checkout may be readable by root only.
 */
#pragma once
#include "app/setup.h"

/* Copies the checkout, and the region's directory over it, into a new directory; *out is its path, to be freed. */
COPP_MUST_USE bool app_tree_install(const struct app_setup *setup, char **out, struct error *err);
/* A new tree with the files of `from` (hard links: nobody writes to an installed tree), but without published/. */
COPP_MUST_USE bool app_tree_clone(const struct app_setup *setup, const char *from, char **out, struct error *err);
/* Points `current` at path (atomically) and removes the other trees, but the one kept (NULL: none). */
COPP_MUST_USE bool app_tree_use(const struct app_setup *setup, const char *path, const char *keep, struct error *err);
/* Path of the tree in use, to be freed; NULL when there is none. */
char *app_tree_current(const struct app_setup *setup);
/* Removes a tree that was refused. */
void app_tree_remove(const char *path);
/* Copies one file, for the binary and the TLS key. mode as for open(2). */
COPP_MUST_USE bool app_copy_file(const char *from, const char *to, mode_t mode, struct error *err);
/* A number that changes when a file below the checkout's lua, views, assets or data, or the region's directory, changes. */
uint64_t app_tree_stamp(const struct app_setup *setup);
