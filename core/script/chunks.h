/* script/chunks.h - compiled Lua of earlier builds, kept in one file: a build compiles only what has
 * changed. Private to script/.
 *
 *   script_chunks_open --> find, else compile and add --> script_chunks_close (writes what was used)
 *
 * Lua trusts bytecode blindly, so only our own is taken: the file must belong to this user alone, its
 * sum must hold, and a key covers source text, chunk name, and the versions of the product and of Lua.
 * Anything wrong means an empty set, never a failure. One build, one thread; several processes may
 * write the same file, each puts its own in place as a whole. */
#pragma once
#include "base/map.h"
#include "crypto/hash.h"

struct script_chunk_key {
  unsigned char sum[CRYPTO_SHA256_BYTES];
};

struct script_chunks {
  char *path;       /* NULL: nothing is kept */
  struct bytes old; /* the file, which old chunks lie in */
  struct map all;   /* key → struct chunk */
  bool is_changed;  /* something was added */
};

/* path NULL keeps nothing. */
void script_chunks_open(struct script_chunks *chunks, const char *path);
struct script_chunk_key script_chunk_key(struct slice kind, struct slice name, struct slice text);
/* data is NULL when it is not there; valid until the close. */
struct slice script_chunks_find(struct script_chunks *chunks, const struct script_chunk_key *key);
void script_chunks_add(struct script_chunks *chunks, const struct script_chunk_key *key, struct bytes *code); /* takes code */
/* is_good: the build succeeded; what it used is written when anything is new. */
void script_chunks_close(struct script_chunks *chunks, bool is_good);
