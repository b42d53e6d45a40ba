#include "models/decode/pictureheader.h"
#include "testphotos.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::decode;
using namespace photolift::testphotos;

class TestPictureHeader final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sizeIsReadWithoutADecoder_data()
    {
        QTest::addColumn<QByteArray>("suffix");
        for (const char *suffix : {".jpg", ".jpg[interlace]", ".png", ".webp", ".webp[lossless]", ".tif", ".tif[bigtiff]", ".tif[tile]", ".gif", ".heic", ".avif", ".jxl"})
            QTest::newRow(suffix) << QByteArray(suffix);
    }
    void sizeIsReadWithoutADecoder()
    {
        QFETCH(QByteArray, suffix);
        const Open open(picture(321, 123, suffix));

        const PictureHeader header = readPictureHeader(open.photo());

        QCOMPARE(header.width, 321);
        QCOMPARE(header.height, 123);
        QCOMPARE(header.frames, 1);
        QVERIFY(!header.isCut);
        QVERIFY(!header.isBroken);
        QVERIFY(!overLimits(header));
    }

    void limitsAreExact_data()
    {
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("height");
        QTest::addColumn<int>("frames");
        QTest::addColumn<qint64>("metadata");
        QTest::addColumn<bool>("isTooLarge");
        QTest::newRow("250 MP -> fine") << 25'000 << 10'000 << 1 << qint64(0) << false;
        QTest::newRow("a row less -> fine") << 25'000 << 9'999 << 1 << qint64(0) << false;
        QTest::newRow("a row more -> too large") << 25'000 << 10'001 << 1 << qint64(0) << true;
        QTest::newRow("side of 100,000 -> fine") << 100'000 << 1 << 1 << qint64(0) << false;
        QTest::newRow("side of 99,999 -> fine") << 1 << 99'999 << 1 << qint64(0) << false;
        QTest::newRow("side of 100,001 -> too large") << 1 << 100'001 << 1 << qint64(0) << true;
        QTest::newRow("100 frames -> fine") << 10 << 10 << 100 << qint64(0) << false;
        QTest::newRow("101 frames -> too large") << 10 << 10 << 101 << qint64(0) << true;
        QTest::newRow("16 MiB of metadata -> fine") << 10 << 10 << 1 << qint64(16'777'216) << false;
        QTest::newRow("a byte more -> too large") << 10 << 10 << 1 << qint64(16'777'217) << true;
        QTest::newRow("product beyond 32 bits -> too large") << 65'535 << 65'535 << 1 << qint64(0) << true;
    }
    void limitsAreExact()
    {
        QFETCH(int, width);
        QFETCH(int, height);
        QFETCH(int, frames);
        QFETCH(qint64, metadata);
        QFETCH(bool, isTooLarge);
        PictureHeader header;
        header.width = width;
        header.height = height;
        header.frames = frames;
        header.metadataBytes = metadata;

        const std::optional<Error> error = overLimits(header);

        QCOMPARE(error.has_value(), isTooLarge);
        if (error)
            QCOMPARE(error->code, ErrorCode::ValidationImageTooLarge);
    }

    void pagesAreCounted()
    {
        const Open open(picture(40, 60, ".tif[page-height=20]"));
        QCOMPARE(readPictureHeader(open.photo()).frames, 3);
        const Open animation(picture(40, 60, ".gif[page-height=20]"));
        QCOMPARE(readPictureHeader(animation.photo()).frames, 3);
        const Open webp(picture(40, 60, ".webp[page-height=20]"));
        QCOMPARE(readPictureHeader(webp.photo()).frames, 3);
    }

    void everyBeginningOfEveryFormatEnds_data() { sizeIsReadWithoutADecoder_data(); }
    void everyBeginningOfEveryFormatEnds()
    {
        QFETCH(QByteArray, suffix);
        const QByteArray whole = picture(48, 32, suffix);
        for (qsizetype length = 16; length < whole.size(); length += 1 + whole.size() / 200) {
            const Open open(whole.first(length));
            readPictureHeader(open.photo());
        }
    }

    void directoriesInALoopEnd()
    {
        const Open open(QByteArray("II*\0\x08\0\0\0\0\0\x08\0\0\0", 14));
        const PictureHeader header = readPictureHeader(open.photo());
        QVERIFY(header.isBroken);
    }
};

QTEST_GUILESS_MAIN(TestPictureHeader)
#include "tst_pictureheader.moc"
