#include "tests/support/clirun.h"
#include "tests/support/organisationcopy.h"
#include "tests/support/organisationrun.h"
#include "tests/support/smallphotos.h"

#include <QFile>
#include <QTest>

#include <csignal>

using namespace Qt::StringLiterals;
using namespace photolift::support;

/// The records are lost and put back from a backup made as the README says, while the store goes on with everything it has: what was told
/// since the backup is told again by those who know it, and what was under way comes to its one end.
class TestBackup : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void whoBacksUpReadsEverythingAndWritesNothing();
    void aBackupIsMadeWhilePhotosArrive();
    void theRecordsAreLostAndPutBack();
    void whatWasToldSinceTheBackupIsToldAgain();
    void nobodySendsAnythingTwice();
    void theComputerIsLostWhileAClientIsAtWork();

private:
    QStringList uploadWith(const QString &token, const QString &photos, const QStringList &more = {}) const
    {
        return QStringList{u"upload"_s, photos, u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, token} + more;
    }
    /// With a device token of its own: of one only so many exchanges a minute are allowed, and whoever has used them up waits.
    QStringList upload(const QString &photos, const QStringList &more = {}) { return uploadWith(m_organisation.tokenFileFor(u"anna"_s), photos, more); }
    QString makePhotos(const QString &name, int count);
    int number(const QString &sql) { return m_organisation.sql(sql).toInt(); }
    /// One of PostgreSQL's programs with its words; empty, or what was wrong.
    QString tell(const QString &program, const QStringList &words, const QString &user = PostgresRun::user(), const QString &password = {});
    /// With the words of the README; empty, or what was wrong.
    QString backUp();
    QString restore();

    OrganisationRun m_organisation;
    QTemporaryDir m_folder;
    QString m_token; ///< from before the backup
    int m_seed = 0;
    std::unique_ptr<CliRun> m_cli;
    const QString m_password = QUuid::createUuid().toString(QUuid::WithoutBraces);
};

namespace {
constexpr int Before = 3; ///< photos before the backup
constexpr int Meanwhile = 8;
constexpr int After = 2;
constexpr int Through = 12; ///< while the computer of the database is lost
}

void TestBackup::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    m_token = m_folder.filePath(u"token"_s);
    QVERIFY2(QFile::rename(m_organisation.tokenFileFor(u"anna"_s), m_token), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.tell(u"CREATE ROLE photolift_backup LOGIN BYPASSRLS PASSWORD '%1'"_s.arg(m_password)), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.tell(u"GRANT pg_read_all_data TO photolift_backup"_s), qPrintable(m_organisation.failure()));
    m_cli = std::make_unique<CliRun>(m_folder.filePath(u"anna"_s));
}

QString TestBackup::makePhotos(const QString &name, int count)
{
    const QString folder = m_folder.filePath(u"photos/"_s + name);
    for (int i = 0; i < count; ++i)
        writeJpeg(folder + u"/IMG_%1.JPG"_s.arg(i, 4, 10, QChar(u'0')), ++m_seed, 300'000);
    return folder;
}

QString TestBackup::tell(const QString &program, const QStringList &words, const QString &user, const QString &password)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"PGHOST"_s, u"127.0.0.1"_s);
    environment.insert(u"PGPORT"_s, QString::number(m_organisation.postgres().port()));
    environment.insert(u"PGUSER"_s, user);
    environment.insert(u"PGPASSWORD"_s, password.isEmpty() ? m_organisation.postgres().password() : password);
    process.setProcessEnvironment(environment);
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(u"/usr/lib/postgresql/15/bin/"_s + program, words);
    const bool isDone = process.waitForFinished(60'000) && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
    return isDone ? QString() : program + u": "_s + QString::fromUtf8(process.readAll()) + process.errorString();
}

QString TestBackup::backUp()
{
    const QStringList words{u"--format=custom"_s, u"--exclude-table-data=server_token_keys"_s};
    QFile readme(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/README.md"_s);
    const QString told = readme.open(QIODevice::ReadOnly) ? QString::fromUtf8(readme.readAll()).section(u"every night:\n\n"_s, 1).section(u"\n\n"_s, 0, 0) : QString();
    for (const QString &word : QStringList{u"umask 077"_s, u"pg_dump --host=127.0.0.1 --username=photolift_backup"_s} + words) {
        if (!told.contains(word))
            return u"the README does not say "_s + word;
    }
    return tell(u"pg_dump"_s, words + QStringList{u"--file="_s + m_folder.filePath(u"photolift.dump"_s), u"photolift"_s}, u"photolift_backup"_s, m_password);
}

QString TestBackup::restore()
{
    for (const QStringList &words : {QStringList{u"dropdb"_s, u"--if-exists"_s, u"photolift"_s}, QStringList{u"createdb"_s, u"--owner=photolift_owner"_s, u"photolift"_s},
                                     QStringList{u"pg_restore"_s, u"--exit-on-error"_s, u"--dbname=photolift"_s, m_folder.filePath(u"photolift.dump"_s)}}) {
        if (const QString failure = tell(words.first(), words.sliced(1)); !failure.isEmpty())
            return failure;
    }
    return {};
}

void TestBackup::whoBacksUpReadsEverythingAndWritesNothing()
{
    CliRun &cli = *m_cli;
    const CliAnswer answer = cli.run(upload(makePhotos(u"before"_s, Before)));
    QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == Before, qPrintable(answer.toText()));

    for (const QString &statement : {u"DELETE FROM server_uploads"_s, u"UPDATE server_device_tokens SET revoked_ms = NULL"_s,
                                     u"INSERT INTO server_state (key, value) VALUES ('mine', '')"_s, u"CREATE TABLE mine (a int)"_s})
        QVERIFY2(!tell(u"psql"_s, {u"--dbname=photolift"_s, u"--command="_s + statement}, u"photolift_backup"_s, m_password).isEmpty(), qPrintable(statement));
    QCOMPARE(tell(u"psql"_s, {u"--dbname=photolift"_s, u"--set=ON_ERROR_STOP=1"_s, u"--command=SELECT 1 / (count(*) = %1)::int FROM server_uploads"_s.arg(Before)},
                  u"photolift_backup"_s, m_password),
             QString());
}

void TestBackup::aBackupIsMadeWhilePhotosArrive()
{
    const QString succeeded = u"SELECT count(*) FROM fact_upload_attempts WHERE upload_status_key = 5"_s;
    QVERIFY(m_cli->start(upload(makePhotos(u"meanwhile"_s, Meanwhile), {u"--limit-rate"_s, u"600K"_s, u"--jobs"_s, u"2"_s})));
    QTRY_VERIFY_WITH_TIMEOUT(number(succeeded) >= Before + 2, 60'000);
    // Parts are under way and nothing is committed: what is, a restored server does once more, and its records tell of that time.
    QCOMPARE(::kill(static_cast<pid_t>(m_cli->processId()), SIGSTOP), 0);
    QTRY_COMPARE_WITH_TIMEOUT(number(u"SELECT count(*) FROM server_jobs"_s), 0, 60'000);
    QVERIFY(number(u"SELECT count(*) FROM server_uploads WHERE state = 'open'"_s) > 0);

    const QString failure = backUp();

    QCOMPARE(::kill(static_cast<pid_t>(m_cli->processId()), SIGCONT), 0);
    QCOMPARE(failure, QString());
    const CliAnswer answer = m_cli->finish();
    QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == Meanwhile, qPrintable(answer.toText()));
    const CliAnswer later = m_cli->run(upload(makePhotos(u"after"_s, After)));
    QVERIFY2(later.exitCode == 0 && later.count("succeeded"_L1) == After, qPrintable(later.toText()));
}

void TestBackup::theRecordsAreLostAndPutBack()
{
    QCOMPARE(m_organisation.stopServer(0), 0);
    QCOMPARE(tell(u"dropdb"_s, {u"photolift"_s}), QString());

    QCOMPARE(restore(), QString());
    for (const QString &word : {u"migrate"_s, u"check"_s}) {
        m_organisation.command({word});
        QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    }
    QVERIFY(number(u"SELECT count(*) FROM server_assets"_s) < Before + Meanwhile);
    QVERIFY2(m_organisation.restartServer(0), qPrintable(m_organisation.failure()));
}

void TestBackup::whatWasToldSinceTheBackupIsToldAgain()
{
    const QString photos = m_folder.filePath(u"photos"_s);
    const QString one = makePhotos(u"again"_s, 1);
    const QString snapshot = m_folder.filePath(u"before.snapshot"_s);
    QVERIFY(takeSnapshot(snapshot, {QFile::encodeName(photos)}));

    const CliAnswer answer = m_cli->run(uploadWith(m_token, one));

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0 && answer.count("succeeded"_L1) == 1, qPrintable(answer.toText()));
    constexpr int All = Before + Meanwhile + After + 1;
    QTRY_COMPARE_WITH_TIMEOUT(number(u"SELECT count(*) FROM server_jobs"_s), 0, 60'000);
    QCOMPARE(number(u"SELECT count(*) FROM fact_upload_attempts WHERE upload_status_key = 5"_s), All);
    QCOMPARE(number(u"SELECT count(*) FROM fact_upload_attempts"_s), All);
    const QString copy = m_folder.filePath(u"copy"_s);
    const QString failure = copyOrganisation(m_organisation, copy, u"anna"_s);
    QVERIFY2(failure.isEmpty(), qPrintable(failure));
    const QStringList broken = violations({m_cli->dataFolder()}, copy, snapshot);
    QVERIFY2(broken.isEmpty(), qPrintable(broken.join(u"\n"_s)));
}

void TestBackup::nobodySendsAnythingTwice()
{
    CliRun another(m_folder.filePath(u"another"_s));

    const CliAnswer answer = another.run(upload(m_folder.filePath(u"photos"_s)));

    QVERIFY2(answer.exitCode == 0 && answer.summary->bytes == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->duplicate, Before + Meanwhile + After + 1);
}

/// What the client has in its hand was sealed with a key that no backup holds: it exchanges its device token again, and goes on.
void TestBackup::theComputerIsLostWhileAClientIsAtWork()
{
    QVERIFY2(m_organisation.tell(u"CREATE ROLE photolift_reader LOGIN"_s), qPrintable(m_organisation.failure())); // there is a replica
    m_organisation.command({u"migrate"_s});
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    const QString token = m_organisation.tokenFileFor(u"anna"_s);
    QCOMPARE(backUp(), QString());
    CliRun cli(m_folder.filePath(u"through"_s));
    const int before = number(u"SELECT count(*) FROM server_assets"_s);
    QVERIFY(cli.start(uploadWith(token, makePhotos(u"through"_s, Through), {u"--limit-rate"_s, u"600K"_s})));
    QTRY_VERIFY_WITH_TIMEOUT(number(u"SELECT count(*) FROM server_assets"_s) > before, 60'000);
    QVERIFY(number(u"SELECT count(*) FROM server_token_keys"_s) > 0);

    QCOMPARE(m_organisation.stopServer(0), 0);
    QVERIFY2(m_organisation.loseDatabase(), qPrintable(m_organisation.failure()));
    QVERIFY2(restore().contains(u"role \"photolift_owner\" does not exist"_s), "restored without logins");
    QVERIFY2(m_organisation.makeLogins(), qPrintable(m_organisation.failure()));
    const QString withoutReader = restore();
    QVERIFY2(withoutReader.contains(u"role \"photolift_reader\" does not exist"_s), qPrintable(withoutReader));
    QVERIFY2(m_organisation.tell(u"CREATE ROLE photolift_reader LOGIN"_s), qPrintable(m_organisation.failure()));
    QCOMPARE(restore(), QString());
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_token_keys"_s), u"0"_s);
    for (const QString &word : {u"migrate"_s, u"check"_s}) {
        m_organisation.command({word});
        QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    }
    QVERIFY2(!m_organisation.failure().contains(u"may call"_s), qPrintable(m_organisation.failure())); // what was taken from everybody is in the backup
    QVERIFY2(m_organisation.restartServer(0), qPrintable(m_organisation.failure()));

    const CliAnswer answer = cli.finish(180'000);
    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0 && answer.count("succeeded"_L1) == Through, qPrintable(answer.toText()));
    QTRY_COMPARE_WITH_TIMEOUT(number(u"SELECT count(*) FROM server_assets"_s), before + Through, 60'000);
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_token_keys"_s), u"1"_s);
}

QTEST_GUILESS_MAIN(TestBackup)
#include "tst_backup.moc"
