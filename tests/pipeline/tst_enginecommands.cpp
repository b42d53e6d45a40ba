#include "models/store/archive.h"
#include "tests/pipeline/enginerig.h"
#include "tests/support/smallphotos.h"

#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using pipeline::EngineRig;
using support::Fault;

/// What a person may ask of the engine, on a real server.
class tst_EngineCommands final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void pauseLetsPartsInFlightEndAndStartsNoOther();
    void pauseOfOneDropLetsTheOtherGoOn();
    void cancelBeforeTheCommitAbortsAndCanBeUndone();
    void undoOfACancelThatNothingObeyedYetLeavesTheAttempt();
    void cancelOfQueuedPhotosMakesNoAttempt();
    void undoComesTooLate();
    void cancelAfterTheCommitRunsToItsEndAndTheRowSaysSo();
    void cancelOfADropEndsItsWaitingPhotosOnly();
    void cancelOfADropCanBeUndoneAndWhatWasCancelledBeforeStaysSo();
    void undoOfACancelWhileADropIsCountedTakesInTheRest();
    void aDropThatWasCancelledWhileItWasCountedStaysSo();
    void nothingOfALargeDropStartsWhileItIsCancelled();
    void skippedPhotoLeavesNeedsYouAndItsFailedAttemptStays();
    void onlyMetadataThatWasReadSaysThereIsNoLocation();
    void aDropIsAsLargeAsItsPhotos();
    void theTransferSaysHowItWent();
    void retryMakesTheNextAttempt();
    void retryByCauseLeavesTheOthers();
    void retryOfAllFailedTakesAll();
    void dropPutFirstGoesFirst();
    void rateLimitSurvivesARestart();
    void clearedDropsKeepTheirRecords();
};

namespace
{

/// Three parts that a decoder takes for one photo.
QByteArray threeParts(int seed)
{
    return support::jpegBytes(seed) + QByteArray(2 * wire::PartBytes + 100'000, 'p');
}

QByteArray brokenJpeg()
{
    return support::jpegBytes(9).first(200) + QByteArray(4000, '\x11');
}

/// Says how large it is, and nobody can read what comes behind that.
QByteArray cutPng()
{
    return QByteArray::fromHex("89504e470d0a1a0a0000000d49484452000000400000003008020000002e29eb48") // 64 x 48
        + QByteArray("\0\0\x13\x88IDAT\x78\x9c", 10) + QByteArray(300, '\x11');
}

} // namespace

void tst_EngineCommands::pauseLetsPartsInFlightEndAndStartsNoOther()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.jobs = 1; // and so one part at a time
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.file(u"a.jpg"_s, threeParts(1));
    rig.proxy().add(Fault{.method = "PUT", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);

    rig.engine().pauseAll();
    QTRY_COMPARE(rig.queueState().hold, pipeline::QueueState::Hold::PausedByYou);
    rig.proxy().release();

    QTRY_COMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Paused});
    QCOMPARE(rig.count("PUT", {}), 1);

    rig.restartEngine();

    QTRY_VERIFY(rig.queueState().isServerReachable);
    QTRY_COMPARE(rig.queueState().hold, pipeline::QueueState::Hold::PausedByYou);
    QCOMPARE(rig.count("PUT", {}), 1);

    rig.engine().resumeAll();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 30000);
    QCOMPARE(rig.count("PUT", {}), 3); // the first part was not sent again
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Succeeded});
    const QJsonObject metadata = rig.attempts(u"a.jpg"_s).first().attempt.metadata;
    QVERIFY(metadata.contains("paused_ms"_L1));
    QCOMPARE(metadata["restarts"_L1].toInt(), 1);
}

void tst_EngineCommands::pauseOfOneDropLetsTheOtherGoOn()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"one/a.jpg"_s, 1);
    rig.photo(u"two/b.jpg"_s, 2);
    rig.startEngine();
    rig.engine().pauseAll();
    const QUuid first = rig.drop({u"one"_s});
    rig.drop({u"two"_s});
    rig.engine().pauseBatch(first);
    rig.engine().resumeAll();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"two/b.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.state(u"one/a.jpg"_s), ItemState::Queued);

    rig.restartEngine();
    QTRY_VERIFY(rig.queueState().isServerReachable);
    QCOMPARE(rig.state(u"one/a.jpg"_s), ItemState::Queued);

    rig.engine().resumeBatch(first);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"one/a.jpg"_s), ItemState::Succeeded, 20000);
}

void tst_EngineCommands::cancelBeforeTheCommitAbortsAndCanBeUndone()
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

void tst_EngineCommands::undoOfACancelThatNothingObeyedYetLeavesTheAttempt()
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
    rig.engine().undoCancel();
    QTRY_COMPARE(offered.count(), 1); // the engine has heard both
    rig.proxy().release();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Succeeded});
    QCOMPARE(rig.count("POST", "/abort"), 0);
}

void tst_EngineCommands::cancelOfQueuedPhotosMakesNoAttempt()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.startEngine();
    rig.engine().pauseAll();
    rig.drop();
    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Queued);

    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});

    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Cancelled);
    QVERIFY(rig.attempts(u"a.jpg"_s).isEmpty());

    rig.engine().undoCancel();
    rig.engine().resumeAll();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.attempts(u"a.jpg"_s).last().attempt.attemptNumber, 1);
}

void tst_EngineCommands::undoComesTooLate()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.undoCancelMs = 0;
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.startEngine();
    rig.engine().pauseAll();
    rig.drop();
    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Queued);
    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Cancelled);

    QSignalSpy states(&rig.engine(), &pipeline::Engine::queueStateChanged);
    rig.engine().undoCancel();
    rig.engine().resumeAll();

    QTRY_VERIFY(!states.isEmpty() && rig.queueState().hold == pipeline::QueueState::Hold::None);
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::Cancelled);
}

void tst_EngineCommands::cancelAfterTheCommitRunsToItsEndAndTheRowSaysSo()
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

void tst_EngineCommands::cancelOfADropEndsItsWaitingPhotosOnly()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"one/a.jpg"_s, 1);
    rig.photo(u"one/b.jpg"_s, 2);
    rig.photo(u"two/c.jpg"_s, 3);
    rig.startEngine();
    rig.engine().pauseAll();
    const QUuid first = rig.drop({u"one"_s});
    rig.drop({u"two"_s});
    QTRY_COMPARE(rig.state(u"one/b.jpg"_s), ItemState::Queued);
    QTRY_COMPARE(rig.state(u"two/c.jpg"_s), ItemState::Queued);

    rig.engine().cancelBatch(first);
    rig.engine().resumeAll();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"two/c.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.state(u"one/a.jpg"_s), ItemState::Cancelled);
    QCOMPARE(rig.state(u"one/b.jpg"_s), ItemState::Cancelled);
}

void tst_EngineCommands::cancelOfADropCanBeUndoneAndWhatWasCancelledBeforeStaysSo()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"one/a.jpg"_s, 1);
    rig.photo(u"one/b.jpg"_s, 2);
    rig.photo(u"two/c.jpg"_s, 3);
    rig.startEngine();
    rig.engine().pauseAll();
    const QUuid first = rig.drop({u"one"_s});
    rig.drop({u"two"_s});
    QTRY_COMPARE(rig.state(u"one/b.jpg"_s), ItemState::Queued);
    QTRY_COMPARE(rig.state(u"two/c.jpg"_s), ItemState::Queued);
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    QSignalSpy itemsChanged(&rig.engine(), &pipeline::Engine::itemsChanged);
    rig.engine().cancelItems({rig.itemId(u"one/a.jpg"_s)});
    QTRY_COMPARE(rig.state(u"one/a.jpg"_s), ItemState::Cancelled);

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
    const QByteArray picture = support::jpegBytes(1);
    for (int i = 0; i < photos; ++i)
        rig.file(u"%1.jpg"_s.arg(i), picture + QByteArray::number(i));
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

void tst_EngineCommands::undoOfACancelWhileADropIsCountedTakesInTheRest()
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

void tst_EngineCommands::aDropThatWasCancelledWhileItWasCountedStaysSo()
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

void tst_EngineCommands::nothingOfALargeDropStartsWhileItIsCancelled()
{
    constexpr int Photos = 4100;
    EngineRig rig;
    QVERIFY(rig.startServer());
    const QByteArray picture = support::jpegBytes(1);
    for (int i = 0; i < Photos; ++i)
        rig.file(u"%1.jpg"_s.arg(i), picture + QByteArray::number(i));
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

void tst_EngineCommands::aDropIsAsLargeAsItsPhotos()
{
    EngineRig rig;
    rig.photo(u"a.jpg"_s, 1);
    rig.photo(u"b.jpg"_s, 2);
    rig.file(u"movie.mp4"_s, QByteArray("\0\0\0\x18" "ftypmp42\0\0\0\0mp42isom", 24) + QByteArray(5000, 'm'));
    rig.file(u"nothing.jpg"_s, {});
    QVERIFY(rig.startServer());
    rig.startEngine();
    rig.drop();

    QTRY_COMPARE_WITH_TIMEOUT(rig.batches().value(0).batch.numPhotos, 2, 30000); // none before the drop was accepted

    const store::BatchView view = rig.batches().first();
    QCOMPARE(view.found, 4);
    QCOMPARE(view.batch.totalBytes, QFileInfo(rig.source(u"a.jpg"_s)).size() + QFileInfo(rig.source(u"b.jpg"_s)).size());
    for (const QString &name : {u"a.jpg"_s, u"b.jpg"_s})
        QTRY_COMPARE_WITH_TIMEOUT(rig.attempts(name).first().attempt.numPhotosInBatch, 2, 30000);
}

void tst_EngineCommands::theTransferSaysHowItWent()
{
    EngineRig rig;
    rig.file(u"large.jpg"_s, threeParts(1));
    QVERIFY(rig.startServer());
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"large.jpg"_s), ItemState::Succeeded, 30000);

    const QList<StageRecord> stages = rig.attempts(u"large.jpg"_s).first().stages;
    const auto transfer = std::find_if(stages.begin(), stages.end(), [](const StageRecord &stage) { return stage.stage == Stage::Transfer; });

    QVERIFY(transfer != stages.end());
    QVERIFY(transfer->metadata.value("requests"_L1).toInt() >= 3);
    QCOMPARE(transfer->metadata.value("sent_bytes"_L1).toInteger(), QFileInfo(rig.source(u"large.jpg"_s)).size());
    QVERIFY(transfer->metadata.value("is_reused"_L1).isBool());
}

void tst_EngineCommands::onlyMetadataThatWasReadSaysThereIsNoLocation()
{
    EngineRig rig;
    rig.file(u"cut.png"_s, cutPng());
    rig.photo(u"sound.jpg"_s, 1);
    QVERIFY(rig.startServer());
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"cut.png"_s), ItemState::NeedsYou, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"sound.jpg"_s), ItemState::Succeeded, 20000);
    const auto archive = store::Archive::open(rig.database());
    QVERIFY(archive);

    const auto cut = (*archive)->itemDetail(rig.itemId(u"cut.png"_s)).result();
    const auto sound = (*archive)->itemDetail(rig.itemId(u"sound.jpg"_s)).result();

    QVERIFY(cut && cut->photo && sound && sound->photo);
    QCOMPARE(cut->photo->width, 64);
    QCOMPARE(cut->photo->hasLocation, std::nullopt);
    QCOMPARE(sound->photo->hasLocation, false);
}

void tst_EngineCommands::skippedPhotoLeavesNeedsYouAndItsFailedAttemptStays()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.file(u"broken.jpg"_s, brokenJpeg());
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"broken.jpg"_s), ItemState::NeedsYou, 20000);

    rig.engine().skipItems({rig.itemId(u"broken.jpg"_s)});

    QTRY_COMPARE(rig.state(u"broken.jpg"_s), ItemState::Dismissed);
    QCOMPARE(rig.statuses(u"broken.jpg"_s), QList{Status::Failed});
    QVERIFY(rig.errors(u"broken.jpg"_s).last().startsWith("VALIDATION_"_L1));
}

void tst_EngineCommands::retryMakesTheNextAttempt()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.file(u"broken.jpg"_s, brokenJpeg());
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"broken.jpg"_s), ItemState::NeedsYou, 20000);

    rig.engine().retryItems({rig.itemId(u"broken.jpg"_s)});

    QTRY_COMPARE_WITH_TIMEOUT(rig.attempts(u"broken.jpg"_s).size(), 2, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"broken.jpg"_s), ItemState::NeedsYou, 20000);
    const QList<store::AttemptView> attempts = rig.attempts(u"broken.jpg"_s);
    QCOMPARE(attempts.last().attempt.attemptNumber, 2);
    QCOMPARE(attempts.last().attempt.itemId, attempts.first().attempt.itemId);
    QVERIFY(attempts.last().attempt.clientUploadId != attempts.first().attempt.clientUploadId);
    QCOMPARE(rig.count("PUT", {}), 1); // bytes that were refused before get the same answer at once
}

void tst_EngineCommands::retryByCauseLeavesTheOthers()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.file(u"broken.jpg"_s, brokenJpeg());
    rig.photo(u"gone.jpg"_s, 1);
    rig.startEngine();
    rig.engine().pauseAll();
    rig.drop();
    QTRY_COMPARE(rig.state(u"gone.jpg"_s), ItemState::Queued);
    QVERIFY(QFile::remove(rig.source(u"gone.jpg"_s)));
    rig.engine().resumeAll();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"gone.jpg"_s), ItemState::NeedsYou, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"broken.jpg"_s), ItemState::NeedsYou, 20000);
    QCOMPARE(rig.errors(u"gone.jpg"_s), QStringList{u"SELECTION_FILE_MISSING!"_s});

    rig.photo(u"gone.jpg"_s, 1);
    rig.engine().retryByCause(ErrorCode::SelectionFileMissing);

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"gone.jpg"_s), ItemState::Succeeded, 20000);
    const QList<Status> both{Status::Failed, Status::Succeeded};
    QCOMPARE(rig.statuses(u"gone.jpg"_s), both);
    QCOMPARE(rig.attempts(u"broken.jpg"_s).size(), 1);
}

void tst_EngineCommands::retryOfAllFailedTakesAll()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.file(u"broken.jpg"_s, brokenJpeg());
    rig.file(u"broken2.jpg"_s, brokenJpeg() + "2");
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"broken.jpg"_s), ItemState::NeedsYou, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"broken2.jpg"_s), ItemState::NeedsYou, 20000);

    rig.engine().retryAllFailed();

    QTRY_COMPARE_WITH_TIMEOUT(rig.attempts(u"broken.jpg"_s).size(), 2, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(rig.attempts(u"broken2.jpg"_s).size(), 2, 20000);
}

void tst_EngineCommands::dropPutFirstGoesFirst()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.jobs = 1;
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    for (int number = 1; number <= 3; ++number) {
        rig.photo(u"one/a%1.jpg"_s.arg(number), number);
        rig.photo(u"two/b%1.jpg"_s.arg(number), number + 10);
    }
    rig.startEngine();
    rig.engine().pauseAll();
    rig.drop({u"one"_s});
    const QUuid second = rig.drop({u"two"_s});
    QTRY_COMPARE(rig.state(u"one/a3.jpg"_s), ItemState::Queued);
    QTRY_COMPARE(rig.state(u"two/b3.jpg"_s), ItemState::Queued);

    QSignalSpy changed(&rig.engine(), &pipeline::Engine::batchesChanged);
    rig.engine().putFirst(second);
    QTRY_VERIFY(!changed.isEmpty() && changed.last().first().value<QList<QUuid>>().contains(second));
    rig.engine().resumeAll();

    QTRY_COMPARE_WITH_TIMEOUT(rig.ended().size(), 6, 30000);
    const auto started = [&rig](const QString &name) { return rig.attempts(name).first().attempt.startedMs; };
    for (int number = 1; number <= 3; ++number)
        QVERIFY(started(u"two/b%1.jpg"_s.arg(number)) <= started(u"one/a1.jpg"_s));
}

void tst_EngineCommands::rateLimitSurvivesARestart()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.startEngine();
    rig.engine().setRateLimit(123'456);
    QTRY_COMPARE(rig.queueState().rateLimit, 123'456);

    rig.restartEngine();

    QTRY_VERIFY(rig.queueState().isServerReachable);
    QCOMPARE(rig.queueState().rateLimit, 123'456);
}

void tst_EngineCommands::clearedDropsKeepTheirRecords()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"one/a.jpg"_s, 1);
    rig.photo(u"two/b.jpg"_s, 2);
    rig.startEngine();
    rig.drop({u"one"_s});
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"one/a.jpg"_s), ItemState::Succeeded, 20000);
    rig.engine().pauseAll();
    const QUuid unfinished = rig.drop({u"two"_s});
    QTRY_COMPARE(rig.state(u"two/b.jpg"_s), ItemState::Queued);

    rig.engine().clearFinished();

    QTRY_COMPARE(rig.batches().size(), 1);
    QCOMPARE(rig.batches().first().batch.batchId, unfinished);
    QCOMPARE(rig.batches(true).size(), 2);
    QCOMPARE(rig.statuses(u"one/a.jpg"_s), QList{Status::Succeeded});
}

QTEST_GUILESS_MAIN(tst_EngineCommands)
#include "tst_enginecommands.moc"
