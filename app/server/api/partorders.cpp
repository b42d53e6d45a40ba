#include "app/server/api/partorders.h"

#include <QSet>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

bool isHex(const QString &text, qsizetype length)
{
    return text.size() == length && std::all_of(text.begin(), text.end(), [](QChar c) { return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f'); });
}

} // namespace

Result<> checkPartOrders(const QList<wire::PartOrder> &parts, qint64 size, qint64 partBytes, QLatin1StringView checksumKind)
{
    if (parts.isEmpty() || parts.size() > wire::MaxLinksPerCall)
        return Error{ErrorCode::ApiRequestRefused, u"%1 parts in one call"_s.arg(parts.size())};
    const qint64 count = (size + partBytes - 1) / partBytes;
    QSet<int> seen;
    for (const wire::PartOrder &part : parts) {
        if (part.number < 1 || part.number > count || seen.contains(part.number))
            return Error{ErrorCode::ApiRequestRefused, u"part %1 of %2"_s.arg(part.number).arg(count)};
        seen.insert(part.number);
        const qint64 expected = part.number < count ? partBytes : size - (count - 1) * partBytes;
        if (part.size != expected)
            return Error{ErrorCode::ApiRequestRefused, u"part %1 has %2 bytes, not %3"_s.arg(part.number).arg(part.size).arg(expected)};
        if (!isHex(part.checksum, checksumKind == "md5"_L1 ? 32 : 64))
            return Error{ErrorCode::ApiRequestRefused, u"checksum of part %1"_s.arg(part.number)};
    }
    return {};
}

} // namespace photolift::server
