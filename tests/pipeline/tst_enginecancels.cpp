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

/// Cancel of photos and of whole drops, on a real server.
class tst_EngineCancels final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cancelThatNothingObeyedYetHoldsAfterARestart();
    void cancelOfQueuedPhotosMakesNoAttempt();
    void cancelAfterTheCommitRunsToItsEndAndTheRowSaysSo();
    void cancelDuringTheQuestionOfACommittedAttemptIsInItsRow();
    void cancelOfADropEndsItsWaitingPhotosOnly();
    void aDropThatWasCancelledWhileItWasCountedStaysSo();
    void nothingOfALargeDropStartsWhileItIsCancelled();
    void aNextAttemptDoesNotUndoACancelOnItsWay();
    void whoseCancelCannotBeWrittenGoesOn_data();
    void whoseCancelCannotBeWrittenGoesOn();
    void anAttemptWhoseCancelCannotBeWrittenGoesOn();
    void aCountWhoseCancelCannotBeWrittenGoesOn();
};

void tst_EngineCancels::cancelThatNothingObeyedYetHoldsAfterARestart()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    QVERIFY(cancelUnderWay(rig, Fault{.method = "POST", .pathPart = "/v1/uploads", .isAnswerHeld = true}));

    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::Running); // the answer is still awaited
    rig.restartEngine();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Cancelled, 20000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Cancelled});
    QCOMPARE(rig.count("PUT", {}), 0);
}

void tst_EngineCancels::cancelOfQueuedPhotosMakesNoAttempt()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    QVERIFY(dropOneThatWaits(rig));

    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});

    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Cancelled);
    QVERIFY(rig.attempts(u"a.jpg"_s).isEmpty());

    rig.engine().undoCancel();
    rig.engine().resumeAll();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.attempts(u"a.jpg"_s).last().attempt.attemptNumber, 1);
}

void tst_EngineCancels::cancelAfterTheCommitRunsToItsEndAndTheRowSaysSo()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add(Fault{.pathPart = "/commit", .isAnswerHeld = true});
    rig.startEngine();
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);

    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    QTRY_COMPARE(offered.count(), 1);
    QVERIFY(offered.first().first().value<QList<QUuid>>().isEmpty()); // nothing that could be undone
    rig.proxy().release();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Succeeded});
    QCOMPARE(rig.count("POST", "/abort"), 0);
    QVERIFY(rig.attempts(u"a.jpg"_s).first().attempt.metadata["cancel_asked_ms"_L1].toInteger() > 0);
}

void tst_EngineCancels::cancelDuringTheQuestionOfACommittedAttemptIsInItsRow()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add(Fault{.pathPart = "/commit", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);
    rig.stopEngine();
    rig.proxy().drop();
    DatabaseHolder powerCut(rig.database(), "UPDATE queue_uploads SET is_commit_sent = 0;"); // took the last that was written
    QVERIFY(powerCut.release());
    rig.proxy().add(Fault{.method = "POST", .pathPart = "/v1/uploads", .isAnswerHeld = true});
    rig.startEngine();
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    QTRY_COMPARE_WITH_TIMEOUT(rig.questions(), 2, 20000);

    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    QTRY_COMPARE(offered.count(), 1);
    QTRY_COMPARE(rig.proxy().heldAnswers(), 1);
    rig.proxy().release();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QVERIFY(rig.attempts(u"a.jpg"_s).first().attempt.metadata["cancel_asked_ms"_L1].toInteger() > 0);
}

void tst_EngineCancels::cancelOfADropEndsItsWaitingPhotosOnly()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    const QUuid first = dropTwoThatWait(rig);
    QVERIFY(!first.isNull());

    rig.engine().cancelBatch(first);
    rig.engine().resumeAll();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"two/c.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.state(u"one/a.jpg"_s), ItemState::Cancelled);
    QCOMPARE(rig.state(u"one/b.jpg"_s), ItemState::Cancelled);
}

void tst_EngineCancels::aDropThatWasCancelledWhileItWasCountedStaysSo()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    QVERIFY(!cancelWhileCounting(rig, 8000).isEmpty());
    QTRY_VERIFY_WITH_TIMEOUT(rig.batches().first().isCounted, 30000);
    const qint64 found = rig.batches().first().found;

    rig.restartEngine();
    rig.engine().resumeAll();

    QTRY_COMPARE(rig.queueState().hold, pipeline::QueueState::Hold::None);
    QCOMPARE(rig.batches().first().found, found);
    QCOMPARE(rig.batches().first().cancelled, found);
    QCOMPARE(rig.questions(), 0);
}

void tst_EngineCancels::nothingOfALargeDropStartsWhileItIsCancelled()
{
    constexpr int Photos = 4100;
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photos(Photos);
    rig.proxy().add(Fault{.method = "PUT", .times = -1, .isAnswerHeld = true});
    rig.startEngine();
    const QUuid drop = rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 2, 30000); // both slots

    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    rig.engine().cancelBatch(drop);

    QTRY_COMPARE_WITH_TIMEOUT(offered.size(), 1, 30000);
    QCOMPARE(offered.first().first().value<QList<QUuid>>().size(), Photos);
    QTRY_COMPARE_WITH_TIMEOUT(rig.batches().first().moving, 0, 30000);
    QCOMPARE(rig.batches().first().waiting, 0);
    QCOMPARE(rig.questions(), 2); // those of before
}

void tst_EngineCancels::aNextAttemptDoesNotUndoACancelOnItsWay()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add(Fault{.method = "PUT",
                          .times = -1,
                          .answerAtOnce = support::FaultProxy::answer(503, "application/xml", "<Error><Code>SlowDown</Code></Error>",
                                                              {{"x-amz-request-id", "r-1"}}),
                          .isClosedAfterAnswer = true});
    rig.startEngine();
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.statuses(u"a.jpg"_s).value(0), Status::Failed, 20000);
    QTRY_COMPARE(rig.queueState().waiting, 1); // for its next attempt
    rig.proxy().clearFaults();
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());

    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)}); // of a drop: tst_queuedesk
    rig.engine().tryNow();
    QVERIFY(rig.isAllHeard());
    QVERIFY(holder.release());

    QTRY_COMPARE(offered.count(), 1);
    QVERIFY(rig.isAllWritten());
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::Cancelled);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Failed});
}

/// The list takes everything but a cancel.
static bool refuseCancels(const EngineRig &rig)
{
    DatabaseHolder list(rig.database(), "CREATE TRIGGER refused BEFORE UPDATE ON queue_items WHEN new.error_code = 'USER_CANCELLED' "
                                        "BEGIN SELECT RAISE(ABORT, 'refused'); END; BEGIN;");
    return list.release();
}

void tst_EngineCancels::whoseCancelCannotBeWrittenGoesOn_data()
{
    QTest::addColumn<bool>("isWholeDrop");
    QTest::newRow("of a photo") << false;
    QTest::newRow("of a drop") << true;
}

void tst_EngineCancels::whoseCancelCannotBeWrittenGoesOn()
{
    QFETCH(const bool, isWholeDrop);
    EngineRig rig;
    QVERIFY(rig.startServer());
    QVERIFY(dropOneThatWaits(rig));
    QVERIFY(refuseCancels(rig));
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);

    if (isWholeDrop)
        rig.engine().cancelBatch(rig.batches().first().batch.batchId);
    else
        rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    rig.engine().resumeAll();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(offered.count(), 0);
}

void tst_EngineCancels::anAttemptWhoseCancelCannotBeWrittenGoesOn()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add(Fault{.method = "POST", .pathPart = "/v1/uploads", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);
    QVERIFY(refuseCancels(rig));
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);

    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    QVERIFY(rig.isAllHeard());
    QVERIFY(rig.isAllWritten());
    rig.proxy().release();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Succeeded});
    QCOMPARE(offered.count(), 0);
}

void tst_EngineCancels::aCountWhoseCancelCannotBeWrittenGoesOn()
{
    constexpr int Photos = 8000;
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photos(Photos);
    rig.startEngine();
    rig.engine().pauseAll();
    QVERIFY(refuseCancels(rig));
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    QUuid drop;
    QObject::connect(
        &rig.engine(), &pipeline::Engine::walkProgressed, &offered, [&] { rig.engine().cancelBatch(drop); }, Qt::SingleShotConnection);

    drop = rig.drop();

    QTRY_COMPARE_WITH_TIMEOUT(rig.batches().value(0).waiting, Photos, 30000);
    QTRY_VERIFY(rig.batches().first().isCounted);
    QCOMPARE(rig.batches().first().found, Photos);
    QCOMPARE(offered.count(), 0);
}

QTEST_GUILESS_MAIN(tst_EngineCancels)
#include "tst_enginecancels.moc"
