#pragma once

#include "models/photo/filedescriptor.h"
#include "models/photo/kind.h"
#include "models/vocabulary/result.h"

#include <QByteArray>

#include <optional>

namespace photolift::photo {

/// What makes a file the same file, unchanged, at two looks.
struct FileIdentity {
    qint64 size = 0;    ///< bytes
    qint64 mtimeNs = 0; ///< Unix ns
    quint64 inode = 0;
    quint64 device = 0;
    bool operator==(const FileIdentity &) const = default;
};

/// One regular file, open for reading, seen once.
struct FileLook {
    FileDescriptor descriptor;
    FileIdentity identity;
    QByteArray firstBytes; ///< at most KindBytes
    Kind kind;
};

/// The largest photo that is accepted, in bytes (C-18).
inline constexpr qint64 LargestPhotoBytes = 2LL * 1024 * 1024 * 1024;

/// Opens `path` (bytes of the file system) without following a link as its last part and without waiting for a FIFO or device,
/// and reads its first bytes. Blocking; call it on a pool thread. Errors: the codes of selection, PREPROCESSING_READ_FAILED when the
/// first bytes cannot be read, LOCAL_RESOURCES_LOW; SELECTION_SKIPPED_SPECIAL for all that is not a regular file.
Result<FileLook> lookAt(const QByteArray &path);

/// Only the identity, for the second look; the same errors. The file is not opened.
Result<FileIdentity> identityOf(const QByteArray &path);
/// The identity of what is behind an open descriptor now.
Result<FileIdentity> identityOf(int descriptor);

/// Why this file is never tried: SELECTION_FILE_EMPTY, SELECTION_NOT_ACCEPTED (kind, THM or size); nullopt: it is a photo.
std::optional<Error> refusalOf(const FileLook &look);

/// The code of ERRORS for a failed system call on a photo, errno in the detail.
Error fileError(int osErrno, QLatin1StringView what);

} // namespace photolift::photo
