#include "script/pattern.h"

#include <ctype.h>

/* A match returns the end, or NULL: no match here, or p->error or p->is_stopped tells why the whole is over. */
static const char *match_here(struct script_pattern *p, const char *at, const char *rule);

static const char *rule_end(const struct script_pattern *p) { return p->pattern.data + p->pattern.len; }
static const char *text_end(const struct script_pattern *p) { return p->subject.data + p->subject.len; }

static bool is_over(const struct script_pattern *p) { return p->error != NULL || p->is_stopped; }

static const char *broken(struct script_pattern *p, const char *error) {
  if (!is_over(p)) p->error = error;
  return NULL;
}

/* Pays for steps; false when there are no more to be had. */
static bool pay(struct script_pattern *p, long steps) {
  p->steps -= steps;
  if (p->steps > 0) return !p->is_stopped;
  if (p->more != NULL && !p->more(p->ctx)) p->is_stopped = true;
  p->steps = SCRIPT_PATTERN_STEPS;
  return !p->is_stopped;
}

/* ---- classes ---- */

static bool class_has(int class, int c) {
  bool has;
  switch (tolower(class)) {
    case 'a': has = isalpha(c) != 0; break;
    case 'c': has = iscntrl(c) != 0; break;
    case 'd': has = isdigit(c) != 0; break;
    case 'g': has = isgraph(c) != 0; break;
    case 'l': has = islower(c) != 0; break;
    case 'p': has = ispunct(c) != 0; break;
    case 's': has = isspace(c) != 0; break;
    case 'u': has = isupper(c) != 0; break;
    case 'w': has = isalnum(c) != 0; break;
    case 'x': has = isxdigit(c) != 0; break;
    case 'z': has = c == 0; break; /* of old */
    default: return class == c;
  }
  return isupper(class) ? !has : has;
}

/* Behind one item (a character, an escape, a set) that begins at rule, which is before the end. */
static const char *item_end(struct script_pattern *p, const char *rule) {
  const char *end = rule_end(p);
  char first = *rule++;
  if (first == '%') {
    if (rule == end) return broken(p, "malformed pattern (ends with '%%')");
    return rule + 1;
  }
  if (first != '[') return rule;
  if (rule < end && *rule == '^') rule++;
  bool is_first = true; /* a ] that comes first stands for itself */
  for (; rule < end; is_first = false) {
    if (*rule == ']' && !is_first) return rule + 1;
    if (*rule++ == '%' && rule < end) rule++;
  }
  return broken(p, "malformed pattern (missing ']')");
}

/* set is at its '[', last at its ']'. */
static bool set_has(struct script_pattern *p, const char *set, const char *last, int c) {
  bool has = true;
  pay(p, (last - set) / 4);
  if (set[1] == '^') {
    has = false;
    set++;
  }
  while (++set < last) {
    if (*set == '%') {
      set++;
      if (class_has((unsigned char)*set, c)) return has;
    } else if (set[1] == '-' && set + 2 < last) {
      if ((unsigned char)set[0] <= c && c <= (unsigned char)set[2]) return has;
      set += 2;
    } else if ((unsigned char)*set == c) {
      return has;
    }
  }
  return !has;
}

/* Does the character at `at` match the item [rule, end)? */
static bool one_matches(struct script_pattern *p, const char *at, const char *rule, const char *end) {
  if (at >= text_end(p)) return false;
  int c = (unsigned char)*at;
  switch (*rule) {
    case '.': return true;
    case '%': return class_has((unsigned char)rule[1], c);
    case '[': return set_has(p, rule, end - 1, c);
    default: return (unsigned char)*rule == c;
  }
}

/* ---- captures ---- */

static const char *open_capture(struct script_pattern *p, const char *at, const char *rule,
                                ptrdiff_t kind) {
  if (p->captures >= SCRIPT_PATTERN_CAPTURES) return broken(p, "too many captures");
  p->capture[p->captures].start = at;
  p->capture[p->captures].len = kind;
  p->captures++;
  const char *end = match_here(p, at, rule);
  if (end == NULL) p->captures--;
  return end;
}

static const char *close_capture(struct script_pattern *p, const char *at, const char *rule) {
  int i = p->captures - 1;
  while (i >= 0 && p->capture[i].len != SCRIPT_CAPTURE_OPEN) i--;
  if (i < 0) return broken(p, "invalid pattern capture");
  p->capture[i].len = at - p->capture[i].start;
  const char *end = match_here(p, at, rule);
  if (end == NULL) p->capture[i].len = SCRIPT_CAPTURE_OPEN;
  return end;
}

/* %1: the text of a capture once more. Behind it, or NULL. */
static const char *match_again(struct script_pattern *p, const char *at, char digit) {
  int i = digit - '1';
  if (i < 0 || i >= p->captures || p->capture[i].len == SCRIPT_CAPTURE_OPEN) {
    p->error_index = i + 1;
    return broken(p, "invalid capture index %%%d");
  }
  if (p->capture[i].len == SCRIPT_CAPTURE_POSITION) return NULL;
  size_t len = (size_t)p->capture[i].len;
  if (!pay(p, (long)(len / 16))) return NULL;
  if ((size_t)(text_end(p) - at) < len || memcmp(at, p->capture[i].start, len) != 0) return NULL;
  return at + len;
}

/* ---- items that are not one character ---- */

/* %bxy: from x to the y that balances it. rule is at x. */
static const char *match_balance(struct script_pattern *p, const char *at, const char *rule) {
  if (rule_end(p) - rule < 2) return broken(p, "malformed pattern (missing arguments to '%%b')");
  if (at >= text_end(p) || *at != rule[0]) return NULL;
  long open = 1;
  for (at++; at < text_end(p); at++) {
    if (!pay(p, 1)) return NULL;
    if (*at == rule[1]) {
      if (--open == 0) return at + 1;
    } else if (*at == rule[0]) {
      open++;
    }
  }
  return NULL;
}

/* %f[set]: where the set begins to hold. rule is at '['; behind the item, or NULL. */
static const char *match_frontier(struct script_pattern *p, const char *at, const char *rule) {
  if (rule >= rule_end(p) || *rule != '[') return broken(p, "missing '[' after '%%f' in pattern");
  const char *end = item_end(p, rule);
  if (end == NULL) return NULL;
  int before = at == p->subject.data ? 0 : (unsigned char)at[-1];
  int here = at == text_end(p) ? 0 : (unsigned char)*at;
  if (set_has(p, rule, end - 1, before) || !set_has(p, rule, end - 1, here)) return NULL;
  return end;
}

/* As many as there are, then fewer and fewer. */
static const char *match_most(struct script_pattern *p, const char *at, const char *rule,
                              const char *end) {
  ptrdiff_t count = 0;
  while (one_matches(p, at + count, rule, end)) {
    if (!pay(p, 1)) return NULL;
    count++;
  }
  for (; count >= 0; count--) {
    const char *found = match_here(p, at + count, end + 1);
    if (found != NULL) return found;
    if (is_over(p)) return NULL;
  }
  return NULL;
}

/* As few as possible. */
static const char *match_least(struct script_pattern *p, const char *at, const char *rule,
                               const char *end) {
  for (;;) {
    const char *found = match_here(p, at, end + 1);
    if (found != NULL) return found;
    if (is_over(p) || !one_matches(p, at, rule, end)) return NULL;
    at++;
  }
}

/* ---- a whole pattern ---- */

struct place {
  const char *at, *rule;
};

/* One step: returns true when the loop goes on at *place, else the result is *found. */
static bool step_single(struct script_pattern *p, struct place *place, const char **found) {
  const char *at = place->at, *rule = place->rule;
  const char *end = item_end(p, rule);
  *found = NULL;
  if (end == NULL) return false;
  char suffix = end < rule_end(p) ? *end : '\0';
  bool is_match = one_matches(p, at, rule, end);
  if (!is_match && (suffix == '*' || suffix == '?' || suffix == '-')) {
    place->rule = end + 1;
    return true;
  }
  if (!is_match) return false;
  switch (suffix) {
    case '*': *found = match_most(p, at, rule, end); return false;
    case '+': *found = match_most(p, at + 1, rule, end); return false;
    case '-': *found = match_least(p, at, rule, end); return false;
    case '?':
      *found = match_here(p, at + 1, end + 1);
      if (*found != NULL || is_over(p)) return false;
      place->rule = end + 1;
      return true;
    default:
      place->at = at + 1;
      place->rule = end;
      return true;
  }
}

/* The items that begin with % and are more than a class. */
static bool step_escape(struct script_pattern *p, struct place *place, const char **found) {
  const char *rule = place->rule, *next;
  char kind = rule + 1 < rule_end(p) ? rule[1] : '\0';
  *found = NULL;
  switch (kind) {
    case 'b':
      if ((next = match_balance(p, place->at, rule + 2)) == NULL) return false;
      *place = (struct place){next, rule + 4};
      return true;
    case 'f':
      if ((next = match_frontier(p, place->at, rule + 2)) == NULL) return false;
      place->rule = next;
      return true;
    case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
      if ((next = match_again(p, place->at, kind)) == NULL) return false;
      *place = (struct place){next, rule + 2};
      return true;
    default: return step_single(p, place, found);
  }
}

static bool step(struct script_pattern *p, struct place *place, const char **found) {
  const char *at = place->at, *rule = place->rule;
  bool is_last = rule + 1 == rule_end(p);
  switch (*rule) {
    case '(':
      *found = !is_last && rule[1] == ')' ? open_capture(p, at, rule + 2, SCRIPT_CAPTURE_POSITION)
                                          : open_capture(p, at, rule + 1, SCRIPT_CAPTURE_OPEN);
      return false;
    case ')': *found = close_capture(p, at, rule + 1); return false;
    case '$':
      if (!is_last) return step_single(p, place, found);
      *found = at == text_end(p) ? at : NULL;
      return false;
    case '%': return step_escape(p, place, found);
    default: return step_single(p, place, found);
  }
}

static const char *match_here(struct script_pattern *p, const char *at, const char *rule) {
  if (p->depth == 0) return broken(p, "pattern too complex");
  struct place place = {at, rule};
  const char *found = NULL;
  p->depth--;
  for (;;) {
    if (place.rule == rule_end(p)) found = place.at;
    else if (pay(p, 1) && step(p, &place, &found)) continue;
    break;
  }
  p->depth++;
  return found;
}

enum script_pattern_verdict script_pattern_match(struct script_pattern *p, size_t from,
                                                 const char *at, const char **end) {
  p->captures = 0;
  p->depth = SCRIPT_PATTERN_DEPTH;
  p->error = NULL;
  p->is_stopped = false;
  if (p->steps <= 0) p->steps = SCRIPT_PATTERN_STEPS;
  *end = match_here(p, at, p->pattern.data + from);
  if (p->is_stopped) return SCRIPT_PATTERN_STOPPED;
  if (p->error != NULL) return SCRIPT_PATTERN_BROKEN;
  return *end != NULL ? SCRIPT_PATTERN_MATCH : SCRIPT_PATTERN_NONE;
}

bool script_pattern_is_plain(struct slice pattern) {
  for (size_t i = 0; i < pattern.len; i++)
    if (pattern.data[i] != '\0' && strchr("^$*+?.([%-", pattern.data[i]) != NULL) return false;
  return true;
}
