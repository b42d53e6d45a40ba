#include "app/server/objects/objectnames.h"

#include <algorithm>

namespace photolift::server {

bool isSha256Hex(const QString &text)
{
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](QChar c) {
               return (c >= QLatin1Char('0') && c <= QLatin1Char('9')) || (c >= QLatin1Char('a') && c <= QLatin1Char('f'));
           });
}

std::optional<QByteArray> objectPath(const QString &sha256, qint64 size)
{
    if (!isSha256Hex(sha256) || size <= 0)
        return std::nullopt;
    const QByteArray hash = sha256.toLatin1();
    return QByteArray(hash.first(2) + '/' + hash.sliced(2, 2) + '/' + hash + '-' + QByteArray::number(size));
}

} // namespace photolift::server
