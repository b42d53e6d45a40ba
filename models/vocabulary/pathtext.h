#pragma once

#include <QByteArray>
#include <QString>

namespace photolift {

/// File names are bytes; databases and JSON hold Unicode. This pair maps any bytes to text and back without loss:
/// valid UTF-8 stands as it is; each byte that is not, and those of U+FFFD, U+FFFE and U+FFFF in a name (SQLite would not keep the
/// last two), become U+FFFD followed by two hex digits.
/// Two different names never give the same text. NFC and NFD spellings stay two names.
QString textFromPath(QByteArrayView bytes);
QByteArray pathFromText(QStringView text);
bool isUtf8(QByteArrayView bytes);

/// For labels: control and direction characters are replaced by visible marks (SELECTION_NAME_UNUSABLE).
QString displayName(QStringView text);

} // namespace photolift
