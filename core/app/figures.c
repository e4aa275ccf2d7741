#include "app/figures.h"

#include <stdlib.h>

#include "base/mem.h"

struct sample {
  struct slice line;
  size_t name_len;   /* of its family */
  size_t order;
};

static bool ends_with(struct slice name, const char *end) {
  size_t len = strlen(end);
  return name.len > len && memcmp(name.data + name.len - len, end, len) == 0;
}

/* A histogram's family has no ending of its own. */
static size_t family_len(struct slice name) {
  static const char *const endings[] = {"_seconds_bucket", "_seconds_sum", "_seconds_count"};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
    if (ends_with(name, endings[i])) return name.len - strlen(endings[i]) + strlen("_seconds");
  return name.len;
}

static int compare(const void *a, const void *b) {
  const struct sample *one = a, *two = b;
  size_t len = one->name_len < two->name_len ? one->name_len : two->name_len;
  int order = memcmp(one->line.data, two->line.data, len);
  if (order == 0) order = (one->name_len > two->name_len) - (one->name_len < two->name_len);
  if (order == 0) order = (one->order > two->order) - (one->order < two->order);
  return order;
}

static size_t collect(struct slice samples, struct sample **out) {
  size_t count = 0, cap = 0;
  const char *at = samples.data, *end = samples.data + samples.len;
  while (at < end) {
    const char *feed = memchr(at, '\n', (size_t)(end - at));
    struct slice line = {at, (size_t)((feed != NULL ? feed : end) - at)};
    const char *brace = memchr(line.data, '{', line.len);
    at = line.data + line.len + 1;
    if (brace == NULL) continue;
    if (count == cap) *out = mem_grow(*out, (cap = cap * 2 + 256) * sizeof **out);
    size_t name_len = family_len((struct slice){line.data, (size_t)(brace - line.data)});
    (*out)[count] = (struct sample){line, name_len, count};
    count++;
  }
  return count;
}

static const char *type_of(const struct sample *sample) {
  struct slice family = {sample->line.data, sample->name_len};
  if (sample->line.data[sample->name_len] == '_') return "histogram";
  return ends_with(family, "_total") ? "counter" : "gauge";
}

void figures_group(struct slice samples, struct bytes *out) {
  struct sample *list = NULL;
  size_t count = collect(samples, &list);
  if (count > 0) qsort(list, count, sizeof *list, compare);
  for (size_t i = 0; i < count; i++) {
    bool is_new = i == 0 || list[i].name_len != list[i - 1].name_len ||
                  memcmp(list[i].line.data, list[i - 1].line.data, list[i].name_len) != 0;
    if (is_new)
      bytes_addf(out, "# TYPE %.*s %s\n", (int)list[i].name_len, list[i].line.data,
                 type_of(&list[i]));
    bytes_add(out, list[i].line.data, list[i].line.len);
    bytes_add_char(out, '\n');
  }
  free(list);
}
