#include "app/server/work/databasethreads.h"
#include "app/server/work/jobtable.h"
#include "models/store/database.h"
#include "models/vocabulary/ids.h"

#include <QSet>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::server;

/// Which server works on which photo, when several share a database.
class TestLeases : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void theOtherServersJobIsLeftAlone();
    void aJobWhoseLeaseRanOutIsTakenOnce();
    void aRestartTakesUpItsOwnAtOnce();
    void aRenewedLeaseHolds();
    void theOnlyServerTakesUpEverything();

private:
    QUuid add(const QString &owner, qint64 untilMs);
    QList<QUuid> takenBy(const QString &owner, const QString &endedOwners);

    static constexpr qint64 NowMs = 1'800'000'000'000;
    QTemporaryDir m_folder;
    std::unique_ptr<DatabaseThreads> m_database;
};

void TestLeases::initTestCase()
{
    auto opened = DatabaseThreads::open({.path = m_folder.filePath(u"server.sqlite"_s)});
    QVERIFY(opened);
    m_database = *std::move(opened);
}

void TestLeases::init()
{
    QVERIFY(m_database->writeAndWait([](Writing &writing) -> Result<> {
        QSqlQuery query(writing.database);
        return query.exec(u"DELETE FROM server_jobs"_s) ? Result<>() : Result<>(store::databaseError(query.lastError()));
    }));
}

QUuid TestLeases::add(const QString &owner, qint64 untilMs)
{
    const QUuid id = newUuid7();
    const Result<> added = m_database->writeAndWait([&](Writing &writing) -> Result<> {
        QSqlQuery upload(writing.database);
        if (!upload.exec(u"INSERT INTO server_uploads (upload_id, account_id, client_upload_id, item_id, device_id, project_id, relative_path, sha256, size,"
                         " part_bytes, media_type, state, touched_ms, attempt_json, told_version, told_json)"
                         " VALUES ('%1', 'local', '%1', 'i', 'd', 'p', 'a.jpg', 'x', 1, 1, 'image/jpeg', 'committed', 1, '{}', 1, '{}')"_s.arg(idText(id))))
            return store::databaseError(upload.lastError());
        return JobTable(writing.database).add(id, owner, untilMs, NowMs - 1000);
    });
    return added ? id : QUuid();
}

QList<QUuid> TestLeases::takenBy(const QString &owner, const QString &endedOwners)
{
    QList<QUuid> ids;
    const Result<> taken = m_database->writeAndWait([&](Writing &writing) -> Result<> {
        const Result<QList<Job>> jobs = JobTable(writing.database).takeOver(owner, NowMs, NowMs + 60'000, endedOwners);
        if (!jobs)
            return jobs.error();
        for (const Job &job : *jobs)
            ids.append(job.uploadId);
        return {};
    });
    return taken ? ids : QList<QUuid>{QUuid()};
}

void TestLeases::theOtherServersJobIsLeftAlone()
{
    QVERIFY(!add(u"one/a"_s, NowMs + 1).isNull());

    QCOMPARE(takenBy(u"other/b"_s, {}), QList<QUuid>());
    QCOMPARE(takenBy(u"other/b"_s, u"other/%"_s), QList<QUuid>());
}

void TestLeases::aJobWhoseLeaseRanOutIsTakenOnce()
{
    const QUuid id = add(u"one/a"_s, NowMs - 1);

    QCOMPARE(takenBy(u"other/b"_s, {}), QList<QUuid>{id});
    QCOMPARE(takenBy(u"third/c"_s, {}), QList<QUuid>());
}

void TestLeases::aRestartTakesUpItsOwnAtOnce()
{
    const QUuid own = add(u"one/a"_s, NowMs + 60'000);
    QVERIFY(!add(u"other/b"_s, NowMs + 60'000).isNull());

    QCOMPARE(takenBy(u"one/z"_s, u"one/%"_s), QList<QUuid>{own});
    QCOMPARE(takenBy(u"one/z"_s, u"one/%"_s), QList<QUuid>()); // its own of this life
}

void TestLeases::aRenewedLeaseHolds()
{
    QVERIFY(!add(u"one/a"_s, NowMs - 1).isNull());
    QVERIFY(m_database->writeAndWait([](Writing &writing) { return JobTable(writing.database).renew(u"one/a"_s, NowMs + 1); }));

    QCOMPARE(takenBy(u"other/b"_s, {}), QList<QUuid>());
}

void TestLeases::theOnlyServerTakesUpEverything()
{
    const QList<QUuid> all{add(u"/a"_s, NowMs + 60'000), add(u"before there were homes"_s, NowMs + 60'000)};

    QList<QUuid> taken = takenBy(u"/b"_s, u"%"_s);

    QCOMPARE(QSet<QUuid>(taken.begin(), taken.end()), QSet<QUuid>(all.begin(), all.end()));
}

QTEST_GUILESS_MAIN(TestLeases)
#include "tst_leases.moc"
