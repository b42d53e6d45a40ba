#include "tests/server/purgetest.h"

#include <QScopeGuard>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using server::RetentionTable;
using server::WithdrawalTable;

/// What the rule of a project removes after how long, what keeps it, and what comes again. Each round as the login of retention.
class TestPurge : public PurgeTest
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
    void thePicturesGoToo();
    void picturesOfWhatWasGivenBackGo();
    void picturesOfWhatWasGivenBackStayWhereTheyAreSomebodys();
    void theQuotaIsFreeAgain();
    void howLongBackupsAreKeptIsRecorded();

private:
    void giveBack(const Photo &photo); ///< sent, and its bytes are gone before it is stored, when its pictures are there
};

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

QTEST_GUILESS_MAIN(TestPurge)
#include "tst_purge.moc"
