/* Answers under /a/, from the static set in memory. */
#include "net/asset.h"
#include "net/conn.h"
#include "net/select.h"

struct form { /* of an asset, chosen for this request */
  const struct bytes *body;
  const char *etag;
  const char *coding; /* NULL: as it is */
};

static struct form choose(const struct net_conn *conn, const struct net_asset *asset) {
  struct slice accepted = net_request_header(&conn->req, "accept-encoding");
  bool is_range = net_request_header(&conn->req, "range").data != NULL;
  if (!is_range && asset->br.len > 0 && net_accepts(accepted, "br"))
    return (struct form){&asset->br, asset->etag[1], "br"};
  if (!is_range && asset->gz.len > 0 && net_accepts(accepted, "gzip"))
    return (struct form){&asset->gz, asset->etag[2], "gzip"};
  return (struct form){&asset->plain, asset->etag[0], NULL};
}

static void add_lines(struct bytes *out, const struct net_asset *asset, const struct form *form,
                      bool is_immutable) {
  bytes_add_str(out, "Content-Type: ");
  bytes_add_str(out, asset->type);
  bytes_add_str(out, is_immutable ? "\r\nCache-Control: public, max-age=31536000, immutable\r\n"
                                  : "\r\nCache-Control: no-cache\r\n");
  bytes_add_str(out, "Accept-Ranges: bytes\r\n");
  if (asset->br.len > 0 || asset->gz.len > 0) bytes_add_str(out, "Vary: Accept-Encoding\r\n");
  if (form->coding != NULL) {
    bytes_add_str(out, "Content-Encoding: ");
    bytes_add_str(out, form->coding);
    bytes_add_str(out, "\r\n");
  }
}

static void answer(struct net_conn *conn, const struct net_asset *asset, bool is_immutable) {
  struct form form = choose(conn, asset);
  struct net_lines lines = {.text = &conn->server->lines, .etag = slice_of(form.etag)};
  int64_t size = (int64_t)form.body->len;
  struct net_range range = {0, size};
  enum net_range_kind kind = NET_RANGE_WHOLE;
  int status = net_status_for(conn, 200, lines.etag);
  if (status == 200) kind = net_range_of(&conn->req, lines.etag, size, &range);
  bytes_clear(lines.text);
  add_lines(lines.text, asset, &form, is_immutable);
  if (kind == NET_RANGE_OUTSIDE) status = 416, range.len = 0;
  if (kind == NET_RANGE_PART) status = 206;
  net_add_content_range(lines.text, kind, range, size);
  net_head_write(conn, status, &lines, NET_LENGTH, range.len);
  if (status == 304 || range.len == 0 || conn->req.method == NET_HEAD) return;
  struct slice body = {form.body->data + range.from, (size_t)range.len};
  net_out_borrow(conn, body, conn->server->statics);
}

void net_answer_static(struct net_conn *conn, struct slice name) {
  if (conn->req.method != NET_GET && conn->req.method != NET_HEAD) {
    net_reply(conn, 405, slice_of("Allow: GET, HEAD\r\n"));
    return;
  }
  bool is_immutable;
  const struct net_asset *asset = net_static_find(conn->server->statics, name, &is_immutable);
  if (asset == NULL) {
    net_reply(conn, 404, (struct slice){0});
    return;
  }
  answer(conn, asset, is_immutable);
  net_conn_finish_request(conn);
}
