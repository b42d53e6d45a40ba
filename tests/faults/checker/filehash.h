#pragma once

#include <QByteArray>
#include <QString>

#include <optional>

namespace photolift::check {

struct FileHash {
    QByteArray sha256; ///< hex
    qint64 size = 0;
};

/// Reads the file to its end; nothing when it cannot be read. `path` is bytes of the file system.
std::optional<FileHash> hashFile(const QByteArray &path);

} // namespace photolift::check
