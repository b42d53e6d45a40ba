#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QList>
#include <QString>

namespace photolift::cli {

/// The paths as given, made absolute. Refused as soon as one of them is not there; a link that leads nowhere is there: the walk
/// leaves it out and says so.
Result<QList<QByteArray>> existingPaths(const QList<QByteArray> &paths);

/// The first line of a token file. Refused when it cannot be read, is empty, or when others than its owner may read or write it.
Result<QByteArray> readToken(const QString &fileName);

} // namespace photolift::cli
