#include "models/context/transfermedians.h"

#include <QTest>

#include <limits>

using namespace Qt::StringLiterals;
using photolift::context::TransferMedians;

class TestTransferMedians : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneStallDoesNotMakeASlowConnection()
    {
        TransferMedians medians;
        medians.note(u"home"_s, 1000000, 1000, 20000);
        medians.note(u"home"_s, 1000000, 60000, 900000);
        medians.note(u"home"_s, 1000000, 1000, 22000);

        QCOMPARE(medians.bandwidthKbps(u"home"_s), 8000);
        QCOMPARE(medians.latencyMs(u"home"_s), 22);
    }

    void connectionsAreKeptApart()
    {
        TransferMedians medians;
        medians.note(u"home"_s, 1000000, 1000, 20000);

        QCOMPARE(medians.bandwidthKbps(u"train"_s), std::nullopt);
        QCOMPARE(medians.latencyMs(u"train"_s), std::nullopt);
    }

    void theConnectionOfTodayCountsNotTheOneOfLastWeek()
    {
        TransferMedians medians;
        for (int i = 0; i < 100; ++i)
            medians.note(u"home"_s, 1000000, 1000, 20000);
        for (int i = 0; i < 31; ++i)
            medians.note(u"home"_s, 1000000, 100, 5000);

        QCOMPARE(medians.bandwidthKbps(u"home"_s), 80000);
        QCOMPARE(medians.latencyMs(u"home"_s), 5);
    }

    void aFewBytesSayNothingAboutASpeed()
    {
        TransferMedians medians;
        medians.note(u"home"_s, 1000, 1, 20000);

        QCOMPARE(medians.bandwidthKbps(u"home"_s), std::nullopt);
        QCOMPARE(medians.latencyMs(u"home"_s), 20);
    }

    void impossibleMeasurementsAreLeftOut()
    {
        TransferMedians medians;
        medians.note(u"home"_s, 1000000, 0, 0);
        medians.note(u"home"_s, 1000000, -5, -1);
        medians.note(u"home"_s, -1, 1000, std::numeric_limits<qint64>::min());

        QCOMPARE(medians.bandwidthKbps(u"home"_s), std::nullopt);
        QCOMPARE(medians.latencyMs(u"home"_s), std::nullopt);
    }

    void theFirstMeasurementAfterAStartJoinsThoseBeforeIt()
    {
        TransferMedians before;
        for (int i = 0; i < 5; ++i)
            before.note(u"home"_s, 1000000, 1000, 20000);
        TransferMedians medians;
        medians.recall(u"home"_s, before.kept(u"home"_s));
        QCOMPARE(medians.bandwidthKbps(u"home"_s), 8000);

        medians.note(u"home"_s, 1000000, 60000, 900000);

        QCOMPARE(medians.bandwidthKbps(u"home"_s), 8000);
        QCOMPARE(medians.latencyMs(u"home"_s), 20);
    }

    void whatCannotBeReadIsNotRecalled_data()
    {
        QTest::addColumn<QByteArray>("kept");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("half of it") << TransferMedians().kept({}).chopped(1);
        QTest::newRow("no numbers") << QByteArray(R"({"kbps":["fast",null,-5,0,0.5],"rtt_us":7})");
    }
    void whatCannotBeReadIsNotRecalled()
    {
        QFETCH(const QByteArray, kept);
        TransferMedians medians;

        medians.recall(u"home"_s, kept);

        QCOMPARE(medians.bandwidthKbps(u"home"_s), std::nullopt);
        QCOMPARE(medians.latencyMs(u"home"_s), std::nullopt);
    }

    void theLargestValuesStayInsideAnInt()
    {
        TransferMedians medians;
        medians.note(u"home"_s, std::numeric_limits<qint64>::max() / 16, 1, std::numeric_limits<qint64>::max() - 500);

        QCOMPARE(medians.bandwidthKbps(u"home"_s), std::numeric_limits<int>::max());
        QCOMPARE(medians.latencyMs(u"home"_s), std::numeric_limits<int>::max());
    }
};

QTEST_GUILESS_MAIN(TestTransferMedians)
#include "tst_transfermedians.moc"
