#include "tests/server/apitest.h"
#include "tests/server/recordsearch.h"

#include "app/server/api/eventbatch.h"
#include "models/vocabulary/ids.h"

#include <QJsonArray>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using Kind = wire::MirrorEvent::Kind;

/// What clients tell of attempts from before the database counts as far as the bytes can be nobody else's.
class TestRecall : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void hashOfAnotherAccountsPhotoOpensNothing();
    void bytesThatItsRecordsKnowAreTheAccounts();
    void accountNobodyCameInWithIsNobody();
    void copyKnownAsLostIsNotFoundByBeingToldOf();
    void storeIsAskedOnceForEachContentAndOnlyWhereItCounts();
    void moreThanABatchMayNameAreRefusedUnasked();
    void whileNobodyCanLookTheBatchComesAgain();
    void whoeverHoldsWhatIsNotSafeIsToldSo();
    void whatWasPurgedIsNotAskedFor();

private:
    void addAccount(const QString &id);
    static server::Caller personOf(const QString &account) { return {account, account + u"-person"_s, Role::Photographer, {}}; }
    ApiRig::Answer tell(const QList<Photo> &photos, const QByteArray &key = {});
    QStringList objects() const { return rowsOf(*rig, u"SELECT account_id, sha256, state FROM server_objects ORDER BY 1, 2"_s); }
    QString safety(const Photo &photo) const
    {
        return rig->sql(u"SELECT told_json FROM server_uploads WHERE state = 'recalled' AND client_upload_id = '%1'"_s.arg(
                            idText(photo.question.attempt.clientUploadId)))
                   .toString()
                   .contains("\"is_safe\":true"_L1)
            ? u"safe"_s
            : u"not safe"_s;
    }
};

namespace {

/// A project and a batch of its own, and an attempt that began before the rig made its database.
Photo ofBefore(Photo photo)
{
    wire::Question &question = photo.question;
    question.project.projectId = newUuid7();
    question.project.name = idText(question.project.projectId);
    question.batch.batchId = newUuid7();
    question.batch.projectId = question.project.projectId;
    AttemptRecord &attempt = question.attempt;
    attempt.clientUploadId = newUuid7(nowMs() - 3'600'000);
    attempt.startedMs = instantOf(attempt.clientUploadId);
    attempt.itemId = newUuid7();
    attempt.projectId = question.project.projectId;
    attempt.batchId = question.batch.batchId;
    return photo;
}

} // namespace

void TestRecall::addAccount(const QString &id)
{
    rig->change(u"INSERT INTO server_accounts (account_id, account_name, account_type, created_ms) VALUES ('%1', '%1', 'organisation', 0)"_s.arg(id));
    rig->change(u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms)"
                " VALUES ('%1-person', '%1', '%1-person', 'photographer', 0)"_s.arg(id));
}

/// Each photo as its client knows it: brought, and ended well.
ApiRig::Answer TestRecall::tell(const QList<Photo> &photos, const QByteArray &key)
{
    QList<wire::MirrorEvent> events;
    for (const Photo &photo : photos) {
        AttemptRecord attempt = photo.question.attempt;
        attempt.status = Status::Succeeded;
        attempt.endedMs = attempt.startedMs + 1000;
        attempt.metadata[u"sha256"_s] = photo.sha256;
        attempt.rowVersion = 4;
        events.append({newUuid7(), Kind::Project, toJson(photo.question.project)});
        events.append({newUuid7(), Kind::Batch, toJson(photo.question.batch)});
        events.append({newUuid7(), Kind::Attempt, toJson(attempt)});
    }
    return rig->events(events, key);
}

void TestRecall::hashOfAnotherAccountsPhotoOpensNothing()
{
    addAccount(u"a"_s);
    addAccount(u"b"_s);
    const Photo photo = photoOf(1);
    rig->caller = personOf(u"b"_s);
    QCOMPARE(rig->upload(photo).status, Status::Succeeded);
    rig->caller = personOf(u"a"_s);
    const Photo told = ofBefore(photo);
    const int asked = rig->store.asked();

    QCOMPARE(tell({told}).status, 200);

    QCOMPARE(rig->store.asked(), asked);                                  // how long the answer takes says nothing either
    QCOMPARE(objects(), QStringList{u"b|%1|stored"_s.arg(photo.sha256)}); // b's purge removes the bytes
    QCOMPARE(rowsOf(*rig, u"SELECT account_id FROM server_assets"_s), QStringList{u"b"_s});
    QCOMPARE(safety(told), u"not safe"_s);
    const QByteArray link = "/v1/photos/" + idText(told.question.attempt.clientUploadId).toLatin1() + "/link";
    QCOMPARE(rig->call("GET", link).status, 404);
    QCOMPARE(rig->call("GET", "/v1/photos/" + idText(told.question.attempt.itemId).toLatin1() + "/link").status, 404);
    // Whoever has the bytes brings them, in another attempt or in that one.
    QCOMPARE(rig->ask(ofBefore(photo)).kind, wire::Offer::Kind::Upload);
    const wire::Offer offer = rig->ask(told);
    QCOMPARE(offer.kind, wire::Offer::Kind::Upload);
    rig->put(offer, told);
    QCOMPARE(rig->commit(offer.uploadId, told).status, 202);
    QCOMPARE(rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); }).status, Status::Succeeded);
    QCOMPARE(objects(), (QStringList{u"a|%1|stored"_s.arg(photo.sha256), u"b|%1|stored"_s.arg(photo.sha256)}));
}

void TestRecall::bytesThatItsRecordsKnowAreTheAccounts()
{
    addAccount(u"a"_s);
    addAccount(u"b"_s);
    rig->caller = personOf(u"a"_s);
    const Photo photo = photoOf(1);
    QCOMPARE(rig->upload(photo).status, Status::Succeeded);
    const Photo told = ofBefore(photo);

    QCOMPARE(tell({told}).status, 200);

    QCOMPARE(safety(told), u"safe"_s);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_assets WHERE account_id = 'a'"_s), 2); // the same photo in two projects
    QCOMPARE(rig->call("GET", "/v1/photos/" + idText(told.question.attempt.clientUploadId).toLatin1() + "/link").status, 200);
}

void TestRecall::accountNobodyCameInWithIsNobody()
{
    // Every database is made with the account of an embedded server; an organisation's own is the only one as long as nobody uses that.
    addAccount(u"a"_s);
    rig->caller = personOf(u"a"_s);
    const Photo first = ofBefore(photoOf(1));
    const Photo second = ofBefore(photoOf(2));
    rig->store.keepObject(first.bytes);
    rig->store.keepObject(second.bytes);

    QCOMPARE(tell({first}).status, 200);
    rig->caller = {u"local"_s, u"local"_s, Role::Admin, {}};
    QCOMPARE(rig->upload(photoOf(3)).status, Status::Succeeded);
    rig->caller = personOf(u"a"_s);
    QCOMPARE(tell({second}).status, 200);

    QCOMPARE(safety(first), u"safe"_s);
    QCOMPARE(safety(second), u"not safe"_s);
}

void TestRecall::copyKnownAsLostIsNotFoundByBeingToldOf()
{
    const Photo photo = photoOf(1);
    QCOMPARE(rig->upload(photo).status, Status::Succeeded);
    rig->change(u"UPDATE server_objects SET state = 'lost'"_s); // as a look at the rotten copy, which has its right size, leaves it
    const Photo told = ofBefore(photo);

    QCOMPARE(tell({told}).status, 200);

    QCOMPARE(safety(told), u"not safe"_s);
    QCOMPARE(objects(), QStringList{u"local|%1|lost"_s.arg(photo.sha256)});
    QCOMPARE(rig->ask(nextAttempt(photo)).kind, wire::Offer::Kind::Upload);
}

void TestRecall::storeIsAskedOnceForEachContentAndOnlyWhereItCounts()
{
    const Photo photo = photoOf(1);
    rig->store.keepObject(photo.bytes);
    const QList<Photo> told{ofBefore(photo), ofBefore(photo), ofBefore(photo), ofBefore(photoOf(2))};
    const int asked = rig->store.asked();

    QCOMPARE(tell(told).status, 200);
    QCOMPARE(rig->store.asked(), asked + 2);
    QCOMPARE(tell(told).status, 200); // known by now
    QCOMPARE(rig->store.asked(), asked + 2);

    QCOMPARE(safety(told[0]), u"safe"_s);
    QCOMPARE(safety(told[2]), u"safe"_s);
    QCOMPARE(safety(told[3]), u"not safe"_s);
}

void TestRecall::moreThanABatchMayNameAreRefusedUnasked()
{
    QList<Photo> told;
    const Photo one = ofBefore(photoOf(1));
    for (int i = 0; i <= server::MostRecalled; ++i) {
        Photo photo = one;
        photo.question.attempt.clientUploadId = newUuid7(nowMs() - 3'600'000);
        photo.question.attempt.itemId = newUuid7();
        photo.question.attempt.relativePath = QString::number(i);
        photo.sha256 = sha256Of(QByteArray::number(i));
        told.append(photo);
    }
    const int asked = rig->store.asked();

    const ApiRig::Answer refused = tell(told);

    QCOMPARE(refused.status, 422);
    QCOMPARE(refused.code(), u"API_REQUEST_REFUSED"_s); // which the mirror answers with halves
    QCOMPARE(rig->store.asked(), asked);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM staging_batch"_s), 0); // nothing of it is bad
    QCOMPARE(tell(told.first(server::MostRecalled)).status, 200);
    QCOMPARE(tell(told.mid(server::MostRecalled)).status, 200);
    QCOMPARE(rig->store.asked(), asked + int(server::MostRecalled) + 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_uploads WHERE state = 'recalled'"_s), int(server::MostRecalled) + 1);
}

void TestRecall::whileNobodyCanLookTheBatchComesAgain()
{
    const Photo told = ofBefore(photoOf(1));
    rig->store.keepObject(told.bytes);
    rig->store.setBroken(true);

    const ApiRig::Answer later = tell({told}, "one-key");
    rig->store.setBroken(false);
    const ApiRig::Answer now = tell({told}, "another-key");

    QVERIFY2(later.status == 503 || later.status == 500, qPrintable(QString::number(later.status)));
    QCOMPARE(now.status, 200);
    QCOMPARE(safety(told), u"safe"_s);
}

void TestRecall::whoeverHoldsWhatIsNotSafeIsToldSo()
{
    addAccount(u"a"_s);
    addAccount(u"b"_s);
    rig->caller = personOf(u"a"_s);
    const Photo known = photoOf(1);
    QCOMPARE(rig->upload(known).status, Status::Succeeded);
    const Photo told = ofBefore(known);
    const Photo unrecorded = ofBefore(photoOf(2));
    const Photo failed = ofBefore(photoOf(3));
    rig->store.keepObject(unrecorded.bytes); // whose that is no record says
    const QJsonArray lost{idText(unrecorded.question.attempt.clientUploadId)};

    const ApiRig::Answer first = tell({told, unrecorded});
    const ApiRig::Answer again = tell({told, unrecorded}, "once-more"); // its answer may have been lost
    AttemptRecord attempt = failed.question.attempt;
    attempt.status = Status::Failed;
    attempt.endedMs = attempt.startedMs + 1000;
    const ApiRig::Answer other = rig->events({{newUuid7(), Kind::Project, toJson(failed.question.project)},
                                              {newUuid7(), Kind::Batch, toJson(failed.question.batch)},
                                              {newUuid7(), Kind::Attempt, toJson(attempt)}});

    QCOMPARE(first.status, 200);
    QCOMPARE(first.json.value("not_safe"_L1).toArray(), lost);
    QCOMPARE(again.json.value("not_safe"_L1).toArray(), lost);
    QCOMPARE(other.status, 200);
    QCOMPARE(other.json.value("not_safe"_L1), QJsonArray());
    QCOMPARE(rig->ask(nextAttempt(unrecorded)).kind, wire::Offer::Kind::Upload);
}

void TestRecall::whatWasPurgedIsNotAskedFor()
{
    const Photo byAttempt = ofBefore(photoOf(1));
    const Photo byItem = ofBefore(photoOf(2));
    const Photo lost = ofBefore(photoOf(3));
    for (const QUuid &id : {byAttempt.question.attempt.clientUploadId, byItem.question.attempt.itemId})
        rig->change(u"INSERT INTO server_purged_ids (id, account_id, purged_ms) VALUES ('%1', 'local', %2)"_s.arg(idText(id)).arg(nowMs()));

    const ApiRig::Answer answer = tell({byAttempt, byItem, lost});

    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.json.value("not_safe"_L1).toArray(), QJsonArray{idText(lost.question.attempt.clientUploadId)});
}

QTEST_GUILESS_MAIN(TestRecall)
#include "tst_recall.moc"
