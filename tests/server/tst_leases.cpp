#include "app/server/work/databasethreads.h"
#include "app/server/work/jobtable.h"
#include "models/store/database.h"
#include "models/vocabulary/ids.h"

#include <QSet>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

#include <functional>

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
    void aFreeJobIsTakenAndHasNotBeenTried();
    void noMoreIsTakenThanAsked();
    void whoHoldsAJobIsKnown();
    void aRestartTakesUpItsOwnAtOnce();
    void aRenewedLeaseHolds();
    void aJobSetFreeIsTakenAtOnceByWhoeverLooks();
    void onlyWhatHasFailedIsFreedWithAll();
    void whatIsReleasedWasNotTried();
    void theOnlyServerTakesUpEverything();

private:
    QUuid add(const QString &owner, qint64 untilMs);
    int tries(const QUuid &id);
    using Taking = std::function<Result<QList<Job>>(const JobTable &)>;
    QList<QUuid> taken(const Taking &taking);
    QList<QUuid> dueFor(const QString &owner, int most = 100)
    {
        return taken([&](const JobTable &jobs) { return jobs.takeDue(owner, NowMs, NowMs + 60'000, most); });
    }
    QList<QUuid> ofFormerLives(const QString &owner, const QString &endedOwners)
    {
        return taken([&](const JobTable &jobs) { return jobs.takeOver(owner, NowMs + 60'000, endedOwners); });
    }

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

int TestLeases::tries(const QUuid &id)
{
    int tries = -1;
    m_database->readAndWait([&](const QSqlDatabase &database) {
        if (const auto job = JobTable(database).byId(id); job && *job)
            tries = (*job)->tries;
    });
    return tries;
}

QList<QUuid> TestLeases::taken(const Taking &taking)
{
    QList<QUuid> ids;
    const Result<> done = m_database->writeAndWait([&](Writing &writing) -> Result<> {
        const Result<QList<Job>> jobs = taking(JobTable(writing.database));
        if (!jobs)
            return jobs.error();
        for (const Job &job : *jobs)
            ids.append(job.uploadId);
        return {};
    });
    return done ? ids : QList<QUuid>{QUuid()};
}

void TestLeases::theOtherServersJobIsLeftAlone()
{
    QVERIFY(!add(u"one/a"_s, NowMs + 1).isNull());

    QCOMPARE(dueFor(u"other/b"_s), QList<QUuid>());
    QCOMPARE(ofFormerLives(u"other/b"_s, u"other/%"_s), QList<QUuid>());
}

void TestLeases::aJobWhoseLeaseRanOutIsTakenOnce()
{
    const QUuid id = add(u"one/a"_s, NowMs - 1);

    QCOMPARE(dueFor(u"other/b"_s), QList<QUuid>{id});
    QCOMPARE(dueFor(u"third/c"_s), QList<QUuid>());
}

void TestLeases::aFreeJobIsTakenAndHasNotBeenTried()
{
    const QUuid id = add(u""_s, 0);

    QCOMPARE(ofFormerLives(u"/b"_s, u"%"_s), QList<QUuid>());
    QCOMPARE(dueFor(u"other/b"_s), QList<QUuid>{id});
    QCOMPARE(tries(id), 0);
    QCOMPARE(ofFormerLives(u"other/c"_s, u"other/%"_s), QList<QUuid>{id});
    QCOMPARE(tries(id), 1);
}

void TestLeases::noMoreIsTakenThanAsked()
{
    QSet<QUuid> all;
    for (int i = 0; i < 5; ++i)
        all.insert(add(u""_s, 0));

    const QList<QUuid> first = dueFor(u"one/a"_s, 2);
    const QList<QUuid> rest = dueFor(u"other/b"_s);

    QCOMPARE(first.size(), 2);
    QCOMPARE(rest.size(), 3);
    QCOMPARE(QSet<QUuid>(first.begin(), first.end()).unite(QSet<QUuid>(rest.begin(), rest.end())), all);
}

void TestLeases::whoHoldsAJobIsKnown()
{
    const QUuid id = add(u"one/a"_s, NowMs - 1);
    const auto isHeldBy = [&](const QString &owner) {
        bool isHeld = false;
        (void)taken([&](const JobTable &jobs) -> Result<QList<Job>> {
            const Result<bool> held = jobs.isHeldBy(id, owner);
            isHeld = held && *held;
            return QList<Job>();
        });
        return isHeld;
    };

    QVERIFY(isHeldBy(u"one/a"_s));
    QCOMPARE(dueFor(u"other/b"_s), QList<QUuid>{id});
    QVERIFY(!isHeldBy(u"one/a"_s) && isHeldBy(u"other/b"_s));
}

void TestLeases::aRestartTakesUpItsOwnAtOnce()
{
    const QUuid own = add(u"one/a"_s, NowMs + 60'000);
    QVERIFY(!add(u"other/b"_s, NowMs + 60'000).isNull());

    QCOMPARE(ofFormerLives(u"one/z"_s, u"one/%"_s), QList<QUuid>{own});
    QCOMPARE(ofFormerLives(u"one/z"_s, u"one/%"_s), QList<QUuid>()); // its own of this life
}

void TestLeases::aRenewedLeaseHolds()
{
    QVERIFY(!add(u"one/a"_s, NowMs - 1).isNull());
    QVERIFY(m_database->writeAndWait([](Writing &writing) { return JobTable(writing.database).renew(u"one/a"_s, NowMs + 1); }));

    QCOMPARE(dueFor(u"other/b"_s), QList<QUuid>());
}

void TestLeases::aJobSetFreeIsTakenAtOnceByWhoeverLooks()
{
    const QUuid id = add(u"one/a"_s, NowMs + 60'000);
    const auto free = [this](const QUuid &which) {
        int freed = -1;
        (void)m_database->writeAndWait([&](Writing &writing) -> Result<> {
            const Result<int> done = JobTable(writing.database).setFree(which);
            freed = done ? *done : -1;
            return withoutValue(done);
        });
        return freed;
    };
    QVERIFY(m_database->writeAndWait([&](Writing &writing) { return JobTable(writing.database).countTry(id); }));

    QCOMPARE(free(newUuid7()), 0);
    QCOMPARE(dueFor(u"one/a"_s), QList<QUuid>());
    QCOMPARE(free(id), 1);
    QCOMPARE(dueFor(u"one/a"_s), QList<QUuid>{id}); // the same server, too, does not wait for its pause any more
    QCOMPARE(tries(id), 0);
}

void TestLeases::onlyWhatHasFailedIsFreedWithAll()
{
    const QUuid failed = add(u"one/a"_s, NowMs + 60'000);
    const QUuid atWork = add(u"one/a"_s, NowMs + 60'000);
    QVERIFY(m_database->writeAndWait([&](Writing &writing) { return JobTable(writing.database).countTry(failed); }));

    QVERIFY(m_database->writeAndWait([](Writing &writing) { return withoutValue(JobTable(writing.database).freeFailed()); }));

    QCOMPARE(dueFor(u"other/b"_s), QList<QUuid>{failed});
    QCOMPARE(ofFormerLives(u"one/z"_s, u"one/%"_s), QList<QUuid>{atWork});
}

void TestLeases::whatIsReleasedWasNotTried()
{
    const QUuid mine = add(u"one/a"_s, NowMs + 60'000);
    const QUuid others = add(u"other/b"_s, NowMs + 60'000);
    const auto held = [this](const QString &owner) { return taken([&](const JobTable &jobs) { return jobs.heldBy(owner); }); };
    QCOMPARE(held(u"one/a"_s), QList<QUuid>{mine});

    Result<QList<QUuid>> released = QList<QUuid>();
    QVERIFY(m_database->writeAndWait([&](Writing &writing) {
        released = JobTable(writing.database).release(u"one/a"_s);
        return withoutValue(released);
    }));

    QCOMPARE(*released, QList<QUuid>{mine});
    QCOMPARE(held(u"one/a"_s), QList<QUuid>());
    QCOMPARE(held(u"other/b"_s), QList<QUuid>{others});
    QCOMPARE(dueFor(u"third/c"_s), QList<QUuid>{mine});
    QCOMPARE(tries(mine), 0);
}

void TestLeases::theOnlyServerTakesUpEverything()
{
    const QList<QUuid> all{add(u"/a"_s, NowMs + 60'000), add(u"before there were homes"_s, NowMs + 60'000)};

    const QList<QUuid> held = ofFormerLives(u"/b"_s, u"%"_s);

    QCOMPARE(QSet<QUuid>(held.begin(), held.end()), QSet<QUuid>(all.begin(), all.end()));
}

QTEST_GUILESS_MAIN(TestLeases)
#include "tst_leases.moc"
