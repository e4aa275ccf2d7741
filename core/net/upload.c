/* multipart/form-data: fields to memory, files through a spool to disk. When the disk is slower
 * than the client, the socket waits. */
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "net/conn.h"
#include "net/params.h"
#include "net/spool.h"

#define BATCH_BYTES (64 * 1024)  /* worth a trip to the pool */
#define WAITING_MAX (256 * 1024) /* then the socket waits */

struct net_upload {
  struct net_conn *conn;
  struct net_multipart_limits limits;
  struct net_multipart_parser parser;
  struct net_multipart *form;    /* NULL once handed over */
  struct net_spool_file **files; /* beside form->parts; NULL for fields */
  int file_count;
  struct bytes field; /* content of the current part, when it is a field */
  int64_t received;
  struct net_spool *spool;
  struct error err; /* code is not ERR_NONE after a failure */
  net_multipart_fn done;
};

/* ---- a new part ---- */

static struct net_part *current(struct net_upload *upload) {
  return &upload->form->parts[upload->form->count - 1];
}

/* Browsers write a quote in a name as %22. */
static void restore_quotes(struct bytes *text) {
  size_t to = 0;
  for (size_t i = 0; i < text->len; i++) {
    bool is_quote = text->len - i >= 3 && memcmp(text->data + i, "%22", 3) == 0;
    text->data[to++] = is_quote ? '"' : text->data[i];
    if (is_quote) i += 2;
  }
  text->len = to;
}

static bool is_clean(const struct bytes *text) {
  for (size_t i = 0; i < text->len; i++)
    if ((unsigned char)text->data[i] < ' ' || text->data[i] == 0x7f) return false;
  return utf8_is_valid(text->data, text->len);
}

/* NULL when the parameter is malformed. */
static char *take_name(struct slice disposition, const char *param, struct error *err) {
  struct bytes text = {0};
  char *name = NULL;
  bool is_there = net_params_get(disposition, param, &text);
  restore_quotes(&text);
  if (is_there && is_clean(&text)) name = mem_dup_n(text.data, text.len);
  else error_set(err, ERR_INVALID, "malformed %s of a part", param);
  bytes_deinit(&text);
  return name;
}

static void cut_folders(char *name) { /* some clients send the whole path */
  char *slash = strrchr(name, '/'), *backslash = strrchr(name, '\\');
  char *last = slash > backslash ? slash : backslash;
  if (last != NULL) memmove(name, last + 1, strlen(last + 1) + 1);
}

static bool has_param(struct slice header, const char *name) {
  struct bytes ignored = {0};
  bool found = net_params_get(header, name, &ignored);
  bytes_deinit(&ignored);
  return found;
}

static bool begin_file(struct net_upload *upload, const struct net_part_head *head,
                       struct error *err) {
  struct net_part *part = current(upload);
  if (++upload->file_count > upload->limits.max_files)
    return error_set(err, ERR_LIMIT, "more than %d files", upload->limits.max_files);
  part->filename = take_name(head->disposition, "filename", err);
  if (part->filename == NULL) return false;
  cut_folders(part->filename);
  struct slice type = head->type.len > 0 ? head->type : slice_of("application/octet-stream");
  part->type = mem_dup_n(type.data, type.len);
  return true;
}

static void add_part(struct net_upload *upload) {
  struct net_multipart *form = upload->form;
  size_t room = form->count + 1;
  form->parts = mem_grow(form->parts, room * sizeof *form->parts);
  upload->files = mem_grow(upload->files, room * sizeof *upload->files);
  form->parts[form->count] = (struct net_part){0};
  upload->files[form->count++] = NULL;
}

static bool on_part(void *ctx, const struct net_part_head *head, struct error *err) {
  struct net_upload *upload = ctx;
  if (!slice_is_nocase(net_params_value(head->disposition), "form-data"))
    return error_set(err, ERR_INVALID, "a part without Content-Disposition: form-data");
  int fields = (int)upload->form->count - upload->file_count;
  bool is_file = has_param(head->disposition, "filename");
  if (!is_file && fields >= upload->limits.max_fields)
    return error_set(err, ERR_LIMIT, "more than %d fields", upload->limits.max_fields);
  add_part(upload);
  struct net_part *part = current(upload);
  part->name = take_name(head->disposition, "name", err);
  if (part->name == NULL) return false;
  if (part->name[0] == '\0') return error_set(err, ERR_INVALID, "a part without a name");
  bytes_clear(&upload->field);
  return !is_file || begin_file(upload, head, err);
}

/* ---- its content ---- */

static struct net_spool_file *file_of(struct net_upload *upload) {
  struct net_spool_file **file = &upload->files[upload->form->count - 1];
  if (*file == NULL) *file = net_spool_open(upload->spool);
  return *file;
}

static bool on_data(void *ctx, struct slice data, struct error *err) {
  struct net_upload *upload = ctx;
  struct net_part *part = current(upload);
  if (part->filename == NULL) {
    if (upload->field.len + data.len > upload->limits.max_field_bytes)
      return error_set(err, ERR_LIMIT, "field %s is too large", part->name);
    bytes_add(&upload->field, data.data, data.len);
    return true;
  }
  part->size += (int64_t)data.len;
  if (part->size > upload->limits.max_file_bytes)
    return error_set(err, ERR_LIMIT, "file is larger than %lld bytes",
                     (long long)upload->limits.max_file_bytes);
  net_spool_write(upload->spool, file_of(upload), data);
  return true;
}

static bool end_field(struct net_upload *upload, struct error *err) {
  struct net_part *part = current(upload);
  const struct bytes *field = &upload->field;
  bool has_nul = field->len > 0 && memchr(field->data, '\0', field->len) != NULL;
  if (has_nul || !utf8_is_valid(field->data, field->len))
    return error_set(err, ERR_INVALID, "field %s is no UTF-8 text", part->name);
  part->value = mem_dup_n(field->data, field->len);
  part->value_len = field->len;
  return true;
}

static void free_part(struct net_part *part) {
  free(part->name);
  free(part->value);
  free(part->filename);
  free(part->type);
  free(part->path);
}

static bool on_part_end(void *ctx, struct error *err) {
  struct net_upload *upload = ctx;
  struct net_part *part = current(upload);
  if (part->filename == NULL) return end_field(upload, err);
  if (part->size == 0 && part->filename[0] == '\0') { /* a file input that was left empty */
    free_part(part);
    upload->form->count--;
    upload->file_count--;
    return true;
  }
  net_spool_close(upload->spool, file_of(upload));
  return true;
}

static const struct net_multipart_events events = {on_part, on_data, on_part_end};

/* ---- for the body ---- */

void net_upload_free(struct net_upload *upload) {
  if (upload == NULL) return;
  net_spool_free(upload->spool);
  net_multipart_free(upload->form);
  net_multipart_deinit(&upload->parser);
  bytes_deinit(&upload->field);
  free(upload->files);
  free(upload);
}

void net_multipart_free(struct net_multipart *form) {
  if (form == NULL) return;
  for (size_t i = 0; i < form->count; i++) {
    if (form->parts[i].path != NULL) unlink(form->parts[i].path);
    free_part(&form->parts[i]);
  }
  free(form->parts);
  free(form);
}

bool net_upload_is_full(const struct net_upload *upload) {
  return net_spool_waiting(upload->spool) > WAITING_MAX;
}

void net_upload_feed(struct net_upload *upload, const char *data, size_t len) {
  if (upload->err.code != ERR_NONE) return;
  upload->received += (int64_t)len;
  if (upload->received > upload->limits.max_bytes)
    error_set(&upload->err, ERR_LIMIT, "form is larger than allowed");
  else if (net_multipart_feed(&upload->parser, data, len, &upload->err) &&
           net_spool_waiting(upload->spool) >= BATCH_BYTES)
    net_spool_flush(upload->spool);
}

static void take_files(struct net_upload *upload) {
  for (size_t i = 0; i < upload->form->count; i++) {
    struct net_spool_file *file = upload->files[i];
    if (file == NULL) continue;
    struct net_part *part = &upload->form->parts[i];
    part->path = file->path;
    file->path = NULL;
    memcpy(part->sha256, file->sha256, sizeof part->sha256);
  }
}

static void finish(struct net_conn *conn, struct net_upload *upload) {
  net_multipart_fn done = upload->done;
  struct net_multipart *form = NULL;
  struct error err = upload->err;
  if (err.code == ERR_NONE) {
    take_files(upload);
    form = upload->form;
    upload->form = NULL;
  }
  conn->body.upload = NULL;
  net_upload_free(upload);
  conn->body.sink = NET_SINK_DROP;
  done(&conn->req, form, form != NULL ? NULL : &err);
}

/* The first reason why this upload has failed, if any. */
static void find_fault(struct net_conn *conn, struct net_upload *upload) {
  struct error *err = &upload->err;
  const struct net_body *body = &conn->body;
  if (err->code == ERR_NONE && body->fault != ERR_NONE)
    error_set(err, body->fault, "%s", net_fault_text(body->fault));
  if (err->code == ERR_NONE) *err = *net_spool_error(upload->spool);
  if (err->code == ERR_NONE && body->is_complete && !net_multipart_is_complete(&upload->parser))
    error_set(err, ERR_INVALID, "multipart body was torn");
}

bool net_upload_deliver(struct net_conn *conn) {
  struct net_upload *upload = conn->body.upload;
  find_fault(conn, upload);
  bool is_over = upload->err.code != ERR_NONE;
  if (!is_over && conn->body.is_complete) {
    net_spool_flush(upload->spool);
    is_over = net_spool_is_done(upload->spool);
  }
  if (is_over) finish(conn, upload);
  return is_over;
}

static void on_progress(void *ctx) {
  struct net_upload *upload = ctx;
  struct net_conn *conn = upload->conn;
  net_conn_enter(conn);
  net_conn_leave(conn);
}

void net_request_multipart(struct net_request *req, const struct net_multipart_limits *limits,
                           const char *dir, net_multipart_fn done) {
  struct net_conn *conn = req->conn;
  struct net_body *body = &conn->body;
  struct net_upload *upload = mem_zero(sizeof *upload);
  struct bytes prefix = {0};
  bytes_addf(&prefix, "%s/upload-%s", dir, req->id);
  upload->conn = conn;
  upload->limits = *limits;
  upload->done = done;
  upload->form = mem_zero(sizeof *upload->form);
  upload->spool = net_spool_new(conn->server->loop, prefix.data, on_progress, upload);
  bytes_deinit(&prefix);
  body->upload = upload;
  if (conn->is_muted) net_body_fail(conn, ERR_CLOSED);
  if (req->content_length > limits->max_bytes) net_body_fail(conn, ERR_LIMIT);
  bool ok = net_multipart_init(&upload->parser, net_request_header(req, "content-type"), &events,
                               upload, &upload->err);
  if (ok && body->fault == ERR_NONE) {
    body->sink = NET_SINK_UPLOAD;
    net_body_invite(conn);
    net_upload_feed(upload, body->bytes.data, body->bytes.len);
    bytes_deinit(&body->bytes);
  }
  net_conn_soon(conn);
}
