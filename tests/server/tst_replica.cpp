#include "app/server/work/analyticsreads.h"
#include "models/wire/messages.h"
#include "tests/support/clirun.h"
#include "tests/support/organisationrun.h"
#include "tests/support/rawclient.h"
#include "tests/support/smallphotos.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::support;

namespace {
const QString Secret = u"of the reader"_s;
}

/// A streaming replica of an organisation's PostgreSQL, asked for what is only shown.
class TestReplica : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void numbersComeFromTheReplica();
    void whileItIsAwayTheDatabaseItselfIsAsked();
    void itsLoginSeesNumbersOfTheAccountAlone_data();
    void itsLoginSeesNumbersOfTheAccountAlone();
    void anotherDatabaseIsNoReplica();
    void checkSaysThatItIsAway();

private:
    /// This many further photos of anna have ended.
    bool upload(int photos);
    /// What the coordinator is shown as arrived in all projects; -1 when she is not answered.
    qint64 arrived();
    bool tellReplica(const QString &statement);
    qsizetype logged(const QByteArray &words) const;
    QString lines(int port) const
    {
        return u"analytics_host = \"127.0.0.1\"\nanalytics_port = %1\nanalytics_password_file = \"%2\"\n"_s.arg(port).arg(m_organisation.path(u"reader"_s));
    }

    OrganisationRun m_organisation;
    PostgresRun m_replica;
    QTemporaryDir m_folder;
    QByteArray m_access; ///< the coordinator's
    int m_photos = 0;
};

void TestReplica::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.tell(u"CREATE ROLE photolift_reader LOGIN PASSWORD '%1'"_s.arg(Secret)),
             qPrintable(m_organisation.failure()));
    QVERIFY(m_organisation.writePrivate(u"reader"_s, Secret.toUtf8() + '\n'));
    m_organisation.command({u"migrate"_s});
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    QVERIFY2(m_replica.startReplicaOf(m_organisation.postgres()), qPrintable(m_replica.failure()));
    QVERIFY(m_organisation.addToDatabase(lines(m_replica.port())));
    m_organisation.command({u"check"_s});
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    for (const auto &[name, role] : {std::pair(u"anna"_s, u"photographer"_s), std::pair(u"cora"_s, u"coordinator"_s)})
        m_organisation.command({u"user"_s, u"add"_s, name, u"--role"_s, role});
    const QByteArray token = m_organisation.command({u"token"_s, u"create"_s, u"cora"_s}).trimmed();
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    const QByteArray body = QJsonDocument(wire::toJson(wire::TokenRequest{QString::fromLatin1(token)})).toJson(QJsonDocument::Compact);
    test::RawClient client(static_cast<quint16>(m_organisation.address().port()));
    const test::RawAnswer answer = client.ask(QByteArray("POST /v1/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
                                                         + QByteArray::number(body.size()) + "\r\n\r\n" + body));
    QVERIFY2(answer.status == 200, answer.body.constData());
    m_access = QJsonDocument::fromJson(answer.body)["access_token"_L1].toString().toLatin1();
    QVERIFY2(!m_access.isEmpty(), answer.body.constData());
}

bool TestReplica::upload(int photos)
{
    const QString folder = m_folder.filePath(u"photos %1"_s.arg(m_photos)); // each photo once: one told again has arrived in two drops
    for (int i = 0; i < photos; ++i, ++m_photos)
        writeJpeg(folder + u"/IMG_%1.JPG"_s.arg(m_photos), m_photos, 100'000);
    // Each time with a device token of its own: of one only so many exchanges a minute are allowed, and whoever has used them up waits.
    const QString token = m_organisation.tokenFileFor(u"anna"_s);
    CliRun cli(m_folder.filePath(u"anna"_s));
    const CliAnswer answer = cli.run({u"upload"_s, folder, u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, token});
    return answer.exitCode == 0 && answer.count("succeeded"_L1) == photos;
}

qint64 TestReplica::arrived()
{
    test::RawClient client(static_cast<quint16>(m_organisation.address().port()));
    const test::RawAnswer answer = client.ask(QByteArray("GET /v1/projects HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + m_access + "\r\n\r\n"));
    if (answer.status != 200)
        return -1;
    qint64 photos = 0;
    const QJsonArray projects = QJsonDocument::fromJson(answer.body)["projects"_L1].toArray();
    for (const QJsonValue &project : projects)
        photos += project["arrived"_L1]["photos"_L1].toInteger();
    return photos;
}

bool TestReplica::tellReplica(const QString &statement)
{
    bool isDone = false;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(u"QPSQL"_s, u"replica"_s);
        database.setHostName(u"127.0.0.1"_s);
        database.setPort(m_replica.port());
        database.setUserName(PostgresRun::user());
        database.setPassword(m_replica.password());
        database.setDatabaseName(u"photolift"_s);
        isDone = database.open() && QSqlQuery(database).exec(statement);
    }
    QSqlDatabase::removeDatabase(u"replica"_s);
    return isDone;
}

qsizetype TestReplica::logged(const QByteArray &words) const
{
    QFile log(m_organisation.path(u"server-0.log"_s));
    return log.open(QIODevice::ReadOnly) ? log.readAll().count(words) : -1;
}

void TestReplica::numbersComeFromTheReplica()
{
    QVERIFY(upload(3));
    QTRY_COMPARE_WITH_TIMEOUT(arrived(), 3, 30'000);

    // It stands still: who asks it sees what was.
    QVERIFY(tellReplica(u"SELECT pg_wal_replay_pause()"_s));
    QVERIFY(upload(2));
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_assets"_s), u"5"_s);
    QCOMPARE(arrived(), 3);

    QVERIFY(tellReplica(u"SELECT pg_wal_replay_resume()"_s));
    QTRY_COMPARE_WITH_TIMEOUT(arrived(), 5, 30'000);
    QCOMPARE(logged("the replica is away"), 0);
    // Who looked is written down all the same.
    QVERIFY(m_organisation.sql(u"SELECT count(*) FROM server_audit WHERE action = 'projects.viewed'"_s).toInt() >= 3);
}

void TestReplica::whileItIsAwayTheDatabaseItselfIsAsked()
{
    QVERIFY2(m_replica.stop(), qPrintable(m_replica.failure()));
    for (int i = 0; i < 3; ++i)
        QCOMPARE(arrived(), 5);
    QVERIFY(upload(1));
    QCOMPARE(arrived(), 6);
    QCOMPARE(logged("the replica is away"), 1);

    QVERIFY2(m_replica.start(), qPrintable(m_replica.failure()));
    QTRY_VERIFY_WITH_TIMEOUT(arrived() == 6 && logged("the replica answers again") == 1, 60'000);
    QCOMPARE(logged("the replica is away"), 1);
}

void TestReplica::itsLoginSeesNumbersOfTheAccountAlone_data()
{
    QTest::addColumn<QString>("statement");
    QTest::addColumn<bool>("isAllowed");
    QTest::newRow("counts photos") << u"SELECT count(item_id) FROM fact_upload_attempts"_s << true;
    QTest::newRow("names of photos") << u"SELECT relative_path FROM fact_upload_attempts"_s << false;
    QTest::newRow("metadata") << u"SELECT * FROM dim_photos"_s << false;
    QTest::newRow("tokens") << u"SELECT * FROM server_device_tokens"_s << false;
    QTest::newRow("the audit log") << u"SELECT * FROM server_audit"_s << false;
    QTest::newRow("changes a project") << u"UPDATE dim_projects SET state = 'delivered'"_s << false;
    QTest::newRow("makes a table") << u"CREATE TABLE mine (x int)"_s << false;
}

void TestReplica::itsLoginSeesNumbersOfTheAccountAlone()
{
    QFETCH(const QString, statement);
    QTEST(m_organisation.tell(statement, u"photolift_reader"_s), "isAllowed");
    if (!QTest::currentTestFailed() && statement.contains(u"count"_s)) { // nobody is acted for: nothing is there
        const QString name = u"reader"_s;
        {
            const QSqlDatabase database = m_organisation.openDatabase(name);
            QSqlQuery query(database);
            QVERIFY(query.exec(u"SET SESSION AUTHORIZATION photolift_reader"_s) && query.exec(statement) && query.next());
            QCOMPARE(query.value(0).toInt(), 0);
        }
        QSqlDatabase::removeDatabase(name);
    }
}

void TestReplica::anotherDatabaseIsNoReplica()
{
    const store::PostgresAddress address{.port = m_replica.port(),
                                         .database = u"photolift"_s,
                                         .user = u"photolift_reader"_s,
                                         .password = Secret,
                                         .authorityFile = m_replica.authorityFile()};
    const QString identity = m_organisation.sql(
        u"SELECT system_identifier || '/' || oid FROM pg_control_system(), pg_database WHERE datname = current_database()"_s);

    const auto right = server::AnalyticsReads::connect(address, identity);
    QVERIFY2(right, qPrintable(right ? QString() : right.error().detail));
    const auto other = server::AnalyticsReads::connect(address, u"1"_s + identity);

    QVERIFY(!other);
    QVERIFY2(other.error().detail.contains(u"is no replica of"_s), qPrintable(other.error().detail));
}

void TestReplica::checkSaysThatItIsAway()
{
    QVERIFY2(m_replica.stop(), qPrintable(m_replica.failure()));

    m_organisation.command({u"check"_s});

    QCOMPARE(m_organisation.lastExit(), 1);
    QVERIFY2(m_organisation.failure().contains(u"photolift_reader on the replica: "_s), qPrintable(m_organisation.failure()));
}

QTEST_GUILESS_MAIN(TestReplica)
#include "tst_replica.moc"
