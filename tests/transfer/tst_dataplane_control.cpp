#include "models/transfer/dataplane.h"
#include "tests/support/faultproxy.h"
#include "tests/transfer/partfixture.h"

#include <QElapsedTimer>
#include <QTest>

using namespace photolift;
using namespace photolift::support;
using namespace photolift::tests;
using transfer::DataPlane;

namespace {
constexpr qint64 MiB = 1024 * 1024;
}

/// What a person does to parts under way: limits them, cancels them, closes the program.
class tst_DataPlaneControl final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsToTheLimitOverAllConnections();
    void aLowLimitIsNoStall();
    void theLimitCanBeLifted();
    void cancelEndsRunningAndWaitingParts();
    void cancelLeavesOthersAlone();
    void goingAwayReportsEveryPart();
};

void tst_DataPlaneControl::keepsToTheLimitOverAllConnections()
{
    SourceFile source(4 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane plane(impatient());
    Outcomes outcomes(plane);
    plane.setRateLimit(4 * MiB);
    QElapsedTimer clock;
    clock.start();

    for (int number = 1; number <= 4; ++number)
        plane.start(partOf(source, store.url(), number, MiB));

    QTRY_COMPARE(outcomes.count(), 4);
    const qint64 tookMs = clock.elapsed();
    for (const transfer::PartOutcome &outcome : outcomes.all())
        QCOMPARE(nameOf(outcome.result), "ok");
    QCOMPARE(store.connections(), 4);
    QVERIFY2(tookMs >= 850, qPrintable(QString::number(tookMs))); // 1000 ms less the tenth of a second in the bucket, and a little
    QVERIFY2(tookMs <= 2000, qPrintable(QString::number(tookMs)));
}

void tst_DataPlaneControl::aLowLimitIsNoStall()
{
    SourceFile source(3000);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane::Options options = impatient();
    options.stallTimeoutMs = 250;
    DataPlane plane(options);
    Outcomes outcomes(plane);
    plane.setRateLimit(2000); // half a second between two packets

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "ok");
}

void tst_DataPlaneControl::theLimitCanBeLifted()
{
    SourceFile source(4 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane plane(impatient());
    Outcomes outcomes(plane);
    plane.setRateLimit(10000);
    plane.start(partOf(source, store.url()));
    QTRY_VERIFY(plane.totalSentBytes() > 0);

    plane.setRateLimit(0);

    QTRY_COMPARE(outcomes.count(), 1); // at 10 kB/s it would take seven minutes
    QCOMPARE(nameOf(outcomes.last().result), "ok");
}

void tst_DataPlaneControl::cancelEndsRunningAndWaitingParts()
{
    SourceFile source(8 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane plane(impatient());
    Outcomes outcomes(plane);
    plane.setRateLimit(100000);
    transfer::PartJob job = partOf(source, store.url(), 1, MiB);
    for (int number = 1; number <= 8; ++number) {
        job.number = number;
        plane.start(job);
    }
    QTRY_VERIFY(plane.sentBytes(job.clientUploadId) > 0);

    plane.cancel(job.clientUploadId);

    QTRY_COMPARE(outcomes.count(), 8);
    for (const transfer::PartOutcome &outcome : outcomes.all())
        QCOMPARE(nameOf(outcome.result), "USER_CANCELLED");
    QCOMPARE(plane.sentBytes(job.clientUploadId), 0);
}

void tst_DataPlaneControl::cancelLeavesOthersAlone()
{
    SourceFile source(MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    store.add({.times = -1, .isAnswerHeld = true});
    DataPlane::Options options = impatient();
    options.stallTimeoutMs = 10000;
    DataPlane plane(options);
    Outcomes outcomes(plane);
    const transfer::PartJob unwanted = partOf(source, store.url());
    const transfer::PartJob wanted = partOf(source, store.url());
    plane.start(unwanted);
    plane.start(wanted);
    QTRY_COMPARE(store.heldAnswers(), 2);

    plane.cancel(unwanted.clientUploadId);
    QTRY_COMPARE(outcomes.count(), 1);
    store.release();

    QTRY_COMPARE(outcomes.count(), 2);
    QCOMPARE(outcomes.all().first().clientUploadId, unwanted.clientUploadId);
    QCOMPARE(nameOf(outcomes.last().result), "ok");
}

void tst_DataPlaneControl::goingAwayReportsEveryPart()
{
    SourceFile source(MiB);
    FaultProxy store;
    store.add({.times = -1, .isSilent = true});
    auto plane = std::make_unique<DataPlane>(impatient());
    Outcomes outcomes(*plane);
    for (int i = 0; i < 6; ++i)
        plane->start(partOf(source, store.url()));
    QTRY_COMPARE(store.requests().size(), 4);

    plane.reset();

    QTRY_COMPARE(outcomes.count(), 6);
    for (const transfer::PartOutcome &outcome : outcomes.all())
        QCOMPARE(nameOf(outcome.result), "USER_CANCELLED");
}

QTEST_GUILESS_MAIN(tst_DataPlaneControl)
#include "tst_dataplane_control.moc"
