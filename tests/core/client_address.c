/* Which addresses outgoing requests may reach. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "net/address.h"

#define TEST(name) static void name(void **state)
#define UNUSED (void)state

static bool is_public(const char *text) {
  struct sockaddr_storage address = {0};
  struct sockaddr_in *in = (struct sockaddr_in *)&address;
  struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address;
  if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
    address.ss_family = AF_INET;
  } else {
    assert_int_equal(1, inet_pton(AF_INET6, text, &in6->sin6_addr));
    address.ss_family = AF_INET6;
  }
  return net_address_is_public((struct sockaddr *)&address);
}

static void assert_all(bool want, const char *const *texts, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (is_public(texts[i]) != want) fail_msg("%s", texts[i]);
  }
}
#define COUNT(array) (sizeof(array) / sizeof *(array))

TEST(addresses_of_this_machine_and_its_neighbours_are_not_public) {
  UNUSED;
  static const char *const texts[] = {
      "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.1", "100.127.255.255",
      "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255",
      "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255",
      "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
      "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
      "64:ff9b:1::1", "100::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1",
      "2001::1", "2001:1ff::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "4000::1", "5f00::1"};
  assert_all(false, texts, COUNT(texts));
}

TEST(addresses_just_outside_of_them_are_public) {
  UNUSED;
  static const char *const texts[] = {
      "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
      "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
      "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
      "203.0.112.255", "203.0.114.0", "223.255.255.255", "8.8.8.8", "2001:200::1", "2001:db7::1", "2001:db9::1",
      "2003::1", "2a00:1450::1", "3ffe::1"};
  assert_all(true, texts, COUNT(texts));
}

TEST(other_families_are_not_public) {
  UNUSED;
  struct sockaddr_storage address = {.ss_family = AF_UNIX};
  assert_false(net_address_is_public((struct sockaddr *)&address));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(addresses_of_this_machine_and_its_neighbours_are_not_public),
      cmocka_unit_test(addresses_just_outside_of_them_are_public),
      cmocka_unit_test(other_families_are_not_public),
  };
  return cmocka_run_group_tests_name("client_address", tests, NULL, NULL);
}
