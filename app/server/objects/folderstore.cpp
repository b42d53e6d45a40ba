#include "app/server/objects/folderstore.h"

#include "app/server/objects/durable.h"
#include "app/server/objects/durablefolders.h"
#include "app/server/objects/objectdoor.h"
#include "app/server/objects/objectnames.h"
#include "app/server/objects/partdoor.h"
#include "app/server/objects/s3answer.h"
#include "app/server/objects/storedfile.h"
#include "app/server/objects/storeprobe.h"
#include "app/server/objects/uploadfolder.h"
#include "models/photo/filedescriptor.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

#include <QDir>
#include <QFileInfo>
#include <QLoggingCategory>
#include <QRandomGenerator>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <mutex>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace photolift::server {

using namespace Qt::StringLiterals;
using durable::storeError;
using photo::FileDescriptor;

namespace {
Q_LOGGING_CATEGORY(lcObjects, "photolift.server.objects")

constexpr char Region[] = "photolift";

/// Random per life of the server: nothing to keep secret on the disk, and a link ends with the process at the latest.
sigv4::Credentials freshCredentials()
{
    std::array<quint32, 12> random{};
    QRandomGenerator::system()->fillRange(random.data(), random.size());
    const QByteArray bytes(reinterpret_cast<const char *>(random.data()), sizeof random);
    return {"PHOTOLIFT" + bytes.first(8).toHex().toUpper(), bytes.sliced(8).toHex(), Region};
}

Error badRequest(const QString &detail)
{
    return Error{ErrorCode::ApiRequestRefused, detail};
}
}

class FolderStore::Private
{
public:
    explicit Private(Options given)
        : options(std::move(given))
        , incoming(options.folder + "/incoming")
        , objects(options.folder + "/objects")
        , derivedRoot(options.folder + "/derived")
        , credentials(freshCredentials())
        , door({incoming, credentials, options.maxPartBytes, options.now, [this] { loseTrust(); }})
        , objectDoor(objects, door)
    {
    }

    void loseTrust()
    {
        if (!isUnsound.exchange(true))
            options.onUnsound();
    }
    /// STORAGE_NOT_READY of a sync ends the trust; passes the result on.
    template <typename T> Result<T> judged(Result<T> result)
    {
        if (!result && result.error().code == ErrorCode::StorageNotReady && result.error().detail.contains("sync"_L1))
            loseTrust();
        return result;
    }
    std::optional<Error> refusal() const
    {
        if (isUnsound)
            return Error{ErrorCode::StorageNotReady, u"an fsync failed; the server has to start anew"_s};
        return std::nullopt;
    }
    Result<UploadFolder> open(const QUuid &id) const { return UploadFolder::open(incoming, id); }
    std::optional<HttpResponse> doorRefusal(const HttpRequest &request) const
    {
        if (const auto error = refusal())
            return problemResponse(503, *error, request, 5);
        return std::nullopt;
    }

    const Options options;
    const QByteArray incoming;
    const QByteArray objects;
    const QByteArray derivedRoot;
    DurableFolders objectFolders{objects};
    DurableFolders derivedFolders{derivedRoot};
    const sigv4::Credentials credentials;
    std::atomic<bool> isUnsound = false;
    PartDoor door;
    const ObjectDoor objectDoor;
};

FolderStore::FolderStore(Options options)
    : d(new Private(std::move(options)))
{
}

FolderStore::~FolderStore() = default;

QList<Route> FolderStore::routes()
{
    Route put(RouteName::PutPart);
    put.maxBodyBytes = std::numeric_limits<qint64>::max(); // the door knows the limit, and S3's word for it
    put.sinkMaker = [this](const HttpRequest &request, qint64 length) -> std::variant<std::unique_ptr<BodySink>, HttpResponse> {
        if (auto refusal = d->doorRefusal(request))
            return std::move(*refusal);
        return d->door.admit(request, length);
    };
    Route get(RouteName::GetObject);
    get.sinkMaker = [this](const HttpRequest &request, qint64) -> std::variant<std::unique_ptr<BodySink>, HttpResponse> {
        return d->objectDoor.answer(request); // on the disk pool, which a handler is not
    };
    QList<Route> routes{put, get};
    for (const RouteName name : {RouteName::GetPart, RouteName::HeadPart, RouteName::PostPart, RouteName::DeletePart}) {
        Route refused(name);
        refused.maxBodyBytes = put.maxBodyBytes;
        refused.sinkMaker = [](const HttpRequest &request, qint64) -> std::variant<std::unique_ptr<BodySink>, HttpResponse> {
            return s3Refusal(S3Refusal::AccessDenied, request); // such a link is never signed
        };
        routes.append(refused);
    }
    return routes;
}

QLatin1StringView FolderStore::partChecksum() const
{
    return "sha256"_L1;
}

Result<> FolderStore::probe()
{
    DurableFolders top(d->options.folder);
    for (const char *name : {"incoming", "objects", "derived"}) {
        if (Result<> made = top.make(name); !made)
            return d->judged(std::move(made));
    }
    return probeStore(*this, [this](const HttpRequest &request, qint64 length) { return d->door.admit(request, length); });
}

std::optional<qint64> FolderStore::freeBytes() const
{
    struct statvfs facts{};
    if (::statvfs(d->options.folder.constData(), &facts) != 0)
        return std::nullopt;
    return static_cast<qint64>(facts.f_bavail) * static_cast<qint64>(facts.f_frsize);
}

Result<QByteArray> FolderStore::begin(const QUuid &uploadId, qint64 size, qint64 partBytes)
{
    if (const auto error = d->refusal())
        return *error;
    if (uploadId.isNull() || size <= 0 || size > wire::MaxFileBytes || partBytes <= 0 || partBytes > d->options.maxPartBytes)
        return badRequest(u"sizes of the upload"_s);
    // A repeat has its room already: it was reserved the first time.
    if (const auto free = freeBytes(); free && *free < size && !d->open(uploadId))
        return Error{ErrorCode::StorageNoSpace, u"%1 bytes free, %2 asked for"_s.arg(*free).arg(size)};
    const Result<UploadFolder> made = d->judged(UploadFolder::make(d->incoming, uploadId, size, partBytes));
    faultPoint("store.begun");
    return made ? Result<QByteArray>(QByteArray()) : made.error();
}

Result<QList<wire::PartLink>> FolderStore::links(const QUuid &uploadId, const QList<wire::PartOrder> &parts, const QByteArray &origin)
{
    if (const auto error = d->refusal())
        return *error;
    const Result<UploadFolder> upload = d->open(uploadId);
    if (!upload)
        return upload.error();
    const QDateTime now = d->options.now();
    QList<wire::PartLink> links;
    for (const wire::PartOrder &part : parts) {
        if (upload->partSize(part.number) != part.size || part.size <= 0 || !isSha256Hex(part.checksum))
            return badRequest(u"part %1 is not one of this upload"_s.arg(part.number));
        sigv4::PresignOrder order;
        order.url = QUrl::fromEncoded(QByteArray(origin + "/store/incoming/" + idText(uploadId).toLatin1() + '/'
                                                 + QByteArray::number(part.number)),
                                      QUrl::StrictMode);
        if (!order.url.isValid() || order.url.host().isEmpty())
            return badRequest(u"the Host of the request"_s);
        const auto headers = PartDoor::signedHeaders(part.checksum);
        order.signedHeaders = headers;
        order.signedHeaders.emplaceBack("content-length", QByteArray::number(part.size));
        order.expiresSeconds = static_cast<int>(d->options.linkLife.count());
        wire::PartLink link;
        link.number = part.number;
        link.url = sigv4::presign(order, d->credentials, now);
        link.headers = headers; // host and content-length every client sends by itself
        link.expiresMs = now.toMSecsSinceEpoch() + std::chrono::milliseconds(d->options.linkLife).count();
        links.append(link);
    }
    return links;
}

Result<QList<StoredPart>> FolderStore::parts(const QUuid &uploadId)
{
    const Result<UploadFolder> upload = d->open(uploadId);
    if (!upload)
        return upload.error();
    return upload->parts();
}

Result<> FolderStore::assemble(const QUuid &uploadId, const QList<StoredPart> &expected)
{
    if (const auto error = d->refusal())
        return *error;
    const Result<UploadFolder> upload = d->open(uploadId);
    if (!upload)
        return upload.error();
    if (!upload->hasBytes())
        return {}; // promoted before a crash
    // Every part was written at its place, so there is nothing to put together: only to see that it is all there.
    const auto missing = [&uploadId](const QString &what) {
        return Error{ErrorCode::ReceptionPartsMissing, QString(idText(uploadId) % u": "_s % what)};
    };
    qint64 sum = 0;
    for (int number = 1; number <= upload->partCount(); ++number) {
        const std::optional<StoredPart> part = upload->part(number);
        if (!part || part->size != upload->partSize(number))
            return missing(u"part %1"_s.arg(number));
        sum += part->size;
    }
    for (const StoredPart &part : expected) {
        const std::optional<StoredPart> held = upload->part(part.number);
        if (!held || held->size != part.size || held->checksum != part.checksum)
            return missing(u"part %1 is another one"_s.arg(part.number));
    }
    struct stat facts{};
    if (::stat(upload->bytesPath().constData(), &facts) != 0)
        return storeError(errno, "stat"_L1);
    if (sum != upload->size() || facts.st_size != upload->size())
        return missing(u"the size"_s);
    faultPoint("store.assembled");
    return {};
}

Result<qint64> FolderStore::assembledSize(const QUuid &uploadId)
{
    const Result<int> opened = openAssembled(uploadId);
    if (!opened)
        return opened.error();
    const FileDescriptor file(*opened);
    struct stat facts{};
    if (::fstat(file.get(), &facts) != 0)
        return storeError(errno, "size"_L1);
    return static_cast<qint64>(facts.st_size);
}

Result<int> FolderStore::openAssembled(const QUuid &uploadId)
{
    const Result<UploadFolder> upload = d->open(uploadId);
    if (!upload)
        return upload.error();
    if (!upload->hasBytes())
        return openObject(upload->object()->sha256, upload->object()->size);
    const int descriptor = ::open(upload->bytesPath().constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0)
        return storeError(errno, "open assembled"_L1);
    return descriptor;
}

Result<FolderStore::Reread> FolderStore::reread(const QUuid &uploadId, const std::atomic<bool> &cancelled)
{
    const Result<int> opened = openAssembled(uploadId);
    if (!opened)
        return opened.error();
    const FileDescriptor file(*opened);
    return rereadFile(file.get(), cancelled);
}

Result<int> FolderStore::openObject(const QString &sha256, qint64 size)
{
    const auto path = objectPath(sha256, size);
    if (!path)
        return badRequest(u"no name of an object"_s);
    const int descriptor = ::open(QByteArray(d->objects + '/' + *path).constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0)
        return errno == ENOENT ? Error{ErrorCode::StorageCopyDamaged, u"the object is missing"_s} : storeError(errno, "open object"_L1);
    return descriptor;
}

Result<wire::PartLink> FolderStore::downloadLink(const QString &sha256, qint64 size, const QByteArray &origin)
{
    const auto path = objectPath(sha256, size);
    if (!path)
        return badRequest(u"no name of an object"_s);
    sigv4::PresignOrder order;
    order.method = "GET";
    order.url = QUrl::fromEncoded(origin + "/store/objects/" + path->sliced(path->lastIndexOf('/') + 1), QUrl::StrictMode);
    if (!order.url.isValid() || order.url.host().isEmpty())
        return badRequest(u"the Host of the request"_s);
    order.expiresSeconds = static_cast<int>(d->options.linkLife.count());
    const QDateTime now = d->options.now();
    wire::PartLink link;
    link.url = sigv4::presign(order, d->credentials, now);
    link.expiresMs = now.toMSecsSinceEpoch() + std::chrono::milliseconds(d->options.linkLife).count();
    return link;
}

Result<> FolderStore::promote(const QUuid &uploadId, const QString &sha256, qint64 size)
{
    if (const auto error = d->refusal())
        return *error;
    const auto relative = objectPath(sha256, size);
    if (!relative)
        return badRequest(u"no name of an object"_s);
    Result<UploadFolder> upload = d->open(uploadId);
    if (!upload)
        return upload.error();
    if (upload->hasBytes() && upload->size() != size)
        return badRequest(u"the size of the object is another one"_s);
    if (!upload->hasBytes()) {
        const Result<bool> isThere = hasObject(sha256, size); // promoted before a crash
        if (!isThere)
            return isThere.error();
        return *isThere ? Result<>() : Error{ErrorCode::StorageCopyDamaged, u"the object is missing"_s};
    }
    d->door.closeUpload(uploadId);
    const QByteArray folder = d->objects + '/' + relative->first(relative->lastIndexOf('/'));
    const QByteArray target = d->objects + '/' + *relative;
    if (Result<> made = d->objectFolders.make(relative->first(relative->lastIndexOf('/'))); !made)
        return d->judged(std::move(made));
    // First where it will be, then the move: after a crash in between the bytes are still found here.
    if (Result<> noted = upload->noteObject({sha256, size}); !noted)
        return d->judged(std::move(noted));
    faultPoint("store.promoting");
    struct stat facts{};
    const bool isAnythingThere = ::lstat(target.constData(), &facts) == 0;
    const Result<bool> isRight = isAnythingThere ? isExactly(target, sha256, size) : Result<bool>(false);
    if (isRight && *isRight) {
        if (::unlink(upload->bytesPath().constData()) != 0 && errno != ENOENT)
            return storeError(errno, "unlink"_L1);
    } else {
        if (isAnythingThere) {
            // It has rotted, or cannot be read. Nothing takes its place that was not read again just now.
            const Result<bool> isWorthIt = isExactly(upload->bytesPath(), sha256, size);
            if (!isWorthIt)
                return isWorthIt.error();
            if (!*isWorthIt)
                return Error{ErrorCode::StorageCopyDamaged, u"neither the stored bytes nor those that came again are the photo's"_s};
            qCWarning(lcObjects) << "a stored object that was not the photo any more is replaced";
        }
        if (::rename(upload->bytesPath().constData(), target.constData()) != 0)
            return storeError(errno, "rename object"_L1);
    }
    faultPoint("store.promoted");
    return d->judged(durable::syncFolder(folder));
}

Result<bool> FolderStore::hasObject(const QString &sha256, qint64 size)
{
    const auto path = objectPath(sha256, size);
    if (!path)
        return badRequest(u"no name of an object"_s);
    struct stat facts{};
    if (::lstat(QByteArray(d->objects + '/' + *path).constData(), &facts) != 0)
        return errno == ENOENT ? Result<bool>(false) : Result<bool>(storeError(errno, "stat object"_L1));
    return S_ISREG(facts.st_mode) && facts.st_size == size; // a damaged one does not count, and is replaced
}

Result<bool> FolderStore::holdsObject(const QString &sha256, qint64 size, const std::atomic<bool> &cancelled)
{
    const auto path = objectPath(sha256, size);
    return path ? isExactly(d->objects + '/' + *path, sha256, size, cancelled) : Result<bool>(badRequest(u"no name of an object"_s));
}

Result<> FolderStore::putDerived(const QString &sha256, qint64 size, QLatin1StringView what, QByteArrayView bytes)
{
    if (const auto error = d->refusal())
        return *error;
    const auto path = objectPath(sha256, size);
    if (!path || what.isEmpty())
        return badRequest(u"no name of an object"_s);
    const qsizetype slash = path->lastIndexOf('/');
    if (Result<> made = d->derivedFolders.make(path->first(slash)); !made)
        return d->judged(std::move(made));
    return d->judged(durable::writeFile(d->derivedRoot + '/' + path->first(slash),
                                        path->sliced(slash + 1) + '.' + QByteArray(what.data(), what.size()), bytes));
}

Result<QByteArray> FolderStore::derived(const QString &sha256, qint64 size, QLatin1StringView what)
{
    const auto path = objectPath(sha256, size);
    if (!path)
        return badRequest(u"no name of an object"_s);
    const QByteArray full = d->derivedRoot + '/' + *path + '.' + QByteArray(what.data(), what.size());
    const FileDescriptor file(::open(full.constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat facts{};
    if (!file.isOpen() || ::fstat(file.get(), &facts) != 0)
        return errno == ENOENT ? Error{ErrorCode::StorageCopyDamaged, u"nothing was derived"_s} : storeError(errno, "open derived"_L1);
    QByteArray bytes(facts.st_size, Qt::Uninitialized);
    for (qsizetype done = 0; done < bytes.size();) {
        const ssize_t got = ::pread(file.get(), bytes.data() + done, static_cast<std::size_t>(bytes.size() - done), done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return storeError(got < 0 ? errno : EIO, "read derived"_L1);
        done += got;
    }
    return bytes;
}

Result<> FolderStore::removeObject(const QString &sha256, qint64 size)
{
    if (const auto error = d->refusal())
        return *error;
    const auto path = objectPath(sha256, size);
    if (!path)
        return badRequest(u"no name of an object"_s);
    const qsizetype slash = path->lastIndexOf('/');
    const auto remove = [this](const QByteArray &folder, const QStringList &names) -> Result<> {
        for (const QString &name : names) {
            if (::unlink(QByteArray(folder + '/' + QFile::encodeName(name)).constData()) != 0 && errno != ENOENT)
                return storeError(errno, "unlink object"_L1);
        }
        // Without a look whether something was there: an earlier try may have come no further than here.
        return QFileInfo::exists(QFile::decodeName(folder)) ? d->judged(durable::syncFolder(folder)) : Result<>();
    };
    // The object last: as long as it is there, a removal that was cut short shows.
    const QByteArray made = d->derivedRoot + '/' + path->first(slash);
    const QString name = QString::fromLatin1(path->sliced(slash + 1));
    const QStringList derivedNames = QDir(QFile::decodeName(made)).entryList({name + u".*"_s}, QDir::Files);
    if (const Result<> removed = remove(made, derivedNames); !removed)
        return removed;
    return remove(d->objects + '/' + path->first(slash), {name});
}

Result<> FolderStore::discard(const QUuid &uploadId)
{
    d->door.closeUpload(uploadId);
    return UploadFolder::remove(d->incoming, uploadId);
}

Result<QList<QUuid>> FolderStore::stale(qint64 olderThanMs)
{
    const qint64 before = nowMs() - olderThanMs;
    QList<QUuid> found;
    const QDir incoming(QFile::decodeName(d->incoming));
    for (const QFileInfo &upload : incoming.entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        const QUuid id = QUuid::fromString(upload.fileName());
        if (id.isNull())
            continue;
        qint64 touched = upload.lastModified().toMSecsSinceEpoch();
        for (const QFileInfo &file : QDir(upload.filePath()).entryInfoList(QDir::Files))
            touched = std::max(touched, file.lastModified().toMSecsSinceEpoch());
        if (touched < before)
            found.append(id);
    }
    return found;
}

} // namespace photolift::server
