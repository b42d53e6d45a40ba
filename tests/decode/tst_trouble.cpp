#include "models/photo/filelook.h"
#include "models/photo/helper.h"

#include <QDir>
#include <QFile>
#include <QTemporaryFile>
#include <QTest>

#include <array>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::photo;

namespace {

/// How each of the troublesome files of the collection ends: refused before it is tried, refused by validation, or not at all.
struct Ending {
    QLatin1StringView file;
    QLatin1StringView selection;
    QLatin1StringView validation;
};
constexpr std::array Endings{
    Ending{"date_blank_year9999.jpg"_L1, {}, {}},
    Ending{"date_month13_day99.jpg"_L1, {}, {}},
    Ending{"date_zeros.jpg"_L1, {}, {}},
    Ending{"git-lfs-pointer.jpg"_L1, "SELECTION_NOT_ACCEPTED"_L1, "VALIDATION_INVALID_IMAGE"_L1},
    Ending{"gps_out_of_range_iso0.jpg"_L1, {}, {}},
    Ending{"heic-named.jpg"_L1, {}, {}},
    Ending{"invalid_image02206.jpg"_L1, {}, {}},
    Ending{"jpeg-named.png"_L1, {}, {}},
    Ending{"png-named.jpg"_L1, {}, {}},
    Ending{"text.jpg"_L1, "SELECTION_NOT_ACCEPTED"_L1, "VALIDATION_INVALID_IMAGE"_L1},
    Ending{"truncated.jpg"_L1, {}, "VALIDATION_TRUNCATED"_L1},
    Ending{"truncated_in_exif.jpg"_L1, {}, "VALIDATION_TRUNCATED"_L1},
    Ending{"zero-byte.jpg"_L1, "SELECTION_FILE_EMPTY"_L1, "VALIDATION_INVALID_IMAGE"_L1},
};

QString photosFolder()
{
    return QDir::cleanPath(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/../shared/photos"_s);
}

/// All photos below the collection, found by the folder itself.
QStringList photosIn(const QString &folder)
{
    return QDir(photosFolder() + u'/' + folder).entryList(QDir::Files | QDir::Hidden);
}

} // namespace

/// What validation says about real files, where the collection lies beside the source.
class TestTrouble final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        Helper::Options options;
        options.program = qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift-photo"_s;
        options.processes = 2;
        m_helper = std::make_unique<Helper>(options);
    }
    void cleanupTestCase() { m_helper.reset(); }

    void troublesomeFilesEndAsWhatTheyAre()
    {
        for (const QString &file : photosIn(u"trouble"_s)) {
            const auto ending = std::find_if(Endings.begin(), Endings.end(), [&file](const Ending &known) { return known.file == file; });
            QVERIFY2(ending != Endings.end(), qPrintable(file));
            const Result<FileLook> look = lookAt(QFile::encodeName(photosFolder() + u"/trouble/"_s + file));
            QVERIFY2(look, qPrintable(file));

            const std::optional<Error> refusal = refusalOf(*look);
            const Result<HelperAnswer> validation = m_helper->run(Order::Validate, look->descriptor.get(), {}).result();

            QCOMPARE(file + u' ' + (refusal ? errorName(refusal->code) : QLatin1StringView()), file + u' ' + ending->selection);
            QCOMPARE(file + u' ' + (validation ? QLatin1StringView() : errorName(validation.error().code)), file + u' ' + ending->validation);
        }
    }

    void realPhotosPassWithBothPictures()
    {
        for (const QString &folder : {u"cameras"_s, u"phones"_s, u"formats"_s, u"gps"_s, u"orientation"_s, u"odd names"_s}) {
            for (const QString &file : photosIn(folder)) {
                const Result<FileLook> look = lookAt(QFile::encodeName(photosFolder() + u'/' + folder + u'/' + file));
                QVERIFY2(look && !refusalOf(*look), qPrintable(file));

                const Result<HelperAnswer> answer = m_helper->run(Order::Everything, look->descriptor.get(), {}).result();

                QVERIFY2(answer && answer->steps.size() == 3, qPrintable(file));
                for (const HelperStep &step : answer->steps)
                    QVERIFY2(!step.error, qPrintable(file + (step.error ? step.error->detail : QString())));
                QVERIFY2(!answer->rendition.isEmpty() && !answer->picture.isEmpty(), qPrintable(file));
            }
        }
    }

    void rawFilesCutByTheirCollectorAreToldApart()
    {
        // Only these two name sensor data that is not there; the others were cut properly, or are of a layout we cannot judge.
        for (const QString &file : photosIn(u"raw"_s)) {
            const Result<FileLook> look = lookAt(QFile::encodeName(photosFolder() + u"/raw/"_s + file));
            QVERIFY2(look && look->kind.isRaw, qPrintable(file));

            const Result<HelperAnswer> validation = m_helper->run(Order::Validate, look->descriptor.get(), {}).result();

            const bool isCut = file == "panasonic_lx3.rw2"_L1 || file == "sony_a330.arw"_L1;
            const bool isUnknown = file == "canon_m50.cr3"_L1;
            const QLatin1StringView expected = isCut ? "VALIDATION_TRUNCATED"_L1 : isUnknown ? "VALIDATION_FORMAT_UNKNOWN"_L1 : QLatin1StringView();
            QCOMPARE(file + u' ' + (validation ? QLatin1StringView() : errorName(validation.error().code)), file + u' ' + expected);
        }
    }

    void cutPhotosAreTold_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<bool>("isHalf");
        for (const QString &folder : {u"cameras"_s, u"phones"_s, u"formats"_s, u"raw"_s}) {
            for (const QString &file : photosIn(folder)) {
                for (const bool isHalf : {true, false})
                    QTest::addRow("%s, %s", qPrintable(file), isHalf ? "half" : "all but 100 bytes") << folder + u'/' + file << isHalf;
            }
        }
        QTest::newRow("no collection") << QString() << false;
    }
    void cutPhotosAreTold()
    {
        QFETCH(QString, path);
        QFETCH(bool, isHalf);
        QFile file(photosFolder() + u'/' + path);
        if (!QFileInfo(file).isFile())
            return; // the row that stands for no collection
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray whole = file.readAll();
        QTemporaryFile cut;
        QVERIFY(cut.open());
        cut.write(whole.first(isHalf ? whole.size() / 2 : whole.size() - 100));
        QVERIFY(cut.flush());

        const Result<HelperAnswer> validation = m_helper->run(Order::Validate, cut.handle(), {}).result();

        const QLatin1StringView code = validation ? "none"_L1 : errorName(validation.error().code);
        // Its collector took the sensor data and every mention of it: what is left names nothing in its second half.
        const bool namesNoEnd = path == "raw/olympus_e-p3.orf"_L1;
        QCOMPARE(code, namesNoEnd ? "none"_L1 : "VALIDATION_TRUNCATED"_L1);
    }

private:
    std::unique_ptr<Helper> m_helper;
};

QTEST_GUILESS_MAIN(TestTrouble)
#include "tst_trouble.moc"
