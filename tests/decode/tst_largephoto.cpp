#include "models/photo/filelook.h"
#include "models/photo/helper.h"

#include <QTemporaryFile>
#include <QTest>
#include <QtEndian>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::photo;

namespace {

constexpr int BytesPerPixel = 8; // four channels of 16 bits, as retouchers save them
constexpr int RowsPerStrip = 64;

void append16(QByteArray &bytes, quint16 value)
{
    bytes.resize(bytes.size() + 2);
    qToLittleEndian(value, bytes.data() + bytes.size() - 2);
}

void append32(QByteArray &bytes, qint64 value)
{
    bytes.resize(bytes.size() + 4);
    qToLittleEndian(static_cast<quint32>(value), bytes.data() + bytes.size() - 4);
}

void appendEntry(QByteArray &bytes, quint16 tag, quint16 type, qint64 count, qint64 value)
{
    append16(bytes, tag);
    append16(bytes, type);
    append32(bytes, count);
    append32(bytes, value);
}

/// An uncompressed TIFF whose strips lie evenly over `fileBytes`, the last one at its end. Its pixels are holes in the file: it takes
/// next to no room on the disk.
void writeTiff(QFile &file, int side, qint64 fileBytes)
{
    constexpr int Entries = 11;
    const int strips = (side + RowsPerStrip - 1) / RowsPerStrip;
    const auto bytesOf = [&](int strip) { return qint64(std::min(RowsPerStrip, side - strip * RowsPerStrip)) * side * BytesPerPixel; };
    const qint64 depthsAt = 8 + 2 + Entries * 12 + 4;
    const qint64 offsetsAt = depthsAt + 8;
    const qint64 lengthsAt = offsetsAt + strips * 4;
    const qint64 dataAt = lengthsAt + strips * 4;
    const qint64 spacing = strips > 1 ? (fileBytes - bytesOf(strips - 1) - dataAt) / (strips - 1) : 0;
    QByteArray head("II*\0\x08\0\0\0", 8);
    append16(head, Entries);
    appendEntry(head, 256, 4, 1, side);
    appendEntry(head, 257, 4, 1, side);
    appendEntry(head, 258, 3, 4, depthsAt);
    appendEntry(head, 259, 3, 1, 1);
    appendEntry(head, 262, 3, 1, 2);
    appendEntry(head, 273, 4, strips, offsetsAt);
    appendEntry(head, 277, 3, 1, 4);
    appendEntry(head, 278, 4, 1, RowsPerStrip);
    appendEntry(head, 279, 4, strips, lengthsAt);
    appendEntry(head, 284, 3, 1, 1);
    appendEntry(head, 338, 3, 1, 2);
    append32(head, 0);
    for (int channel = 0; channel < 4; ++channel)
        append16(head, 16);
    for (int strip = 0; strip < strips; ++strip)
        append32(head, strip == strips - 1 ? fileBytes - bytesOf(strip) : dataAt + strip * spacing);
    for (int strip = 0; strip < strips; ++strip)
        append32(head, bytesOf(strip));
    file.write(head);
    file.flush();
    file.resize(fileBytes);
}

} // namespace

/// A TIFF of the largest size that is accepted goes through all that the server does with it, within the memory of one photo. In the normal run
/// its picture is small and spread over the file; PHOTOLIFT_LARGE_SIDE=15800 fills all of it (the long run).
class TestLargePhoto final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void largestAcceptedTiffHasItsThreeStepsAndTwoPictures()
    {
        const int side = qEnvironmentVariableIsSet("PHOTOLIFT_LARGE_SIDE") ? qEnvironmentVariableIntValue("PHOTOLIFT_LARGE_SIDE") : 1000;
        QTemporaryFile file;
        QVERIFY(file.open());
        writeTiff(file, side, LargestPhotoBytes);
        const Result<FileLook> look = lookAt(QFile::encodeName(file.fileName()));
        QVERIFY(look && !refusalOf(*look));
        Helper::Options options;
        options.program = qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift-photo"_s;
        options.deadlineMs = 600'000; // as the server has it
        options.isOneShot = true;
        Helper helper(options);

        const Result<HelperAnswer> answer = helper.run(Order::Everything, look->descriptor.get(), look->kind.mediaType).result();

        QVERIFY(answer);
        QCOMPARE(answer->steps.size(), 3);
        for (const HelperStep &step : answer->steps)
            QVERIFY2(!step.error, qPrintable(step.error ? step.error->detail : QString()));
        QCOMPARE(answer->facts.width, side);
        QVERIFY(!answer->picture.isEmpty());
        QVERIFY(!answer->rendition.isEmpty());
    }

    void largestTiffWithoutItsLastByteIsTruncated()
    {
        QTemporaryFile file;
        QVERIFY(file.open());
        writeTiff(file, 1000, LargestPhotoBytes);
        QVERIFY(file.resize(LargestPhotoBytes - 1));
        Helper::Options options;
        options.program = qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift-photo"_s;
        Helper helper(options);

        const Result<HelperAnswer> answer = helper.run(Order::Validate, file.handle(), {}).result();

        QVERIFY(!answer);
        QCOMPARE(answer.error().code, ErrorCode::ValidationTruncated);
    }

    void moreMegapixelsThanAcceptedAreNamed()
    {
        // What a 2 GB TIFF of eight bits and three channels would be: 667 megapixels.
        QTemporaryFile file;
        QVERIFY(file.open());
        writeTiff(file, 16'000, LargestPhotoBytes);
        file.seek(8 + 2 + 8);
        QByteArray width;
        append32(width, 25'820);
        file.write(width);
        QVERIFY(file.flush());
        Helper::Options options;
        options.program = qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift-photo"_s;
        Helper helper(options);

        const Result<HelperAnswer> answer = helper.run(Order::Validate, file.handle(), {}).result();

        QVERIFY(!answer);
        QCOMPARE(answer.error().code, ErrorCode::ValidationImageTooLarge);
    }
};

QTEST_GUILESS_MAIN(TestLargePhoto)
#include "tst_largephoto.moc"
