#include "app/server/people/erasure.h"
#include "app/server/work/purge.h"
#include "app/server/work/retentiontable.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"
#include "tests/server/recordsearch.h"

#include <QDir>
#include <QFile>
#include <QSqlError>
#include <QSqlQuery>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using server::RetentionTable;

namespace {

constexpr qint64 DayMs = 24LL * 3600 * 1000;
constexpr int Crashing = 20000; ///< the size of what ends its check

/// The same bytes from somebody else's card, into a project of theirs.
Photo byAnother(const Photo &photo)
{
    Photo same = nextAttempt(photo);
    wire::Question &question = same.question;
    question.project.projectId = question.batch.projectId = question.attempt.projectId = newUuid7();
    question.project.name = u"Another's"_s;
    question.batch.batchId = question.attempt.batchId = newUuid7();
    question.attempt.itemId = newUuid7();
    question.attempt.relativePath = u"others/THEIRS.JPG"_s;
    return same;
}

} // namespace

/// Originals that ended their check are kept, but no longer than photos: what takes them away, what takes that back, and whose they are. On both engines,
/// each round as the login of retention.
class TestQuarantine : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void aRuleTakesThemInTwoPhases();
    void aPurgeIsTakenBack();
    void askingBetweenThePhasesKeepsThem();
    void bytesOfAnotherPersonStay();
    void bytesOfAnotherAccountStay();
    void bytesThatAreAPhotoElsewhereStay();
    void aBatchGoesWithThem();
    void aRemovalIsTakenBack();
    void aClockThatWasSetBeginsTheirLastDayAnew();
    void anErasureTakesThem();
    void anErasureIsTakenBack();
    void aColleaguesErasureTakesNothingOfMine();
    void aRefusalIsRememberedForThoseWhoHaveIt();
    void whatWasKeptBeforeIsFound();

private:
    void prepare() override;
    void round() { server::purge(rig->store, *m_retention); }
    /// As if that time had passed.
    void passDays(int days)
    {
        rig->change(u"UPDATE server_quarantine SET kept_ms = kept_ms - %1, purge_ms = purge_ms - %1, removed_ms = removed_ms - %1"_s.arg(days * DayMs));
        rig->change(u"UPDATE server_assets SET created_ms = created_ms - %1, wanted_ms = wanted_ms - %1, purge_ms = purge_ms - %1"_s.arg(days * DayMs));
        rig->change(u"UPDATE server_withdrawals SET removed_ms = removed_ms - %1"_s.arg(days * DayMs));
        rig->change(u"UPDATE server_erasures SET erased_ms = erased_ms - %1"_s.arg(days * DayMs));
    }
    void setDays(const Photo &photo, std::optional<int> days)
    {
        rig->onDatabase([&](const QSqlDatabase &database) {
            QVERIFY(RetentionTable(database).setDays(rig->caller.accountId, photo.question.project.projectId, days));
        });
    }
    /// A photo whose check ends the helper, brought to its end.
    Photo kept(int seed = 1)
    {
        const Photo photo = photoOf(seed, u"SECRETFOLDER/SECRET_%1.JPG"_s.arg(seed), Crashing);
        if (rig->upload(photo).status != Status::Failed || !isStored(photo))
            qFatal("it is not in quarantine");
        return photo;
    }
    Result<server::Erasure> erase(const QString &userId);
    ApiRig::Answer say(const QUuid &batch, const QByteArray &verb) { return rig->call("POST", "/v1/batches/" + idText(batch).toLatin1() + '/' + verb); }
    int count(const QString &table) const { return rig->sql(u"SELECT count(*) FROM "_s + table).toInt(); }
    bool isStored(const Photo &photo) { return *rig->store.hasObject(photo.sha256, photo.bytes.size()); }
    /// Nothing that names the photo: neither path nor hash.
    QString names(const Photo &photo) const { return placesOf(*rig, {u"SECRET"_s, photo.sha256}).join(u'\n'); }

    std::unique_ptr<server::DatabaseThreads> m_app;
    std::unique_ptr<server::DatabaseThreads> m_retention;
    const server::Caller m_me{u"local"_s, u"local"_s, Role::Admin, {}};
    const server::Caller m_carl{u"local"_s, u"carl"_s, Role::Photographer, {}};
    const server::Caller m_bertha{u"b"_s, u"bertha"_s, Role::Photographer, {}};
};

void TestQuarantine::prepare()
{
    rig->start();
    rig->script->failures.insert(Crashing, Error{ErrorCode::ValidationCheckCrashed, u"scripted"_s});
    rig->change(u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms) VALUES ('carl', 'local', 'carl', 'photographer', 0)"_s);
    rig->change(u"INSERT INTO server_accounts (account_id, account_name, account_type, created_ms) VALUES ('b', 'b', 'organisation', 0)"_s);
    rig->change(u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms) VALUES ('bertha', 'b', 'bertha', 'photographer', 0)"_s);
    const auto opened = [this](const std::optional<store::PostgresAddress> &login) {
        auto database = server::DatabaseThreads::open(
            {.path = rig->options.dataFolder + u"/server.sqlite"_s, .postgres = login, .writers = 1, .readers = 1});
        if (!database)
            qFatal("%s", qPrintable(database.error().detail));
        return *std::move(database);
    };
    m_app = opened(rig->options.postgres);
    m_retention = opened(rig->options.retentionLogin);
}

Result<server::Erasure> TestQuarantine::erase(const QString &userId)
{
    Result<server::Erasure> erased = Error{ErrorCode::InternalUnknown, {}};
    const Result<> written = m_app->writeAndWait([&](server::Writing &writing) -> Result<> {
        erased = server::erase(writing, {userId, u"local"_s, userId, Role::Photographer, true}, nowMs());
        return erased ? Result<>() : Result<>(erased.error());
    });
    return written ? erased : Result<server::Erasure>(written.error());
}

void TestQuarantine::aRuleTakesThemInTwoPhases()
{
    const Photo photo = kept();
    const QString attempts = u"SELECT upload_status_key, count(*), sum(file_size_bytes) FROM fact_upload_attempts GROUP BY 1"_s;
    const QStringList counted = rowsOf(*rig, attempts);
    QVERIFY(!names(photo).isEmpty());
    setDays(photo, 7);

    passDays(6);
    round();
    QCOMPARE(count(u"server_quarantine WHERE purge_ms IS NOT NULL"_s), 0);
    passDays(1);
    rig->onDatabase([&](const QSqlDatabase &database) {
        const auto standings = RetentionTable(database).standings(u"local"_s, nowMs());
        QVERIFY(standings && standings->size() == 1);
        QCOMPARE(standings->first().overdue, 1);
        QCOMPARE(standings->first().overdueBytes, photo.bytes.size());
    });
    round();
    QCOMPARE(count(u"server_quarantine WHERE purge_ms IS NOT NULL"_s), 1);
    round(); // its day is not over
    QVERIFY(isStored(photo));
    passDays(1);
    round();

    QVERIFY(!isStored(photo));
    for (const QString &table : {u"server_quarantine"_s, u"server_objects"_s, u"server_removals"_s})
        QCOMPARE(count(table), 0);
    QCOMPARE(names(photo), QString());
    QCOMPARE(rowsOf(*rig, attempts), counted);
    QCOMPARE(rowsOf(*rig, u"SELECT client_upload_id, size, rule FROM server_purges WHERE due_ms <= removed_ms"_s),
             QStringList{idText(photo.question.attempt.clientUploadId) + u'|' + QString::number(photo.bytes.size()) + u"|after 7 days"_s});
    QCOMPARE(rig->ask(nextAttempt(photo)).kind, wire::Offer::Kind::Upload); // nobody remembers these bytes
}

void TestQuarantine::aPurgeIsTakenBack()
{
    const Photo photo = kept();
    setDays(photo, 7);
    passDays(7);
    round();

    rig->onDatabase([&](const QSqlDatabase &database) {
        const auto before = RetentionTable(database).standings(u"local"_s, nowMs());
        QVERIFY(before && before->size() == 1 && before->first().firstPurgeMs);
        QCOMPARE(before->first().marked, 1);
        QCOMPARE(before->first().markedBytes, photo.bytes.size());
        const Result<int> stays = RetentionTable(database).undo(photo.question.project.projectId, nowMs());
        QVERIFY(stays && *stays == 1);
    });

    passDays(6);
    round();
    QVERIFY(isStored(photo));
    QCOMPARE(count(u"server_quarantine WHERE purge_ms IS NULL"_s), 1);
    passDays(1);
    round();
    setDays(photo, {}); // another rule takes it back, too
    passDays(30);
    round();
    QVERIFY(isStored(photo));
}

void TestQuarantine::askingBetweenThePhasesKeepsThem()
{
    const Photo photo = kept();
    setDays(photo, 7);
    passDays(7);
    round();
    passDays(2); // its second phase could begin

    QCOMPARE(rig->ask(nextAttempt(photo)).refusedWith, ErrorCode::ValidationCheckCrashed);

    passDays(6);
    round();
    QVERIFY(isStored(photo));
    QCOMPARE(count(u"server_quarantine WHERE purge_ms IS NULL"_s), 1);
    passDays(1);
    round();
    passDays(1);
    round();
    QVERIFY(!isStored(photo));
    QCOMPARE(names(photo), QString()); // of neither attempt
}

void TestQuarantine::bytesOfAnotherPersonStay()
{
    const Photo photo = kept();
    rig->caller = m_carl;
    const Photo theirs = byAnother(photo);
    QCOMPARE(rig->ask(theirs).refusedWith, ErrorCode::ValidationCheckCrashed); // no byte of theirs was sent
    setDays(photo, 7);
    passDays(7);
    round();
    passDays(1);
    round();

    QVERIFY(isStored(photo));
    QCOMPARE(rowsOf(*rig, u"SELECT user_id, relative_path FROM server_quarantine"_s), QStringList{u"carl|others/THEIRS.JPG"_s});
    QCOMPARE(placesOf(*rig, {u"SECRET"_s}).join(u'\n'), QString());
    QVERIFY(!placesOf(*rig, {u"THEIRS.JPG"_s}).isEmpty());
    QCOMPARE(rig->ask(nextAttempt(theirs)).refusedWith, ErrorCode::ValidationCheckCrashed);

    setDays(theirs, 7);
    passDays(7);
    round();
    passDays(1);
    round();
    QVERIFY(!isStored(photo));
    QCOMPARE(count(u"server_objects"_s), 0);
}

void TestQuarantine::bytesOfAnotherAccountStay()
{
    const Photo photo = kept();
    rig->caller = m_bertha;
    QCOMPARE(rig->upload(byAnother(photo)).status, Status::Failed);
    rig->caller = m_me;
    setDays(photo, 7);
    passDays(7);
    round();
    passDays(1);
    round();

    QVERIFY(isStored(photo));
    QCOMPARE(rowsOf(*rig, u"SELECT account_id, state FROM server_objects"_s), QStringList{u"b|quarantined"_s});
    QCOMPARE(count(u"server_removals"_s), 0);
    QCOMPARE(rig->ask(nextAttempt(photo)).kind, wire::Offer::Kind::Upload);
}

/// The same bytes may pass the check of another moment, or of another account.
void TestQuarantine::bytesThatAreAPhotoElsewhereStay()
{
    const Photo photo = kept();
    {
        const std::scoped_lock lock(rig->script->mutex);
        rig->script->failures.clear();
    }
    rig->caller = m_bertha;
    QCOMPARE(rig->upload(byAnother(photo)).status, Status::Succeeded);
    rig->caller = m_me;
    setDays(photo, 7);
    passDays(7);
    round();
    passDays(1);
    round();

    QVERIFY(isStored(photo));
    QCOMPARE(rowsOf(*rig, u"SELECT account_id, state FROM server_objects"_s), QStringList{u"b|stored"_s});
    QCOMPARE(rig->upload(nextAttempt(photo)).status, Status::Succeeded); // and now it is a photo here, too
}

void TestQuarantine::aBatchGoesWithThem()
{
    const Photo photo = kept();
    const Photo sound = photoOf(2);
    rig->upload(sound);

    const ApiRig::Answer removed = say(photo.question.batch.batchId, "remove");
    QCOMPARE(removed.status, 200);
    QCOMPARE(removed.json.value("photos"_L1).toInt(), 2);
    QCOMPARE(removed.json.value("removed"_L1).toInt(), 2);
    round(); // their day is not over
    QVERIFY(isStored(photo) && isStored(sound));
    passDays(1);
    round();

    QVERIFY(!isStored(photo) && !isStored(sound));
    QCOMPARE(count(u"server_quarantine"_s) + count(u"server_objects"_s) + count(u"server_removals"_s), 0);
    QCOMPARE(names(photo), QString());
    QCOMPARE(rowsOf(*rig, u"SELECT DISTINCT rule FROM server_purges"_s), QStringList{u"removed by its owner"_s});
    QCOMPARE(count(u"server_purges"_s), 2);
    QCOMPARE(say(photo.question.batch.batchId, "restore").status, 404);
}

void TestQuarantine::aRemovalIsTakenBack()
{
    const Photo photo = kept(); // alone in its batch
    rig->caller = m_carl;
    QCOMPARE(say(photo.question.batch.batchId, "remove").status, 404); // another's
    rig->caller = m_me;
    QCOMPARE(say(photo.question.batch.batchId, "remove").json.value("removed"_L1).toInt(), 1);
    passDays(1); // its second phase could begin

    const ApiRig::Answer restored = say(photo.question.batch.batchId, "restore");
    QCOMPARE(restored.json.value("photos"_L1).toInt(), 1);
    QCOMPARE(restored.json.value("removed"_L1).toInt(), 0);
    passDays(1);
    round();

    QVERIFY(isStored(photo));
    QVERIFY(!names(photo).isEmpty());
}

void TestQuarantine::aClockThatWasSetBeginsTheirLastDayAnew()
{
    const Photo byRule = kept();
    const Photo byPerson = [this] {
        Photo photo = byAnother(photoOf(2, {}, Crashing));
        rig->upload(photo);
        return photo;
    }();
    setDays(byRule, 7);
    passDays(7);
    round();
    QCOMPARE(say(byPerson.question.batch.batchId, "remove").status, 200);
    passDays(2);
    rig->change(u"UPDATE server_clock SET latest_ms = latest_ms - %1, round_ms = round_ms - %1"_s.arg(2 * DayMs)); // no machine has seen these two days

    round();
    QVERIFY(isStored(byRule) && isStored(byPerson));
    QCOMPARE(count(u"server_quarantine WHERE removed_ms IS NOT NULL"_s), 1);
    passDays(1);
    round();
    QVERIFY(!isStored(byPerson));
    QVERIFY(!isStored(byRule));
}

void TestQuarantine::anErasureTakesThem()
{
    const Photo photo = kept();
    const Result<server::Erasure> erased = erase(u"local"_s);
    QVERIFY2(erased, qPrintable(erased ? QString() : erased.error().detail));
    QCOMPARE(erased->photos, 1);
    round();
    QVERIFY(isStored(photo)); // the day is not over
    passDays(1);
    round();

    QVERIFY(!isStored(photo));
    QCOMPARE(names(photo), QString());
    QCOMPARE(count(u"server_quarantine"_s) + count(u"server_objects"_s) + count(u"server_removals"_s), 0);
    QCOMPARE(rowsOf(*rig, u"SELECT rule, size FROM server_purges"_s), QStringList{u"its owner was erased|"_s + QString::number(photo.bytes.size())});
    QCOMPARE(count(u"server_erasures WHERE done_ms IS NOT NULL"_s), 1);
}

void TestQuarantine::anErasureIsTakenBack()
{
    const Photo photo = kept();
    QVERIFY(erase(u"local"_s));
    passDays(1);
    QVERIFY(m_app->writeAndWait([](server::Writing &writing) {
        return server::takeErasureBack(writing, {u"local"_s, u"local"_s, u"local"_s, Role::Photographer, false}, nowMs());
    }));

    round();

    QVERIFY(isStored(photo));
    QVERIFY(!names(photo).isEmpty());
}

void TestQuarantine::aColleaguesErasureTakesNothingOfMine()
{
    const Photo photo = kept();
    rig->caller = m_carl;
    Photo theirs = nextAttempt(photo); // in the same slot
    theirs.question.attempt.itemId = newUuid7();
    QCOMPARE(rig->ask(theirs).refusedWith, ErrorCode::ValidationCheckCrashed);
    QVERIFY(erase(u"carl"_s));
    passDays(1);

    round();

    QVERIFY(isStored(photo));
    QCOMPARE(rowsOf(*rig, u"SELECT user_id FROM server_quarantine"_s), QStringList{u"local"_s});
    QCOMPARE(rowsOf(*rig, u"SELECT user_id FROM server_uploads WHERE relative_path IS NOT NULL"_s), QStringList{u"local"_s});
    QCOMPARE(count(u"server_erasures WHERE done_ms IS NOT NULL"_s), 1);
    rig->caller = m_me;
    QCOMPARE(rig->ask(nextAttempt(photo)).refusedWith, ErrorCode::ValidationCheckCrashed);
}

/// Bytes that were refused and not kept: all that is left of them is their hash, which names them.
void TestQuarantine::aRefusalIsRememberedForThoseWhoHaveIt()
{
    const Photo photo = photoOf(1, u"SECRETFOLDER/SECRET_1.JPG"_s, Crashing);
    rig->script->failures.insert(Crashing, Error{ErrorCode::ValidationInvalidImage, u"scripted"_s});
    QCOMPARE(rig->upload(photo).status, Status::Failed);
    rig->caller = m_carl;
    const Photo theirs = byAnother(photo);
    QCOMPARE(rig->ask(theirs).refusedWith, ErrorCode::ValidationInvalidImage);
    QVERIFY(erase(u"local"_s));
    passDays(1);
    round();
    QCOMPARE(rowsOf(*rig, u"SELECT state FROM server_objects"_s), QStringList{u"refused"_s});
    QCOMPARE(rig->ask(nextAttempt(theirs)).refusedWith, ErrorCode::ValidationInvalidImage);

    QVERIFY(erase(u"carl"_s));
    passDays(1);
    round();

    QCOMPARE(names(photo), QString());
    QCOMPARE(count(u"server_objects"_s), 0);
    QCOMPARE(count(u"server_erasures WHERE done_ms IS NOT NULL"_s), 2);
}

/// What the migration makes of a database from before: the rows that are there now, and an end of what was left of people who have been erased.
void TestQuarantine::whatWasKeptBeforeIsFound()
{
    const Photo photo = kept();
    rig->caller = m_carl;
    QCOMPARE(rig->ask(byAnother(photo)).refusedWith, ErrorCode::ValidationCheckCrashed);
    rig->caller = m_me;
    const Photo erased = kept(2);
    rig->upload(photoOf(3));
    const QString rows = u"SELECT account_id, user_id, sha256, size, project_id, relative_path, client_upload_id FROM server_quarantine ORDER BY user_id"_s;
    rig->change(u"DELETE FROM server_quarantine WHERE sha256 = '%1'"_s.arg(erased.sha256));
    const QStringList before = rowsOf(*rig, rows);
    QCOMPARE(before.size(), 2);
    rig->change(u"DELETE FROM server_quarantine"_s);
    rig->change(u"UPDATE server_uploads SET sha256 = '', relative_path = NULL WHERE sha256 = '%1'"_s.arg(erased.sha256));

    rig->onDatabase([](const QSqlDatabase &database) {
        const QDir folder(store::engineOf(database) == store::Engine::Sqlite ? u":/sql/sqlite/server"_s : u":/sql/postgresql/server"_s);
        QFile file(folder.filePath(folder.entryList({u"*_quarantine.sql"_s}).value(0)));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(file.readAll());
        for (const QString &statement : text.mid(text.indexOf(u"INSERT INTO server_quarantine"_s)).split(u';', Qt::SkipEmptyParts)) {
            QSqlQuery query(database);
            if (!statement.trimmed().isEmpty())
                QVERIFY2(query.exec(statement), qPrintable(query.lastError().text()));
        }
    });

    QCOMPARE(rowsOf(*rig, rows), before);
    QCOMPARE(rowsOf(*rig, u"SELECT sha256 FROM server_removals"_s), QStringList{erased.sha256});
    round();
    QVERIFY(isStored(photo) && isStored(photoOf(3)) && !isStored(erased));
    QCOMPARE(names(erased).contains(u"sha256"_s), false);
}

QTEST_GUILESS_MAIN(TestQuarantine)
#include "tst_quarantine.moc"
