#pragma once

#include "app/server/objects/objectstore.h"

#include <QByteArray>
#include <QString>

#include <atomic>

namespace photolift::server {

/// Reads an open file from its start, from the medium and not from the kernel's cache: its SHA-256 and size. Blocks.
Result<ObjectStore::Reread> rereadFile(int descriptor, const std::atomic<bool> &cancelled);

/// Whether the file there is exactly these bytes, read to its end; false when there is none. Blocks.
Result<bool> isExactly(const QByteArray &path, const QString &sha256, qint64 size, const std::atomic<bool> &cancelled = false);

} // namespace photolift::server
