#include "models/decode/shootingdata.h"

#include "models/decode/keyindex.h"
#include "models/vocabulary/pathtext.h"

#include <QRegularExpression>

#include <cmath>
#include <initializer_list>

using namespace Qt::StringLiterals;

namespace photolift::decode {

namespace {

using Keys = std::initializer_list<const char *>;
using photo::PhotoFacts;

/// Texts of cameras are ASCII by the standard and anything in practice.
QString textFrom(std::string bytes)
{
    if (const std::size_t end = bytes.find('\0'); end != std::string::npos)
        bytes.resize(end);
    const QByteArrayView view(bytes.data(), static_cast<qsizetype>(bytes.size()));
    return (isUtf8(view) ? QString::fromUtf8(view) : QString::fromLatin1(view)).trimmed();
}

template <typename Data> QString firstText(const Data &data, Keys keys)
{
    for (const char *key : keys) {
        if (const auto *datum = data.find(key)) {
            const QString text = textFrom(datum->toString());
            if (!text.isEmpty())
                return text;
        }
    }
    return {};
}

/// A rational is tested by its denominator: 0/0 and 1/0 come through as they are. XMP writes rationals as "1/60".
template <typename Datum> std::optional<double> numberOf(const Datum &datum, long index = 0)
{
    if (index >= static_cast<long>(datum.count()))
        return std::nullopt;
    switch (datum.typeId()) {
    case Exiv2::unsignedRational:
    case Exiv2::signedRational: {
        const Exiv2::Rational rational = datum.toRational(index);
        if (rational.second == 0)
            return std::nullopt;
        // Read as signed, a large unsigned part would be negative.
        if (datum.typeId() == Exiv2::unsignedRational)
            return double(static_cast<quint32>(rational.first)) / double(static_cast<quint32>(rational.second));
        return double(rational.first) / double(rational.second);
    }
    case Exiv2::xmpText:
    case Exiv2::xmpSeq:
    case Exiv2::xmpBag:
    case Exiv2::asciiString: {
        const QString text = textFrom(datum.toString(index));
        const qsizetype slash = text.indexOf(u'/');
        bool isNumber = false;
        const double numerator = (slash < 0 ? text : text.left(slash)).toDouble(&isNumber);
        if (!isNumber)
            return std::nullopt;
        const double denominator = slash < 0 ? 1 : text.mid(slash + 1).toDouble(&isNumber);
        return isNumber && denominator != 0 ? std::optional(numerator / denominator) : std::nullopt;
    }
    default: {
        const double value = datum.toFloat(index);
        return std::isfinite(value) ? std::optional(value) : std::nullopt;
    }
    }
}

template <typename Data> std::optional<double> firstNumber(const Data &data, Keys keys, double least, double most)
{
    for (const char *key : keys) {
        const auto *datum = data.find(key);
        const std::optional<double> value = datum ? numberOf(*datum) : std::nullopt;
        if (value && *value >= least && *value <= most)
            return value;
    }
    return std::nullopt;
}

bool hasDigit(const QString &text)
{
    return std::any_of(text.begin(), text.end(), [](QChar c) { return c >= u'0' && c <= u'9'; });
}

/// Cameras without a clock write blanks and colons.
QString firstDate(const ExifIndex &exif, const XmpIndex &xmp)
{
    for (const char *key : {"Exif.Photo.DateTimeOriginal", "Exif.Image.DateTimeOriginal", "Exif.Photo.DateTimeDigitized"}) {
        const QString date = firstText(exif, {key});
        if (hasDigit(date))
            return date;
    }
    for (const char *key : {"Xmp.exif.DateTimeOriginal", "Xmp.xmp.CreateDate", "Xmp.exif.DateTimeDigitized", "Xmp.photoshop.DateCreated"}) {
        const QString date = firstText(xmp, {key});
        if (hasDigit(date))
            return date;
    }
    return {};
}

std::optional<double> degrees(const Exiv2::Exifdatum &datum)
{
    // Degrees, minutes, seconds; missing or 0/0 minutes and seconds are none.
    const std::optional<double> whole = numberOf(datum, 0);
    if (!whole)
        return std::nullopt;
    return *whole + numberOf(datum, 1).value_or(0) / 60 + numberOf(datum, 2).value_or(0) / 3600;
}

/// "40,14.07864N" or "40,14,4.7N" of XMP.
std::optional<double> xmpDegrees(const QString &text)
{
    static const QRegularExpression form(u"^(\\d+)(?:,(\\d+(?:\\.\\d+)?))?(?:,(\\d+(?:\\.\\d+)?))?([NSEW])$"_s);
    const QRegularExpressionMatch match = form.match(text);
    if (!match.hasMatch())
        return std::nullopt;
    const double value = match.captured(1).toDouble() + match.captured(2).toDouble() / 60 + match.captured(3).toDouble() / 3600;
    return match.captured(4) == "S"_L1 || match.captured(4) == "W"_L1 ? -value : value;
}

struct CoordinateKeys {
    const char *exif;
    const char *exifReference;
    const char *xmp;
};
constexpr CoordinateKeys Latitude{"Exif.GPSInfo.GPSLatitude", "Exif.GPSInfo.GPSLatitudeRef", "Xmp.exif.GPSLatitude"};
constexpr CoordinateKeys Longitude{"Exif.GPSInfo.GPSLongitude", "Exif.GPSInfo.GPSLongitudeRef", "Xmp.exif.GPSLongitude"};

std::optional<double> coordinate(const ExifIndex &exif, const XmpIndex &xmp, const CoordinateKeys &keys, QChar negative, QChar positive, double most)
{
    const Exiv2::Exifdatum *datum = exif.find(keys.exif);
    const QString reference = firstText(exif, {keys.exifReference}).toUpper();
    if (datum && (reference.startsWith(negative) || reference.startsWith(positive))) {
        // Without its reference the number would name two places.
        if (const std::optional<double> value = degrees(*datum); value && *value >= 0 && *value <= most)
            return reference.startsWith(negative) ? -*value : *value;
    }
    const std::optional<double> value = xmpDegrees(firstText(xmp, {keys.xmp}));
    return value && std::abs(*value) <= most ? value : std::nullopt;
}

std::optional<double> altitude(const ExifIndex &exif, const XmpIndex &xmp)
{
    constexpr double Deepest = -20'000;
    constexpr double Highest = 1'000'000;
    std::optional<double> value = firstNumber(exif, {"Exif.GPSInfo.GPSAltitude"}, Deepest, Highest);
    std::optional<double> below = firstNumber(exif, {"Exif.GPSInfo.GPSAltitudeRef"}, 0, 255);
    if (!value) {
        value = firstNumber(xmp, {"Xmp.exif.GPSAltitude"}, Deepest, Highest);
        below = firstNumber(xmp, {"Xmp.exif.GPSAltitudeRef"}, 0, 255);
    }
    if (value && below == 1 && *value > 0)
        return -*value;
    return value;
}

/// The first number in the maker note's own words, such as "400" or "ISO 400".
std::optional<double> isoOfMakerNote(const ExifIndex &exif)
{
    if (!exif.hasMakerNote())
        return std::nullopt;
    const auto datum = Exiv2::isoSpeed(exif.all());
    if (datum == exif.all().end() || datum->count() == 0)
        return std::nullopt;
    static const QRegularExpression number(u"(\\d+)\\s*$"_s);
    const double iso = number.match(textFrom(datum->print(&exif.all()))).captured(1).toDouble();
    return iso >= 1 && iso <= 100'000'000 ? std::optional(iso) : std::nullopt;
}

std::optional<double> iso(const ExifIndex &exif, const XmpIndex &xmp)
{
    constexpr double Largest = 100'000'000;
    // 65535 in the 16 bits of the old tag means: see the newer ones.
    std::optional<double> value = firstNumber(exif, {"Exif.Photo.ISOSpeedRatings", "Exif.Image.ISOSpeedRatings"}, 1, 65534);
    if (!value)
        value = firstNumber(exif, {"Exif.Photo.RecommendedExposureIndex", "Exif.Photo.ISOSpeed", "Exif.Photo.StandardOutputSensitivity"}, 1, Largest);
    if (!value)
        value = firstNumber(xmp, {"Xmp.exif.ISOSpeedRatings", "Xmp.exifEX.PhotographicSensitivity"}, 1, Largest);
    return value ? value : isoOfMakerNote(exif);
}

bool namesALens(const QString &text)
{
    return text.size() > 3 && !text.startsWith(u'(') && !text.startsWith("Unknown"_L1, Qt::CaseInsensitive)
        && !text.startsWith("n/a"_L1, Qt::CaseInsensitive) && !text.startsWith("None"_L1, Qt::CaseInsensitive)
        && std::any_of(text.begin(), text.end(), [](QChar c) { return c.isLetter(); });
}

/// All that may name a lens. Exiv2::lensName() goes through all entries for each of its sixteen keys, and most photos have hundreds.
Exiv2::ExifData lensEntries(const Exiv2::ExifData &all)
{
    Exiv2::ExifData entries;
    for (const Exiv2::Exifdatum &entry : all) {
        if (entry.tagName().find("Lens") != std::string::npos)
            entries.add(entry);
    }
    return entries;
}

QString lens(const ExifIndex &exif, const XmpIndex &xmp)
{
    // The maker note's own text before its number: from that Exiv2 makes a name in its own spelling, or one of several that share it.
    QString name = firstText(exif, {"Exif.Photo.LensModel", "Exif.Image.0xa434"});
    if (name.isEmpty())
        name = firstText(xmp, {"Xmp.exifEX.LensModel", "Xmp.aux.Lens"});
    if (name.isEmpty())
        name = firstText(exif, {"Exif.Canon.LensModel", "Exif.OlympusEq.LensModel", "Exif.Panasonic.LensType"});
    if (name.isEmpty() && exif.hasMakerNote()) {
        const Exiv2::ExifData candidates = lensEntries(exif.all());
        const auto datum = Exiv2::lensName(candidates);
        if (datum != candidates.end() && datum->count() > 0)
            name = textFrom(datum->print(&exif.all()));
    }
    return namesALens(name) ? name : QString();
}

std::optional<int> orientation(const ExifIndex &exif, const XmpIndex &xmp)
{
    std::optional<double> value = firstNumber(exif, {"Exif.Image.Orientation"}, 1, 8);
    if (!value)
        value = firstNumber(xmp, {"Xmp.tiff.Orientation"}, 1, 8);
    return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

/// EXIF where it has the number, else XMP.
std::optional<double> exposure(const ExifIndex &exif, const XmpIndex &xmp, Keys exifKeys, const char *xmpKey, double least, double most)
{
    const std::optional<double> value = firstNumber(exif, exifKeys, least, most);
    return value ? value : firstNumber(xmp, {xmpKey}, least, most);
}

} // namespace

void fillShootingData(const Exiv2::ExifData &exifData, const Exiv2::XmpData &xmpData, PhotoFacts &facts)
{
    const ExifIndex exif(exifData);
    const XmpIndex xmp(xmpData);
    const auto text = [&](Keys exifKeys, Keys xmpKeys) {
        const QString value = firstText(exif, exifKeys);
        return value.isEmpty() ? firstText(xmp, xmpKeys) : value;
    };
    facts.make = text({"Exif.Image.Make", "Exif.PanasonicRaw.Make"}, {"Xmp.tiff.Make"});
    facts.model = text({"Exif.Image.Model", "Exif.PanasonicRaw.Model"}, {"Xmp.tiff.Model"});
    facts.taken = firstDate(exif, xmp);
    facts.offset = firstText(exif, {"Exif.Photo.OffsetTimeOriginal", "Exif.Photo.0x9011"});
    facts.subSeconds = firstText(exif, {"Exif.Photo.SubSecTimeOriginal"});
    facts.orientation = orientation(exif, xmp);
    facts.latitude = coordinate(exif, xmp, Latitude, u'S', u'N', 90);
    facts.longitude = coordinate(exif, xmp, Longitude, u'W', u'E', 180);
    if (!facts.latitude || !facts.longitude) {
        facts.latitude.reset(); // half a position is none
        facts.longitude.reset();
    }
    facts.altitude = altitude(exif, xmp);
    facts.iso = iso(exif, xmp);
    facts.fNumber = exposure(exif, xmp, {"Exif.Photo.FNumber", "Exif.Image.FNumber"}, "Xmp.exif.FNumber", 0.01, 10'000);
    facts.exposureTime = exposure(exif, xmp, {"Exif.Photo.ExposureTime", "Exif.Image.ExposureTime"}, "Xmp.exif.ExposureTime", 1e-9, 1e7);
    facts.focalLength = exposure(exif, xmp, {"Exif.Photo.FocalLength", "Exif.Image.FocalLength"}, "Xmp.exif.FocalLength", 0.001, 1e6);
    facts.lens = lens(exif, xmp);
}

} // namespace photolift::decode
