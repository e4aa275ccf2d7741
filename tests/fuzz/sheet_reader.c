/* Tables: whatever the bytes, every row is valid UTF-8 and within its bounds. Begins with "PK" = XLSX. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "sheet/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char path[64];
  if (path[0] == '\0') snprintf(path, sizeof path, "/tmp/copp-fuzz-sheet-%d", (int)getpid());
  FILE *file = fopen(path, "wb");
  assert(file != NULL && fwrite(data, 1, size, file) == size);
  fclose(file);
  struct sheet_reader *reader;
  struct error err = {0};
  enum sheet_step step = SHEET_FAILED;
  if (sheet_reader_open(path, &reader, &err)) {
    while ((step = sheet_reader_next(reader, &err)) == SHEET_ROW) {
      const struct sheet_row *row = sheet_reader_row(reader);
      assert(row->count > 0 && row->count <= SHEET_COLUMNS_MAX && row->number > 0);
      assert(utf8_is_valid(row->text.data, row->text.len));
      for (int i = 0; i < row->count; i++) assert(row->ends[i] <= row->text.len);
    }
  }
  assert(step == SHEET_END || err.code == ERR_INVALID || err.code == ERR_LIMIT);
  sheet_reader_free(reader);
  unlink(path);
  return 0;
}
