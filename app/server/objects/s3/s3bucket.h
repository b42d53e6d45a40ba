#pragma once

#include "app/server/objects/s3/s3client.h"
#include "app/server/objects/s3/s3upload.h"
#include "app/server/objects/s3/s3xml.h"

#include <QCache>

#include <functional>
#include <mutex>
#include <optional>

namespace photolift::server {

/// What lies in the bucket of an organisation: looked up, gone through page by page, fetched. Changes nothing in it. Blocking, thread-safe.
class S3Bucket
{
    Q_DISABLE_COPY_MOVE(S3Bucket)
public:
    /// The client outlives it. `spoolFolder` exists.
    S3Bucket(S3Client &client, bool mustEncrypt, QByteArray spoolFolder);

    /// The upload as it stands. TRANSFER_UPLOAD_GONE when there is none. An unfinished one, and one that was assembled here, is remembered
    /// until forget(): it may be gone by now, which whoever asks for its bytes is told.
    Result<S3Upload> find(const QUuid &id);
    /// It is one object by now: each look for it would cost two lists.
    void remember(const QUuid &id, S3Upload assembled);
    /// What somebody has kept of it, when nothing is remembered here.
    void know(const S3Upload &upload);
    void forget(const QUuid &id);
    std::optional<S3Upload> known(const QUuid &id); ///< what is remembered, without asking the store
    /// The size of what lies under the key; nullopt when nothing does.
    Result<std::optional<qint64>> sizeOf(const QByteArray &key);
    /// Whether exactly these bytes lie under the key, read to their end; false when nothing does.
    Result<bool> holds(const QByteArray &key, const QString &sha256, qint64 size, const std::atomic<bool> &cancelled = false);
    /// Goes through a list to its end, or to the first error of `take`.
    using Take = std::function<Result<>(const S3Listed &)>;
    Result<> eachUpload(const QByteArray &prefix, const Take &take);
    Result<> eachObject(const QByteArray &prefix, const Take &take);
    Result<S3PartPage> allParts(const S3Upload &upload);
    /// The bytes under the key in a file without a name, to be read from its start; the caller closes it.
    Result<int> spool(const QByteArray &key);
    /// A file without a name, for bytes on their way to the helper.
    Result<int> spoolFile() const;

    /// What a request that makes an object has to ask for, and whether the store says in its answer that it was heard.
    S3Request::Fields encryption() const;
    Result<> checkEncrypted(const S3Answer &answer) const;

private:
    /// `behind`: what asks for the page behind this one.
    Result<> each(const S3Request::Fields &list, S3Page (*read)(const QByteArray &), S3Request::Fields (*behind)(const S3Page &), const Take &take);

    S3Client &m_client;
    const bool m_mustEncrypt;
    const QByteArray m_spoolFolder;
    std::mutex m_mutex; ///< guards m_known
    QCache<QUuid, S3Upload> m_known; ///< what does not change until it is gone
};

} // namespace photolift::server
