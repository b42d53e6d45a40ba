#include "models/mirror/mirror.h"
#include "models/store/recorder.h"
#include "models/transfer/apiclient.h"
#include "models/vocabulary/ids.h"
#include "tests/faults/proxiedworld.h"

#include <QDir>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::ProxiedWorld;
using support::Fault;

namespace {

constexpr int Events = 10'000;
const QByteArray Path = "/v1/events";

}

/// F37: 10,000 events through the real mirror to the real server, over a wire that says everything twice: the proxy replays requests,
/// and connections are reset behind a request that had arrived, so that it is sent again (M1).
class TestF37Replayed : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachEventIsOneRow()
    {
        ProxiedWorld world;
        QVERIFY(world.folders.remember() && world.start());
        QVERIFY(QDir().mkpath(world.client.dataFolder()));
        const auto recorder = store::Recorder::open(world.client.dataFolder() + u"/photolift.db"_s);
        QVERIFY(recorder);
        store::Changes changes;
        for (int i = 0; i < Events; ++i) {
            HeartbeatRecord heartbeat;
            heartbeat.heartbeatId = newUuid7();
            heartbeat.capturedMs = nowMs();
            heartbeat.surroundings.userId = u"local"_s;
            heartbeat.surroundings.device.deviceId = QString(64, u'a');
            heartbeat.surroundings.app.version = u"0.1.0"_s;
            heartbeat.metrics = {{u"number"_s, i}};
            changes.append(store::HeartbeatTaken{heartbeat});
        }
        QFuture<Result<>> recorded = (*recorder)->recordDurably(changes);
        QTRY_VERIFY_WITH_TIMEOUT(recorded.isFinished(), 60000);
        QVERIFY(recorded.result());

        for (int i = 0; i < 6; ++i) {
            world.proxy.add({.method = "POST", .pathPart = Path, .copies = 2});
            world.proxy.add({.method = "POST", .pathPart = Path, .resetAfterAnswerBytes = 0});
            world.proxy.add({.method = "POST", .pathPart = Path, .copies = 2, .resetAfterAnswerBytes = 30});
        }
        QFile token(world.serverFolder() + u"/token"_s);
        QVERIFY(token.open(QIODevice::ReadOnly));
        transfer::ApiClient api;
        api.setServer(world.proxy.url(), token.readAll().trimmed());
        mirror::Mirror mirror((*recorder)->outbox(), api);
        // A reset is waited out at once: the paces of a failing server have tests of their own.
        connect(&mirror, &mirror::Mirror::heldUp, &mirror, &mirror::Mirror::serverIsBack, Qt::QueuedConnection);
        QSignalSpy drained(&mirror, &mirror::Mirror::drained);
        mirror.start();
        QVERIFY(!drained.isEmpty() || drained.wait(100000));

        QVERIFY2(world.proxy.count("POST", Path) >= 10 + 8, qPrintable(QString::number(world.proxy.count("POST", Path)))); // some were sent again
        QCOMPARE(world.serverNumber(u"SELECT count(*) FROM fact_client_heartbeats"_s), Events);
        // Each of the numbers 0 to 9,999 once: none twice under another id, none lost for one that is there twice.
        QCOMPARE(world.serverNumber(u"SELECT count(DISTINCT json_extract(metrics, '$.number')) FROM fact_client_heartbeats"_s), Events);
        QCOMPARE(world.violations(), QString());
    }
};

QTEST_GUILESS_MAIN(TestF37Replayed)
#include "tst_f37_replayed.moc"
