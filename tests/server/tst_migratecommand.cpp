#include "tests/support/postgresrun.h"
#include "tests/support/serverrun.h"

#include <QFile>
#include <QProcess>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;

/// `photolift-server migrate` beside others who use the tables, and where a statement takes long.
class TestMigrateCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void aLockIsWaitedFor();
    void whoWaitsForUsIsLetThrough();
    void aStatementTakesAsLongAsItTakes();
    void twoAtOnceComeOneAfterTheOther();
    void checkNamesWhatIsStillEverybodys();

private:
    /// A connection of the administrator, until the end of the function.
    QSqlDatabase connection(const QString &name) const;
    static bool tell(const QSqlDatabase &database, const QString &statement);
    void start(QProcess &program, const QString &word = u"migrate"_s) const;
    static bool hasEndedWell(QProcess &program);
    /// Somebody stands before a table as a whole.
    bool isWaitedFor(const QSqlDatabase &database, const QString &table) const;

    support::PostgresRun m_postgres;
    QTemporaryDir m_folder;
};

namespace {

constexpr int LongerThanAStatementMs = 7000; ///< the servers' end after 5 s
constexpr int PatienceMs = 60'000;

} // namespace

QSqlDatabase TestMigrateCommand::connection(const QString &name) const
{
    QSqlDatabase database = QSqlDatabase::addDatabase(u"QPSQL"_s, name);
    database.setHostName(u"127.0.0.1"_s);
    database.setPort(m_postgres.port());
    database.setUserName(support::PostgresRun::user());
    database.setPassword(m_postgres.password());
    database.setDatabaseName(u"photolift"_s);
    database.setConnectOptions(u"application_name=holder"_s);
    (void)database.open();
    return database;
}

bool TestMigrateCommand::tell(const QSqlDatabase &database, const QString &statement)
{
    QSqlQuery query(database);
    if (query.exec(statement))
        return true;
    qWarning() << statement << query.lastError().text();
    return false;
}

void TestMigrateCommand::initTestCase()
{
    QVERIFY2(m_postgres.start() && m_postgres.makeDatabase(u"photolift"_s), qPrintable(m_postgres.failure()));
    for (const char *role : {"owner", "app", "worker", "retention", "analyst"})
        QVERIFY(m_postgres.tell(u"photolift"_s, u"CREATE ROLE photolift_%1 LOGIN PASSWORD '%2'"_s.arg(QLatin1StringView(role), m_postgres.password())));
    QVERIFY(m_postgres.tell(u"photolift"_s, u"ALTER DATABASE photolift OWNER TO photolift_owner"_s));
    QVERIFY(m_postgres.tell(u"photolift"_s, u"ALTER SCHEMA public OWNER TO photolift_owner"_s));
    QVERIFY2(m_postgres.prepareForServers(u"photolift"_s), qPrintable(m_postgres.failure()));
    QFile secret(m_folder.filePath(u"secret"_s));
    QVERIFY(secret.open(QIODevice::WriteOnly) && secret.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner));
    secret.write(m_postgres.password().toLatin1() + '\n');
    secret.close();
    QFile config(m_folder.filePath(u"server.toml"_s));
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write(uR"([server]
listen = "127.0.0.1:0"
data = "%1/data"
[database]
port = %2
authority_file = "%3"
owner_password_file = "%1/secret"
password_file = "%1/secret"
worker_password_file = "%1/secret"
retention_password_file = "%1/secret"
[store]
kind = "folder"
)"_s.arg(m_folder.path()).arg(m_postgres.port()).arg(m_postgres.authorityFile()).toUtf8());
    config.close();
    QProcess program;
    start(program);
    QVERIFY(hasEndedWell(program));
    QCOMPARE(program.readAllStandardError(), QByteArray());
}

/// What one of them held, the next is not to wait for.
void TestMigrateCommand::cleanup()
{
    for (const QString &name : QSqlDatabase::connectionNames())
        QSqlDatabase::removeDatabase(name);
}

void TestMigrateCommand::start(QProcess &program, const QString &word) const
{
    program.start(support::programFolder() + u"/photolift-server"_s, {u"--config"_s, m_folder.filePath(u"server.toml"_s), word});
}

bool TestMigrateCommand::hasEndedWell(QProcess &program)
{
    const bool isWell = program.waitForFinished(PatienceMs) && program.exitStatus() == QProcess::NormalExit && program.exitCode() == 0;
    if (!isWell)
        qWarning() << program.exitCode() << program.readAllStandardError();
    return isWell;
}

bool TestMigrateCommand::isWaitedFor(const QSqlDatabase &database, const QString &table) const
{
    QSqlQuery query(database);
    return query.exec(u"SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '%1'::regclass"_s.arg(table)) && query.next()
        && query.value(0).toInt() > 0;
}

void TestMigrateCommand::aLockIsWaitedFor()
{
    const QSqlDatabase holder = connection(u"lock"_s);
    QVERIFY(tell(holder, u"BEGIN"_s) && tell(holder, u"LOCK TABLE server_uploads"_s));
    QProcess program;
    start(program);

    QVERIFY(!program.waitForFinished(LongerThanAStatementMs));
    QVERIFY(tell(holder, u"COMMIT"_s));

    QVERIFY(hasEndedWell(program));
    const QByteArray said = program.readAllStandardError();
    QVERIFY2(said.startsWith("waiting for tables that others use: ") && said.contains("holder of photolift_test (process "), said.constData());
}

/// As a server is in the way that writes two tables in another order than the rights are given: one of the two has to come again.
void TestMigrateCommand::whoWaitsForUsIsLetThrough()
{
    const QSqlDatabase holder = connection(u"two"_s);
    QVERIFY(tell(holder, u"SET deadlock_timeout = '1min'"_s)); // so it is the other that is told, as soon as it looks
    QVERIFY(tell(holder, u"BEGIN"_s) && tell(holder, u"LOCK TABLE server_objects IN ROW EXCLUSIVE MODE"_s));
    QProcess program;
    start(program);
    const QSqlDatabase watcher = connection(u"watcher"_s);
    QVERIFY(QTest::qWaitFor([&] { return isWaitedFor(watcher, u"server_objects"_s); }, PatienceMs));

    QVERIFY(tell(holder, u"LOCK TABLE server_uploads IN ROW EXCLUSIVE MODE"_s)); // which the program has for itself
    QVERIFY(tell(holder, u"COMMIT"_s));

    QVERIFY(hasEndedWell(program));
}

void TestMigrateCommand::aStatementTakesAsLongAsItTakes()
{
    const QSqlDatabase administrator = connection(u"slow"_s);
    QVERIFY(tell(administrator, u"CREATE FUNCTION ops.much_to_do() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(%1); END $$"_s
                                    .arg(LongerThanAStatementMs / 1000)));
    QVERIFY(tell(administrator, u"CREATE EVENT TRIGGER much_to_do ON ddl_command_start WHEN TAG IN ('CREATE SCHEMA') EXECUTE FUNCTION ops.much_to_do()"_s));
    QProcess program;
    start(program);

    QVERIFY(!program.waitForFinished(LongerThanAStatementMs));
    QVERIFY(hasEndedWell(program));
    QCOMPARE(program.readAllStandardError(), QByteArray());
    QVERIFY(tell(administrator, u"DROP EVENT TRIGGER much_to_do"_s) && tell(administrator, u"DROP FUNCTION ops.much_to_do()"_s));
}

void TestMigrateCommand::twoAtOnceComeOneAfterTheOther()
{
    for (int round = 0; round < 3; ++round) {
        QProcess first;
        QProcess second;
        start(first);
        start(second);
        QVERIFY(hasEndedWell(first));
        QVERIFY(hasEndedWell(second));
    }
}

void TestMigrateCommand::checkNamesWhatIsStillEverybodys()
{
    const auto said = [this] {
        QProcess program;
        start(program, u"check"_s);
        return hasEndedWell(program) ? program.readAllStandardError() : QByteArray("may call: not known");
    };
    QVERIFY2(!said().contains("may call"), "before");
    QVERIFY(m_postgres.tell(u"photolift"_s, u"GRANT EXECUTE ON FUNCTION lo_create(oid), pg_advisory_lock(bigint) TO PUBLIC"_s));

    const QByteArray warning = said();

    QVERIFY2(warning.count("every login of this database may call lo_create, pg_advisory_lock of PostgreSQL: ") == 1, warning.constData());
}

QTEST_GUILESS_MAIN(TestMigrateCommand)
#include "tst_migratecommand.moc"
