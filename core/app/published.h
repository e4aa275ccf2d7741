/* app/published.h - what administrators publish: rows of published_file as the layer published/ of a tree.
 *
 *   page: INSERT published_change --NOTIFY publish--> a master claims it: clone of the tree in use, with the change over it
 *     --> prepare in every child --all prepared--> published_accept() --> commit --> NOTIFY published.<id>
 *                                  \--failed--> published_refuse(file, line, reason); the old generation serves on
 *   the masters of other nodes hear NOTIFY published and reload what is in force.
 *
 * The functions with url block: pool thread, or before the loop runs.
 */
#pragma once
#include "app/setup.h"

struct app_published_news {
  char change[24]; /* claimed by us; "" when there is none */
  bool is_bare;    /* it has no files */
  char *revision;  /* in force, owned */
};

/* Writes tree/published: what is in force, and change ("": none) over it; *revision is what is in force, to be freed. */
COPP_MUST_USE bool app_published_write(const char *url, const char *tree, const char *change, char **revision, struct error *err);
COPP_MUST_USE bool app_published_look(const char *url, struct app_published_news *news, struct error *err);
/* *revision is the new one, to be freed. */
COPP_MUST_USE bool app_published_accept(const char *url, const char *change, char **revision, struct error *err);
COPP_MUST_USE bool app_published_refuse(const char *url, const char *change, const char *file, const char *line,
                                        const char *reason, struct error *err);
/* Tells who waits for an accepted change that all workers serve it. */
COPP_MUST_USE bool app_published_announce(const char *url, const char *change, struct error *err);
/* Notes that the platform started without the published layer, and why. */
COPP_MUST_USE bool app_published_note_fallback(const char *url, const char *file, const char *line, const char *reason,
                                               struct error *err);
