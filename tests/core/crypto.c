/* Hashes against published vectors; passwords, tokens and encodings by their properties. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/compare.h"
#include "crypto/encode.h"
#include "crypto/hash.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "crypto/seal.h"

#define TEST(name) static void name(void **state)
#define UNUSED (void)state

static struct slice repeated(char c, size_t len) {
  char *text = mem_alloc(len);
  memset(text, c, len);
  return (struct slice){text, len};
}

static void free_slice(struct slice s) { free((char *)s.data); }

/* ---- sha256: FIPS 180-4 examples ---- */

static void assert_sha256(const char *text, const char *want) {
  char hex[CRYPTO_SHA256_HEX];
  crypto_sha256_hex(text, strlen(text), hex);
  assert_string_equal(want, hex);
}

TEST(sha256_gives_the_published_sums) {
  UNUSED;
  assert_sha256("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert_sha256("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(sha256_of_a_million_letters_in_odd_chunks_is_the_published_one) {
  UNUSED;
  struct slice text = repeated('a', 1000000);
  struct crypto_sha256 sum;
  crypto_sha256_init(&sum);
  size_t at = 0;
  for (size_t step = 0; at < text.len; step = (step + 17) % 4099) {
    size_t len = step < text.len - at ? step : text.len - at;
    crypto_sha256_add(&sum, text.data + at, len);
    at += len;
  }
  char hex[CRYPTO_SHA256_HEX];
  crypto_sha256_hex_end(&sum, hex);
  assert_string_equal("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", hex);
  free_slice(text);
}

TEST(a_sum_that_is_given_up_leaks_nothing) {
  UNUSED;
  struct crypto_sha256 sum;
  crypto_sha256_init(&sum);
  crypto_sha256_add(&sum, "x", 1);
  crypto_sha256_deinit(&sum);
  crypto_sha256_deinit(&sum);
}

/* ---- hmac: RFC 4231 ---- */

static void assert_hmac(struct slice key, struct slice data, const char *want) {
  char hex[CRYPTO_SHA256_HEX];
  crypto_hmac_sha256_hex(key, data, hex);
  assert_memory_equal(want, hex, strlen(want)); /* case 5 publishes a cut sum */
}

TEST(hmac_gives_the_sums_of_rfc_4231) {
  UNUSED;
  struct slice key1 = repeated(0x0b, 20), key3 = repeated((char)0xaa, 20);
  struct slice key5 = repeated(0x0c, 20), key6 = repeated((char)0xaa, 131);
  struct slice data3 = repeated((char)0xdd, 50), data4 = repeated((char)0xcd, 50);
  char key4[25];
  for (int i = 0; i < 25; i++) key4[i] = (char)(i + 1);
  assert_hmac(key1, slice_of("Hi There"),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  assert_hmac(slice_of("Jefe"), slice_of("what do ya want for nothing?"),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  assert_hmac(key3, data3, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  assert_hmac((struct slice){key4, 25}, data4,
              "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
  assert_hmac(key5, slice_of("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b");
  assert_hmac(key6, slice_of("Test Using Larger Than Block-Size Key - Hash Key First"),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  assert_hmac(key6, slice_of("This is a test using a larger than block-size key and a larger than "
                             "block-size data. The key needs to be hashed before being used by the "
                             "HMAC algorithm."),
              "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
  struct slice all[] = {key1, key3, key5, key6, data3, data4};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free_slice(all[i]);
}

TEST(hmac_takes_empty_key_and_data) {
  UNUSED;
  assert_hmac((struct slice){0}, (struct slice){0},
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* ---- passwords ---- */

static const char *const secret = "Ёлка и 12 стульев";

TEST(a_password_verifies_against_its_own_sum_only) {
  UNUSED;
  char stored[CRYPTO_PASSWORD_STORED];
  struct error err = {0};
  struct crypto_password_check check;
  assert_true(crypto_password_hash(slice_of(secret), stored, &err));
  assert_memory_equal("$argon2id$v=19$m=19456,t=2,p=1$", stored, 31);
  assert_true(crypto_password_verify(slice_of(secret), stored, &check, &err));
  assert_true(check.is_right);
  assert_false(check.needs_rehash);
  assert_true(crypto_password_verify(slice_of("ёлка и 12 стульев"), stored, &check, &err));
  assert_false(check.is_right);
  assert_true(crypto_password_verify((struct slice){0}, stored, &check, &err));
  assert_false(check.is_right);
}

TEST(the_same_password_is_stored_differently_each_time) {
  UNUSED;
  char first[CRYPTO_PASSWORD_STORED], second[CRYPTO_PASSWORD_STORED];
  assert_true(crypto_password_hash(slice_of(secret), first, NULL));
  assert_true(crypto_password_hash(slice_of(secret), second, NULL));
  assert_string_not_equal(first, second);
}

TEST(a_sum_with_weaker_parameters_verifies_and_asks_for_a_new_one) {
  UNUSED;
  /* The test vector of the reference implementation: m=256, t=2, p=1. */
  const char *stored = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ"
                       "$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  struct crypto_password_check check;
  struct error err = {0};
  assert_true(crypto_password_verify(slice_of("password"), stored, &check, &err));
  assert_true(check.is_right);
  assert_true(check.needs_rehash);
  assert_true(crypto_password_verify(slice_of("Password"), stored, &check, &err));
  assert_false(check.is_right);
  assert_false(check.needs_rehash);
}

TEST(a_stored_form_that_is_none_or_asks_too_much_is_refused) {
  UNUSED;
  static const char *const bad[] = {
      "", "plain", "$argon2id$v=19$m=19456,t=2,p=1$", "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$",
      "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
      "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$argon2id$v=19$m=256,t=999,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$argon2id$v=19$m=-1,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$argon2id$v=19$m=256,t=2,p=0$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct crypto_password_check check = {true, true};
    struct error err = {0};
    assert_false(crypto_password_verify(slice_of("password"), bad[i], &check, &err));
    assert_int_equal(ERR_INVALID, err.code);
    assert_false(check.is_right);
  }
}

TEST(long_passwords_count_to_the_last_byte_and_have_a_cap) {
  UNUSED;
  struct slice longest = repeated('x', CRYPTO_PASSWORD_MAX);
  struct slice too_long = repeated('x', CRYPTO_PASSWORD_MAX + 1);
  char stored[CRYPTO_PASSWORD_STORED];
  struct crypto_password_check check;
  struct error err = {0};
  assert_true(crypto_password_hash(longest, stored, &err));
  assert_true(crypto_password_verify(longest, stored, &check, &err));
  assert_true(check.is_right);
  ((char *)longest.data)[longest.len - 1] = 'y';
  assert_true(crypto_password_verify(longest, stored, &check, &err));
  assert_false(check.is_right);
  assert_false(crypto_password_hash(too_long, stored, &err));
  assert_int_equal(ERR_LIMIT, err.code);
  free_slice(longest);
  free_slice(too_long);
}

TEST(a_password_may_hold_any_byte) {
  UNUSED;
  struct slice with_nul = {"a\0b", 3}, cut = {"a", 1};
  char stored[CRYPTO_PASSWORD_STORED];
  struct crypto_password_check check;
  assert_true(crypto_password_hash(with_nul, stored, NULL));
  assert_true(crypto_password_verify(with_nul, stored, &check, NULL));
  assert_true(check.is_right);
  assert_true(crypto_password_verify(cut, stored, &check, NULL));
  assert_false(check.is_right);
}

TEST(an_unknown_account_is_never_right) {
  UNUSED;
  struct crypto_password_check check = {true, true};
  struct error err = {0};
  assert_true(crypto_password_verify(slice_of(secret), NULL, &check, &err));
  assert_false(check.is_right);
  assert_false(check.needs_rehash);
}

/* ---- random ---- */

TEST(tokens_are_base64url_of_the_asked_length_and_differ) {
  UNUSED;
  struct bytes first = {0}, second = {0};
  crypto_token(&first, 32);
  crypto_token(&second, 32);
  assert_int_equal(43, first.len);
  assert_int_equal(43, strspn(first.data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                          "0123456789-_"));
  assert_string_not_equal(first.data, second.data);
  bytes_deinit(&first);
  bytes_deinit(&second);
}

TEST(a_child_after_fork_draws_other_bytes) {
  UNUSED;
  int ends[2];
  unsigned char mine[32], childs[32] = {0};
  assert_int_equal(0, pipe(ends));
  pid_t pid = fork();
  if (pid == 0) {
    crypto_random(mine, sizeof mine);
    _exit(write(ends[1], mine, sizeof mine) == sizeof mine ? 0 : 1);
  }
  crypto_random(mine, sizeof mine);
  assert_int_equal(sizeof childs, read(ends[0], childs, sizeof childs));
  int status = 0;
  assert_int_equal(pid, waitpid(pid, &status, 0));
  assert_memory_not_equal(mine, childs, sizeof mine);
  close(ends[0]);
  close(ends[1]);
}

TEST(random_numbers_stay_below_their_bound_and_reach_all_values) {
  UNUSED;
  int seen[7] = {0};
  for (int i = 0; i < 7000; i++) {
    uint64_t value = crypto_random_int(7);
    assert_in_range(value, 0, 6);
    seen[value]++;
  }
  /* 1000 expected, sigma 29: a fault in a billion runs. */
  for (int i = 0; i < 7; i++) assert_in_range(seen[i], 810, 1190);
  assert_int_equal(0, crypto_random_int(1));
  (void)crypto_random_int(UINT64_MAX);
}

/* ---- compare, encode ---- */

TEST(equal_is_about_all_bytes) {
  UNUSED;
  assert_true(crypto_equal(slice_of("token"), slice_of("token")));
  assert_false(crypto_equal(slice_of("token"), slice_of("tokem")));
  assert_false(crypto_equal(slice_of("token"), slice_of("token2")));
  assert_true(crypto_equal((struct slice){0}, slice_of("")));
  char wiped[4] = "abc";
  crypto_wipe(wiped, sizeof wiped);
  assert_memory_equal("\0\0\0", wiped, 4);
}

static void assert_base64url(const char *plain, const char *coded) {
  struct bytes out = {0}, back = {0};
  crypto_add_base64url(&out, plain, strlen(plain));
  assert_int_equal(strlen(coded), out.len);
  assert_memory_equal(coded, out.data, out.len);
  assert_true(crypto_unbase64url(&back, slice_of(coded), NULL));
  assert_int_equal(strlen(plain), back.len);
  if (back.len > 0) assert_memory_equal(plain, back.data, back.len);
  bytes_deinit(&out);
  bytes_deinit(&back);
}

TEST(base64url_follows_rfc_4648_without_padding) {
  UNUSED;
  assert_base64url("", "");
  assert_base64url("f", "Zg");
  assert_base64url("fo", "Zm8");
  assert_base64url("foo", "Zm9v");
  assert_base64url("foob", "Zm9vYg");
  assert_base64url("fooba", "Zm9vYmE");
  assert_base64url("foobar", "Zm9vYmFy");
  assert_base64url("\xfb\xff\xfe", "-__-");
}

TEST(broken_base64url_and_hex_leave_the_buffer_as_it_was) {
  UNUSED;
  static const char *const bad64[] = {"Z", "Zm9vY", "Zg==", "Zm9+", "Zm 9", "Zh", "Zm9"};
  static const char *const bad16[] = {"a", "zz", "0g", " 0", "0x"};
  struct bytes out = {0};
  bytes_add_str(&out, "kept");
  struct error err = {0};
  for (size_t i = 0; i < sizeof bad64 / sizeof *bad64; i++) {
    assert_false(crypto_unbase64url(&out, slice_of(bad64[i]), &err));
    assert_string_equal("kept", out.data);
  }
  for (size_t i = 0; i < sizeof bad16 / sizeof *bad16; i++) {
    assert_false(crypto_unhex(&out, slice_of(bad16[i]), &err));
    assert_string_equal("kept", out.data);
  }
  bytes_deinit(&out);
}

TEST(hex_goes_there_and_back) {
  UNUSED;
  struct bytes out = {0}, back = {0};
  crypto_add_hex(&out, "\x00\x7f\xff", 3);
  assert_string_equal("007fff", out.data);
  assert_true(crypto_unhex(&back, slice_of("007FfF"), NULL));
  assert_int_equal(3, back.len);
  assert_memory_equal("\x00\x7f\xff", back.data, 3);
  bytes_deinit(&out);
  bytes_deinit(&back);
}

/* ---- sealed values ---- */

static const struct crypto_seal_key seal_key = {{1, 2, 3}};

static bool opens(const struct crypto_seal_key *key, const char *name, struct slice sealed) {
  struct bytes plain = {0};
  struct error err;
  bool ok = crypto_unseal(key, slice_of(name), sealed, &plain, &err);
  assert_true(ok || plain.len == 0);
  bytes_deinit(&plain);
  return ok;
}

TEST(hmac_sha1_gives_the_sums_of_rfc_2202) {
  UNUSED;
  unsigned char sum[CRYPTO_SHA1_BYTES];
  struct bytes hex = {0};
  crypto_hmac_sha1(slice_of("Jefe"), slice_of("what do ya want for nothing?"), sum);
  crypto_add_hex(&hex, sum, sizeof sum);
  assert_string_equal("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", hex.data);
  bytes_deinit(&hex);
}

TEST(a_sealed_value_opens_under_its_own_name_and_key_only) {
  UNUSED;
  struct crypto_seal_key other = {{3, 2, 1}};
  struct bytes sealed = {0}, plain = {0};
  crypto_seal(&seal_key, slice_of("esia.key"), (struct slice){"a\0b", 3}, &sealed);
  struct slice text = {sealed.data, sealed.len};
  assert_true(crypto_unseal(&seal_key, slice_of("esia.key"), text, &plain, NULL));
  assert_int_equal(3, plain.len);
  assert_memory_equal("a\0b", plain.data, 3);
  assert_false(opens(&seal_key, "esia.keys", text));
  assert_false(opens(&seal_key, "", text));
  assert_false(opens(&other, "esia.key", text));
  bytes_deinit(&sealed);
  bytes_deinit(&plain);
}

TEST(a_sealed_value_that_was_changed_or_cut_anywhere_does_not_open) {
  UNUSED;
  struct bytes sealed = {0};
  crypto_seal(&seal_key, slice_of("n"), slice_of("secret"), &sealed);
  for (size_t i = 0; i < sealed.len; i++) {
    assert_false(opens(&seal_key, "n", (struct slice){sealed.data, i}));
    sealed.data[i] ^= 1;
    assert_false(opens(&seal_key, "n", (struct slice){sealed.data, sealed.len}));
    sealed.data[i] ^= 1;
  }
  assert_true(opens(&seal_key, "n", (struct slice){sealed.data, sealed.len}));
  bytes_deinit(&sealed);
}

TEST(the_same_value_is_sealed_differently_each_time_and_may_be_empty) {
  UNUSED;
  struct bytes one = {0}, two = {0};
  crypto_seal(&seal_key, slice_of("n"), (struct slice){0}, &one);
  crypto_seal(&seal_key, slice_of("n"), (struct slice){0}, &two);
  assert_string_not_equal(one.data, two.data);
  assert_true(opens(&seal_key, "n", (struct slice){one.data, one.len}));
  bytes_deinit(&one);
  bytes_deinit(&two);
}

TEST(the_key_for_sealing_depends_on_the_secret_and_is_not_it) {
  UNUSED;
  struct crypto_seal_key one, two;
  crypto_seal_key_derive(slice_of("01234567890123456789012345678901"), &one);
  crypto_seal_key_derive(slice_of("01234567890123456789012345678902"), &two);
  assert_memory_not_equal(one.bytes, two.bytes, sizeof one.bytes);
  assert_memory_not_equal(one.bytes, "01234567890123456789012345678901", sizeof one.bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sha256_gives_the_published_sums),
      cmocka_unit_test(sha256_of_a_million_letters_in_odd_chunks_is_the_published_one),
      cmocka_unit_test(a_sum_that_is_given_up_leaks_nothing),
      cmocka_unit_test(hmac_gives_the_sums_of_rfc_4231),
      cmocka_unit_test(hmac_takes_empty_key_and_data),
      cmocka_unit_test(a_password_verifies_against_its_own_sum_only),
      cmocka_unit_test(the_same_password_is_stored_differently_each_time),
      cmocka_unit_test(a_sum_with_weaker_parameters_verifies_and_asks_for_a_new_one),
      cmocka_unit_test(a_stored_form_that_is_none_or_asks_too_much_is_refused),
      cmocka_unit_test(long_passwords_count_to_the_last_byte_and_have_a_cap),
      cmocka_unit_test(a_password_may_hold_any_byte),
      cmocka_unit_test(an_unknown_account_is_never_right),
      cmocka_unit_test(tokens_are_base64url_of_the_asked_length_and_differ),
      cmocka_unit_test(a_child_after_fork_draws_other_bytes),
      cmocka_unit_test(random_numbers_stay_below_their_bound_and_reach_all_values),
      cmocka_unit_test(equal_is_about_all_bytes),
      cmocka_unit_test(base64url_follows_rfc_4648_without_padding),
      cmocka_unit_test(broken_base64url_and_hex_leave_the_buffer_as_it_was),
      cmocka_unit_test(hex_goes_there_and_back),
      cmocka_unit_test(hmac_sha1_gives_the_sums_of_rfc_2202),
      cmocka_unit_test(a_sealed_value_opens_under_its_own_name_and_key_only),
      cmocka_unit_test(a_sealed_value_that_was_changed_or_cut_anywhere_does_not_open),
      cmocka_unit_test(the_same_value_is_sealed_differently_each_time_and_may_be_empty),
      cmocka_unit_test(the_key_for_sealing_depends_on_the_secret_and_is_not_it),
  };
  return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
