#include "models/photo/helper.h"
#include "models/photo/inspect.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>
#include <QTest>

#include <array>
#include <cmath>

using namespace Qt::StringLiterals;
using namespace photolift::photo;

namespace {

/// Where we and ExifTool read the same file differently, and why. Everything else agrees in every field both have.
struct Difference {
    QLatin1StringView path;
    QLatin1StringView field;
    QLatin1StringView why;
};
const std::vector<Difference> Differences{
    {"gps/thompson-springs.jpg"_L1, "taken"_L1, "EXIF has none: ours is XMP CreateDate, as written; ExifTool puts DateCreated and TimeCreated of IPTC together"_L1},
    {"raw/canon_350d.cr2"_L1, "width"_L1, "ours is the RAW picture, as EXIF states it; ExifTool reads the directory of the preview"_L1},
    {"raw/canon_350d.cr2"_L1, "height"_L1, "as width"_L1},
    {"duplicates/_MG_0001.CR2"_L1, "width"_L1, "the same bytes as raw/canon_350d.cr2"_L1},
    {"duplicates/_MG_0001.CR2"_L1, "height"_L1, "the same bytes as raw/canon_350d.cr2"_L1},
    {"raw/fujifilm_s5pro.raf"_L1, "width"_L1, "ours is the size EXIF states for the camera's JPEG, now 8 x 8 by its collector; ExifTool reads that"_L1},
    {"raw/fujifilm_s5pro.raf"_L1, "height"_L1, "as width"_L1},
    {"raw/panasonic_lx3.rw2"_L1, "width"_L1, "ours is the sensor with its borders; ExifTool reads the 8 x 8 JPEG put in place of the preview"_L1},
    {"raw/panasonic_lx3.rw2"_L1, "height"_L1, "as width"_L1},
};

/// One field of ours and the tags of ExifTool that stand for it, in the order in which its own summary prefers them.
struct Field {
    QLatin1StringView ours;
    std::array<QLatin1StringView, 9> tags;
};
constexpr std::array Fields{
    Field{"width"_L1, {"File:ImageWidth"_L1, "PNG:ImageWidth"_L1, "RIFF:ImageWidth"_L1, "GIF:ImageWidth"_L1, "EXIF:ImageWidth"_L1}},
    Field{"height"_L1, {"File:ImageHeight"_L1, "PNG:ImageHeight"_L1, "RIFF:ImageHeight"_L1, "GIF:ImageHeight"_L1, "EXIF:ImageHeight"_L1}},
    Field{"mime"_L1, {"File:MIMEType"_L1}},
    Field{"make"_L1, {"EXIF:Make"_L1, "XMP:Make"_L1}},
    Field{"model"_L1, {"EXIF:Model"_L1, "XMP:Model"_L1}},
    Field{"taken"_L1, {"EXIF:DateTimeOriginal"_L1, "Composite:DateTimeOriginal"_L1, "XMP:DateTimeOriginal"_L1}},
    Field{"offset"_L1, {"EXIF:OffsetTimeOriginal"_L1}},
    Field{"orientation"_L1, {"EXIF:Orientation"_L1, "XMP:Orientation"_L1}},
    Field{"latitude"_L1, {"Composite:GPSLatitude"_L1, "XMP:GPSLatitude"_L1, "EXIF:GPSLatitude"_L1}},
    Field{"longitude"_L1, {"Composite:GPSLongitude"_L1, "XMP:GPSLongitude"_L1, "EXIF:GPSLongitude"_L1}},
    Field{"iso"_L1, {"EXIF:ISO"_L1, "Composite:ISO"_L1, "MakerNotes:ISO"_L1, "XMP:ISO"_L1}},
    Field{"f_number"_L1, {"EXIF:FNumber"_L1, "Composite:FNumber"_L1, "MakerNotes:FNumber"_L1, "XMP:FNumber"_L1}},
    Field{"exposure_time"_L1, {"EXIF:ExposureTime"_L1, "MakerNotes:ExposureTime"_L1, "XMP:ExposureTime"_L1}},
    Field{"focal_length"_L1, {"EXIF:FocalLength"_L1, "MakerNotes:FocalLength"_L1, "XMP:FocalLength"_L1}},
    Field{"lens"_L1, {"EXIF:LensModel"_L1, "MakerNotes:LensModel"_L1, "XMP:LensModel"_L1}},
    Field{"color_profile"_L1, {"ICC_Profile:ProfileDescription"_L1}},
};

QJsonValue firstOf(const QJsonObject &oracle, const Field &field)
{
    for (const QLatin1StringView tag : field.tags) {
        if (!tag.isEmpty() && oracle.contains(tag))
            return oracle.value(tag);
    }
    return {};
}

/// XMP writes dates with dashes and T, ExifTool shows all in EXIF's way; a zone behind XMP's is compared where both have it.
QString comparableDate(const QString &text)
{
    static const QRegularExpression form(u"^(\\d{4})[-:](\\d\\d)[-:](\\d\\d)[T ](.*)$"_s);
    const QRegularExpressionMatch match = form.match(text);
    return match.hasMatch() ? match.captured(1) + u':' + match.captured(2) + u':' + match.captured(3) + u' ' + match.captured(4) : text;
}

bool agree(QLatin1StringView field, const QJsonValue &ours, const QJsonValue &theirs)
{
    if (ours.isDouble() && theirs.isDouble())
        return std::abs(ours.toDouble() - theirs.toDouble()) <= 1e-6 * std::max(1e-3, std::abs(theirs.toDouble()));
    if (field == "taken"_L1)
        return comparableDate(ours.toString()) == comparableDate(theirs.toVariant().toString().trimmed());
    return ours.toVariant().toString() == theirs.toVariant().toString().trimmed();
}

QString photosFolder()
{
    return QDir::cleanPath(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/../shared/photos"_s);
}

QJsonArray readOracle()
{
    QFile file(photosFolder() + u"/oracle.json"_s);
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).array() : QJsonArray();
}

} // namespace

/// Agreement with ExifTool on real camera files, where the collection lies beside the source. Without it there is nothing to compare
/// and the other tests of photo and decode stand alone.
class TestOracle final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyFieldBothHaveAgrees()
    {
        Helper::Options options;
        options.program = qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift-photo"_s;
        options.processes = 2;
        Helper helper(options);
        const QJsonArray oracle = readOracle();
        QStringList faults;
        int compared = 0;
        qsizetype differing = 0;

        for (const QJsonValue &entry : oracle) {
            const QString path = entry["path"_L1].toString();
            const QJsonObject theirs = entry["oracle"_L1].toObject();
            const QJsonObject ours = inspect(helper, QFile::encodeName(photosFolder() + u'/' + path));
            if (ours["sha256"_L1] != entry["sha256"_L1])
                faults.append(path + u": sha256"_s);
            for (const Field &field : Fields) {
                const QJsonValue mine = ours.value(field.ours);
                const QJsonValue other = firstOf(theirs, field);
                if (mine.isNull() || other.isUndefined() || other.isNull())
                    continue;
                ++compared;
                const bool isListed = std::any_of(Differences.begin(), Differences.end(), [&](const Difference &known) {
                    return known.path == path && known.field == field.ours;
                });
                differing += isListed;
                if (agree(field.ours, mine, other) == isListed)
                    faults.append(path + u": "_s + field.ours + u" ours "_s + mine.toVariant().toString() + u" theirs "_s + other.toVariant().toString());
            }
        }

        QVERIFY2(faults.isEmpty(), qPrintable(u'\n' + faults.join(u'\n')));
        if (!oracle.isEmpty()) {
            QVERIFY2(compared > 950, qPrintable(QString::number(compared)));
            QCOMPARE(differing, qsizetype(Differences.size())); // a field that was no longer read would look like agreement
        }
    }
};

QTEST_GUILESS_MAIN(TestOracle)
#include "tst_oracle.moc"
