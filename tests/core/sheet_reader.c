/* Tables that people send: what a spreadsheet shows is what we read, and hostile files end early. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <minizip/zip.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/mem.h"
#include "sheet/book.h"
#include "sheet/reader.h"

#define TEST(name) static void name(void **state)

static char path[64];

static void new_path(void) {
  snprintf(path, sizeof path, "/tmp/copp-sheet-XXXXXX");
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  close(fd);
}

/* The whole table as "1:a|b 3:c", or the name of the error with what came before. */
static char *read_all(void) {
  static char out[65536];
  struct bytes text = {0};
  struct error err = {0};
  struct sheet_reader *reader;
  enum sheet_step step = SHEET_FAILED;
  if (sheet_reader_open(path, &reader, &err)) {
    while ((step = sheet_reader_next(reader, &err)) == SHEET_ROW) {
      const struct sheet_row *row = sheet_reader_row(reader);
      size_t begin = 0;
      bytes_addf(&text, "%s%d:", text.len > 0 ? " " : "", row->number);
      for (int i = 0; i < row->count; i++) {
        if (i > 0) bytes_add_char(&text, '|');
        bytes_add(&text, row->text.data + begin, row->ends[i] - begin);
        begin = row->ends[i];
      }
    }
  }
  if (step == SHEET_FAILED) bytes_addf(&text, "!%s", error_name(err.code));
  snprintf(out, sizeof out, "%s", text.data != NULL ? text.data : "");
  bytes_deinit(&text);
  sheet_reader_free(reader);
  unlink(path);
  return out;
}

static char *read_csv(const char *csv, size_t len) {
  new_path();
  FILE *file = fopen(path, "wb");
  assert_int_equal(fwrite(csv, 1, len, file), len);
  fclose(file);
  return read_all();
}
#define CSV(text) read_csv(text, sizeof(text) - 1)

TEST(csv_of_any_spreadsheet_is_read) {
  (void)state;
  assert_string_equal(CSV("a;b\r\n1;2\r\n"), "1:a|b 2:1|2");
  assert_string_equal(CSV("\xEF\xBB\xBFСНИЛС,ФИО\n00123,\"Петров, \"\"П\"\"\nИ.\"\n"), "1:СНИЛС|ФИО 2:00123|Петров, \"П\"\nИ.");
  assert_string_equal(CSV("a\tb\r1\t2"), "1:a|b 2:1|2");
  assert_string_equal(CSV("\xD4\xC8\xCE;\xB9\r\n\xB8\xE6;\x96\r\n"), "1:ФИО|№ 2:ёж|–");
  assert_string_equal(CSV("a;b\n\n;;\nx;;\n;y"), "1:a|b 4:x 5:|y");
  assert_string_equal(CSV(""), "");
  assert_string_equal(CSV("\"a;b\";c"), "1:a;b|c");
}

TEST(csv_that_is_no_text_is_refused) {
  (void)state;
  assert_string_equal(CSV("a;b\n1;\"open"), "1:a|b!invalid");
  assert_string_equal(CSV("a\0b"), "!invalid");
  assert_string_equal(CSV("\xFF\xFE""a\0"), "!invalid");
  assert_string_equal(CSV("\xEF\xBB\xBF\xFF"), "!invalid");
}

TEST(a_row_of_csv_is_bounded) {
  (void)state;
  char *wide = mem_alloc(300000);
  memset(wide, ';', 299);
  assert_string_equal(read_csv(wide, 299), "");
  wide[299] = 'x';
  assert_string_equal(read_csv(wide, 300), "!limit");
  memset(wide, 'x', 300000);
  assert_string_equal(read_csv(wide, 300000), "!limit");
  free(wide);
}

TEST(a_workbook_is_read_as_a_person_sees_it) {
  (void)state;
  new_path();
  lxw_workbook *book = workbook_new(path);
  lxw_worksheet *hidden = workbook_add_worksheet(book, "Тайный");
  lxw_worksheet *page = workbook_add_worksheet(book, "Слушатели");
  worksheet_hide(hidden);
  worksheet_activate(page);
  worksheet_set_first_sheet(page);
  worksheet_write_string(hidden, 0, 0, "тайна", NULL);
  lxw_format *day = workbook_add_format(book), *zeros = workbook_add_format(book), *moment = workbook_add_format(book);
  format_set_num_format(day, "dd\\.mm\\.yyyy;@");
  format_set_num_format(zeros, "000\\-000\\-000\\ 00");
  format_set_num_format(moment, "dd.mm.yyyy hh:mm");
  worksheet_write_string(page, 0, 0, "00123", NULL);
  worksheet_write_number(page, 0, 1, 11223344595.0, NULL);
  worksheet_write_number(page, 0, 2, 1234567, zeros);
  lxw_datetime date = {.year = 2026, .month = 2, .day = 28};
  worksheet_write_datetime(page, 2, 0, &date, day);
  date.hour = 9, date.min = 30;
  worksheet_write_datetime(page, 2, 1, &date, moment);
  worksheet_write_number(page, 2, 2, 0.1, NULL);
  worksheet_write_boolean(page, 2, 3, 1, NULL);
  worksheet_write_blank(page, 2, 5, day);
  worksheet_write_string(page, 3, 4, "ёж <&>", NULL);
  assert_int_equal(workbook_close(book), LXW_NO_ERROR);
  assert_string_equal(read_all(), "1:00123|11223344595|00001234567 3:2026-02-28|2026-02-28 09:30|0.1|да 4:||||ёж <&>");
}

/* ---- workbooks made by hand ---- */

static zipFile zip;

static void begin_zip(void) {
  new_path();
  zip = zipOpen64(path, APPEND_STATUS_CREATE);
  assert_non_null(zip);
}

static void put(const char *name, const char *data, size_t len, int times) {
  assert_int_equal(zipOpenNewFileInZip64(zip, name, NULL, NULL, 0, NULL, 0, NULL, Z_DEFLATED, 6, 1), ZIP_OK);
  for (int i = 0; i < times; i++) assert_int_equal(zipWriteInFileInZip(zip, data, (unsigned)len), ZIP_OK);
  assert_int_equal(zipCloseFileInZip(zip), ZIP_OK);
}

static void put_text(const char *name, const char *text) { put(name, text, strlen(text), 1); }

static void put_book(void) {
  put_text("xl/workbook.xml",
           "<x:workbook xmlns:x='m' xmlns:r='r'><x:workbookPr date1904='1'/><x:sheets>"
           "<x:sheet name='a' sheetId='7' r:id='rId9'/></x:sheets></x:workbook>");
  put_text("xl/_rels/workbook.xml.rels", "<Relationships><Relationship Id='rId1' Target='theme.xml'/>"
                                         "<Relationship Id='rId9' Target='/xl/pages/p.xml'/></Relationships>");
}

static char *read_page(const char *page) {
  begin_zip();
  put_book();
  put_text("xl/styles.xml", "<styleSheet><cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>"
                            "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></styleSheet>");
  put_text("xl/sharedStrings.xml",
           "<sst><si><t>один</t></si><si><r><t>д</t></r><r><t>ва</t></r><rPh><t>futatsu</t></rPh></si></sst>");
  put_text("xl/pages/p.xml", page);
  zipClose(zip, NULL);
  return read_all();
}

TEST(a_workbook_of_another_program_is_read) {
  (void)state;
  assert_string_equal(read_page("<x:worksheet xmlns:x='m'><x:sheetData>"
                                "<x:row><x:c t='s'><x:v>1</x:v></x:c><x:c t='s'><x:v>0</x:v></x:c></x:row>"
                                "<x:row r='4'><x:c r='B4' s='1'><x:v>1</x:v></x:c><x:c r='D4' t='inlineStr'><x:is><x:r>"
                                "<x:t>a</x:t></x:r><x:r><x:t>b</x:t></x:r></x:is></x:c><x:c r='E4' t='str'><x:f>A1</x:f>"
                                "<x:v>f</x:v></x:c></x:row></x:sheetData></x:worksheet>"),
                      "1:два|один 4:|1904-01-02||ab|f");
  assert_string_equal(read_page("<worksheet><row r='1'><c t='s'><v>99</v></c><c><v>1e999</v></c></row></worksheet>"), "1:|1e999");
}

TEST(a_hostile_workbook_is_refused) {
  (void)state;
  assert_string_equal(read_page("<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet><row><c><v>&b;</v></c></row></worksheet>"), "!invalid");
  assert_string_equal(read_page("<worksheet><row r='1'><c r='A1'><v>1</v></c><c r='A1'><v>2</v></c></row></worksheet>"), "!invalid");
  assert_string_equal(read_page("<worksheet><row r='1'><c r='ZZZZZZZ1'><v>1</v></c></row></worksheet>"), "!limit");
  assert_string_equal(read_page("<worksheet><row r='99999999'><c><v>1</v></c></row></worksheet>"), "!limit");
  assert_string_equal(read_page("<worksheet><row r='1'><c r='7'><v>1</v></c></row></worksheet>"), "!invalid");
  assert_string_equal(read_page("<worksheet><row><c><v>1</v>"), "!invalid");
  begin_zip();
  put_text("word/document.xml", "<a/>");
  zipClose(zip, NULL);
  assert_string_equal(read_all(), "!invalid");
  assert_string_equal(CSV("PK\3\4 and no more"), "!invalid");
}

TEST(a_bomb_is_not_inflated) {
  (void)state;
  char *zeros = mem_alloc(1 << 20);
  memset(zeros, ' ', 1 << 20);
  begin_zip();
  put_book();
  put("xl/sharedStrings.xml", zeros, 1 << 20, 160);
  zipClose(zip, NULL);
  free(zeros);
  assert_string_equal(read_all(), "!limit");
}

TEST(formats_are_told_apart) {
  (void)state;
  assert_int_equal(sheet_style_of(0, "General").look, SHEET_PLAIN);
  assert_int_equal(sheet_style_of(0, "[$-419]d mmm yyyy").look, SHEET_DATE);
  assert_int_equal(sheet_style_of(0, "#,##0.00\" дн.\"").look, SHEET_PLAIN);
  assert_int_equal(sheet_style_of(0, "0000000000").digits, 10);
  assert_int_equal(sheet_style_of(0, "0.00").look, SHEET_PLAIN);
  assert_int_equal(sheet_style_of(0, "\"y\\").look, SHEET_DATE);
  assert_int_equal(sheet_style_of(0, "").look, SHEET_PLAIN);
  assert_int_equal(sheet_style_of(14, NULL).look, SHEET_DATE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(csv_of_any_spreadsheet_is_read),
      cmocka_unit_test(csv_that_is_no_text_is_refused),
      cmocka_unit_test(a_row_of_csv_is_bounded),
      cmocka_unit_test(a_workbook_is_read_as_a_person_sees_it),
      cmocka_unit_test(a_workbook_of_another_program_is_read),
      cmocka_unit_test(a_hostile_workbook_is_refused),
      cmocka_unit_test(a_bomb_is_not_inflated),
      cmocka_unit_test(formats_are_told_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
