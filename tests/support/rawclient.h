#pragma once

#include <QByteArray>
#include <QHash>

#include <chrono>
#include <optional>

namespace photolift::test {

/// One answer as it came from the wire.
struct RawAnswer {
    int status = 0; ///< 0: none came
    QHash<QByteArray, QByteArray> headers; ///< names in lower case
    QByteArray body;
};

/// A blocking TCP client that sends exactly the bytes it is given: broken heads, half bodies, slow drips.
/// Every wait ends after `patience`.
class RawClient
{
public:
    /// `from`: another address of this computer, such as 127.0.0.2; empty: whichever.
    explicit RawClient(quint16 port, std::chrono::milliseconds patience = std::chrono::seconds(20), const QByteArray &from = {});
    ~RawClient();
    RawClient(const RawClient &) = delete;
    RawClient &operator=(const RawClient &) = delete;

    bool isConnected() const { return m_socket >= 0; }
    bool send(QByteArrayView bytes); ///< false: the peer has closed or reset
    void endSending();               ///< FIN, the other direction stays open
    void reset();                    ///< RST
    /// The next answer of this connection; 100 Continue counts as one.
    RawAnswer read();
    /// Sends and reads.
    RawAnswer ask(QByteArrayView bytes);
    /// Waits until the server has closed; what it sent before is thrown away. False: it did not within the time.
    bool isClosedWithin(std::chrono::milliseconds time);
    /// True when at least one byte can be read now or within the time.
    bool hasDataWithin(std::chrono::milliseconds time);

private:
    bool fill(std::chrono::milliseconds time);

    int m_socket = -1;
    std::chrono::milliseconds m_patience;
    QByteArray m_pending;
};

} // namespace photolift::test
