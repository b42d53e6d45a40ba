#include "models/decode/validation.h"
#include "testphotos.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::decode;
using namespace photolift::testphotos;

namespace {

std::optional<ErrorCode> verdictOn(const QByteArray &bytes)
{
    const Open open(bytes);
    const std::optional<Error> error = validate(open.photo(), readPictureHeader(open.photo()), {}, 128).error;
    return error ? std::optional(error->code) : std::nullopt;
}

QByteArray number16(quint32 value)
{
    return QByteArray(1, char(value & 0xff)) + char(value >> 8 & 0xff);
}

QByteArray number32(quint32 value)
{
    return number16(value & 0xffff) + number16(value >> 16);
}

QByteArray entry(quint16 tag, quint16 type, quint32 count, quint32 value)
{
    return number16(tag) + number16(type) + number32(count) + number32(value);
}

/// A little RAW in the manner of a NEF: one strip of sensor data, no preview.
QByteArray raw(quint32 stripOffset, quint32 stripBytes)
{
    const QByteArray entries = entry(0x00fe, 4, 1, 0) + entry(0x0100, 3, 1, 16) + entry(0x0101, 3, 1, 16) + entry(0x0103, 3, 1, 34713)
        + entry(0x0106, 3, 1, 32803) + entry(0x010f, 2, 6, 122) + entry(0x0111, 4, 1, stripOffset) + entry(0x0117, 4, 1, stripBytes);
    QByteArray file = QByteArray("II*\0", 4) + number32(8) + number16(8) + entries + number32(0);
    file.resize(122, '\0');
    return file + QByteArray("NIKON\0", 6) + QByteArray(128, '\x11');
}

/// A chain of directories, each naming the next, the last one naming the first.
QByteArray directoryRing(int length)
{
    QByteArray file = QByteArray("II*\0", 4) + number32(8);
    for (int i = 0; i < length; ++i)
        file += number16(1) + entry(0x0100, 3, 1, 16) + number32(i + 1 < length ? quint32(8 + (i + 1) * 18) : 8);
    return file;
}

} // namespace

class TestValidation final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void wholePhotosPass_data()
    {
        QTest::addColumn<QByteArray>("suffix");
        for (const char *suffix : {".jpg", ".jpg[interlace]", ".png", ".webp", ".webp[lossless]", ".tif", ".tif[tile,compression=deflate]", ".tif[bigtiff]", ".gif", ".heic", ".avif", ".jxl",
                                   ".gif[page-height=60]", ".webp[page-height=60]", ".tif[page-height=60]"})
            QTest::newRow(suffix) << QByteArray(suffix);
    }
    void wholePhotosPass()
    {
        QFETCH(QByteArray, suffix);
        const Open open(picture(300, 180, suffix));

        const Verdict verdict = validate(open.photo(), readPictureHeader(open.photo()), {}, 128);

        QVERIFY2(!verdict.error, qPrintable(verdict.error ? verdict.error->detail : QString()));
        QVERIFY(verdict.picture);
        QVERIFY(std::max(widthOf(verdict.picture), heightOf(verdict.picture)) <= 128);
    }

    void photosWithoutTheirEndAreTruncated_data()
    {
        QTest::addColumn<QByteArray>("suffix");
        QTest::addColumn<double>("share");
        for (const char *suffix : {".jpg", ".jpg[interlace]", ".png", ".webp", ".webp[lossless]", ".tif", ".gif", ".heic", ".avif", ".jxl"}) {
            for (const double share : {0.4, 0.95})
                QTest::addRow("%s, %.0f %%", suffix, share * 100) << QByteArray(suffix) << share;
        }
    }
    void photosWithoutTheirEndAreTruncated()
    {
        QFETCH(QByteArray, suffix);
        QFETCH(double, share);
        const QByteArray whole = picture(300, 180, suffix);

        QCOMPARE(verdictOn(whole.first(qsizetype(double(whole.size()) * share))), ErrorCode::ValidationTruncated);
    }

    void jpegWithoutItsEndMarkerIsTruncated()
    {
        const QByteArray whole = picture(300, 180, ".jpg");

        QCOMPARE(verdictOn(whole.chopped(2)), ErrorCode::ValidationTruncated);
        QVERIFY(!verdictOn(whole + "what some cameras write behind it"));
    }

    void tiffWithoutTheEndOfItsMetadataIsTruncated()
    {
        // A page of one pixel, whole; what Photoshop would have to say stands behind it and is cut by one byte.
        const QByteArray entries = entry(0x0100, 3, 1, 1) + entry(0x0101, 3, 1, 1) + entry(0x0102, 3, 1, 8) + entry(0x0103, 3, 1, 1)
            + entry(0x0106, 3, 1, 1) + entry(0x0111, 4, 1, 8) + entry(0x0117, 4, 1, 1) + entry(0x8649, 7, 40, 126);
        const QByteArray whole = QByteArray("II*\0", 4) + number32(16) + QByteArray(8, '\x7f') + number16(8) + entries + number32(0) + QByteArray(48, 'p');

        QVERIFY(!verdictOn(whole.first(166)));
        QCOMPARE(verdictOn(whole.first(165)), ErrorCode::ValidationTruncated);
    }

    void gifWithoutItsTrailerPasses()
    {
        const QByteArray whole = picture(60, 40, ".gif");

        QVERIFY(!verdictOn(whole.chopped(1)));
        QCOMPARE(verdictOn(whole.chopped(2)), ErrorCode::ValidationTruncated);
    }

    void whatIsNoPhotoEndsAsWhatItIs_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<ErrorCode>("expected");
        const auto row = [](const char *name, const QByteArray &bytes, ErrorCode expected) { QTest::newRow(name) << bytes << expected; };
        row("text -> invalid", "hello", ErrorCode::ValidationInvalidImage);
        row("nothing -> invalid", {}, ErrorCode::ValidationInvalidImage);
        row("JPEG whose first segment is longer than the file -> truncated", "\xff\xd8\xff\xe0" + QByteArray(500, 'x'), ErrorCode::ValidationTruncated);
        row("JPEG whose segments are noise -> invalid", QByteArray("\xff\xd8\xff\xe0\x00\x04xx", 8) + QByteArray(500, 'x'), ErrorCode::ValidationInvalidImage);
        row("PNG of 65,535 x 65,535 -> too large", pngClaiming(65535, 65535), ErrorCode::ValidationImageTooLarge);
        row("PNG of 100,001 x 1 -> too large", pngClaiming(100'001, 1), ErrorCode::ValidationImageTooLarge);
        row("XMP cut -> truncated", xmp("tiff:Make='X'").first(300), ErrorCode::ValidationTruncated);
        row("XMP with crossed elements -> invalid", xmp("tiff:Make='X'").replace("</rdf:RDF>", "</x:RDF>"), ErrorCode::ValidationInvalidImage);
        row("RAW whose sensor data is missing -> truncated", raw(128, 100'000), ErrorCode::ValidationTruncated);
        row("RAW whose directory is missing -> truncated", raw(128, 64).first(60), ErrorCode::ValidationTruncated);
        row("RAW of a camera nobody knows -> unknown format", "FOVb" + QByteArray(40, '\1') + "SECd" + number32(44), ErrorCode::ValidationFormatUnknown);
        row("TIFF of a ring of directories -> invalid", directoryRing(50), ErrorCode::ValidationInvalidImage);
        row("TIFF of one directory naming itself -> invalid", directoryRing(1), ErrorCode::ValidationInvalidImage);
        row("TIFF of 101 pages -> too large", picture(8, 8 * 101, ".tif[page-height=8]"), ErrorCode::ValidationImageTooLarge);
    }
    void whatIsNoPhotoEndsAsWhatItIs()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(ErrorCode, expected);
        QCOMPARE(verdictOn(bytes), expected);
    }

    void wholeRawWithoutPreviewPassesWithoutAPicture()
    {
        const Open open(raw(128, 64));
        QVERIFY(open.photo().kind.isRaw);

        const Verdict verdict = validate(open.photo(), {}, {}, 128);

        QVERIFY2(!verdict.error, qPrintable(verdict.error ? verdict.error->detail : QString()));
        QVERIFY(!verdict.picture);
    }

    void wellFormedSidecarPasses()
    {
        QVERIFY(!verdictOn(xmp("tiff:Make='X'")));
    }

    void entitiesAreNotExpanded()
    {
        const QByteArray bomb = xmp("tiff:Make='&b;'").replace("<x:xmpmeta", "<!DOCTYPE x [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><x:xmpmeta");
        Open open(bomb);
        decode::OpenPhoto sidecar = open.photo();
        sidecar.kind = photo::kindOf(xmp({}));

        const Verdict verdict = validate(sidecar, {}, {}, 128);

        QVERIFY(verdict.error);
        QCOMPARE(verdict.error->code, ErrorCode::ValidationInvalidImage);
    }

    void orientationTurnsThePicture_data()
    {
        QTest::addColumn<int>("orientation");
        QTest::addColumn<bool>("isSwapped");
        for (int orientation = 1; orientation <= 8; ++orientation)
            QTest::addRow("orientation %d", orientation) << orientation << (orientation >= 5);
    }
    void orientationTurnsThePicture()
    {
        QFETCH(int, orientation);
        QFETCH(bool, isSwapped);
        const Open open(picture(300, 180, ".jpg"));
        photo::PhotoFacts facts;
        facts.orientation = orientation;

        const Verdict verdict = validate(open.photo(), readPictureHeader(open.photo()), facts, 100);

        QVERIFY(verdict.picture);
        QCOMPARE(widthOf(verdict.picture), isSwapped ? 60 : 100);
        QCOMPARE(heightOf(verdict.picture), isSwapped ? 100 : 60);
    }

    void damagedPhotosNeverHurt_data()
    {
        QTest::addColumn<QByteArray>("suffix");
        for (const char *suffix : {".jpg", ".png", ".webp", ".tif", ".gif"})
            QTest::newRow(suffix) << QByteArray(suffix);
    }
    void damagedPhotosNeverHurt()
    {
        QFETCH(QByteArray, suffix);
        const QByteArray whole = picture(48, 32, suffix);
        quint32 random = 3;
        for (int round = 0; round < 60; ++round) {
            QByteArray damaged = whole;
            for (int flips = 0; flips < 3; ++flips) {
                random = random * 1664525U + 1013904223U;
                damaged[qsizetype(16 + (random >> 8) % quint32(damaged.size() - 16))] = char(random >> 3);
            }
            verdictOn(damaged);
        }
    }
};

QTEST_GUILESS_MAIN(TestValidation)
#include "tst_validation.moc"
