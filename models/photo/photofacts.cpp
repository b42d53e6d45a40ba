#include "models/photo/photofacts.h"

#include <QDateTime>
#include <QRegularExpression>
#include <QTimeZone>

#include <cmath>

using namespace Qt::StringLiterals;

namespace photolift::photo {

namespace {

constexpr qsizetype TextLength = 256;

template <typename T> void put(QJsonObject &json, QLatin1StringView key, const std::optional<T> &value)
{
    if (value)
        json.insert(key, *value);
}

void put(QJsonObject &json, QLatin1StringView key, const QString &value)
{
    if (!value.isEmpty())
        json.insert(key, value);
}

QString text(const QJsonObject &json, QLatin1StringView key)
{
    return json.value(key).toString().left(TextLength);
}

std::optional<double> number(const QJsonObject &json, QLatin1StringView key, double least, double most)
{
    const QJsonValue value = json.value(key);
    if (!value.isDouble() || !std::isfinite(value.toDouble()) || value.toDouble() < least || value.toDouble() > most)
        return std::nullopt;
    return value.toDouble();
}

std::optional<int> integer(const QJsonObject &json, QLatin1StringView key, int least, int most)
{
    const std::optional<double> value = number(json, key, least, most);
    if (!value || std::floor(*value) != *value)
        return std::nullopt;
    return static_cast<int>(*value);
}

/// "+01:00", "-04:00" or "Z" in seconds.
std::optional<int> offsetSeconds(const QString &offset)
{
    static const QRegularExpression form(u"^([+-])(\\d\\d):?(\\d\\d)$"_s);
    if (offset == "Z"_L1)
        return 0;
    const QRegularExpressionMatch match = form.match(offset);
    if (!match.hasMatch())
        return std::nullopt;
    const int hours = match.captured(2).toInt();
    const int minutes = match.captured(3).toInt();
    if (hours > 14 || minutes > 59)
        return std::nullopt;
    return (match.captured(1) == "-"_L1 ? -1 : 1) * (hours * 3600 + minutes * 60);
}

} // namespace

QJsonObject toJson(const PhotoFacts &facts)
{
    QJsonObject json;
    eachFact(facts, [&json](QLatin1StringView key, const auto &value) { put(json, key, value); });
    return json;
}

PhotoFacts factsFromJson(const QJsonObject &json)
{
    constexpr int MostPixels = 1'000'000'000;
    PhotoFacts facts;
    facts.width = integer(json, "width"_L1, 1, MostPixels);
    facts.height = integer(json, "height"_L1, 1, MostPixels);
    facts.make = text(json, "make"_L1);
    facts.model = text(json, "model"_L1);
    facts.taken = text(json, "taken"_L1);
    facts.offset = text(json, "offset"_L1);
    facts.subSeconds = text(json, "sub_seconds"_L1);
    facts.orientation = integer(json, "orientation"_L1, 1, 8);
    facts.latitude = number(json, "latitude"_L1, -90, 90);
    facts.longitude = number(json, "longitude"_L1, -180, 180);
    facts.altitude = number(json, "altitude"_L1, -20'000, 1'000'000);
    facts.iso = number(json, "iso"_L1, 1, 100'000'000);
    facts.fNumber = number(json, "f_number"_L1, 0.01, 10'000);
    facts.exposureTime = number(json, "exposure_time"_L1, 1e-9, 1e7);
    facts.focalLength = number(json, "focal_length"_L1, 0.001, 1e6);
    facts.lens = text(json, "lens"_L1);
    facts.colorProfile = text(json, "color_profile"_L1);
    facts.pages = integer(json, "pages"_L1, 1, 1'000'000);
    facts.note = text(json, "note"_L1);
    return facts;
}

std::optional<qint64> takenMs(const PhotoFacts &facts)
{
    // EXIF "2021:04:11 15:47:53", XMP "2021-04-11T15:47:53.12-05:00"; seconds may be missing there.
    static const QRegularExpression form(
        u"^(\\d{4})[:-](\\d\\d)[:-](\\d\\d)[ T](\\d\\d):(\\d\\d)(?::(\\d\\d)(?:[.,](\\d+))?)?\\s*(Z|[+-]\\d\\d:?\\d\\d)?$"_s);
    const QRegularExpressionMatch match = form.match(facts.taken.trimmed());
    if (!match.hasMatch())
        return std::nullopt;
    const std::optional<int> zone = offsetSeconds(match.captured(8).isEmpty() ? facts.offset.trimmed() : match.captured(8));
    const QDate date(match.captured(1).toInt(), match.captured(2).toInt(), match.captured(3).toInt());
    const QTime time(match.captured(4).toInt(), match.captured(5).toInt(), match.captured(6).toInt());
    if (!zone || !date.isValid() || !time.isValid() || date.year() < 1800)
        return std::nullopt;
    const QString fraction = match.captured(7).isEmpty() ? facts.subSeconds.trimmed() : match.captured(7);
    static const QRegularExpression digits(u"^\\d+$"_s);
    const int milliseconds = digits.match(fraction).hasMatch() ? QString(fraction + "00"_L1).left(3).toInt() : 0;
    return QDateTime(date, time, QTimeZone(0)).toMSecsSinceEpoch() - *zone * 1000LL + milliseconds;
}

} // namespace photolift::photo
