/* Queries: every accepted pair is UTF-8 without NUL, and encoded again it gives the same pair. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "net/query.h"

static void add(struct bytes *out, struct slice text) { bytes_add_url(out, text.data, text.len); }

static bool on_pair(void *ctx, struct slice name, struct slice value) {
  struct bytes *again = ctx;
  assert(utf8_is_valid(name.data, name.len) && utf8_is_valid(value.data, value.len));
  assert(memchr(name.data, '\0', name.len) == NULL && memchr(value.data, '\0', value.len) == NULL);
  add(again, name);
  bytes_add_char(again, '=');
  add(again, value);
  bytes_add_char(again, '&');
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bytes once = {0}, twice = {0};
  struct error err = {0};
  struct slice text = {(const char *)data, size};
  if (net_query_parse(text, on_pair, &once, &err)) {
    assert(net_query_parse((struct slice){once.data, once.len}, on_pair, &twice, &err));
    assert(once.len == twice.len &&
           (once.len == 0 || memcmp(once.data, twice.data, once.len) == 0));
  } else {
    assert(err.code == ERR_INVALID || err.code == ERR_LIMIT);
  }
  bytes_deinit(&once);
  bytes_deinit(&twice);
  return 0;
}
