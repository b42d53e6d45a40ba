#include "app/server/objects/s3/s3upload.h"

#include "models/vocabulary/ids.h"

#include <algorithm>

namespace photolift::server {

namespace {
constexpr char Folder[] = "incoming/";
constexpr qsizetype IdLength = 36;
}

QByteArray S3Upload::prefix(const QUuid &id)
{
    return Folder + idText(id).toLatin1() + '-';
}

QByteArray S3Upload::key() const
{
    return prefix(id) + QByteArray::number(size) + '-' + QByteArray::number(partBytes);
}

qint64 S3Upload::partSize(int number) const
{
    if (number < 1 || number > partCount())
        return 0;
    return std::min(partBytes, size - (number - 1) * partBytes);
}

std::optional<S3Upload> S3Upload::fromKey(const QByteArray &key)
{
    if (!key.startsWith(Folder))
        return std::nullopt;
    const QByteArray name = key.sliced(sizeof Folder - 1);
    S3Upload upload;
    upload.id = QUuid::fromString(QLatin1StringView(name.left(IdLength)));
    const QByteArrayList numbers = name.mid(IdLength + 1).split('-');
    if (upload.id.isNull() || numbers.size() != 2)
        return std::nullopt;
    upload.size = numbers[0].toLongLong();
    upload.partBytes = numbers[1].toLongLong();
    if (upload.size <= 0 || upload.partBytes <= 0 || upload.key() != key)
        return std::nullopt;
    return upload;
}

} // namespace photolift::server
