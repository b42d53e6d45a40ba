#include "app/server/objects/objectnames.h"
#include "app/server/objects/s3/s3client.h"
#include "tests/support/clirun.h"
#include "tests/support/organisationrun.h"
#include "tests/support/serverrun.h"
#include "tests/support/smallphotos.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QScopeGuard>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift::support;
namespace server = photolift::server;

/// `reprocess` of the real program, on SQLite with a folder and on PostgreSQL with S3: what it says, and what a kill in the middle leaves.
class TestReprocessProgram : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data()
    {
        QTest::addColumn<bool>("isSmall");
        QTest::newRow("SQLite, folder") << true;
        QTest::newRow("PostgreSQL, S3") << false;
    }
    void initTestCase();
    void init();
    void cleanupTestCase() { stop(); }
    void wrongWordsAreUsage();
    void nothingIsQueuedByADryRun();
    void picturesAreMadeAgain();
    void aKilledCommandGoesOnWhereItWas();
    void aKilledWorkerDoesEachPhotoOnce();
    void aRottenCopyIsReplacedByTheNextUpload();

private:
    bool isSmall() const { return *static_cast<bool *>(QTest::qGlobalData("isSmall", qMetaTypeId<bool>())); }
    QString configFile() const { return isSmall() ? m_folder.filePath(u"config.toml"_s) : m_organisation.configFile(); }
    QByteArray command(const QStringList &words, const QStringList &environment = {});
    QByteArray reprocess(const QString &stage, const QStringList &more = {}, const QStringList &environment = {})
    {
        return command(QStringList{u"reprocess"_s, u"--stage"_s, stage, u"--where"_s, u"media_type=image/jpeg"_s} + more, environment);
    }
    bool start(const QStringList &environment = {});
    void stop();
    QString sql(const QString &statement);
    int number(const QString &statement) { return sql(statement).toInt(); }
    /// Three photos, once on each installation.
    void bring();
    /// What lies in the store under the name of these bytes, and other bytes there.
    QString objectFile(const QByteArray &photo) const;
    std::optional<QByteArray> ask(const QByteArray &photo, const QByteArray &method, const QByteArray &body = {}) const;
    QByteArray stored(const QByteArray &photo) const;
    bool overwrite(const QByteArray &photo, const QByteArray &bytes) const;

    QTemporaryDir m_folder;
    OrganisationRun m_organisation;
    std::unique_ptr<QProcess> m_server;
    QUrl m_address;
    QHash<bool, bool> m_hasPhotos;
    int m_exit = 0;
    QString m_errors;
};

void TestReprocessProgram::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    QFile config(m_folder.filePath(u"config.toml"_s));
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write(u"[server]\nlisten = \"127.0.0.1:0\"\ndata = \"%1/data\"\n[database]\nengine = \"sqlite\"\n[store]\nkind = \"folder\"\n"_s
                     .arg(m_folder.path())
                     .toUtf8());
}

void TestReprocessProgram::init()
{
    stop();
    QVERIFY2(start(), qPrintable(m_errors));
    if (!m_hasPhotos.value(isSmall()))
        bring();
}

QByteArray TestReprocessProgram::command(const QStringList &words, const QStringList &environment)
{
    QProcess process;
    process.setEnvironment(QProcess::systemEnvironment() + environment);
    process.start(programFolder() + u"/photolift-server"_s, QStringList{u"--config"_s, configFile()} + words);
    process.waitForFinished(120000);
    m_exit = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    m_errors = QString::fromUtf8(process.readAllStandardError());
    return process.readAllStandardOutput();
}

bool TestReprocessProgram::start(const QStringList &environment)
{
    m_server = std::make_unique<QProcess>();
    m_server->setEnvironment(QProcess::systemEnvironment() + environment);
    m_server->setStandardErrorFile(m_folder.filePath(u"log"_s), QIODevice::Append);
    m_server->start(programFolder() + u"/photolift-server"_s, {u"--config"_s, configFile()});
    QByteArray said;
    while (!said.contains('\n')) {
        if (!m_server->waitForReadyRead(60000)) {
            m_errors = u"the server did not start"_s;
            return false;
        }
        said += m_server->readAllStandardOutput();
    }
    m_address = QUrl(QJsonDocument::fromJson(said.left(said.indexOf('\n'))).object().value(u"address"_s).toString());
    return m_address.isValid();
}

void TestReprocessProgram::stop()
{
    if (!m_server)
        return;
    m_server->terminate();
    m_server->waitForFinished(60000);
    m_server.reset();
}

QString TestReprocessProgram::sql(const QString &statement)
{
    if (!isSmall())
        return m_organisation.sql(statement);
    QString value;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"look"_s);
        database.setDatabaseName(m_folder.filePath(u"data/server.sqlite"_s));
        database.setConnectOptions(u"QSQLITE_BUSY_TIMEOUT=20000"_s);
        database.open();
        QSqlQuery query(database);
        if (!query.exec(statement))
            qWarning() << query.lastError().text();
        else if (query.next())
            value = query.value(0).toString();
    }
    QSqlDatabase::removeDatabase(u"look"_s);
    return value;
}

void TestReprocessProgram::bring()
{
    command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    QVERIFY2(m_exit == 0, qPrintable(m_errors));
    const QString token = m_folder.filePath(isSmall() ? u"token-small"_s : u"token"_s);
    QFile file(token);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner));
    file.write(command({u"token"_s, u"create"_s, u"anna"_s}));
    file.close();
    const QString photos = m_folder.filePath(u"photos"_s);
    for (int i = 1; i <= 3; ++i)
        writeJpeg(photos + u"/IMG_%1.JPG"_s.arg(i), i, 30'000);
    CliRun cli(m_folder.filePath(isSmall() ? u"cli-small"_s : u"cli"_s));
    const CliAnswer answer = cli.run({u"upload"_s, photos, u"--server"_s, m_address.toString(), u"--token-file"_s, token});
    QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == 3, qPrintable(answer.toText()));
    m_hasPhotos.insert(isSmall(), true);
}

QString TestReprocessProgram::objectFile(const QByteArray &photo) const
{
    const QString sha256 = QString::fromLatin1(QCryptographicHash::hash(photo, QCryptographicHash::Sha256).toHex());
    return u"objects/"_s + QString::fromLatin1(server::objectPath(sha256, photo.size()).value_or(QByteArray()));
}

std::optional<QByteArray> TestReprocessProgram::ask(const QByteArray &photo, const QByteArray &method, const QByteArray &body) const
{
    server::S3Account account;
    account.endpoint = m_organisation.store().endpoint();
    account.bucket = "photos";
    account.credentials = {CephGateway::accessKey(), CephGateway::secretKey(), CephGateway::region()};
    server::S3Request request;
    request.method = method;
    request.key = objectFile(photo).toLatin1();
    request.body = body;
    const auto answer = server::S3Client(account).sendExpectingGood(request);
    return answer ? std::optional(answer->body) : std::nullopt;
}

QByteArray TestReprocessProgram::stored(const QByteArray &photo) const
{
    QFile file(m_folder.filePath(u"data/"_s + objectFile(photo)));
    if (isSmall())
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    return ask(photo, "GET").value_or(QByteArray());
}

bool TestReprocessProgram::overwrite(const QByteArray &photo, const QByteArray &bytes) const
{
    QFile file(m_folder.filePath(u"data/"_s + objectFile(photo)));
    if (isSmall())
        return file.open(QIODevice::ReadWrite) && file.write(bytes) == bytes.size();
    return ask(photo, "PUT", bytes).has_value();
}

void TestReprocessProgram::wrongWordsAreUsage()
{
    const QString columns = u"project, account, user, media_type, photo_type, camera_make, camera_model, app_version, uploaded_after, uploaded_before,"
                            " error, failed_stage"_s;
    const QString stages = u"validation, metadata_extraction, processing, indexing"_s;
    const QStringList good{u"--where"_s, u"user=anna"_s};
    const auto usage = [this](const QStringList &words) {
        const QByteArray output = command(QStringList{u"reprocess"_s} + words);
        return m_exit == 2 && output.isEmpty() ? m_errors : u"exit %1"_s.arg(m_exit);
    };
    QVERIFY(usage({u"--stage"_s, u"processing"_s}).contains(columns));
    QVERIFY(usage({u"--stage"_s, u"processing"_s, u"--where"_s, u"sha256=abc"_s}).contains(columns));
    QVERIFY(usage({u"--stage"_s, u"processing"_s, u"--where"_s, u"1=1 OR user=anna"_s}).contains(columns));
    QVERIFY(usage(good).contains(stages));
    QVERIFY(usage(QStringList{u"--stage"_s, u"polishing"_s} + good).contains(stages));
    for (const QString &stage : {u"reception"_s, u"storage"_s, u"transfer"_s})
        QVERIFY(usage(QStringList{u"--stage"_s, stage} + good).contains(stages));
    QCOMPARE(number(u"SELECT count(*) FROM server_reprocess_runs"_s), 0);
}

void TestReprocessProgram::nothingIsQueuedByADryRun()
{
    const QString bytes = sql(u"SELECT CAST(sum(size) AS bigint) FROM server_assets"_s);
    const QByteArray said = reprocess(u"processing"_s, {u"--dry-run"_s});
    QVERIFY2(m_exit == 0 && said.startsWith(QString(u"3 photos, "_s + bytes + u" bytes would be queued\n"_s).toLatin1()), qPrintable(QString::fromUtf8(said) + m_errors));
    QVERIFY(reprocess(u"processing"_s, {u"--dry-run"_s, u"--where"_s, u"user=x' OR '1'='1"_s}).startsWith("0 photos, 0 bytes would be queued\n"));
    QVERIFY(reprocess(u"processing"_s, {u"--dry-run"_s, u"--where"_s, u"user=anna"_s}).startsWith("3 photos, "));
    QCOMPARE(number(u"SELECT (SELECT count(*) FROM server_reprocess_runs) + (SELECT count(*) FROM server_reprocess_jobs)"_s), 0);
}

void TestReprocessProgram::picturesAreMadeAgain()
{
    const QString versions = u"SELECT sum(row_version) FROM dim_photos"_s;
    const QString star = u"SELECT (SELECT sum(row_version) FROM fact_upload_attempts) + (SELECT sum(row_version) + sum(retry_count) FROM fact_upload_stages)"_s;
    const int before = number(versions);
    const QString story = sql(star);

    const QByteArray said = reprocess(u"processing"_s);
    QVERIFY2(m_exit == 0 && said.contains(": 3 photos, ") && said.contains(" queued, "), qPrintable(QString::fromUtf8(said) + m_errors));

    QTRY_COMPARE_WITH_TIMEOUT(number(u"SELECT count(*) FROM server_reprocess_jobs"_s), 0, 60'000);
    QCOMPARE(number(versions), before + 3);
    QCOMPARE(sql(star), story);
    const QByteArray list = command({u"reprocess"_s, u"list"_s});
    QVERIFY2(list.contains("  processing  {\"media_type\":\"image/jpeg\"}  since ") && list.contains("0 remain, 0 failed\n"), list.constData());
    QCOMPARE(command({u"jobs"_s, u"list"_s}), QByteArray());
    QCOMPARE(number(u"SELECT count(*) FROM server_audit WHERE action = 'reprocess.begun' AND actor = 'command'"_s), 1);
}

void TestReprocessProgram::aKilledCommandGoesOnWhereItWas()
{
    stop();
    // More photos than a transaction takes.
    (void)sql(u"INSERT INTO server_assets (account_id, sha256, size, project_id, relative_path, client_upload_id, created_ms)"
              " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2497)"
              " SELECT account_id, sha256, size, project_id, 'copy ' || i, client_upload_id, created_ms FROM n,"
              " (SELECT * FROM server_assets ORDER BY asset_id LIMIT 1) a"_s);
    const auto tidy = qScopeGuard([this] {
        (void)sql(u"DELETE FROM server_reprocess_jobs"_s);
        (void)sql(u"DELETE FROM server_assets WHERE relative_path LIKE 'copy %'"_s);
    });
    QCOMPARE(number(u"SELECT count(*) FROM server_assets"_s), 2500);

    (void)reprocess(u"indexing"_s, {}, {u"PHOTOLIFT_KILL_AT=reprocess.queued"_s});
    QCOMPARE(m_exit, -1);
    const QByteArray list = command({u"reprocess"_s, u"list"_s});
    QVERIFY2(list.contains("1000 photos, ") && list.contains(", not queued to its end  1000 remain, 0 failed\n"), list.constData());

    const QByteArray more = reprocess(u"indexing"_s);
    QVERIFY2(m_exit == 0 && more.contains(" goes on: 1500 photos, ") && more.contains(" queued, 2500 remain, 0 failed\n"), qPrintable(QString::fromUtf8(more) + m_errors));
    const QByteArray again = reprocess(u"indexing"_s);
    QVERIFY2(again.contains(" goes on: 0 photos, 0 bytes queued, 2500 remain, 0 failed\n"), again.constData());
    QCOMPARE(number(u"SELECT count(*) FROM server_reprocess_runs WHERE stage = 'indexing'"_s), 1);
    QVERIFY(command({u"jobs"_s, u"list"_s}).contains("  indexing  2500 photos wait behind all uploads\n"));
}

void TestReprocessProgram::aKilledWorkerDoesEachPhotoOnce()
{
    stop();
    const QString versions = u"SELECT sum(row_version) FROM dim_photos"_s;
    const int before = number(versions);
    (void)reprocess(u"metadata_extraction"_s);
    QVERIFY2(m_exit == 0, qPrintable(m_errors));
    QCOMPARE(number(u"SELECT count(*) FROM server_reprocess_jobs"_s), 3);

    (void)start({u"PHOTOLIFT_KILL_AT=reprocess.after#2"_s});
    QVERIFY(m_server->waitForFinished(60000) || m_server->state() == QProcess::NotRunning);
    QCOMPARE(m_server->exitStatus(), QProcess::CrashExit);
    QCOMPARE(number(u"SELECT count(*) FROM server_reprocess_jobs"_s), 2);
    (void)start({u"PHOTOLIFT_KILL_AT=reprocess.recorded"_s});
    QVERIFY(m_server->waitForFinished(60000) || m_server->state() == QProcess::NotRunning);
    QCOMPARE(number(u"SELECT count(*) FROM server_reprocess_jobs"_s), 1);
    QVERIFY2(start(), qPrintable(m_errors));

    QTRY_COMPARE_WITH_TIMEOUT(number(u"SELECT count(*) FROM server_reprocess_jobs"_s), 0, 90'000);
    QCOMPARE(number(versions), before + 3);
}

/// A bit of the stored object, which neither its name nor its size shows: found by a reading, brought again, and right again, byte for byte.
void TestReprocessProgram::aRottenCopyIsReplacedByTheNextUpload()
{
    const QString source = m_folder.filePath(u"photos/IMG_2.JPG"_s);
    QFile file(source);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray photo = file.readAll();
    QByteArray rotten = photo;
    rotten[photo.size() - 1] = static_cast<char>(rotten[photo.size() - 1] ^ 1);
    QVERIFY(stored(photo) == photo);
    QVERIFY(overwrite(photo, rotten) && stored(photo) == rotten);
    // Another account has the same bytes, and the store one object for both: the worker's login may say so of either.
    (void)sql(u"INSERT INTO server_objects (account_id, sha256, size, state, decided_ms) SELECT 'second', sha256, size, 'stored', 1 FROM server_assets"
              " WHERE relative_path LIKE '%IMG_2.JPG'"_s);

    (void)reprocess(u"validation"_s);
    QVERIFY2(m_exit == 0, qPrintable(m_errors));
    QTRY_COMPARE_WITH_TIMEOUT(number(u"SELECT count(*) FROM server_reprocess_jobs WHERE failed_ms IS NULL"_s), 0, 60'000);
    QCOMPARE(sql(u"SELECT error_code FROM server_reprocess_jobs"_s), u"STORAGE_COPY_DAMAGED"_s);
    QCOMPARE(number(u"SELECT count(*) FROM server_objects WHERE state = 'lost'"_s), 2);
    CliRun cli(m_folder.filePath(isSmall() ? u"cli-small-again"_s : u"cli-again"_s));
    const CliAnswer answer = cli.run({u"upload"_s, source, u"--server"_s, m_address.toString(), u"--token-file"_s, m_folder.filePath(isSmall() ? u"token-small"_s : u"token"_s)});

    QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == 1 && answer.summary->bytes > 0, qPrintable(answer.toText()));
    QVERIFY(stored(photo) == photo);
    QCOMPARE(number(u"SELECT count(*) FROM server_objects WHERE state = 'lost'"_s), 0);
    QCOMPARE(number(u"SELECT count(*) FROM server_objects WHERE state = 'stored' AND account_id = 'second'"_s), 1);
}

QTEST_GUILESS_MAIN(TestReprocessProgram)
#include "tst_reprocessprogram.moc"
