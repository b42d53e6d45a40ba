#include "tests/faults/proxiedworld.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::ProxiedWorld;
using support::CliAnswer;
using support::Fault;

namespace {

constexpr int PhotosPerCase = 5; ///< ten cases: n = 50

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

/// The client gives up, and only then the answer comes.
void answerLaterThanOurAbort(ProxiedWorld &world, const QStringList &command)
{
    startUntilAnswerIsHeld(world, command);
    world.client.interrupt();
    QCOMPARE(world.client.finish().exitCode, 130);
    world.proxy.release();
}

/// The client is asked to give up while the answer is on its way to it.
void answerEarlierThanOurAbort(ProxiedWorld &world, const QStringList &command)
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

}

/// F9: 50 accidents around the commit. However often it is sent: one asset row, one object, the same attempt.
class TestF9Commit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPhotoIsCommittedOnce_data();
    void aPhotoIsCommittedOnce();
};

void TestF9Commit::aPhotoIsCommittedOnce_data()
{
    QTest::addColumn<Accident>("accident");
    QTest::newRow("killed before it is sent") << Accident(killBefore);
    QTest::newRow("killed after it is sent, before the answer") << Accident(killBeforeTheAnswer);
    QTest::newRow("killed after the answer") << Accident(killAfterTheAnswer);
    QTest::newRow("the answer comes later than our abort") << Accident(answerLaterThanOurAbort);
    QTest::newRow("the answer comes earlier than our abort") << Accident(answerEarlierThanOurAbort);
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

QTEST_GUILESS_MAIN(TestF9Commit)
#include "tst_f9_commit.moc"
