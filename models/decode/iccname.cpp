#include "models/decode/iccname.h"

#include <QStringDecoder>
#include <QtEndian>

namespace photolift::decode {

namespace {

constexpr qsizetype LongestName = 256;

quint32 big32(QByteArrayView bytes, quint64 offset)
{
    return offset + 4 <= static_cast<quint64>(bytes.size()) ? qFromBigEndian<quint32>(bytes.data() + offset) : 0;
}

QByteArrayView part(QByteArrayView bytes, quint64 offset, quint64 length)
{
    if (offset > static_cast<quint64>(bytes.size()))
        return {};
    return bytes.sliced(static_cast<qsizetype>(offset), static_cast<qsizetype>(std::min(length, static_cast<quint64>(bytes.size()) - offset)));
}

QString nameFromDescription(QByteArrayView tag)
{
    if (tag.startsWith("desc")) {
        const QByteArrayView text = part(tag, 12, std::min<quint64>(big32(tag, 8), LongestName));
        return QString::fromLatin1(text.first(text.indexOf('\0') < 0 ? text.size() : text.indexOf('\0'))).trimmed();
    }
    if (tag.startsWith("mluc") && big32(tag, 8) > 0) {
        // The first language will do: profiles of cameras carry English or one language only.
        QStringDecoder decode(QStringDecoder::Utf16BE);
        const QByteArrayView text = part(tag, big32(tag, 24), std::min<quint64>(big32(tag, 20), 2 * LongestName));
        const QString name = decode(text);
        return name.left(name.indexOf(QChar(u'\0')) < 0 ? name.size() : name.indexOf(QChar(u'\0'))).trimmed();
    }
    return {};
}

} // namespace

QString iccProfileName(QByteArrayView profile)
{
    const quint32 count = std::min(big32(profile, 128), 1024U);
    for (quint32 i = 0; i < count; ++i) {
        const quint64 entry = 132 + quint64(i) * 12;
        if (part(profile, entry, 4) == "desc")
            return nameFromDescription(part(profile, big32(profile, entry + 4), big32(profile, entry + 8)));
    }
    return {};
}

} // namespace photolift::decode
