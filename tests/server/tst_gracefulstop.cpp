#include "models/vocabulary/ids.h"
#include "models/wire/messages.h"
#include "tests/server/desk.h"
#include "tests/support/organisationrun.h"
#include "tests/support/rawclient.h"
#include "tests/support/serverrun.h"
#include "tests/support/smallorganisation.h"

#include <QElapsedTimer>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::support;
using namespace std::chrono_literals;
using test::Desk;
using test::Photo;
using test::RawAnswer;
using test::RawClient;

namespace {

const QString Retried = u"SELECT coalesce(string_agg(row_to_json(s)::text, chr(10)), '') FROM fact_upload_stages s WHERE s.retry_count > 0"_s;
constexpr int NeverReached = 1'000'000; ///< a version of no upload

/// A photo whose bytes end with these words for hostilephoto, or with none.
Photo photoWith(int seed, const QByteArray &words, qint64 size = 0)
{
    Photo photo = test::photoOf(seed, {}, size);
    photo.bytes.append(words);
    photo.sha256 = photo.question.sha256 = Desk::hexOf(photo::DigestKind::Sha256, photo.bytes);
    photo.question.size = photo.question.attempt.fileSize = photo.bytes.size();
    return photo;
}

} // namespace

/// The real server is told to stop (SIGTERM) while it has everything in hand.
class TestGracefulStop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void whatIsUnderWayComesToItsEnd();
    void aPhotoThatNeverEndsIsNotWaitedForLonger();
    void whatWaitsIsTakenByAnotherServerAtOnce();
    void aLongStatementOfTheChoresHoldsNoPhotoUp();
    void aPartOnASlowLineArrives();

private:
    QString sql(const QString &query) { return m_organisation.sql(query); }
    /// Photos whose check takes three seconds each, their commits one right after the other: sending them takes what time it takes.
    QList<QUuid> committedAtOnce(int firstSeed, int lastSeed);
    bool isLetIn(quint16 port) { return RawClient(port).isConnected(); }
    /// Validations that have ended, with all that was recorded of them.
    QString validations()
    {
        return sql(u"SELECT coalesce(string_agg(row_to_json(s)::text, chr(10) ORDER BY s.stage_id), '') FROM fact_upload_stages s"
                   " WHERE s.stage_name = 'validation' AND s.stage_end_timestamp IS NOT NULL"_s);
    }

    OrganisationRun m_organisation;
    Desk m_desk;
};

QList<QUuid> TestGracefulStop::committedAtOnce(int firstSeed, int lastSeed)
{
    QList<QUuid> uploads;
    QList<QJsonObject> commits;
    for (int seed = firstSeed; seed <= lastSeed; ++seed) {
        const Photo photo = photoWith(seed, "HOSTILE:slow");
        uploads.append(m_desk.sent(photo));
        commits.append(wire::toJson(test::commitOf(photo)));
    }
    for (qsizetype i = 0; i < uploads.size(); ++i)
        (void)m_desk.call(Desk::path(uploads.at(i), "/commit"), commits.at(i), 202);
    return uploads;
}

void TestGracefulStop::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.openPhotosWith(programFolder() + u"/hostilephoto"_s), qPrintable(m_organisation.failure()));
    m_organisation.setDrainSeconds(25);
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    m_desk.port = static_cast<quint16>(m_organisation.address().port());
    m_desk.signIn(m_organisation.command({u"token"_s, u"create"_s, u"anna"_s}));
    QVERIFY(!m_desk.token.isEmpty());
}

void TestGracefulStop::whatIsUnderWayComesToItsEnd()
{
    // Three are opened at a time, and the check of each takes three seconds: two more wait.
    QList<QUuid> uploads;
    QList<Photo> photos;
    for (int seed = 1; seed <= 6; ++seed) {
        photos.append(photoWith(seed, "HOSTILE:slow"));
        uploads.append(m_desk.sent(photos.last()));
    }
    const Photo &last = photos.last();
    for (int i = 0; i < 5; ++i)
        (void)m_desk.call(Desk::path(uploads.at(i), "/commit"), wire::toJson(test::commitOf(photos.at(i))), 202);
    RawClient waiting(m_desk.port);
    QVERIFY(waiting.send(m_desk.request("POST /v1/status", wire::toJson(wire::StatusQuery{{{uploads.last(), NeverReached}}, wire::MaxWaitSeconds}))));
    const QString atHand = u"SELECT coalesce(string_agg(upload_id::text, ' '), '') FROM fact_upload_stages"
                           " WHERE stage_name = 'validation' AND stage_end_timestamp IS NULL"_s;
    QVERIFY(QTest::qWaitFor([&] { return sql(atHand).split(u' ', Qt::SkipEmptyParts).size() == 3; }, 20'000)); // for a moment
    // A commit that the database holds up.
    {
        QSqlDatabase held = m_organisation.openDatabase(u"held"_s);
        QSqlQuery hold(held);
        QVERIFY(held.transaction() && hold.exec(u"SELECT 1 FROM server_uploads WHERE upload_id = '%1' FOR UPDATE"_s.arg(idText(uploads.last()))));
        RawClient committing(m_desk.port);
        QVERIFY(committing.send(m_desk.request(Desk::path(uploads.last(), "/commit"), wire::toJson(test::commitOf(last)))));
        QTRY_COMPARE(sql(u"SELECT count(*) FROM pg_stat_activity WHERE usename = 'photolift_app' AND wait_event_type = 'Lock'"_s), u"1"_s);

        const QStringList begun = sql(atHand).split(u' ', Qt::SkipEmptyParts);
        QVERIFY(!begun.isEmpty());
        QElapsedTimer time;
        time.start();
        m_organisation.tellToStop(0);
        const RawAnswer woken = waiting.read();
        QCOMPARE(woken.status, 200);
        QCOMPARE(woken.headers.value("connection"), QByteArray("close"));
        QVERIFY(!isLetIn(m_desk.port));
        hold.finish();
        QVERIFY(held.rollback());
        QCOMPARE(committing.read().status, 202);
        committing.endSending();
        waiting.endSending();

        QCOMPARE(m_organisation.exitWithin(0, 30'000), 0);
        QVERIFY2(time.elapsed() < 25'000, qPrintable(QString::number(time.elapsed())));
        for (const QString &upload : begun) // the stages at hand are over
            QVERIFY2(validations().contains(u"\"upload_id\":%1,"_s.arg(upload)), qPrintable(validations()));
    }
    QSqlDatabase::removeDatabase(u"held"_s);
    QCOMPARE(sql(atHand), QString()); // what was begun has ended
    const QString ended = validations();
    QVERIFY2(!ended.contains(u"\"is_successful\":false"_s), qPrintable(ended));
    QCOMPARE(sql(u"SELECT count(*) FROM server_uploads WHERE committed_ms IS NOT NULL"_s), u"6"_s);
    QVERIFY(sql(u"SELECT count(*) FROM server_jobs"_s).toInt() >= 3); // and the rest is the next life's

    QVERIFY2(m_organisation.restartServer(0), qPrintable(m_organisation.failure()));
    QTRY_COMPARE_WITH_TIMEOUT(sql(u"SELECT count(*) FROM server_assets"_s), u"6"_s, 60'000);
    QTRY_COMPARE_WITH_TIMEOUT(sql(u"SELECT count(*) FROM server_jobs"_s), u"0"_s, 20'000);

    for (const QString &row : ended.split(u'\n'))
        QVERIFY2(validations().contains(row), qPrintable(row)); // as the first life recorded it: no second run
    QCOMPARE(validations().count(u'\n') + 1, 6);
    QCOMPARE(sql(Retried), QString());
    QCOMPARE(sql(u"SELECT coalesce(string_agg(error_code || ' ' || error_message, chr(10)), '') FROM fact_upload_errors"_s), QString());
    for (const QUuid &upload : uploads) {
        const wire::UploadStatus status = m_desk.status(upload);
        QCOMPARE(status.status, Status::Succeeded);
        QVERIFY(status.isSafe);
    }
}

void TestGracefulStop::aPhotoThatNeverEndsIsNotWaitedForLonger()
{
    QCOMPARE(m_organisation.stopServer(0), 0);
    m_organisation.setDrainSeconds(2);
    QVERIFY2(m_organisation.restartServer(0), qPrintable(m_organisation.failure()));
    const Photo photo = photoWith(10, "HOSTILE:wait");
    const QUuid upload = m_desk.sent(photo);
    (void)m_desk.call(Desk::path(upload, "/commit"), wire::toJson(test::commitOf(photo)), 202);
    QTRY_COMPARE_WITH_TIMEOUT(sql(u"SELECT count(*) FROM fact_upload_stages WHERE stage_name = 'validation' AND stage_end_timestamp IS NULL"_s), u"1"_s,
                              20'000);
    QElapsedTimer time;
    time.start();

    QCOMPARE(m_organisation.stopServer(0), 0);

    QVERIFY2(time.elapsed() >= 2000 && time.elapsed() < 15'000, qPrintable(QString::number(time.elapsed())));
    QCOMPARE(sql(u"SELECT count(*) FROM server_jobs WHERE stage = 'validation'"_s), u"1"_s); // for the next life
    QCOMPARE(sql(Retried), QString());
}

void TestGracefulStop::whatWaitsIsTakenByAnotherServerAtOnce()
{
    QVERIFY2(m_organisation.tell(u"DELETE FROM server_jobs"_s), qPrintable(m_organisation.failure())); // the one that never ends
    m_organisation.setDrainSeconds(25);
    QVERIFY2(m_organisation.restartServer(0), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    const QString before = sql(u"SELECT count(*) FROM server_assets"_s);
    const QList<QUuid> uploads = committedAtOnce(21, 28);
    const QString mine = sql(u"SELECT min(lease_owner) FROM server_jobs"_s);
    QCOMPARE(sql(u"SELECT count(DISTINCT lease_owner) FROM server_jobs"_s), u"1"_s);
    const QString left = u"SELECT count(*) FROM server_jobs WHERE lease_owner = '%1'"_s.arg(mine);
    QVERIFY(sql(left).toInt() >= 4); // three are opened at a time

    QCOMPARE(m_organisation.stopServer(0), 0);

    QCOMPARE(sql(left), u"0"_s);
    // Its lease would run for another 40 s and more.
    QTRY_COMPARE_WITH_TIMEOUT(sql(u"SELECT count(*) FROM server_jobs"_s), u"0"_s, 30'000);
    QCOMPARE(sql(u"SELECT count(*) FROM server_assets"_s).toInt(), before.toInt() + uploads.size());
    QCOMPARE(sql(Retried), QString());
    QCOMPARE(m_organisation.stopServer(1), 0);
}

void TestGracefulStop::aLongStatementOfTheChoresHoldsNoPhotoUp()
{
    // Trimming has minutes for a statement, once the clock has been right for a day.
    QVERIFY2(m_organisation.tell(u"UPDATE server_clock SET set_ms = set_ms - 2 * 86400000"_s), qPrintable(m_organisation.failure()));
    {
        QSqlDatabase held = m_organisation.openDatabase(u"held"_s);
        QSqlQuery hold(held);
        QVERIFY(held.transaction() && hold.exec(u"LOCK TABLE fact_upload_errors_default IN ACCESS EXCLUSIVE MODE"_s));
        QVERIFY2(m_organisation.restartServer(0), qPrintable(m_organisation.failure()));
        QTRY_COMPARE_WITH_TIMEOUT(sql(u"SELECT count(*) FROM pg_stat_activity WHERE usename = 'photolift_retention' AND wait_event_type = 'Lock'"_s), u"1"_s, 20'000);
        (void)committedAtOnce(31, 38);
        const QString free = u"SELECT count(*) FROM server_jobs WHERE lease_until_ms = 0"_s;
        QVERIFY(sql(u"SELECT count(*) FROM server_jobs"_s).toInt() >= 4); // three are opened at a time

        m_organisation.tellToStop(0);

        QTRY_VERIFY_WITH_TIMEOUT(sql(free).toInt() >= 1, 20'000); // whoever works has them
        QTRY_COMPARE_WITH_TIMEOUT(sql(u"SELECT count(*) FROM server_jobs WHERE lease_until_ms > 0"_s), u"0"_s, 20'000);
        hold.finish();
        QVERIFY(held.rollback());
    }
    QSqlDatabase::removeDatabase(u"held"_s);
    QCOMPARE(m_organisation.exitWithin(0, 20'000), 0);
}

void TestGracefulStop::aPartOnASlowLineArrives()
{
    SmallOrganisation small; // its photos come to the server itself
    QVERIFY2(small.start() && small.addPerson(u"berta"_s), qPrintable(small.failure()));
    Desk desk;
    desk.port = static_cast<quint16>(small.address().port());
    desk.signIn(small.tokenFor(u"berta"_s));
    const Photo photo = photoWith(1, {}, 2'000'000);
    const QUuid upload = desk.ask(photo);
    quint16 door = 0;
    const QByteArray head = desk.headOfPart(upload, photo, photo::DigestKind::Sha256, &door);
    QCOMPARE(door, desk.port);
    constexpr int Pieces = 20;
    const qsizetype piece = photo.bytes.size() / Pieces;
    RawClient line(door, 60s);
    QCOMPARE(line.ask(QByteArray(head).insert(head.size() - 2, "Expect: 100-continue\r\n")).status, 100); // it is let in
    QVERIFY(line.send(photo.bytes.first(piece)));
    QVERIFY(RawClient(door).isConnected());

    small.tellToStop();
    QVERIFY(QTest::qWaitFor([&] { return !isLetIn(door); }, 10'000));
    QElapsedTimer time;
    time.start();
    for (int sent = 1; sent < Pieces; ++sent) { // what a slow line is: a piece each half second
        QVERIFY(QTest::qWaitFor([&] { return time.hasExpired(500LL * sent); }, 5000));
        const qsizetype from = sent * piece;
        QVERIFY2(line.send(photo.bytes.sliced(from, sent + 1 < Pieces ? piece : photo.bytes.size() - from)), qPrintable(QString::number(time.elapsed())));
    }
    const RawAnswer answer = line.read();
    QVERIFY(time.elapsed() > 9000);
    QCOMPARE(answer.status, 200);
    line.endSending();
    QCOMPARE(small.exitWithin(30'000), 0);

    QVERIFY2(small.start(), qPrintable(small.failure()));
    desk = {static_cast<quint16>(small.address().port()), {}};
    desk.signIn(small.tokenFor(u"berta"_s));
    (void)desk.call(Desk::path(upload, "/commit"), wire::toJson(test::commitOf(photo)), 202); // nothing of it is sent again
    QVERIFY(QTest::qWaitFor([&] { return desk.status(upload).status == Status::Succeeded; }, 30'000));
    QCOMPARE(desk.status(upload).storedSha256, photo.sha256);
}

QTEST_GUILESS_MAIN(TestGracefulStop)
#include "tst_gracefulstop.moc"
