#pragma once

#include <QJsonObject>
#include <QLatin1StringView>
#include <QString>

#include <optional>

namespace photolift::photo {

/// What the helper process read from one photo; nullopt and empty mean unknown. JSON keys are those of `photolift-cli inspect`.
struct PhotoFacts {
    std::optional<int> width; ///< stored pixels before turning
    std::optional<int> height;
    QString make;
    QString model;
    QString taken;  ///< as written: DateTimeOriginal, CreateDate, XMP
    QString offset; ///< OffsetTimeOriginal, such as "+01:00"
    QString subSeconds;
    std::optional<int> orientation; ///< 1..8
    std::optional<double> latitude;  ///< signed decimal degrees
    std::optional<double> longitude;
    std::optional<double> altitude;  ///< m above sea level
    std::optional<double> iso;
    std::optional<double> fNumber;
    std::optional<double> exposureTime; ///< s
    std::optional<double> focalLength;  ///< mm
    QString lens;
    QString colorProfile;
    std::optional<int> pages;  ///< frames or pages
    QString note; ///< METADATA_UNREADABLE or PROCESSING_DECODE_FAILED in plain words for support, else empty
};

/// use(key, value) for each fact, known or not: an optional<int>, an optional<double> or a QString.
template <typename Use> void eachFact(const PhotoFacts &facts, Use use)
{
    use(QLatin1StringView("width"), facts.width);
    use(QLatin1StringView("height"), facts.height);
    use(QLatin1StringView("make"), facts.make);
    use(QLatin1StringView("model"), facts.model);
    use(QLatin1StringView("taken"), facts.taken);
    use(QLatin1StringView("offset"), facts.offset);
    use(QLatin1StringView("sub_seconds"), facts.subSeconds);
    use(QLatin1StringView("orientation"), facts.orientation);
    use(QLatin1StringView("latitude"), facts.latitude);
    use(QLatin1StringView("longitude"), facts.longitude);
    use(QLatin1StringView("altitude"), facts.altitude);
    use(QLatin1StringView("iso"), facts.iso);
    use(QLatin1StringView("f_number"), facts.fNumber);
    use(QLatin1StringView("exposure_time"), facts.exposureTime);
    use(QLatin1StringView("focal_length"), facts.focalLength);
    use(QLatin1StringView("lens"), facts.lens);
    use(QLatin1StringView("color_profile"), facts.colorProfile);
    use(QLatin1StringView("pages"), facts.pages);
    use(QLatin1StringView("note"), facts.note);
}

QJsonObject toJson(const PhotoFacts &facts);
PhotoFacts factsFromJson(const QJsonObject &json); ///< tolerant: a value of the wrong kind or out of range is unknown

/// Unix ms when a possible date, a time and its zone are known, for dim_photos.created_timestamp; never guessed.
std::optional<qint64> takenMs(const PhotoFacts &facts);

} // namespace photolift::photo
