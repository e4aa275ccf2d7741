/* multipart/form-data: the first byte says how the input is cut; however it is cut, the events are
 * the same. */
#include <assert.h>
#include <stdint.h>

#include "net/multipart.h"
#include "net/params.h"

static bool on_begin(void *ctx, const struct net_part_head *head, struct error *err) {
  struct bytes name = {0};
  net_params_get(head->disposition, "name", &name);
  net_params_get(head->disposition, "filename", &name);
  bytes_addf(ctx, "\n<%zu %zu %zu>", head->disposition.len, head->type.len, name.len);
  bytes_deinit(&name);
  if (head->type.len != 7) return true;
  return error_set(err, ERR_LIMIT, "some parts are refused");
}
static bool on_data(void *ctx, struct slice data, struct error *err) {
  (void)err;
  assert(data.len > 0);
  bytes_add(ctx, data.data, data.len);
  return true;
}
static bool on_end(void *ctx, struct error *err) {
  (void)err;
  bytes_add_str(ctx, "</>");
  return true;
}

static bool parse(const char *data, size_t size, size_t step, struct bytes *out) {
  static const struct net_multipart_events events = {on_begin, on_data, on_end};
  struct net_multipart_parser parser;
  struct error err = {0};
  bool ok =
      net_multipart_init(&parser, slice_of("multipart/form-data; boundary=X"), &events, out, &err);
  assert(ok);
  for (size_t at = 0; at < size && ok; at += step)
    ok = net_multipart_feed(&parser, data + at, size - at < step ? size - at : step, &err);
  assert(ok || err.code != ERR_NONE);
  ok = ok && net_multipart_is_complete(&parser);
  net_multipart_deinit(&parser);
  return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1) return 0;
  const char *body = (const char *)data + 1;
  struct bytes whole = {0}, cut = {0};
  bool ok = parse(body, size - 1, size, &whole);
  assert(parse(body, size - 1, data[0] % 16 + 1, &cut) == ok);
  assert(whole.len == cut.len && (whole.len == 0 || memcmp(whole.data, cut.data, cut.len) == 0));
  bytes_deinit(&whole);
  bytes_deinit(&cut);
  return 0;
}
