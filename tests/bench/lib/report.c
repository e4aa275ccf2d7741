#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct report_line *add(struct report *report, const char *name, double value, const char *unit) {
  if (report->count == REPORT_LINES) exit(1);
  struct report_line *line = &report->line[report->count++];
  *line = (struct report_line){.value = value, .is_good = true};
  snprintf(line->name, sizeof line->name, "%s", name);
  snprintf(line->unit, sizeof line->unit, "%s", unit);
  return line;
}

void report_figure(struct report *report, const char *name, double value, const char *unit) { add(report, name, value, unit); }

void report_at_most(struct report *report, const char *name, double value, const char *unit, double most) {
  struct report_line *line = add(report, name, value, unit);
  snprintf(line->gate, sizeof line->gate, "<= %g", most);
  line->is_good = value <= most;
}

void report_at_least(struct report *report, const char *name, double value, const char *unit, double least) {
  struct report_line *line = add(report, name, value, unit);
  snprintf(line->gate, sizeof line->gate, ">= %g", least);
  line->is_good = value >= least;
}

static void print_json(const struct report *report) {
  printf("[");
  for (int i = 0; i < report->count; i++) {
    const struct report_line *line = &report->line[i];
    printf("%s\n  {\"name\": \"%s\", \"value\": %.6g, \"unit\": \"%s\", ", i > 0 ? "," : "", line->name, line->value, line->unit);
    if (line->gate[0] == '\0') printf("\"gate\": null, \"ok\": true}");
    else printf("\"gate\": \"%s\", \"ok\": %s}", line->gate, line->is_good ? "true" : "false");
  }
  printf("\n]\n");
}

int report_end(const struct report *report, bool is_json) {
  bool is_good = true;
  for (int i = 0; i < report->count; i++) is_good = is_good && report->line[i].is_good;
  if (is_json) print_json(report);
  for (int i = 0; !is_json && i < report->count; i++) {
    const struct report_line *line = &report->line[i];
    const char *verdict = line->gate[0] == '\0' ? "" : line->is_good ? "ok" : "FAILED";
    printf("%-58s %12.6g %-8s %-12s %s\n", line->name, line->value, line->unit, line->gate, verdict);
  }
  return is_good ? 0 : 1;
}

double cpu_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
