#pragma once

#include "models/photo/filedescriptor.h"
#include "models/vocabulary/result.h"

#include <QByteArray>

namespace photolift::server {

/// Files that are there after a power cut. Paths are bytes of our own making; folders 0700, files 0600. Blocking, thread-safe.
namespace durable {

/// The code for a failed system call on the store: STORAGE_NO_SPACE for ENOSPC and EDQUOT, else STORAGE_NOT_READY.
Error storeError(int osErrno, QLatin1StringView what);

/// Makes the names of a folder durable. An error is final: never try it again (FAULTS 6).
Result<> syncFolder(const QByteArray &folder);
Result<> syncData(int descriptor);

/// Puts the bytes at FOLDER/name, whole or not at all, durable on return; replaces what was there.
Result<> writeFile(const QByteArray &folder, const QByteArray &name, QByteArrayView bytes);
/// Writes all of it at the offset, however the system splits it.
Result<> writeAt(int descriptor, QByteArrayView bytes, qint64 offset);

} // namespace durable
} // namespace photolift::server
