#include "tests/pipeline/cancelsteps.h"
#include "tests/support/databaseholder.h"

#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using pipeline::EngineRig;
using namespace pipeline::cancelsteps;
using support::DatabaseHolder;
using support::Fault;

/// The undo of a cancel, of photos and of whole drops, on a real server.
class tst_EngineUndos final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cancelBeforeTheCommitAbortsAndCanBeUndone();
    void undoOfACancelThatNothingObeyedYetLeavesTheAttempt();
    void undoWhileItIsSentLetsThePhotoGoOn_data();
    void undoWhileItIsSentLetsThePhotoGoOn();
    void undoOfACancelWhoseEndIsNotOnDiskYetMakesTheNextAttempt();
    void undoComesTooLate();
    void cancelOfADropCanBeUndoneAndWhatWasCancelledBeforeStaysSo();
    void undoOfACancelWhileADropIsCountedTakesInTheRest();
    void undoOfACancelThatStoppedACountLeavesTheDropToANewerOne();
    void undoOfACancelThatStoppedACountCountsAgainWhenANewerOneTookNothing();
    void aCancelOfNothingLeavesTheUndoOfTheOneBefore();
    void aCancelOfNothingLeavesTheUndoOfOneOnItsWay();
    void undoLeavesWhatANewerCancelOnItsWayTookToo();
};

/// Its first link comes with the answer to the question, the others are asked for.
static pipeline::Tuning oneLinkFirst()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.firstLinks = 1;
    return tuning;
}

void tst_EngineUndos::cancelBeforeTheCommitAbortsAndCanBeUndone()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1, 100'000);
    rig.proxy().add(Fault{.method = "PUT", .isAnswerHeld = true});
    rig.startEngine();
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);
    const QUuid itemId = rig.itemId(u"a.jpg"_s);

    rig.engine().cancelItems({itemId});

    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Cancelled);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Cancelled});
    QCOMPARE(rig.errors(u"a.jpg"_s), QStringList{u"USER_CANCELLED!"_s});
    QTRY_COMPARE(rig.count("POST", "/abort"), 1);
    QCOMPARE(offered.count(), 1);
    QCOMPARE(offered.first().first().value<QList<QUuid>>(), QList{itemId});
    QCOMPARE(rig.count("POST", "/commit"), 0);

    rig.proxy().drop();
    rig.engine().pauseAll();
    rig.engine().undoCancel();
    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Queued);
    rig.engine().resumeAll();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    const QList<Status> both{Status::Cancelled, Status::Succeeded};
    QCOMPARE(rig.statuses(u"a.jpg"_s), both);
    QCOMPARE(rig.attempts(u"a.jpg"_s).last().attempt.attemptNumber, 2);
}

void tst_EngineUndos::undoOfACancelThatNothingObeyedYetLeavesTheAttempt()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    QVERIFY(cancelUnderWay(rig, Fault{.method = "POST", .pathPart = "/v1/uploads", .isAnswerHeld = true}));

    rig.engine().undoCancel();
    QTRY_COMPARE(rig.item(u"a.jpg"_s)->errorCode, std::nullopt); // what a start after a kill would obey
    rig.proxy().release();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Succeeded});
    QCOMPARE(rig.count("POST", "/abort"), 0);
}

void tst_EngineUndos::undoWhileItIsSentLetsThePhotoGoOn_data()
{
    QTest::addColumn<Fault>("held");
    QTest::newRow("the answer to a part is outstanding") << Fault{.method = "PUT", .isAnswerHeld = true};
    QTest::newRow("links are asked for") << Fault{.method = "POST", .pathPart = "/links", .isAnswerHeld = true};
}

void tst_EngineUndos::undoWhileItIsSentLetsThePhotoGoOn()
{
    QFETCH(const Fault, held);
    EngineRig rig(oneLinkFirst());
    QVERIFY(rig.startServer());
    rig.largePhoto(u"a.jpg"_s);
    QVERIFY(cancelUnderWay(rig, held));

    rig.engine().undoCancel();
    QVERIFY(rig.isAllHeard());
    rig.proxy().release();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
}

void tst_EngineUndos::undoOfACancelWhoseEndIsNotOnDiskYetMakesTheNextAttempt()
{
    EngineRig rig(oneLinkFirst());
    QVERIFY(rig.startServer());
    rig.largePhoto(u"a.jpg"_s);
    QVERIFY(cancelUnderWay(rig, Fault{.method = "POST", .pathPart = "/links", .isAnswerHeld = true}));
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());
    rig.proxy().release();
    QTRY_COMPARE(rig.count("POST", "/abort"), 1); // it has obeyed
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::Running);

    rig.engine().undoCancel();
    QVERIFY(rig.isAllHeard());
    QVERIFY(holder.release());

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    const QList<Status> both{Status::Cancelled, Status::Succeeded};
    QCOMPARE(rig.statuses(u"a.jpg"_s), both);
}

void tst_EngineUndos::undoComesTooLate()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.undoCancelMs = 0;
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    QVERIFY(dropOneThatWaits(rig));
    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Cancelled);

    QSignalSpy states(&rig.engine(), &pipeline::Engine::queueStateChanged);
    rig.engine().undoCancel();
    rig.engine().resumeAll();

    QTRY_VERIFY(!states.isEmpty() && rig.queueState().hold == pipeline::QueueState::Hold::None);
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::Cancelled);
}

void tst_EngineUndos::cancelOfADropCanBeUndoneAndWhatWasCancelledBeforeStaysSo()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    const QUuid first = dropTwoThatWait(rig);
    QVERIFY(!first.isNull());
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    QSignalSpy itemsChanged(&rig.engine(), &pipeline::Engine::itemsChanged);
    rig.engine().cancelItems({rig.itemId(u"one/a.jpg"_s)});
    QTRY_COMPARE(offered.size(), 1); // said behind the disk: of two on their way only the newer one is offered
    QCOMPARE(rig.state(u"one/a.jpg"_s), ItemState::Cancelled);

    rig.engine().cancelBatch(first);

    QTRY_COMPARE(offered.size(), 2);
    QCOMPARE(offered.last().first().value<QList<QUuid>>(), QList{rig.itemId(u"one/b.jpg"_s)});
    QCOMPARE(rig.state(u"one/b.jpg"_s), ItemState::Cancelled); // durable before it is said
    QCOMPARE(rig.item(u"one/b.jpg"_s)->errorCode, ErrorCode::UserCancelled);
    QTRY_COMPARE(rig.queueState().waiting, 1); // that of the other drop
    QTRY_VERIFY(itemsChanged.size() > 0);

    rig.engine().undoCancel();

    QTRY_COMPARE(rig.state(u"one/b.jpg"_s), ItemState::Queued);
    QTRY_COMPARE(rig.queueState().waiting, 2);
    rig.engine().resumeAll();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"one/b.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.state(u"one/a.jpg"_s), ItemState::Cancelled);
}

void tst_EngineUndos::undoOfACancelWhileADropIsCountedTakesInTheRest()
{
    constexpr int Photos = 8000;
    EngineRig rig;
    QVERIFY(rig.startServer());
    QVERIFY(!cancelWhileCounting(rig, Photos).isEmpty());
    QVERIFY(rig.batches().first().cancelled < Photos);

    rig.engine().undoCancel();

    QTRY_COMPARE_WITH_TIMEOUT(rig.batches().first().waiting, Photos, 30000);
    QTRY_VERIFY(rig.batches().first().isCounted);
    QCOMPARE(rig.batches().first().cancelled, 0);
    QCOMPARE(rig.batches().first().found, Photos);
    QCOMPARE(rig.batches().first().batch.numPhotos.value_or(0), 0); // paused: nobody has judged them
}

void tst_EngineUndos::undoOfACancelThatStoppedACountLeavesTheDropToANewerOne()
{
    constexpr int Photos = 8000;
    EngineRig rig;
    QVERIFY(rig.startServer());
    const QList<QUuid> first = cancelWhileCounting(rig, Photos);
    QVERIFY(!first.isEmpty());
    QTRY_VERIFY_WITH_TIMEOUT(rig.batches().first().isCounted, 30000);
    const qint64 found = rig.batches().first().found;
    QVERIFY(found < Photos);
    rig.engine().retryItems({first.first()});
    QTRY_COMPARE(rig.batches().first().waiting, 1); // so that the newer one takes something
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());

    rig.engine().cancelBatch(rig.batches().first().batch.batchId);
    rig.engine().undoCancel();
    QVERIFY(rig.isAllHeard());
    QVERIFY(holder.release());

    QTRY_COMPARE(offered.count(), 1);
    QCOMPARE(offered.first().first().value<QList<QUuid>>().size(), found);
    QVERIFY(offered.first().at(2).toBool());
    QVERIFY(rig.isAllWritten());
    QVERIFY(rig.batches().first().isCounted);
    QCOMPARE(rig.batches().first().cancelled, found);

    rig.engine().undoCancel();

    QTRY_COMPARE_WITH_TIMEOUT(rig.batches().first().waiting, Photos, 30000);
    QTRY_VERIFY(rig.batches().first().isCounted);
}

void tst_EngineUndos::undoOfACancelThatStoppedACountCountsAgainWhenANewerOneTookNothing()
{
    constexpr int Photos = 8000;
    EngineRig rig;
    QVERIFY(rig.startServer());
    QVERIFY(!cancelWhileCounting(rig, Photos).isEmpty());
    QTRY_VERIFY_WITH_TIMEOUT(rig.batches().first().isCounted, 30000);
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());

    rig.engine().cancelBatch(rig.batches().first().batch.batchId);
    rig.engine().undoCancel();
    QVERIFY(rig.isAllHeard());
    QVERIFY(holder.release());

    QTRY_COMPARE_WITH_TIMEOUT(rig.batches().first().waiting, Photos, 30000);
    QTRY_VERIFY(rig.batches().first().isCounted);
    QCOMPARE(rig.batches().first().cancelled, 0);
}

void tst_EngineUndos::aCancelOfNothingLeavesTheUndoOfTheOneBefore()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    const QUuid first = dropTwoThatWait(rig);
    QVERIFY(!first.isNull());
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    rig.engine().cancelBatch(first);
    QTRY_COMPARE(offered.count(), 1);

    rig.engine().cancelItems({rig.itemId(u"one/a.jpg"_s)});
    rig.engine().cancelBatch(first);
    rig.engine().undoCancel();

    QTRY_COMPARE(rig.state(u"one/a.jpg"_s), ItemState::Queued);
    QCOMPARE(rig.state(u"one/b.jpg"_s), ItemState::Queued);
    QCOMPARE(offered.count(), 1); // of the others nothing was said: nothing came too late
}

void tst_EngineUndos::aCancelOfNothingLeavesTheUndoOfOneOnItsWay()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    QVERIFY(dropOneThatWaits(rig));
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());
    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    rig.engine().cancelItems({QUuid::createUuid()}); // none that could be cancelled
    QVERIFY(rig.isAllHeard());
    QVERIFY(holder.release());

    QTRY_COMPARE(offered.count(), 1);
    QCOMPARE(offered.first().first().value<QList<QUuid>>(), QList{rig.itemId(u"a.jpg"_s)});
    rig.engine().undoCancel();

    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Queued);
}

void tst_EngineUndos::undoLeavesWhatANewerCancelOnItsWayTookToo()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    QVERIFY(cancelUnderWay(rig, Fault{.method = "POST", .pathPart = "/v1/uploads", .isAnswerHeld = true}));
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());

    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)}); // nothing has obeyed the first yet
    rig.engine().undoCancel();
    QVERIFY(rig.isAllHeard());
    QVERIFY(holder.release());
    rig.proxy().release();

    QTRY_COMPARE(offered.count(), 1);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Cancelled, 20000);
    QVERIFY(rig.isAllWritten());
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::Cancelled);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Cancelled});
}

QTEST_GUILESS_MAIN(tst_EngineUndos)
#include "tst_engineundos.moc"
