#include "tests/server/apitest.h"

#include "models/vocabulary/ids.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

namespace {

/// A photo of one part, which its question names.
Photo withItsParts(Photo photo)
{
    photo.question.parts = {{1, photo.bytes.size(), photo.sha256}};
    return photo;
}

} // namespace

/// Questions: what a client may rely on when it asks whether its bytes are there. (Links, commits and aborts: tst_apicommits.)
class TestApiUploads : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void infoSaysLimitsAndTime();
    void photoTakesTheWholeWay();
    void askedAgainGivesTheSameAnswer();
    void questionIsRefused_data();
    void questionIsRefused();
    void fullDiskAnswers507();
    void fullDiskStillKnowsWhatItHas();
    void fullDiskStillTakesWhatIsUnderWay();
    void knownBytesInANewSlotAreADuplicate();
    void knownBytesInTheSameSlotStayOneAsset();
    void lostObjectIsNeverADuplicate();
    void objectNobodyCanLookAtIsNeverADuplicate();
    void refusedBytesAreRefusedAtOnce();
    void ofANewUploadTheStoreIsNotAskedForParts();
    void nameOfTheStoreIsKeptFromTheQuestionOn();
    void placeThatNobodyNeedsIsGivenUp();
    void uploadWhosePlaceIsGoneIsBegunAnew();
    void partsOtherThanTheirQuestionNamedAreAskedFor();
    void unfinishedUploadIsResumedWithItsParts();
    void nextAttemptOfTheItemResumes();
    void whoLostTheListResumesWhatWasBegunBefore();
    void anotherPhotoOfTheSameBytesGetsItsOwnUpload();
    void otherBytesInTheSameAttemptStartAnew();
    void committedAttemptAskedAgainSendsNothing();
    void keyWithAnotherBodyIsRefused();
    void foreignUploadIdsAreUnknown();
};

void TestApiUploads::infoSaysLimitsAndTime()
{
    const Result<wire::Info> info = wire::infoFromJson(rig->call("GET", "/v1/info").json);

    QVERIFY(info);
    QCOMPARE(info->partChecksum, u"sha256"_s);
    QCOMPARE(info->partBytes, wire::PartBytes);
    QCOMPARE(info->maxLinksPerCall, 16);
    QVERIFY(std::abs(info->serverTimeMs - nowMs()) < 5000);
    QVERIFY(!info->epoch.isEmpty());
    QCOMPARE(info->storageFolder, rig->options.storageFolder);

    rig->stop();
    rig->start();
    QCOMPARE(wire::infoFromJson(rig->call("GET", "/v1/info").json)->epoch, info->epoch);
}

void TestApiUploads::photoTakesTheWholeWay()
{
    const Photo photo = photoOf(1);

    const wire::UploadStatus end = rig->upload(photo);

    QCOMPARE(end.status, Status::Succeeded);
    QVERIFY(end.isSafe);
    QCOMPARE(end.storedSha256, photo.sha256);
    QCOMPARE(end.storedSize, photo.bytes.size());
    QCOMPARE(end.stages.size(), 6);
    for (const StageRecord &stage : end.stages) {
        QVERIFY2(stage.isSuccessful.value_or(false), stageName(stage.stage).data());
        QVERIFY(stage.endedMs && stage.durationMs && stage.endedMs >= stage.startedMs);
    }
    QVERIFY(end.errors.isEmpty());
    QCOMPARE(end.clientUploadId, photo.question.attempt.clientUploadId);
    QVERIFY(end.rowVersion > commitOf(photo).attempt.rowVersion);
    QVERIFY(end.totalDurationMs >= 1000);
    QVERIFY(end.photo && end.photo->width == 64);
    QCOMPARE(rig->store.object(photo.sha256, photo.bytes.size()), photo.bytes);
    QCOMPARE(rig->store.incoming(), QList<QUuid>());
    QVERIFY(!rig->store.derived(photo.sha256, photo.bytes.size(), "thumbnail"_L1)->isEmpty());
    QVERIFY(!rig->store.derived(photo.sha256, photo.bytes.size(), "rendition"_L1)->isEmpty());
    // The star says the same.
    QCOMPARE(rig->sql(u"SELECT status_name FROM fact_upload_attempts JOIN dim_upload_status USING (upload_status_key)"_s), u"succeeded"_s);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_stages WHERE is_successful"_s), 6);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_search WHERE name = 'IMG_1.JPG' AND folder = '100CANON'"_s), 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_jobs"_s), 0);
}

void TestApiUploads::askedAgainGivesTheSameAnswer()
{
    const Photo photo = photoOf(1);

    const ApiRig::Answer first = rig->askRaw(photo, "key-1");
    const ApiRig::Answer hiddenResend = rig->askRaw(photo, "key-1");
    const ApiRig::Answer ownRetry = rig->askRaw(photo);

    QCOMPARE(first.status, 200);
    QCOMPARE(hiddenResend.json, first.json);
    QCOMPARE(ownRetry.json, first.json);
    QCOMPARE(rig->store.incoming().size(), 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_uploads"_s), 1);
}

void TestApiUploads::questionIsRefused_data()
{
    QTest::addColumn<qint64>("size");
    QTest::addColumn<QString>("path");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("code");
    QTest::newRow("2 GiB and a byte -> not accepted") << wire::MaxFileBytes + 1 << u"a.jpg"_s << 413 << u"SELECTION_NOT_ACCEPTED"_s;
    QTest::newRow("no path -> a defect of the client") << qint64(10) << QString() << 400 << u"API_REQUEST_REFUSED"_s;
    QTest::newRow("negative size -> a defect of the client") << qint64(-1) << u"a.jpg"_s << 400 << u"API_REQUEST_REFUSED"_s;
}

void TestApiUploads::questionIsRefused()
{
    QFETCH(qint64, size);
    QFETCH(QString, path);
    Photo photo = photoOf(1);
    photo.question.size = size;
    photo.question.attempt.relativePath = path;

    const ApiRig::Answer answer = rig->askRaw(photo);

    QTEST(answer.status, "status");
    QTEST(answer.code(), "code");
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_attempts"_s), 0);
}

void TestApiUploads::fullDiskAnswers507()
{
    rig->store.setFreeBytes(rig->options.reservedBytes);

    const ApiRig::Answer answer = rig->askRaw(photoOf(1));

    QCOMPARE(answer.status, 507);
    QCOMPARE(answer.code(), u"STORAGE_NO_SPACE"_s);
    QVERIFY(std::any_of(answer.headers.begin(), answer.headers.end(), [](const auto &header) { return header.first == "Retry-After"; }));
}

void TestApiUploads::fullDiskStillKnowsWhatItHas()
{
    const Photo stored = photoOf(1);
    rig->upload(stored);
    const Photo refused = photoOf(2, {}, 20000);
    rig->script->failures.insert(refused.bytes.size(), Error{ErrorCode::ValidationTruncated, u"cut"_s});
    rig->upload(refused);

    rig->store.setFreeBytes(0);

    QCOMPARE(rig->ask(photoOf(1, u"another/slot.jpg"_s)).kind, wire::Offer::Kind::Duplicate);
    QCOMPARE(rig->ask(nextAttempt(refused)).kind, wire::Offer::Kind::Refused);
    QVERIFY(rig->ask(stored).isCommitted);
    QCOMPARE(rig->askRaw(photoOf(3)).status, 507);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_attempts"_s), 4); // nothing is kept of the one without room
}

void TestApiUploads::fullDiskStillTakesWhatIsUnderWay()
{
    const Photo photo = photoOf(1, {}, wire::PartBytes + 1000);
    const Photo unsent = photoOf(2);
    const wire::Offer first = rig->ask(photo);
    const wire::Offer untouched = rig->ask(unsent);
    rig->store.put(first.uploadId, 1, photo.bytes.left(wire::PartBytes));

    rig->store.setFreeBytes(0); // all of it is taken by what was reserved

    const Photo again = nextAttempt(photo);
    const wire::Offer resumed = rig->ask(again);
    QCOMPARE(resumed.kind, wire::Offer::Kind::Resume);
    QCOMPARE(resumed.uploadId, first.uploadId);
    QCOMPARE(rig->ask(unsent).uploadId, untouched.uploadId); // the same question once more
    rig->put(resumed, again);
    QCOMPARE(rig->commit(resumed.uploadId, again).status, 202);
}

void TestApiUploads::knownBytesInANewSlotAreADuplicate()
{
    rig->upload(photoOf(1, u"a/IMG.JPG"_s));
    const Photo twin = photoOf(1, u"b/IMG.JPG"_s);

    const wire::Offer offer = rig->ask(twin);

    QCOMPARE(offer.kind, wire::Offer::Kind::Duplicate);
    QVERIFY(offer.uploadId.isNull());
    QCOMPARE(offer.rowVersion, twin.question.attempt.rowVersion + 1);
    QCOMPARE(rig->store.incoming().size(), 0);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_assets"_s), 2);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_search"_s), 2);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_attempts a JOIN dim_upload_status s USING (upload_status_key)"
                      " WHERE s.status_name = 'duplicate' AND a.end_timestamp IS NOT NULL"_s),
             1);
    QCOMPARE(wire::toJson(rig->ask(twin)), wire::toJson(offer));
}

void TestApiUploads::knownBytesInTheSameSlotStayOneAsset()
{
    rig->upload(photoOf(1, u"a/IMG.JPG"_s));

    const wire::Offer offer = rig->ask(photoOf(1, u"a/IMG.JPG"_s));

    QCOMPARE(offer.kind, wire::Offer::Kind::Duplicate);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_assets"_s), 1);
}

void TestApiUploads::lostObjectIsNeverADuplicate()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    rig->store.loseObject(photo.sha256, photo.bytes.size());

    const wire::UploadStatus again = rig->upload(photoOf(1, u"b.jpg"_s));

    QCOMPARE(again.status, Status::Succeeded);
    QCOMPARE(rig->store.object(photo.sha256, photo.bytes.size()), photo.bytes);
}

void TestApiUploads::objectNobodyCanLookAtIsNeverADuplicate()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    rig->store.setBroken(true);

    const ApiRig::Answer answer = rig->askRaw(photoOf(1, u"b.jpg"_s));

    QCOMPARE(answer.status, 503);
    QCOMPARE(answer.json.value("code"_L1).toString(), u"STORAGE_NOT_READY"_s);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_assets"_s), 1);
    rig->store.setBroken(false);
    QCOMPARE(rig->ask(photoOf(1, u"b.jpg"_s)).kind, wire::Offer::Kind::Duplicate);
}

void TestApiUploads::refusedBytesAreRefusedAtOnce()
{
    const Photo photo = photoOf(1);
    rig->script->failures.insert(photo.bytes.size(), Error{ErrorCode::ValidationTruncated, u"cut"_s});
    const wire::UploadStatus end = rig->upload(photo);
    QCOMPARE(end.status, Status::Failed);
    QVERIFY(!end.isSafe);
    QCOMPARE(end.errors.last().code, ErrorCode::ValidationTruncated);
    QVERIFY(end.errors.last().isFatal);

    const wire::Offer offer = rig->ask(nextAttempt(photo));

    QCOMPARE(offer.kind, wire::Offer::Kind::Refused);
    QCOMPARE(offer.refusedWith, ErrorCode::ValidationTruncated);
    QCOMPARE(rig->store.objectCount(), 0);
    QTRY_COMPARE(rig->store.incoming().size(), 0);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_attempts JOIN dim_upload_status USING (upload_status_key)"
                      " WHERE status_name = 'failed'"_s),
             2);
}

void TestApiUploads::ofANewUploadTheStoreIsNotAskedForParts()
{
    const Photo photo = photoOf(1);
    const int before = rig->store.askedForParts();

    const wire::Offer first = rig->ask(photo);
    QCOMPARE(first.kind, wire::Offer::Kind::Upload);
    QCOMPARE(rig->store.askedForParts(), before);

    QCOMPARE(rig->ask(photo).uploadId, first.uploadId); // once more: somebody may have sent some meanwhile
    QCOMPARE(rig->store.askedForParts(), before + 1);
}

void TestApiUploads::nameOfTheStoreIsKeptFromTheQuestionOn()
{
    rig->store.setNaming(true);
    const Photo photo = withItsParts(photoOf(1));

    const wire::Offer offer = rig->ask(photo);
    QCOMPARE(rig->store.begun(), 1);
    const QByteArray name = "name of " + idText(offer.uploadId).toLatin1();
    QCOMPARE(rig->sql(u"SELECT store_name FROM server_uploads"_s).toByteArray(), name);
    QCOMPARE(rig->store.known(), QList{name});
    QCOMPARE(offer.links.size(), 1);

    QCOMPARE(rig->ask(photo).uploadId, offer.uploadId); // it has its place
    QCOMPARE(rig->store.begun(), 1);
    const int asked = rig->store.askedForParts();
    rig->put(offer, photo);
    QCOMPARE(rig->commit(offer.uploadId, photo).status, 202);
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return status.status == Status::Succeeded; });
    QCOMPARE(rig->store.askedForParts(), asked); // the question has named them
    QCOMPARE(rig->store.object(photo.sha256, photo.bytes.size()), photo.bytes);
    QCOMPARE(rig->store.incoming(), QList<QUuid>());
}

void TestApiUploads::placeThatNobodyNeedsIsGivenUp()
{
    rig->store.setNaming(true);
    const wire::Offer taken = rig->ask(photoOf(1));
    rig->change(u"UPDATE dim_projects SET is_active = false"_s);

    QCOMPARE(rig->askRaw(photoOf(2)).code(), u"PROJECT_DELETED"_s);

    QCOMPARE(rig->store.begun(), 2);
    QTRY_COMPARE(rig->store.incoming(), QList{taken.uploadId});
}

void TestApiUploads::uploadWhosePlaceIsGoneIsBegunAnew()
{
    rig->store.setNaming(true);
    const Photo photo = withItsParts(photoOf(1));
    const wire::Offer lost = rig->ask(photo);
    QVERIFY(rig->store.discard(lost.uploadId)); // as a rule of the bucket does

    const ApiRig::Answer told = rig->askRaw(photo);
    QCOMPARE(told.status, 503);
    QCOMPARE(told.code(), u"API_UNAVAILABLE"_s);

    const wire::Offer offer = rig->ask(photo);
    QVERIFY(offer.uploadId != lost.uploadId);
    rig->put(offer, photo);
    QCOMPARE(rig->commit(offer.uploadId, photo).status, 202);
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return status.status == Status::Succeeded; });
    QCOMPARE(rig->store.object(photo.sha256, photo.bytes.size()), photo.bytes);
}

/// Bytes that are not what the question said of the parts are for the re-read to judge, not for the list of the parts.
void TestApiUploads::partsOtherThanTheirQuestionNamedAreAskedFor()
{
    rig->store.setNaming(true);
    Photo photo = withItsParts(photoOf(1));
    photo.question.parts.first().checksum = sha256Of("other bytes");
    const wire::Offer offer = rig->ask(photo);
    const int asked = rig->store.askedForParts();
    rig->put(offer, photo);

    QCOMPARE(rig->commit(offer.uploadId, photo).status, 202);

    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return status.status == Status::Succeeded; });
    QCOMPARE(rig->store.askedForParts(), asked + 1);
    QCOMPARE(rig->store.object(photo.sha256, photo.bytes.size()), photo.bytes);
}

void TestApiUploads::unfinishedUploadIsResumedWithItsParts()
{
    const Photo photo = photoOf(1, {}, wire::PartBytes + 1000);
    const wire::Offer first = rig->ask(photo);
    rig->store.put(first.uploadId, 1, photo.bytes.left(wire::PartBytes));
    rig->stop();
    rig->start();

    const wire::Offer resumed = rig->ask(photo);

    QCOMPARE(resumed.kind, wire::Offer::Kind::Resume);
    QCOMPARE(resumed.uploadId, first.uploadId);
    QVERIFY(!resumed.isCommitted);
    QCOMPARE(resumed.parts.size(), 1);
    QCOMPARE(resumed.parts.first().number, 1);
    QCOMPARE(resumed.parts.first().size, wire::PartBytes);
    QCOMPARE(resumed.parts.first().checksum, sha256Of(photo.bytes.left(wire::PartBytes)));
}

void TestApiUploads::nextAttemptOfTheItemResumes()
{
    const Photo photo = photoOf(1, {}, wire::PartBytes + 1000);
    const wire::Offer first = rig->ask(photo);
    rig->store.put(first.uploadId, 1, photo.bytes.left(wire::PartBytes));
    const Photo again = nextAttempt(photo);

    const wire::Offer resumed = rig->ask(again);

    QCOMPARE(resumed.kind, wire::Offer::Kind::Resume);
    QCOMPARE(resumed.uploadId, first.uploadId);
    // The attempt that lost it cannot commit it any more.
    const ApiRig::Answer late = rig->commit(first.uploadId, photo);
    QCOMPARE(late.status, 404);
    QCOMPARE(late.code(), u"TRANSFER_UPLOAD_GONE"_s);
    rig->put(resumed, again);
    QCOMPARE(rig->commit(resumed.uploadId, again).status, 202);
}

void TestApiUploads::whoLostTheListResumesWhatWasBegunBefore()
{
    const Photo photo = photoOf(1, u"a.jpg"_s, wire::PartBytes + 1000);
    const wire::Offer before = rig->ask(photo);
    rig->store.put(before.uploadId, 1, photo.bytes.left(wire::PartBytes));
    Photo found = photoOf(1, u"a.jpg"_s, wire::PartBytes + 1000); // by the walk of the new list: another item of the same slot
    found.question.lostListMs = 0;

    const wire::Offer resumed = rig->ask(found);

    QCOMPARE(resumed.kind, wire::Offer::Kind::Resume);
    QCOMPARE(resumed.uploadId, before.uploadId);
    QCOMPARE(resumed.parts.size(), 1);
    // What was begun after the loss belongs to somebody who lives.
    Photo other = photoOf(1, u"a.jpg"_s, wire::PartBytes + 1000);
    other.question.lostListMs = 60'000;
    QVERIFY(rig->ask(other).uploadId != before.uploadId);
}

void TestApiUploads::anotherPhotoOfTheSameBytesGetsItsOwnUpload()
{
    const wire::Offer first = rig->ask(photoOf(1, u"a.jpg"_s));

    const wire::Offer second = rig->ask(photoOf(1, u"a.jpg"_s)); // another queue, the same slot, both alive

    QCOMPARE(second.kind, wire::Offer::Kind::Upload);
    QVERIFY(second.uploadId != first.uploadId);
}

void TestApiUploads::otherBytesInTheSameAttemptStartAnew()
{
    const Photo photo = photoOf(1);
    const wire::Offer first = rig->ask(photo);
    rig->put(first, photo);
    Photo edited = photoOf(2);
    edited.question.attempt = photo.question.attempt;

    const wire::Offer second = rig->ask(edited);

    QCOMPARE(second.kind, wire::Offer::Kind::Upload);
    QVERIFY(second.uploadId != first.uploadId);
    QCOMPARE(rig->store.incoming(), QList<QUuid>{second.uploadId});
    QCOMPARE(rig->commit(first.uploadId, photo).code(), u"TRANSFER_UPLOAD_GONE"_s);
}

void TestApiUploads::committedAttemptAskedAgainSendsNothing()
{
    const Photo photo = photoOf(1);
    const wire::UploadStatus end = rig->upload(photo);

    const wire::Offer offer = rig->ask(photo);

    QCOMPARE(offer.kind, wire::Offer::Kind::Resume);
    QVERIFY(offer.isCommitted);
    QCOMPARE(offer.uploadId, end.uploadId);
}

void TestApiUploads::keyWithAnotherBodyIsRefused()
{
    QCOMPARE(rig->askRaw(photoOf(1), "one-key").status, 200);

    const ApiRig::Answer answer = rig->askRaw(photoOf(2), "one-key");

    QCOMPARE(answer.status, 422);
    QCOMPARE(answer.code(), u"API_REQUEST_REFUSED"_s);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_uploads"_s), 1);
}

void TestApiUploads::foreignUploadIdsAreUnknown()
{
    const QByteArray id = idText(QUuid::createUuid()).toLatin1();

    QCOMPARE(rig->call("POST", "/v1/uploads/" + id + "/abort").status, 404);
    QCOMPARE(rig->call("POST", "/v1/uploads/not-an-id/abort").status, 404);
    const wire::StatusAnswer status = rig->status(QUuid::createUuid());
    QCOMPARE(status.uploads.size(), 1);
    QVERIFY(!status.uploads.first().isKnown);
}

QTEST_GUILESS_MAIN(TestApiUploads)
#include "tst_apiuploads.moc"
