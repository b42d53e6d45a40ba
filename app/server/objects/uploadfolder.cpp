#include "app/server/objects/uploadfolder.h"

#include "app/server/objects/durable.h"
#include "models/vocabulary/ids.h"

#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace photolift::server {

using namespace Qt::StringLiterals;
using durable::storeError;
using photo::FileDescriptor;

namespace {
struct CloseFolder {
    void operator()(DIR *folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

QByteArray pathOf(const QByteArray &incoming, const QUuid &id)
{
    return incoming + '/' + idText(id).toLatin1();
}

QByteArray bytesName(qint64 size, qint64 partBytes)
{
    return "bytes-" + QByteArray::number(size) + '-' + QByteArray::number(partBytes);
}

/// Reserves the space where the file system can, so that a full disk shows now and not in the middle of a part.
Result<> reserve(int descriptor, qint64 size)
{
    if (::fallocate(descriptor, 0, 0, size) == 0)
        return {};
    if (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINTR)
        return storeError(errno, "fallocate"_L1);
    if (::ftruncate(descriptor, size) != 0)
        return storeError(errno, "ftruncate"_L1);
    return {};
}
}

Result<UploadFolder> UploadFolder::make(const QByteArray &incoming, const QUuid &id, qint64 size, qint64 partBytes)
{
    const QByteArray path = pathOf(incoming, id);
    if (::mkdir(path.constData(), 0700) != 0 && errno != EEXIST)
        return storeError(errno, "mkdir upload"_L1);
    const QByteArray file = path + '/' + bytesName(size, partBytes);
    Result<> made = [&]() -> Result<> {
        const FileDescriptor bytes(::open(file.constData(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!bytes.isOpen())
            return storeError(errno, "create upload"_L1);
        if (Result<> reserved = reserve(bytes.get(), size); !reserved)
            return reserved;
        if (Result<> synced = durable::syncFolder(path); !synced)
            return synced;
        return durable::syncFolder(incoming);
    }();
    if (!made) {
        // Of a repeated begin only what this call may have made is taken away: an upload with parts stays.
        if (Result<UploadFolder> there = open(incoming, id); !there || there->parts().isEmpty())
            (void)remove(incoming, id);
        return made.error();
    }
    return open(incoming, id);
}

Result<UploadFolder> UploadFolder::open(const QByteArray &incoming, const QUuid &id)
{
    UploadFolder upload(pathOf(incoming, id));
    const Folder folder(::opendir(upload.m_path.constData()));
    if (!folder)
        return errno == ENOENT ? Error{ErrorCode::TransferUploadGone, idText(id)} : storeError(errno, "open upload"_L1);
    errno = 0;
    while (const dirent *entry = ::readdir(folder.get())) {
        const QByteArray name(entry->d_name);
        if (!name.startsWith('.') && !upload.readName(name))
            return Error{ErrorCode::StorageNotReady, u"a foreign name in upload "_s % idText(id)};
    }
    if (errno != 0)
        return storeError(errno, "read upload"_L1);
    if (!upload.m_hasBytes && !upload.m_object)
        return Error{ErrorCode::TransferUploadGone, idText(id)}; // begun half, or being removed
    std::sort(upload.m_parts.begin(), upload.m_parts.end(), [](const auto &a, const auto &b) { return a.number < b.number; });
    return upload;
}

bool UploadFolder::readName(const QByteArray &name)
{
    const QList<QByteArray> pieces = name.split('-');
    if (pieces.size() == 3 && pieces[0] == "bytes") {
        m_hasBytes = true;
        m_size = pieces[1].toLongLong();
        m_partBytes = pieces[2].toLongLong();
        return m_size > 0 && m_partBytes > 0;
    }
    if (pieces.size() == 4 && pieces[0] == "part") {
        m_parts.append({pieces[1].toInt(), pieces[2].toLongLong(), QString::fromLatin1(pieces[3])});
        return m_parts.last().number > 0;
    }
    if (pieces.size() == 3 && pieces[0] == "object") {
        m_object = ObjectName{QString::fromLatin1(pieces[1]), pieces[2].toLongLong()};
        return m_object->size > 0;
    }
    return false;
}

Result<> UploadFolder::remove(const QByteArray &incoming, const QUuid &id)
{
    const QByteArray path = pathOf(incoming, id);
    const Folder folder(::opendir(path.constData()));
    if (!folder)
        return errno == ENOENT ? Result<>() : storeError(errno, "open upload"_L1);
    while (const dirent *entry = ::readdir(folder.get())) {
        const QByteArray name(entry->d_name);
        if (name != "." && name != ".." && ::unlink(QByteArray(path + '/' + name).constData()) != 0 && errno != ENOENT)
            return storeError(errno, "unlink"_L1);
    }
    if (::rmdir(path.constData()) != 0 && errno != ENOENT)
        return storeError(errno, "rmdir"_L1);
    return {};
}

int UploadFolder::partCount() const
{
    return m_partBytes > 0 ? static_cast<int>((m_size + m_partBytes - 1) / m_partBytes) : 0;
}

qint64 UploadFolder::partSize(int number) const
{
    if (number < 1 || number > partCount())
        return 0;
    return std::min(m_partBytes, m_size - partOffset(number));
}

std::optional<StoredPart> UploadFolder::part(int number) const
{
    for (const StoredPart &part : m_parts) {
        if (part.number == number)
            return part;
    }
    return std::nullopt;
}

QByteArray UploadFolder::bytesPath() const
{
    return m_path + '/' + bytesName(m_size, m_partBytes);
}

Result<> UploadFolder::acknowledge(const StoredPart &part)
{
    return makeMarker("part-" + QByteArray::number(part.number) + '-' + QByteArray::number(part.size) + '-' + part.checksum.toLatin1());
}

Result<> UploadFolder::noteObject(const ObjectName &name)
{
    m_object = name;
    return makeMarker("object-" + name.sha256.toLatin1() + '-' + QByteArray::number(name.size));
}

Result<> UploadFolder::makeMarker(const QByteArray &name)
{
    const FileDescriptor marker(::open(QByteArray(m_path + '/' + name).constData(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!marker.isOpen())
        return errno == ENOENT ? Error{ErrorCode::TransferUploadGone, u"removed meanwhile"_s} : storeError(errno, "create marker"_L1);
    return durable::syncFolder(m_path);
}

} // namespace photolift::server
