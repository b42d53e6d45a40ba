#include "app/server/http/tlscontext.h"

#include <QFile>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {
Error untrusted(const QString &what)
{
    QString why;
    if (const unsigned long code = ERR_peek_last_error(); code != 0) {
        const char *reason = ERR_reason_error_string(code);
        why = u": "_s % QString::fromLatin1(reason != nullptr ? reason : "unknown");
    }
    ERR_clear_error();
    return Error{ErrorCode::NetworkIdentityUntrusted, what % why};
}

/// Nobody is there to be asked for a passphrase: OpenSSL would wait for one at the terminal.
int noPassphrase(char *, int, int, void *)
{
    return 0;
}
}

Result<TlsContext> loadTls(const TlsFiles &files)
{
    ERR_clear_error();
    TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!context)
        return untrusted(u"no TLS"_s);
    SSL_CTX *raw = context.get();
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS); // 500 desktops wait for changes, each would keep 34 KiB
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF); // tickets do it without memory here
    SSL_CTX_set_default_passwd_cb(raw, noPassphrase);

    if (SSL_CTX_use_certificate_chain_file(raw, QFile::encodeName(files.certificate).constData()) != 1)
        return untrusted(u"the certificate file cannot be used"_s);
    if (SSL_CTX_use_PrivateKey_file(raw, QFile::encodeName(files.key).constData(), SSL_FILETYPE_PEM) != 1)
        return untrusted(u"the key file cannot be used"_s);
    if (SSL_CTX_check_private_key(raw) != 1)
        return untrusted(u"certificate and key do not belong together"_s);
    const X509 *certificate = SSL_CTX_get0_certificate(raw);
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
        return untrusted(u"the certificate has expired"_s);
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
        return untrusted(u"the certificate is not valid yet"_s);
    return context;
}

} // namespace photolift::server
