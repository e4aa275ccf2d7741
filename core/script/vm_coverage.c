#include "script/vm_coverage.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct script_coverage *script_coverage_new(int count) {
  struct script_coverage *coverage = mem_zero(sizeof *coverage);
  coverage->chunks = mem_zero((size_t)count * sizeof *coverage->chunks);
  coverage->count = count;
  return coverage;
}

void script_coverage_set(struct script_coverage *coverage, int i, const char *name, int lines) {
  struct script_coverage_chunk *chunk = &coverage->chunks[i];
  if (lines > SCRIPT_COVERAGE_LINES) lines = SCRIPT_COVERAGE_LINES;
  chunk->name = name;
  chunk->lines = lines;
  chunk->hits = mem_zero(((size_t)lines + 1) * sizeof *chunk->hits);
  chunk->is_code = mem_zero((size_t)lines + 1);
}

void script_coverage_free(struct script_coverage *coverage) {
  if (coverage == NULL) return;
  for (int i = 0; i < coverage->count; i++) {
    free(coverage->chunks[i].hits);
    free(coverage->chunks[i].is_code);
  }
  free(coverage->chunks);
  free(coverage);
}

static struct script_coverage_chunk *find(struct script_coverage *coverage, const char *source) {
  if (source == coverage->source) return coverage->last;
  coverage->source = source;
  coverage->last = NULL;
  for (int i = 0; i < coverage->count; i++)
    if (source[0] == '=' && strcmp(coverage->chunks[i].name, source + 1) == 0) coverage->last = &coverage->chunks[i];
  return coverage->last;
}

void script_coverage_hit(struct script_coverage *coverage, lua_State *L, lua_Debug *ar) {
  if (coverage == NULL) return;
  lua_getinfo(L, "Sl", ar);
  struct script_coverage_chunk *chunk = find(coverage, ar->source);
  if (chunk != NULL && ar->currentline > 0 && ar->currentline <= chunk->lines) chunk->hits[ar->currentline]++;
}
