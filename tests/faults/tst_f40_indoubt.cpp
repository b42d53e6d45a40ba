#include "models/vocabulary/ids.h"
#include "models/wire/messages.h"
#include "tests/server/desk.h"
#include "tests/support/organisationrun.h"
#include "tests/support/serverrun.h"

#include <QProcess>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTest>

#include <array>

using namespace Qt::StringLiterals;
using namespace photolift;
using support::OrganisationRun;
using support::PostgresRun;
using test::Desk;
using test::Photo;
using test::RawAnswer;
using test::RawClient;

Q_DECLARE_METATYPE(Photo)

namespace {

/// Sessions of a login whose commit is on the disk of the database, and waits for its standby. Only a superuser sees what those of others wait for.
QString waiting(const QString &login)
{
    return u"FROM pg_stat_activity WHERE usename = 'photolift_%1' AND wait_event = 'SyncRep'"_s.arg(login);
}

/// Those of them that have written this table: a transaction keeps its locks until its commit has arrived.
QString waitingWith(const QString &table)
{
    return u"FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE wait_event = 'SyncRep' AND mode = 'RowExclusiveLock' AND relation = '%1'::regclass"_s
        .arg(table);
}

/// Each row of these stages, and how many stages that are.
const QString StageRows = u"SELECT count(*) || ' of ' || count(DISTINCT s.stage_name) FROM fact_upload_stages s JOIN fact_upload_attempts a"
                          " USING (upload_id, date_key) WHERE a.client_upload_id = '%1'"_s;
const QString AllServerStages = u"6 of 6"_s;

HeartbeatRecord heartbeatOf(const Photo &photo)
{
    HeartbeatRecord heartbeat;
    heartbeat.heartbeatId = newUuid7();
    heartbeat.surroundings = photo.question.attempt.surroundings;
    // Another computer: who describes the same one anew waits for the other to be done.
    heartbeat.surroundings.device.deviceId = u"another"_s;
    heartbeat.surroundings.app.buildNumber = u"another"_s;
    heartbeat.surroundings.network.carrierName = u"another"_s;
    heartbeat.capturedMs = nowMs();
    return heartbeat;
}

QJsonObject eventOf(const HeartbeatRecord &heartbeat)
{
    return wire::toJson(wire::MirrorEvent{heartbeat.heartbeatId, wire::MirrorEvent::Kind::Heartbeat, toJson(heartbeat)});
}

} // namespace

/// F40: a commit that the database has written, and whose answer is lost: its synchronous standby is away, so it waits, and then its session ends. Nobody was
/// told of it, and whoever asks again may be told only when the standby has it, too.
class TestF40InDoubt : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void whatNobodyWasToldOfIsThereOnce_data();
    void whatNobodyWasToldOfIsThereOnce();
    void aStageIsRecordedOnce();
    void aStartThatWaitsSaysSoAndEnds();
    void whatWasToldIsOnTheStandby();

private:
    int number(const QString &question) { return m_organisation.sql(question).toInt(); }
    int waitingSessions(const QString &login) { return number(u"SELECT count(*) "_s + waiting(login)); }
    bool waitsWith(const QString &table) { return number(u"SELECT count(*) "_s + waitingWith(table)) > 0; }
    bool hasStandby(bool isThere)
    {
        const QString state = u"SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"_s;
        return QTest::qWaitFor([&] { return number(state) == int(isThere); }, 30'000);
    }
    bool isThrough(const QUuid &upload)
    {
        return QTest::qWaitFor([&] { return m_desk.status(upload).status == Status::Succeeded; }, 60'000);
    }

    OrganisationRun m_organisation;
    PostgresRun m_standby;
    Desk m_desk;
    QList<QUuid> m_uploads; ///< whose end was told
    int m_heartbeats = 0;   ///< likewise
};

void TestF40InDoubt::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.openPhotosWith(support::programFolder() + u"/hostilephoto"_s), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    m_desk.port = static_cast<quint16>(m_organisation.address().port());
    m_desk.signIn(m_organisation.command({u"token"_s, u"create"_s, u"anna"_s}));
    QVERIFY(!m_desk.token.isEmpty());
    // What all of them name is written down: else who names it a second time waits for the one who did so first.
    const Photo first = test::photoOf(100);
    m_uploads.append(m_desk.sent(first));
    (void)m_desk.call(Desk::path(m_uploads.last(), "/commit"), wire::toJson(test::commitOf(first)), 202);
    QVERIFY(isThrough(m_uploads.last()));
    (void)m_desk.call("POST /v1/events", eventOf(heartbeatOf(first)));
    ++m_heartbeats;

    QVERIFY2(m_standby.startReplicaOf(m_organisation.postgres()), qPrintable(m_standby.failure()));
    QVERIFY2(m_organisation.tell(u"ALTER SYSTEM SET synchronous_standby_names = '*'"_s) && m_organisation.tell(u"SELECT pg_reload_conf()"_s),
             qPrintable(m_organisation.failure()));
    QVERIFY(hasStandby(true));
}

void TestF40InDoubt::whatNobodyWasToldOfIsThereOnce_data()
{
    QTest::addColumn<bool>("isCut");
    QTest::addColumn<Photo>("photo");
    QTest::newRow("the database is stopped at once, and recovers") << true << test::photoOf(1);
    QTest::newRow("somebody ends the sessions") << false << test::photoOf(2);
}

void TestF40InDoubt::whatNobodyWasToldOfIsThereOnce()
{
    QFETCH(bool, isCut);
    QFETCH(Photo, photo);
    // All its connections are there: a new one would wait for the standby before it writes anything.
    QCOMPARE(m_organisation.stopServer(0), 0);
    QVERIFY2(m_organisation.restartServer(0), qPrintable(m_organisation.failure()));
    const QUuid upload = m_desk.sent(photo);
    const HeartbeatRecord heartbeat = heartbeatOf(photo);
    const std::array calls{
        m_desk.request(Desk::path(upload, "/commit"), wire::toJson(test::commitOf(photo))),
        m_desk.request("POST /v1/events", eventOf(heartbeat)),
    };
    const QString committed = u"SELECT count(*) FROM server_uploads WHERE committed_ms IS NOT NULL AND upload_id = '%1'"_s.arg(idText(upload));
    const QString heard = u"SELECT count(*) FROM fact_client_heartbeats WHERE heartbeat_id = '%1'"_s.arg(idText(heartbeat.heartbeatId));
    QVERIFY2(m_standby.stop(), qPrintable(m_standby.failure()));
    QVERIFY(hasStandby(false));

    {
        std::array<RawClient, 2> lines{RawClient(m_desk.port), RawClient(m_desk.port)};
        QVERIFY(lines[0].send(calls[0]) && lines[1].send(calls[1]));
        QVERIFY2(QTest::qWaitFor([&] { return waitsWith(u"server_uploads"_s) && waitsWith(u"fact_client_heartbeats"_s); }, 20'000),
                 qPrintable(m_organisation.sql(u"SELECT string_agg(concat_ws(' ', usename, state, wait_event, query), chr(10)) FROM pg_stat_activity"_s)));
        QVERIFY(!lines[0].hasDataWithin({}) && !lines[1].hasDataWithin({}));
        QCOMPARE(number(committed) + number(heard), 0); // nobody sees what waits

        if (isCut)
            QVERIFY2(m_organisation.postgres().cut(), qPrintable(m_organisation.postgres().failure()));
        else
            QVERIFY2(m_organisation.tell(u"SELECT pg_terminate_backend(pid) "_s + waiting(u"app"_s)), qPrintable(m_organisation.failure()));

        for (RawClient &line : lines) {
            const RawAnswer answer = line.read();
            QCOMPARE(answer.status, 503);
            QVERIFY(answer.headers.value("retry-after").toInt() > 0);
        }
    }
    QTRY_COMPARE_WITH_TIMEOUT(number(committed), 1, 20'000);
    QCOMPARE(number(heard), 1);

    // After an end by hand PostgreSQL shows to all what the standby has not; after a stop it is ours to wait.
    if (!isCut)
        QVERIFY2(m_standby.start() && hasStandby(true), qPrintable(m_standby.failure()));
    std::array<RawClient, 3> lines{RawClient(m_desk.port), RawClient(m_desk.port), RawClient(m_desk.port)};
    QVERIFY(lines[0].send(calls[0]) && lines[1].send(calls[1]));
    QVERIFY(lines[2].send(m_desk.request("POST /v1/status", wire::toJson(wire::StatusQuery{{{upload, 0}}, 0}))));
    if (isCut) {
        const auto answered = [&lines] { return std::ranges::count_if(lines, [](RawClient &line) { return line.hasDataWithin({}); }); };
        QVERIFY(QTest::qWaitFor([&] { return answered() > 0 || waitingSessions(u"app"_s) >= int(lines.size()); }, 20'000));
        QCOMPARE(answered(), 0);
        QVERIFY2(m_standby.start() && hasStandby(true), qPrintable(m_standby.failure()));
    }
    QCOMPARE(lines[0].read().status, 202);
    const RawAnswer repeated = lines[1].read();
    QCOMPARE(repeated.status, 200);
    const QJsonObject counts = QJsonDocument::fromJson(repeated.body).object();
    QCOMPARE(counts.value("repeated"_L1).toInt(), 1);
    QCOMPARE(counts.value("applied"_L1).toInt(), 0);
    QCOMPARE(lines[2].read().status, 200);

    QVERIFY(isThrough(upload));
    QCOMPARE(number(heard), 1);
    QCOMPARE(number(u"SELECT count(*) FROM fact_upload_attempts WHERE client_upload_id = '%1'"_s.arg(idText(photo.question.attempt.clientUploadId))), 1);
    QCOMPARE(m_organisation.sql(StageRows.arg(idText(photo.question.attempt.clientUploadId))), AllServerStages);
    QTRY_COMPARE_WITH_TIMEOUT(number(u"SELECT count(*) FROM server_jobs"_s), 0, 30'000);
    m_uploads.append(upload);
    QCOMPARE(number(u"SELECT count(*) FROM server_assets"_s), m_uploads.size());
    ++m_heartbeats;
}

void TestF40InDoubt::aStageIsRecordedOnce()
{
    Photo photo = test::photoOf(3);
    photo.bytes.append("HOSTILE:slow"); // its check takes three seconds
    photo.sha256 = photo.question.sha256 = Desk::hexOf(photo::DigestKind::Sha256, photo.bytes);
    photo.question.size = photo.question.attempt.fileSize = photo.bytes.size();
    const QUuid upload = m_desk.sent(photo);
    QSqlDatabase held = m_organisation.openDatabase(u"held"_s);
    (void)m_desk.call(Desk::path(upload, "/commit"), wire::toJson(test::commitOf(photo)), 202);
    const QString validation = u"SELECT count(*) FROM fact_upload_stages s JOIN fact_upload_attempts a USING (upload_id, date_key)"
                               " WHERE s.stage_name = 'validation' AND a.client_upload_id = '%1'"_s.arg(idText(photo.question.attempt.clientUploadId));
    QTRY_COMPARE_WITH_TIMEOUT(number(validation), 1, 20'000);
    const QString ended = validation + u" AND s.stage_end_timestamp IS NOT NULL"_s;
    {
        // Its end is held up until the standby is gone: else a lease that is renewed may be the first to wait, and be waited for.
        QSqlQuery hold(held);
        QVERIFY(held.transaction() && hold.exec(QString(validation).replace(u"count(*)"_s, u"1"_s) + u" FOR UPDATE OF s"_s));
        QTRY_VERIFY_WITH_TIMEOUT(number(u"SELECT count(*) FROM pg_stat_activity WHERE usename = 'photolift_worker' AND wait_event_type = 'Lock'"_s) > 0, 20'000);
        m_standby.kill(); // at once: what is held has few seconds
        hold.finish();
        QVERIFY(held.rollback());
    }
    held = {};
    QSqlDatabase::removeDatabase(u"held"_s);
    QTRY_VERIFY_WITH_TIMEOUT(waitsWith(u"fact_upload_stages"_s), 20'000);
    QCOMPARE(number(ended), 0);

    QVERIFY2(m_organisation.postgres().cut(), qPrintable(m_organisation.postgres().failure()));
    QCOMPARE(number(ended), 1); // it was the end of this stage that waited
    const QString asItWas = m_organisation.sql(QString(validation).replace(u"count(*)"_s, u"row_to_json(s)::text"_s));
    QVERIFY2(m_standby.start() && hasStandby(true), qPrintable(m_standby.failure()));

    QVERIFY(isThrough(upload));
    QCOMPARE(m_organisation.sql(QString(validation).replace(u"count(*)"_s, u"row_to_json(s)::text"_s)), asItWas);
    QCOMPARE(m_organisation.sql(StageRows.arg(idText(photo.question.attempt.clientUploadId))), AllServerStages);
    QTRY_COMPARE_WITH_TIMEOUT(number(u"SELECT count(*) FROM server_jobs"_s), 0, 30'000);
    m_uploads.append(upload);
    QCOMPARE(number(u"SELECT count(*) FROM server_assets"_s), m_uploads.size());
}

void TestF40InDoubt::aStartThatWaitsSaysSoAndEnds()
{
    m_organisation.killServer(0);
    QVERIFY2(m_standby.stop(), qPrintable(m_standby.failure()));
    QVERIFY(hasStandby(false));
    QTRY_COMPARE_WITH_TIMEOUT(number(u"SELECT count(*) FROM pg_stat_activity WHERE usename = 'photolift_app'"_s), 0, 20'000);
    QProcess server;
    server.start(support::programFolder() + u"/photolift-server"_s, {u"--config"_s, m_organisation.path(u"server-0.toml"_s)});
    QTRY_VERIFY_WITH_TIMEOUT(waitingSessions(u"app"_s) > 0, 20'000);
    QByteArray said;
    QVERIFY2(QTest::qWaitFor([&] { return said.append(server.readAllStandardError()).contains("waiting for the synchronous standby"); }, 20'000), said.constData());

    server.terminate();

    QVERIFY(server.waitForFinished(20'000));
    QVERIFY2(m_standby.start() && hasStandby(true), qPrintable(m_standby.failure()));
    QVERIFY2(m_organisation.restartServer(0), qPrintable(m_organisation.failure()));
    QVERIFY(isThrough(m_uploads.last()));
}

void TestF40InDoubt::whatWasToldIsOnTheStandby()
{
    QVERIFY(!m_uploads.isEmpty());
    m_organisation.postgres().kill();
    QVERIFY2(m_standby.moveTo(m_organisation.postgres().port()) && m_standby.promote(), qPrintable(m_standby.failure()));

    QCOMPARE(number(u"SELECT count(*) FROM server_assets"_s), m_uploads.size());
    QCOMPARE(number(u"SELECT count(*) FROM fact_client_heartbeats"_s), m_heartbeats);
    for (const QUuid &upload : std::as_const(m_uploads))
        QVERIFY(isThrough(upload));
}

QTEST_GUILESS_MAIN(TestF40InDoubt)
#include "tst_f40_indoubt.moc"
