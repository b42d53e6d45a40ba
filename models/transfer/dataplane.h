#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QJsonObject>
#include <QList>
#include <QObject>
#include <QUrl>
#include <QUuid>

#include <memory>
#include <optional>
#include <utility>

namespace photolift::transfer {

/// One part to be PUT: exactly `size` bytes from `offset` of the open file.
struct PartJob {
    QUuid clientUploadId; ///< correlation id
    int number = 0;
    int descriptor = -1; ///< borrowed: stays open until partFinished()
    qint64 offset = 0;
    qint64 size = 0;
    QUrl url;
    QList<std::pair<QByteArray, QByteArray>> headers;
    QString expectedEtag; ///< hex of the checksum the store has to name; anything else is TRANSFER_DAMAGED_ON_THE_WAY
    /// When the link ends, by our clock (PartLink::expiresMs minus the learned offset). Not begun after it, and a refusal after it
    /// is TRANSFER_LINK_EXPIRED; before it, and where it is not known, TRANSFER_LINK_REFUSED.
    std::optional<qint64> linkExpiresMs;
};

struct PartOutcome {
    QUuid clientUploadId;
    int number = 0;
    Result<> result;          ///< one try: the retry policy is the pipeline's
    QString requestId;        ///< the server's or the store's, for an error record
    std::optional<qint64> retryAfterMs; ///< as the header said, not clamped
    QJsonObject timings;      ///< dns_us, connect_us, tls_us, first_byte_us, total_us, rtt_us, retransmits, local_port...: stage_metadata
};

/// The bytes of photos: libcurl multi on one thread, HTTP/1.1, several connections, keep-alive. Functions may be called from any
/// thread; signals come from the data plane's thread (connect queued). Each start() ends in exactly one partFinished().
class DataPlane final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DataPlane)
public:
    struct Options {
        int connections = 4;
        int connectTimeoutMs = 15000;
        int stallTimeoutMs = 60000; ///< no byte acknowledged by the peer for so long: TRANSFER_TIMEOUT
        QByteArray caBundle;        ///< PEM besides the system's; empty: system only
    };
    explicit DataPlane(Options options, QObject *parent = nullptr);
    /// Cancels what runs (each part still gets its partFinished()) and waits for the thread, at most a second: a thread that hangs
    /// in a dying disk is left behind.
    ~DataPlane() override;

    void start(const PartJob &job);
    /// The parts of this upload end soon with USER_CANCELLED.
    void cancel(const QUuid &clientUploadId);
    /// For all connections together; 0: no limit.
    void setRateLimit(qint64 bytesPerSecond);

    /// Bytes of this upload's running parts that the peer has acknowledged (TCP_INFO), 10 times a second; cheap, for a 4 Hz timer.
    /// A part's bytes leave this sum just before its partFinished() arrives.
    qint64 sentBytes(const QUuid &clientUploadId) const;
    qint64 totalSentBytes() const; ///< since the start of the program

Q_SIGNALS:
    void partFinished(const photolift::transfer::PartOutcome &outcome);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::transfer

Q_DECLARE_METATYPE(photolift::transfer::PartOutcome)
