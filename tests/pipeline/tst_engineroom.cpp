#include "models/vocabulary/ids.h"
#include "tests/pipeline/enginerig.h"

#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using pipeline::EngineRig;
using pipeline::QueueState;
using support::Fault;
using support::FaultProxy;

/// Whether there is room for what was dropped is asked before it starts, of everything that still has to be brought together, and asked
/// again with everything that changes it. How much is free the real server's answer says, in numbers of the test.
class tst_EngineRoom final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void moviesBesideAPhotoTakeNoRoom();
    void cancelOfWhatDoesNotFitLetsTheOtherDropGo_data();
    void cancelOfWhatDoesNotFitLetsTheOtherDropGo();
    void cancelThatIsTakenBackIsAskedFor();
    void twoDropsAreAskedForTogether();
    void queueOfTheRunBeforeIsAskedFor();
    void roomThatWasMadeLetsTheQueueGo();
    void photoThatEndsTakesNoRoomAnyMore();
    void uploadUnderWayHasItsRoom();
    void photoThatIsTriedAgainIsAskedFor();
};

namespace
{
constexpr qint64 Reserve = 1000;

pipeline::Tuning tuningWithReserve()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.lowSpaceBytes = Reserve;
    return tuning;
}

/// What the server says of its disk from now on.
void setFree(EngineRig &rig, qint64 bytes)
{
    wire::Info info;
    info.serverVersion = u"1"_s;
    info.serverTimeMs = nowMs();
    info.epoch = u"the-first"_s;
    info.partChecksum = u"sha256"_s;
    info.freeBytes = bytes;
    rig.proxy().clearFaults();
    rig.proxy().add(Fault{.method = "GET",
                          .pathPart = "/v1/info",
                          .times = -1,
                          .answerAtOnce = FaultProxy::ourAnswer(200, QJsonDocument(wire::toJson(info)).toJson(QJsonDocument::Compact))});
}

bool wasShownFull(const EngineRig &rig)
{
    const QList<QueueState> &states = rig.queueStates();
    return std::any_of(states.begin(), states.end(), [](const QueueState &state) { return state.hold == QueueState::Hold::NoSpace; });
}

/// One photo of 60,000 bytes, dropped and taken up while the engine pauses.
bool queueOnePhoto(EngineRig &rig, qint64 freeBytes)
{
    rig.photo(u"a.jpg"_s, 1, 60'000);
    setFree(rig, freeBytes);
    rig.startEngine();
    rig.engine().pauseAll();
    rig.drop({u"a.jpg"_s});
    return QTest::qWaitFor([&rig] { return rig.state(u"a.jpg"_s) == ItemState::Queued; });
}

bool isHeldForRoom(const EngineRig &rig)
{
    return QTest::qWaitFor([&rig] { return rig.queueState().hold == QueueState::Hold::NoSpace; }, 10000);
}

/// Written a moment ago: it takes two looks, and the time between them, to see that it is none of ours.
bool makeMovie(const EngineRig &rig, const QString &name, qint64 bytes)
{
    const QByteArray head("\0\0\0\x14"
                          "ftypqt  \0\0\0\0qt  ",
                          20);
    QFile file(rig.source(name));
    return file.open(QIODevice::WriteOnly) && file.write(head + QByteArray(bytes - head.size(), 'm')) == bytes;
}
} // namespace

void tst_EngineRoom::moviesBesideAPhotoTakeNoRoom()
{
    pipeline::Tuning tuning = tuningWithReserve();
    tuning.stableLookMs = 1000; // long enough to be shown, if anything was
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1, 8'000);
    QVERIFY(makeMovie(rig, u"clip.mov"_s, 200'000));
    setFree(rig, 100'000);
    rig.startEngine();
    rig.drop();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);

    QCOMPARE(rig.state(u"clip.mov"_s), ItemState::Skipped);
    QCOMPARE(rig.errors(u"a.jpg"_s), QStringList());
    QTRY_COMPARE(rig.queueState().active, 0);
    QVERIFY(!wasShownFull(rig));
}

void tst_EngineRoom::cancelOfWhatDoesNotFitLetsTheOtherDropGo_data()
{
    QTest::addColumn<bool>("isWholeDrop");
    QTest::newRow("the drop is cancelled") << true;
    QTest::newRow("its photo is cancelled") << false;
}

void tst_EngineRoom::cancelOfWhatDoesNotFitLetsTheOtherDropGo()
{
    QFETCH(bool, isWholeDrop);
    EngineRig rig(tuningWithReserve());
    QVERIFY(rig.startServer());
    rig.photo(u"big.jpg"_s, 1, 300'000);
    rig.photo(u"small.jpg"_s, 2, 8'000);
    setFree(rig, 100'000);
    rig.startEngine();
    const QUuid big = rig.drop({u"big.jpg"_s});
    QVERIFY(isHeldForRoom(rig));
    QTRY_COMPARE(rig.queueState().neededBytes, 300'000 + Reserve);
    QCOMPARE(rig.queueState().freeBytes, 100'000);
    QVERIFY(rig.attempts(u"big.jpg"_s).isEmpty());
    rig.drop({u"small.jpg"_s});
    QTRY_COMPARE(rig.queueState().neededBytes, 308'000 + Reserve);

    if (isWholeDrop)
        rig.engine().cancelBatch(big);
    else
        rig.engine().cancelItems({rig.itemId(u"big.jpg"_s)});

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"small.jpg"_s), ItemState::Succeeded, 20000);
    QTRY_COMPARE(rig.queueState().hold, QueueState::Hold::None);
    QCOMPARE(rig.state(u"big.jpg"_s), ItemState::Cancelled);
}

void tst_EngineRoom::cancelThatIsTakenBackIsAskedFor()
{
    EngineRig rig(tuningWithReserve());
    QVERIFY(rig.startServer());
    rig.photo(u"big.jpg"_s, 1, 300'000);
    setFree(rig, 100'000);
    rig.startEngine();
    const QUuid big = rig.drop();
    QVERIFY(isHeldForRoom(rig));
    rig.engine().cancelBatch(big);
    QTRY_COMPARE_WITH_TIMEOUT(rig.queueState().hold, QueueState::Hold::None, 10000);

    rig.engine().undoCancel();

    QVERIFY(isHeldForRoom(rig));
    QCOMPARE(rig.state(u"big.jpg"_s), ItemState::Queued);
    QVERIFY(rig.attempts(u"big.jpg"_s).isEmpty());
}

void tst_EngineRoom::twoDropsAreAskedForTogether()
{
    EngineRig rig(tuningWithReserve());
    QVERIFY(rig.startServer());
    rig.photo(u"b.jpg"_s, 2, 60'000);
    QVERIFY(queueOnePhoto(rig, 100'000)); // for each of them alone

    rig.drop({u"b.jpg"_s});

    QVERIFY(isHeldForRoom(rig));
    QTRY_COMPARE(rig.queueState().neededBytes, 120'000 + Reserve);
}

void tst_EngineRoom::queueOfTheRunBeforeIsAskedFor()
{
    EngineRig rig(tuningWithReserve());
    QVERIFY(rig.startServer());
    QVERIFY(queueOnePhoto(rig, 10'000'000));
    rig.engine().resumeAll();
    rig.stopEngine();
    setFree(rig, 50'000); // meanwhile somebody else filled the disk

    rig.startEngine();

    QVERIFY(isHeldForRoom(rig));
    QCOMPARE(rig.queueState().neededBytes, 60'000 + Reserve);
    QVERIFY(rig.attempts(u"a.jpg"_s).isEmpty());
    QCOMPARE(rig.questions(), 0);
}

void tst_EngineRoom::roomThatWasMadeLetsTheQueueGo()
{
    EngineRig rig(tuningWithReserve());
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1, 60'000);
    setFree(rig, 50'000);
    rig.startEngine();
    rig.drop();
    QVERIFY(isHeldForRoom(rig));

    setFree(rig, 60'000 + Reserve);

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000); // without a click
    QTRY_COMPARE(rig.queueState().hold, QueueState::Hold::None);
}

void tst_EngineRoom::photoThatEndsTakesNoRoomAnyMore()
{
    pipeline::Tuning tuning = tuningWithReserve();
    tuning.longForMs = 60'000;
    tuning.longBaseMs = tuning.longCapMs = std::numeric_limits<int>::max(); // the hold itself, which waits a part of it by chance, does not look again
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1, 60'000);
    rig.photo(u"b.jpg"_s, 2, 60'000);
    setFree(rig, 100'000);
    rig.proxy().add(Fault{.method = "POST", .pathPart = "/v1/uploads", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop({u"a.jpg"_s});
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000); // nobody here knows that it has its room
    rig.drop({u"b.jpg"_s});
    QVERIFY(isHeldForRoom(rig));
    QCOMPARE(rig.queueState().neededBytes, 120'000 + Reserve);

    rig.proxy().release();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"b.jpg"_s), ItemState::Succeeded, 20000);
}

void tst_EngineRoom::uploadUnderWayHasItsRoom()
{
    EngineRig rig(tuningWithReserve());
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1, 60'000);
    rig.photo(u"b.jpg"_s, 2, 60'000);
    setFree(rig, 100'000);
    rig.proxy().add(Fault{.method = "PUT", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop({u"a.jpg"_s});
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);

    rig.drop({u"b.jpg"_s});

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"b.jpg"_s), ItemState::Succeeded, 20000);
    QVERIFY(!wasShownFull(rig));
    rig.proxy().release();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
}

void tst_EngineRoom::photoThatIsTriedAgainIsAskedFor()
{
    EngineRig rig(tuningWithReserve());
    QVERIFY(rig.startServer());
    QVERIFY(queueOnePhoto(rig, 10'000'000));
    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Cancelled);
    setFree(rig, 50'000);
    rig.engine().resumeAll();

    rig.engine().retryItems({rig.itemId(u"a.jpg"_s)});

    QVERIFY(isHeldForRoom(rig));
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::Queued);
    QVERIFY(rig.attempts(u"a.jpg"_s).isEmpty());
}

QTEST_GUILESS_MAIN(tst_EngineRoom)
#include "tst_engineroom.moc"
