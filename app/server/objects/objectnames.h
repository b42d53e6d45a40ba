#pragma once

#include <QByteArray>
#include <QString>

#include <optional>

namespace photolift::server {

/// Where an object lies below its root, such as "ab/cd/abcd...-1234". nullopt unless sha256 is 64 lower-case hex digits and
/// size > 0: nothing else ever becomes a path.
std::optional<QByteArray> objectPath(const QString &sha256, qint64 size);
bool isSha256Hex(const QString &text);

} // namespace photolift::server
