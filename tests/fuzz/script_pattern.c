/* The pattern matcher: first byte tells where the pattern ends; any bytes, no crash, no run beyond the budget,
 * captures inside the subject. */
#include <assert.h>
#include <stdint.h>

#include "script/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool ask(void *ctx) {
  int *left = ctx;
  return (*left)-- > 0;
}

static void check_captures(const struct script_pattern *p, const char *end) {
  const char *first = p->subject.data, *behind = first + p->subject.len;
  assert(end >= first && end <= behind);
  assert(p->captures >= 0 && p->captures <= SCRIPT_PATTERN_CAPTURES);
  for (int i = 0; i < p->captures; i++) {
    assert(p->capture[i].start >= first && p->capture[i].start <= behind);
    assert(p->capture[i].len >= SCRIPT_CAPTURE_POSITION && p->capture[i].len <= behind - p->capture[i].start);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  size_t len = data[0] < size - 1 ? data[0] : size - 1;
  struct slice pattern = {(const char *)data + 1, len}, subject = {(const char *)data + 1 + len, size - 1 - len};
  int left = 20;
  struct script_pattern p = {.subject = subject, .pattern = pattern, .more = ask, .ctx = &left};
  size_t anchored = len > 0 && pattern.data[0] == '^';
  for (size_t at = 0; at <= subject.len && left > 0; at++) {
    const char *end;
    enum script_pattern_verdict verdict = script_pattern_match(&p, anchored, subject.data + at, &end);
    if (verdict == SCRIPT_PATTERN_MATCH) check_captures(&p, end);
    if (verdict == SCRIPT_PATTERN_BROKEN) {
      assert(p.error != NULL);
      break;
    }
    if (verdict == SCRIPT_PATTERN_STOPPED || anchored) break;
  }
  return 0;
}
