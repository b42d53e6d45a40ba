#include "tests/faults/proxiedworld.h"
#include "tests/pipeline/enginerig.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::ProxiedWorld;
using support::CliAnswer;
using support::Fault;

namespace {

constexpr int PhotosPerCase = 5; ///< ten cases, and four around an abort: n = 70

const QByteArray Commit = "/commit";

/// What happens around the commit of one photo. When it returns, the client has ended one way or the other.
using Accident = void (*)(ProxiedWorld &world, const QStringList &command);

void killAtPoint(ProxiedWorld &world, const QStringList &command, const QString &point)
{
    world.client.setEnvironment({u"PHOTOLIFT_KILL_AT="_s + point});
    const CliAnswer killed = world.client.run(command);
    world.client.setEnvironment({});
    QVERIFY2(killed.wasKilled, qPrintable(killed.toText()));
}

/// Starts the command and waits until the server has answered the commit and the client does not know it.
void startUntilAnswerIsHeld(ProxiedWorld &world, const QStringList &command)
{
    world.proxy.add({.method = "POST", .pathPart = Commit, .isAnswerHeld = true});
    QVERIFY(world.client.start(command));
    QTRY_COMPARE_WITH_TIMEOUT(world.proxy.heldAnswers(), 1, 30000);
}

void killBefore(ProxiedWorld &world, const QStringList &command)
{
    const int before = world.proxy.count("POST", Commit);
    killAtPoint(world, command, u"pipeline.commit.before"_s);
    QCOMPARE(world.proxy.count("POST", Commit), before);
}

void killAfterTheAnswer(ProxiedWorld &world, const QStringList &command)
{
    killAtPoint(world, command, u"pipeline.commit.answered"_s);
}

void killBeforeTheAnswer(ProxiedWorld &world, const QStringList &command)
{
    startUntilAnswerIsHeld(world, command);
    QVERIFY(world.client.isRunning());
    world.client.kill();
    world.proxy.drop();
}

/// The program is ended (the queue is kept), and only then the answer comes.
void answerLaterThanTheEnd(ProxiedWorld &world, const QStringList &command)
{
    startUntilAnswerIsHeld(world, command);
    world.client.interrupt();
    QCOMPARE(world.client.finish().exitCode, 130);
    world.proxy.release();
}

/// The program is ended while the answer is on its way to it.
void answerEarlierThanTheEnd(ProxiedWorld &world, const QStringList &command)
{
    startUntilAnswerIsHeld(world, command);
    world.proxy.release();
    world.client.interrupt();
    const int exitCode = world.client.finish().exitCode;
    QVERIFY(exitCode == 130 || exitCode == 0);
}

/// The connection is reset on both sides in the middle of the commit, and the same run asks again.
void resetOnTheWire(ProxiedWorld &world, const QStringList &command, const Fault &fault)
{
    const int before = world.proxy.count("POST", Commit);
    world.proxy.add(fault);
    const CliAnswer answer = world.client.run(command);
    QCOMPARE(answer.exitCode, 0);
    QVERIFY(world.proxy.count("POST", Commit) > before + 1);
    QCOMPARE(answer.count("succeeded"_L1), 1);
}

void requestCutAtItsFirstByte(ProxiedWorld &world, const QStringList &command)
{
    resetOnTheWire(world, command, {.method = "POST", .pathPart = Commit, .resetAfterBodyBytes = 1});
}

void requestCutInItsMiddle(ProxiedWorld &world, const QStringList &command)
{
    resetOnTheWire(world, command, {.method = "POST", .pathPart = Commit, .resetAfterBodyBytes = 500});
    const auto &requests = world.proxy.requests();
    QVERIFY(std::any_of(requests.begin(), requests.end(), [](const support::SeenRequest &request) {
        return request.target.contains(Commit) && request.bodyBytes == 500 && request.headers.value("content-length").toLongLong() > 500;
    }));
}

/// The server commits, and of its answer nothing arrives.
void answerLost(ProxiedWorld &world, const QStringList &command)
{
    resetOnTheWire(world, command, {.method = "POST", .pathPart = Commit, .resetAfterAnswerBytes = 0});
}

void answerCutInItsMiddle(ProxiedWorld &world, const QStringList &command)
{
    resetOnTheWire(world, command, {.method = "POST", .pathPart = Commit, .resetAfterAnswerBytes = 40});
}

/// The server has answered, the answer waits on the wire, and the line breaks under a client that still waits for it.
void resetWhileTheAnswerWaits(ProxiedWorld &world, const QStringList &command)
{
    const int before = world.proxy.count("POST", Commit);
    startUntilAnswerIsHeld(world, command);
    world.proxy.drop();
    const CliAnswer answer = world.client.finish();
    QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == 1, qPrintable(answer.toText()));
    QVERIFY(world.proxy.count("POST", Commit) > before + 1);
}

enum class When { CancelBeforeTheAnswer, CancelAfterTheAnswer, AbortBeforeTheAnswer, CancelBeforeTheCommit };

QString nameOf(int photo)
{
    return u"photo%1.jpg"_s.arg(photo);
}

/// Asks the server to abort the upload of this attempt, whose commit came last; whether it did, and nothing when there is no answer.
std::optional<bool> abortOnTheWire(pipeline::EngineRig &rig, const QUuid &clientUploadId)
{
    const QList<support::SeenRequest> requests = rig.proxy().requests();
    const auto commit = std::find_if(requests.rbegin(), requests.rend(), [](const auto &request) { return request.target.endsWith(Commit); });
    if (commit == requests.rend())
        return std::nullopt;
    QFile token(rig.server().tokenFile());
    if (!token.open(QIODevice::ReadOnly))
        return std::nullopt;
    transfer::ApiClient api;
    api.setServer(rig.proxy().url(), token.readAll().trimmed());
    const QFuture<transfer::ApiAnswer<wire::AbortAnswer>> answer =
        api.abort(clientUploadId, QUuid::fromString(QString::fromLatin1(commit->target.split('/').value(3))));
    if (!QTest::qWaitFor([&answer] { return answer.isFinished(); }, 30000))
        return std::nullopt;
    if (!answer.result()) {
        qWarning("%s", qPrintable(answer.result().fault.error.detail));
        return std::nullopt;
    }
    return answer.result().value->isAborted;
}

}

/// F9: 70 accidents around the commit. However often it is sent: one asset row, one object, the same attempt.
class TestF9Commit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPhotoIsCommittedOnce_data();
    void aPhotoIsCommittedOnce();
    void aCommitAndAnAbortHaveOneWinner_data();
    void aCommitAndAnAbortHaveOneWinner();
};

void TestF9Commit::aPhotoIsCommittedOnce_data()
{
    QTest::addColumn<Accident>("accident");
    QTest::newRow("killed before it is sent") << Accident(killBefore);
    QTest::newRow("killed after it is sent, before the answer") << Accident(killBeforeTheAnswer);
    QTest::newRow("killed after the answer") << Accident(killAfterTheAnswer);
    QTest::newRow("the answer comes later than the end of the program") << Accident(answerLaterThanTheEnd);
    QTest::newRow("the answer comes earlier than the end of the program") << Accident(answerEarlierThanTheEnd);
    QTest::newRow("the answer is lost") << Accident(answerLost);
    QTest::newRow("reset at the request's first byte") << Accident(requestCutAtItsFirstByte);
    QTest::newRow("reset in the middle of the request") << Accident(requestCutInItsMiddle);
    QTest::newRow("reset in the middle of the answer") << Accident(answerCutInItsMiddle);
    QTest::newRow("reset while the answer waits") << Accident(resetWhileTheAnswerWaits);
}

void TestF9Commit::aPhotoIsCommittedOnce()
{
    QFETCH(const Accident, accident);
    ProxiedWorld world;
    for (int i = 0; i < PhotosPerCase; ++i)
        QVERIFY(world.folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
    QVERIFY(world.folders.remember() && world.start());

    for (int i = 0; i < PhotosPerCase; ++i) {
        const QStringList command = world.upload(world.folders.path("photo" + QByteArray::number(i) + ".jpg"));
        accident(world, command);
        if (QTest::currentTestFailed())
            return;
        world.proxy.clearFaults();
        const CliAnswer answer = world.client.run(command);
        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
        QCOMPARE(answer.summary->found, 1);
    }

    QCOMPARE(world.serverNumber(u"SELECT count(*) FROM server_assets"_s), PhotosPerCase);
    QCOMPARE(world.objects(), PhotosPerCase);
    // Each photo went on with its attempt. A photo that had ended already was dropped anew, and that attempt is a duplicate.
    QCOMPARE(world.clientNumber(u"SELECT count(*) FROM fact_upload_attempts JOIN dim_upload_status USING (upload_status_key) "
                                "WHERE status_name <> 'duplicate'"_s),
             PhotosPerCase);
    QCOMPARE(world.clientNumber(u"SELECT max(attempt_number) FROM fact_upload_attempts"_s), 1);
    QVERIFY(world.drain(world.client));
    QCOMPARE(world.violations(), QString());
}

void TestF9Commit::aCommitAndAnAbortHaveOneWinner_data()
{
    QTest::addColumn<When>("when");
    QTest::newRow("the answer comes later than a cancel") << When::CancelBeforeTheAnswer;
    QTest::newRow("the answer comes earlier than a cancel") << When::CancelAfterTheAnswer;
    QTest::newRow("the answer comes later than an abort that was on its way") << When::AbortBeforeTheAnswer;
    QTest::newRow("a cancel before the commit, whose abort arrives") << When::CancelBeforeTheCommit;
}

/// With the engine itself, which a person may ask to cancel. Behind the commit no abort leaves it, so the one that overtook it on the
/// wire is the test's.
void TestF9Commit::aCommitAndAnAbortHaveOneWinner()
{
    QFETCH(const When, when);
    const bool isCancelledForGood = when == When::CancelBeforeTheCommit;
    pipeline::EngineRig rig;
    QVERIFY(rig.startServer());
    for (int i = 0; i < PhotosPerCase; ++i)
        rig.photo(nameOf(i), i);
    rig.startEngine();
    for (int i = 0; i < PhotosPerCase; ++i) {
        rig.proxy().add(isCancelledForGood ? Fault{.method = "PUT", .isAnswerHeld = true}
                                           : Fault{.method = "POST", .pathPart = Commit, .isAnswerHeld = true});
        rig.drop({nameOf(i)});
        QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 30000);
        if (when == When::CancelAfterTheAnswer)
            rig.proxy().release();
        if (when == When::AbortBeforeTheAnswer)
            QCOMPARE(abortOnTheWire(rig, rig.attempts(nameOf(i)).first().attempt.clientUploadId), false);
        else
            rig.engine().cancelItems({rig.itemId(nameOf(i))});
        if (isCancelledForGood) // the part that is under way is broken off
            QTRY_COMPARE_WITH_TIMEOUT(rig.state(nameOf(i)), ItemState::Cancelled, 30000);
        rig.proxy().release();
        if (!isCancelledForGood)
            QTRY_COMPARE_WITH_TIMEOUT(rig.state(nameOf(i)), ItemState::Succeeded, 30000);
    }

    const int kept = isCancelledForGood ? 0 : PhotosPerCase;
    const QString server = rig.serverFolder() + u"/server.sqlite"_s;
    QTRY_COMPARE_WITH_TIMEOUT(rig.count("POST", "/abort"),
                              isCancelledForGood || when == When::AbortBeforeTheAnswer ? PhotosPerCase : 0, 30000);
    QTRY_COMPARE_WITH_TIMEOUT(faults::numberFrom(server, u"SELECT count(*) FROM server_uploads WHERE state = 'aborted'"_s), PhotosPerCase - kept, 30000);
    QCOMPARE(faults::numberFrom(server, u"SELECT count(*) FROM server_assets"_s), kept);
    QCOMPARE(faults::FaultFolders::filesBelow(QFile::encodeName(rig.serverFolder() + u"/objects"_s)).size(), kept);
    QCOMPARE(rig.statuses(nameOf(0)), QList{isCancelledForGood ? Status::Cancelled : Status::Succeeded});
}

QTEST_GUILESS_MAIN(TestF9Commit)
#include "tst_f9_commit.moc"
