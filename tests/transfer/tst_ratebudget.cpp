#include "models/transfer/ratebudget.h"

#include <QTest>

using photolift::transfer::RateBudget;
using namespace std::chrono_literals;

/// The limit by itself, on a clock of the test.
class tst_RateBudget final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutALimitEverythingGoes();
    void givesTheRateOverTime_data();
    void givesTheRateOverTime();
    void savesAtMostATenthOfASecond();
    void liftingTheLimitIsSeenAtOnce();
};

void tst_RateBudget::withoutALimitEverythingGoes()
{
    RateBudget budget;
    QCOMPARE(budget.take(1'000'000'000), 1'000'000'000);
    QVERIFY(budget.hasEnough());
}

void tst_RateBudget::givesTheRateOverTime_data()
{
    QTest::addColumn<qint64>("rate");
    QTest::newRow("1 kB/s") << qint64(1000);
    QTest::newRow("64 kB/s") << qint64(64000);
    QTest::newRow("5 MB/s") << qint64(5000000);
    QTest::newRow("1 GB/s") << qint64(1000000000);
}

void tst_RateBudget::givesTheRateOverTime()
{
    QFETCH(qint64, rate);
    RateBudget budget;
    RateBudget::Clock::time_point now{};
    budget.setRate(rate, now);
    qint64 sent = 0;

    for (const auto end = now + 20s; now < end;) {
        now += budget.wait();
        budget.refill(now);
        sent += budget.take(512 * 1024);
    }

    // A sender that wakes once a millisecond and takes half a MiB cannot reach a gigabyte a second; up to there it is exact.
    const double expected = std::min<double>(20.0 * double(rate), 20000.0 * 512 * 1024);
    QVERIFY2(double(sent) > 0.9 * expected - 1024 && double(sent) < 1.02 * expected, qPrintable(QString::number(sent)));
}

void tst_RateBudget::savesAtMostATenthOfASecond()
{
    RateBudget budget;
    RateBudget::Clock::time_point now{};
    budget.setRate(1'000'000, now);

    budget.refill(now + 1h);

    QCOMPARE(budget.take(10'000'000), 100'000);
    QCOMPARE(budget.take(10'000'000), 0);
}

void tst_RateBudget::liftingTheLimitIsSeenAtOnce()
{
    RateBudget budget;
    RateBudget::Clock::time_point now{};
    budget.setRate(1000, now);
    QCOMPARE(budget.take(5000), 0);

    budget.setRate(0, now);

    QVERIFY(budget.hasEnough());
    QCOMPARE(budget.take(5000), 5000);
}

QTEST_APPLESS_MAIN(tst_RateBudget)
#include "tst_ratebudget.moc"
