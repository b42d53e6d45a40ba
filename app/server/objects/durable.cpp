#include "app/server/objects/durable.h"

#include "models/vocabulary/ids.h"
#include "models/vocabulary/systemerror.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace photolift::server::durable {

using namespace Qt::StringLiterals;
using photo::FileDescriptor;

Error storeError(int osErrno, QLatin1StringView what)
{
    const bool isFull = osErrno == ENOSPC || osErrno == EDQUOT;
    return systemError(isFull ? ErrorCode::StorageNoSpace : ErrorCode::StorageNotReady, what, osErrno);
}

Result<> syncFolder(const QByteArray &folder)
{
    const FileDescriptor descriptor(::open(folder.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor.isOpen())
        return storeError(errno, "open folder"_L1);
    if (::fsync(descriptor.get()) != 0)
        return storeError(errno, "fsync folder"_L1);
    return {};
}

Result<> syncData(int descriptor)
{
    if (::fdatasync(descriptor) != 0)
        return storeError(errno, "fdatasync"_L1);
    return {};
}

Result<> writeAt(int descriptor, QByteArrayView bytes, qint64 offset)
{
    while (!bytes.isEmpty()) {
        const ssize_t written = ::pwrite(descriptor, bytes.data(), static_cast<std::size_t>(bytes.size()), offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return storeError(written < 0 ? errno : EIO, "pwrite"_L1);
        bytes = bytes.sliced(written);
        offset += written;
    }
    return {};
}

Result<> writeFile(const QByteArray &folder, const QByteArray &name, QByteArrayView bytes)
{
    const QByteArray temporary = folder + "/.new-" + idText(newUuid7()).toLatin1();
    const QByteArray path = folder + '/' + name;
    Result<> done = [&]() -> Result<> {
        const FileDescriptor file(::open(temporary.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!file.isOpen())
            return storeError(errno, "create"_L1);
        if (Result<> written = writeAt(file.get(), bytes, 0); !written)
            return written;
        if (Result<> synced = syncData(file.get()); !synced)
            return synced;
        if (::rename(temporary.constData(), path.constData()) != 0)
            return storeError(errno, "rename"_L1);
        return syncFolder(folder);
    }();
    if (!done)
        ::unlink(temporary.constData());
    return done;
}

} // namespace photolift::server::durable
