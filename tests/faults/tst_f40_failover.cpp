#include "tests/faults/proxiedworld.h"
#include "tests/support/organisationcopy.h"
#include "tests/support/organisationrun.h"
#include "tests/support/rawclient.h"
#include "tests/support/smallphotos.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using support::CliAnswer;
using support::OrganisationRun;
using support::PostgresRun;
using test::RawAnswer;
using test::RawClient;

namespace {

constexpr int Photos = 30;
constexpr qint64 MostOutageMs = 30'000;
/// What the client's list has as told by the server: the bytes of this photo are right.
const QString Acknowledged = u"fact_upload_stages WHERE stage_name = 'verification' AND is_successful = 1"_s;
const QString ToldAway = u"fact_upload_errors WHERE error_code = 'API_UNAVAILABLE'"_s;
const QString Committed = u"SELECT count(*) FROM server_uploads WHERE committed_ms IS NOT NULL"_s;

} // namespace

/// F40: the database turns read-only, and a standby takes its place: a synchronous one, then one that had not heard of the last photos.
/// One server lives through all of it.
class TestF40Failover : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aReadOnlyDatabaseTakesNothing();
    void aSynchronousStandbyHasAllThatWasAcknowledged();
    void whatALateStandbyHasLostIsToldAgain();

private:
    QStringList upload(const QString &folder) const
    {
        return {u"upload"_s, folder, u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, m_token, u"--tuning"_s, m_tuning.fileName(), u"--wait"_s, u"120s"_s};
    }
    QString makePhotos(int count);
    qint64 acknowledged() const { return m_folders.rows(Acknowledged); }
    int number(const QString &question) { return m_organisation.sql(question).toInt(); }
    /// What /readyz says now.
    int ready() const { return RawClient(static_cast<quint16>(m_organisation.address().port())).ask("GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").status; }
    qsizetype logged(const QByteArray &words) const
    {
        QFile log(m_organisation.path(u"server-0.log"_s));
        return log.open(QIODevice::ReadOnly) ? log.readAll().count(words) : -1;
    }
    /// The standby stands where the other one did, and is met there before it is promoted.
    void takeOver(PostgresRun &standby);
    QStringList violations();

    OrganisationRun m_organisation;
    PostgresRun m_first;  ///< standby of the organisation's own
    PostgresRun m_second; ///< standby of m_first
    faults::FaultFolders m_folders;
    QTemporaryFile m_tuning;
    QString m_token;
    int m_photos = 0;
    int m_shoots = 0;
};

void TestF40Failover::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    m_token = m_organisation.tokenFileFor(u"anna"_s);
    QVERIFY2(!m_token.isEmpty(), qPrintable(m_organisation.failure()));
    QVERIFY(m_tuning.open() && m_tuning.write(faults::testTuning()) > 0 && m_tuning.flush());
    QCOMPARE(ready(), 200);
}

QString TestF40Failover::makePhotos(int count)
{
    const QString folder = m_folders.sourceText() + u"/shoot %1"_s.arg(++m_shoots);
    for (int i = 0; i < count; ++i, ++m_photos)
        support::writeJpeg(folder + u"/IMG_%1.JPG"_s.arg(m_photos), m_photos, 150'000);
    return m_folders.remember() ? folder : QString();
}

QStringList TestF40Failover::violations()
{
    const QTemporaryDir fresh;
    const QString copy = fresh.filePath(u"copy"_s);
    const QString failure = support::copyOrganisation(m_organisation, copy, u"anna"_s);
    return failure.isEmpty() ? support::violations({m_folders.data()}, copy, m_folders.snapshot()) : QStringList{failure};
}

void TestF40Failover::takeOver(PostgresRun &standby)
{
    const qsizetype seen = logged("a standby answers");
    QVERIFY2(standby.moveTo(m_organisation.postgres().port()), qPrintable(standby.failure()));
    // It is there, and answers questions; whoever would take it for the database would be told what was.
    QVERIFY(number(u"SELECT count(*) FROM server_state"_s) > 0);
    QTRY_VERIFY_WITH_TIMEOUT(ready() == 503 && logged("a standby answers") > seen, 30'000);

    QElapsedTimer outage;
    outage.start();
    QVERIFY2(standby.promote(), qPrintable(standby.failure()));
    QTRY_COMPARE_WITH_TIMEOUT(ready(), 200, int(MostOutageMs));
    qInfo() << "ready after the promotion, ms:" << outage.elapsed();
}

void TestF40Failover::aReadOnlyDatabaseTakesNothing()
{
    support::CliRun cli(m_folders.data());
    QVERIFY(cli.start(upload(makePhotos(Photos))));
    QTRY_VERIFY_WITH_TIMEOUT(acknowledged() >= 5, 60'000);

    QVERIFY2(m_organisation.tell(u"ALTER SYSTEM SET default_transaction_read_only = on"_s) && m_organisation.tell(u"SELECT pg_reload_conf()"_s),
             qPrintable(m_organisation.failure()));
    QTRY_COMPARE_WITH_TIMEOUT(ready(), 503, 30'000);
    QVERIFY2(acknowledged() < Photos, "it was over before");
    QTRY_VERIFY_WITH_TIMEOUT(m_folders.rows(ToldAway) > 0, 30'000);
    const int committed = number(Committed);
    const int epochs = number(u"SELECT count(*) FROM server_state WHERE key LIKE 'epoch%'"_s);
    QVERIFY(cli.isRunning());
    QCOMPARE(m_folders.rows(u"queue_items WHERE state = 'needs_you'"_s), 0);

    QVERIFY2(m_organisation.tell(u"ALTER SYSTEM RESET default_transaction_read_only"_s), qPrintable(m_organisation.failure()));
    QCOMPARE(number(Committed), committed);
    QVERIFY2(m_organisation.tell(u"SELECT pg_reload_conf()"_s), qPrintable(m_organisation.failure()));
    QTRY_COMPARE_WITH_TIMEOUT(ready(), 200, int(MostOutageMs));
    const CliAnswer answer = cli.finish(120'000);

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0 && answer.count("succeeded"_L1) == Photos, qPrintable(answer.toText()));
    QCOMPARE(number(u"SELECT count(*) FROM server_state WHERE key LIKE 'epoch%'"_s), epochs);
    QCOMPARE(violations(), QStringList());
}

void TestF40Failover::aSynchronousStandbyHasAllThatWasAcknowledged()
{
    QVERIFY2(m_first.startReplicaOf(m_organisation.postgres()), qPrintable(m_first.failure()));
    QVERIFY2(m_organisation.tell(u"ALTER SYSTEM SET synchronous_standby_names = '*'"_s) && m_organisation.tell(u"SELECT pg_reload_conf()"_s),
             qPrintable(m_organisation.failure()));
    QTRY_COMPARE_WITH_TIMEOUT(m_organisation.sql(u"SELECT string_agg(sync_state, ' ') FROM pg_stat_replication"_s), u"sync"_s, 30'000);
    const qint64 before = acknowledged();
    support::CliRun cli(m_folders.data());
    QVERIFY(cli.start(upload(makePhotos(Photos))));
    QTRY_VERIFY_WITH_TIMEOUT(acknowledged() >= before + 5, 60'000);

    // Its standby is gone: a commit is there and nobody is told. Then it is gone itself, with what nobody else has.
    QVERIFY2(m_first.stop(), qPrintable(m_first.failure()));
    QTRY_VERIFY_WITH_TIMEOUT(number(u"SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"_s) > 0, 30'000);
    m_organisation.postgres().kill();
    const qint64 told = acknowledged();
    QVERIFY2(cli.isRunning() && told < before + Photos, qPrintable(QString::number(told)));
    takeOver(m_first);
    QVERIFY(!QTest::currentTestFailed());
    const CliAnswer answer = cli.finish(120'000);

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0 && answer.count("succeeded"_L1) == Photos, qPrintable(answer.toText()));
    QCOMPARE(number(u"SELECT count(*) FROM server_assets"_s), m_photos);
    QCOMPARE(violations(), QStringList());
}

void TestF40Failover::whatALateStandbyHasLostIsToldAgain()
{
    constexpr int Heard = 3;
    constexpr int Unheard = 5;
    QVERIFY2(m_second.startReplicaOf(m_first), qPrintable(m_second.failure()));
    support::CliRun cli(m_folders.data());
    CliAnswer answer = cli.run(upload(makePhotos(Heard)));
    QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == Heard, qPrintable(answer.toText()));
    const QString heard = m_organisation.sql(u"SELECT pg_current_wal_lsn()"_s);
    QTRY_COMPARE_WITH_TIMEOUT(number(u"SELECT count(*) FROM pg_stat_replication WHERE replay_lsn >= '%1'"_s.arg(heard)), 1, 30'000);

    QVERIFY2(m_second.tell(u"photolift"_s, u"ALTER SYSTEM SET primary_conninfo = ''"_s) && m_second.tell(u"photolift"_s, u"SELECT pg_reload_conf()"_s),
             qPrintable(m_second.failure()));
    QTRY_COMPARE_WITH_TIMEOUT(number(u"SELECT count(*) FROM pg_stat_replication"_s), 0, 30'000);
    answer = cli.run(upload(makePhotos(Unheard)));
    QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == Unheard, qPrintable(answer.toText()));
    m_first.kill();
    takeOver(m_second);
    QVERIFY(!QTest::currentTestFailed());
    // That is lost, though people saw it accepted.
    QCOMPARE(number(u"SELECT count(*) FROM server_assets"_s), m_photos - Unheard);

    answer = cli.run(upload(makePhotos(1)));

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0 && answer.count("succeeded"_L1) == 1, qPrintable(answer.toText()));
    QCOMPARE(number(u"SELECT count(*) FROM server_assets"_s), m_photos);
    QCOMPARE(violations(), QStringList());
    // Nobody sends anything twice for it.
    support::CliRun another(m_folders.data() + u" of another"_s);
    answer = another.run(upload(m_folders.sourceText()));
    QVERIFY2(answer.exitCode == 0 && answer.summary->bytes == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->duplicate, m_photos);
}

QTEST_GUILESS_MAIN(TestF40Failover)
#include "tst_f40_failover.moc"
