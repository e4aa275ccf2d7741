/* Cookies and header parameters: what is found lies within the input, without control characters. */
#include <assert.h>
#include <stdint.h>

#include "net/cookie.h"
#include "net/params.h"

struct input {
  struct slice text;
  int count;
};

static void check(const struct input *input, struct slice part) {
  assert(part.len == 0 || (part.data >= input->text.data &&
                           part.data + part.len <= input->text.data + input->text.len));
  for (size_t i = 0; i < part.len; i++)
    assert((unsigned char)part.data[i] >= ' ' && part.data[i] != 0x7f);
}

static bool on_pair(void *ctx, struct slice name, struct slice value) {
  struct input *input = ctx;
  assert(name.len > 0 && ++input->count <= NET_COOKIES);
  check(input, name);
  check(input, value);
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input input = {{(const char *)data, size}, 0};
  struct bytes out = {0}, back = {0};
  net_cookie_parse(input.text, on_pair, &input);
  net_params_value(input.text);
  net_params_get(input.text, "name", &out);
  bytes_clear(&out);
  net_disposition(&out, input.text, size % 2 == 0);
  net_params_get((struct slice){out.data, out.len}, "filename", &back);
  bytes_deinit(&out);
  bytes_deinit(&back);
  return 0;
}
