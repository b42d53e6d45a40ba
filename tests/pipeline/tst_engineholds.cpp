#include "models/vocabulary/ids.h"
#include "tests/pipeline/enginerig.h"

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using pipeline::EngineRig;
using pipeline::QueueState;
using support::Fault;
using support::FaultProxy;

/// Conditions of the whole server hold the queue, end no attempt and lift by themselves; tries that are used up end one
/// attempt.
class tst_EngineHolds final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void photosDroppedWithoutAServerWaitAndGoOn();
    void whatIsNoPhotoIsSkippedWithoutAServer();
    void transientHoldIsShownOnlyAfterItsTime();
    void serverThatAsksToWaitIsNotAskedBeforeTheTime();
    void fullServerHoldsTheQueueUntilThereIsRoom();
    void fullQuotaHoldsTheQueueUntilThereIsRoom();
    void slotsThatLowResourcesTookComeBackOnePerVerifiedPhoto();
    void usedUpTriesEndTheAttemptAndThePhotoStaysQueued();
    void attemptThatCannotTryWhileTheServerIsAwayEndsAfterItsTime();
    void refusedTokenHoldsTheQueueUntilTheNextOne();
    void tokenThatEndsUnderAnAttemptHoldsTheQueueAndEndsNoAttempt();
    void beingToldToComeLaterDoesNotHideThatTheTokenHasEnded();
    void tokenThatIsRightAtTheSecondTryHoldsNobody();
    void writtenListLiftsAFullDiskOnlyWhenThereIsRoom_data();
    void writtenListLiftsAFullDiskOnlyWhenThereIsRoom();
    void lockedListIsToldAfterItsTimeAndNoLongerThanItLasts();
};

namespace
{
Fault refusal(const QByteArray &pathPart, int status, ErrorCode code, const QList<FaultProxy::Header> &headers = {})
{
    wire::Problem problem;
    problem.httpStatus = status;
    problem.code = code;
    problem.requestId = u"01a1fc3c-13bc-7b1c-84a0-dc48b1a41f6f"_s;
    const QByteArray json = QJsonDocument(wire::toJson(problem)).toJson(QJsonDocument::Compact);
    QList<FaultProxy::Header> all{{support::FaultProxy::Header(wire::OurHeader, wire::OurHeaderValue)}};
    return Fault{.method = "POST",
                 .pathPart = pathPart,
                 .answerAtOnce = FaultProxy::answer(status, "application/problem+json", json, all + headers),
                 .isClosedAfterAnswer = true};
}
} // namespace

void tst_EngineHolds::photosDroppedWithoutAServerWaitAndGoOn()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().setDown(true);
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Queued);
    QTRY_COMPARE(rig.queueState().hold, QueueState::Hold::ServerUnreachable);
    QCOMPARE(rig.queueState().holdCode, ErrorCode::NetworkConnectFailed);
    QVERIFY(rig.attempts(u"a.jpg"_s).isEmpty());

    rig.proxy().setDown(false);

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Succeeded});
    QTRY_COMPARE(rig.queueState().hold, QueueState::Hold::None);
}

void tst_EngineHolds::whatIsNoPhotoIsSkippedWithoutAServer()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.file(u"empty.jpg"_s, {});
    rig.file(u"notes.txt"_s, "a text");
    QFile fresh(rig.source(u"fresh.txt"_s)); // written just now: one look is not enough to judge it
    QVERIFY(fresh.open(QIODevice::WriteOnly) && fresh.write("another text") > 0);
    fresh.close();
    rig.proxy().setDown(true);
    rig.startEngine();
    rig.drop();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"fresh.txt"_s), ItemState::Skipped, 10000);
    QTRY_COMPARE(rig.state(u"notes.txt"_s), ItemState::Skipped);
    QTRY_COMPARE(rig.state(u"empty.jpg"_s), ItemState::Skipped);
    QCOMPARE(rig.item(u"notes.txt"_s)->errorCode, ErrorCode::SelectionNotAccepted);
    QCOMPARE(rig.item(u"notes.txt"_s)->errorStage, Stage::Selection);
    QCOMPARE(rig.item(u"empty.jpg"_s)->errorCode, ErrorCode::SelectionFileEmpty);
    QTRY_COMPARE(QSet<QString>(rig.ended().begin(), rig.ended().end()), (QSet<QString>{u"empty.jpg"_s, u"fresh.txt"_s, u"notes.txt"_s}));
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::Queued);
    for (const QString &name : {u"a.jpg"_s, u"empty.jpg"_s, u"notes.txt"_s})
        QVERIFY(rig.attempts(name).isEmpty());

    rig.proxy().setDown(false);

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.state(u"notes.txt"_s), ItemState::Skipped);
}

void tst_EngineHolds::transientHoldIsShownOnlyAfterItsTime()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.quietTransientMs = 1500;
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.proxy().setDown(true);
    QElapsedTimer clock;
    clock.start();
    rig.startEngine();

    QTRY_COMPARE_WITH_TIMEOUT(rig.queueState().hold, QueueState::Hold::ServerUnreachable, 10000);
    QVERIFY(clock.elapsed() >= 1500);

    rig.proxy().setDown(false);
    QTRY_COMPARE_WITH_TIMEOUT(rig.queueState().hold, QueueState::Hold::None, 10000);
}

void tst_EngineHolds::serverThatAsksToWaitIsNotAskedBeforeTheTime()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add(refusal("/v1/uploads", 503, ErrorCode::ApiUnavailable, {{"Retry-After", "2"}}));
    QElapsedTimer sinceRefusal;
    qint64 nextRequestMs = -1;
    QObject::connect(&rig.proxy(), &FaultProxy::requestSeen, &rig.proxy(), [&] {
        if (!sinceRefusal.isValid() && rig.questions() == 1)
            sinceRefusal.start();
        else if (sinceRefusal.isValid() && nextRequestMs < 0)
            nextRequestMs = sinceRefusal.elapsed();
    });
    rig.startEngine();
    rig.drop();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QVERIFY2(nextRequestMs >= 1900, qPrintable(QString::number(nextRequestMs)));
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Succeeded});
    QCOMPARE(rig.errors(u"a.jpg"_s), QStringList{u"API_UNAVAILABLE"_s});
}

void tst_EngineHolds::fullServerHoldsTheQueueUntilThereIsRoom()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add(refusal("/v1/uploads", 507, ErrorCode::StorageNoSpace));
    rig.startEngine();
    rig.drop();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Succeeded});
    QCOMPARE(rig.errors(u"a.jpg"_s), QStringList{u"STORAGE_NO_SPACE"_s});
    QTRY_COMPARE(rig.queueState().hold, QueueState::Hold::None);
    QCOMPARE(rig.questions(), 2);
}

void tst_EngineHolds::fullQuotaHoldsTheQueueUntilThereIsRoom()
{
    const auto infoWithUsed = [](qint64 usedBytes) {
        wire::Info info;
        info.serverVersion = u"1"_s;
        info.serverTimeMs = nowMs();
        info.epoch = u"the-first"_s;
        info.partChecksum = u"sha256"_s;
        info.quotaBytes = 1'000'000;
        info.usedBytes = usedBytes;
        return Fault{.method = "GET",
                     .pathPart = "/v1/info",
                     .times = -1,
                     .answerAtOnce = FaultProxy::ourAnswer(200, QJsonDocument(wire::toJson(info)).toJson(QJsonDocument::Compact))};
    };
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add(infoWithUsed(1'000'000));
    rig.proxy().add(refusal("/v1/uploads", 507, ErrorCode::InitiationQuotaFull));
    int looks = 0;
    QObject::connect(&rig.proxy(), &FaultProxy::requestSeen, &rig.proxy(), [&] { ++looks; });
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.queueState().holdCode, ErrorCode::InitiationQuotaFull, 20000);
    const int before = looks;
    QTRY_VERIFY_WITH_TIMEOUT(looks >= before + 3, 20000); // whatever the server says of itself meanwhile,
    QCOMPARE(rig.queueState().hold, QueueState::Hold::NoSpace);
    QCOMPARE(rig.questions(), 1);                         // it is not asked in vain

    rig.proxy().clearFaults();
    rig.proxy().add(infoWithUsed(500'000));

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Succeeded});
    QCOMPARE(rig.errors(u"a.jpg"_s), QStringList{u"INITIATION_QUOTA_FULL"_s});
    QCOMPARE(rig.questions(), 2);
}

void tst_EngineHolds::slotsThatLowResourcesTookComeBackOnePerVerifiedPhoto()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.jobs = 4;
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    for (int i = 0; i < 3; ++i)
        rig.photo(QString::number(i) + u".jpg"_s, i);
    rig.proxy().add(refusal("/v1/uploads", 503, ErrorCode::LocalResourcesLow));
    for (const int slots_ : {2, 3, 4}) // halved, then one for each of the first two photos; the third has nothing to give back
        QTest::ignoreMessage(QtInfoMsg, qPrintable(u"photos at the same time: %1"_s.arg(slots_)));
    rig.startEngine();
    rig.drop();

    for (int i = 0; i < 3; ++i)
        QTRY_COMPARE_WITH_TIMEOUT(rig.state(QString::number(i) + u".jpg"_s), ItemState::Succeeded, 20000);
}

void tst_EngineHolds::usedUpTriesEndTheAttemptAndThePhotoStaysQueued()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.nextAttemptMs = 1500;
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    // The store is busy without end, though the server is there: the transfer tries for as long as `long` allows.
    rig.proxy().add(Fault{.method = "PUT",
                          .times = -1,
                          .answerAtOnce = FaultProxy::answer(503, "application/xml", "<Error><Code>SlowDown</Code></Error>",
                                                              {{"x-amz-request-id", "r-1"}}),
                          .isClosedAfterAnswer = true});
    rig.startEngine();
    rig.drop();

    QTRY_COMPARE_WITH_TIMEOUT(rig.statuses(u"a.jpg"_s).value(0), Status::Failed, 20000);
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::WaitingToRetry);
    QCOMPARE(rig.errors(u"a.jpg"_s).last(), u"TRANSFER_STORAGE_BUSY!"_s);
    QVERIFY(rig.attempts(u"a.jpg"_s).first().stages.last().retryCount > 0);

    rig.proxy().clearFaults();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    const QList<Status> both{Status::Failed, Status::Succeeded};
    QCOMPARE(rig.statuses(u"a.jpg"_s), both);
}

void tst_EngineHolds::attemptThatCannotTryWhileTheServerIsAwayEndsAfterItsTime()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.longCapMs = 3000; // waits without its slot, which nobody gives back while the server is away
    tuning.longBaseMs = 3000;
    tuning.nextAttemptMs = 1500;
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    QObject::connect(&rig.proxy(), &FaultProxy::requestSeen, &rig.proxy(), [&rig] {
        if (rig.questions() == 1)
            rig.proxy().setDown(true);
    }, Qt::QueuedConnection);
    rig.startEngine();
    rig.drop();

    QTRY_COMPARE_WITH_TIMEOUT(rig.statuses(u"a.jpg"_s).value(0), Status::Failed, 20000);
    QCOMPARE(rig.errors(u"a.jpg"_s).last(), u"NETWORK_CONNECT_FAILED!"_s);
    QCOMPARE(rig.item(u"a.jpg"_s)->errorStage, Stage::Initiation);
    QCOMPARE(rig.queueState().hold, QueueState::Hold::ServerUnreachable);
    QCOMPARE(rig.queueState().holdCode, ErrorCode::NetworkConnectFailed);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Queued, 20000); // for its next attempt
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Failed});

    rig.proxy().disconnect();
    rig.proxy().setDown(false);
    rig.engine().tryNow();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    const QList<Status> both{Status::Failed, Status::Succeeded};
    QCOMPARE(rig.statuses(u"a.jpg"_s), both);
}

void tst_EngineHolds::refusedTokenHoldsTheQueueUntilTheNextOne()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.giveToken("a-token-of-yesterday");
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Queued);
    QTRY_COMPARE(rig.queueState().hold, QueueState::Hold::SignIn);
    QCOMPARE(rig.queueState().holdCode, ErrorCode::InitiationTokenExpired);
    QVERIFY(rig.attempts(u"a.jpg"_s).isEmpty());

    rig.giveRightToken();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QTRY_COMPARE(rig.queueState().hold, QueueState::Hold::None);
}

void tst_EngineHolds::tokenThatEndsUnderAnAttemptHoldsTheQueueAndEndsNoAttempt()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    Fault refused = refusal("/v1/", 401, ErrorCode::ApiTokenExpired);
    refused.times = -1;
    rig.startEngine();
    rig.engine().pauseAll();
    QTRY_VERIFY(rig.queueState().isServerReachable); // the first question about the server has its answer
    rig.drop();
    QTRY_VERIFY(rig.state(u"a.jpg"_s) && rig.count("GET", "/v1/info") >= 2); // asked again when the folder was counted
    QTRY_VERIFY(rig.queueState().isServerReachable);
    rig.proxy().add(refused);
    refused.method = "GET";
    rig.proxy().add(refused);

    rig.engine().resumeAll();

    QTRY_COMPARE(rig.queueState().hold, QueueState::Hold::SignIn);
    QTRY_COMPARE(rig.item(u"a.jpg"_s)->errorCode, ErrorCode::InitiationTokenExpired);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::WaitingToRetry});
    QCOMPARE(rig.errors(u"a.jpg"_s), (QStringList{u"API_TOKEN_EXPIRED"_s, u"INITIATION_TOKEN_EXPIRED"_s}));

    rig.proxy().clearFaults();
    rig.giveRightToken();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Succeeded});
    QTRY_COMPARE(rig.queueState().hold, QueueState::Hold::None);
}

void tst_EngineHolds::beingToldToComeLaterDoesNotHideThatTheTokenHasEnded()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    Fault refused = refusal("/v1/", 401, ErrorCode::ApiTokenExpired);
    refused.method.clear();
    refused.times = -1;
    rig.proxy().add(refused);
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE(rig.queueState().hold, QueueState::Hold::SignIn);
    rig.proxy().clearFaults();
    Fault later = refusal("/v1/", 429, ErrorCode::ApiRateLimited, {{"Retry-After", "1"}});
    later.method.clear();
    later.times = -1;
    rig.proxy().add(later);
    const auto asked = rig.count("GET", "/v1/info");

    QTRY_VERIFY_WITH_TIMEOUT(rig.count("GET", "/v1/info") >= asked + 3, 20000); // the answers to two of them are there

    QCOMPARE(rig.queueState().hold, QueueState::Hold::SignIn);
    rig.proxy().clearFaults();
    rig.giveRightToken();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
}

void tst_EngineHolds::tokenThatIsRightAtTheSecondTryHoldsNobody()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add(refusal("/v1/uploads", 401, ErrorCode::ApiTokenExpired));
    rig.startEngine();
    rig.drop();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.errors(u"a.jpg"_s), QStringList{u"API_TOKEN_EXPIRED"_s});
    for (const QueueState &state : rig.queueStates())
        QVERIFY(state.hold != QueueState::Hold::SignIn);
}

void tst_EngineHolds::writtenListLiftsAFullDiskOnlyWhenThereIsRoom_data()
{
    QTest::addColumn<qint64>("wantedBytes");
    QTest::addColumn<std::optional<ErrorCode>>("waitsFor");
    QTest::newRow("more room than wanted -> goes on") << qint64(1) << std::optional<ErrorCode>();
    QTest::newRow("less room than wanted -> waits on") << std::numeric_limits<qint64>::max() << std::optional(ErrorCode::LocalDiskFull);
}

void tst_EngineHolds::writtenListLiftsAFullDiskOnlyWhenThereIsRoom()
{
    QFETCH(qint64, wantedBytes);
    QFETCH(std::optional<ErrorCode>, waitsFor);
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.lowSpaceBytes = wantedBytes;
    tuning.longBaseMs = tuning.longCapMs = std::numeric_limits<int>::max(); // chance takes a part of it: nobody else looks meanwhile
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.startEngine();
    QTRY_VERIFY(rig.queueState().isServerReachable);
    Q_EMIT rig.recorder().troubled(Error{ErrorCode::LocalDiskFull, u"as the list says it"_s});
    QTRY_COMPARE(rig.queueState().waitsFor, ErrorCode::LocalDiskFull);

    Q_EMIT rig.recorder().recovered();

    rig.engine().setRateLimitForNow(1'000'000);
    QTRY_COMPARE(rig.queueState().rateLimit, 1'000'000); // said after that
    QCOMPARE(rig.queueState().waitsFor, waitsFor);
}

void tst_EngineHolds::lockedListIsToldAfterItsTimeAndNoLongerThanItLasts()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.quietTransientMs = 3000; // half of it for a list that is locked
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.startEngine();
    QTRY_VERIFY(rig.queueState().isServerReachable);
    QProcess other; // has the list for itself, for longer than SQLite's own patience
    other.start(u"sqlite3"_s, {u"-bail"_s, rig.database()});
    other.write(".timeout 20000\nBEGIN EXCLUSIVE;\nSELECT 'held';\n");
    QTRY_VERIFY(other.bytesAvailable() >= 5); // "held"

    rig.drop();

    QTRY_COMPARE_WITH_TIMEOUT(rig.queueState().waitsFor, ErrorCode::LocalListBusy, 20000);
    QCOMPARE(rig.queueState().holdCode, std::nullopt);
    QElapsedTimer sinceBusy;
    sinceBusy.start();
    QTRY_COMPARE_WITH_TIMEOUT(rig.queueState().holdCode, ErrorCode::LocalListBusy, 10000);
    QVERIFY(sinceBusy.elapsed() >= 1000);

    other.write("COMMIT;\n.quit\n");

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Succeeded});
    QTRY_COMPARE(rig.queueState().hold, QueueState::Hold::None);
    QTRY_COMPARE(other.state(), QProcess::NotRunning);
}

QTEST_GUILESS_MAIN(tst_EngineHolds)
#include "tst_engineholds.moc"
