#include "app/server/work/lastseen.h"
#include "tests/server/apitest.h"

#include "models/vocabulary/ids.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using Kind = wire::MirrorEvent::Kind;

/// What clients say of themselves, and when each was last heard of.
class TestApiHeartbeats : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void heartbeatArrives();
    void everyClientIsSeenWithItsNewestHeartbeat();

private:
    /// One of the numbers that the answer to these has.
    int told(const QList<wire::MirrorEvent> &events, QLatin1StringView field) { return rig->events(events).json.value(field).toInt(-1); }
};

void TestApiHeartbeats::heartbeatArrives()
{
    HeartbeatRecord heartbeat;
    heartbeat.heartbeatId = newUuid7();
    heartbeat.surroundings = photoOf(1).question.attempt.surroundings;
    heartbeat.capturedMs = nowMs();
    heartbeat.metrics.insert(u"outbox_depth"_s, 7);

    const QList<wire::MirrorEvent> events{{heartbeat.heartbeatId, Kind::Heartbeat, toJson(heartbeat)}};
    QCOMPARE(told(events, "applied"_L1), 1);
    QCOMPARE(told(events, "repeated"_L1), 1);

    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_client_heartbeats WHERE received_timestamp IS NOT NULL"_s), 1);
}

void TestApiHeartbeats::everyClientIsSeenWithItsNewestHeartbeat()
{
    QList<wire::MirrorEvent> events;
    const auto beat = [&events](const QString &deviceId, const QString &osVersion, qint64 capturedMs) {
        HeartbeatRecord heartbeat;
        heartbeat.heartbeatId = newUuid7(capturedMs);
        heartbeat.surroundings = photoOf(1).question.attempt.surroundings;
        heartbeat.surroundings.device.deviceId = deviceId;
        heartbeat.surroundings.device.osVersion = osVersion;
        heartbeat.capturedMs = capturedMs;
        events.append({heartbeat.heartbeatId, Kind::Heartbeat, toJson(heartbeat)});
    };
    // Its clock was a year ahead once; it has come back since.
    beat(u"three"_s, u"12"_s, nowMs() + 365LL * 86'400'000);
    QCOMPARE(told(std::exchange(events, {}), "applied"_L1), 1);
    const qint64 received = nowMs();
    QVERIFY(QTest::qWaitFor([received] { return nowMs() > received; })); // what comes now comes later, also by a clock of milliseconds
    const qint64 now = nowMs();
    beat(u"three"_s, u"12"_s, now - 2000);
    beat(u"one"_s, u"12"_s, now - 1000);
    beat(u"one"_s, u"13"_s, now); // upgraded
    beat(u"one"_s, u"12"_s, now - 3000);
    beat(u"two"_s, u"12"_s, now - 2000);
    QCOMPARE(told(events, "applied"_L1), 5);

    QList<server::ClientSeen> clients;
    rig->onDatabase([&clients](const QSqlDatabase &database) {
        const auto seen = server::lastSeen(database);
        QVERIFY(seen);
        clients = *seen;
    });

    QCOMPARE(clients.size(), 3);
    for (const server::ClientSeen &client : std::as_const(clients)) {
        QCOMPARE(client.capturedMs, client.deviceId == "one"_L1 ? now : now - 2000);
        QVERIFY(client.receivedMs >= now);
        QCOMPARE(client.userId, u"local"_s);
        QCOMPARE(client.userName, u"local"_s);
        QCOMPARE(client.appVersion, u"0.1.0"_s);
    }
}

QTEST_GUILESS_MAIN(TestApiHeartbeats)
#include "tst_apiheartbeats.moc"
