#pragma once

#include "tests/support/rawclient.h"

#include <QByteArray>

#include <memory>

namespace photolift::test {

/// One blocking TLS connection to 127.0.0.1, trusting nobody but the given certificates. For one thread.
class TlsClient
{
public:
    /// `protocol`: the only one offered, such as TLS1_1_VERSION; 0: whatever is usual.
    /// `from`: another address of this computer, such as 127.0.0.2; empty: whichever.
    TlsClient(quint16 port, const QByteArray &trustedPem, int protocol = 0, const QByteArray &from = {});
    ~TlsClient();

    bool isConnected() const { return m_isConnected; }
    QByteArray protocol() const;     ///< such as "TLSv1.3"
    QByteArray peerFingerprint() const;   ///< SHA-256 of the certificate the server has shown
    bool send(QByteArrayView bytes);
    /// One answer with a Content-Length; status 0 when none came.
    RawAnswer read();
    RawAnswer ask(QByteArrayView bytes);

private:
    struct Session;
    std::unique_ptr<Session> m_session;
    QByteArray m_pending;
    bool m_isConnected = false;
};

} // namespace photolift::test
