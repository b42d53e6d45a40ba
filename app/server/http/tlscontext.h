#pragma once

#include "models/vocabulary/result.h"

#include <QString>

#include <memory>

struct ssl_ctx_st; // OpenSSL's, whose headers nobody else needs

namespace photolift::server {

/// Where the server's identity lies, both PEM. The certificate file holds the whole chain, the server's own first.
struct TlsFiles {
    QString certificate;
    QString key; ///< without a passphrase

    bool isEmpty() const { return certificate.isEmpty() && key.isEmpty(); }
};

/// What new connections are made with; one that is open holds on to its own.
using TlsContext = std::shared_ptr<ssl_ctx_st>;

/// Reads the pair. NETWORK_IDENTITY_UNTRUSTED, with a sentence for the log, when a file cannot be read, the two do not belong together
/// or the certificate is not valid now. TLS 1.2 and 1.3, authenticated ciphers only.
Result<TlsContext> loadTls(const TlsFiles &files);

} // namespace photolift::server
