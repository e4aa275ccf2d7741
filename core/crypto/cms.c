/* Detached CMS, and certificates for mocks. */
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include "crypto/key.h"

enum { TEN_YEARS_S = 3652 * 86400, RSA_BITS = 2048 };

static BIO *reader(struct slice text) {
  BIO *bio = BIO_new_mem_buf(text.len != 0 ? text.data : "", (int)text.len);
  if (bio == NULL) abort(); /* no memory */
  return bio;
}

static bool write_der(CMS_ContentInfo *cms, struct bytes *der) {
  BIO *out = BIO_new(BIO_s_mem());
  bool ok = out != NULL && i2d_CMS_bio(out, cms) == 1;
  if (ok) crypto_key_take(der, out);
  BIO_free(out);
  return ok;
}

bool crypto_cms_sign(struct slice certificate_pem, struct slice key_pem, struct slice text,
                     struct bytes *der, struct error *err) {
  EVP_PKEY *key = crypto_key_any(key_pem, err);
  X509 *certificate = key != NULL ? crypto_key_certificate(certificate_pem, err) : NULL;
  bool ok = certificate != NULL;
  if (ok && X509_check_private_key(certificate, key) != 1)
    ok = error_set(err, ERR_INVALID, "the certificate is not that of the key");
  BIO *in = reader(text);
  CMS_ContentInfo *cms = NULL;
  if (ok) {
    cms = CMS_sign(certificate, key, NULL, in, CMS_DETACHED | CMS_BINARY);
    ok = cms != NULL && write_der(cms, der);
    if (!ok) error_set(err, ERR_INVALID, "the key does not sign");
  }
  CMS_ContentInfo_free(cms);
  BIO_free(in);
  X509_free(certificate);
  EVP_PKEY_free(key);
  ERR_clear_error();
  return ok;
}

static bool cms_fits(CMS_ContentInfo *cms, X509 *certificate, struct slice text) {
  STACK_OF(X509) *known = sk_X509_new_null();
  if (known == NULL || sk_X509_push(known, certificate) <= 0) abort(); /* no memory */
  BIO *content = reader(text);
  /* Only the given certificate may have signed; whom it trusts is not asked. */
  unsigned flags = CMS_DETACHED | CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY;
  bool ok = CMS_verify(cms, known, NULL, content, NULL, flags) == 1;
  BIO_free(content);
  sk_X509_free(known);
  return ok;
}

bool crypto_cms_verify(struct slice certificate_pem, struct slice der, struct slice text,
                       bool *is_right, struct error *err) {
  *is_right = false;
  X509 *certificate = crypto_key_certificate(certificate_pem, err);
  if (certificate == NULL) return false;
  BIO *in = reader(der);
  CMS_ContentInfo *cms = d2i_CMS_bio(in, NULL);
  *is_right = cms != NULL && cms_fits(cms, certificate, text);
  CMS_ContentInfo_free(cms);
  BIO_free(in);
  X509_free(certificate);
  ERR_clear_error();
  return true;
}

/* ---- certificates for mocks ---- */

static X509 *self_signed(EVP_PKEY *key, const char *name) {
  X509 *made = X509_new();
  if (made == NULL) abort(); /* no memory */
  X509_NAME *subject = X509_get_subject_name(made);
  bool ok = X509_set_version(made, 2) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(made), 1) == 1 &&
            X509_gmtime_adj(X509_getm_notBefore(made), 0) != NULL &&
            X509_gmtime_adj(X509_getm_notAfter(made), TEN_YEARS_S) != NULL &&
            X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) == 1 &&
            X509_set_issuer_name(made, subject) == 1 && X509_set_pubkey(made, key) == 1 &&
            X509_sign(made, key, EVP_sha256()) > 0;
  if (ok) return made;
  X509_free(made);
  return NULL;
}

bool crypto_make_certificate(enum crypto_alg alg, const char *name, struct bytes *certificate_pem,
                             struct bytes *key_pem, struct error *err) {
  EVP_PKEY *key = alg == CRYPTO_RS256   ? EVP_RSA_gen(RSA_BITS)
                  : alg == CRYPTO_ES256 ? EVP_EC_gen("prime256v1")
                                        : NULL;
  X509 *certificate = key != NULL ? self_signed(key, name) : NULL;
  BIO *one = BIO_new(BIO_s_mem()), *two = BIO_new(BIO_s_mem());
  bool ok = certificate != NULL && one != NULL && two != NULL &&
            PEM_write_bio_X509(one, certificate) == 1 &&
            PEM_write_bio_PrivateKey(two, key, NULL, NULL, 0, NULL, NULL) == 1;
  if (ok) {
    crypto_key_take(certificate_pem, one);
    crypto_key_take(key_pem, two);
  }
  BIO_free(one);
  BIO_free(two);
  X509_free(certificate);
  EVP_PKEY_free(key);
  ERR_clear_error();
  return ok || error_set(err, ERR_INTERNAL, "no certificate was made");
}
