#include "models/pipeline/firstlooks.h"

#include "models/vocabulary/ids.h"

#include <QTest>

using namespace photolift;
using pipeline::FirstLooks;

/// How old the first look at a photo is, whatever the clock of the computer says.
class TestFirstLooks final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aClockThatJumpsMakesNoLookOlder_data();
    void aClockThatJumpsMakesNoLookOlder();
    void aLookIsDueWhenItsTimeHasPassed();
    void aLookOfAnEarlierRunIsAsOldAsThisOne();
};

namespace
{
constexpr int LongMs = 600'000;

/// Made when the clock stood so much earlier than now.
store::Item itemOf(const QUuid &batchId, qint64 agoMs = 0)
{
    store::Item item;
    item.itemId = newUuid7(nowMs() - agoMs);
    item.batchId = batchId;
    item.identity.size = 5;
    return item;
}
} // namespace

void TestFirstLooks::aClockThatJumpsMakesNoLookOlder_data()
{
    QTest::addColumn<qint64>("agoMs");
    QTest::newRow("two hours ahead since the walk") << qint64(2 * 3'600'000);
    QTest::newRow("two hours back since the walk") << qint64(-2 * 3'600'000);
}

void TestFirstLooks::aClockThatJumpsMakesNoLookOlder()
{
    QFETCH(const qint64, agoMs);
    FirstLooks looks(LongMs);
    const QUuid batch = newUuid7();
    looks.noteWalked(batch);

    const store::Item item = itemOf(batch, agoMs);

    QVERIFY(!looks.of(item));
    QVERIFY(looks.msUntilSecond(item) > 0 && looks.msUntilSecond(item) <= LongMs);
}

void TestFirstLooks::aLookIsDueWhenItsTimeHasPassed()
{
    FirstLooks looks(30);
    const store::Item item = itemOf(newUuid7());
    looks.noteWalked(item.batchId);

    QTRY_VERIFY(looks.of(item));

    QCOMPARE(looks.of(item)->size, item.identity.size);
    QCOMPARE(looks.msUntilSecond(item), 0);
}

void TestFirstLooks::aLookOfAnEarlierRunIsAsOldAsThisOne()
{
    FirstLooks looks(30);
    const store::Item item = itemOf(newUuid7(), LongMs);
    QVERIFY(looks.msUntilSecond(item) > 0);

    QTRY_COMPARE(looks.msUntilSecond(item), 0);
}

QTEST_GUILESS_MAIN(TestFirstLooks)
#include "tst_firstlooks.moc"
