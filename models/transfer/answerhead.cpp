#include "models/transfer/answerhead.h"

#include "models/wire/messages.h"

#include <QDateTime>
#include <QLocale>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace photolift::transfer {

void AnswerHead::takeLine(QByteArrayView line)
{
    const QByteArray text = line.trimmed().toByteArray();
    if (text.startsWith("HTTP/")) {
        // The status itself comes from the HTTP library; what matters here is that headers of an earlier answer are forgotten.
        headers.clear();
        isTorn = true;
        return;
    }
    if (text.isEmpty())
        isTorn = false;
    const qsizetype colon = text.indexOf(':');
    if (colon > 0)
        headers.insert(text.left(colon).trimmed().toLower(), text.mid(colon + 1).trimmed());
}

QByteArray AnswerHead::header(QByteArrayView lowerCaseName) const
{
    return headers.value(lowerCaseName.toByteArray());
}

QByteArray AnswerHead::mediaType() const
{
    const QByteArray type = header("content-type");
    return type.split(';').first().trimmed().toLower();
}

QByteArray AnswerHead::etag() const
{
    QByteArray tag = header("etag");
    if (tag.startsWith("W/"))
        tag.remove(0, 2);
    if (tag.size() >= 2 && tag.startsWith('"') && tag.endsWith('"'))
        tag = tag.mid(1, tag.size() - 2);
    return tag;
}

bool AnswerHead::isOurs() const
{
    return header(QByteArray(wire::OurHeader).toLower()) == wire::OurHeaderValue;
}

bool AnswerHead::isFromStore() const
{
    return isOurs() || !header("x-amz-request-id").isEmpty();
}

QString AnswerHead::requestId() const
{
    const QByteArray ours = header(QByteArray(wire::RequestIdHeader).toLower());
    return QString::fromLatin1((ours.isEmpty() ? header("x-amz-request-id") : ours).left(200));
}

std::optional<qint64> AnswerHead::retryAfterMs(qint64 nowMs) const
{
    const QByteArray text = header("retry-after");
    if (text.isEmpty())
        return {};
    bool isNumber = false;
    const qint64 seconds = text.toLongLong(&isNumber);
    if (isNumber)
        return seconds < 0 ? std::nullopt : std::optional(std::min<qint64>(seconds, 365LL * 24 * 3600) * 1000);
    const std::optional<qint64> instant = httpDateMs(text);
    if (!instant)
        return {};
    // A date is meant by the answering clock: count from its own Date where it gives one, so that a wrong clock here does no harm.
    return std::max<qint64>(0, *instant - dateMs().value_or(nowMs));
}

std::optional<qint64> AnswerHead::dateMs() const
{
    return httpDateMs(header("date"));
}

std::optional<qint64> httpDateMs(QByteArrayView text)
{
    // "Sun, 06 Nov 1994 08:49:37 GMT": the C locale, whatever the person's is.
    const QString spelled = QString::fromLatin1(text).trimmed();
    if (!spelled.endsWith(" GMT"_L1))
        return {};
    QDateTime instant = QLocale::c().toDateTime(spelled.chopped(4), u"ddd, dd MMM yyyy HH:mm:ss"_s);
    if (!instant.isValid())
        return {};
    instant.setTimeSpec(Qt::UTC);
    return instant.toMSecsSinceEpoch();
}

} // namespace photolift::transfer
