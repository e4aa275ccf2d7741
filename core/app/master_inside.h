/* app/master_inside.h - the master's state, shared by master.c, reload.c, publishing.c, control.c and metrics.c.
 * Private to app/. */
#pragma once
#include "app/master.h"
#include "app/published.h"
#include "db/cluster.h"
#include "db/db.h"
#include "loop/loop.h"

enum { MASTER_WORKERS = 64, MASTER_CHILDREN = MASTER_WORKERS + 2, MASTER_ASKS = 32 }; /* web, and job-1 and engine-1 */

struct app_reload {         /* one at a time */
  bool is_active;
  int number;               /* generation being prepared */
  char *tree;               /* owned */
  struct loop_lines *asker; /* who waits for the verdict; NULL: a signal, or the asker left */
  struct loop_timer *deadline;
  char change[24];          /* to be published with it; "": none */
  char *revision;           /* of the published layer in the tree, owned */
};

struct app_ask {            /* somebody who gathers the metrics of all processes */
  struct app_child *child;  /* a worker; NULL: a control connection, or a free place */
  struct loop_lines *lines; /* where the answer goes; NULL: free place */
  char token[24];           /* the worker's own */
  unsigned number;          /* ours, sent to the others */
  int waiting;              /* answers still to come */
  uint64_t asked_us;
  struct bytes text;
};

struct script_board;

struct app_master {
  struct app_setup *setup;
  struct app_master_options options;
  struct loop loop;
  int lock_fd;              /* held while we use the data directory */
  char *binary;             /* copy that the serving user may run */
  char *url;                /* of the database for its owner: migrations, publishing; owned */
  char *app_url;            /* for those who serve; owned */
  struct db_cluster *cluster; /* NULL: COPP_DATABASE_URL */
  struct db *db;            /* for LISTEN */
  struct db_listener *listener;
  struct script_board *board; /* what rules the children run; NULL: none */
  struct app_child child[MASTER_CHILDREN];
  int child_count;
  int generation;           /* number in use */
  uint64_t loaded_us;       /* when, by the wall clock */
  char *tree;               /* in use, owned */
  bool is_migrated, is_migrating;
  struct error migrate_err;
  bool was_announced;
  int stopping;             /* signals received */
  uint64_t stop_deadline_us;
  int exit_code;
  unsigned cluster_pause;   /* ticks until PostgreSQL is started again */
  struct loop_timer *tick;  /* every 250 ms: beats, PostgreSQL, migrations, stop */
  struct loop_signal *signals[4];
  struct loop_listener *control;
  struct list controls;     /* open connections of control.c */
  struct app_reload reload;
  char *published;          /* revision in the tree in use, owned; NULL: not read yet */
  bool has_news, is_looking; /* of published changes */
  char claimed[24];         /* a change that waits for the reload under way */
  bool is_claimed_bare;     /* it has no files: it asks for a reload */
  bool is_without_published; /* it could not be loaded at the start */
  struct app_ask asks[MASTER_ASKS];
  unsigned next_ask;
  uint64_t stamp;           /* of the checkout, with COPP_DEV */
};

/* reload.c. asker may be NULL; tree is taken over (NULL: install from the checkout). */
void app_reload_start(struct app_master *master, char *tree, struct loop_lines *asker);
/* With what is published now, and change ("": none) on top: over the tree in use, or a fresh copy of the checkout. */
void app_reload_publish(struct app_master *master, const char *change, bool is_fresh);
void app_reload_commit(struct app_master *master);
void app_reload_refuse(struct app_master *master, const char *file, const char *line, const char *reason);
void app_reload_on_prepared(struct app_master *master, struct app_child *child, struct wire_message *message);
void app_reload_on_failed(struct app_master *master, struct wire_message *message);
void app_reload_on_exit(struct app_master *master, const struct app_child *child);
void app_reload_forget(struct app_master *master, const struct loop_lines *asker);

/* publishing.c */
void app_publishing_start(struct app_master *master); /* writes the layer into the first tree; blocks */
void app_publishing_hear(struct app_master *master, struct slice payload, bool missed);
void app_publishing_check(struct app_master *master); /* each tick */
void app_publishing_accept(struct app_master *master); /* the change of the reload, which all children have prepared */
void app_publishing_refused(struct app_master *master, const char *change, const char *file, const char *line, const char *reason);
/* The first generation failed: tries again without the published layer. False: it is not to blame. */
bool app_publishing_fall_back(struct app_master *master, const struct wire_message *message);

/* control.c */
COPP_MUST_USE bool app_control_open(struct app_master *master, struct error *err);
void app_control_close(struct app_master *master);

/* metrics.c */
void app_metrics_ask(struct app_master *master, struct app_child *child, const char *token);
void app_metrics_ask_for_control(struct app_master *master, struct loop_lines *lines);
void app_metrics_forget_lines(struct app_master *master, const struct loop_lines *lines);
void app_metrics_answer(struct app_master *master, struct wire_message *message);
void app_metrics_check(struct app_master *master, uint64_t now_us);
void app_metrics_forget(struct app_master *master, const struct app_child *child);
