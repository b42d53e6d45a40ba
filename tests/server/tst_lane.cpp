#include "app/server/work/lane.h"
#include "models/vocabulary/ids.h"

#include <QTest>

#include <future>

using namespace photolift;
using namespace photolift::server;
using namespace std::chrono_literals;

/// Who waits for a thread, and that one photo is never in two hands.
class TestLane : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void firstComeIsFirstServed();
    void ofSeveralTimesTheEarliestCounts();
    void whatIsInHandIsGivenToNobodyElse();
    void whatWasAddedInHandComesOnceMore();
    void whoWaitsIsWokenByTheOneThatIsDone();
    void itIsKnownWhoWaitsOrIsInHand();
    void closingWakesEverybody();

private:
    const QUuid m_one = newUuid7();
    const QUuid m_other = newUuid7();
};

void TestLane::firstComeIsFirstServed()
{
    Lane lane;
    lane.add(m_one);
    lane.add(m_other, Lane::Clock::now() - 1h);
    QCOMPARE(lane.size(), 2);

    QCOMPARE(lane.take(), m_other);
    QCOMPARE(lane.take(), m_one);
    QCOMPARE(lane.size(), 0);
}

void TestLane::ofSeveralTimesTheEarliestCounts()
{
    Lane lane;
    lane.add(m_one, Lane::Clock::now() + 1h);
    lane.add(m_one);
    lane.add(m_one, Lane::Clock::now() + 1h);

    QCOMPARE(lane.size(), 1);
    QCOMPARE(lane.take(), m_one);
}

void TestLane::whatIsInHandIsGivenToNobodyElse()
{
    Lane lane;
    lane.add(m_one);
    QCOMPARE(lane.take(), m_one);
    lane.add(m_one);
    lane.add(m_other);

    QCOMPARE(lane.take(), m_other);
}

void TestLane::whatWasAddedInHandComesOnceMore()
{
    Lane lane;
    lane.add(m_one);
    QCOMPARE(lane.take(), m_one);
    lane.add(m_one);
    lane.add(m_one);
    lane.done(m_one);

    QCOMPARE(lane.take(), m_one);
    lane.done(m_one);
    QCOMPARE(lane.size(), 0);
}

void TestLane::whoWaitsIsWokenByTheOneThatIsDone()
{
    Lane lane;
    lane.add(m_one);
    QCOMPARE(lane.take(), m_one);
    lane.add(m_one);
    auto second = std::async(std::launch::async, [&lane] { return lane.take(); });

    lane.done(m_one);

    QCOMPARE(second.get(), m_one);
}

void TestLane::itIsKnownWhoWaitsOrIsInHand()
{
    Lane lane;
    QVERIFY(!lane.has(m_one));
    lane.add(m_one);
    lane.add(m_other, Lane::Clock::now() + 1h);
    QVERIFY(lane.has(m_one) && lane.has(m_other));

    QCOMPARE(lane.take(), m_one);
    QVERIFY(lane.has(m_one));
    lane.done(m_one);

    QVERIFY(!lane.has(m_one) && lane.has(m_other));
}

void TestLane::closingWakesEverybody()
{
    Lane lane;
    lane.add(m_one, Lane::Clock::now() + 1h);
    auto first = std::async(std::launch::async, [&lane] { return lane.take(); });
    auto second = std::async(std::launch::async, [&lane] { return lane.take(); });

    lane.close();

    QCOMPARE(first.get(), std::nullopt);
    QCOMPARE(second.get(), std::nullopt);
    QCOMPARE(lane.take(), std::nullopt);
}

QTEST_GUILESS_MAIN(TestLane)
#include "tst_lane.moc"
