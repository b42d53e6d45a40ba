#include "app/server/objects/s3/s3store.h"

#include "app/server/objects/durable.h"
#include "app/server/objects/objectnames.h"
#include "app/server/objects/s3/bucketcheck.h"
#include "app/server/objects/s3/clockcheck.h"
#include "app/server/objects/s3/s3bucket.h"
#include "app/server/objects/s3/s3probe.h"
#include "models/photo/hasher.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

#include <QCryptographicHash>
#include <QLoggingCategory>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {
Q_LOGGING_CATEGORY(lcObjects, "photolift.server.objects")

constexpr qsizetype Md5HexLength = 32;

Error badRequest(const QString &detail)
{
    return Error{ErrorCode::ApiRequestRefused, detail};
}

bool isMd5Hex(const QString &text)
{
    return text.size() == Md5HexLength && std::all_of(text.begin(), text.end(), [](QChar c) {
               return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f');
           });
}

QByteArray md5Base64(QByteArrayView bytes)
{
    return QCryptographicHash::hash(bytes.toByteArray(), QCryptographicHash::Md5).toBase64();
}

std::optional<QByteArray> objectKey(const QString &sha256, qint64 size)
{
    const auto path = objectPath(sha256, size);
    return path ? std::optional<QByteArray>("objects/" + *path) : std::nullopt;
}

std::optional<QByteArray> derivedKey(const QString &sha256, qint64 size, QLatin1StringView what)
{
    const auto path = objectPath(sha256, size);
    return path ? std::optional<QByteArray>("derived/" + *path + '.' + QByteArray(what.data(), what.size())) : std::nullopt;
}

}

class S3Store::Private
{
public:
    explicit Private(Options given)
        : options(std::move(given))
        , client(options.account)
        , bucket(client, options.account.mustEncrypt, options.spoolFolder)
        , kept(options.kept)
    {
    }

    Result<> remove(const S3Listed &entry)
    {
        S3Request request;
        request.method = "DELETE";
        request.key = entry.key;
        if (!entry.uploadId.isEmpty())
            request.query = {{"uploadId", entry.uploadId}};
        const Result<S3Answer> answer = client.send(request);
        if (!answer)
            return answer.error();
        return answer->isGood() || answer->status == 404 ? Result<>() : s3Error(*answer, "DELETE");
    }

    const Options options;
    S3Client client;
    S3Bucket bucket;
    KeptBytes kept;
    ClockCheck clock{client, options.now};
};

S3Store::S3Store(Options options)
    : d(new Private(std::move(options)))
{
}

S3Store::~S3Store() = default;

QLatin1StringView S3Store::partChecksum() const
{
    return "md5"_L1;
}

qint64 S3Store::requestsSent() const
{
    return d->client.requestsSent();
}

Result<> S3Store::probe()
{
    // First, because a store may refuse whatever is signed by a clock that differs: then it would be called anything but that.
    S3Request look;
    look.method = "HEAD";
    if (const Result<S3Answer> answer = d->client.send(look); !answer)
        return answer.error();
    if (const Result<> agree = d->clock.agree(); !agree)
        return agree;
    if (const Result<> isSetUp = checkBucket(d->client); !isSetUp)
        return isSetUp;
    return probeS3(*this, d->client, d->options.account);
}

std::optional<qint64> S3Store::freeBytes() const
{
    return std::nullopt;
}

Result<QByteArray> S3Store::begin(const QUuid &uploadId, qint64 size, qint64 partBytes)
{
    if (uploadId.isNull() || size <= 0 || size > wire::MaxFileBytes || partBytes <= 0 || partBytes > wire::PartBytes)
        return badRequest(u"sizes of the upload"_s);
    if (const Result<> agree = d->clock.agree(); !agree)
        return agree.error();
    S3Request request;
    request.method = "POST";
    request.key = S3Upload{uploadId, size, partBytes, {}}.key();
    request.query = {{"uploads", ""}};
    request.headers = d->bucket.encryption();
    const Result<S3Answer> answer = d->client.sendExpectingGood(request);
    if (!answer)
        return answer.error();
    faultPoint("store.begun");
    const QByteArray name = uploadIdFrom(answer->body);
    if (name.isEmpty())
        return Error{ErrorCode::StorageNotReady, u"the store names no upload"_s};
    if (const Result<> encrypted = d->bucket.checkEncrypted(*answer); !encrypted) {
        (void)discard(uploadId); // or each question that is asked again would leave another one
        return encrypted.error();
    }
    return name;
}

void S3Store::know(const QUuid &uploadId, qint64 size, qint64 partBytes, const QByteArray &name)
{
    if (!name.isEmpty())
        d->bucket.know({uploadId, size, partBytes, name});
}

Result<QList<wire::PartLink>> S3Store::links(const QUuid &uploadId, const QList<wire::PartOrder> &parts, const QByteArray &)
{
    const Result<S3Upload> upload = d->bucket.find(uploadId);
    if (!upload)
        return upload.error();
    if (upload->multipartId.isEmpty())
        return Error{ErrorCode::TransferUploadGone, u"the upload is one object already"_s};
    if (const Result<> agree = d->clock.agree(); !agree)
        return agree.error();
    const S3Account &account = d->options.account;
    const QDateTime now = d->options.now();
    QList<wire::PartLink> links;
    for (const wire::PartOrder &part : parts) {
        if (part.size <= 0 || upload->partSize(part.number) != part.size || !isMd5Hex(part.checksum))
            return badRequest(u"part %1 is not one of this upload"_s.arg(part.number));
        const QList<std::pair<QByteArray, QByteArray>> headers{
            {"content-md5", QByteArray::fromHex(part.checksum.toLatin1()).toBase64()},
            {"x-amz-acl", "private"}}; // signed, so that no other can be sent
        sigv4::PresignOrder order;
        order.url = account.urlOf(upload->key(), account.clientEndpoint.isEmpty() ? account.endpoint : account.clientEndpoint);
        order.url.setQuery(QString::fromLatin1("partNumber=" + QByteArray::number(part.number) + "&uploadId="
                                               + upload->multipartId.toPercentEncoding()),
                           QUrl::StrictMode);
        order.signedHeaders = headers;
        order.signedHeaders.emplaceBack("content-length", QByteArray::number(part.size));
        order.expiresSeconds = static_cast<int>(d->options.linkLife.count());
        wire::PartLink link;
        link.number = part.number;
        link.url = sigv4::presign(order, account.credentials, now);
        link.headers = headers; // host and content-length every client sends by itself
        link.expiresMs = now.toMSecsSinceEpoch() + std::chrono::milliseconds(d->options.linkLife).count();
        links.append(link);
    }
    return links;
}

Result<QList<StoredPart>> S3Store::parts(const QUuid &uploadId)
{
    const Result<S3Upload> upload = d->bucket.find(uploadId);
    if (!upload)
        return upload.error();
    if (upload->multipartId.isEmpty())
        return QList<StoredPart>(); // one object by now
    Result<S3PartPage> all = d->bucket.allParts(*upload);
    if (all)
        return std::move(all->parts);
    d->bucket.forget(uploadId);
    if (all.error().cause.httpStatus != 404)
        return all.error();
    // Another server may have made it one object meanwhile.
    const Result<std::optional<qint64>> size = d->bucket.sizeOf(upload->key());
    if (!size)
        return size.error();
    if (*size != upload->size)
        return Error{ErrorCode::TransferUploadGone, all.error().detail, all.error().cause};
    d->bucket.remember(uploadId, *upload);
    return QList<StoredPart>();
}

Result<> S3Store::assemble(const QUuid &uploadId, const QList<StoredPart> &expected)
{
    const Result<S3Upload> upload = d->bucket.find(uploadId);
    if (!upload)
        return upload.error();
    const auto missing = [&uploadId](const QString &what) {
        return Error{ErrorCode::ReceptionPartsMissing, QString(idText(uploadId) % u": "_s % what)};
    };
    if (!upload->multipartId.isEmpty()) {
        if (expected.size() != upload->partCount())
            return missing(u"%1 of %2 parts"_s.arg(expected.size()).arg(upload->partCount()));
        for (int number = 1; number <= upload->partCount(); ++number) {
            const StoredPart &part = expected.at(number - 1);
            if (part.number != number || part.size != upload->partSize(number))
                return missing(u"part %1"_s.arg(number));
        }
        S3Request request;
        request.method = "POST";
        request.key = upload->key();
        request.query = {{"uploadId", upload->multipartId}};
        request.body = completionOf(expected);
        const Result<S3Answer> answer = d->client.send(request);
        if (!answer)
            return answer.error();
        // A 200 may hold an error: the store begins to answer before it is done. A repeat may find the upload gone: then the object is there.
        const bool isGoneAlready = answer->errorCode == "NoSuchUpload";
        if (!answer->isGood() && !isGoneAlready) {
            const Error error = s3Error(*answer, "complete");
            return error.code == ErrorCode::StorageCopyDamaged ? Error{ErrorCode::StorageNotReady, error.detail, error.cause} : error;
        }
        d->bucket.remember(uploadId, *upload);
        if (answer->isGood() && saysCompleted(answer->body)) {
            faultPoint("store.assembled");
            return {}; // of the parts that were looked through; whether their bytes are right says the re-read, as always
        }
    }
    const Result<std::optional<qint64>> size = d->bucket.sizeOf(upload->key());
    if (!size)
        return size.error();
    if (!*size || **size != upload->size)
        return missing(u"%1 bytes of %2"_s.arg(size->value_or(0)).arg(upload->size));
    faultPoint("store.assembled");
    return {};
}

Result<S3Store::Reread> S3Store::reread(const QUuid &uploadId, const std::atomic<bool> &cancelled)
{
    const Result<S3Upload> upload = d->bucket.find(uploadId);
    if (!upload)
        return upload.error();
    photo::Sha256 hash;
    Reread result;
    // The examination that follows gets the bytes that were hashed, when there is room to keep them. It hashes them once more.
    const bool hasRoom = d->kept.reserve(upload->size);
    const Result<int> opened = hasRoom ? d->bucket.spoolFile() : Result<int>(-1);
    photo::FileDescriptor copy(opened ? *opened : -1);
    S3Request request;
    request.key = upload->key();
    request.cancelled = &cancelled;
    request.sink = [&](QByteArrayView bytes) {
        hash.add(bytes);
        if (copy.isOpen() && !durable::writeAt(copy.get(), bytes, result.size))
            copy.close(); // a full disk is no reason to stop reading
        result.size += bytes.size();
        return true;
    };
    const Result<S3Answer> answer = d->client.sendExpectingGood(request);
    const Result<> encrypted = answer ? d->bucket.checkEncrypted(*answer) : Result<>(answer.error());
    if (encrypted && copy.isOpen() && result.size == upload->size)
        d->kept.keep(uploadId, std::move(copy), upload->size);
    else if (hasRoom)
        d->kept.giveUp(upload->size);
    if (!encrypted)
        return encrypted.error();
    result.sha256 = QString::fromLatin1(hash.result().toHex());
    return result;
}

Result<qint64> S3Store::assembledSize(const QUuid &uploadId)
{
    const Result<S3Upload> upload = d->bucket.find(uploadId);
    if (!upload)
        return upload.error();
    const Result<std::optional<qint64>> size = d->bucket.sizeOf(upload->key());
    if (!size)
        return size.error();
    if (!*size)
        return Error{ErrorCode::TransferUploadGone, idText(uploadId)};
    return **size;
}

Result<int> S3Store::openAssembled(const QUuid &uploadId)
{
    const Result<S3Upload> upload = d->bucket.find(uploadId);
    if (!upload)
        return upload.error();
    if (photo::FileDescriptor kept = d->kept.take(uploadId); kept.isOpen())
        return kept.release(); // was written at offsets: its position is the beginning
    return d->bucket.spool(upload->key());
}

Result<int> S3Store::openObject(const QString &sha256, qint64 size)
{
    const auto key = objectKey(sha256, size);
    return key ? d->bucket.spool(*key) : badRequest(u"no name of an object"_s);
}

Result<wire::PartLink> S3Store::downloadLink(const QString &sha256, qint64 size, const QByteArray &)
{
    const auto key = objectKey(sha256, size);
    if (!key)
        return badRequest(u"no name of an object"_s);
    if (const Result<> agree = d->clock.agree(); !agree)
        return agree.error();
    const S3Account &account = d->options.account;
    sigv4::PresignOrder order;
    order.method = "GET";
    order.url = account.urlOf(*key, account.clientEndpoint.isEmpty() ? account.endpoint : account.clientEndpoint);
    order.expiresSeconds = static_cast<int>(d->options.linkLife.count());
    const QDateTime now = d->options.now();
    wire::PartLink link;
    link.url = sigv4::presign(order, account.credentials, now);
    link.expiresMs = now.toMSecsSinceEpoch() + std::chrono::milliseconds(d->options.linkLife).count();
    return link;
}

Result<> S3Store::promote(const QUuid &uploadId, const QString &sha256, qint64 size)
{
    const auto key = objectKey(sha256, size);
    if (!key)
        return badRequest(u"no name of an object"_s);
    // Its size says nothing of a bit that has turned: what lies there is read.
    const Result<std::optional<qint64>> there = d->bucket.sizeOf(*key);
    if (!there)
        return there.error();
    const Result<bool> isRight = *there == size ? d->bucket.holds(*key, sha256, size) : Result<bool>(false);
    if (isRight && *isRight)
        return {};
    const Result<S3Upload> upload = d->bucket.find(uploadId);
    if (!upload) {
        if (upload.error().code != ErrorCode::TransferUploadGone)
            return upload.error();
        return isRight ? Error{ErrorCode::StorageCopyDamaged, u"the object is missing"_s} : isRight.error();
    }
    if (upload->size != size)
        return badRequest(u"the size of the object is another one"_s);
    if (*there) {
        // It has rotted, or cannot be read. Nothing takes its place that was not read again just now.
        const Result<bool> isWorthIt = d->bucket.holds(upload->key(), sha256, size);
        if (!isWorthIt)
            return isWorthIt.error();
        if (!*isWorthIt)
            return Error{ErrorCode::StorageCopyDamaged, u"neither the stored bytes nor those that came again are the photo's"_s};
        qCWarning(lcObjects) << "a stored object that was not the photo any more is replaced";
    }
    faultPoint("store.promoting");
    S3Request request;
    request.method = "PUT";
    request.key = *key;
    request.headers = d->bucket.encryption() + S3Request::Fields{{"x-amz-copy-source", '/' + d->options.account.bucket + '/' + upload->key()}};
    const Result<S3Answer> answer = d->client.sendExpectingGood(request);
    if (!answer)
        return answer.error();
    if (const Result<> encrypted = d->bucket.checkEncrypted(*answer); !encrypted)
        return encrypted;
    faultPoint("store.promoted");
    // The answer to a copy begins before its end is known: what counts is what lies there now. The source stays until discard().
    const Result<bool> isCopied = *there ? d->bucket.holds(*key, sha256, size) : hasObject(sha256, size);
    if (!isCopied)
        return isCopied.error();
    return *isCopied ? Result<>() : Error{ErrorCode::StorageNotReady, u"the copy is not there"_s};
}

Result<bool> S3Store::hasObject(const QString &sha256, qint64 size)
{
    const auto key = objectKey(sha256, size);
    if (!key)
        return badRequest(u"no name of an object"_s);
    const Result<std::optional<qint64>> found = d->bucket.sizeOf(*key);
    if (!found)
        return found.error();
    return *found == size;
}

Result<bool> S3Store::holdsObject(const QString &sha256, qint64 size, const std::atomic<bool> &cancelled)
{
    const auto key = objectKey(sha256, size);
    return key ? d->bucket.holds(*key, sha256, size, cancelled) : Result<bool>(badRequest(u"no name of an object"_s));
}

Result<> S3Store::putDerived(const QString &sha256, qint64 size, QLatin1StringView what, QByteArrayView bytes)
{
    const auto key = derivedKey(sha256, size, what);
    if (!key)
        return badRequest(u"no name of an object"_s);
    S3Request request;
    request.method = "PUT";
    request.key = *key;
    request.headers = d->bucket.encryption() + S3Request::Fields{{"content-md5", md5Base64(bytes)}};
    request.body = bytes.toByteArray();
    const Result<S3Answer> answer = d->client.sendExpectingGood(request);
    return answer ? d->bucket.checkEncrypted(*answer) : answer.error();
}

Result<QByteArray> S3Store::derived(const QString &sha256, qint64 size, QLatin1StringView what)
{
    const auto key = derivedKey(sha256, size, what);
    if (!key)
        return badRequest(u"no name of an object"_s);
    S3Request request;
    request.key = *key;
    Result<S3Answer> answer = d->client.sendExpectingGood(request);
    if (!answer)
        return answer.error();
    return std::move(answer->body);
}

Result<> S3Store::removeObject(const QString &sha256, qint64 size)
{
    const auto key = objectKey(sha256, size);
    const auto made = derivedKey(sha256, size, {});
    if (!key || !made)
        return badRequest(u"no name of an object"_s);
    // The object last: as long as it is there, a removal that was cut short shows.
    const Result<> removed = d->bucket.eachObject(*made, [this](const S3Listed &entry) { return d->remove(entry); });
    S3Listed object;
    object.key = *key;
    return removed ? d->remove(object) : removed;
}

Result<> S3Store::discard(const QUuid &uploadId)
{
    const std::optional<S3Upload> known = d->bucket.known(uploadId);
    d->bucket.forget(uploadId);
    d->kept.take(uploadId).close();
    if (known && known->multipartId.isEmpty()) {
        S3Listed object;
        object.key = known->key();
        return d->remove(object);
    }
    const QByteArray prefix = S3Upload::prefix(uploadId);
    const auto remove = [this](const S3Listed &entry) { return d->remove(entry); };
    const Result<> aborted = d->bucket.eachUpload(prefix, remove);
    return aborted ? d->bucket.eachObject(prefix, remove) : aborted;
}

Result<QList<QUuid>> S3Store::stale(qint64 olderThanMs)
{
    const QDateTime before = d->options.now().addMSecs(-olderThanMs);
    QList<QUuid> found;
    const auto note = [&found](const S3Upload &upload) {
        if (!found.contains(upload.id))
            found.append(upload.id);
    };
    const Result<> uploads = d->bucket.eachUpload("incoming/", [&](const S3Listed &entry) -> Result<> {
        auto upload = S3Upload::fromKey(entry.key);
        if (!upload || entry.since >= before)
            return {};
        upload->multipartId = entry.uploadId;
        const Result<S3PartPage> parts = d->bucket.allParts(*upload);
        if (!parts)
            return parts.error().code == ErrorCode::TransferUploadGone ? Result<>() : parts.error(); // gone meanwhile
        if (!(parts->lastWritten >= before))
            note(*upload);
        return {};
    });
    if (!uploads)
        return uploads.error();
    const Result<> objects = d->bucket.eachObject("incoming/", [&](const S3Listed &entry) -> Result<> {
        const auto upload = S3Upload::fromKey(entry.key);
        if (upload && entry.since < before)
            note(*upload);
        return {};
    });
    if (!objects)
        return objects.error();
    return found;
}

} // namespace photolift::server
