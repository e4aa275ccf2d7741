/* app/serving.h - a child of the master: talks over fd 3, prepares and switches generations, and
 * runs either the web server (worker.c) or the queue (job_worker.c).
 *
 *   start --> build generation (thread pool) --> open() --> ready --> … --> drain --> closed --> exit 0
 *   prepare N --> build beside --> prepared N | failed N …;  commit N --> switch;  abort N --> drop
 */
#pragma once
#include "app/process.h"
#include "app/wire.h"

struct app_serving;

struct app_part { /* what differs between the two kinds */
  enum app_role role;
  bool has_assets;
  /* The first generation is in use: begin to serve. */
  bool (*open)(struct app_serving *serving, struct error *err);
  void (*switched)(struct app_serving *serving); /* another generation is in use */
  void (*notified)(struct app_serving *serving, struct slice payload);
  /* Finish what runs, then call app_serving_drained(). */
  void (*drain)(struct app_serving *serving);
  void (*add_stats)(struct app_serving *serving, struct bytes *out); /* Prometheus lines */
  void (*metrics)(struct app_serving *serving, const char *token, char *text); /* of the others; may be NULL */
};

struct app_build; /* a generation being built in the thread pool */

struct app_serving {
  struct app_process process;
  const struct app_part *part;
  void *inside;             /* of the part */
  struct loop_lines *lines; /* to the master */
  struct loop_timer *beat;
  char *url;
  bool is_open, is_migrated, is_draining;
  int awaited;              /* generation number that is being built or waits for commit */
  struct script_generation *next; /* prepared, waits for commit */
};

/* Runs a child until it is told to end; returns the exit code. */
int app_serving_run(const char *who, const struct app_part *part);
void app_serving_drained(struct app_serving *serving);
