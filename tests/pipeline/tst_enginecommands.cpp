#include "tests/pipeline/enginerig.h"
#include "tests/support/smallphotos.h"

#include <QFile>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using pipeline::EngineRig;
using support::Fault;

/// What else a person may ask of the engine on a real server: pause, limit, order, retry, skip, clear. (Cancel: tst_enginecancels.)
class tst_EngineCommands final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void pauseLetsPartsInFlightEndAndStartsNoOther();
    void pauseOfOneDropLetsTheOtherGoOn();
    void skippedPhotoLeavesNeedsYouAndItsFailedAttemptStays();
    void retryMakesTheNextAttempt();
    void retryByCauseLeavesTheOthers();
    void retryOfAllFailedTakesAll();
    void dropPutFirstGoesFirst();
    void rateLimitSurvivesARestart();
    void clearedDropsKeepTheirRecords();
};

namespace
{

QByteArray brokenJpeg()
{
    return support::jpegBytes(9).first(200) + QByteArray(4000, '\x11');
}

} // namespace

void tst_EngineCommands::pauseLetsPartsInFlightEndAndStartsNoOther()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.jobs = 1;
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.largePhoto(u"a.jpg"_s);
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
    QCOMPARE(rig.attempts(u"gone.jpg"_s).last().errors.first().context["os_errno"_L1].toInt(), ENOENT);

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
