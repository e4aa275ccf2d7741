#include "net/gzip.h"

#include <assert.h>
#include <stdint.h>

#include "base/mem.h"

static void *zlib_alloc(void *ctx, unsigned items, unsigned size) {
  (void)ctx;
  return mem_alloc((size_t)items * size);
}

static void prepare(struct net_gzip *gzip) {
  int status;
  if (gzip->is_ready) {
    status = deflateReset(&gzip->stream);
  } else {
    gzip->stream = (z_stream){.zalloc = zlib_alloc};
    status = deflateInit2(&gzip->stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    gzip->is_ready = true;
  }
  assert(status == Z_OK);
  (void)status;
}

void net_gzip_add(struct net_gzip *gzip, struct slice text, struct bytes *out) {
  prepare(gzip);
  z_stream *stream = &gzip->stream;
  uLong bound = deflateBound(stream, (uLong)text.len);
  bytes_reserve(out, bound);
  stream->next_in = (Bytef *)(uintptr_t)text.data;
  stream->avail_in = (uInt)text.len;
  stream->next_out = (Bytef *)out->data + out->len;
  stream->avail_out = (uInt)bound;
  int status = deflate(stream, Z_FINISH); /* ends in one call: there is room for the bound */
  assert(status == Z_STREAM_END);
  (void)status;
  out->len += bound - stream->avail_out;
  out->data[out->len] = '\0';
}

void net_gzip_deinit(struct net_gzip *gzip) {
  if (gzip->is_ready) deflateEnd(&gzip->stream);
  gzip->is_ready = false;
}
