#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QList>
#include <QString>

namespace photolift::cli {

/// A path as given, made absolute and without ".", ".." and doubled slashes, in bytes: it may begin with a dash and need not be UTF-8.
/// One file has one path, however it is typed: so the queue knows it again.
QByteArray absolutePath(const QByteArray &path);

/// The paths as given, made absolute, those that are links led to where they lead. Refused as soon as one of them is not there; a link
/// that leads nowhere is there: the walk leaves it out and says so.
Result<QList<QByteArray>> existingPaths(const QList<QByteArray> &paths);

} // namespace photolift::cli
