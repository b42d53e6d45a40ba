#include "app/server/people/auditlog.h"
#include "app/server/work/purge.h"
#include "app/server/work/retentiontable.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"
#include "tests/server/recordsearch.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

namespace {

constexpr qint64 DayMs = 24LL * 3600 * 1000;

/// The same photo, in the same slot, from somebody else.
Photo byAnother(const Photo &photo)
{
    Photo same = nextAttempt(photo);
    same.question.attempt.attemptNumber = 1;
    same.question.attempt.itemId = newUuid7();
    same.question.batch.batchId = same.question.attempt.batchId = newUuid7();
    same.question.batch.name = u"Carl's card"_s;
    return same;
}

} // namespace

/// What people remove of their own, how it is taken back, and how it goes. Each round as the login of retention.
class TestWithdrawals : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void aRemovedPhotoGoesInTwoPhases_data();
    void aRemovedPhotoGoesInTwoPhases();
    void aRemovalIsTakenBack();
    void aLinkIsForItsOwnerAlone();
    void whatIsAskedForAgainIsThereAgain();
    void whatIsGoneIsUploadedAgain();
    void aBatchGoesWhole();
    void whatIsUnderWayIsNotRemoved();
    void anothersPhotoIsUnknown_data();
    void anothersPhotoIsUnknown();
    void whatAColleagueTellsMakesNobodyOwner();
    void aSlotOfTwoPeopleGoesWithTheLast();
    void bytesThatAnotherProjectHasStay();
    void aRulesUndoKeepsNothingThatWasRemoved();
    void aRequestOnceMoreChangesNothing();

private:
    void prepare() override;
    void round() { server::purge(rig->store, *m_database); }
    /// As if that time had passed.
    void passADay() { rig->change(u"UPDATE server_withdrawals SET removed_ms = removed_ms - %1"_s.arg(DayMs)); }
    ApiRig::Answer say(const QByteArray &what, const QUuid &id, const QByteArray &verb, const QByteArray &key = {})
    {
        return rig->call("POST", "/v1/" + what + '/' + idText(id).toLatin1() + '/' + verb, {}, key);
    }
    wire::RemovalAnswer told(const ApiRig::Answer &answer)
    {
        const Result<wire::RemovalAnswer> read = wire::removalAnswerFromJson(answer.json);
        if (answer.status != 200 || !read)
            qFatal("refused: %d %s", answer.status, qPrintable(answer.code()));
        return *read;
    }
    wire::RemovalAnswer remove(const Photo &photo) { return told(say("photos", photo.question.attempt.clientUploadId, "remove")); }
    wire::RemovalAnswer restore(const Photo &photo) { return told(say("photos", photo.question.attempt.clientUploadId, "restore")); }
    int count(const QString &table) const { return rig->sql(u"SELECT count(*) FROM "_s + table).toInt(); }
    bool isStored(const Photo &photo) { return *rig->store.hasObject(photo.sha256, photo.bytes.size()); }
    QStringList audited() const { return rowsOf(*rig, u"SELECT actor, action, subject, detail_json FROM server_audit ORDER BY account_id, number"_s); }

    std::unique_ptr<server::DatabaseThreads> m_database;
};

void TestWithdrawals::prepare()
{
    rig->start();
    rig->change(u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms) VALUES ('carl', 'local', 'carl', 'photographer', 0)"_s);
    rig->change(u"INSERT INTO server_accounts (account_id, account_name, account_type, created_ms) VALUES ('b', 'b', 'organisation', 0)"_s);
    rig->change(u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms) VALUES ('bertha', 'b', 'bertha', 'photographer', 0)"_s);
    auto opened = server::DatabaseThreads::open(
        {.path = rig->options.dataFolder + u"/server.sqlite"_s, .postgres = rig->options.retentionLogin, .writers = 1, .readers = 1});
    QVERIFY2(opened, qPrintable(opened ? QString() : opened.error().detail));
    m_database = *std::move(opened);
}

void TestWithdrawals::aRemovedPhotoGoesInTwoPhases_data()
{
    QTest::addColumn<bool>("isByItem");
    QTest::newRow("named by its attempt") << false;
    QTest::newRow("named by its item") << true;
}

void TestWithdrawals::aRemovedPhotoGoesInTwoPhases()
{
    QFETCH(const bool, isByItem);
    const Photo photo = photoOf(1);
    rig->upload(photo);
    const Photo other = photoOf(2);
    rig->upload(other);
    const AttemptRecord &attempt = photo.question.attempt;
    const QUuid id = isByItem ? attempt.itemId : attempt.clientUploadId;
    const qint64 before = nowMs();

    const wire::RemovalAnswer answer = told(say("photos", id, "remove"));
    QCOMPARE(answer.photos, 1);
    QCOMPARE(answer.removed, 1);
    QVERIFY(answer.goneMs && *answer.goneMs >= before + DayMs && *answer.goneMs <= nowMs() + DayMs);
    QCOMPARE(rowsOf(*rig, u"SELECT user_id, account_id FROM server_withdrawals"_s), QStringList{u"local|local"_s});
    QCOMPARE(audited(), QStringList{u"local|photo.removed|%1|{\"photos\":1}"_s.arg(idText(id))});

    round(); // its day is not over
    QVERIFY(isStored(photo));
    QCOMPARE(count(u"server_search"_s), 2);
    passADay();
    round();

    QVERIFY(!isStored(photo));
    QVERIFY(isStored(other));
    for (const QString &table : {u"server_withdrawals"_s, u"server_removals"_s})
        QCOMPARE(count(table), 0);
    for (const QString &table : {u"server_assets"_s, u"server_search"_s, u"server_objects"_s})
        QCOMPARE(count(table), 1);
    QCOMPARE(rowsOf(*rig, u"SELECT project_id, client_upload_id, size, rule FROM server_purges WHERE due_ms <= removed_ms"_s),
             QStringList{idText(photo.question.project.projectId) + u'|' + idText(attempt.clientUploadId) + u'|' + QString::number(photo.bytes.size())
                         + u"|removed by its owner"_s});
    QCOMPARE(placesOf(*rig, {u"IMG_1.JPG"_s, photo.sha256}).join(u'\n'), QString());
    QVERIFY(!placesOf(*rig, {u"IMG_2.JPG"_s}).isEmpty());
    QCOMPARE(say("photos", id, "restore").status, 404); // gone
    QCOMPARE(say("photos", id, "remove").code(), u"TRANSFER_UPLOAD_GONE"_s);
    rig->onDatabase([](const QSqlDatabase &database) { QVERIFY(!*server::AuditLog(database).firstBroken(u"local"_s)); });
}

void TestWithdrawals::aRemovalIsTakenBack()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    remove(photo);
    passADay(); // its second phase could begin

    const wire::RemovalAnswer answer = restore(photo);
    QCOMPARE(answer.photos, 1);
    QCOMPARE(answer.removed, 0);
    QVERIFY(!answer.goneMs);

    passADay();
    round();
    QVERIFY(isStored(photo));
    QCOMPARE(count(u"server_purges"_s), 0);
    QCOMPARE(audited().size(), 2);
    QVERIFY(audited().last().startsWith(u"local|photo.restored|"_s));
    QCOMPARE(restore(photo).removed, 0); // nothing to be done, and nothing to be told
    QCOMPARE(audited().size(), 2);
}

void TestWithdrawals::aLinkIsForItsOwnerAlone()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    const QByteArray path = "/v1/photos/" + idText(photo.question.attempt.itemId).toLatin1() + "/link";

    const ApiRig::Answer answer = rig->call("GET", path);
    const Result<wire::PhotoLink> link = wire::photoLinkFromJson(answer.json);
    QVERIFY(answer.status == 200 && link);
    QCOMPARE(link->url, rig->store.downloadLink(photo.sha256, photo.bytes.size(), "http://127.0.0.1:1")->url);
    QCOMPARE(link->expiresMs, 5); // as the store says
    QCOMPARE(link->sha256, photo.sha256);
    QCOMPARE(link->size, photo.bytes.size());
    QCOMPARE(link->relativePath, u"100CANON/IMG_1.JPG"_s);

    remove(photo);
    QCOMPARE(rig->call("GET", path).status, 404);
    restore(photo);
    QCOMPARE(rig->call("GET", path).status, 200);
    rig->caller = {u"local"_s, u"carl"_s, Role::Photographer, {}};
    const ApiRig::Answer refused = rig->call("GET", path);
    QCOMPARE(refused.status, 404);
    QCOMPARE(refused.code(), u"TRANSFER_UPLOAD_GONE"_s);
    QVERIFY(audited().last().startsWith(u"carl|photo.link_refused|"_s));
}

void TestWithdrawals::whatIsAskedForAgainIsThereAgain()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    remove(photo);

    QCOMPARE(rig->ask(nextAttempt(photo)).kind, wire::Offer::Kind::Duplicate);

    passADay();
    round();
    QVERIFY(isStored(photo));
    QCOMPARE(count(u"server_withdrawals"_s), 0);
}

void TestWithdrawals::whatIsGoneIsUploadedAgain()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    remove(photo);
    passADay();
    round();
    QVERIFY(!isStored(photo));

    const Photo again = nextAttempt(photo);
    QCOMPARE(rig->ask(again).kind, wire::Offer::Kind::Upload);
    QCOMPARE(rig->upload(again).status, Status::Succeeded);

    QCOMPARE(rig->store.object(photo.sha256, photo.bytes.size()), photo.bytes);
    round();
    QVERIFY(isStored(photo));
    QVERIFY(!placesOf(*rig, {u"IMG_1.JPG"_s}).isEmpty());
    QCOMPARE(remove(again).removed, 1);
}

void TestWithdrawals::aBatchGoesWhole()
{
    QList<Photo> photos;
    for (const int seed : {1, 2, 3}) {
        Photo photo = photoOf(seed);
        if (seed == 3)
            photo.question.batch.batchId = photo.question.attempt.batchId = newUuid7(); // stays
        rig->upload(photo);
        photos.append(photo);
    }
    const QUuid batch = photos.first().question.batch.batchId;
    remove(photos.first());

    const wire::RemovalAnswer removed = told(say("batches", batch, "remove"));
    QCOMPARE(removed.photos, 2);
    QCOMPARE(removed.removed, 2);
    QVERIFY(audited().last().contains(u"batch.removed"_s) && audited().last().endsWith(u"{\"photos\":1}"_s)); // the other was removed before
    QCOMPARE(told(say("batches", batch, "restore")).removed, 0);
    QCOMPARE(count(u"server_withdrawals"_s), 0);
    QCOMPARE(told(say("batches", batch, "remove")).removed, 2);
    restore(photos.at(1));
    QCOMPARE(told(say("batches", batch, "remove")).removed, 2);
    passADay();
    round();

    QVERIFY(!isStored(photos.at(0)));
    QVERIFY(!isStored(photos.at(1)));
    QVERIFY(isStored(photos.at(2)));
    QCOMPARE(count(u"server_purges"_s), 2);
    QCOMPARE(say("batches", batch, "restore").status, 404);
}

void TestWithdrawals::whatIsUnderWayIsNotRemoved()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    const Photo coming = photoOf(2);
    const wire::Offer offer = rig->ask(coming);

    const wire::RemovalAnswer answer = told(say("batches", photo.question.batch.batchId, "remove"));
    QCOMPARE(answer.photos, 1);
    QCOMPARE(answer.removed, 1);
    QCOMPARE(answer.underWay, 1);
    rig->put(offer, coming);
    QCOMPARE(rig->commit(offer.uploadId, coming).status, 202);
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); });
    passADay();
    round();

    QVERIFY(!isStored(photo));
    QVERIFY(isStored(coming));
}

void TestWithdrawals::anothersPhotoIsUnknown_data()
{
    QTest::addColumn<QString>("account");
    QTest::addColumn<QString>("user");
    QTest::newRow("of the same account") << u"local"_s << u"carl"_s;
    QTest::newRow("of another account") << u"b"_s << u"bertha"_s;
}

void TestWithdrawals::anothersPhotoIsUnknown()
{
    QFETCH(const QString, account);
    QFETCH(const QString, user);
    const Photo photo = photoOf(1);
    rig->upload(photo);
    remove(photo);
    const AttemptRecord &attempt = photo.question.attempt;
    const QList<std::pair<QByteArray, QUuid>> named{
        {"photos", attempt.clientUploadId}, {"photos", attempt.itemId}, {"batches", attempt.batchId}, {"photos", QUuid::createUuid()}};

    rig->caller = {account, user, Role::Photographer, {}};
    for (const auto &[what, id] : named) {
        for (const QByteArray &verb : {QByteArray("remove"), QByteArray("restore")}) {
            const ApiRig::Answer answer = say(what, id, verb);
            QCOMPARE(answer.status, 404);
            QCOMPARE(answer.code(), u"TRANSFER_UPLOAD_GONE"_s);
            QCOMPARE(rowsOf(*rig, u"SELECT actor, action, subject FROM server_audit WHERE account_id = '%1' ORDER BY number DESC LIMIT 1"_s.arg(account)).value(0),
                     QString(user + u'|' + (what == "photos" ? u"photo."_s : u"batch."_s) + QString::fromLatin1(verb) + u"_refused|"_s + idText(id)));
        }
    }
    QCOMPARE(rowsOf(*rig, u"SELECT user_id FROM server_withdrawals"_s), QStringList{u"local"_s});
}

void TestWithdrawals::whatAColleagueTellsMakesNobodyOwner()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    const server::Caller owner = std::exchange(rig->caller, {u"local"_s, u"carl"_s, Role::Photographer, {}});
    AttemptRecord attempt = photo.question.attempt;
    attempt.rowVersion = 100;
    QCOMPARE(rig->events({{newUuid7(), wire::MirrorEvent::Kind::Attempt, toJson(attempt)}}).status, 200);

    QCOMPARE(say("photos", attempt.clientUploadId, "remove").status, 404);
    QCOMPARE(say("batches", attempt.batchId, "remove").status, 404);

    rig->caller = owner;
    QCOMPARE(remove(photo).removed, 1);
}

void TestWithdrawals::aSlotOfTwoPeopleGoesWithTheLast()
{
    Photo photo = photoOf(1);
    photo.question.batch.batchId = photo.question.attempt.batchId = newUuid7();
    photo.question.batch.name = u"Anna's card"_s;
    rig->upload(photo);
    const Photo carls = byAnother(photo);
    const server::Caller anna = std::exchange(rig->caller, {u"local"_s, u"carl"_s, Role::Photographer, {}});
    QCOMPARE(rig->ask(carls).kind, wire::Offer::Kind::Duplicate);
    QCOMPARE(count(u"server_assets"_s), 1);
    rig->caller = anna;
    remove(photo);
    passADay();

    round();
    QVERIFY(isStored(photo));
    QCOMPARE(rowsOf(*rig, u"SELECT client_upload_id, relative_path FROM server_assets"_s),
             QStringList{idText(carls.question.attempt.clientUploadId) + u"|100CANON/IMG_1.JPG"_s});
    QCOMPARE(rowsOf(*rig, u"SELECT client_upload_id FROM server_purges"_s), QStringList{idText(photo.question.attempt.clientUploadId)});
    QCOMPARE(placesOf(*rig, {u"Anna's card"_s}).join(u'\n'), QString());
    QVERIFY(!placesOf(*rig, {u"Carl's card"_s}).isEmpty());
    QCOMPARE(rowsOf(*rig, u"SELECT count(*), count(relative_path) FROM fact_upload_attempts"_s), QStringList{u"2|1"_s});
    QCOMPARE(say("photos", photo.question.attempt.clientUploadId, "restore").status, 404);
    round();
    QCOMPARE(count(u"server_purges"_s), 1);

    rig->caller = {u"local"_s, u"carl"_s, Role::Photographer, {}};
    remove(carls);
    passADay();
    round();
    QVERIFY(!isStored(photo));
    QCOMPARE(placesOf(*rig, {u"Carl's card"_s, u"IMG_1.JPG"_s, photo.sha256}).join(u'\n'), QString());
}

void TestWithdrawals::bytesThatAnotherProjectHasStay()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    Photo kept = byAnother(photo);
    kept.question.project.projectId = kept.question.batch.projectId = kept.question.attempt.projectId = newUuid7();
    kept.question.project.name = u"Another"_s;
    QCOMPARE(rig->ask(kept).kind, wire::Offer::Kind::Duplicate);
    remove(photo);
    passADay();

    round();

    QVERIFY(isStored(photo));
    QCOMPARE(count(u"server_assets"_s), 1);
    QCOMPARE(count(u"server_purges"_s), 1);
    QCOMPARE(remove(kept).photos, 1);
}

void TestWithdrawals::aRulesUndoKeepsNothingThatWasRemoved()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    remove(photo);
    rig->onDatabase([&](const QSqlDatabase &database) {
        const server::RetentionTable rules(database);
        QVERIFY(rules.setDays(u"local"_s, photo.question.project.projectId, 7));
        QVERIFY(rules.undo(photo.question.project.projectId, nowMs()));
        QVERIFY(rules.setDays(u"local"_s, photo.question.project.projectId, {}));
    });
    passADay();
    round();
    QVERIFY(!isStored(photo));
}

void TestWithdrawals::aRequestOnceMoreChangesNothing()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    const QUuid id = photo.question.attempt.clientUploadId;
    QCOMPARE(told(say("photos", id, "remove", "first")).removed, 1);
    QCOMPARE(told(say("photos", id, "remove", "first")).removed, 1);
    restore(photo);

    QCOMPARE(told(say("photos", id, "remove", "first")).removed, 0); // sent again by the network, after the person has thought better of it
    QCOMPARE(audited().size(), 2);
    QCOMPARE(say("photos", id, "restore", "first").status, 422); // a key is for one call
}

QTEST_GUILESS_MAIN(TestWithdrawals)
#include "tst_withdrawals.moc"
