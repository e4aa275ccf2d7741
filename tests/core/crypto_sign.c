/* Signatures of tokens and requests: those of the RFCs, and ours against changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "crypto/encode.h"
#include "crypto/sign.h"

#define TEST(name) static void name(void **state)

static struct slice of(const struct bytes *bytes) { return (struct slice){bytes->data, bytes->len}; }

static void decode(struct bytes *out, const char *text) {
  assert_true(crypto_unbase64url(out, slice_of(text), NULL));
}

/* RFC 7515, appendix A.3: a token signed by ES256. */
TEST(the_es256_token_of_rfc_7515_is_right_and_a_changed_one_is_not) {
  (void)state;
  static const char text[] =
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  struct bytes x = {0}, y = {0}, signature = {0}, pem = {0};
  bool is_right;
  decode(&x, "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
  decode(&y, "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
  decode(&signature, "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  assert_true(crypto_ec_pem(of(&x), of(&y), &pem, NULL));
  assert_true(crypto_verify(CRYPTO_ES256, of(&pem), slice_of(text), of(&signature), &is_right, NULL));
  assert_true(is_right);
  signature.data[40] ^= 1;
  assert_true(crypto_verify(CRYPTO_ES256, of(&pem), slice_of(text), of(&signature), &is_right, NULL));
  assert_false(is_right);
  bytes_deinit(&x), bytes_deinit(&y), bytes_deinit(&signature), bytes_deinit(&pem);
}

/* RFC 7515, appendix A.2: RS256. */
TEST(the_rs256_token_of_rfc_7515_is_right) {
  (void)state;
  static const char text[] =
      "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  struct bytes n = {0}, e = {0}, signature = {0}, pem = {0};
  bool is_right;
  decode(&n, "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ");
  decode(&e, "AQAB");
  decode(&signature, "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
  assert_true(crypto_rsa_pem(of(&n), of(&e), &pem, NULL));
  assert_true(crypto_verify(CRYPTO_RS256, of(&pem), slice_of(text), of(&signature), &is_right, NULL));
  assert_true(is_right);
  assert_true(crypto_verify(CRYPTO_RS256, of(&pem), slice_of("other"), of(&signature), &is_right, NULL));
  assert_false(is_right);
  bytes_deinit(&n), bytes_deinit(&e), bytes_deinit(&signature), bytes_deinit(&pem);
}

struct pair {
  struct bytes certificate, key;
};

static struct pair make(enum crypto_alg alg) {
  struct pair pair = {0};
  assert_true(crypto_make_certificate(alg, "Тест", &pair.certificate, &pair.key, NULL));
  return pair;
}

static void drop(struct pair *pair) {
  bytes_deinit(&pair->certificate);
  bytes_deinit(&pair->key);
}

TEST(a_key_of_another_kind_is_refused_for_an_algorithm) {
  (void)state;
  struct pair ec = make(CRYPTO_ES256), rsa = make(CRYPTO_RS256);
  struct bytes out = {0};
  struct error err;
  bool is_right;
  assert_false(crypto_sign(CRYPTO_RS256, of(&ec.key), slice_of("x"), &out, &err));
  assert_false(crypto_sign(CRYPTO_ES256, of(&rsa.key), slice_of("x"), &out, &err));
  assert_false(crypto_sign(CRYPTO_ES256, slice_of("not a key"), slice_of("x"), &out, &err));
  assert_int_equal(ERR_INVALID, err.code);
  assert_true(crypto_sign(CRYPTO_RS256, of(&rsa.key), slice_of("x"), &out, &err));
  assert_false(crypto_verify(CRYPTO_ES256, of(&rsa.certificate), slice_of("x"), of(&out), &is_right, &err));
  assert_true(crypto_verify(CRYPTO_RS256, of(&rsa.certificate), slice_of("x"), of(&out), &is_right, &err));
  assert_true(is_right);
  bytes_deinit(&out);
  drop(&ec), drop(&rsa);
}

TEST(a_cms_is_right_for_its_text_and_signer_only) {
  (void)state;
  struct pair one = make(CRYPTO_RS256), two = make(CRYPTO_RS256);
  struct bytes der = {0};
  struct error err;
  bool is_right;
  assert_false(crypto_cms_sign(of(&one.certificate), of(&two.key), slice_of("x"), &der, &err));
  assert_true(crypto_cms_sign(of(&one.certificate), of(&one.key), slice_of("openid 2026"), &der, &err));
  assert_true(crypto_cms_verify(of(&one.certificate), of(&der), slice_of("openid 2026"), &is_right, &err));
  assert_true(is_right);
  assert_true(crypto_cms_verify(of(&one.certificate), of(&der), slice_of("openid 2027"), &is_right, &err));
  assert_false(is_right);
  assert_true(crypto_cms_verify(of(&two.certificate), of(&der), slice_of("openid 2026"), &is_right, &err));
  assert_false(is_right);
  assert_true(crypto_cms_verify(of(&one.certificate), slice_of("junk"), slice_of("openid 2026"), &is_right, &err));
  assert_false(is_right);
  bytes_deinit(&der);
  drop(&one), drop(&two);
}

TEST(numbers_that_make_no_key_are_refused) {
  (void)state;
  struct bytes pem = {0}, x = {0};
  struct error err;
  decode(&x, "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
  assert_false(crypto_ec_pem(of(&x), of(&x), &pem, &err)); /* not on the curve */
  assert_false(crypto_ec_pem(slice_of("x"), of(&x), &pem, &err));
  assert_false(crypto_rsa_pem(of(&x), slice_of("\1\1"), &pem, &err)); /* too short to be safe */
  assert_int_equal(0, pem.len);
  bytes_deinit(&x);
}

TEST(only_known_algorithms_have_names) {
  (void)state;
  enum crypto_alg alg;
  assert_true(crypto_alg_of("ES256", &alg));
  assert_int_equal(CRYPTO_ES256, alg);
  assert_false(crypto_alg_of("none", &alg));
  assert_false(crypto_alg_of("HS256", &alg));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_es256_token_of_rfc_7515_is_right_and_a_changed_one_is_not),
      cmocka_unit_test(the_rs256_token_of_rfc_7515_is_right),
      cmocka_unit_test(a_key_of_another_kind_is_refused_for_an_algorithm),
      cmocka_unit_test(a_cms_is_right_for_its_text_and_signer_only),
      cmocka_unit_test(numbers_that_make_no_key_are_refused),
      cmocka_unit_test(only_known_algorithms_have_names),
  };
  return cmocka_run_group_tests_name("crypto_sign", tests, NULL, NULL);
}
