/* bench/lib/report.h - what a bench found: a table for people, or the list of ./copp bench … --json.
 *
 *   struct report report = {0};
 *   report_at_most(&report, "check", 212, "ns", 300);
 *   return report_end(&report, is_json);        1 when a gate does not hold
 */
#pragma once
#include <stdbool.h>

enum { REPORT_LINES = 96 };

struct report_line {
  char name[72];
  double value;
  char unit[24];
  char gate[24]; /* "": a figure without a gate */
  bool is_good;
};

struct report {
  struct report_line line[REPORT_LINES];
  int count;
};

void report_figure(struct report *report, const char *name, double value, const char *unit);
void report_at_most(struct report *report, const char *name, double value, const char *unit, double most);
void report_at_least(struct report *report, const char *name, double value, const char *unit, double least);
/* Prints everything; the exit code. */
int report_end(const struct report *report, bool is_json);

/* CPU seconds of the calling thread. */
double cpu_seconds(void);
