#pragma once

#include "app/server/objects/s3/s3account.h"
#include "app/server/objects/s3/storeclock.h"
#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QHash>
#include <QList>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace photolift::server {

/// One request to the bucket.
struct S3Request {
    using Fields = QList<std::pair<QByteArray, QByteArray>>;

    QByteArray method = "GET";
    QByteArray key;    ///< no leading slash; empty: the bucket itself
    Fields query;
    Fields headers;    ///< lower-case names; all of them are signed
    QByteArray body;   ///< small: XML, pictures; photos never pass through here on their way in
    /// Takes the body of a 2xx answer as it comes; false stops. Without it the body is kept, up to a limit.
    std::function<bool(QByteArrayView)> sink;
    const std::atomic<bool> *cancelled = nullptr; ///< asked about once a second
    bool isTorn = false; ///< announces the whole body and cuts the connection in its middle: how a probe plays an accident
};

struct S3Answer {
    int status = 0;
    QHash<QByteArray, QByteArray> headers; ///< lower-case names; the last of a repeated one
    QByteArray body;
    QByteArray errorCode; ///< S3's word, such as NoSuchKey; empty without one

    QByteArray etag() const; ///< without its quotes
    bool isGood() const { return status >= 200 && status < 300; }
};

/// Sends requests, each signed for 300 s by its query (SigV4 with UNSIGNED-PAYLOAD), and waits for the answers. A request without
/// progress for 12 s is given up, one that copies, puts parts together or reads a photo after a minute; while the store gives no answer, short ones
/// are refused at once (storeabsence.h). Nothing is repeated here. Thread-safe; connections are kept and shared one by one.
class S3Client
{
public:
    explicit S3Client(S3Account account);
    ~S3Client();
    S3Client(const S3Client &) = delete;
    S3Client &operator=(const S3Client &) = delete;

    const S3Account &account() const;
    qint64 requestsSent() const; ///< in this client's life, whatever became of them
    const StoreClock &storeClock() const;
    /// An answer of any status, or why there was none: STORAGE_NOT_READY, USER_CANCELLED.
    Result<S3Answer> send(const S3Request &request);
    /// The same to an address that was signed, or not signed, by somebody else: key and query of the request do not count.
    Result<S3Answer> sendTo(const QUrl &url, const S3Request &request);
    /// As send(), but only a 2xx is a success; everything else is the code that S3's word stands for.
    Result<S3Answer> sendExpectingGood(const S3Request &request);

private:
    class Private;
    std::unique_ptr<Private> d;
};

/// The code for an answer that is not 2xx; the detail names status, S3's word and what was tried.
Error s3Error(const S3Answer &answer, const QByteArray &tried);

} // namespace photolift::server
