/* multipart/form-data: from the socket to files, and what is left when it goes wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/hash.h"
#include "support/net_rig.h"

#define TYPE "multipart/form-data; boundary=XX"
#define PART "--XX\r\nContent-Disposition: form-data"
#define FIELD(name, value) PART "; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_PART(name, filename, value)                                                          \
  PART "; name=\"" name "\"; filename=\"" filename "\"\r\nContent-Type: text/plain\r\n\r\n" value \
       "\r\n"
#define CLOSING "--XX--\r\n"
#define SHA_OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA_OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static int count_files(const char *dir) {
  DIR *folder = opendir(dir);
  int count = 0;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) count += entry->d_name[0] != '.';
  closedir(folder);
  return count;
}

static void forget_form(struct rig *rig) {
  net_multipart_free(rig->form);
  rig->form = NULL;
}

static struct rig_answer post(struct rig *rig, const char *type, struct slice body) {
  struct bytes text = {0};
  bytes_addf(&text,
             "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\n"
             "Content-Length: %zu\r\n\r\n",
             type, body.len);
  bytes_add(&text, body.data, body.len);
  struct rig_client *client = rig_connect(rig);
  rig_send(client, text.data, text.len);
  struct rig_answer answer = rig_answer(client);
  rig_hang_up(client);
  bytes_deinit(&text);
  return answer;
}

struct form_case {
  const char *name;
  const char *body;
  int status;
  const char *answer; /* NULL: not looked at */
};

static const struct form_case cases[] = {
    {"a field", FIELD("a", "b") CLOSING, 200, "a=b\n"},
    {"two fields of one name", FIELD("a[]", "1") FIELD("a[]", "2") CLOSING, 200, "a[]=1\na[]=2\n"},
    {"an empty field", FIELD("a", "") CLOSING, 200, "a=\n"},
    {"a file", FILE_PART("f", "doc.txt", "abc") CLOSING, 200,
     "f: doc.txt, text/plain, 3, " SHA_OF_ABC "\n"},
    {"an empty file with a name", FILE_PART("f", "doc.txt", "") CLOSING, 200,
     "f: doc.txt, text/plain, 0, " SHA_OF_NOTHING "\n"},
    {"a file input left empty", FIELD("a", "b") FILE_PART("f", "", "") CLOSING, 200, "a=b\n"},
    {"files and fields mixed",
     FILE_PART("f", "1", "abc") FIELD("a", "b") FILE_PART("f", "2", "abc") CLOSING, 200,
     "f: 1, text/plain, 3, " SHA_OF_ABC "\na=b\nf: 2, text/plain, 3, " SHA_OF_ABC "\n"},
    {"name in Russian, with quotes", FILE_PART("ф", "Приказ %22О приёме%22.pdf", "abc") CLOSING,
     200, "ф: Приказ \"О приёме\".pdf, text/plain, 3, " SHA_OF_ABC "\n"},
    {"Windows path as a name", FILE_PART("f", "C:\\docs\\a.txt", "abc") CLOSING, 200,
     "f: a.txt, text/plain, 3, " SHA_OF_ABC "\n"},
    {"climbing path as a name", FILE_PART("f", "../../etc/passwd", "abc") CLOSING, 200,
     "f: passwd, text/plain, 3, " SHA_OF_ABC "\n"},
    {"preamble and epilogue", "before\r\n" FIELD("a", "b") CLOSING "after", 200, "a=b\n"},
    {"blanks behind the boundary",
     "--XX \t\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--XX--", 200, "a=b\n"},
    {"delimiter with something behind", FIELD("a", "\r\n--XXY\r\n") CLOSING, 400, NULL},
    {"half delimiters in the data", FIELD("a", "\r\n--X\r\n-\r\r\n\r") CLOSING, 200,
     "a=\r\n--X\r\n-\r\r\n\r\n"},
    {"no parts", CLOSING, 200, ""},
    {"torn before the end", FIELD("a", "b"), 400, NULL},
    {"torn in a file", PART "; name=f; filename=x\r\n\r\nabc", 400, NULL},
    {"empty body", "", 400, NULL},
    {"no disposition", "--XX\r\nContent-Type: text/plain\r\n\r\nb\r\n" CLOSING, 400, NULL},
    {"no headers", "--XX\r\n\r\nb\r\n" CLOSING, 400, NULL},
    {"two dispositions",
     PART "; name=a\r\nContent-Disposition: form-data; name=b\r\n\r\nc\r\n" CLOSING, 400, NULL},
    {"no name", PART "\r\n\r\nb\r\n" CLOSING, 400, NULL},
    {"empty name", FIELD("", "b") CLOSING, 400, NULL},
    {"name that is no UTF-8", FIELD("\xff", "b") CLOSING, 400, NULL},
    {"field that is no UTF-8", FIELD("a", "\xd1") CLOSING, 400, NULL},
    {"folded header", PART ";\r\n name=a\r\n\r\nb\r\n" CLOSING, 400, NULL},
    {"bare LF in headers", PART "; name=a\n\r\nb\r\n" CLOSING, 400, NULL},
    {"too many files",
     FILE_PART("f", "1", "a") FILE_PART("f", "2", "a") FILE_PART("f", "3", "a")
         FILE_PART("f", "4", "a") CLOSING,
     413, NULL},
    {"too many fields",
     FIELD("a", "") FIELD("a", "") FIELD("a", "") FIELD("a", "") FIELD("a", "") FIELD("a", "")
         CLOSING,
     413, NULL},
};

static void every_form_gives_what_it_holds(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct form_case *c = &cases[i];
    struct rig_answer answer = post(rig, TYPE, slice_of(c->body));
    if (answer.status != c->status)
      fail_msg("%s: %d expected, got %d", c->name, c->status, answer.status);
    const char *body = answer.body.data != NULL ? answer.body.data : "";
    if (c->answer != NULL && strcmp(c->answer, body) != 0)
      fail_msg("%s: expected\n%s\ngot\n%s", c->name, c->answer, body);
    bytes_deinit(&answer.body);
    forget_form(rig);
    RIG_WAIT(rig, count_files(rig->dir) == 0);
  }
  rig_free(rig);
}

static void other_media_types_are_refused(void **state) {
  (void)state;
  static const char *const types[] = {
      "text/plain", "multipart/form-data", "multipart/mixed; boundary=XX",
      "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a\x01\""};
  struct rig *rig = rig_new(NULL);
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    struct rig_answer answer = post(rig, types[i], slice_of(FIELD("a", "b") CLOSING));
    assert_int_equal(400, answer.status);
    bytes_deinit(&answer.body);
  }
  rig_free(rig);
}

/* A large file of pseudo-random bytes, with many line ends. */
static struct bytes large_form(size_t size) {
  struct bytes body = {0};
  bytes_add_str(&body, "--XX\r\nContent-Disposition: form-data; name=f; filename=big\r\n\r\n");
  uint32_t x = 1;
  for (size_t i = 0; i < size; i++) {
    x = x * 1664525 + 1013904223;
    unsigned char c = (unsigned char)(x >> 24);
    bytes_add_char(&body, c < 128 ? "\r\n--"[c & 3] : (char)c);
  }
  bytes_add_str(&body, "\r\n" CLOSING);
  return body;
}

static void a_large_file_arrives_unharmed(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct bytes body = large_form(3000000);
  size_t begin = (size_t)(strstr(body.data, "\r\n\r\n") + 4 - body.data);
  char sum[65];
  crypto_sha256_hex(body.data + begin, 3000000, sum);
  struct rig_answer answer = post(rig, TYPE, (struct slice){body.data, body.len});
  assert_int_equal(200, answer.status);
  assert_string_equal(sum, rig->form->parts[0].sha256);
  struct stat stat_;
  assert_int_equal(0, stat(rig->form->parts[0].path, &stat_));
  assert_int_equal(3000000, stat_.st_size);
  assert_int_equal(0600, stat_.st_mode & 0777);
  bytes_deinit(&answer.body);
  bytes_deinit(&body);
  rig_free(rig);
}

static void a_file_that_was_taken_stays(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct rig_answer answer = post(rig, TYPE, slice_of(FILE_PART("f", "a", "abc") CLOSING));
  char *path = rig->form->parts[0].path;
  rig->form->parts[0].path = NULL;
  forget_form(rig);
  assert_int_equal(0, unlink(path));
  free(path);
  bytes_deinit(&answer.body);
  rig_free(rig);
}

static void what_is_too_large_leaves_no_file(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct bytes body = large_form(5000000); /* one file may have 4 MiB */
  struct rig_answer answer = post(rig, TYPE, (struct slice){body.data, body.len});
  assert_int_equal(413, answer.status);
  bytes_deinit(&answer.body);
  bytes_deinit(&body);
  body = large_form(9000000); /* the form 8 MiB */
  answer = post(rig, TYPE, (struct slice){body.data, body.len});
  assert_int_equal(413, answer.status);
  bytes_deinit(&answer.body);
  bytes_deinit(&body);
  RIG_WAIT(rig, count_files(rig->dir) == 0);
  rig_free(rig);
}

static void a_client_that_leaves_in_an_upload_leaves_no_file(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  struct bytes body = large_form(2000000);
  for (int cut = 100; cut < 2000000; cut += 300000) {
    struct rig_client *client = rig_connect(rig);
    rig_say(client, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: " TYPE
                    "\r\nContent-Length: 2000200\r\n\r\n");
    rig_send(client, body.data, (size_t)cut);
    int before = rig->read_done;
    rig_hang_up(client);
    RIG_WAIT(rig, rig->read_done == before + 1);
    assert_int_equal(ERR_CLOSED, rig->read_error);
    RIG_WAIT(rig, count_files(rig->dir) == 0);
  }
  assert_int_equal(0, net_server_stats(rig->server).in_flight);
  bytes_deinit(&body);
  rig_free(rig);
}

static void a_folder_that_cannot_be_written_is_an_error_not_a_crash(void **state) {
  (void)state;
  struct rig *rig = rig_new(NULL);
  char dir[64];
  strcpy(dir, rig->dir);
  strcpy(rig->dir, "/nonexistent");
  struct rig_answer answer = post(rig, TYPE, slice_of(FILE_PART("f", "a", "abc") CLOSING));
  assert_int_equal(400, answer.status);
  assert_int_equal(ERR_IO, rig->read_error);
  bytes_deinit(&answer.body);
  strcpy(rig->dir, dir);
  rig_free(rig);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_form_gives_what_it_holds),
      cmocka_unit_test(other_media_types_are_refused),
      cmocka_unit_test(a_large_file_arrives_unharmed),
      cmocka_unit_test(a_file_that_was_taken_stays),
      cmocka_unit_test(what_is_too_large_leaves_no_file),
      cmocka_unit_test(a_client_that_leaves_in_an_upload_leaves_no_file),
      cmocka_unit_test(a_folder_that_cannot_be_written_is_an_error_not_a_crash),
  };
  return cmocka_run_group_tests_name("net upload", tests, NULL, NULL);
}
