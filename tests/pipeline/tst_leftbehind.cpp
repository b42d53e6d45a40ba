#include "tests/pipeline/enginerig.h"

#include <QJsonDocument>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using pipeline::EngineRig;
using pipeline::QueueState;

/// Attempts that were under way when the program ended, and a server that is not there when it starts again: nobody gets a slot, and
/// the photo is a person's and the policy's all the same.
class TestLeftBehind final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void canBeCancelledWhileTheServerIsAway_data();
    void canBeCancelledWhileTheServerIsAway();
    void endsAfterItsTimeAndItsPhotoGoesOnWhereItWas();
    void whatAPersonPausedIsNotEnded();
    void runsOnWhenTheServerIsBackInTime();
    void aPauseThatOutlivesARestartIsNoWait();

private:
    /// a.jpg arrives at the server and the client does not hear of it; then the program ends, and starts again without a server.
    static void startAgainWithoutServer(EngineRig &rig);
    static void letTheServerBack(EngineRig &rig);
};

void TestLeftBehind::startAgainWithoutServer(EngineRig &rig)
{
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);
    rig.stopEngine();
    rig.proxy().drop();
    rig.proxy().setDown(true);
    rig.startEngine();
    QTRY_COMPARE(rig.queueState().hold, QueueState::Hold::ServerUnreachable);
}

void TestLeftBehind::letTheServerBack(EngineRig &rig)
{
    rig.proxy().setDown(false);
    rig.engine().tryNow();
    QTRY_VERIFY(rig.queueState().isServerReachable);
}

void TestLeftBehind::canBeCancelledWhileTheServerIsAway_data()
{
    QTest::addColumn<bool>("isWholeDrop");
    QTest::newRow("the photo") << false;
    QTest::newRow("its drop") << true;
}

void TestLeftBehind::canBeCancelledWhileTheServerIsAway()
{
    QFETCH(const bool, isWholeDrop);
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.longForMs = 60000;
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.photo(u"b.jpg"_s, 2);
    rig.proxy().add({.method = "PUT", .isAnswerHeld = true});
    rig.startEngine();
    const QUuid batch = rig.drop({u"a.jpg"_s});
    startAgainWithoutServer(rig);
    if (QTest::currentTestFailed())
        return;

    if (isWholeDrop)
        rig.engine().cancelBatch(batch);
    else
        rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});

    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Cancelled);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Cancelled});
    QCOMPARE(rig.errors(u"a.jpg"_s), QStringList(u"USER_CANCELLED!"_s));
    letTheServerBack(rig);
    rig.drop({u"b.jpg"_s});
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"b.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::Cancelled);
    QCOMPARE(rig.questions(), 2); // one for each photo
}

void TestLeftBehind::endsAfterItsTimeAndItsPhotoGoesOnWhereItWas()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add({.method = "PUT", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop();
    startAgainWithoutServer(rig);
    if (QTest::currentTestFailed())
        return;

    QTRY_COMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Failed});
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::WaitingToRetry);
    QCOMPARE(rig.errors(u"a.jpg"_s), QStringList(u"NETWORK_CONNECT_FAILED!"_s));
    QCOMPARE(rig.item(u"a.jpg"_s)->errorStage, Stage::Transfer);
    letTheServerBack(rig);

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), (QList{Status::Failed, Status::Succeeded}));
    QCOMPARE(rig.count("PUT", {}), 1); // the server had it
}

void TestLeftBehind::whatAPersonPausedIsNotEnded()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.photo(u"b.jpg"_s, 2);
    rig.proxy().add({.method = "PUT", .times = -1, .isAnswerHeld = true});
    rig.startEngine();
    rig.drop({u"b.jpg"_s});
    const QUuid batch = rig.drop({u"a.jpg"_s});
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 2, 20000);
    rig.engine().pauseBatch(batch);
    QTRY_VERIFY(rig.batches().constFirst().isPaused);
    rig.stopEngine();
    rig.proxy().setDown(true);
    rig.startEngine();

    QTRY_COMPARE(rig.statuses(u"b.jpg"_s), QList{Status::Failed});

    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Running});
    QVERIFY(rig.errors(u"a.jpg"_s).isEmpty());
}

void TestLeftBehind::runsOnWhenTheServerIsBackInTime()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.longForMs = 60000;
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add({.method = "PUT", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop();
    startAgainWithoutServer(rig);
    if (QTest::currentTestFailed())
        return;
    rig.restartEngine(); // twice without a server: nothing of the attempt has changed
    const int version = rig.attempts(u"a.jpg"_s).constFirst().attempt.rowVersion;
    rig.restartEngine();
    QCOMPARE(rig.attempts(u"a.jpg"_s).constFirst().attempt.rowVersion, version);

    letTheServerBack(rig);

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Succeeded});
    QCOMPARE(rig.count("PUT", {}), 1);
}

void TestLeftBehind::aPauseThatOutlivesARestartIsNoWait()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add({.method = "PUT", .isAnswerHeld = true});
    rig.startEngine();
    QElapsedTimer total;
    total.start();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);
    rig.engine().pauseAll();
    QTRY_COMPARE(rig.queueState().hold, QueueState::Hold::PausedByYou);
    rig.stopEngine();
    rig.proxy().drop();
    constexpr int OffMs = 2000;
    QElapsedTimer clock;
    clock.start();
    QTRY_VERIFY(clock.elapsed() > OffMs); // the program is off
    for (int run = 0; run < 2; ++run) {
        rig.startEngine();
        clock.restart();
        QTRY_VERIFY(clock.elapsed() > 1000); // and on, and paused
        if (run == 0)
            rig.stopEngine();
    }

    rig.engine().resumeAll();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    const QJsonObject metadata = rig.attempts(u"a.jpg"_s).constFirst().attempt.metadata;
    const QByteArray told = QJsonDocument(metadata).toJson();
    QVERIFY2(metadata["paused_ms"_L1].toInt() >= 2000, told.constData());
    const int counted = metadata["paused_ms"_L1].toInt() + metadata["waited_ms"_L1].toInt();
    QVERIFY2(counted <= total.elapsed() - OffMs, told.constData()); // while the program was off, nobody paused and nothing waited
    QVERIFY2(metadata["waited_ms"_L1].toInt() < 1000, told.constData()); // of the two seconds and more of the pause, none
    QCOMPARE(metadata["restarts"_L1].toInt(), 1);
}

QTEST_GUILESS_MAIN(TestLeftBehind)
#include "tst_leftbehind.moc"
