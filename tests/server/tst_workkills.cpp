#include "tests/server/apirig.h"
#include "tests/support/rawclient.h"
#include "tests/support/serverrun.h"

#include "models/vocabulary/ids.h"

#include <QDirIterator>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

/// F12 in short form: the real server is killed at each of its fault points once, started again, and the client goes on as its
/// policy says. Afterwards every effect is there exactly once.
class TestWorkKills : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void wholeWayWithoutAKill();
    void killedServerDoesEachEffectOnce_data();
    void killedServerDoesEachEffectOnce();
    void eventsBatchIsAppliedOnceAcrossAKill();
    void aKilledPurgeIsFinished_data();
    void aKilledPurgeIsFinished();

private:
    struct Reply {
        int status = 0;
        QJsonObject json;
    };
    Reply request(const QByteArray &method, const QByteArray &target, const QByteArray &body, const QByteArray &key);
    /// Sends until there is an answer, with the same key, and starts a server that has died again.
    Reply persist(const QByteArray &method, const QByteArray &target, const QByteArray &body = {});
    bool put(const wire::PartLink &link, const QByteArray &bytes);
    void bring(const Photo &photo, wire::UploadStatus *end);
    QVariant sql(const QString &query) const;
    QStringList filesBelow(const QString &folder) const;
    void checkEachEffectOnce(const Photo &photo, const wire::UploadStatus &end);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<support::ServerRun> m_server;
    int m_restarts = 0;
};

void TestWorkKills::init()
{
    m_server.reset();
    m_folder = std::make_unique<QTemporaryDir>();
    m_server = std::make_unique<support::ServerRun>(m_folder->path());
    m_restarts = 0;
}

TestWorkKills::Reply TestWorkKills::request(const QByteArray &method, const QByteArray &target, const QByteArray &body, const QByteArray &key)
{
    QFile token(m_server->tokenFile());
    if (!token.open(QIODevice::ReadOnly))
        return {};
    const auto port = static_cast<quint16>(m_server->address().port());
    RawClient client(port);
    const QByteArray lines = method + ' ' + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(port)
                                        + "\r\nAuthorization: Bearer " + token.readAll().trimmed() + "\r\nIdempotency-Key: " + key
                                        + "\r\nContent-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
    const RawAnswer answer = client.ask(lines);
    return {answer.status, QJsonDocument::fromJson(answer.body).object()};
}

TestWorkKills::Reply TestWorkKills::persist(const QByteArray &method, const QByteArray &target, const QByteArray &body)
{
    const QByteArray key = idText(newUuid7()).toLatin1();
    for (int tries = 0; tries < 5; ++tries) {
        const Reply reply = request(method, target, body, key);
        if (reply.status != 0)
            return reply;
        if (!m_server->waitForEnd(10000))
            qFatal("the server gave no answer and lives");
        ++m_restarts;
        if (!m_server->start())
            qFatal("the server does not start again");
    }
    return {};
}

bool TestWorkKills::put(const wire::PartLink &link, const QByteArray &bytes)
{
    RawClient client(static_cast<quint16>(m_server->address().port()));
    QByteArray head = "PUT " + link.url.toEncoded(QUrl::RemoveScheme | QUrl::RemoveAuthority) + " HTTP/1.1\r\nHost: "
                      + link.url.authority().toLatin1() + "\r\n";
    bool hasLength = false;
    for (const auto &[name, value] : link.headers) {
        if (name.toLower() == "host")
            continue;
        hasLength = hasLength || name.toLower() == "content-length";
        head += name + ": " + value + "\r\n";
    }
    if (!hasLength)
        head += "Content-Length: " + QByteArray::number(bytes.size()) + "\r\n";
    head += "\r\n";
    head += bytes;
    return client.ask(head).status == 200;
}

void TestWorkKills::bring(const Photo &photo, wire::UploadStatus *end)
{
    const Result<wire::Offer> offer = wire::offerFromJson(persist("POST", "/v1/uploads", jsonBytes(wire::toJson(photo.question))).json);
    QVERIFY(offer);
    const QByteArray upload = "/v1/uploads/" + idText(offer->uploadId).toLatin1();
    const wire::LinkRequest order{{{1, photo.bytes.size(), photo.sha256}}};
    const Result<wire::LinkAnswer> links = wire::linkAnswerFromJson(persist("POST", upload + "/links", jsonBytes(wire::toJson(order))).json);
    QVERIFY(links);
    QVERIFY(put(links->links.first(), photo.bytes));
    QCOMPARE(persist("POST", upload + "/commit", jsonBytes(wire::toJson(commitOf(photo)))).status, 202);

    const QDeadlineTimer deadline(120'000); // beside a busy machine the lowest priority gets a hundredth of it
    while (!deadline.hasExpired() && !isTerminal(end->status)) {
        const wire::StatusQuery query{{{offer->uploadId, end->version}}, 2};
        const Result<wire::StatusAnswer> answer = wire::statusAnswerFromJson(persist("POST", "/v1/status", jsonBytes(wire::toJson(query))).json);
        QVERIFY(answer);
        if (!answer->uploads.isEmpty())
            *end = answer->uploads.first();
    }
}

QVariant TestWorkKills::sql(const QString &query) const
{
    QVariant value;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"look"_s);
        database.setDatabaseName(m_folder->filePath(u"server.sqlite"_s));
        database.open();
        QSqlQuery look(database);
        if (look.exec(query) && look.next())
            value = look.value(0);
        else
            qWarning() << look.lastError().text();
    }
    QSqlDatabase::removeDatabase(u"look"_s);
    return value;
}

QStringList TestWorkKills::filesBelow(const QString &folder) const
{
    QStringList files;
    QDirIterator walk(m_folder->filePath(folder), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (walk.hasNext())
        files.append(walk.next());
    return files;
}

void TestWorkKills::checkEachEffectOnce(const Photo &photo, const wire::UploadStatus &end)
{
    QCOMPARE(end.status, Status::Succeeded);
    QVERIFY(end.isSafe);
    QCOMPARE(end.storedSha256, photo.sha256);
    QCOMPARE(m_server->stop(), 0);
    const QStringList objects = filesBelow(u"objects"_s);
    QCOMPARE(objects.size(), 1);
    QFile object(objects.first());
    QVERIFY(object.open(QIODevice::ReadOnly));
    QCOMPARE(object.readAll(), photo.bytes);
    QCOMPARE(filesBelow(u"derived"_s).size(), 2);
    QCOMPARE(filesBelow(u"incoming"_s), QStringList());
    QCOMPARE(sql(u"PRAGMA integrity_check"_s), u"ok"_s);
    QCOMPARE(sql(u"SELECT count(*) FROM server_assets"_s), 1);
    QCOMPARE(sql(u"SELECT count(*) FROM server_search"_s), 1);
    QCOMPARE(sql(u"SELECT count(*) FROM server_uploads"_s), 1);
    QCOMPARE(sql(u"SELECT count(*) FROM server_jobs"_s), 0);
    QCOMPARE(sql(u"SELECT count(*) FROM fact_upload_attempts"_s), 1);
    QCOMPARE(sql(u"SELECT count(*) FROM dim_photos WHERE photo_key > 0"_s), 1);
    QCOMPARE(sql(u"SELECT count(*) FROM fact_upload_stages WHERE is_successful = 1 AND stage_end_timestamp IS NOT NULL"_s), 6);
    QCOMPARE(sql(u"SELECT count(*) FROM fact_upload_errors"_s), 0);
}

void TestWorkKills::wholeWayWithoutAKill()
{
    QVERIFY(m_server->start());
    const Photo photo = photoOf(1);
    wire::UploadStatus end;

    bring(photo, &end);

    QCOMPARE(m_restarts, 0);
    checkEachEffectOnce(photo, end);
}

void TestWorkKills::killedServerDoesEachEffectOnce_data()
{
    QTest::addColumn<QString>("point");
    QStringList points{u"api.ask.before_commit"_s, u"api.ask.after_commit"_s, u"api.links.answered"_s, u"api.commit.before_commit"_s,
                       u"api.commit.after_commit"_s};
    for (const QString &stage : {u"reception"_s, u"validation"_s, u"metadata_extraction"_s, u"processing"_s, u"storage"_s, u"indexing"_s}) {
        for (const QString &where : {u"before"_s, u"after"_s, u"committed"_s})
            points.append(u"work."_s + stage + u'.' + where);
    }
    for (const QString &point : std::as_const(points))
        QTest::newRow(qPrintable(point)) << point;
}

void TestWorkKills::killedServerDoesEachEffectOnce()
{
    QFETCH(QString, point);
    QVERIFY(m_server->start({u"PHOTOLIFT_KILL_AT="_s + point}));
    const Photo photo = photoOf(1);
    wire::UploadStatus end;

    bring(photo, &end);
    if (m_restarts == 0 && m_server->waitForEnd(5000)) { // killed after the last answer
        ++m_restarts;
        QVERIFY(m_server->start());
    }

    QCOMPARE(m_restarts, 1); // the marker was passed
    checkEachEffectOnce(photo, end);
}

void TestWorkKills::eventsBatchIsAppliedOnceAcrossAKill()
{
    for (const QString &point : {u"api.events.before_commit"_s, u"api.events.after_commit"_s}) {
        init();
        QVERIFY(m_server->start({u"PHOTOLIFT_KILL_AT="_s + point}));
        HeartbeatRecord heartbeat;
        heartbeat.heartbeatId = newUuid7();
        heartbeat.surroundings = photoOf(1).question.attempt.surroundings;
        heartbeat.capturedMs = nowMs();
        const wire::MirrorEvent event{heartbeat.heartbeatId, wire::MirrorEvent::Kind::Heartbeat, toJson(heartbeat)};

        const Reply reply = persist("POST", "/v1/events", jsonBytes(wire::toJson(event)) + '\n');

        QCOMPARE(reply.status, 200);
        QCOMPARE(m_restarts, 1);
        QCOMPARE(reply.json.value("applied"_L1).toInt() + reply.json.value("repeated"_L1).toInt(), 1);
        QCOMPARE(sql(u"SELECT count(*) FROM fact_client_heartbeats"_s), 1);
    }
}

void TestWorkKills::aKilledPurgeIsFinished_data()
{
    QTest::addColumn<QString>("point");
    QTest::addColumn<QString>("because");
    for (const QString &point : {u"marked"_s, u"recorded"_s, u"named"_s, u"claimed"_s, u"removed"_s})
        QTest::newRow(qPrintable(point)) << u"purge."_s + point << u"after 7 days"_s;
    for (const QString &point : {u"recorded"_s, u"named"_s, u"claimed"_s, u"removed"_s})
        QTest::newRow(qPrintable(u"removed by its owner, "_s + point)) << u"purge."_s + point << u"removed by its owner"_s;
    for (const QString &point : {u"erasures_begun"_s, u"recorded"_s, u"erased"_s, u"named"_s, u"claimed"_s, u"removed"_s})
        QTest::newRow(qPrintable(u"its owner was erased, "_s + point)) << u"purge."_s + point << u"its owner was erased"_s;
}

void TestWorkKills::aKilledPurgeIsFinished()
{
    QFETCH(const QString, point);
    QFETCH(const QString, because);
    const bool isByRule = because == u"after 7 days"_s;
    QVERIFY(m_server->start());
    wire::UploadStatus end;
    const Photo photo = photoOf(1);
    bring(photo, &end);
    QCOMPARE(end.status, Status::Succeeded);
    if (because == u"removed by its owner"_s)
        QCOMPARE(persist("POST", "/v1/photos/" + idText(photo.question.attempt.itemId).toLatin1() + "/remove", {}).status, 200);
    QCOMPARE(m_server->stop(), 0);
    if (because == u"removed by its owner"_s)
        QCOMPARE(sql(u"UPDATE server_withdrawals SET removed_ms = 1 RETURNING 1"_s), 1);
    else if (because == u"its owner was erased"_s)
        QCOMPARE(sql(u"INSERT INTO server_erasures (user_id, account_id, was_active, erased_ms) VALUES ('local', 'local', 1, 1) RETURNING 1"_s), 1);
    else
        QCOMPARE(sql(u"INSERT INTO server_project_rules SELECT project_id, account_id, 7 FROM server_assets RETURNING 1"_s), 1);
    QCOMPARE(sql(u"UPDATE server_assets SET created_ms = 1 RETURNING 1"_s), 1);
    if (point != u"purge.marked"_s && isByRule)
        QCOMPARE(sql(u"UPDATE server_assets SET purge_ms = 1 RETURNING 1"_s), 1);

    (void)m_server->start({u"PHOTOLIFT_KILL_AT="_s + point}); // may come before its address
    QVERIFY(m_server->waitForEnd(10000));
    // The day of the first phase and the minutes of a claim have passed.
    QCOMPARE(sql(u"SELECT count(*) FROM server_assets WHERE purge_ms IS NOT NULL"_s), point == u"purge.marked"_s ? 1 : 0);
    (void)sql(u"UPDATE server_assets SET purge_ms = 1 RETURNING 1"_s);
    (void)sql(u"UPDATE server_removals SET claimed_ms = 1 WHERE claimed_ms IS NOT NULL RETURNING 1"_s);
    QVERIFY(m_server->start());

    QTRY_COMPARE_WITH_TIMEOUT(filesBelow(u"objects"_s) + filesBelow(u"derived"_s), QStringList(), 20'000);
    QTRY_COMPARE_WITH_TIMEOUT(sql(u"SELECT count(*) FROM server_removals"_s), 0, 20'000); // the last step: the files may have been gone before
    if (because == u"its owner was erased"_s)
        QTRY_COMPARE_WITH_TIMEOUT(sql(u"SELECT count(*) FROM server_erasures WHERE done_ms IS NOT NULL"_s), 1, 20'000);
    QCOMPARE(m_server->stop(), 0);
    QCOMPARE(sql(u"SELECT (SELECT count(*) FROM server_assets) + (SELECT count(*) FROM server_search) + (SELECT count(*) FROM server_objects)"
                 " + (SELECT count(*) FROM server_removals)"_s),
             0);
    QCOMPARE(sql(u"SELECT group_concat(rule) FROM server_purges"_s), because);
    QCOMPARE(sql(u"SELECT (SELECT count(*) FROM fact_upload_attempts WHERE relative_path IS NULL) + (SELECT count(*) FROM dim_photos"
                 " WHERE photo_key > 0 AND extracted_metadata IS NULL) + (SELECT count(*) FROM dim_batches WHERE batch_key > 0 AND batch_name IS NULL)"
                 " + (SELECT count(*) FROM server_uploads WHERE relative_path IS NULL AND sha256 = '' AND instr(attempt_json || told_json, 'IMG') = 0)"_s),
             4);
    QCOMPARE(sql(u"PRAGMA integrity_check"_s), u"ok"_s);
}

QTEST_GUILESS_MAIN(TestWorkKills)
#include "tst_workkills.moc"
