#include "tests/support/clirun.h"
#include "tests/support/desktoprun.h"
#include "tests/support/organisationrun.h"
#include "tests/support/smallphotos.h"

#include <QDir>
#include <QFile>
#include <QSqlQuery>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift::support;

/// The records of an organisation with two accounts are put back from a backup, and the store has more than they know: what came since is nobody's there.
/// The desktop that brought it hears that it is not safe any more, and brings it again without being asked by anybody.
class TestRestoredAccounts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void photosComeBeforeTheBackupAndAfterIt();
    void theRecordsArePutBack();
    void whatIsNotSafeAnyMoreIsBroughtAgainThroughKills();
    void onlyWhatIsThereIsCalledSafe();
    void thePhotoThatComesBackIsBroughtToo();
    void nobodyAsksTwice();

private:
    static constexpr int Kept = 6; ///< photos after the backup whose files stay
    QString after(const QString &name) const { return m_folder.filePath(u"after/"_s + name); }
    void startDesktop(const QStringList &paths, const QByteArray &killedAt = {});
    QString tell(const QString &program, const QStringList &words);
    qint64 rows(const QString &tableAndCondition) const { return m_desktop->rows(tableAndCondition); }
    int number(const QString &sql) { return m_organisation.sql(sql).toInt(); }
    /// First column of the desktop's list.
    QString listed(const QString &question) const;
    QString dump() const { return m_folder.filePath(u"photolift.dump"_s); }

    OrganisationRun m_organisation;
    QTemporaryDir m_folder;
    std::unique_ptr<DesktopRun> m_desktop;
    QString m_desktopToken;
    QByteArray m_gone; ///< what was in the file that goes
    qint64 m_attempts = 0;
};

namespace {

const QString Safe = u"queue_items WHERE is_safe = 1"_s;
const QString Lost = u"queue_items WHERE lost_sha256 IS NOT NULL"_s;

/// A condition in SQL: so many are safe.
QString isSafe(int photos)
{
    return u"(SELECT count(*) FROM %1) = %2"_s.arg(Safe).arg(photos);
}

QByteArray bytesOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

void TestRestoredAccounts::startDesktop(const QStringList &paths, const QByteArray &killedAt)
{
    m_desktop.reset();
    if (killedAt.isEmpty())
        qunsetenv("PHOTOLIFT_KILL_AT");
    else
        qputenv("PHOTOLIFT_KILL_AT", killedAt);
    m_desktop = std::make_unique<DesktopRun>(m_folder.filePath(u"desktop"_s), m_organisation.address(), m_desktopToken);
    QVERIFY(m_desktop->start(paths));
    qunsetenv("PHOTOLIFT_KILL_AT");
}

QString TestRestoredAccounts::tell(const QString &program, const QStringList &words)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"PGHOST"_s, u"127.0.0.1"_s);
    environment.insert(u"PGPORT"_s, QString::number(m_organisation.postgres().port()));
    environment.insert(u"PGUSER"_s, PostgresRun::user());
    environment.insert(u"PGPASSWORD"_s, m_organisation.postgres().password());
    process.setProcessEnvironment(environment);
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(u"/usr/lib/postgresql/15/bin/"_s + program, words);
    const bool isDone = process.waitForFinished(120'000) && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
    return isDone ? QString() : program + u": "_s + QString::fromUtf8(process.readAll()) + process.errorString();
}

QString TestRestoredAccounts::listed(const QString &question) const
{
    QString answer;
    {
        QSqlDatabase list = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"list"_s);
        list.setDatabaseName(m_desktop->listFolder() + u"/photolift.db"_s);
        list.setConnectOptions(u"QSQLITE_OPEN_READONLY;QSQLITE_BUSY_TIMEOUT=5000"_s);
        QSqlQuery query(list);
        if (list.open() && query.exec(question) && query.next())
            answer = query.value(0).toString();
    }
    QSqlDatabase::removeDatabase(u"list"_s);
    return answer;
}

void TestRestoredAccounts::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    m_organisation.command({u"account"_s, u"add"_s, u"other"_s});
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    m_organisation.command({u"user"_s, u"add"_s, u"ben"_s, u"--role"_s, u"photographer"_s, u"--account"_s, u"other"_s});
    m_desktopToken = m_folder.filePath(u"token"_s);
    QVERIFY2(QFile::rename(m_organisation.tokenFileFor(u"ben"_s), m_desktopToken), qPrintable(m_organisation.failure()));
}

void TestRestoredAccounts::photosComeBeforeTheBackupAndAfterIt()
{
    const QString annas = m_folder.filePath(u"annas"_s);
    writeJpeg(annas + u"/IMG_1.JPG"_s, 100, 200'000); // the same bytes as one of ben's
    CliRun cli(m_folder.filePath(u"annas list"_s));
    const CliAnswer answer = cli.run({u"upload"_s, annas, u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, m_organisation.tokenFileFor(u"anna"_s)});
    QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == 1, qPrintable(answer.toText()));
    for (int i = 0; i < 2; ++i)
        writeJpeg(m_folder.filePath(u"before/IMG_%1.JPG"_s.arg(i)), i, 200'000);
    startDesktop({m_folder.filePath(u"before"_s)});
    QVERIFY(QTest::qWaitFor([&] { return m_desktop->hasEnded(isSafe(2)); }, 120'000));
    QCOMPARE(tell(u"pg_dump"_s, {u"--format=custom"_s, u"--exclude-table-data=server_token_keys"_s, u"--file="_s + dump(), u"photolift"_s}), QString());

    for (int i = 0; i < Kept; ++i)
        writeJpeg(after(u"IMG_%1.JPG"_s.arg(i)), 100 + i, 200'000);
    writeJpeg(after(u"gone.JPG"_s), 200, 200'000);
    writeJpeg(after(u"other.JPG"_s), 201, 200'000);
    QVERIFY(QFile::copy(m_folder.filePath(u"before/IMG_0.JPG"_s), after(u"same.JPG"_s)));
    startDesktop({m_folder.filePath(u"after"_s)});

    QVERIFY(QTest::qWaitFor([&] { return m_desktop->hasEnded(u"(SELECT count(*) FROM queue_batches) = 2"_s); }, 120'000));
    QCOMPARE(rows(Safe), 2 + Kept + 2);
    QCOMPARE(rows(u"queue_items WHERE state = 'duplicate'"_s), 1);
}

void TestRestoredAccounts::theRecordsArePutBack()
{
    m_attempts = rows(u"fact_upload_attempts"_s);
    m_desktop.reset();
    QCOMPARE(m_organisation.stopServer(0), 0);
    for (const QStringList &words : {QStringList{u"dropdb"_s, u"photolift"_s}, QStringList{u"createdb"_s, u"--owner=photolift_owner"_s, u"photolift"_s},
                                     QStringList{u"pg_restore"_s, u"--exit-on-error"_s, u"--dbname=photolift"_s, dump()}})
        QCOMPARE(tell(words.first(), words.sliced(1)), QString());
    m_organisation.command({u"migrate"_s});
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    QCOMPARE(number(u"SELECT count(*) FROM server_assets"_s), 3);
    m_gone = bytesOf(after(u"gone.JPG"_s));
    QVERIFY(QFile::remove(after(u"gone.JPG"_s)) && QFile::remove(after(u"other.JPG"_s)));
    writeJpeg(after(u"other.JPG"_s), 300, 200'000); // the card was used once more
    QVERIFY2(m_organisation.restartServer(0), qPrintable(m_organisation.failure()));
}

void TestRestoredAccounts::whatIsNotSafeAnyMoreIsBroughtAgainThroughKills()
{
    startDesktop({}, "mirror.not_safe_noted");
    QTRY_VERIFY_WITH_TIMEOUT(!m_desktop->isRunning(), 120'000);
    QCOMPARE(rows(Lost), Kept + 2);
    QCOMPARE(rows(Safe), 2);
    QCOMPARE(rows(Lost + u" AND state NOT IN ('waiting_to_retry', 'queued', 'running', 'needs_you')"_s), 0);
    QVERIFY(rows(u"outbox WHERE sent_ms IS NULL"_s) > 0); // the server says it once more
    startDesktop({}, "pipeline.commit.after");
    QTRY_VERIFY_WITH_TIMEOUT(!m_desktop->isRunning(), 120'000);
    QVERIFY(rows(Safe) < 2 + Kept);

    startDesktop({});

    QVERIFY(QTest::qWaitFor([&] { return m_desktop->hasEnded(isSafe(2 + Kept)); }, 120'000));
}

void TestRestoredAccounts::onlyWhatIsThereIsCalledSafe()
{
    const QString row = u"SELECT state || ' ' || is_safe || ' ' || coalesce(error_code, '') || ' ' || attempt_number FROM queue_items "
                        "WHERE CAST(relative_path AS TEXT) LIKE '%%1'"_s;
    QStringList ids;
    for (int i = 0; i < Kept; ++i) {
        const QString name = u"IMG_%1.JPG"_s.arg(i);
        const QString which = u"CAST(absolute_path AS TEXT) LIKE '%/after/%1'"_s.arg(name);
        QCOMPARE(listed(u"SELECT state || ' ' || attempt_number || ' ' || (lost_sha256 IS NULL) FROM queue_items WHERE "_s + which), u"succeeded 2 1"_s);
        ids.append(listed(u"SELECT item_id FROM queue_items WHERE "_s + which));
    }
    QCOMPARE(listed(row.arg(u"gone.JPG"_s)), u"needs_you 0 SELECTION_FILE_MISSING 2"_s);
    QCOMPARE(listed(row.arg(u"other.JPG"_s)), u"needs_you 0 STORAGE_COPY_DAMAGED 2"_s);
    QCOMPARE(listed(row.arg(u"same.JPG"_s)), u"duplicate 0  1"_s); // the account has these bytes
    QCOMPARE(rows(u"fact_upload_attempts"_s), m_attempts + Kept + 2);

    QCOMPARE(number(u"SELECT count(*) FROM server_objects o JOIN server_accounts a ON a.account_id = o.account_id"
                    " WHERE a.account_name = 'other' AND o.state = 'stored'"_s), 2 + Kept);
    CliRun cli(m_folder.filePath(u"bens download"_s));
    const QString into = m_folder.filePath(u"into"_s);
    const CliAnswer answer = cli.run(QStringList{u"download"_s} + ids + QStringList{u"--into"_s, into, u"--server"_s, m_organisation.address().toString(), u"--token-file"_s,
                                                                                  m_organisation.tokenFileFor(u"ben"_s)});
    QVERIFY2(answer.exitCode == 0, qPrintable(answer.toText()));
    for (int i = 0; i < Kept; ++i) {
        const QString name = u"IMG_%1.JPG"_s.arg(i);
        const QByteArray bytes = bytesOf(after(name));
        QVERIFY(!bytes.isEmpty());
        QDir folder(into);
        const QString found = folder.exists(name) ? folder.filePath(name) : folder.filePath(u"after/"_s + name);
        QVERIFY2(bytesOf(found) == bytes, qPrintable(found));
    }
}

void TestRestoredAccounts::thePhotoThatComesBackIsBroughtToo()
{
    QFile file(after(u"gone.JPG"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(m_gone) == m_gone.size());
    file.close();

    QVERIFY(QTest::qWaitFor([&] { return m_desktop->hasEnded(isSafe(2 + Kept + 1)); }, 120'000));

    QCOMPARE(rows(Lost), 0);
}

void TestRestoredAccounts::nobodyAsksTwice()
{
    const qint64 attempts = rows(u"fact_upload_attempts"_s);
    const qint64 heartbeats = rows(u"fact_client_heartbeats"_s);

    startDesktop({});
    QVERIFY(QTest::qWaitFor([&] { return rows(u"fact_client_heartbeats"_s) > heartbeats && m_desktop->hasEnded(); }, 120'000)); // it was told that it started

    QCOMPARE(rows(u"fact_upload_attempts"_s), attempts);
    QCOMPARE(rows(Safe), 2 + Kept + 1);
}

QTEST_GUILESS_MAIN(TestRestoredAccounts)
#include "tst_restoredaccounts.moc"
