#include "tests/pipeline/enginerig.h"
#include "tests/support/smallphotos.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using pipeline::EngineRig;

/// How many photos still have to be sent, and how fast they go, whatever happened to the others.
class TestQueueFigures final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void photoThatIsSkippedAfterItFailedIsNotSubtractedTwice();
    void photoThatIsTriedAgainCountsAgain();
    void pausedQueueStandsStillByItself();
    void partsThatTheServerHasAreNotLeft();
    void committedPhotosAreNotLeft();
};

void TestQueueFigures::photoThatIsSkippedAfterItFailedIsNotSubtractedTwice()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.file(u"bad/1.jpg"_s, support::jpegBytes(9).first(200) + QByteArray(4000, '\x11'));
    rig.startEngine();
    rig.drop({u"bad"_s});
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"bad/1.jpg"_s), ItemState::NeedsYou, 20000);
    const QUuid bad = rig.itemId(u"bad/1.jpg"_s);
    rig.engine().pauseAll();
    for (int i = 1; i <= 3; ++i)
        rig.photo(u"good/%1.jpg"_s.arg(i), i);
    rig.drop({u"good"_s});
    QTRY_COMPARE(rig.queueState().waiting, 3);

    rig.engine().skipItems({bad});

    QTRY_COMPARE(rig.batches().last().needsYou, 0);
    rig.engine().setRateLimitForNow(1'000'000);
    QTRY_COMPARE(rig.queueState().rateLimit, 1'000'000); // said after that
    QCOMPARE(rig.queueState().waiting, 3);
}

void TestQueueFigures::photoThatIsTriedAgainCountsAgain()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.file(u"empty.jpg"_s, {});
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"empty.jpg"_s), ItemState::Skipped, 20000); // without an attempt
    QTRY_COMPARE(rig.queueState().waiting, 0);
    rig.engine().pauseAll();

    rig.engine().retryItems({rig.itemId(u"empty.jpg"_s)});

    QTRY_COMPARE(rig.queueState().waiting, 1);
}

void TestQueueFigures::pausedQueueStandsStillByItself()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.jobs = 1;
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.largePhoto(u"a.jpg"_s);
    rig.startEngine();
    qint64 speedOfPhoto = 0; // as last said
    QObject::connect(&rig.engine(), &pipeline::Engine::progressSampled, &rig.engine(), [&](const QList<pipeline::ItemProgress> &items) {
        if (!items.isEmpty())
            speedOfPhoto = items.last().bytesPerSecond;
    });
    rig.engine().setRateLimitForNow(16'000'000); // its part ends in full flight
    rig.drop();
    QTRY_VERIFY_WITH_TIMEOUT(speedOfPhoto > 0 && rig.queueState().bytesPerSecond > 0, 20000);

    rig.engine().pauseAll();

    QTRY_COMPARE_WITH_TIMEOUT(rig.statuses(u"a.jpg"_s), QList{Status::Paused}, 20000);
    QTRY_COMPARE(rig.queueState().bytesPerSecond, 0);
    QCOMPARE(speedOfPhoto, 0);
}

void TestQueueFigures::partsThatTheServerHasAreNotLeft()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.jobs = 1;
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.largePhoto(u"a.jpg"_s);
    rig.proxy().add({.method = "PUT", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);
    QTRY_COMPARE(rig.queueState().bytesLeft, rig.item(u"a.jpg"_s)->identity.size);

    rig.engine().pauseAll();
    QTRY_COMPARE(rig.queueState().hold, pipeline::QueueState::Hold::PausedByYou);
    rig.proxy().release();

    QTRY_COMPARE(rig.queueState().bytesLeft, rig.item(u"a.jpg"_s)->identity.size - wire::PartBytes);
}

void TestQueueFigures::committedPhotosAreNotLeft()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photos(3);
    rig.proxy().add({.pathPart = "/v1/status", .times = -1, .isAnswerHeld = true}); // nobody hears that the server has finished
    rig.startEngine();
    rig.drop();

    QTRY_VERIFY_WITH_TIMEOUT(rig.queueState().active == 3 && rig.queueState().leaving == 0, 20000);
    QCOMPARE(rig.queueState().bytesLeft, 0);
    rig.proxy().release();
}

QTEST_GUILESS_MAIN(TestQueueFigures)
#include "tst_queuefigures.moc"
