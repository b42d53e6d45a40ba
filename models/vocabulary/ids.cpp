#include "models/vocabulary/ids.h"

#include <QDateTime>
#include <QRandomGenerator>

namespace photolift {

QUuid newUuid7(qint64 unixMs)
{
    const quint64 random = QRandomGenerator::system()->generate64();
    const quint32 more = QRandomGenerator::system()->generate();
    const auto ms = static_cast<quint64>(unixMs);
    return QUuid(static_cast<uint>(ms >> 16), static_cast<ushort>(ms & 0xffff), static_cast<ushort>(0x7000 | (more & 0x0fff)),
                 static_cast<uchar>(0x80 | ((random >> 56) & 0x3f)), static_cast<uchar>(random >> 48), static_cast<uchar>(random >> 40),
                 static_cast<uchar>(random >> 32), static_cast<uchar>(random >> 24), static_cast<uchar>(random >> 16),
                 static_cast<uchar>(random >> 8), static_cast<uchar>(random));
}

QUuid newUuid7()
{
    return newUuid7(nowMs());
}

qint64 instantOf(const QUuid &uuid7)
{
    return static_cast<qint64>((static_cast<quint64>(uuid7.data1) << 16) | uuid7.data2);
}

int dateKeyOf(qint64 unixMs)
{
    const QDate day = QDateTime::fromMSecsSinceEpoch(unixMs, Qt::UTC).date();
    return day.year() * 10000 + day.month() * 100 + day.day();
}

QString idText(const QUuid &id)
{
    return id.toString(QUuid::WithoutBraces);
}

qint64 nowMs()
{
    return QDateTime::currentMSecsSinceEpoch();
}

} // namespace photolift
