#include "tests/faults/checker/filehash.h"

#include <QCryptographicHash>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace photolift::check {

std::optional<FileHash> hashFile(const QByteArray &path)
{
    const int descriptor = ::open(path.constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0)
        return std::nullopt;
    struct stat status = {};
    FileHash result;
    QCryptographicHash hash(QCryptographicHash::Sha256);
    QByteArray buffer(1 << 20, Qt::Uninitialized);
    ssize_t got = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) ? 1 : -1;
    while (got > 0) {
        got = ::read(descriptor, buffer.data(), static_cast<size_t>(buffer.size()));
        if (got > 0) {
            hash.addData(QByteArrayView(buffer.constData(), got));
            result.size += got;
        }
    }
    ::close(descriptor);
    if (got < 0)
        return std::nullopt;
    result.sha256 = hash.result().toHex();
    return result;
}

} // namespace photolift::check
