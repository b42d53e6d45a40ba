#include "tests/faults/proxiedworld.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::ProxiedWorld;
using support::CliAnswer;

namespace {
constexpr int Kills = 10;
constexpr qint64 MostDrainMs = 60 * 1000;

const QString Waiting = u"SELECT count(*) FROM outbox WHERE sent_ms IS NULL"_s;
}

/// F10: the photo is verified, its telemetry is not there yet, and the client is killed, 10 times. After the start the outbox drains.
class TestF10Outbox : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatWasRecordedArrivesAfterTheStart()
    {
        ProxiedWorld world;
        for (int i = 0; i < Kills; ++i)
            QVERIFY(world.folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
        QVERIFY(world.folders.remember() && world.start());

        for (int i = 0; i < Kills; ++i) {
            const QStringList command = world.upload(world.folders.path("photo" + QByteArray::number(i) + ".jpg"));
            world.proxy.add({.pathPart = "/v1/events",
                             .times = -1,
                             .answerAtOnce = support::FaultProxy::ourAnswer(503, R"({"status":503,"code":"API_UNAVAILABLE","request_id":"r"})")});
            world.client.setEnvironment({u"PHOTOLIFT_KILL_AT=pipeline.end"_s});
            const CliAnswer killed = world.client.run(command);
            QVERIFY2(killed.wasKilled, qPrintable(killed.toText()));
            QVERIFY(world.clientNumber(Waiting) > 0);

            world.client.setEnvironment({});
            world.proxy.clearFaults();
            const CliAnswer answer = world.client.run(command);
            QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
            QVERIFY2(answer.durationMs <= MostDrainMs, qPrintable(answer.toText()));
            QCOMPARE(world.clientNumber(Waiting), 0);
        }

        QCOMPARE(world.serverNumber(u"SELECT count(*) FROM fact_upload_attempts"_s),
                 world.clientNumber(u"SELECT count(*) FROM fact_upload_attempts"_s));
        QCOMPARE(world.violations(), QString()); // I4 among them: the sets of both sides are equal, nothing twice
    }
};

QTEST_GUILESS_MAIN(TestF10Outbox)
#include "tst_f10_outbox.moc"
