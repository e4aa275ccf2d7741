/* The JSON reader: any bytes, no crash; what it accepts, json_skip() walks over in one step. */
#include <assert.h>
#include <stdint.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct slice text = {(const char *)data, size};
  struct json_reader in;
  enum json_token token;
  size_t tokens = 0;
  json_reader_init(&in, text);
  while ((token = json_next(&in)) != JSON_END && token != JSON_BROKEN) {
    assert(in.depth >= 0 && in.depth <= JSON_DEPTH_MAX);
    assert(++tokens <= size + 1);
  }
  assert((token == JSON_BROKEN) == (in.reason != NULL));
  json_reader_deinit(&in);

  struct slice raw;
  json_reader_init(&in, text);
  bool is_skipped = json_skip(&in, json_next(&in), &raw) && json_next(&in) == JSON_END;
  assert(is_skipped == (token == JSON_END));
  json_reader_deinit(&in);

  struct bytes out = {0};
  json_member(text, "topic", &out);
  if (json_member_raw(text, "data", &raw)) assert(raw.data >= text.data && raw.data + raw.len <= text.data + size);
  bytes_deinit(&out);
  return 0;
}
