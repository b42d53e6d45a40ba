#pragma once

#include "app/server/http/exchange.h"
#include "app/server/objects/sigv4.h"
#include "app/server/objects/uploadfolder.h"

#include <QHash>

#include <functional>
#include <memory>
#include <mutex>

namespace photolift::server {

/// The way in for parts: checks a presigned PUT by its head, then takes the bytes to their place in the upload. Thread-safe.
///
/// A part has one writer at a time. A second PUT of an unacknowledged part takes over from the first: its sender has come back
/// while the server still waits on a dead connection. An acknowledged part is never written again: the identical PUT is
/// read, verified and answered as before, another one is refused.
class PartDoor
{
public:
    struct Options {
        QByteArray incoming; ///< the folder of the uploads
        sigv4::Credentials credentials;
        qint64 maxPartBytes = 0;
        std::function<QDateTime()> now;
        /// After a failed fsync nothing may be trusted until a restart; called from the disk pool.
        std::function<void()> onUnsound;
    };
    explicit PartDoor(Options options);

    /// For exactly the signed PUT a sink, for every other shape a refusal in the words of S3.
    std::variant<std::unique_ptr<BodySink>, HttpResponse> admit(const HttpRequest &request, qint64 contentLength);
    /// Why a link is not good for this request; nullopt: it is.
    std::optional<HttpResponse> signatureRefusal(const HttpRequest &request) const;
    /// Nobody writes into this upload any more when it returns.
    void closeUpload(const QUuid &uploadId);

    /// The headers a link signs besides host and content-length; lower-case names.
    static QList<std::pair<QByteArray, QByteArray>> signedHeaders(const QString &checksumHex);

private:
    friend class PartSink;
    /// The right to write one part, until somebody takes over.
    struct Claim {
        std::mutex mutex; ///< held while writing; guards isLost
        bool isLost = false;
    };
    using PartKey = std::pair<QUuid, int>;

    std::shared_ptr<Claim> claim(const PartKey &key);
    void release(const PartKey &key, const std::shared_ptr<Claim> &claim);

    const Options m_options;
    std::mutex m_mutex; ///< guards m_claims
    QHash<PartKey, std::shared_ptr<Claim>> m_claims;
};

} // namespace photolift::server
