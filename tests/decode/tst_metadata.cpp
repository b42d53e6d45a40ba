#include "models/decode/metadata.h"
#include "models/photo/photofacts.h"
#include "testphotos.h"

#include <QStringEncoder>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::decode;
using namespace photolift::testphotos;
using photo::PhotoFacts;

namespace {

Result<Metadata> readBytes(const QByteArray &bytes, WithThumbnail thumbnail = WithThumbnail::No)
{
    const Open open(bytes);
    return readMetadata(open.photo(), readPictureHeader(open.photo()), thumbnail);
}

PhotoFacts factsOf(const QByteArray &bytes)
{
    const Result<Metadata> metadata = readBytes(bytes);
    return metadata ? metadata->facts : PhotoFacts();
}

const Tags Position{{"Exif.GPSInfo.GPSLatitude", "33/1 51/1 36/1"}, {"Exif.GPSInfo.GPSLongitude", "151/1 12/1 0/1"}};

} // namespace

class TestMetadata final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        prepareMetadata();
        m_jpeg = picture(64, 48, ".jpg[strip]");
    }

    void cameraTimeAndExposureAreRead()
    {
        const PhotoFacts facts = factsOf(withExif(m_jpeg, exif({{"Exif.Image.Make", "Maker "},
                                                                {"Exif.Image.Model", "Model 1"},
                                                                {"Exif.Image.Orientation", "6"},
                                                                {"Exif.Photo.DateTimeOriginal", "2021:04:11 15:47:53"},
                                                                {"Exif.Photo.SubSecTimeOriginal", "25"},
                                                                {"Exif.Photo.ISOSpeedRatings", "400"},
                                                                {"Exif.Photo.FNumber", "28/10"},
                                                                {"Exif.Photo.ExposureTime", "1/250"},
                                                                {"Exif.Photo.FocalLength", "50/1"},
                                                                {"Exif.Photo.LensModel", "50mm F1.8"}})));
        QCOMPARE(facts.width, 64);
        QCOMPARE(facts.height, 48);
        QCOMPARE(facts.make, u"Maker"_s);
        QCOMPARE(facts.model, u"Model 1"_s);
        QCOMPARE(facts.orientation, 6);
        QCOMPARE(facts.taken, u"2021:04:11 15:47:53"_s);
        QCOMPARE(facts.subSeconds, u"25"_s);
        QCOMPARE(facts.iso, 400);
        QCOMPARE(facts.fNumber, 2.8);
        QCOMPARE(facts.exposureTime, 0.004);
        QCOMPARE(facts.focalLength, 50);
        QCOMPARE(facts.lens, u"50mm F1.8"_s);
        QCOMPARE(facts.note, QString());
    }

    void impossibleNumbersAreUnknown()
    {
        const PhotoFacts facts = factsOf(withExif(m_jpeg, exif({{"Exif.Image.Orientation", "9"},
                                                                {"Exif.Photo.ISOSpeedRatings", "0"},
                                                                {"Exif.Photo.FNumber", "0/0"},
                                                                {"Exif.Photo.ExposureTime", "1/0"},
                                                                {"Exif.Photo.FocalLength", "0/1"},
                                                                {"Exif.GPSInfo.GPSLatitudeRef", "N"},
                                                                {"Exif.GPSInfo.GPSLatitude", "95/1 0/1 0/1"},
                                                                {"Exif.GPSInfo.GPSLongitudeRef", "W"},
                                                                {"Exif.GPSInfo.GPSLongitude", "400/1 0/1 0/1"}})));
        QVERIFY(!facts.orientation);
        QVERIFY(!facts.iso);
        QVERIFY(!facts.fNumber);
        QVERIFY(!facts.exposureTime);
        QVERIFY(!facts.focalLength);
        QVERIFY(!facts.latitude);
        QVERIFY(!facts.longitude);
        QCOMPARE(facts.width, 64);
    }

    void positionHasItsSigns_data()
    {
        QTest::addColumn<QByteArray>("northSouth");
        QTest::addColumn<QByteArray>("eastWest");
        QTest::addColumn<double>("latitude");
        QTest::addColumn<double>("longitude");
        QTest::newRow("Sydney") << "S"_ba << "E"_ba << -33.86 << 151.2;
        QTest::newRow("its mirror in the Pacific") << "N"_ba << "W"_ba << 33.86 << -151.2;
        QTest::newRow("small letters") << "s"_ba << "e"_ba << -33.86 << 151.2;
    }
    void positionHasItsSigns()
    {
        QFETCH(QByteArray, northSouth);
        QFETCH(QByteArray, eastWest);
        QFETCH(double, latitude);
        QFETCH(double, longitude);

        const PhotoFacts facts = factsOf(withExif(m_jpeg, exif(Position + Tags({{"Exif.GPSInfo.GPSLatitudeRef", northSouth}, {"Exif.GPSInfo.GPSLongitudeRef", eastWest}}))));

        QCOMPARE(facts.latitude, latitude);
        QCOMPARE(facts.longitude, longitude);
    }

    void positionWithoutHemisphereIsNone()
    {
        const PhotoFacts facts = factsOf(withExif(m_jpeg, exif(Position + Tags{{"Exif.GPSInfo.GPSLatitudeRef", "N"}})));
        QVERIFY(!facts.latitude);
        QVERIFY(!facts.longitude);
    }

    void altitudeBelowTheSeaIsNegative()
    {
        const PhotoFacts facts = factsOf(withExif(m_jpeg, exif({{"Exif.GPSInfo.GPSAltitudeRef", "1"}, {"Exif.GPSInfo.GPSAltitude", "43/10"}})));
        QCOMPARE(facts.altitude, -4.3);
    }

    void datesAreKeptAsWritten_data()
    {
        QTest::addColumn<QByteArray>("date");
        QTest::addColumn<QString>("expected");
        QTest::newRow("zeros") << "0000:00:00 00:00:00"_ba << u"0000:00:00 00:00:00"_s;
        QTest::newRow("month 13") << "2021:13:99 12:00:00"_ba << u"2021:13:99 12:00:00"_s;
        QTest::newRow("blanks -> unknown") << "    :  :     :  :  "_ba << QString();
    }
    void datesAreKeptAsWritten()
    {
        QFETCH(QByteArray, date);
        QFETCH(QString, expected);
        QCOMPARE(factsOf(withExif(m_jpeg, exif({{"Exif.Photo.DateTimeOriginal", date}}))).taken, expected);
    }

    void xmpAloneCounts()
    {
        const PhotoFacts facts = factsOf(withXmp(m_jpeg, xmp("tiff:Orientation='8' tiff:Make='X' xmp:CreateDate='2022-01-10T15:15:44-04:00' exif:FNumber='28/10' "
                                                            "exif:GPSLatitude='40,14.07864N' exif:GPSLongitude='76,17.22849W'")));
        QCOMPARE(facts.orientation, 8);
        QCOMPARE(facts.make, u"X"_s);
        QCOMPARE(facts.taken, u"2022-01-10T15:15:44-04:00"_s);
        QCOMPARE(facts.fNumber, 2.8);
        QCOMPARE(facts.latitude, 40.234644);
        QCOMPARE(facts.longitude, -76.2871415);
    }

    void exifComesBeforeXmp()
    {
        const QByteArray both = withXmp(withExif(m_jpeg, exif({{"Exif.Image.Orientation", "3"}})), xmp("tiff:Orientation='8' tiff:Model='From XMP'"));
        QCOMPARE(factsOf(both).orientation, 3);
        QCOMPARE(factsOf(both).model, u"From XMP"_s);
    }

    void sidecarKeepsADateWithoutTime_data()
    {
        QTest::addColumn<int>("encoding");
        QTest::newRow("UTF-8") << int(QStringConverter::Utf8);
        QTest::newRow("UTF-16, little-endian") << int(QStringConverter::Utf16LE);
        QTest::newRow("UTF-16, big-endian") << int(QStringConverter::Utf16BE);
    }
    void sidecarKeepsADateWithoutTime()
    {
        QFETCH(int, encoding);
        QStringEncoder encode(QStringConverter::Encoding(encoding), QStringConverter::Flag::WriteBom);
        const QByteArray bytes = encode(QString::fromUtf8(xmp("exif:DateTimeOriginal='2021-05-06' tiff:Model='Ω 1'")));

        const PhotoFacts facts = factsOf(bytes);

        QCOMPARE(facts.taken, u"2021-05-06"_s);
        QCOMPARE(facts.model, u"Ω 1"_s);
        QVERIFY(!facts.width);
        QVERIFY(!facts.pages);
    }

    void exifWithoutPictureDataIsRead()
    {
        const QByteArray whole = withExif(m_jpeg, exif({{"Exif.Image.Make", "Maker"}, {"Exif.Photo.ISOSpeedRatings", "200"}}));
        const QByteArray headOnly = whole.first(whole.indexOf("\xff\xdb")) + "\xff\xd9";
        QCOMPARE(factsOf(headOnly).make, u"Maker"_s);
        QCOMPARE(factsOf(headOnly).iso, 200);
    }

    void fileCutInsideItsExifKeepsWhatIsThere()
    {
        const QByteArray block = exif({{"Exif.Image.Make", "Maker of cameras"}, {"Exif.Photo.UserComment", QByteArray(3000, 'x')}});
        const QByteArray whole = withExif(m_jpeg, block);
        QCOMPARE(factsOf(whole.first(1000)).make, u"Maker of cameras"_s);
    }

    void sizeComesFromThePictureNotFromExif()
    {
        const QByteArray lying = withExif(m_jpeg, exif({{"Exif.Photo.PixelXDimension", "4032"}, {"Exif.Photo.PixelYDimension", "3024"}}));
        QCOMPARE(factsOf(lying).width, 64);
    }

    void textThatIsNoUtf8IsLatin1()
    {
        QCOMPARE(factsOf(withExif(m_jpeg, exif({{"Exif.Image.Model", "Caf\xe9"}}))).model, u"Café"_s);
    }

    void containersAreReadToo_data()
    {
        QTest::addColumn<QByteArray>("suffix");
        for (const char *suffix : {".webp", ".png", ".tif", ".heic", ".avif"})
            QTest::newRow(suffix) << QByteArray(suffix);
    }
    void containersAreReadToo()
    {
        QFETCH(QByteArray, suffix);
        const PhotoFacts facts = factsOf(picture(96, 64, suffix));
        QCOMPARE(facts.width, 96);
        QCOMPARE(facts.height, 64);
        QCOMPARE(facts.note, QString());
    }

    void unreadableMetadataIsSaid()
    {
        const Result<Metadata> metadata = readBytes("FOVb" + QByteArray(200, '\x7f'));
        QVERIFY(!metadata);
        QCOMPARE(metadata.error().code, ErrorCode::MetadataUnreadable);
    }

    void whatIsInMemoryAlreadyIsNotReadAgainAndSaysTheSame_data()
    {
        QTest::addColumn<QByteArray>("photo");
        QTest::addColumn<bool>("isMapped");
        const QByteArray tags = exif(Position + Tags{{"Exif.Image.Make", "Maker"}, {"Exif.Image.Model", "Model"}, {"Exif.Photo.LensModel", "50mm F1.8"}});
        QTest::newRow("JPEG, cut out by our own reader") << withXmp(withExif(m_jpeg, tags), xmp("tiff:Orientation='8'")) << false;
        QTest::newRow("WebP, read by Exiv2") << picture(64, 48, ".webp[strip]") << false;
        QTest::newRow("TIFF structure alone, mapped by Exiv2") << tags << true;
    }
    void whatIsInMemoryAlreadyIsNotReadAgainAndSaysTheSame()
    {
        QFETCH(QByteArray, photo);
        QFETCH(bool, isMapped);
        const QJsonObject expected = photo::toJson(factsOf(photo));
        QVERIFY(!expected.isEmpty());

        // However many bytes are there, and where they end within a number or a text.
        for (qsizetype count = 0; count <= photo.size(); count += count < 600 ? 1 : 97) {
            const Open open(photo);
            OpenPhoto partly = open.photo();
            partly.firstBytes = QByteArrayView(photo).first(count);
            const Result<Metadata> metadata = readMetadata(partly, readPictureHeader(partly));
            QVERIFY(metadata);
            QCOMPARE(photo::toJson(metadata->facts), expected);
        }
        if (isMapped)
            return;
        // All of it: the descriptor is not needed any more.
        const Open open(photo);
        OpenPhoto whole = open.photo();
        whole.firstBytes = photo;
        whole.descriptor = -1;
        const Result<Metadata> metadata = readMetadata(whole, readPictureHeader(whole));
        QVERIFY(metadata);
        QCOMPARE(photo::toJson(metadata->facts), expected);
    }

    void damagedMetadataNeverHurts()
    {
        const QByteArray whole = withXmp(withExif(m_jpeg, exif(Position + Tags{{"Exif.Image.Make", "Maker"}, {"Exif.GPSInfo.GPSLatitudeRef", "N"}, {"Exif.Photo.LensModel", "50mm"}})),
                                         xmp("tiff:Orientation='8' exif:GPSLatitude='40,14.07864N'"));
        quint32 random = 1;
        for (int round = 0; round < 1500; ++round) {
            QByteArray damaged = whole;
            for (int flips = 0; flips < 6; ++flips) {
                random = random * 1664525U + 1013904223U;
                damaged[qsizetype(2 + (random >> 8) % 900)] = char(random >> 3);
            }
            [[maybe_unused]] const Result<Metadata> read = readBytes(damaged, WithThumbnail::Yes);
        }
    }

private:
    QByteArray m_jpeg;
};

QTEST_GUILESS_MAIN(TestMetadata)
#include "tst_metadata.moc"
