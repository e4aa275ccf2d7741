/* The engine of a node: a child of the master without Lua. It keeps who is busy when in memory (engine_feed.h) and answers workers
 * (engine_door.h). Whatever kills it, the master starts another, which loads anew; until then PostgreSQL answers. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "app/engine_door.h"
#include "app/process.h"
#include "app/wire.h"
#include "app/worker.h"
#include "base/mem.h"

enum { MASTER_FD = 3, BEAT_MS = 500 };

struct engine {
  struct app_process process;
  struct loop_lines *lines; /* to the master */
  struct loop_timer *beat;
  struct engine_feed *feed; /* NULL until the schema is there */
  struct engine_door *door;
  char *url; /* owned; NULL before "start" */
  bool is_migrated, is_draining;
};

static void on_fresh(void *ctx, uint64_t reading) {
  struct engine *engine = ctx;
  engine_door_fresh(engine->door, reading);
}

/* Minutes from UTC to the region's clock today: only where the words of days begin, no answer depends on it. */
static int32_t base_offset(void) {
  time_t now = time(NULL);
  struct tm parts;
  return localtime_r(&now, &parts) != NULL ? (int32_t)(parts.tm_gmtoff / 60) : 0;
}

static void follow(struct engine *engine) {
  if (engine->feed != NULL || !engine->is_migrated || engine->process.db == NULL) return;
  engine->feed = engine_feed_new(&engine->process.loop, engine->process.db, &engine->process.setup.log, base_offset(), on_fresh, engine);
}

static void start(struct engine *engine, const struct wire_message *message) {
  struct error err = {0};
  engine->url = mem_dup(message->field[3]);
  engine->is_migrated = strcmp(message->field[4], "1") == 0;
  char *path = app_path(&engine->process.setup, ENGINE_SOCKET);
  engine->door = engine_door_new(&engine->process.loop, path, &engine->feed, &err);
  free(path);
  if (engine->door == NULL || !app_process_open_db(&engine->process, engine->url, APP_ENGINE, &err)) {
    wire_send(engine->lines, "failed", "0", "", "", err.text, NULL);
    return;
  }
  follow(engine);
  wire_send(engine->lines, "ready", NULL);
}

static void drain(struct engine *engine) {
  if (engine->is_draining) return;
  engine->is_draining = true;
  if (engine->feed != NULL) engine_feed_stop(engine->feed);
  engine_door_free(engine->door);
  engine->door = NULL;
  if (engine->process.db != NULL) db_close(engine->process.db, NULL, NULL);
  loop_timer_free(engine->beat);
  loop_lines_close(engine->lines);
  engine->lines = NULL;
}

static long resident_bytes(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL) return 0;
  if (fscanf(file, "%*s %ld", &pages) != 1) pages = 0;
  fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

static void add_stats(const struct engine *engine, struct bytes *out) {
  struct engine_door_stats door = engine->door != NULL ? engine_door_stats(engine->door) : (struct engine_door_stats){0};
  struct engine_feed_stats feed = engine->feed != NULL ? engine_feed_stats(engine->feed) : (struct engine_feed_stats){0};
  const struct engine_world *world = engine->feed != NULL ? engine_feed_world(engine->feed) : NULL;
  bytes_addf(out, "copp_engine_ready{stream=\"table\"} %d\n", feed.is_ready);
  bytes_addf(out, "copp_engine_bookings %zu\ncopp_engine_index_bytes %zu\n", world != NULL ? schedule_count(world->plan) : 0,
             world != NULL ? schedule_memory(world->plan) : 0);
  bytes_addf(out, "copp_engine_refused_bookings %u\n", world != NULL ? world->refused : 0);
  bytes_addf(out, "copp_engine_loads_total %llu\ncopp_engine_load_seconds %.3f\n", (unsigned long long)feed.loads, (double)feed.loaded_us / 1e6);
  bytes_addf(out, "copp_engine_readings_total %llu\ncopp_engine_changes_total %llu\n", (unsigned long long)feed.readings, (unsigned long long)feed.changes);
  bytes_addf(out, "copp_engine_questions_total{outcome=\"answered\"} %llu\n", (unsigned long long)door.answered);
  bytes_addf(out, "copp_engine_questions_total{outcome=\"refused\"} %llu\n", (unsigned long long)door.refused);
  bytes_addf(out, "copp_engine_busy_seconds_total %.6f\n", (double)door.busy_us / 1e6);
  bytes_addf(out, "copp_resident_bytes{worker=\"%s\"} %ld\n", engine->process.setup.log.who, resident_bytes());
}

static void send_stats(const struct engine *engine, const char *token) {
  struct bytes text = {0};
  add_stats(engine, &text);
  wire_send(engine->lines, "stats", token, text.data, NULL);
  bytes_deinit(&text);
}

static void on_line(void *ctx, struct slice line) {
  struct engine *engine = ctx;
  struct wire_message message;
  wire_parse(line, &message);
  if (wire_is(&message, "start")) start(engine, &message);
  else if (wire_is(&message, "prepare")) wire_send(engine->lines, "prepared", message.field[1], NULL); /* it has no Lua */
  else if (wire_is(&message, "stats")) send_stats(engine, message.field[1]);
  else if (wire_is(&message, "drain")) drain(engine);
  else if (wire_is(&message, "migrated")) engine->is_migrated = true, follow(engine);
  wire_free(&message);
}

static void on_closed(void *ctx) { drain(ctx); }

/* Also keeps the world near the truth while nobody asks. */
static void on_beat(void *ctx) {
  struct engine *engine = ctx;
  wire_send(engine->lines, "beat", NULL);
  if (engine->feed != NULL) engine_feed_poll(engine->feed);
}

int app_engine(const char *who) {
  struct engine *engine = mem_zero(sizeof *engine);
  struct error err = {0};
  if (!app_process_init(&engine->process, who, &err)) {
    fprintf(stderr, "%s\n", err.text);
    return 1;
  }
  struct loop *loop = &engine->process.loop;
  engine->lines = loop_lines_open(loop, MASTER_FD, &(struct loop_lines_events){on_line, on_closed}, engine);
  engine->beat = loop_timer_new(loop, on_beat, engine);
  loop_timer_start(engine->beat, 0, BEAT_MS);
  loop_run(loop);
  engine_feed_free(engine->feed);
  app_process_deinit(&engine->process);
  free(engine->url);
  free(engine);
  return 0;
}
