/* Request heads and chunked bodies. What both the strict layer and llhttp accept must mean the same
 * to them; and nothing depends on how the bytes are cut (the first byte says where). */
#include <assert.h>
#include <llhttp.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "net/chunk.h"
#include "net/head.h"
#include "net/target.h"

static const struct net_head_limits limits = {16384, 8192, 100};

static void check_target(const struct net_head *head, const char *data) {
  struct bytes buffer = {0};
  struct net_target target;
  struct slice raw = {data + head->target_at, head->target_len};
  if (net_target_parse(raw, head->method, &buffer, &target) && !target.is_asterisk) {
    assert(target.path.len > 0 && target.path.data[0] == '/');
    assert(utf8_is_valid(target.path.data, target.path.len));
    char *path = strndup(target.path.data, target.path.len);
    assert(strlen(path) == target.path.len); /* no NUL */
    assert(strstr(path, "//") == NULL && strstr(path, "/../") == NULL);
    assert(strstr(path, "/./") == NULL && strchr(path, '\\') == NULL);
    free(path);
  }
  bytes_deinit(&buffer);
}

struct opinion { /* llhttp's */
  int heads, messages;
  size_t body;
};

static int on_head(llhttp_t *parser) {
  parser->upgrade = 0;
  ((struct opinion *)parser->data)->heads++;
  return 0;
}
static int on_message(llhttp_t *parser) {
  ((struct opinion *)parser->data)->messages++;
  return 0;
}
static int on_body(llhttp_t *parser, const char *at, size_t len) {
  (void)at;
  ((struct opinion *)parser->data)->body += len;
  return 0;
}
static const llhttp_settings_t settings = {
    .on_headers_complete = on_head, .on_message_complete = on_message, .on_body = on_body};

static void check_body(llhttp_t *parser, const char *data, size_t len) {
  struct net_chunk chunk = {0};
  size_t used;
  struct opinion *opinion = parser->data;
  if (!net_chunk_scan(&chunk, data, len, &used)) return;
  if (llhttp_execute(parser, data, used) != HPE_OK) return; /* then the server refuses, too */
  assert(opinion->messages == (chunk.state == NET_CHUNK_DONE));
}

static void check_framing(const struct net_head *head, const char *data, size_t len) {
  struct net_framing framing;
  if (net_head_framing(head, data, &framing) != 0) return;
  struct opinion opinion = {0};
  llhttp_t parser;
  llhttp_init(&parser, HTTP_REQUEST, &settings);
  parser.data = &opinion;
  size_t head_len = head->scanned - head->start;
  if (llhttp_execute(&parser, data + head->start, head_len) != HPE_OK) return;
  assert(opinion.heads == 1);
  assert(opinion.messages == (framing.content_length == 0));
  if (framing.content_length > 0) assert(parser.content_length == (uint64_t)framing.content_length);
  if (framing.content_length < 0) check_body(&parser, data + head->scanned, len - head->scanned);
}

static int scan(const char *data, size_t len, size_t step, struct net_head *head) {
  memset(head, 0, sizeof *head);
  int status = NET_HEAD_MORE;
  for (size_t have = step; status == NET_HEAD_MORE; have += step) {
    if (have > len) have = len;
    status = net_head_scan(head, data, have, &limits);
    if (have == len) break;
  }
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
  if (size < 2) return 0;
  const char *data = (const char *)input + 1;
  size_t len = size - 1;
  struct net_head whole, cut;
  int status = scan(data, len, len, &whole);
  int other = scan(data, len, input[0] % 32 + 1, &cut);
  assert(status == other);
  if (status != NET_HEAD_DONE) return 0;
  assert(whole.count == cut.count && whole.scanned == cut.scanned);
  check_target(&whole, data);
  check_framing(&whole, data, len);
  return 0;
}
