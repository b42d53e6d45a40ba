#include "app/server/objects/storedfile.h"

#include "app/server/objects/durable.h"
#include "models/photo/filedescriptor.h"
#include "models/photo/hasher.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace photolift::server {

using namespace Qt::StringLiterals;
using durable::storeError;
using photo::FileDescriptor;

namespace {
constexpr std::size_t ReadBytes = 512 * 1024;
}

Result<ObjectStore::Reread> rereadFile(int descriptor, const std::atomic<bool> &cancelled)
{
    // What is only in the cache of the kernel proves nothing about the disk. The parts are synced, so it lets go of them.
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    photo::Sha256 hash;
    QByteArray buffer(ReadBytes, Qt::Uninitialized);
    ObjectStore::Reread result;
    while (true) {
        if (cancelled)
            return Error{ErrorCode::UserCancelled, u"reread stopped"_s};
        const ssize_t got = ::read(descriptor, buffer.data(), ReadBytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return storeError(errno, "read assembled"_L1);
        if (got == 0)
            break;
        hash.add(QByteArrayView(buffer).first(got));
        result.size += got;
    }
    result.sha256 = QString::fromLatin1(hash.result().toHex());
    return result;
}

Result<bool> isExactly(const QByteArray &path, const QString &sha256, qint64 size, const std::atomic<bool> &cancelled)
{
    const FileDescriptor file(::open(path.constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.isOpen())
        return errno == ENOENT ? Result<bool>(false) : Result<bool>(storeError(errno, "open object"_L1));
    struct stat facts{};
    if (::fstat(file.get(), &facts) != 0)
        return storeError(errno, "stat object"_L1);
    if (!S_ISREG(facts.st_mode) || facts.st_size != size)
        return false;
    const Result<ObjectStore::Reread> read = rereadFile(file.get(), cancelled);
    if (!read)
        return read.error();
    return read->size == size && read->sha256 == sha256;
}

} // namespace photolift::server
