#include "sheet/part.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { CHUNK = 16384 };

static const char *local_name(const char *name) {
  const char *colon = strchr(name, ':');
  return colon != NULL ? colon + 1 : name;
}

const char *sheet_part_attribute(const char **attributes, const char *name) {
  for (int i = 0; attributes[i] != NULL; i += 2) {
    if (strcmp(local_name(attributes[i]), name) == 0) return attributes[i + 1];
  }
  return NULL;
}

static void XMLCALL on_start(void *ctx, const XML_Char *name, const XML_Char **attributes) {
  struct sheet_part *part = ctx;
  if (part->failure.code == ERR_NONE) part->handler->start(part->ctx, local_name(name), attributes);
}

static void XMLCALL on_end(void *ctx, const XML_Char *name) {
  struct sheet_part *part = ctx;
  if (part->failure.code == ERR_NONE) part->handler->end(part->ctx, local_name(name));
}

static void XMLCALL on_text(void *ctx, const XML_Char *data, int len) {
  struct sheet_part *part = ctx;
  if (part->failure.code == ERR_NONE) part->handler->text(part->ctx, data, (size_t)len);
}

/* No spreadsheet writes one; entities are how XML is made to explode or to read files. */
static void XMLCALL on_doctype(void *ctx, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int has_subset) {
  struct sheet_part *part = ctx;
  struct error err;
  (void)name, (void)system, (void)public, (void)has_subset;
  error_set(&err, ERR_INVALID, "a document type in the workbook");
  sheet_part_fail(part, &err);
}

bool sheet_part_open(struct sheet_part *part, unzFile zip, const char *name, size_t max,
                     const struct sheet_part_handler *handler, void *ctx, struct error *err) {
  *part = (struct sheet_part){.zip = zip, .handler = handler, .ctx = ctx, .left = max};
  if (unzLocateFile(zip, name, 2) != UNZ_OK) return error_set(err, ERR_NOT_FOUND, "no %s in the workbook", name);
  if (unzOpenCurrentFile(zip) != UNZ_OK) return error_set(err, ERR_INVALID, "cannot inflate %s", name);
  part->is_open = true;
  part->parser = XML_ParserCreate(NULL);
  if (part->parser == NULL) abort(); /* no memory: as every allocation of the core */
  XML_SetUserData(part->parser, part);
  XML_SetElementHandler(part->parser, on_start, on_end);
  if (handler->text != NULL) XML_SetCharacterDataHandler(part->parser, on_text);
  XML_SetStartDoctypeDeclHandler(part->parser, on_doctype);
  return true;
}

void sheet_part_pause(struct sheet_part *part) {
  part->is_paused = true;
  XML_StopParser(part->parser, XML_TRUE);
}

void sheet_part_fail(struct sheet_part *part, const struct error *err) {
  if (part->failure.code == ERR_NONE) part->failure = *err;
  XML_StopParser(part->parser, XML_FALSE);
}

static enum XML_Status feed(struct sheet_part *part) {
  if (part->is_paused) {
    part->is_paused = false;
    return XML_ResumeParser(part->parser);
  }
  void *chunk = XML_GetBuffer(part->parser, CHUNK);
  int len = chunk != NULL ? unzReadCurrentFile(part->zip, chunk, CHUNK) : -1;
  if (len < 0) {
    error_set(&part->failure, ERR_INVALID, "the workbook is damaged");
    return XML_STATUS_ERROR;
  }
  if ((size_t)len > part->left) {
    error_set(&part->failure, ERR_LIMIT, "the workbook is too large");
    return XML_STATUS_ERROR;
  }
  part->left -= (size_t)len;
  part->is_over = len == 0;
  return XML_ParseBuffer(part->parser, len, part->is_over);
}

enum sheet_part_step sheet_part_next(struct sheet_part *part, struct error *err) {
  while (!part->is_over || part->is_paused) {
    enum XML_Status status = feed(part);
    if (part->failure.code != ERR_NONE) {
      if (err != NULL) *err = part->failure;
      return SHEET_PART_FAILED;
    }
    if (status == XML_STATUS_ERROR) {
      error_set(err, ERR_INVALID, "the workbook is damaged: %s", XML_ErrorString(XML_GetErrorCode(part->parser)));
      return SHEET_PART_FAILED;
    }
    if (status == XML_STATUS_SUSPENDED) return SHEET_PART_PAUSED;
  }
  return SHEET_PART_OVER;
}

void sheet_part_close(struct sheet_part *part) {
  if (part->parser != NULL) XML_ParserFree(part->parser);
  if (part->is_open) unzCloseCurrentFile(part->zip);
  part->parser = NULL;
  part->is_open = false;
}
