#pragma once

#include <QJsonObject>
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

QJsonObject toJson(const PhotoFacts &facts);
PhotoFacts factsFromJson(const QJsonObject &json); ///< tolerant: a value of the wrong kind or out of range is unknown

/// Unix ms when a possible date, a time and its zone are known, for dim_photos.created_timestamp; never guessed.
std::optional<qint64> takenMs(const PhotoFacts &facts);

} // namespace photolift::photo
