#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QString>

namespace photolift::client {

/// The first line of a token file. Refused when it cannot be read, is empty, or when others than its owner may read or write it.
/// Blocks on the disk.
Result<QByteArray> readToken(const QString &fileName);

} // namespace photolift::client
