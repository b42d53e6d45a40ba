#include "app/server/work/databasethreads.h"
#include "app/server/work/leavingphoto.h"
#include "app/server/work/objecttable.h"
#include "app/server/work/projecttable.h"
#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"

#include <QSqlError>
#include <QSqlQuery>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::server;
using namespace photolift::test;

/// Transactions of PostgreSQL whose ways cross where a photo, or its place in the store, would be lost.
class TestCrossings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void bytesThatAPhotoHasJustBroughtStay();
    void placeOfADecisionThatMayBeThereStays();
    void telemetryHoldsTheUploadBeforeTheStar();
    void dropThatComesWhileItsProjectIsBroughtTogetherFollowsIt();

private:
    int waitingForLocks() const
    {
        return m_rig->sql(u"SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"_s).toInt();
    }

    BothEngines m_engines;
    std::unique_ptr<ApiRig> m_rig;
};

void TestCrossings::initTestCase()
{
    QVERIFY2(m_engines.start(), qPrintable(m_engines.failure()));
}

void TestCrossings::init()
{
    m_rig = m_engines.rig(store::Engine::PostgreSql);
    m_rig->start();
}

/// The purge of the last photo with these bytes has begun before another photo with the same has ended, and cannot see it.
void TestCrossings::bytesThatAPhotoHasJustBroughtStay()
{
    // In so small a database whole tables are read, which is in everybody's way: an ordinary one has indexes.
    m_rig->change(u"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET enable_seqscan = off', current_database()); END $$"_s);
    const Photo photo = photoOf(1);
    QCOMPARE(m_rig->upload(photo).status, Status::Succeeded);
    LeavingPhoto leaving;
    leaving.assetId = m_rig->sql(u"SELECT asset_id FROM server_assets"_s).toLongLong();
    leaving.clientUploadId = idText(photo.question.attempt.clientUploadId);
    leaving.rule = u"after 7 days"_s;
    DatabaseThreads::Options options;
    options.postgres = m_rig->options.workerLogin;
    const QString project = m_rig->sql(u"SELECT project_id FROM server_assets"_s).toString();
    const auto opened = DatabaseThreads::open(options);
    QVERIFY2(opened, qPrintable(opened ? QString() : opened.error().detail));

    m_rig->onDatabase([&](const QSqlDatabase &purging) {
        QSqlQuery query(purging);
        QVERIFY(query.exec(u"BEGIN ISOLATION LEVEL SERIALIZABLE"_s) && query.exec(u"SELECT count(*) FROM server_state"_s));
        const Result<> stored = (*opened)->writeAndWait([&](Writing &writing) -> Result<> {
            Upload upload;
            upload.accountId = u"local"_s;
            upload.sha256 = photo.sha256;
            upload.size = photo.bytes.size();
            ObjectTable::Known known;
            known.state = ObjectTable::State::Stored;
            if (const Result<> decided = ObjectTable(writing.database).decide(upload, known, nowMs()); !decided)
                return decided;
            return withoutValue(change(writing.database,
                                       "INSERT INTO server_assets (account_id, sha256, size, project_id, relative_path, client_upload_id, created_ms)"
                                       " VALUES ('local', ?, ?, ?, 'elsewhere.jpg', ?, 1)"_L1,
                                       {upload.sha256, upload.size, project, idText(newUuid7())}));
        });
        QVERIFY2(stored, qPrintable(stored ? QString() : stored.error().detail));

        const Result<bool> left = leave(purging, leaving, nowMs(), {});

        QVERIFY(!left || !query.exec(u"COMMIT"_s)); // it comes again, and sees both
        (void)query.exec(u"ROLLBACK"_s);
    });
    QCOMPARE(m_rig->sql(u"SELECT count(*) FROM server_objects"_s).toInt(), 1);
    QCOMPARE(m_rig->sql(u"SELECT count(*) FROM server_removals"_s).toInt(), 0);
}

/// The connection breaks in a commit: nobody knows whether the upload is on record, so nobody may take its place away.
void TestCrossings::placeOfADecisionThatMayBeThereStays()
{
    m_rig->store.setNaming(true);
    m_rig->change(u"CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$"_s);
    m_rig->change(u"CREATE CONSTRAINT TRIGGER a AFTER INSERT ON server_uploads DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION break_off()"_s);

    QCOMPARE(m_rig->askRaw(photoOf(1)).code(), u"API_UNAVAILABLE"_s);

    m_rig->change(u"DROP TRIGGER a ON server_uploads"_s);
    (void)m_rig->ask(photoOf(2)); // behind whatever the first one left to be done
    QCOMPARE(m_rig->store.incoming().size(), 2);
}

/// As commits and stages do: in turn, they would wait for each other.
void TestCrossings::telemetryHoldsTheUploadBeforeTheStar()
{
    const Photo photo = photoOf(1);
    const wire::Offer offer = m_rig->ask(photo);
    AttemptRecord attempt = photo.question.attempt;
    attempt.rowVersion = 7;
    const wire::MirrorEvent event{newUuid7(), wire::MirrorEvent::Kind::Attempt, toJson(attempt)};

    std::shared_ptr<std::optional<ApiRig::Answer>> told;
    m_rig->onDatabase([&](const QSqlDatabase &committing) {
        QSqlQuery query(committing);
        QVERIFY(query.exec(u"BEGIN"_s) && query.exec(u"SELECT 1 FROM server_uploads FOR UPDATE"_s) && query.next());
        told = m_rig->callLater("POST", "/v1/events", jsonBytes(wire::toJson(event)) + '\n');
        QVERIFY(QTest::qWaitFor([this] { return waitingForLocks() == 1; }, 20000));

        QVERIFY2(query.exec(u"SELECT 1 FROM fact_upload_attempts FOR UPDATE NOWAIT"_s) && query.next(), qPrintable(query.lastError().text()));

        QVERIFY(query.exec(u"COMMIT"_s));
    });
    QTRY_VERIFY(told->has_value());
    QCOMPARE((*told)->status, 200);
}

/// A question that moves what is named by a further id of a project does not see what is being written beside it.
void TestCrossings::dropThatComesWhileItsProjectIsBroughtTogetherFollowsIt()
{
    const Photo mine = photoOf(1);
    const Photo first = ofAnotherClient(mine);
    Photo second = first;
    second.question.batch.batchId = second.question.attempt.batchId = newUuid7();
    const auto dropped = [this](const Photo &photo) {
        return m_rig->events({{newUuid7(), wire::MirrorEvent::Kind::Batch, toJson(photo.question.batch)}}).status;
    };
    m_rig->upload(mine);
    QCOMPARE(dropped(first), 200);

    m_rig->onDatabase([&](const QSqlDatabase &asking) {
        QSqlQuery query(asking);
        QVERIFY(query.exec(u"BEGIN ISOLATION LEVEL SERIALIZABLE"_s) && query.exec(u"SELECT count(*) FROM server_state"_s));
        QCOMPARE(dropped(second), 200);

        const Result<QUuid> met = ProjectTable(asking).resolve(first.question.project);

        QVERIFY(!met || !query.exec(u"COMMIT"_s)); // it comes again, and sees both
        (void)query.exec(u"ROLLBACK"_s);
    });
    QCOMPARE(m_rig->askRaw(second).status, 200);
    QCOMPARE(m_rig->sql(u"SELECT count(*) FROM dim_batches JOIN dim_projects USING (project_key) WHERE project_name = 'Photos'"_s).toInt(), 3);
    QCOMPARE(m_rig->sql(u"SELECT count(*) FROM dim_projects WHERE project_key > 0"_s).toInt(), 1);
}

QTEST_GUILESS_MAIN(TestCrossings)
#include "tst_crossings.moc"
