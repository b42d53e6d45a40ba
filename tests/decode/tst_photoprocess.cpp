#include "models/decode/jpegsegments.h"
#include "models/decode/vipsimage.h"
#include "models/photo/helper.h"
#include "testphotos.h"

#include <QDir>
#include <QElapsedTimer>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::photo;
using namespace photolift::testphotos;

namespace {

Helper::Options realHelper()
{
    Helper::Options options;
    options.program = qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift-photo"_s;
    return options;
}

/// The processes that one has started and that still run.
QStringList startedBy(const QString &pid)
{
    QStringList found;
    for (const QString &name : QDir(u"/proc"_s).entryList({u"[0-9]*"_s}, QDir::Dirs)) {
        QFile file(u"/proc/%1/stat"_s.arg(name));
        if (!file.open(QIODevice::ReadOnly))
            continue;
        const QByteArray stat = file.readAll();
        const QList<QByteArray> behindName = stat.mid(stat.lastIndexOf(')') + 2).split(' ');
        if (behindName.value(0) != "Z" && QString::fromLatin1(behindName.value(1)) == pid)
            found.append(name);
    }
    return found;
}

QString fileOf(const QString &pid, const QString &name)
{
    QFile file(u"/proc/%1/%2"_s.arg(pid, name));
    return file.open(QIODevice::ReadOnly) ? QString::fromLatin1(file.readAll()) : QString();
}

struct LimitPair {
    QString soft;
    QString hard;
};

/// One line of /proc/PID/limits.
LimitPair limitOf(const QString &pid, const QString &name)
{
    for (const QString &line : fileOf(pid, u"limits"_s).split(u'\n')) {
        if (line.startsWith(name)) {
            const QStringList values = line.mid(name.size()).simplified().split(u' ');
            return {values.value(0), values.value(1)};
        }
    }
    return {};
}

decode::JpegSegments segmentsOf(const QByteArray &jpeg)
{
    const Open open(jpeg);
    decode::ByteSource source(open.photo());
    return decode::readJpegSegments(source);
}

} // namespace

/// The real photolift-photo, asked as the product asks it.
class TestPhotoProcess final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void factsComeFromTheOtherProcess()
    {
        Helper helper(realHelper());
        const Open open(withExif(picture(64, 48, ".jpg[strip]"), exif({{"Exif.Image.Make", "Maker"}, {"Exif.Image.Orientation", "6"}})));

        const Result<HelperAnswer> answer = helper.run(Order::Facts, open.photo().descriptor, u"image/jpeg"_s).result();

        QVERIFY(answer);
        QCOMPARE(answer->facts.width, 64);
        QCOMPARE(answer->facts.make, u"Maker"_s);
        QCOMPARE(answer->facts.orientation, 6);
    }

    void positionOfTheDescriptorStays()
    {
        Helper helper(realHelper());
        const Open open(picture(64, 48, ".tif"));
        ::lseek(open.photo().descriptor, 5, SEEK_SET);

        QVERIFY(helper.run(Order::Everything, open.photo().descriptor, {}).result());

        QCOMPARE(::lseek(open.photo().descriptor, 0, SEEK_CUR), 5);
    }

    void everythingIsThreeStepsAndTwoPictures()
    {
        Helper helper(realHelper());
        const Open open(withExif(picture(3000, 1500, ".jpg[strip]"), exif({{"Exif.Image.Orientation", "6"}, {"Exif.Image.Make", "Maker"}})));

        const Result<HelperAnswer> answer = helper.run(Order::Everything, open.photo().descriptor, {}, 200).result();

        QVERIFY(answer);
        QCOMPARE(answer->steps.size(), 3);
        for (const HelperStep &step : answer->steps)
            QVERIFY(!step.error);
        QCOMPARE(answer->facts.make, u"Maker"_s);
        QCOMPARE(answer->facts.width, 3000);
        const decode::JpegSegments rendition = segmentsOf(answer->rendition);
        QCOMPARE(rendition.width, 1024); // upright
        QCOMPARE(rendition.height, 2048);
        const decode::JpegSegments thumbnail = segmentsOf(answer->picture);
        QCOMPARE(thumbnail.width, 100);
        QCOMPARE(thumbnail.height, 200);
        for (const decode::JpegSegments &segments : {rendition, thumbnail}) {
            QVERIFY(segments.exif.isEmpty() && segments.xmp.isEmpty() && segments.icc.isEmpty());
            QVERIFY(segments.metadataBytes <= 18); // the JFIF header alone
        }
    }

    void picturesHaveTheColoursOfSrgb_data()
    {
        QTest::addColumn<QByteArray>("suffix");
        QTest::addColumn<int>("red"); // for 220, 20, 20 in the photo's own colours
        QTest::newRow("JPEG without a profile") << QByteArray(".jpg[Q=95,strip]") << 220;
        QTest::newRow("JPEG with sRGB") << QByteArray(".jpg[Q=95,profile=srgb]") << 220;
        QTest::newRow("JPEG with Display P3") << QByteArray(".jpg[Q=95,profile=p3]") << 240;
        QTest::newRow("PNG without a profile") << QByteArray(".png[strip]") << 220;
        QTest::newRow("PNG with Display P3") << QByteArray(".png[profile=p3]") << 240;
    }

    void picturesHaveTheColoursOfSrgb()
    {
        QFETCH(const QByteArray, suffix);
        QFETCH(const int, red);
        Helper helper(realHelper());
        const Open open(picture(2400, 1600, suffix));

        const Result<HelperAnswer> answer = helper.run(Order::Everything, open.photo().descriptor, {}, 200).result();

        QVERIFY(answer);
        for (const QByteArray &made : {answer->rendition, answer->picture}) {
            const std::array<int, 3> colour = cornerColour(made);
            QVERIFY2(std::abs(colour[0] - red) <= 4 && colour[1] <= 24, qPrintable(u"%1 %2 %3"_s.arg(colour[0]).arg(colour[1]).arg(colour[2])));
        }
    }

    void validationThatFailsIsTheLastStep()
    {
        Helper helper(realHelper());
        const QByteArray whole = picture(300, 200, ".jpg");
        const Open open(whole.first(whole.size() / 2));

        const Result<HelperAnswer> answer = helper.run(Order::Everything, open.photo().descriptor, {}).result();

        QVERIFY(answer);
        QCOMPARE(answer->steps.size(), 1);
        QCOMPARE(answer->steps[0].error->code, ErrorCode::ValidationTruncated);
        QVERIFY(answer->rendition.isEmpty());
    }

    void sidecarHasNoPictureAndNoFailure()
    {
        Helper helper(realHelper());
        const Open open(xmp("tiff:Make='X'"));

        const Result<HelperAnswer> answer = helper.run(Order::Everything, open.photo().descriptor, {}).result();

        QVERIFY(answer);
        QCOMPARE(answer->steps.size(), 3);
        for (const HelperStep &step : answer->steps)
            QVERIFY(!step.error);
        QCOMPARE(answer->facts.make, u"X"_s);
        QVERIFY(answer->picture.isEmpty());
    }

    void thumbnailOfATransparentPictureIsPng()
    {
        Helper helper(realHelper());
        const Open open(picture(64, 48, ".gif"));

        const Result<HelperAnswer> answer = helper.run(Order::Thumbnail, open.photo().descriptor, {}, 32).result();

        QVERIFY(answer);
        QVERIFY(answer->pictureType == u"image/png" || answer->pictureType == u"image/jpeg");
        QVERIFY(!answer->picture.isEmpty());
    }

    void bombsAreRefusedFromTheHeader()
    {
        Helper helper(realHelper());
        const Open open(pngClaiming(65535, 65535));
        QElapsedTimer timer;
        timer.start();

        QCOMPARE(helper.run(Order::Facts, open.photo().descriptor, {}).result().error().code, ErrorCode::ValidationImageTooLarge);
        QCOMPARE(helper.run(Order::Validate, open.photo().descriptor, {}).result().error().code, ErrorCode::ValidationImageTooLarge);
        QCOMPARE(helper.run(Order::Thumbnail, open.photo().descriptor, {}).result().error().code, ErrorCode::ProcessingDecodeFailed);
        QVERIFY(timer.elapsed() < 5000);
    }

    void memoryHasALimit()
    {
#ifdef PHOTOLIFT_SANITIZED
        return; // sanitizers need the address space themselves, so there is no limit to test
#else
        Helper::Options options = realHelper();
        options.memoryBytes = 200LL * 1024 * 1024;
        Helper helper(options);
        const Open large(blankPicture(12000, 9000, ".png[compression=1,interlace]")); // interlaced: all of it has to be in memory
        const Open small(picture(64, 48, ".jpg"));

        const Result<HelperAnswer> answer = helper.run(Order::Validate, large.photo().descriptor, {}).result();

        QVERIFY(!answer);
        QCOMPARE(answer.error().code, ErrorCode::ValidationCheckCrashed);
        QVERIFY(helper.run(Order::Validate, small.photo().descriptor, {}).result());
#endif
    }

    void limitsAreHardOnes_data()
    {
        QTest::addColumn<bool>("isOneShot");
        QTest::addColumn<QString>("processorSeconds");
        QTest::newRow("child for one photo: the time of one") << true << u"31"_s;
        QTest::newRow("process for many photos: the time of a life") << false << u"600"_s;
    }
    void limitsAreHardOnes()
    {
        QFETCH(bool, isOneShot);
        QFETCH(QString, processorSeconds);
        Helper::Options options = realHelper();
        options.isOneShot = isOneShot;
        Helper helper(options);
        const Open open(blankPicture(8000, 6000, ".png[compression=1]")); // long enough to be seen at work
        QFuture<Result<HelperAnswer>> answer = helper.run(Order::Everything, open.photo().descriptor, {});
        QString child;
        const auto isAtWork = [&] {
            QStringList found = startedBy(QString::number(::getpid()));
            if (isOneShot && !found.isEmpty())
                found = startedBy(found.constFirst());
            child = found.value(0);
            return limitOf(child, u"Max cpu time"_s).hard == processorSeconds;
        };
        QTRY_VERIFY(isAtWork());

        QCOMPARE(fileOf(child, u"status"_s).section(u"CapEff:\t"_s, 1).section(u'\n', 0, 0), u"0000000000000000"_s);
        for (const QString &name : {u"Max file size"_s, u"Max open files"_s, u"Max core file size"_s, u"Max processes"_s}) {
            const LimitPair limit = limitOf(child, name);
            QVERIFY2(limit.hard != u"unlimited"_s && !limit.hard.isEmpty(), qPrintable(name));
            QCOMPARE(limit.soft, limit.hard);
        }
        QCOMPARE(limitOf(child, u"Max cpu time"_s).hard, processorSeconds);
        QVERIFY(limitOf(child, u"Max cpu time"_s).soft.toInt() <= 33); // 30 for the photo; what its start took before
        const LimitPair memory = limitOf(child, u"Max address space"_s);
#ifdef PHOTOLIFT_SANITIZED
        QCOMPARE(memory.hard, u"unlimited"_s); // sanitizers need the address space themselves
#else
        QCOMPARE(memory.hard, QString::number(options.memoryBytes + 256LL * 1024 * 1024)); // 256 MiB for mapping the photo
        QCOMPARE(memory.soft, memory.hard);
#endif
        QVERIFY(answer.result());
    }

    void itSaysWhatItOpensPhotosWith()
    {
        QProcess program;
        program.start(realHelper().program, {u"--decoder"_s});

        QVERIFY(program.waitForFinished());
        QCOMPARE(program.exitCode(), 0);
        const QString decoder = QString::fromUtf8(program.readAllStandardOutput()).trimmed();
        for (const QLatin1StringView library : {"libvips"_L1, "libheif"_L1, "libjxl"_L1, "libtiff"_L1, "libjpeg"_L1, "libexiv2"_L1})
            QVERIFY2(QRegularExpression(library + u" \\d+\\.\\d+"_s).match(decoder).hasMatch(), qPrintable(decoder));
    }

    void eightPhotosAtOnce()
    {
        Helper::Options options = realHelper();
        options.processes = 2;
        Helper helper(options);
        const Open jpeg(picture(640, 480, ".jpg"));
        const Open webp(picture(640, 480, ".webp"));
        QList<QFuture<Result<HelperAnswer>>> futures;

        for (int i = 0; i < 8; ++i)
            futures.append(helper.run(i % 2 ? Order::Thumbnail : Order::Everything, (i % 3 ? jpeg : webp).photo().descriptor, {}, 160));

        for (const auto &future : futures)
            QVERIFY(future.result());
    }

    void oneShotAtTheLowestPriorityWorksToo()
    {
        Helper::Options options = realHelper();
        options.isOneShot = true;
        options.niceness = 19;
        Helper helper(options);
        const Open open(picture(640, 480, ".jpg"));

        for (int i = 0; i < 3; ++i)
            QVERIFY(helper.run(Order::Everything, open.photo().descriptor, {}).result());
    }
};

QTEST_GUILESS_MAIN(TestPhotoProcess)
#include "tst_photoprocess.moc"
