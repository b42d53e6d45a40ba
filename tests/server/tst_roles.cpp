#include "app/server/objects/s3/s3bucket.h"
#include "tests/support/clirun.h"
#include "tests/support/organisationrun.h"
#include "tests/support/rawclient.h"
#include "tests/support/smallphotos.h"

#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift::support;

/// One process answers clients, two others work, two more tidy up: each with its own login, on one PostgreSQL and one S3 store.
class TestRoles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void whoDoesNotAnswerClientsListensForMonitoringOnly();
    void aWaitingCallIsWokenByAnotherProcess();
    void everyPhotoEndsOnceThoughAWorkerDies();
    void oneOfTwoTidiesUp();
    void whatARulePurgesLeavesTheStoreAndMayComeAgain();
    void whatWaitsIsListedAndDoneAtOnceWhenAsked();
    void eachProcessHasItsOwnLogin();
    void whoOnlyTidiesUpIsWatchedToo();

private:
    enum Process { Api, FirstWorker, SecondWorker, FirstTidy, SecondTidy, Retention };
    /// With a device token of its own: of one only so many exchanges a minute are allowed, and whoever has used them up waits.
    QStringList upload(const QString &photos)
    {
        return {u"upload"_s, photos, u"--server"_s, m_organisation.address(Api).toString(), u"--token-file"_s, m_organisation.tokenFileFor(u"anna"_s)};
    }
    QString makePhotos(const QString &name, int count) const;
    int number(const QString &sql) { return m_organisation.sql(sql).toInt(); }
    /// Photos in the store, and pictures made of them.
    int objects() const;
    /// Jobs that this process holds.
    int heldBy(Process process);

    OrganisationRun m_organisation;
    QTemporaryDir m_folder;
};

void TestRoles::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    for (const QString &role : {u"api"_s, u"worker"_s, u"worker"_s})
        QVERIFY2(m_organisation.startServer({role}), qPrintable(m_organisation.failure()));
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
}

QString TestRoles::makePhotos(const QString &name, int count) const
{
    static int seed = 0;
    const QString folder = m_folder.filePath(name);
    for (int i = 0; i < count; ++i)
        writeJpeg(folder + u"/100CANON/IMG_%1.JPG"_s.arg(i, 4, 10, QChar(u'0')), ++seed, 200'000);
    return folder;
}

int TestRoles::objects() const
{
    photolift::server::S3Account account;
    account.endpoint = m_organisation.store().endpoint();
    account.bucket = "photos";
    account.credentials = {CephGateway::accessKey(), CephGateway::secretKey(), CephGateway::region()};
    photolift::server::S3Client client(account);
    photolift::server::S3Bucket bucket(client, false, {});
    int count = 0;
    for (const char *prefix : {"objects/", "derived/"}) {
        const auto seen = bucket.eachObject(prefix, [&count](const photolift::server::S3Listed &) {
            ++count;
            return photolift::Result<>();
        });
        if (!seen)
            return -1;
    }
    return count;
}

int TestRoles::heldBy(Process process)
{
    QFile id(m_organisation.path(u"server-%1/server-id"_s.arg(process)));
    if (!id.open(QIODevice::ReadOnly))
        return -1;
    return number(u"SELECT count(*) FROM server_jobs WHERE lease_owner LIKE '%1/%'"_s.arg(QString::fromLatin1(id.readAll().trimmed())));
}

void TestRoles::whoDoesNotAnswerClientsListensForMonitoringOnly()
{
    for (const Process process : {FirstWorker, SecondWorker}) {
        QVERIFY(m_organisation.address(process).isEmpty());
        const auto status = [&](const QByteArray &path) {
            photolift::test::RawClient client(static_cast<quint16>(m_organisation.metrics(process).port()));
            return client.ask(QByteArray("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")).status;
        };
        QCOMPARE(status("/healthz"), 200);
        QCOMPARE(status("/readyz"), 200);
        QCOMPARE(status("/metrics"), 200);
        QCOMPARE(status("/v1/info"), 401); // whoever asks
    }
}

void TestRoles::aWaitingCallIsWokenByAnotherProcess()
{
    CliRun cli(m_folder.filePath(u"one-data"_s));

    const CliAnswer answer = cli.run(upload(makePhotos(u"one"_s, 1)));

    QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == 1, qPrintable(answer.toText()));
    QVERIFY2(answer.durationMs < 15'000, qPrintable(answer.toText())); // a call that nobody wakes waits for 20 s
}

void TestRoles::everyPhotoEndsOnceThoughAWorkerDies()
{
    constexpr int Photos = 40;
    CliRun cli(m_folder.filePath(u"many-data"_s));
    const int before = number(u"SELECT count(*) FROM server_assets"_s);

    QVERIFY(cli.start(upload(makePhotos(u"many"_s, Photos))));
    QVERIFY(QTest::qWaitFor([this] { return heldBy(FirstWorker) > 2 && heldBy(SecondWorker) > 0; }, 60'000)); // a moment, not to be asked for twice
    m_organisation.killServer(FirstWorker);
    const int orphans = heldBy(FirstWorker);
    const CliAnswer answer = cli.finish(300'000);

    QVERIFY(orphans > 0);
    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0 && answer.count("succeeded"_L1) == Photos, qPrintable(answer.toText()));
    QCOMPARE(number(u"SELECT count(*) FROM server_assets"_s) - before, Photos);
    QCOMPARE(number(u"SELECT count(*) FROM fact_upload_attempts WHERE upload_status_key <> 5"_s), 0);
    QCOMPARE(number(u"SELECT count(*) FROM server_jobs"_s), 0);
    // Each of the six stages once for each photo, none of them begun and left.
    QCOMPARE(number(u"SELECT count(*) FROM fact_upload_stages WHERE stage_name IN ('reception', 'validation', 'metadata_extraction',"
                    " 'processing', 'storage', 'indexing') AND is_successful"_s),
             6 * (Photos + before));
    QVERIFY2(m_organisation.restartServer(FirstWorker), qPrintable(m_organisation.failure()));
}

void TestRoles::oneOfTwoTidiesUp()
{
    const QString old = u"INSERT INTO server_requests (request_key, body_hash, created_ms) VALUES ('old', '', 0)"_s;
    const QString next = m_organisation.sql(u"SELECT 'fact_upload_attempts_p' || to_char(now() + interval '1 month', 'YYYYMM')"_s);
    const auto isTidy = [&] {
        return number(u"SELECT count(*) FROM server_requests WHERE request_key = 'old'"_s) == 0
            && number(u"SELECT count(*) FROM pg_class WHERE relname = '%1'"_s.arg(next)) == 1;
    };
    const auto turns = [this](const char *role) {
        return number(u"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                      " AND objid::bigint = hashtext('photolift.%1')::bigint & 4294967295"_s.arg(QLatin1StringView(role)));
    };
    const auto disturb = [&] { return m_organisation.tell(old) && m_organisation.tell(u"DROP TABLE "_s + next); };
    QVERIFY2(disturb(), qPrintable(m_organisation.failure()));
    QCOMPARE(m_organisation.stopServer(Api), 0);
    QVERIFY2(m_organisation.restartServer(Api), qPrintable(m_organisation.failure())); // neither this nor a worker does it
    QVERIFY(!isTidy());

    QVERIFY2(m_organisation.startServer({u"scheduler"_s, u"retention"_s}), qPrintable(m_organisation.failure()));
    QTRY_VERIFY_WITH_TIMEOUT(isTidy(), 20'000);
    QVERIFY2(m_organisation.startServer({u"scheduler"_s, u"retention"_s}), qPrintable(m_organisation.failure()));
    QVERIFY(disturb());
    QCOMPARE(turns("scheduler"), 1);
    QCOMPARE(turns("retention"), 1);
    QVERIFY(!isTidy());

    m_organisation.killServer(FirstTidy);

    QTRY_VERIFY_WITH_TIMEOUT(isTidy(), 40'000);
    QCOMPARE(turns("scheduler"), 1);
    QCOMPARE(turns("retention"), 1);
}

void TestRoles::whatARulePurgesLeavesTheStoreAndMayComeAgain()
{
    const QString project = QString::fromLatin1(m_organisation.command({u"project"_s, u"list"_s}).first(36));
    const int photos = number(u"SELECT count(*) FROM server_assets"_s);
    const auto passDays = [this](int days) {
        QVERIFY(m_organisation.tell(u"UPDATE server_assets SET created_ms = created_ms - %1::bigint, purge_ms = purge_ms - %1::bigint"_s.arg(days * 86'400'000LL)));
    };
    const auto dryRun = [this] { return m_organisation.command({u"purge"_s, u"--dry-run"_s}); };
    const auto nextRound = [this] {
        QCOMPARE(m_organisation.stopServer(SecondTidy), 0);
        QVERIFY2(m_organisation.restartServer(SecondTidy), qPrintable(m_organisation.failure()));
    };
    QCOMPARE(dryRun(), QByteArray());
    m_organisation.command({u"project"_s, u"set"_s, project, u"--purge-after"_s, u"7"_s});
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    passDays(7);
    QVERIFY2(dryRun().startsWith(QString(project + u"  after 7 days  to be marked %1 photos, "_s.arg(photos)).toLatin1()), dryRun().constData());

    nextRound();
    const QByteArray allMarked = "  to be marked 0 photos, 0 bytes  marked " + QByteArray::number(photos) + " photos, ";
    QTRY_VERIFY2_WITH_TIMEOUT(dryRun().contains(allMarked), dryRun().constData(), 20'000);
    QCOMPARE(m_organisation.command({u"purge"_s, u"undo"_s, project}), QByteArray(QByteArray::number(photos) + " photos stay\n"));
    QVERIFY(dryRun().contains("  marked 0 photos, 0 bytes\n"));
    QVERIFY2(dryRun().endsWith("\nhow long backups are kept is not stated (retention.backups_kept_days): what is purged stays in them\n"), dryRun().constData());
    QVERIFY(m_organisation.tell(u"UPDATE server_assets SET wanted_ms = NULL"_s));
    nextRound();
    QTRY_VERIFY2_WITH_TIMEOUT(dryRun().contains(allMarked), dryRun().constData(), 20'000);
    QVERIFY(objects() >= 3 * photos); // with thumbnail and rendition
    passDays(2);
    nextRound();

    QTRY_COMPARE_WITH_TIMEOUT(objects(), 0, 60'000);
    QTRY_COMPARE(number(u"SELECT count(*) FROM server_removals"_s), 0);
    QCOMPARE(number(u"SELECT count(*) FROM server_purges WHERE rule = 'after 7 days' AND backups_kept_days IS NULL"_s), photos);
    QCOMPARE(number(u"SELECT count(*) FROM server_assets"_s) + number(u"SELECT count(*) FROM server_objects"_s), 0);
    QCOMPARE(m_organisation.sql(u"SELECT string_agg(action, ' ' ORDER BY number) FROM server_audit WHERE subject = '%1'"_s.arg(project)),
             u"project.purge_after_changed purge.undone"_s);

    CliRun cli(m_folder.filePath(u"again-data"_s));
    const CliAnswer again = cli.run(upload(m_folder.filePath(u"one"_s)));
    QVERIFY2(again.exitCode == 0 && again.count("succeeded"_L1) == 1, qPrintable(again.toText()));
    QCOMPARE(cli.run(upload(m_folder.filePath(u"one"_s))).count("duplicate"_L1), 1);
    m_organisation.command({u"project"_s, u"set"_s, project, u"--purge-after"_s, u"keep"_s});
    QCOMPARE(dryRun(), QByteArray());
}

void TestRoles::whatWaitsIsListedAndDoneAtOnceWhenAsked()
{
    const auto list = [this] { return m_organisation.command({u"jobs"_s, u"list"_s}); };
    for (const Process process : {FirstWorker, SecondWorker})
        QCOMPARE(m_organisation.stopServer(process), 0);
    CliRun cli(m_folder.filePath(u"waiting-data"_s));
    QVERIFY(cli.start(upload(makePhotos(u"waiting"_s, 2))));
    const auto areListed = [&] { return list().count("  reception  tries 0  ") == 2; };
    QVERIFY2(QTest::qWaitFor(areListed, 30'000), list().constData());
    cli.interrupt();
    const CliAnswer answer = cli.finish();
    QVERIFY2(answer.exitCode == 130, qPrintable(answer.toText()));
    QCOMPARE(list().count("  free\n"), 2);

    // As a server leaves them that has failed three times and waits before the next.
    QVERIFY(m_organisation.tell(u"UPDATE server_jobs SET lease_owner = 'elsewhere/1', lease_until_ms = 4102444800000, tries = 3"_s));
    QCOMPARE(list().count("  tries 3  "), 2);
    QCOMPARE(list().count("  held by elsewhere/1 until 2100-01-01"), 2);
    QVERIFY2(m_organisation.restartServer(FirstWorker), qPrintable(m_organisation.failure()));
    m_organisation.command({u"jobs"_s, u"retry"_s, u"nothing"_s});
    QCOMPARE(m_organisation.lastExit(), 1);
    QVERIFY2(m_organisation.failure().contains(u"no job of an upload nothing"_s), qPrintable(m_organisation.failure()));
    QCOMPARE(list().count('\n'), 2);

    QCOMPARE(m_organisation.command({u"jobs"_s, u"retry"_s, u"all"_s}), QByteArray("2 to be done again\n"));

    QTRY_COMPARE_WITH_TIMEOUT(list(), QByteArray(), 15'000); // woken: by itself a worker looks every 20 s
    QCOMPARE(cli.run(upload(m_folder.filePath(u"waiting"_s))).exitCode, 0);
    QVERIFY2(m_organisation.restartServer(SecondWorker), qPrintable(m_organisation.failure()));
}

void TestRoles::eachProcessHasItsOwnLogin()
{
    const auto logins = [this] {
        return m_organisation.sql(u"SELECT string_agg(DISTINCT usename, ' ' ORDER BY usename) FROM pg_stat_activity"
                                  " WHERE application_name = 'photolift'"_s);
    };
    QCOMPARE(logins(), u"photolift_app photolift_retention photolift_worker"_s);
    QCOMPARE(m_organisation.stopServer(Api), 0);
    QTRY_COMPARE(logins(), u"photolift_retention photolift_worker"_s);
    for (const Process process : {FirstWorker, SecondWorker})
        QCOMPARE(m_organisation.stopServer(process), 0);
    QTRY_COMPARE(logins(), u"photolift_retention photolift_worker"_s); // the scheduler's
    QCOMPARE(m_organisation.stopServer(SecondTidy), 0);
    QTRY_COMPARE(logins(), QString());
}

/// Its login may not look at the queue; what the process counts itself is there.
void TestRoles::whoOnlyTidiesUpIsWatchedToo()
{
    QVERIFY2(m_organisation.startServer({u"retention"_s}), qPrintable(m_organisation.failure()));
    photolift::test::RawClient client(static_cast<quint16>(m_organisation.metrics(Retention).port()));

    const auto answer = client.ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");

    QCOMPARE(answer.status, 200);
    QVERIFY2(answer.body.contains("\nphotolift_store_errors_total 0\n"), answer.body.constData());
    QVERIFY2(answer.body.contains("\nphotolift_database_waiting{kind=\"read\"} 0\n"), answer.body.constData());
    QVERIFY2(!answer.body.contains("photolift_queue_"), answer.body.constData());
    QCOMPARE(m_organisation.stopServer(Retention), 0);
}

QTEST_GUILESS_MAIN(TestRoles)
#include "tst_roles.moc"
