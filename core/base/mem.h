/* base/mem.h - allocation that cannot fail.
 *
 * A failed malloc in core ends the process with one log line (the master replaces it), hence
 * sizes that clients name are bounded before they reach these functions. Lua states have an
 * allocator of their own, which does fail and survives.
 */
#pragma once
#include <stddef.h>

void *mem_alloc(size_t size);                 /* uninitialised; size 0 gives a valid pointer */
void *mem_zero(size_t size);                  /* zero-filled */
void *mem_grow(void *block, size_t size);     /* realloc */
void *mem_aligned(size_t alignment, size_t size); /* alignment: a power of two; free() frees it */
char *mem_dup(const char *text);              /* copy of a C string */
char *mem_dup_n(const char *data, size_t len); /* copy of len bytes, NUL added behind */
