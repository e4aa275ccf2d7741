#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *checked(void *block) {
  if (block != NULL) return block;
  static const char line[] = "{\"level\":\"fatal\",\"msg\":\"out of memory\"}\n";
  ssize_t ignored = write(STDERR_FILENO, line, sizeof line - 1);
  (void)ignored;
  abort();
}

void *mem_alloc(size_t size) { return checked(malloc(size != 0 ? size : 1)); }

void *mem_zero(size_t size) { return checked(calloc(1, size != 0 ? size : 1)); }

void *mem_grow(void *block, size_t size) { return checked(realloc(block, size != 0 ? size : 1)); }

void *mem_aligned(size_t alignment, size_t size) {
  void *block = NULL;
  return posix_memalign(&block, alignment, size) == 0 ? checked(block) : checked(NULL);
}

char *mem_dup(const char *text) { return mem_dup_n(text, strlen(text)); }

char *mem_dup_n(const char *data, size_t len) {
  char *copy = mem_alloc(len + 1);
  if (len != 0) memcpy(copy, data, len);
  copy[len] = '\0';
  return copy;
}
