#include "models/photo/photofacts.h"

#include <QJsonValue>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift::photo;

class TestPhotoFacts final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void factsComeBackAsTheyWere()
    {
        PhotoFacts facts;
        facts.width = 6000;
        facts.height = 4000;
        facts.make = u"Canon"_s;
        facts.taken = u"2021:04:11 15:47:53"_s;
        facts.orientation = 6;
        facts.latitude = -12.25;
        facts.longitude = 100.5;
        facts.altitude = -3;
        facts.exposureTime = 1.0 / 8000;
        facts.note = u"a note"_s;

        const PhotoFacts back = factsFromJson(toJson(facts));

        QCOMPARE(toJson(back), toJson(facts));
        QVERIFY(!toJson(facts).contains("iso"_L1));
    }

    void impossibleValuesAreUnknown_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QJsonValue>("value");
        QTest::newRow("latitude 95") << u"latitude"_s << QJsonValue(95);
        QTest::newRow("longitude -400") << u"longitude"_s << QJsonValue(-400);
        QTest::newRow("orientation 9") << u"orientation"_s << QJsonValue(9);
        QTest::newRow("orientation 1.5") << u"orientation"_s << QJsonValue(1.5);
        QTest::newRow("width 0") << u"width"_s << QJsonValue(0);
        QTest::newRow("width -1") << u"width"_s << QJsonValue(-1);
        QTest::newRow("width as text") << u"width"_s << QJsonValue(u"4000"_s);
        QTest::newRow("ISO 0") << u"iso"_s << QJsonValue(0);
        QTest::newRow("make as a number") << u"make"_s << QJsonValue(7);
        QTest::newRow("lens as an object") << u"lens"_s << QJsonValue(QJsonObject{{u"a"_s, 1}});
    }
    void impossibleValuesAreUnknown()
    {
        QFETCH(QString, key);
        QFETCH(QJsonValue, value);
        QCOMPARE(toJson(factsFromJson({{key, value}})), QJsonObject());
    }

    void longTextIsCut()
    {
        QCOMPARE(factsFromJson({{u"model"_s, QString(100'000, u'x')}}).model.size(), 256);
    }

    void takenNeedsDateAndZone_data()
    {
        QTest::addColumn<QString>("taken");
        QTest::addColumn<QString>("offset");
        QTest::addColumn<qint64>("expected"); // -1: unknown
        QTest::newRow("with offset") << u"1970:01:01 01:00:01"_s << u"+01:00"_s << qint64(1000);
        QTest::newRow("west of Greenwich") << u"1970:01:01 00:00:00"_s << u"-05:30"_s << qint64(19'800'000);
        QTest::newRow("XMP carries its own zone") << u"1970-01-01T00:00:02.5Z"_s << QString() << qint64(2500);
        QTest::newRow("XMP without seconds") << u"1970-01-01T00:01+00:00"_s << QString() << qint64(60'000);
        QTest::newRow("no zone") << u"2021:04:11 15:47:53"_s << QString() << qint64(-1);
        QTest::newRow("date only") << u"2021-04-11"_s << u"+01:00"_s << qint64(-1);
        QTest::newRow("zeros") << u"0000:00:00 00:00:00"_s << u"+01:00"_s << qint64(-1);
        QTest::newRow("30 February") << u"2020:02:30 12:00:00"_s << u"+01:00"_s << qint64(-1);
        QTest::newRow("month 13") << u"2021:13:99 12:00:00"_s << u"+01:00"_s << qint64(-1);
        QTest::newRow("offset of 99 hours") << u"9999:12:31 23:59:59"_s << u"+99:99"_s << qint64(-1);
    }
    void takenNeedsDateAndZone()
    {
        QFETCH(QString, taken);
        QFETCH(QString, offset);
        QFETCH(qint64, expected);
        PhotoFacts facts;
        facts.taken = taken;
        facts.offset = offset;
        QCOMPARE(takenMs(facts).value_or(-1), expected);
    }

    void subSecondsCount()
    {
        PhotoFacts facts;
        facts.taken = u"1970:01:01 00:00:01"_s;
        facts.offset = u"+00:00"_s;
        facts.subSeconds = u"5"_s;
        QCOMPARE(takenMs(facts), 1500);
    }
};

QTEST_APPLESS_MAIN(TestPhotoFacts)
#include "tst_photofacts.moc"
