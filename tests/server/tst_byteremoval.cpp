#include "tests/server/purgetest.h"

#include <QTest>

#include <algorithm>
#include <condition_variable>
#include <mutex>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

/// Bytes that nobody has any more leave a store that is slow, away, or keeps some of them. Each round as the login of retention.
class TestByteRemoval : public PurgeTest
{
    Q_OBJECT

private Q_SLOTS:
    void aStoreThatIsAwayLosesNothingOfIt();
    void aSlowStoreIsAskedForSeveralAtATime();
    void aStoreThatAnswersNothingIsNotAskedForEverything();
    void whatTheStoreKeepsIsNotInTheWayOfTheRest();

private:
    /// Uploaded; the next round removes them.
    QList<Photo> photosThatAreDue(int number);
};

QList<Photo> TestByteRemoval::photosThatAreDue(int number)
{
    QList<Photo> photos;
    for (int i = 1; i <= number; ++i) {
        photos.append(photoOf(i));
        rig->upload(photos.last());
    }
    setDays(7);
    passDays(7);
    round();
    passDays(2);
    return photos;
}

void TestByteRemoval::aStoreThatIsAwayLosesNothingOfIt()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    setDays(7);
    passDays(7);
    round();
    passDays(2);
    rig->store.setBroken(true);
    round();
    QCOMPARE(count(u"server_removals WHERE claimed_ms IS NOT NULL"_s), 1);
    rig->store.setBroken(false);
    QVERIFY(isStored(photo));

    round(); // without an answer it may still be going on
    QCOMPARE(count(u"server_removals"_s), 1);
    rig->change(u"UPDATE server_removals SET claimed_ms = 1"_s);
    round();

    QVERIFY(!isStored(photo));
    QCOMPARE(count(u"server_removals"_s), 0);
}

void TestByteRemoval::aSlowStoreIsAskedForSeveralAtATime()
{
    constexpr int Photos = 12;
    constexpr int Together = 4;
    const QList<Photo> photos = photosThatAreDue(Photos);
    std::mutex mutex;
    std::condition_variable changed;
    int inside = 0, most = 0;
    rig->store.setBeforeRemoval([&] { // the first ones wait for each other
        std::unique_lock lock(mutex);
        most = std::max(most, ++inside);
        changed.notify_all();
        changed.wait_for(lock, std::chrono::seconds(10), [&] { return most >= Together; });
        --inside;
    });

    round();

    rig->store.setBeforeRemoval({});
    QCOMPARE(most, Together);
    for (const Photo &photo : photos)
        QVERIFY(!isStored(photo));
    QCOMPARE(count(u"server_removals"_s), 0);
    QCOMPARE(count(u"server_purges"_s), Photos);
}

void TestByteRemoval::aStoreThatAnswersNothingIsNotAskedForEverything()
{
    const QList<Photo> photos = photosThatAreDue(12);
    std::atomic<int> asked = 0;
    rig->store.setBeforeRemoval([&asked] { ++asked; });
    rig->store.setBroken(true);

    round();

    rig->store.setBeforeRemoval({});
    rig->store.setBroken(false);
    QVERIFY2(asked >= 1 && asked <= 8, qPrintable(QString::number(asked))); // four hands, each of which may have begun its next one
    QCOMPARE(count(u"server_removals WHERE claimed_ms IS NOT NULL"_s), asked.load()); // who brings the others need not wait
    round();
    QCOMPARE(count(u"server_removals"_s), asked.load());
    rig->change(u"UPDATE server_removals SET claimed_ms = 1"_s);
    round();
    QCOMPARE(count(u"server_removals"_s), 0);
    for (const Photo &photo : photos)
        QVERIFY(!isStored(photo));
}

void TestByteRemoval::whatTheStoreKeepsIsNotInTheWayOfTheRest()
{
    QList<Photo> photos = photosThatAreDue(12);
    std::sort(photos.begin(), photos.end(), [](const Photo &one, const Photo &other) { return one.sha256 < other.sha256; });
    constexpr int Locked = 9; // more than leave at a time, and before all others
    for (int i = 0; i < Locked; ++i)
        rig->store.setLocked(photos.at(i).sha256);

    round();

    for (int i = 0; i < photos.size(); ++i)
        QCOMPARE(isStored(photos.at(i)), i < Locked);
    QCOMPARE(count(u"server_removals"_s), Locked);
}

QTEST_GUILESS_MAIN(TestByteRemoval)
#include "tst_byteremoval.moc"
