#pragma once

#include <QByteArray>
#include <QString>

namespace photolift::support {

/// A JPEG that decodes, told apart by `seed`, and of exactly `bytes` bytes when that is more than it needs (comment segments).
QByteArray jpegBytes(int seed, qint64 bytes = 0, int width = 64, int height = 48);

/// Writes it, makes folders on the way; gives the path.
QString writeJpeg(const QString &path, int seed, qint64 bytes = 0);

/// Lower-case hex of the SHA-256 of a file; empty when it cannot be read.
QString sha256OfFile(const QString &path);

} // namespace photolift::support
