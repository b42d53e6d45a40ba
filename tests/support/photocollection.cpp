#include "tests/support/photocollection.h"

#include "tests/decode/testphotos.h"
#include "tests/support/smallphotos.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace photolift::support {

namespace {

bool write(const QString &path, const QByteArray &content)
{
    QFile file(path);
    return QDir().mkpath(QFileInfo(path).path()) && file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

/// A photo that says all that a camera may say of it.
QByteArray talkativePhoto()
{
    const testphotos::Tags tags{{"Exif.Image.Make", "Maker"}, {"Exif.Image.Model", "Model 1"}, {"Exif.Image.Orientation", "6"},
                                {"Exif.Photo.DateTimeOriginal", "2021:04:11 15:47:53"}, {"Exif.Photo.SubSecTimeOriginal", "25"},
                                {"Exif.Photo.OffsetTimeOriginal", "+02:00"}, {"Exif.Photo.ExposureTime", "1/250"}, {"Exif.Photo.FNumber", "28/10"},
                                {"Exif.Photo.ISOSpeedRatings", "400"}, {"Exif.Photo.FocalLength", "50/1"}, {"Exif.Photo.LensModel", "50mm F1.8"},
                                {"Exif.GPSInfo.GPSLatitudeRef", "N"}, {"Exif.GPSInfo.GPSLatitude", "33/1 51/1 36/1"},
                                {"Exif.GPSInfo.GPSLongitudeRef", "E"}, {"Exif.GPSInfo.GPSLongitude", "151/1 12/1 0/1"},
                                {"Exif.GPSInfo.GPSAltitudeRef", "0"}, {"Exif.GPSInfo.GPSAltitude", "43/10"}};
    return testphotos::withExif(testphotos::picture(64, 48, ".jpg[profile=srgb]"), testphotos::exif(tags));
}

/// One whose metadata make no sense, and that is sound otherwise.
QByteArray stammeringPhoto()
{
    return testphotos::withExif(jpegBytes(61), "neither II nor MM");
}

}

PhotoCollection::PhotoCollection()
    : m_path(QDir::cleanPath(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/../shared/photos"_s))
    , m_isThere(QFile::exists(m_path))
{
    if (m_isThere)
        return;
    m_path = m_folder.filePath(u"photos"_s);
    m_isThere = makeSmall();
}

QByteArray PhotoCollection::troublePath() const
{
    return QFile::encodeName(m_path) + "/trouble/";
}

bool PhotoCollection::makeSmall() const
{
    bool isMade = true;
    const auto photo = [this, &isMade](const QString &name, int seed) { isMade &= write(m_path + u'/' + name, jpegBytes(seed)); };
    for (int i = 0; i < 12; ++i)
        photo(u"day %1/photo%2.jpg"_s.arg(i / 4).arg(i), i);
    photo(u"duplicates/again.jpg"_s, 1);
    photo(u"duplicates/once more.jpg"_s, 1);
    photo(u".hidden.jpg"_s, 50);
    photo(u"odd names/été #1.jpg"_s, 51);
    const QByteArray whole = jpegBytes(60, 0, 640, 480);
    isMade &= write(m_path + u"/camera/talkative.jpg"_s, talkativePhoto()) && write(m_path + u"/camera/stammering.jpg"_s, stammeringPhoto());
    photo(u"trouble/jpeg-named.png"_s, 62);
    return isMade && write(m_path + u"/notes.txt"_s, "no photo")
           && write(m_path + u"/trouble/text.jpg"_s, "no photo either, whatever its name says") && write(m_path + u"/trouble/zero-byte.jpg"_s, {})
           && write(m_path + u"/trouble/truncated.jpg"_s, whole.first(whole.size() * 2 / 5));
}

const QHash<QByteArray, Ending> &PhotoCollection::troubleEndings()
{
    static const QHash<QByteArray, Ending> endings{
        {"date_blank_year9999.jpg", {u"succeeded"_s, {}, {}}},
        {"date_month13_day99.jpg", {u"succeeded"_s, {}, {}}},
        {"date_zeros.jpg", {u"succeeded"_s, {}, {}}},
        {"git-lfs-pointer.jpg", {u"skipped"_s, u"SELECTION_NOT_ACCEPTED"_s, {}}},
        {"gps_out_of_range_iso0.jpg", {u"succeeded"_s, {}, {}}},
        {"heic-named.jpg", {u"succeeded"_s, {}, {}}},
        {"invalid_image02206.jpg", {u"succeeded"_s, {}, {}}},
        {"jpeg-named.png", {u"arrived"_s, {}, {}}}, // the same bytes are in `duplicates`
        {"png-named.jpg", {u"succeeded"_s, {}, {}}},
        {"text.jpg", {u"skipped"_s, u"SELECTION_NOT_ACCEPTED"_s, {}}},
        {"truncated.jpg", {u"failed"_s, u"VALIDATION_TRUNCATED"_s, u"validation"_s}},
        {"truncated_in_exif.jpg", {u"failed"_s, u"VALIDATION_TRUNCATED"_s, u"validation"_s}},
        {"zero-byte.jpg", {u"skipped"_s, u"SELECTION_FILE_EMPTY"_s, {}}},
    };
    return endings;
}

Sentence PhotoCollection::sentenceOf(const QString &code, bool isThisComputer)
{
    if (isThisComputer && code == u"SELECTION_NOT_ACCEPTED"_s)
        return {u"This kind or size of file is not accepted"_s, u"Send it in another format."_s};
    static const QHash<QString, Sentence> sentences{
        {u"SELECTION_NOT_ACCEPTED"_s,
         {u"This kind or size of file is not accepted"_s, u"Send another format, or ask the owner of the server."_s}},
        {u"SELECTION_FILE_EMPTY"_s, {u"The file is empty"_s, u"Check the card and copy the photo again."_s}},
        {u"VALIDATION_TRUNCATED"_s,
         {u"File is damaged: its end is missing"_s, u"Copy it from the camera card again, then choose Retry."_s}},
    };
    return sentences.value(code);
}

} // namespace photolift::support
