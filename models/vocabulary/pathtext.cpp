#include "models/vocabulary/pathtext.h"

#include <QStringDecoder>

namespace photolift {

namespace {
constexpr QChar Replacement(QChar::ReplacementCharacter);

/// The length of the well-formed UTF-8 sequence at `at`, or 0 (Unicode 15, table 3-7).
qsizetype sequenceLength(QByteArrayView bytes, qsizetype at)
{
    const auto byte = [&](qsizetype i) { return i < bytes.size() ? static_cast<uchar>(bytes[i]) : uchar(0); };
    const auto continues = [&](qsizetype i, uchar low = 0x80, uchar high = 0xbf) { return byte(i) >= low && byte(i) <= high; };
    const uchar lead = byte(at);
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return continues(at + 1) ? 2 : 0;
    if (lead >= 0xe0 && lead <= 0xef) {
        const uchar low = lead == 0xe0 ? 0xa0 : 0x80;
        const uchar high = lead == 0xed ? 0x9f : 0xbf;
        return continues(at + 1, low, high) && continues(at + 2) ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const uchar low = lead == 0xf0 ? 0x90 : 0x80;
        const uchar high = lead == 0xf4 ? 0x8f : 0xbf;
        return continues(at + 1, low, high) && continues(at + 2) && continues(at + 3) ? 4 : 0;
    }
    return 0;
}

/// U+FFFD is our own mark. SQLite replaces U+FFFE and U+FFFF by it whenever it reads a text as UTF-16, as Qt's driver does.
constexpr QByteArrayView EscapedPrefix("\xef\xbf", 2);
bool isAlwaysEscaped(QByteArrayView sequence)
{
    return sequence == QByteArrayView("\xef\xbf\xbd") || sequence == QByteArrayView("\xef\xbf\xbe") || sequence == QByteArrayView("\xef\xbf\xbf");
}

void appendEscaped(QString &text, QByteArrayView bytes)
{
    for (const char byte : bytes) {
        text += Replacement;
        text += QStringLiteral("%1").arg(static_cast<uchar>(byte), 2, 16, QLatin1Char('0')).toUpper();
    }
}
}

bool isUtf8(QByteArrayView bytes)
{
    for (qsizetype at = 0; at < bytes.size();) {
        const qsizetype length = sequenceLength(bytes, at);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

QString textFromPath(QByteArrayView bytes)
{
    if (isUtf8(bytes) && !bytes.contains(EscapedPrefix))
        return QString::fromUtf8(bytes);
    QString text;
    for (qsizetype at = 0; at < bytes.size();) {
        const qsizetype length = sequenceLength(bytes, at);
        const QByteArrayView piece = bytes.sliced(at, qMax<qsizetype>(length, 1));
        if (length == 0 || isAlwaysEscaped(piece))
            appendEscaped(text, piece);
        else
            text += QString::fromUtf8(piece);
        at += piece.size();
    }
    return text;
}

QByteArray pathFromText(QStringView text)
{
    QByteArray bytes;
    qsizetype plainFrom = 0;
    for (qsizetype at = 0; at < text.size(); ++at) {
        if (text[at] != Replacement || at + 2 >= text.size())
            continue;
        bool isHex = false;
        const uint byte = text.sliced(at + 1, 2).toUInt(&isHex, 16);
        if (!isHex)
            continue;
        bytes += text.sliced(plainFrom, at - plainFrom).toUtf8();
        bytes += static_cast<char>(byte);
        at += 2;
        plainFrom = at + 1;
    }
    return bytes + text.sliced(plainFrom).toUtf8();
}

QString displayName(QStringView text)
{
    QString shown;
    shown.reserve(text.size());
    for (const QChar c : text) {
        const bool isDirection = (c >= QChar(0x202a) && c <= QChar(0x202e)) || (c >= QChar(0x2066) && c <= QChar(0x2069))
                                 || c == QChar(0x200e) || c == QChar(0x200f) || c == QChar(0x061c);
        const bool isLineEnd = c == QChar(0x2028) || c == QChar(0x2029);
        if (c < QChar(0x20))
            shown += QChar(0x2400 + c.unicode()); // the control pictures, such as ␊
        else if (isDirection || isLineEnd || (c >= QChar(0x7f) && c < QChar(0xa0)))
            shown += QChar(0x2426); // symbol for substitute form two
        else
            shown += c;
    }
    return shown;
}

} // namespace photolift
