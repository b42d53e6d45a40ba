#include "models/photo/filelook.h"

#include "models/vocabulary/systemerror.h"

#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::photo {

namespace {

FileIdentity identityFrom(const struct stat &status)
{
    return {status.st_size, status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec, status.st_ino, status.st_dev};
}

Error specialFile()
{
    return {ErrorCode::SelectionSkippedSpecial, u"not a regular file"_s};
}

/// Where calls that begin at a folder find a file.
struct Place {
    FileDescriptor folder; ///< not open: none is needed
    QByteArray path;
    int at() const { return folder.isOpen() ? folder.get() : AT_FDCWD; }
};

/// A path that is longer than the system takes at once begins at a folder far enough down: a walk finds such files. On failure errno says why.
std::optional<Place> placeOf(const QByteArray &path)
{
    Place place{{}, path};
    while (place.path.size() >= PATH_MAX) {
        const qsizetype cut = place.path.lastIndexOf('/', PATH_MAX - 1);
        if (cut <= 0) {
            errno = ENAMETOOLONG;
            return std::nullopt;
        }
        FileDescriptor next(::openat(place.at(), place.path.left(cut).constData(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!next.isOpen())
            return std::nullopt;
        place.folder = std::move(next);
        place.path.remove(0, cut + 1);
    }
    return place;
}

/// Opening a socket or a device without driver says ENXIO, which on a photo means that the card is gone: look what it is.
bool isSpecial(const Place &place)
{
    struct stat status = {};
    return ::fstatat(place.at(), place.path.constData(), &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(status.st_mode);
}

Result<QByteArray> readFirstBytes(int descriptor)
{
    QByteArray bytes(KindBytes, Qt::Uninitialized);
    qsizetype filled = 0;
    while (filled < bytes.size()) {
        const ssize_t count = ::pread(descriptor, bytes.data() + filled, static_cast<std::size_t>(bytes.size() - filled), filled);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fileError(errno, "read"_L1);
        if (count == 0)
            break;
        filled += count;
    }
    bytes.truncate(filled);
    return bytes;
}

} // namespace

Error fileError(int osErrno, QLatin1StringView what)
{
    const auto code = [osErrno] {
        switch (osErrno) {
        case ENOENT:
        case ENOTDIR:
            return ErrorCode::SelectionFileMissing;
        case EACCES:
        case EPERM:
            return ErrorCode::SelectionNoPermission;
        case ENODEV:
        case ENXIO:
        case ESTALE:
            return ErrorCode::SelectionCardRemoved;
        case ELOOP:
        case EISDIR:
            return ErrorCode::SelectionSkippedSpecial;
        case ENOMEM:
        case EMFILE:
        case ENFILE:
            return ErrorCode::LocalResourcesLow;
        default:
            return ErrorCode::PreprocessingReadFailed;
        }
    }();
    return systemError(code, what, osErrno);
}

Result<FileLook> lookAt(const QByteArray &path)
{
    FileLook look;
    const std::optional<Place> place = placeOf(path);
    if (!place)
        return fileError(errno, "open"_L1);
    look.descriptor =
        FileDescriptor(::openat(place->at(), place->path.constData(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!look.descriptor.isOpen()) {
        const int osErrno = errno;
        return osErrno == ENXIO && isSpecial(*place) ? specialFile() : fileError(osErrno, "open"_L1);
    }
    const Result<FileIdentity> identity = identityOf(look.descriptor.get());
    if (!identity)
        return identity.error();
    look.identity = *identity;
    Result<QByteArray> firstBytes = readFirstBytes(look.descriptor.get());
    if (!firstBytes)
        return firstBytes.error();
    look.firstBytes = *std::move(firstBytes);
    look.kind = kindOf(look.firstBytes);
    if (isMovieThumbnail(path, look.firstBytes))
        look.kind.isAccepted = false;
    return look;
}

Result<FileIdentity> identityOf(const QByteArray &path)
{
    struct stat status = {};
    const std::optional<Place> place = placeOf(path);
    if (!place || ::fstatat(place->at(), place->path.constData(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return fileError(errno, "stat"_L1);
    if (!S_ISREG(status.st_mode))
        return specialFile();
    return identityFrom(status);
}

Result<FileIdentity> identityOf(int descriptor)
{
    struct stat status = {};
    if (::fstat(descriptor, &status) != 0)
        return fileError(errno, "stat"_L1);
    if (!S_ISREG(status.st_mode))
        return specialFile();
    return identityFrom(status);
}

std::optional<Error> refusalOf(const FileLook &look)
{
    if (look.identity.size == 0)
        return Error{ErrorCode::SelectionFileEmpty, u"0 bytes"_s};
    if (look.identity.size > LargestPhotoBytes)
        return Error{ErrorCode::SelectionNotAccepted, u"larger than 2 GiB"_s};
    if (!look.kind.isAccepted)
        return Error{ErrorCode::SelectionNotAccepted, u"first bytes: %1"_s.arg(QString::fromLatin1(look.firstBytes.left(8).toHex()))};
    return std::nullopt;
}

} // namespace photolift::photo
