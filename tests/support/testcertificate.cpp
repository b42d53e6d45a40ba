#include "tests/support/testcertificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <functional>
#include <memory>

namespace photolift::support {

namespace {
QByteArray pemOf(const std::function<void(BIO *)> &write)
{
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), BIO_free_all);
    write(out.get());
    char *bytes = nullptr;
    const long size = BIO_get_mem_data(out.get(), &bytes);
    return QByteArray(bytes, size);
}

void addExtension(X509 *certificate, int what, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(nullptr, &context, what, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}
}

TestCertificate makeTestCertificate(int fromHours, int toHours)
{
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> x509(X509_new(), X509_free);
    X509_set_version(x509.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), fromHours * 3600L);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), toHours * 3600L);
    X509_set_pubkey(x509.get(), key.get());
    X509_NAME *name = X509_get_subject_name(x509.get());
    // Each its own name: a client that trusts two of one name looks for the issuer of the second and takes the first.
    static std::atomic<int> made = 0;
    const QByteArray subject = "Photolift test " + QByteArray::number(++made);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char *>(subject.constData()), -1, -1, 0);
    X509_set_issuer_name(x509.get(), name);
    addExtension(x509.get(), NID_basic_constraints, "critical,CA:TRUE");
    addExtension(x509.get(), NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
    X509_sign(x509.get(), key.get(), EVP_sha256());

    TestCertificate result;
    result.pem = pemOf([&](BIO *out) { PEM_write_bio_X509(out, x509.get()); });
    result.certificate = QSslCertificate(result.pem);
    result.key = QSslKey(pemOf([&](BIO *out) { PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); }), QSsl::Ec);
    return result;
}

} // namespace photolift::support
