#include "app/server/objects/s3/s3bucket.h"

#include "app/server/objects/durable.h"
#include "models/photo/filedescriptor.h"
#include "models/photo/hasher.h"
#include "models/vocabulary/ids.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace photolift::server {

using namespace Qt::StringLiterals;
using durable::storeError;
using photo::FileDescriptor;

namespace {
constexpr int CachedUploads = 10'000;
const std::pair<QByteArray, QByteArray> AskForEncryption{"x-amz-server-side-encryption", "AES256"};
}

S3Bucket::S3Bucket(S3Client &client, bool mustEncrypt, QByteArray spoolFolder)
    : m_client(client)
    , m_mustEncrypt(mustEncrypt)
    , m_spoolFolder(std::move(spoolFolder))
    , m_known(CachedUploads)
{
}

std::optional<S3Upload> S3Bucket::known(const QUuid &id)
{
    const std::scoped_lock lock(m_mutex);
    const S3Upload *upload = m_known.object(id);
    return upload ? std::optional(*upload) : std::nullopt;
}

Result<S3Upload> S3Bucket::find(const QUuid &id)
{
    if (const std::optional<S3Upload> upload = known(id))
            return *upload;
    // Two servers that were asked at the same moment may both have begun it: all take the one that the store lists first.
    std::optional<S3Upload> found;
    Result<> listed = eachUpload(S3Upload::prefix(id), [&found](const S3Listed &entry) -> Result<> {
        if (auto upload = found ? std::nullopt : S3Upload::fromKey(entry.key)) {
            upload->multipartId = entry.uploadId;
            found = upload;
        }
        return {};
    });
    if (listed && !found) {
        listed = eachObject(S3Upload::prefix(id), [&found](const S3Listed &entry) -> Result<> {
            if (!found)
                found = S3Upload::fromKey(entry.key);
            return {};
        });
    }
    if (!listed)
        return listed.error();
    if (!found)
        return Error{ErrorCode::TransferUploadGone, idText(id)};
    if (!found->multipartId.isEmpty()) {
        const std::scoped_lock lock(m_mutex);
        m_known.insert(id, new S3Upload(*found));
    }
    return *found;
}

void S3Bucket::remember(const QUuid &id, S3Upload assembled)
{
    assembled.multipartId.clear();
    const std::scoped_lock lock(m_mutex);
    m_known.insert(id, new S3Upload(std::move(assembled)));
}

void S3Bucket::know(const S3Upload &upload)
{
    const std::scoped_lock lock(m_mutex);
    if (!m_known.contains(upload.id))
        m_known.insert(upload.id, new S3Upload(upload));
}

void S3Bucket::forget(const QUuid &id)
{
    const std::scoped_lock lock(m_mutex);
    m_known.remove(id);
}

Result<std::optional<qint64>> S3Bucket::sizeOf(const QByteArray &key)
{
    S3Request request;
    request.method = "HEAD";
    request.key = key;
    const Result<S3Answer> answer = m_client.send(request);
    if (!answer)
        return answer.error();
    if (answer->status == 404)
        return std::optional<qint64>();
    if (!answer->isGood())
        return s3Error(*answer, "HEAD");
    return std::optional<qint64>(answer->headers.value("content-length").toLongLong());
}

Result<bool> S3Bucket::holds(const QByteArray &key, const QString &sha256, qint64 size, const std::atomic<bool> &cancelled)
{
    photo::Sha256 hash;
    qint64 read = 0;
    S3Request request;
    request.key = key;
    request.cancelled = &cancelled;
    request.sink = [&](QByteArrayView bytes) {
        hash.add(bytes);
        read += bytes.size();
        return true;
    };
    const Result<S3Answer> answer = m_client.sendExpectingGood(request);
    if (!answer)
        return answer.error().code == ErrorCode::StorageCopyDamaged ? Result<bool>(false) : Result<bool>(answer.error());
    return read == size && QString::fromLatin1(hash.result().toHex()) == sha256;
}

Result<> S3Bucket::eachUpload(const QByteArray &prefix, const Take &take)
{
    return each({{"uploads", ""}, {"prefix", prefix}}, uploadsFrom,
                [](const S3Page &page) { return S3Request::Fields{{"key-marker", page.nextKey}, {"upload-id-marker", page.nextUploadId}}; }, take);
}

Result<> S3Bucket::eachObject(const QByteArray &prefix, const Take &take)
{
    return each({{"list-type", "2"}, {"prefix", prefix}}, objectsFrom,
                [](const S3Page &page) { return S3Request::Fields{{"continuation-token", page.continuation}}; }, take);
}

Result<> S3Bucket::each(const S3Request::Fields &list, S3Page (*read)(const QByteArray &), S3Request::Fields (*behind)(const S3Page &), const Take &take)
{
    S3Page page;
    do {
        S3Request request;
        request.query = page.isTruncated ? list + behind(page) : list;
        const Result<S3Answer> answer = m_client.sendExpectingGood(request);
        if (!answer)
            return answer.error();
        page = read(answer->body);
        for (const S3Listed &entry : std::as_const(page.entries)) {
            if (const Result<> taken = take(entry); !taken)
                return taken;
        }
    } while (page.isTruncated);
    return {};
}

Result<S3PartPage> S3Bucket::allParts(const S3Upload &upload)
{
    S3PartPage all;
    do {
        S3Request request;
        request.key = upload.key();
        request.query = {{"uploadId", upload.multipartId}};
        if (all.isTruncated)
            request.query << std::pair("part-number-marker", QByteArray::number(all.nextMarker));
        const Result<S3Answer> answer = m_client.sendExpectingGood(request);
        if (!answer)
            return answer.error();
        S3PartPage page = partsFrom(answer->body);
        all.parts += page.parts;
        all.lastWritten = std::max(all.lastWritten, page.lastWritten);
        all.isTruncated = page.isTruncated && page.nextMarker > all.nextMarker;
        all.nextMarker = page.nextMarker;
    } while (all.isTruncated);
    return all;
}

Result<int> S3Bucket::spoolFile() const
{
    const int file = ::open(m_spoolFolder.constData(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return file < 0 ? Result<int>(storeError(errno, "spool"_L1)) : Result<int>(file);
}

Result<int> S3Bucket::spool(const QByteArray &key)
{
    const Result<int> opened = spoolFile();
    if (!opened)
        return opened;
    FileDescriptor file(*opened);
    qint64 written = 0;
    std::optional<Error> diskError;
    S3Request request;
    request.key = key;
    request.sink = [&](QByteArrayView bytes) {
        const Result<> done = durable::writeAt(file.get(), bytes, written);
        if (!done)
            diskError = done.error();
        written += bytes.size();
        return bool(done);
    };
    const Result<S3Answer> answer = m_client.sendExpectingGood(request);
    if (diskError)
        return *diskError;
    if (!answer)
        return answer.error();
    if (::lseek(file.get(), 0, SEEK_SET) != 0)
        return storeError(errno, "spool"_L1);
    return file.release();
}

S3Request::Fields S3Bucket::encryption() const
{
    return m_mustEncrypt ? S3Request::Fields{AskForEncryption} : S3Request::Fields{};
}

Result<> S3Bucket::checkEncrypted(const S3Answer &answer) const
{
    if (!m_mustEncrypt || answer.headers.value(AskForEncryption.first) == AskForEncryption.second)
        return {};
    return Error{ErrorCode::StorageNotReady,
                 u"store.require_encryption is true, and the store at %1 does not confirm that it encrypts: "
                 "switch encryption on there (SSE-S3, AES256), or take that line out of the configuration"_s.arg(m_client.account().endpoint.host())};
}

} // namespace photolift::server
