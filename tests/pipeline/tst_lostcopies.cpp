#include "tests/pipeline/enginerig.h"

#include "models/vocabulary/ids.h"

#include <QFile>
#include <QTest>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace photolift;
using pipeline::EngineRig;
using pipeline::QueueState;

/// The server says of photos that had come to a good end that they are not safe there any more.
class TestLostCopies final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void comesAgainBehindWhatWaits();
    void oneAttemptHoweverOftenItIsSaid();
    void anotherFileInItsPlaceIsNotThePhoto_data();
    void anotherFileInItsPlaceIsNotThePhoto();
    void photoWhoseFileIsGoneWaitsForIt();
    void whatWaitsOutlivesARestartAndIsAPersons();
    void aDropThatWasPutAwayIsShownAgain();
    void aPageAtATime();
    void whatAPausedDropLostStandsBehindTheOthers();
    void theEndOfAPauseIsEnoughForATurn();

private:
    static QList<QUuid> newestAttempts(const EngineRig &rig, const QStringList &names)
    {
        QList<QUuid> ids;
        for (const QString &name : names)
            ids.append(rig.item(name)->clientUploadId);
        return ids;
    }
    static bool bringAgain(EngineRig &rig, const QList<QUuid> &attempts)
    {
        const QFuture<Result<>> noted = rig.engine().bringAgain(attempts);
        return QTest::qWaitFor([&noted] { return noted.isFinished(); }, 30000) && noted.result();
    }
    static QStringList numbered(int count)
    {
        QStringList names;
        for (int i = 0; i < count; ++i)
            names.append(u"%1.jpg"_s.arg(i));
        return names;
    }
    static bool isPaused(const EngineRig &rig, const QUuid &batchId)
    {
        const QList<store::BatchView> batches = rig.batches();
        return std::any_of(batches.begin(), batches.end(), [&batchId](const store::BatchView &view) { return view.batch.batchId == batchId && view.isPaused; });
    }
    static int inState(const EngineRig &rig, int count, ItemState state)
    {
        int found = 0;
        for (int i = 0; i < count; ++i)
            found += rig.state(u"%1.jpg"_s.arg(i)) == state ? 1 : 0;
        return found;
    }
    static bool hasEnded(const EngineRig &rig, const QString &name)
    {
        const std::optional<store::Item> item = rig.item(name);
        return item && (item->state == ItemState::Succeeded || item->state == ItemState::Duplicate) && item->lostSha256.isEmpty();
    }
};

void TestLostCopies::comesAgainBehindWhatWaits()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    const QStringList lost{u"a.jpg"_s, u"b.jpg"_s};
    const QStringList fresh{u"c.jpg"_s, u"d.jpg"_s, u"e.jpg"_s};
    for (const QString &name : lost + fresh)
        rig.photo(name, name.at(0).unicode());
    rig.startEngine();
    rig.drop(lost);
    for (const QString &name : lost)
        QTRY_COMPARE_WITH_TIMEOUT(rig.state(name), ItemState::Succeeded, 20000);
    rig.engine().pauseAll();
    QTRY_COMPARE_WITH_TIMEOUT(rig.queueState().hold, QueueState::Hold::PausedByYou, 30000);

    QVERIFY(bringAgain(rig, newestAttempts(rig, lost)));

    for (const QString &name : lost) {
        QVERIFY(!rig.item(name)->isSafe);
        QCOMPARE(rig.state(name), ItemState::WaitingToRetry);
        QCOMPARE(rig.item(name)->errorCode, ErrorCode::StorageCopyDamaged);
    }
    rig.drop(fresh);
    for (const QString &name : fresh)
        QTRY_COMPARE_WITH_TIMEOUT(rig.state(name), ItemState::Queued, 30000);
    rig.engine().resumeAll();
    for (const QString &name : lost + fresh)
        QTRY_VERIFY_WITH_TIMEOUT(hasEnded(rig, name), 20000);
    qint64 lastFresh = 0;
    for (const QString &name : fresh)
        lastFresh = std::max(lastFresh, rig.attempts(name).constFirst().attempt.startedMs);
    for (const QString &name : lost) {
        QCOMPARE(rig.statuses(name), (QList{Status::Succeeded, Status::Duplicate})); // this server has them all the same
        QVERIFY(rig.attempts(name).constLast().attempt.startedMs >= lastFresh);
        QCOMPARE(rig.errors(name), QStringList(u"STORAGE_COPY_DAMAGED"_s)); // why there is one more
    }
}

void TestLostCopies::oneAttemptHoweverOftenItIsSaid()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.file(u"b.jpg"_s, QByteArray());
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"b.jpg"_s), ItemState::Skipped, 30000);
    const QList<QUuid> said = newestAttempts(rig, {u"a.jpg"_s}) + QList{newUuid7(), QUuid()};

    const QFuture<Result<>> first = rig.engine().bringAgain(said);
    const QFuture<Result<>> second = rig.engine().bringAgain(said); // before the first is on disk
    QTRY_VERIFY_WITH_TIMEOUT(first.isFinished() && second.isFinished(), 30000);
    QVERIFY(first.result() && second.result());
    QTRY_VERIFY_WITH_TIMEOUT(hasEnded(rig, u"a.jpg"_s), 20000);
    QVERIFY(bringAgain(rig, said)); // of an attempt that is not the newest any more
    QVERIFY(rig.isAllHeard() && rig.isAllWritten());

    QVERIFY(hasEnded(rig, u"a.jpg"_s));
    QCOMPARE(rig.statuses(u"a.jpg"_s), (QList{Status::Succeeded, Status::Duplicate}));
    QCOMPARE(rig.state(u"b.jpg"_s), ItemState::Skipped);
}

void TestLostCopies::anotherFileInItsPlaceIsNotThePhoto_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<ItemState>("afterRetry");
    QTest::newRow("another photo") << QByteArray() << ItemState::Succeeded;
    QTest::newRow("a text") << QByteArray("no photo any more") << ItemState::Skipped;
    QTest::newRow("an empty file") << QByteArray("") << ItemState::Skipped;
}

void TestLostCopies::anotherFileInItsPlaceIsNotThePhoto()
{
    QFETCH(QByteArray, content);
    QFETCH(ItemState, afterRetry);
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    const int questions = rig.questions();
    if (content.isNull())
        rig.photo(u"a.jpg"_s, 2);
    else
        rig.file(u"a.jpg"_s, content);

    QVERIFY(bringAgain(rig, newestAttempts(rig, {u"a.jpg"_s})));

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::NeedsYou, 20000);
    QCOMPARE(rig.item(u"a.jpg"_s)->errorCode, ErrorCode::StorageCopyDamaged);
    QVERIFY(!rig.item(u"a.jpg"_s)->isSafe);
    QCOMPARE(rig.statuses(u"a.jpg"_s), (QList{Status::Succeeded, Status::Failed}));
    QCOMPARE(rig.errors(u"a.jpg"_s), (QStringList{u"STORAGE_COPY_DAMAGED"_s, u"STORAGE_COPY_DAMAGED!"_s}));
    QCOMPARE(rig.questions(), questions); // nothing of it is the server's business
    // "Choose Retry": who was told may want what is there now.
    rig.engine().retryItems({rig.itemId(u"a.jpg"_s)});
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), afterRetry, 20000);
}

void TestLostCopies::photoWhoseFileIsGoneWaitsForIt()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QVERIFY(QFile::rename(rig.source(u"a.jpg"_s), rig.source(u"../a.jpg"_s)));

    QVERIFY(bringAgain(rig, newestAttempts(rig, {u"a.jpg"_s})));

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::NeedsYou, 20000);
    QCOMPARE(rig.item(u"a.jpg"_s)->errorCode, ErrorCode::SelectionFileMissing);
    QVERIFY(!rig.item(u"a.jpg"_s)->isSafe);
    rig.photo(u"a.jpg"_s, 2); // another one first: the card was used again
    QTRY_COMPARE_WITH_TIMEOUT(rig.item(u"a.jpg"_s)->errorCode, ErrorCode::StorageCopyDamaged, 30000);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::NeedsYou, 20000);
    QVERIFY(!rig.item(u"a.jpg"_s)->isSafe);
    QVERIFY(QFile::remove(rig.source(u"a.jpg"_s)) && QFile::rename(rig.source(u"../a.jpg"_s), rig.source(u"a.jpg"_s)));
    rig.engine().retryItems({rig.itemId(u"a.jpg"_s)});
    QTRY_VERIFY_WITH_TIMEOUT(hasEnded(rig, u"a.jpg"_s), 20000);
}

void TestLostCopies::whatWaitsOutlivesARestartAndIsAPersons()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.photo(u"b.jpg"_s, 2);
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"b.jpg"_s), ItemState::Succeeded, 20000);
    rig.engine().pauseAll();
    QTRY_COMPARE_WITH_TIMEOUT(rig.queueState().hold, QueueState::Hold::PausedByYou, 30000);
    QVERIFY(bringAgain(rig, newestAttempts(rig, {u"a.jpg"_s, u"b.jpg"_s})));
    QVERIFY(rig.isAllHeard());

    rig.restartEngine();
    QTRY_VERIFY_WITH_TIMEOUT(rig.queueState().isServerReachable, 30000);
    QVERIFY(rig.isAllHeard());
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::WaitingToRetry);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Succeeded});
    rig.engine().cancelItems({rig.itemId(u"b.jpg"_s)});
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"b.jpg"_s), ItemState::Cancelled, 30000);
    rig.engine().resumeAll();

    QTRY_VERIFY_WITH_TIMEOUT(hasEnded(rig, u"a.jpg"_s), 20000);
    QCOMPARE(rig.state(u"b.jpg"_s), ItemState::Cancelled);
    QVERIFY(!rig.item(u"b.jpg"_s)->isSafe);
    rig.engine().retryItems({rig.itemId(u"b.jpg"_s)});
    QTRY_VERIFY_WITH_TIMEOUT(hasEnded(rig, u"b.jpg"_s), 20000);
}

void TestLostCopies::aDropThatWasPutAwayIsShownAgain()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    rig.engine().clearFinished();
    QTRY_COMPARE_WITH_TIMEOUT(rig.batches().size(), 0, 30000);
    rig.proxy().add({.method = "POST", .pathPart = "/v1/uploads", .isAnswerHeld = true});

    QVERIFY(bringAgain(rig, newestAttempts(rig, {u"a.jpg"_s})));

    QCOMPARE(rig.batches().size(), 1);
    QCOMPARE(rig.batches().constFirst().safe, 0);
}

void TestLostCopies::aPageAtATime()
{
    constexpr int Photos = 150;
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photos(Photos);
    rig.startEngine();
    rig.drop();
    QTRY_VERIFY_WITH_TIMEOUT(!rig.batches().isEmpty() && rig.batches().constFirst().done == Photos, 60000);
    rig.proxy().add({.method = "POST", .pathPart = "/v1/uploads", .times = 2, .isAnswerHeld = true}); // both slots

    QVERIFY(bringAgain(rig, newestAttempts(rig, numbered(Photos))));

    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 2, 20000);
    QCOMPARE(inState(rig, Photos, ItemState::Queued) + inState(rig, Photos, ItemState::Running), 64);
    QCOMPARE(inState(rig, Photos, ItemState::WaitingToRetry), Photos - 64);
    rig.proxy().release();
    QTRY_COMPARE_WITH_TIMEOUT(rig.batches().constFirst().duplicate, Photos, 60000);
}

void TestLostCopies::whatAPausedDropLostStandsBehindTheOthers()
{
    constexpr int Photos = 150;
    const QStringList lost = numbered(Photos);
    const QStringList fresh{u"a.jpg"_s, u"b.jpg"_s, u"c.jpg"_s, u"d.jpg"_s, u"e.jpg"_s, u"f.jpg"_s};
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photos(Photos);
    rig.startEngine();
    const QUuid paused = rig.drop();
    QTRY_VERIFY_WITH_TIMEOUT(!rig.batches().isEmpty() && rig.batches().constFirst().done == Photos, 60000);
    rig.engine().pauseBatch(paused);
    QTRY_VERIFY_WITH_TIMEOUT(isPaused(rig, paused), 30000);
    for (const QString &name : fresh + QStringList{u"other.jpg"_s})
        rig.photo(name, name.at(0).unicode());

    QVERIFY(bringAgain(rig, newestAttempts(rig, lost)));

    QVERIFY(rig.isAllHeard() && rig.isAllWritten());
    rig.drop({u"other.jpg"_s}); // the slots have been free since
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"other.jpg"_s), ItemState::Succeeded, 30000);
    QVERIFY(rig.isAllHeard() && rig.isAllWritten());
    QCOMPARE(inState(rig, Photos, ItemState::WaitingToRetry), Photos);
    for (const QString &name : lost)
        QCOMPARE(rig.item(name)->errorCode, ErrorCode::StorageCopyDamaged);

    rig.proxy().add({.method = "POST", .pathPart = "/v1/uploads", .times = 2, .isAnswerHeld = true}); // both slots
    rig.drop(fresh);
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 2, 30000);
    rig.engine().resumeBatch(paused);
    QTRY_VERIFY_WITH_TIMEOUT(!isPaused(rig, paused), 30000);
    QVERIFY(rig.isAllHeard() && rig.isAllWritten());
    rig.proxy().release();

    for (const QString &name : fresh + lost)
        QTRY_VERIFY_WITH_TIMEOUT(hasEnded(rig, name), 60000);
    qint64 lastFresh = 0;
    for (const QString &name : fresh)
        lastFresh = std::max(lastFresh, rig.attempts(name).constFirst().attempt.startedMs);
    for (const QString &name : lost) {
        QCOMPARE(rig.statuses(name), (QList{Status::Succeeded, Status::Duplicate}));
        QVERIFY(rig.attempts(name).constLast().attempt.startedMs >= lastFresh);
    }
}

void TestLostCopies::theEndOfAPauseIsEnoughForATurn()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.startEngine();
    const QUuid paused = rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    rig.engine().pauseBatch(paused);
    QTRY_VERIFY_WITH_TIMEOUT(isPaused(rig, paused), 30000);
    QVERIFY(bringAgain(rig, newestAttempts(rig, {u"a.jpg"_s})));
    QVERIFY(rig.isAllHeard() && rig.isAllWritten());
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::WaitingToRetry);

    rig.engine().resumeBatch(paused); // and nothing else happens

    QTRY_VERIFY_WITH_TIMEOUT(hasEnded(rig, u"a.jpg"_s), 20000);
    QVERIFY(bringAgain(rig, newestAttempts(rig, {u"a.jpg"_s}))); // after a look that found none
    QTRY_COMPARE_WITH_TIMEOUT(rig.statuses(u"a.jpg"_s), (QList{Status::Succeeded, Status::Duplicate, Status::Duplicate}), 20000);
}

QTEST_GUILESS_MAIN(TestLostCopies)
#include "tst_lostcopies.moc"
