#include "app/server/work/purge.h"
#include "app/server/work/retentiontable.h"
#include "app/server/work/serverclock.h"
#include "app/server/work/withdrawaltable.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"

#include <QScopeGuard>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using server::RetentionTable;
using server::WithdrawalTable;

namespace {
constexpr qint64 DayMs = 24LL * 3600 * 1000;
}

/// What the rule of a project removes after how long, what keeps it, and what comes again. Each round as the login of retention.
class TestPurge : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void photosGoInTwoPhases();
    void aProjectWithoutARuleKeepsItsPhotos();
    void aPurgeIsTakenBack();
    void askingBetweenThePhasesKeepsThePhoto();
    void anotherRuleBeginsAnew_data();
    void anotherRuleBeginsAnew();
    void whatWasPurgedIsUploadedAgain();
    void bytesThatAnotherProjectHasStay();
    void bytesThatAnotherAccountHasStay();
    void bytesThatAreComingStay();
    void whoBringsBytesThatAreJustGoingWaits();
    void aStoreThatIsAwayLosesNothingOfIt();
    void thePicturesGoToo();
    void picturesOfWhatWasGivenBackGo();
    void picturesOfWhatWasGivenBackStayWhereTheyAreSomebodys();
    void theQuotaIsFreeAgain();
    void howLongBackupsAreKeptIsRecorded();
    void itIsGoneADayAfterItsDays_data();
    void itIsGoneADayAfterItsDays();
    void aServerThatWasOffLeavesTheTimeToTakeItBack();
    void whatIsDueIsNotToBeDownloaded();
    void aClockThatWasSetIsNotTrusted();
    void aClockThatIsBehindMakesNoPhotoOlder();
    void aClockThatGoesAheadShortensNoLastDay();

private:
    void prepare() override;
    void round() { server::purge(rig->store, *m_database); }
    /// Both phases of everything overdue.
    void purgeAll();
    void setDays(std::optional<int> days, const QString &account = u"local"_s)
    {
        rig->onDatabase([&](const QSqlDatabase &database) {
            QVERIFY(RetentionTable(database).setDays(account, photoOf(1).question.project.projectId, days));
        });
    }
    /// As if that time had passed.
    void passDays(int days)
    {
        rig->change(u"UPDATE server_assets SET created_ms = created_ms - %1, wanted_ms = wanted_ms - %1, purge_ms = purge_ms - %1"_s.arg(days * DayMs));
    }
    /// Likewise; and the server's clock was right all the time.
    void passTime(qint64 ms)
    {
        for (const QString &table : {u"server_assets SET created_ms = created_ms - %1, wanted_ms = wanted_ms - %1, purge_ms = purge_ms - %1"_s,
                                     u"server_quarantine SET kept_ms = kept_ms - %1, purge_ms = purge_ms - %1"_s,
                                     u"server_clock SET latest_ms = latest_ms - %1, round_ms = round_ms - %1, set_ms = set_ms - %1, uptime_ms = uptime_ms - %1"_s})
            rig->change(u"UPDATE "_s + table.arg(ms));
    }
    int count(const QString &table) const { return rig->sql(u"SELECT count(*) FROM "_s + table).toInt(); }
    bool isStored(const Photo &photo) { return *rig->store.hasObject(photo.sha256, photo.bytes.size()); }
    static Photo inAnotherProject(Photo photo); ///< as of another project of this person
    void giveBack(const Photo &photo); ///< sent, and its bytes are gone before it is stored, when its pictures are there

    std::unique_ptr<server::DatabaseThreads> m_database;
};

void TestPurge::prepare()
{
    rig->start();
    auto opened = server::DatabaseThreads::open(
        {.path = rig->options.dataFolder + u"/server.sqlite"_s, .postgres = rig->options.retentionLogin, .writers = 1, .readers = 1});
    QVERIFY2(opened, qPrintable(opened ? QString() : opened.error().detail));
    m_database = *std::move(opened);
}

void TestPurge::purgeAll()
{
    round();
    passDays(2);
    round();
}

Photo TestPurge::inAnotherProject(Photo photo)
{
    wire::Question &question = photo.question;
    question.project.projectId = question.batch.projectId = question.attempt.projectId = newUuid7();
    question.project.name = u"Another"_s;
    question.batch.batchId = question.attempt.batchId = newUuid7();
    question.attempt.clientUploadId = newUuid7();
    question.attempt.startedMs = instantOf(question.attempt.clientUploadId);
    question.attempt.itemId = newUuid7();
    return photo;
}

void TestPurge::photosGoInTwoPhases()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    setDays(7);

    passDays(6);
    round();
    QCOMPARE(count(u"server_assets WHERE purge_ms IS NOT NULL"_s), 0);
    passDays(1);
    round();
    QCOMPARE(count(u"server_assets WHERE purge_ms IS NOT NULL"_s), 1);
    round(); // its day is not over
    QVERIFY(isStored(photo));
    QCOMPARE(count(u"server_search"_s), 1);
    passDays(1);
    round();

    QVERIFY(!isStored(photo));
    for (const QString &table : {u"server_assets"_s, u"server_search"_s, u"server_objects"_s, u"server_removals"_s})
        QCOMPARE(count(table), 0);
    QCOMPARE(rig->sql(u"SELECT project_id || ' ' || client_upload_id || ' ' || size || ' ' || rule FROM server_purges WHERE due_ms <= removed_ms"_s),
             QString(idText(photo.question.project.projectId) + u' ' + idText(photo.question.attempt.clientUploadId) + u' '
                     + QString::number(photo.bytes.size()) + u" after 7 days"_s));
}

void TestPurge::aProjectWithoutARuleKeepsItsPhotos()
{
    const Photo other = inAnotherProject(photoOf(1));
    rig->upload(other);
    setDays(1);
    passDays(5000);

    purgeAll();

    QVERIFY(isStored(other));
    QCOMPARE(count(u"server_purges"_s), 0);
}

void TestPurge::aPurgeIsTakenBack()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    setDays(7);
    passDays(7);
    round();

    rig->onDatabase([&](const QSqlDatabase &database) {
        const auto before = RetentionTable(database).standings(u"local"_s, nowMs());
        QVERIFY(before && before->size() == 1 && before->first().firstPurgeMs);
        QCOMPARE(before->first().marked, 1);
        QCOMPARE(before->first().markedBytes, photo.bytes.size());
        const Result<int> kept = RetentionTable(database).undo(photo.question.project.projectId, nowMs());
        QVERIFY(kept && *kept == 1);
    });

    passDays(6);
    round();
    QCOMPARE(count(u"server_assets WHERE purge_ms IS NULL"_s), 1);
    passDays(1);
    rig->onDatabase([&](const QSqlDatabase &database) {
        const auto after = RetentionTable(database).standings(u"local"_s, nowMs());
        QVERIFY(after && after->size() == 1);
        QCOMPARE(after->first().marked, 0);
        QCOMPARE(after->first().overdue, 1);
        QCOMPARE(after->first().overdueBytes, photo.bytes.size());
    });
    purgeAll();
    QVERIFY(!isStored(photo));
}

void TestPurge::askingBetweenThePhasesKeepsThePhoto()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    setDays(7);
    passDays(7);
    round();
    passDays(2); // its second phase could begin

    QCOMPARE(rig->ask(nextAttempt(photo)).kind, wire::Offer::Kind::Duplicate);

    passDays(6);
    round();
    QVERIFY(isStored(photo));
    QCOMPARE(count(u"server_assets WHERE purge_ms IS NULL"_s), 1);
    passDays(1);
    purgeAll();
    QVERIFY(!isStored(photo));
}

void TestPurge::anotherRuleBeginsAnew_data()
{
    QTest::addColumn<int>("days");
    QTest::newRow("keep") << 0;
    QTest::newRow("longer") << 30;
}

void TestPurge::anotherRuleBeginsAnew()
{
    QFETCH(const int, days);
    const Photo photo = photoOf(1);
    rig->upload(photo);
    setDays(7);
    passDays(7);
    round();

    setDays(days > 0 ? std::optional(days) : std::nullopt);

    passDays(2);
    purgeAll();
    QVERIFY(isStored(photo));
    passDays(30);
    purgeAll();
    QCOMPARE(isStored(photo), days == 0);
}

void TestPurge::whatWasPurgedIsUploadedAgain()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    setDays(7);
    passDays(7);
    purgeAll();
    QVERIFY(!isStored(photo));

    const Photo again = nextAttempt(photo);
    QCOMPARE(rig->ask(again).kind, wire::Offer::Kind::Upload);
    QCOMPARE(rig->upload(again).status, Status::Succeeded);

    QCOMPARE(rig->store.object(photo.sha256, photo.bytes.size()), photo.bytes);
    QCOMPARE(count(u"server_search"_s), 1);
    round();
    QVERIFY(isStored(photo)); // with days of its own
    QCOMPARE(rig->ask(nextAttempt(again)).kind, wire::Offer::Kind::Duplicate);
}

void TestPurge::bytesThatAnotherProjectHasStay()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    QCOMPARE(rig->ask(inAnotherProject(photo)).kind, wire::Offer::Kind::Duplicate);
    setDays(7);
    passDays(7);

    purgeAll();

    QVERIFY(isStored(photo));
    QCOMPARE(count(u"server_purges"_s), 1);
    QCOMPARE(count(u"server_assets"_s), 1);
    QCOMPARE(rig->ask(nextAttempt(photo)).kind, wire::Offer::Kind::Duplicate);
}

void TestPurge::bytesThatAnotherAccountHasStay()
{
    rig->change(u"INSERT INTO server_accounts (account_id, account_name, account_type, created_ms) VALUES ('b', 'b', 'organisation', 0)"_s);
    rig->change(u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms) VALUES ('bertha', 'b', 'bertha', 'photographer', 0)"_s);
    const Photo photo = photoOf(1);
    rig->upload(photo);
    const server::Caller local = std::exchange(rig->caller, {u"b"_s, u"bertha"_s, Role::Photographer, {}});
    QCOMPARE(rig->upload(inAnotherProject(photo)).status, Status::Succeeded);
    setDays(7);
    passDays(7);

    purgeAll();

    QVERIFY(isStored(photo));
    QCOMPARE(count(u"server_removals"_s), 0);
    rig->caller = local; // who has lost the photo does not get it from another
    QCOMPARE(rig->ask(nextAttempt(photo)).kind, wire::Offer::Kind::Upload);
}

void TestPurge::bytesThatAreComingStay()
{
    rig->change(u"INSERT INTO server_accounts (account_id, account_name, account_type, created_ms) VALUES ('b', 'b', 'organisation', 0)"_s);
    rig->change(u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms) VALUES ('bertha', 'b', 'bertha', 'photographer', 0)"_s);
    const Photo photo = photoOf(1);
    rig->upload(photo);
    setDays(7);
    passDays(7);
    rig->caller = {u"b"_s, u"bertha"_s, Role::Photographer, {}};
    const Photo coming = inAnotherProject(photo);
    rig->script->held = std::make_shared<std::latch>(1);
    auto open = qScopeGuard([this] { rig->script->held->count_down(); });
    const wire::Offer offer = rig->ask(coming);
    rig->put(offer, coming);
    QCOMPARE(rig->commit(offer.uploadId, coming).status, 202);
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return !status.stages.isEmpty() && status.stages.last().stage == Stage::Validation; });

    purgeAll();
    QVERIFY(isStored(photo));
    QCOMPARE(count(u"server_removals WHERE claimed_ms IS NULL"_s), 1);
    open.dismiss();
    rig->script->held->count_down();
    QCOMPARE(rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); }).status, Status::Succeeded);

    round();
    QVERIFY(isStored(photo));
    QCOMPARE(count(u"server_removals"_s), 0);
}

void TestPurge::whoBringsBytesThatAreJustGoingWaits()
{
    rig->stop();
    rig->options.retryBase = std::chrono::milliseconds(20);
    rig->options.retryCap = std::chrono::milliseconds(20);
    rig->start();
    const Photo photo = photoOf(1);
    rig->change(u"INSERT INTO server_removals (sha256, size, claimed_ms) VALUES ('%1', %2, %3)"_s.arg(photo.sha256).arg(photo.bytes.size()).arg(nowMs()));
    const wire::Offer offer = rig->ask(photo);
    rig->put(offer, photo);
    QCOMPARE(rig->commit(offer.uploadId, photo).status, 202);
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return !status.stages.isEmpty(); });

    round(); // another one removes them, who may still be at it
    QCOMPARE(count(u"server_removals"_s), 1);
    QCOMPARE(rig->store.objectCount(), 0);
    QCOMPARE(count(u"server_jobs"_s), 1);

    rig->change(u"UPDATE server_removals SET claimed_ms = 1"_s); // who has died long ago
    round();
    QCOMPARE(rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); }).status, Status::Succeeded);
    QVERIFY(isStored(photo));
}

void TestPurge::aStoreThatIsAwayLosesNothingOfIt()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    setDays(7);
    passDays(7);
    round();
    passDays(2);
    rig->store.setBroken(true);
    round();
    QCOMPARE(count(u"server_removals WHERE claimed_ms IS NOT NULL"_s), 1);
    rig->store.setBroken(false);
    QVERIFY(isStored(photo));

    round(); // without an answer it may still be going on
    QCOMPARE(count(u"server_removals"_s), 1);
    rig->change(u"UPDATE server_removals SET claimed_ms = 1"_s);
    round();

    QVERIFY(!isStored(photo));
    QCOMPARE(count(u"server_removals"_s), 0);
}

void TestPurge::thePicturesGoToo()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    QVERIFY(!rig->store.derived(photo.sha256, photo.bytes.size(), "thumbnail"_L1)->isEmpty());
    setDays(7);
    passDays(7);

    purgeAll();

    QVERIFY(rig->store.derived(photo.sha256, photo.bytes.size(), "thumbnail"_L1)->isEmpty());
}

void TestPurge::giveBack(const Photo &photo)
{
    rig->store.loseAssembledWithAPicture();
    const wire::UploadStatus status = rig->statusWhen(committed(photo).uploadId, [](const wire::UploadStatus &told) { return !told.isKnown; });
    QVERIFY(rig->store.pictureCount() > 0 && !status.errors.isEmpty());
    QCOMPARE(status.errors.last().code, ErrorCode::StorageCopyDamaged);
    QCOMPARE(status.errors.last().stage, Stage::Storage);
}

void TestPurge::picturesOfWhatWasGivenBackGo()
{
    const Photo photo = photoOf(1);
    giveBack(photo);
    round();
    QCOMPARE(rig->store.pictureCount(), 0);
    QCOMPARE(count(u"server_removals"_s), 0);
    QCOMPARE(rig->upload(photo).status, Status::Succeeded); // and when it comes again, so do they
    round();
    QVERIFY(isStored(photo) && rig->store.pictureCount() > 0);
}

void TestPurge::picturesOfWhatWasGivenBackStayWhereTheyAreSomebodys()
{
    const Photo photo = photoOf(1);
    QCOMPARE(rig->upload(photo).status, Status::Succeeded);
    const int pictures = rig->store.pictureCount();
    rig->store.loseObject(photo.sha256, photo.bytes.size());
    rig->change(u"UPDATE server_objects SET state = 'lost'"_s);
    giveBack(nextAttempt(photo)); // what was brought in its place is lost, too; the photo is in the list all the same
    round();
    QCOMPARE(rig->store.pictureCount(), pictures);
    QCOMPARE(rig->upload(nextAttempt(photo)).status, Status::Succeeded);
    setDays(1);
    passDays(1);
    purgeAll();
    QCOMPARE(rig->store.pictureCount(), 0);
}

void TestPurge::theQuotaIsFreeAgain()
{
    const Photo photo = photoOf(1);
    rig->change(u"UPDATE server_accounts SET quota_bytes = 1000000 WHERE account_id = 'local'"_s);
    rig->change(u"INSERT INTO server_account_use (account_id, stored_bytes) VALUES ('local', 0)"_s);
    rig->upload(photo);
    QCOMPARE(rig->sql(u"SELECT stored_bytes FROM server_account_use"_s), photo.bytes.size());
    setDays(7);
    passDays(7);

    purgeAll();

    QCOMPARE(rig->sql(u"SELECT stored_bytes FROM server_account_use"_s), 0);
}

void TestPurge::howLongBackupsAreKeptIsRecorded()
{
    rig->upload(photoOf(1));
    setDays(7);
    passDays(7);
    round();
    passDays(2);
    server::purge(rig->store, *m_database, 30);
    QCOMPARE(count(u"server_purges WHERE backups_kept_days = 30"_s), 1);
}

void TestPurge::itIsGoneADayAfterItsDays_data()
{
    QTest::addColumn<int>("roundMinutesBefore"); ///< the days are over
    QTest::newRow("a minute behind a round") << 1;
    QTest::newRow("half an hour behind a round") << 30;
    QTest::newRow("a minute before a round") << 74;
}

/// FAULTS F43, with the server's own time between two rounds, each of which takes a quarter of an hour.
void TestPurge::itIsGoneADayAfterItsDays()
{
    QFETCH(const int, roundMinutesBefore);
    constexpr qint64 MinuteMs = 60 * 1000;
    constexpr qint64 DueMs = 7 * DayMs;
    const qint64 roundsMs = server::UploadApi::Options().sweepEvery.count() + 15 * MinuteMs;
    round(); // from here on the clock is known
    const Photo photo = photoOf(1);
    rig->upload(photo);
    rig->change(u"INSERT INTO server_quarantine (account_id, user_id, sha256, size, project_id, relative_path, client_upload_id, kept_ms)"
                " SELECT account_id, 'local', 'f00d', 1, project_id, 'BAD.JPG', '%1', created_ms FROM server_assets"_s.arg(idText(newUuid7())));
    setDays(7);

    qint64 passedMs = DueMs - roundMinutesBefore * MinuteMs;
    passTime(passedMs);
    round();
    QCOMPARE(count(u"server_assets WHERE purge_ms IS NOT NULL"_s), 0);
    qint64 markedMs = 0;
    while (isStored(photo) && passedMs < DueMs + 3 * DayMs) {
        passTime(roundsMs);
        passedMs += roundsMs;
        round();
        if (markedMs == 0 && count(u"server_assets WHERE purge_ms IS NOT NULL"_s) == 1)
            markedMs = passedMs;
    }

    QCOMPARE(count(u"server_assets"_s) + count(u"server_quarantine"_s), 0);
    QVERIFY2(passedMs <= DueMs + DayMs, qPrintable(QString::number((passedMs - DueMs) / MinuteMs)));
    QVERIFY2(passedMs - markedMs >= 21 * 60 * MinuteMs, qPrintable(QString::number((passedMs - markedMs) / MinuteMs)));
}

void TestPurge::aServerThatWasOffLeavesTheTimeToTakeItBack()
{
    constexpr qint64 HourMs = 3600 * 1000;
    round();
    const Photo photo = photoOf(1);
    rig->upload(photo);
    setDays(7);
    passTime(12 * DayMs);

    round();
    passTime(21 * HourMs - 60'000);
    round();
    QVERIFY(isStored(photo));
    passTime(2 * 60'000);
    round();
    QVERIFY(!isStored(photo));
}

void TestPurge::whatIsDueIsNotToBeDownloaded()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    setDays(7);
    const QByteArray path = "/v1/photos/" + idText(photo.question.attempt.itemId).toLatin1() + "/link";
    const auto link = [&] { return rig->call("GET", path).status; };
    const auto undo = [&] {
        int kept = -1;
        rig->onDatabase([&](const QSqlDatabase &database) {
            const Result<int> undone = RetentionTable(database).undo(photo.question.project.projectId, nowMs());
            kept = undone ? *undone : -1;
        });
        return kept;
    };
    passDays(6);
    QCOMPARE(link(), 200);
    QCOMPARE(undo(), 0);
    passDays(1);

    QCOMPARE(link(), 404); // no round has been yet
    rig->onDatabase([&](const QSqlDatabase &database) {
        const auto own = WithdrawalTable(database, {u"local"_s, u"local"_s}).photos(WithdrawalTable::By::Everything, {}, nowMs(), 0, 10);
        QVERIFY(own && own->size() == 1 && own->first().isOverdue); // whoever exports it still has it
    });
    QCOMPARE(undo(), 1);
    QCOMPARE(link(), 200);

    passDays(7);
    round();
    QCOMPARE(link(), 404);
    QCOMPARE(undo(), 1);
    QCOMPARE(link(), 200);
}

void TestPurge::aClockThatWasSetIsNotTrusted()
{
    constexpr qint64 HourMs = 3600 * 1000;
    const qint64 begin = nowMs();
    const auto isTrusted = [&](qint64 atMs, const QString &boot, qint64 uptimeMs) {
        bool trusted = false;
        rig->onDatabase([&](const QSqlDatabase &database) {
            const Result<bool> answer = server::ServerClock(database).isTrusted({begin + atMs, boot, uptimeMs});
            QVERIFY(answer);
            trusted = *answer;
        });
        return trusted;
    };
    QVERIFY(isTrusted(0, u"a"_s, HourMs)); // the first one ever
    QVERIFY(isTrusted(HourMs, u"a"_s, 2 * HourMs));
    QVERIFY(isTrusted(40 * HourMs, u"a"_s, 41 * HourMs)); // nobody was there for two days, but the machine was
    QVERIFY(!isTrusted(42 * HourMs, u"a"_s, 42 * HourMs));
    QVERIFY(isTrusted(43 * HourMs, u"a"_s, 43 * HourMs));
    QVERIFY(!isTrusted(43 * HourMs, u"a"_s, 44 * HourMs));
    QVERIFY(isTrusted(44 * HourMs, u"b"_s, 1)); // another machine takes its turn
    QVERIFY(!isTrusted(43 * HourMs, u"c"_s, 1));
    QVERIFY(!isTrusted(70 * HourMs, u"d"_s, 1));
}

void TestPurge::aClockThatIsBehindMakesNoPhotoOlder()
{
    round();
    const Photo photo = photoOf(1);
    rig->change(u"UPDATE server_clock SET latest_ms = latest_ms + %1"_s.arg(20 * DayMs)); // as if this clock were 20 days behind
    rig->upload(photo);
    rig->change(u"UPDATE server_clock SET latest_ms = latest_ms - %1"_s.arg(20 * DayMs));
    passDays(20); // and right again
    setDays(7);

    round();
    QCOMPARE(count(u"server_assets WHERE purge_ms IS NOT NULL"_s), 0);
    passDays(8);
    round();
    QCOMPARE(count(u"server_assets WHERE purge_ms IS NOT NULL"_s), 1);
}

void TestPurge::aClockThatGoesAheadShortensNoLastDay()
{
    const Photo byRule = photoOf(1);
    const Photo byPerson = inAnotherProject(photoOf(2));
    rig->upload(byRule);
    rig->upload(byPerson);
    setDays(7);
    passDays(8);
    round();
    rig->onDatabase([&](const QSqlDatabase &database) {
        const Result<int> removed = WithdrawalTable(database, {u"local"_s, u"local"_s}).withdraw(WithdrawalTable::By::Photo, byPerson.question.attempt.itemId, nowMs());
        QVERIFY(removed && *removed == 1);
    });
    const auto setClock = [this](qint64 ms) {
        passDays(int(ms / DayMs));
        rig->change(u"UPDATE server_withdrawals SET removed_ms = removed_ms - %1"_s.arg(ms));
        rig->change(u"UPDATE server_clock SET latest_ms = latest_ms - %1, round_ms = round_ms - %1"_s.arg(ms));
    };

    setClock(3 * DayMs);
    round();
    QVERIFY(isStored(byRule) && isStored(byPerson));
    setClock(-3 * DayMs);
    round();
    QVERIFY(isStored(byRule) && isStored(byPerson));

    setClock(2 * DayMs);
    rig->change(u"UPDATE server_clock SET uptime_ms = uptime_ms - %1"_s.arg(2 * DayMs)); // two days that the machine has seen as well
    round();
    QVERIFY(!isStored(byRule) && !isStored(byPerson));
}

QTEST_GUILESS_MAIN(TestPurge)
#include "tst_purge.moc"
