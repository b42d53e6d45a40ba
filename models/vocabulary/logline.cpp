#include "models/vocabulary/logline.h"

#include "models/vocabulary/correlation.h"
#include "models/vocabulary/ids.h"

#include <QDateTime>
#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace photolift {

namespace {

/// Longer texts are cut before the patterns see them: a megabyte of message must not hold anybody up.
constexpr qsizetype MaxSearchedLength = 4 * MaxLogFieldBytes;

QLatin1StringView levelName(QtMsgType level)
{
    switch (level) {
    case QtDebugMsg: return "debug"_L1;
    case QtInfoMsg: return "info"_L1;
    case QtWarningMsg: return "warning"_L1;
    case QtCriticalMsg: return "critical"_L1;
    case QtFatalMsg: return "fatal"_L1;
    }
    return "info"_L1;
}

/// Safe to stand in a log as it is. Not so: what ends a line for some reader, moves a terminal's cursor or turns the direction.
bool isHarmless(char32_t character)
{
    if (character < 0x20 || character == U'"' || character == U'\\')
        return false;
    if (character < 0x7f)
        return true;
    const QChar::Category category = QChar::category(character); // isPrint() alone lets the separators pass
    return QChar::isPrint(character) && category != QChar::Other_Format && category != QChar::Separator_Line
        && category != QChar::Separator_Paragraph;
}

void appendEscaped(QByteArray &json, char32_t character)
{
    const auto appendUnit = [&json](uint unit) {
        json += "\\u";
        json += QByteArray::number(unit, 16).rightJustified(4, '0');
    };
    switch (character) {
    case U'"': json += "\\\""; return;
    case U'\\': json += "\\\\"; return;
    case U'\n': json += "\\n"; return;
    case U'\r': json += "\\r"; return;
    case U'\t': json += "\\t"; return;
    default: break;
    }
    if (QChar::requiresSurrogates(character)) {
        appendUnit(QChar::highSurrogate(character));
        appendUnit(QChar::lowSurrogate(character));
    } else {
        appendUnit(character);
    }
}

qsizetype utf8Length(char32_t character)
{
    return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
}

void appendText(QByteArray &json, QStringView text)
{
    const QList<uint> characters = text.first(std::min(text.size(), MaxSearchedLength)).toUcs4(); // lone surrogates become U+FFFD
    qsizetype room = MaxLogFieldBytes - 3;
    json += '"';
    for (const uint character : characters) {
        room -= utf8Length(character);
        if (room < 0) {
            json += "\xe2\x80\xa6";
            break;
        }
        if (isHarmless(character))
            json += QString::fromUcs4(reinterpret_cast<const char32_t *>(&character), 1).toUtf8();
        else
            appendEscaped(json, character);
    }
    json += '"';
}

void appendField(QByteArray &json, QLatin1StringView name, QStringView text)
{
    json += json.isEmpty() ? "{\"" : ",\"";
    json += QByteArrayView(name.data(), name.size());
    json += "\":";
    appendText(json, text);
}

} // namespace

LogEvent logEvent(QtMsgType level, const QMessageLogContext &context, const QString &message)
{
    return {nowMs(), level, QString::fromUtf8(context.category ? context.category : "default"), message, currentCorrelation(), {}};
}

QString redacted(const QString &text)
{
    // A name, what stands between it and the value (as in a URL, in JSON, in a header, each perhaps percent-encoded), the value.
    static const QRegularExpression named(
        uR"((X-Amz-Signature|X-Amz-Security-Token|X-Amz-Credential|access_token|token|secret|password)(["']?\s*(?:=|:|%3D|%3A)\s*["']?))"
        uR"([^\s&"'<>;,]+)"_s,
        QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression bearer(uR"(\b(Bearer)(\s+|%20|\+)[A-Za-z0-9._~+/=%-]{4,})"_s, QRegularExpression::CaseInsensitiveOption);
    QString result = text;
    result.replace(bearer, u"\\1\\2***"_s);
    result.replace(named, u"\\1\\2***"_s);
    return result;
}

QByteArray logLine(const LogEvent &event)
{
    QByteArray json;
    json.reserve(256 + event.message.size());
    appendField(json, "ts"_L1, QDateTime::fromMSecsSinceEpoch(event.timeMs, Qt::UTC).toString(Qt::ISODateWithMs));
    appendField(json, "level"_L1, levelName(event.level).toString());
    appendField(json, "category"_L1, event.category);
    appendField(json, "message"_L1, redacted(event.message.left(MaxSearchedLength)));
    if (event.correlation.isNull())
        json += ",\"correlation\":null"; // there all the same: who filters by the field need not ask whether it exists
    else
        appendField(json, "correlation"_L1, idText(event.correlation));
    for (const auto &[name, text] : event.more)
        appendField(json, name, redacted(text.left(MaxSearchedLength)));
    return json + "}\n";
}

} // namespace photolift
