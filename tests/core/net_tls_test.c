/* TLS in the core: handshake, versions, large bodies, exchange of the certificate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/net_rig.h"

static char dir[64];
static char certs[2][128], keys[2][128];

static void make_certificate(const char *name, const char *cert_path, const char *key_path) {
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *cert = X509_new();
  X509_set_version(cert, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
  X509_gmtime_adj(X509_getm_notBefore(cert), -60);
  X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
  X509_set_pubkey(cert, key);
  X509_NAME *subject = X509_get_subject_name(cert);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
  X509_set_issuer_name(cert, subject);
  X509_sign(cert, key, EVP_sha256());
  FILE *file = fopen(cert_path, "w");
  PEM_write_X509(file, cert);
  fclose(file);
  file = fopen(key_path, "w");
  PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
  fclose(file);
  X509_free(cert);
  EVP_PKEY_free(key);
}

static int make_certificates(void **state) {
  (void)state;
  strcpy(dir, "/tmp/copp-tls-XXXXXX");
  if (mkdtemp(dir) == NULL) return -1;
  for (int i = 0; i < 2; i++) {
    snprintf(certs[i], sizeof certs[i], "%s/cert%d.pem", dir, i);
    snprintf(keys[i], sizeof keys[i], "%s/key%d.pem", dir, i);
    make_certificate(i == 0 ? "first" : "second", certs[i], keys[i]);
  }
  return 0;
}

static int remove_certificates(void **state) {
  (void)state;
  for (int i = 0; i < 2; i++) {
    unlink(certs[i]);
    unlink(keys[i]);
  }
  return rmdir(dir);
}

static struct rig *tls_rig(void) {
  struct net_server_config config = NET_SERVER_CONFIG;
  config.tls_cert = certs[0];
  config.tls_key = keys[0];
  config.handshake_ms = 100;
  return rig_new(&config);
}

static struct rig_client *connect_with(struct rig *rig, SSL_CTX *ctx) {
  struct rig_client *client = rig_connect(rig);
  rig_start_tls(client, ctx);
  return client;
}

static void check_hello(struct rig_client *client) {
  rig_say(client, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  struct rig_answer answer = rig_answer(client);
  assert_int_equal(200, answer.status);
  assert_string_equal("hello", answer.body.data);
  assert_non_null(rig_header(&answer, "Strict-Transport-Security"));
  bytes_deinit(&answer.body);
}

static void it_speaks_1_3_and_1_2_by_aead_only(void **state) {
  (void)state;
  struct rig *rig = tls_rig();
  static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};
  for (int i = 0; i < 2; i++) {
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(ctx, versions[i]);
    SSL_CTX_set_alpn_protos(ctx, (const unsigned char *)"\x02h2\x08http/1.1", 12);
    struct rig_client *client = connect_with(rig, ctx);
    assert_false(client->is_closed);
    assert_int_equal(versions[i], SSL_version(client->ssl));
    assert_non_null(strstr(SSL_get_cipher_name(client->ssl), "GCM"));
    const unsigned char *protocol;
    unsigned len;
    SSL_get0_alpn_selected(client->ssl, &protocol, &len);
    assert_memory_equal("http/1.1", protocol, len);
    check_hello(client);
    check_hello(client);
    rig_hang_up(client);
    SSL_CTX_free(ctx);
  }
  rig_free(rig);
}

static void what_is_old_or_foreign_is_refused(void **state) {
  (void)state;
  struct rig *rig = tls_rig();
  SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_security_level(ctx, 0);
  SSL_CTX_set_max_proto_version(ctx, TLS1_1_VERSION);
  struct rig_client *client = connect_with(rig, ctx);
  assert_true(client->is_closed);
  rig_hang_up(client);
  SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(ctx, "ECDHE-ECDSA-AES128-SHA256"); /* CBC */
  client = connect_with(rig, ctx);
  assert_true(client->is_closed);
  rig_hang_up(client);
  SSL_CTX_free(ctx);
  client = rig_connect(rig); /* no TLS at all */
  rig_say(client, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  rig_wait_closed(client);
  rig_hang_up(client);
  assert_int_equal(3, net_server_stats(rig->server).tls_failed);
  rig_free(rig);
}

static void a_handshake_has_a_deadline(void **state) {
  (void)state;
  struct rig *rig = tls_rig();
  struct rig_client *client = rig_connect(rig);
  rig_send(client, "\x16\x03\x01\x02", 4); /* the begin of a hello */
  rig_wait_closed(client);
  assert_int_equal(1, net_server_stats(rig->server).tls_failed);
  rig_hang_up(client);
  rig_free(rig);
}

static void large_bodies_pass_both_ways(void **state) {
  (void)state;
  struct rig *rig = tls_rig();
  SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
  struct rig_client *client = connect_with(rig, ctx);
  rig_say(client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  char *data = mem_alloc(1000000);
  for (unsigned i = 0; i < 1000000; i++) data[i] = (char)(i * 7919 >> 8);
  rig_send(client, data, 1000000);
  struct rig_answer answer = rig_answer(client);
  assert_int_equal(1000000, answer.body.len);
  assert_memory_equal(data, answer.body.data, 1000000);
  bytes_deinit(&answer.body);
  for (int i = 0; i < 20; i++) rig_say(client, "GET /page HTTP/1.1\r\nHost: a\r\n\r\n");
  for (int i = 0; i < 20; i++) {
    answer = rig_answer(client);
    assert_int_equal(200, answer.status);
    bytes_deinit(&answer.body);
  }
  free(data);
  rig_hang_up(client);
  SSL_CTX_free(ctx);
  rig_free(rig);
}

static void the_end_is_announced(void **state) {
  (void)state;
  struct rig *rig = tls_rig();
  SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
  struct rig_client *client = connect_with(rig, ctx);
  rig_say(client, "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  struct rig_answer answer = rig_answer(client);
  assert_int_equal(200, answer.status);
  rig_wait_closed(client);
  assert_int_equal(SSL_RECEIVED_SHUTDOWN, SSL_get_shutdown(client->ssl) & SSL_RECEIVED_SHUTDOWN);
  bytes_deinit(&answer.body);
  rig_hang_up(client);
  client = connect_with(rig, ctx);
  rig_say(client, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  RIG_WAIT(rig, rig->held != NULL);
  SSL_shutdown(client->ssl); /* its goodbye, with an answer still due */
  for (int i = 0; i < 5; i++) rig_turn(rig);
  net_respond(rig->held, &(struct net_answer){.status = 200});
  RIG_WAIT(rig, net_server_stats(rig->server).connections_open == 0);
  rig_hang_up(client);
  SSL_CTX_free(ctx);
  rig_free(rig);
}

static void a_stream_waits_for_a_slow_reader(void **state) {
  (void)state;
  struct rig *rig = tls_rig();
  SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
  struct rig_client *client = connect_with(rig, ctx);
  rig_say(client, "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
  RIG_WAIT(rig, rig->held != NULL);
  char *data = mem_zero(100000);
  size_t written = 0;
  enum net_flow flow;
  do {
    flow = net_stream_write(rig->held, (struct slice){data, 100000}, NULL);
    written += 100000;
  } while (flow == NET_FLOW_READY && written < (64u << 20));
  assert_int_equal(NET_FLOW_WAIT, flow);
  net_stream_end(rig->held);
  struct rig_answer answer = rig_answer(client);
  assert_int_equal(written + strlen("data: begin\n\n"), answer.body.len);
  bytes_deinit(&answer.body);
  free(data);
  rig_hang_up(client);
  SSL_CTX_free(ctx);
  rig_free(rig);
}

static void check_subject(struct rig_client *client, const char *name) {
  char text[64];
  X509 *cert = SSL_get1_peer_certificate(client->ssl);
  X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, text, sizeof text);
  assert_string_equal(name, text);
  X509_free(cert);
}

static void a_new_certificate_is_for_new_connections(void **state) {
  (void)state;
  struct rig *rig = tls_rig();
  SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
  struct rig_client *old = connect_with(rig, ctx);
  check_subject(old, "first");
  struct error err = {0};
  assert_false(net_server_reload_tls(rig->server, certs[1], keys[0], &err)); /* no pair */
  assert_int_equal(ERR_INVALID, err.code);
  assert_true(net_server_reload_tls(rig->server, certs[1], keys[1], &err));
  struct rig_client *new = connect_with(rig, ctx);
  check_subject(new, "second");
  check_hello(old);
  check_hello(new);
  rig_hang_up(old);
  rig_hang_up(new);
  SSL_CTX_free(ctx);
  rig_free(rig);
}

static void a_bad_certificate_stops_the_start(void **state) {
  (void)state;
  struct loop loop;
  struct error err = {0};
  struct log log = {2, LOG_ERROR, "test"};
  struct net_server_config config = NET_SERVER_CONFIG;
  config.tls_cert = "/nonexistent";
  config.tls_key = keys[0];
  assert_true(loop_init(&loop, &err));
  assert_null(net_server_new(&loop, &config, &log, &err));
  assert_non_null(strstr(err.text, "/nonexistent"));
  loop_deinit(&loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_speaks_1_3_and_1_2_by_aead_only),
      cmocka_unit_test(what_is_old_or_foreign_is_refused),
      cmocka_unit_test(a_handshake_has_a_deadline),
      cmocka_unit_test(large_bodies_pass_both_ways),
      cmocka_unit_test(the_end_is_announced),
      cmocka_unit_test(a_stream_waits_for_a_slow_reader),
      cmocka_unit_test(a_new_certificate_is_for_new_connections),
      cmocka_unit_test(a_bad_certificate_stops_the_start),
  };
  return cmocka_run_group_tests_name("net tls", tests, make_certificates, remove_certificates);
}
