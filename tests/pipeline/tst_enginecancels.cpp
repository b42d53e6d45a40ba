#include "tests/pipeline/enginerig.h"
#include "tests/support/databaseholder.h"

#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using pipeline::EngineRig;
using support::DatabaseHolder;
using support::Fault;

/// Cancel and its undo, of photos and of whole drops, on a real server.
class tst_EngineCancels final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cancelBeforeTheCommitAbortsAndCanBeUndone();
    void undoOfACancelThatNothingObeyedYetLeavesTheAttempt();
    void undoWhileItIsSentLetsThePhotoGoOn_data();
    void undoWhileItIsSentLetsThePhotoGoOn();
    void undoOfACancelWhoseEndIsNotOnDiskYetMakesTheNextAttempt();
    void cancelThatNothingObeyedYetHoldsAfterARestart();
    void cancelOfQueuedPhotosMakesNoAttempt();
    void undoComesTooLate();
    void cancelAfterTheCommitRunsToItsEndAndTheRowSaysSo();
    void cancelDuringTheQuestionOfACommittedAttemptIsInItsRow();
    void cancelOfADropEndsItsWaitingPhotosOnly();
    void cancelOfADropCanBeUndoneAndWhatWasCancelledBeforeStaysSo();
    void undoOfACancelWhileADropIsCountedTakesInTheRest();
    void aDropThatWasCancelledWhileItWasCountedStaysSo();
    void nothingOfALargeDropStartsWhileItIsCancelled();
    void aCancelOfNothingLeavesTheUndoOfTheOneBefore();
    void aCancelOfNothingLeavesTheUndoOfOneOnItsWay();
    void undoLeavesWhatANewerCancelOnItsWayTookToo();
    void aNextAttemptDoesNotUndoACancelOnItsWay_data();
    void aNextAttemptDoesNotUndoACancelOnItsWay();
};

namespace
{

bool waits(const EngineRig &rig, const QString &name)
{
    return QTest::qWaitFor([&] { return rig.state(name) == ItemState::Queued; });
}

/// a.jpg; nothing is sent before resumeAll().
bool dropOneThatWaits(EngineRig &rig)
{
    rig.photo(u"a.jpg"_s, 1);
    rig.startEngine();
    rig.engine().pauseAll();
    rig.drop();
    return waits(rig, u"a.jpg"_s);
}

/// one/a.jpg, one/b.jpg and two/c.jpg, likewise; the first of the two drops.
QUuid dropTwoThatWait(EngineRig &rig)
{
    rig.photo(u"one/a.jpg"_s, 1);
    rig.photo(u"one/b.jpg"_s, 2);
    rig.photo(u"two/c.jpg"_s, 3);
    rig.startEngine();
    rig.engine().pauseAll();
    const QUuid first = rig.drop({u"one"_s});
    rig.drop({u"two"_s});
    return waits(rig, u"one/b.jpg"_s) && waits(rig, u"two/c.jpg"_s) ? first : QUuid();
}

} // namespace

void tst_EngineCancels::cancelBeforeTheCommitAbortsAndCanBeUndone()
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

void tst_EngineCancels::undoOfACancelThatNothingObeyedYetLeavesTheAttempt()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add(Fault{.method = "POST", .pathPart = "/v1/uploads", .isAnswerHeld = true});
    rig.startEngine();
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);

    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    QTRY_COMPARE(offered.count(), 1);
    rig.engine().undoCancel();
    QTRY_COMPARE(rig.item(u"a.jpg"_s)->errorCode, std::nullopt); // what a start after a kill would obey
    rig.proxy().release();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Succeeded});
    QCOMPARE(rig.count("POST", "/abort"), 0);
}

/// Its first link comes with the answer to the question, the others are asked for.
static pipeline::Tuning oneAtATime()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.jobs = 1;
    return tuning;
}

void tst_EngineCancels::undoWhileItIsSentLetsThePhotoGoOn_data()
{
    QTest::addColumn<Fault>("held");
    QTest::newRow("the answer to a part is outstanding") << Fault{.method = "PUT", .isAnswerHeld = true};
    QTest::newRow("links are asked for") << Fault{.method = "POST", .pathPart = "/links", .isAnswerHeld = true};
}

void tst_EngineCancels::undoWhileItIsSentLetsThePhotoGoOn()
{
    QFETCH(const Fault, held);
    EngineRig rig(oneAtATime());
    QVERIFY(rig.startServer());
    rig.largePhoto(u"a.jpg"_s);
    rig.proxy().add(held);
    rig.startEngine();
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);

    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    QTRY_COMPARE(offered.count(), 1);
    rig.engine().undoCancel();
    rig.engine().setRateLimitForNow(1'000'000'000);
    QTRY_COMPARE(rig.queueState().rateLimit, 1'000'000'000); // the undo was heard before that
    rig.proxy().release();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
}

void tst_EngineCancels::undoOfACancelWhoseEndIsNotOnDiskYetMakesTheNextAttempt()
{
    EngineRig rig(oneAtATime());
    QVERIFY(rig.startServer());
    rig.largePhoto(u"a.jpg"_s);
    rig.proxy().add(Fault{.method = "POST", .pathPart = "/links", .isAnswerHeld = true});
    rig.startEngine();
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);
    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    QTRY_COMPARE(offered.count(), 1);
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());
    rig.proxy().release();
    QTRY_COMPARE(rig.count("POST", "/abort"), 1); // it has obeyed
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::Running);

    rig.engine().undoCancel();
    rig.engine().setRateLimitForNow(1'000'000'000);
    QTRY_COMPARE(rig.queueState().rateLimit, 1'000'000'000); // the undo was heard before that
    QVERIFY(holder.release());

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    const QList<Status> both{Status::Cancelled, Status::Succeeded};
    QCOMPARE(rig.statuses(u"a.jpg"_s), both);
}

void tst_EngineCancels::cancelThatNothingObeyedYetHoldsAfterARestart()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add(Fault{.method = "POST", .pathPart = "/v1/uploads", .isAnswerHeld = true});
    rig.startEngine();
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);

    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    QTRY_COMPARE(offered.count(), 1);
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

void tst_EngineCancels::undoComesTooLate()
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

void tst_EngineCancels::cancelOfADropCanBeUndoneAndWhatWasCancelledBeforeStaysSo()
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

/// Drops a folder of many photos and cancels it as soon as the first of them are in the list; what the undo takes back.
static QUuid cancelledWhileCounting(EngineRig &rig, int photos)
{
    rig.photos(photos);
    rig.startEngine();
    rig.engine().pauseAll();
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    QUuid drop;
    QMetaObject::Connection counting;
    counting = QObject::connect(&rig.engine(), &pipeline::Engine::walkProgressed, &rig.engine(), [&] {
        QObject::disconnect(counting);
        rig.engine().cancelBatch(drop);
    });
    drop = rig.drop();
    if (!QTest::qWaitFor([&] { return offered.size() == 1 && offered.first().at(2).toBool(); }, 30000))
        return {};
    return drop;
}

void tst_EngineCancels::undoOfACancelWhileADropIsCountedTakesInTheRest()
{
    constexpr int Photos = 8000;
    EngineRig rig;
    QVERIFY(rig.startServer());
    QVERIFY(!cancelledWhileCounting(rig, Photos).isNull());
    QVERIFY(rig.batches().first().cancelled < Photos);

    rig.engine().undoCancel();

    QTRY_COMPARE_WITH_TIMEOUT(rig.batches().first().waiting, Photos, 30000);
    QTRY_VERIFY(rig.batches().first().isCounted);
    QCOMPARE(rig.batches().first().cancelled, 0);
    QCOMPARE(rig.batches().first().found, Photos);
    QCOMPARE(rig.batches().first().batch.numPhotos, std::nullopt); // paused: nobody has judged them
}

void tst_EngineCancels::aDropThatWasCancelledWhileItWasCountedStaysSo()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    QVERIFY(!cancelledWhileCounting(rig, 8000).isNull());
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

void tst_EngineCancels::aCancelOfNothingLeavesTheUndoOfTheOneBefore()
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

void tst_EngineCancels::aCancelOfNothingLeavesTheUndoOfOneOnItsWay()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    QVERIFY(dropOneThatWaits(rig));
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());
    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    rig.engine().cancelItems({QUuid::createUuid()}); // none that could be cancelled
    rig.engine().setRateLimitForNow(1'000'000'000);
    QTRY_COMPARE(rig.queueState().rateLimit, 1'000'000'000); // both were heard before that
    QVERIFY(holder.release());

    QTRY_COMPARE(offered.count(), 1);
    QCOMPARE(offered.first().first().value<QList<QUuid>>(), QList{rig.itemId(u"a.jpg"_s)});
    rig.engine().undoCancel();

    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Queued);
}

void tst_EngineCancels::undoLeavesWhatANewerCancelOnItsWayTookToo()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add(Fault{.method = "POST", .pathPart = "/v1/uploads", .isAnswerHeld = true});
    rig.startEngine();
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);
    const QUuid itemId = rig.itemId(u"a.jpg"_s);
    rig.engine().cancelItems({itemId});
    QTRY_COMPARE(offered.count(), 1);
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());

    rig.engine().cancelItems({itemId}); // nothing has obeyed the first yet
    rig.engine().undoCancel();
    rig.engine().setRateLimitForNow(1'000'000'000);
    QTRY_COMPARE(rig.queueState().rateLimit, 1'000'000'000); // both were heard before that
    QVERIFY(holder.release());
    rig.proxy().release();

    QTRY_COMPARE(offered.count(), 2);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Cancelled, 20000);
    const QFuture<Result<>> written = rig.recorder().recordDurably({}); // what else was on its way
    QTRY_VERIFY(written.isFinished());
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::Cancelled);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Cancelled});
}

void tst_EngineCancels::aNextAttemptDoesNotUndoACancelOnItsWay_data()
{
    QTest::addColumn<bool>("isWholeDrop");
    QTest::newRow("of a photo") << false;
    QTest::newRow("of a drop") << true;
}

void tst_EngineCancels::aNextAttemptDoesNotUndoACancelOnItsWay()
{
    QFETCH(const bool, isWholeDrop);
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
    const QUuid drop = rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.statuses(u"a.jpg"_s).value(0), Status::Failed, 20000);
    QTRY_COMPARE(rig.queueState().waiting, 1); // for its next attempt
    rig.proxy().clearFaults();
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());

    if (isWholeDrop)
        rig.engine().cancelBatch(drop);
    else
        rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    rig.engine().tryNow();
    rig.engine().setRateLimitForNow(1'000'000'000);
    QTRY_COMPARE(rig.queueState().rateLimit, 1'000'000'000); // both were heard before that
    QVERIFY(holder.release());

    QTRY_COMPARE(offered.count(), 1);
    const QFuture<Result<>> written = rig.recorder().recordDurably({}); // what else was on its way
    QTRY_VERIFY(written.isFinished());
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::Cancelled);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Failed});
}

QTEST_GUILESS_MAIN(tst_EngineCancels)
#include "tst_enginecancels.moc"
