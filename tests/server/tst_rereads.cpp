#include "app/server/work/objecttable.h"
#include "app/server/work/rereads.h"
#include "models/vocabulary/ids.h"
#include "tests/server/purgetest.h"
#include "tests/server/recordsearch.h"

#include <QTest>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using server::StoredCopy;

/// The regular re-read of what is stored: what is due when, what it finds, and what it makes of that. Each round as the login of the worker.
class TestRereads : public PurgeTest
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsDueIsRead();
    void aPassFollowsAPass();
    void itGoesOnWhereItStoppedBehindAPage();
    void damageIsFound_data();
    void damageIsFound();
    void whatTurnsOnItsWayIsNoDamage();
    void whatWasBroughtMeanwhileIsNotLost();
    void whatWasPurgedMeanwhileIsNoDamage();
    void aStoreThatIsAwayHasLostNothing();
    void whatTheStoreDoesNotGiveIsPassedOver();
    void aClockThatWasSetBackStopsNothing();
    void itStopsWhenItIsTold();
    void noHashStaysInItsBooks();

private:
    struct Counts { int whole = 0, damaged = 0, unread = 0; };
    void prepare() override;
    QList<Photo> uploaded(int number); ///< in the order of their hashes
    Counts round(const std::stop_token &stop = {});
    /// As if this pass had begun so many days ago.
    void begunBefore(double days) { rig->change(u"UPDATE server_rereads SET begun_ms = %1"_s.arg(nowMs() - qint64(days * DayMs))); }
    qint64 ofThePass(const QString &column) const { return rig->sql(u"SELECT "_s + column + u" FROM server_rereads"_s).toLongLong(); }
    QString stateOf(const Photo &photo) const { return rig->sql(u"SELECT state FROM server_objects WHERE sha256 = '%1'"_s.arg(photo.sha256)).toString(); }

    static constexpr std::chrono::days PassLength{28};
    std::unique_ptr<server::DatabaseThreads> m_worker;
    QStringList m_read; ///< hashes, as they were asked for
};

void TestRereads::prepare()
{
    PurgeTest::prepare();
    auto opened = server::DatabaseThreads::open(
        {.path = rig->options.dataFolder + u"/server.sqlite"_s, .postgres = rig->options.workerLogin, .writers = 1, .readers = 1});
    QVERIFY2(opened, qPrintable(opened ? QString() : opened.error().detail));
    m_worker = *std::move(opened);
    m_read.clear();
    rig->store.setBeforeReading([this](const QString &sha256) { m_read.append(sha256); });
}

QList<Photo> TestRereads::uploaded(int number)
{
    QList<Photo> photos;
    for (int i = 1; i <= number; ++i) {
        photos.append(photoOf(i));
        rig->upload(photos.last());
    }
    std::sort(photos.begin(), photos.end(), [](const Photo &one, const Photo &other) { return one.sha256 < other.sha256; });
    return photos;
}

TestRereads::Counts TestRereads::round(const std::stop_token &stop)
{
    Counts counts;
    server::readAgain(
        rig->store, *m_worker, PassLength,
        [&counts](StoredCopy found) { ++(found == StoredCopy::Whole ? counts.whole : found == StoredCopy::Damaged ? counts.damaged : counts.unread); }, stop);
    return counts;
}

void TestRereads::whatIsDueIsRead()
{
    const QList<Photo> photos = uploaded(20);
    round();
    QCOMPARE(m_read, QStringList()); // they were read when they came
    begunBefore(14);

    round();

    QStringList due;
    for (const Photo &photo : photos) {
        if (photo.sha256 < "8"_L1)
            due.append(photo.sha256);
    }
    QVERIFY(due.size() > 3 && due.size() < photos.size() - 3);
    QCOMPARE(m_read, due);
    QCOMPARE(ofThePass(u"photos"_s), due.size());
    m_read.clear();
    round();
    QCOMPARE(m_read, QStringList());
}

void TestRereads::aPassFollowsAPass()
{
    const QList<Photo> photos = uploaded(3);
    round();
    begunBefore(28);

    QCOMPARE(round().whole, 3);

    QCOMPARE(ofThePass(u"place"_s), 0);
    QVERIFY(nowMs() - ofThePass(u"begun_ms"_s) < DayMs && nowMs() - ofThePass(u"ended_ms"_s) < DayMs);
    QCOMPARE(round().whole, 0);
    begunBefore(28.5);
    QCOMPARE(round().whole, 3);
}

void TestRereads::itGoesOnWhereItStoppedBehindAPage()
{
    const QList<Photo> photos = uploaded(60); // more than a page
    round();
    begunBefore(28);
    std::stop_source stop;
    rig->store.setBeforeReading([&](const QString &sha256) {
        m_read.append(sha256);
        if (m_read.size() == 55)
            stop.request_stop();
    });
    round(stop.get_token());
    QCOMPARE(m_read.size(), 55);

    const int again = round().whole;

    QCOMPARE(again, 7); // the last one that was read, the one that was at hand, and five more
    QCOMPARE(QSet<QString>(m_read.begin(), m_read.end()).size(), photos.size());
}

void TestRereads::damageIsFound_data()
{
    QTest::addColumn<bool>("isGone");
    QTest::newRow("a bit") << false;
    QTest::newRow("all of it") << true;
}

void TestRereads::damageIsFound()
{
    QFETCH(const bool, isGone);
    const QList<Photo> photos = uploaded(5);
    const Photo &hurt = photos.at(2);
    if (isGone)
        rig->store.loseObject(hurt.sha256, hurt.bytes.size());
    else
        rig->store.rotObject(hurt.sha256, hurt.bytes.size());
    round();
    begunBefore(27.999);

    const Counts counts = round();

    QCOMPARE(counts.whole, 4);
    QCOMPARE(counts.damaged, 1);
    QCOMPARE(m_read.count(hurt.sha256), 2); // one reading alone says nothing
    for (const Photo &photo : photos)
        QCOMPARE(stateOf(photo), photo.sha256 == hurt.sha256 ? u"lost"_s : u"stored"_s);
    QCOMPARE(ofThePass(u"damaged"_s), 1);

    const Photo again = nextAttempt(hurt);
    QCOMPARE(rig->upload(again).status, Status::Succeeded);
    QCOMPARE(stateOf(hurt), u"stored"_s);
    QCOMPARE(rig->store.object(hurt.sha256, hurt.bytes.size()), hurt.bytes);
}

void TestRereads::whatTurnsOnItsWayIsNoDamage()
{
    const Photo photo = uploaded(1).first();
    rig->store.setBeforeReading([&](const QString &sha256) { // flipped for the first reading, and back for the second
        m_read.append(sha256);
        rig->store.rotObject(photo.sha256, photo.bytes.size());
    });
    round();
    begunBefore(28);

    QCOMPARE(round().whole, 1);

    QCOMPARE(m_read.size(), 2);
    QCOMPARE(stateOf(photo), u"stored"_s);
}

void TestRereads::whatWasBroughtMeanwhileIsNotLost()
{
    const Photo photo = uploaded(1).first();
    rig->store.rotObject(photo.sha256, photo.bytes.size());
    round();
    begunBefore(28);
    rig->store.setBeforeReading([&](const QString &) {
        rig->change(u"UPDATE server_objects SET decided_ms = %1"_s.arg(nowMs() + 1)); // as of a moment ago when that is recorded
        QVERIFY(QTest::qWaitFor([until = nowMs() + 2] { return nowMs() > until; }));
    });

    QCOMPARE(round().damaged, 0);

    QCOMPARE(stateOf(photo), u"stored"_s);
}

void TestRereads::whatWasPurgedMeanwhileIsNoDamage()
{
    const QList<Photo> photos = uploaded(2);
    round();
    begunBefore(27.999);
    rig->store.setBeforeReading([&](const QString &sha256) {
        const Photo &photo = photos.at(sha256 == photos.at(0).sha256 ? 0 : 1);
        rig->change(u"DELETE FROM server_objects WHERE sha256 = '%1'"_s.arg(sha256));
        rig->store.loseObject(sha256, photo.bytes.size());
    });

    const Counts counts = round();

    QCOMPARE(counts.whole + counts.damaged + counts.unread, 0);
    QCOMPARE(ofThePass(u"damaged"_s), 0);
}

void TestRereads::aStoreThatIsAwayHasLostNothing()
{
    const QList<Photo> photos = uploaded(10);
    round();
    begunBefore(28);
    rig->store.setBroken(true);

    const Counts counts = round();

    QCOMPARE(counts.whole + counts.damaged + counts.unread, 0);
    QCOMPARE(m_read, (QStringList{photos.first().sha256, photos.first().sha256})); // then it is let alone
    rig->store.setBroken(false);
    QCOMPARE(round().whole, 10);
    QCOMPARE(count(u"server_objects WHERE state = 'stored'"_s), 10);
}

void TestRereads::whatTheStoreDoesNotGiveIsPassedOver()
{
    const QList<Photo> photos = uploaded(10);
    round();
    begunBefore(27.999);
    rig->store.setLocked(photos.at(4).sha256);

    const Counts counts = round();

    QCOMPARE(counts.whole, 9);
    QCOMPARE(counts.unread, 1);
    QCOMPARE(ofThePass(u"unread"_s), 1);
    QCOMPARE(count(u"server_objects WHERE state = 'stored'"_s), 10); // nobody knows
}

void TestRereads::aClockThatWasSetBackStopsNothing()
{
    const QList<Photo> photos = uploaded(20);
    round();
    begunBefore(14);
    round();
    const qint64 done = m_read.size();
    m_read.clear();
    begunBefore(-300); // the clock was that far ahead when the pass began

    round();
    QCOMPARE(m_read, QStringList());
    QVERIFY(std::abs(nowMs() - 14 * DayMs - ofThePass(u"begun_ms"_s)) < DayMs); // it goes on from where it is
    rig->change(u"UPDATE server_rereads SET begun_ms = begun_ms - %1"_s.arg(14 * DayMs));
    QCOMPARE(round().whole, photos.size() - done);
}

void TestRereads::itStopsWhenItIsTold()
{
    uploaded(10);
    round();
    begunBefore(28);
    std::stop_source stop;
    rig->store.setBeforeReading([&](const QString &sha256) {
        m_read.append(sha256);
        if (m_read.size() == 3)
            stop.request_stop();
    });

    const Counts counts = round(stop.get_token());

    QCOMPARE(m_read.size(), 3);
    QCOMPARE(counts.whole, 2);
    QCOMPARE(round().whole, 9); // from the last one on
}

void TestRereads::noHashStaysInItsBooks()
{
    const QList<Photo> photos = uploaded(10);
    round();
    begunBefore(27.999);
    round();

    const QString books = rowsOf(*rig, u"SELECT * FROM server_rereads"_s).join(u' ');
    for (const Photo &photo : photos)
        QVERIFY(!books.contains(photo.sha256.first(16)));
}

QTEST_GUILESS_MAIN(TestRereads)
#include "tst_rereads.moc"
