/* base/utf8.h - what the core must know of UTF-8: validity, and letter case of Latin and Cyrillic.
 * Full Unicode rules (collation, normalisation) are PostgreSQL's. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the valid character at data (1..4), or 0 when it is malformed, overlong, a surrogate,
 * beyond U+10FFFF, or len is 0. */
size_t utf8_width(const char *data, size_t len);
bool utf8_is_valid(const char *data, size_t len);
/* Characters in valid text. */
size_t utf8_count(const char *data, size_t len);

/* Case of one character: ASCII, Latin-1 and Cyrillic (U+0400..U+045F); others come back as they are. */
uint32_t utf8_lower(uint32_t code);
uint32_t utf8_upper(uint32_t code);

/* Decodes the character at data; *width as utf8_width(). Malformed gives U+FFFD and width 1. */
uint32_t utf8_decode(const char *data, size_t len, size_t *width);
/* Writes 1..4 bytes to out, returns how many. code must be a valid scalar value. */
size_t utf8_encode(uint32_t code, char out[4]);
