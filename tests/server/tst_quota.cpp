#include "app/server/people/peopletable.h"
#include "app/server/people/quotatable.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using server::QuotaTable;

namespace {
constexpr qint64 Size = 100'000;

Photo photoOfSize(int seed, const QString &path = {})
{
    return photoOf(seed, path, Size);
}

Photo inProjectOfItsOwn(Photo photo)
{
    wire::Question &question = photo.question;
    question.project.projectId = question.batch.projectId = question.attempt.projectId = newUuid7();
    question.project.name = idText(question.project.projectId);
    question.batch.batchId = question.attempt.batchId = newUuid7();
    return photo;
}
}

/// How much an account may keep: told before a byte travels, and never taken twice.
class TestQuota : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void withoutAQuotaNothingIsCounted();
    void whatDoesNotFitIsRefusedBeforeItTravels();
    void infoSaysWhatIsUsed();
    void openUploadsReserveTheirBytes();
    void reservedBytesComeBack_data();
    void reservedBytesComeBack();
    void storedBytesAreCountedOnce();
    void duplicatesAndRepeatsCostNothing();
    void refusedBytesCostNothing();
    void lostBytesCostNothing();
    void otherBytesInTheSameAttemptTakeTheRoomOfTheFirst();
    void manyAtOnceDoNotTakeMoreThanThereIs();
    void quotaSetLaterCountsWhatIsThere();
    void quotaTakenAwayTakesEverything();
    void otherAccountsAreNotCounted();

private:
    void setQuota(std::optional<qint64> bytes) const;
    qint64 used() const;
};

void TestQuota::setQuota(std::optional<qint64> bytes) const
{
    rig->onDatabase([bytes](const QSqlDatabase &database) {
        if (const Result<> set = QuotaTable(database).setQuota(u"local"_s, bytes); !set)
            qFatal("%s", qPrintable(set.error().detail));
    });
}

qint64 TestQuota::used() const
{
    qint64 bytes = -1;
    rig->onDatabase([&bytes](const QSqlDatabase &database) {
        const auto use = QuotaTable(database).useOf(u"local"_s);
        if (use && *use)
            bytes = (*use)->usedBytes;
    });
    return bytes;
}

void TestQuota::withoutAQuotaNothingIsCounted()
{
    rig->upload(photoOfSize(1));

    const Result<wire::Info> info = wire::infoFromJson(rig->call("GET", "/v1/info").json);

    QVERIFY(info);
    QVERIFY(!info->quotaBytes && !info->usedBytes);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_account_use"_s), 0);
}

void TestQuota::whatDoesNotFitIsRefusedBeforeItTravels()
{
    setQuota(2 * Size - 1);
    rig->ask(photoOfSize(1));

    const ApiRig::Answer answer = rig->askRaw(photoOfSize(2));

    QCOMPARE(answer.status, 507);
    QCOMPARE(answer.code(), u"INITIATION_QUOTA_FULL"_s);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_uploads"_s), 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_attempts"_s), 1); // nothing is kept of a question without room
    QCOMPARE(rig->store.incoming().size(), 1);
    setQuota(2 * Size);
    QCOMPARE(rig->askRaw(photoOfSize(2)).status, 200); // to the last byte
    QCOMPARE(rig->askRaw(photoOfSize(3)).status, 507);
}

void TestQuota::infoSaysWhatIsUsed()
{
    setQuota(10 * Size);
    rig->upload(photoOfSize(1));
    rig->ask(photoOfSize(2));

    const Result<wire::Info> info = wire::infoFromJson(rig->call("GET", "/v1/info").json);

    QVERIFY(info);
    QCOMPARE(info->quotaBytes, 10 * Size);
    QCOMPARE(info->usedBytes, 2 * Size);
}

void TestQuota::openUploadsReserveTheirBytes()
{
    setQuota(10 * Size);
    rig->script->held = std::make_shared<std::latch>(1);
    const Photo first = photoOfSize(1);
    const wire::Offer offer = rig->ask(first);
    QCOMPARE(used(), Size);

    rig->put(offer, first);
    QCOMPARE(rig->commit(offer.uploadId, first).status, 202);
    QCOMPARE(used(), Size); // committed, not decided yet

    rig->script->held->count_down();
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); });
    QCOMPARE(used(), Size); // stored
    QCOMPARE(rig->sql(u"SELECT stored_bytes FROM server_account_use"_s), Size);
}

void TestQuota::reservedBytesComeBack_data()
{
    QTest::addColumn<QString>("end");
    QTest::newRow("given up") << u"abort"_s;
    QTest::newRow("nobody came back") << u"sweep"_s;
    QTest::newRow("parts missing") << u"commit without parts"_s;
}

void TestQuota::reservedBytesComeBack()
{
    QFETCH(const QString, end);
    setQuota(Size);
    const Photo first = photoOfSize(1);
    const wire::Offer offer = rig->ask(first);
    QCOMPARE(rig->askRaw(photoOfSize(2)).status, 507);

    if (end == u"abort"_s) {
        QVERIFY(rig->abort(offer.uploadId).isAborted);
    } else if (end == u"sweep"_s) {
        rig->stop();
        rig->options.staleAfter = std::chrono::milliseconds(1);
        rig->options.sweepEvery = std::chrono::milliseconds(20);
        rig->start();
        QTRY_COMPARE(rig->sql(u"SELECT state FROM server_uploads"_s), u"swept"_s);
    } else {
        QCOMPARE(rig->commit(offer.uploadId, first).status, 202);
        QTRY_COMPARE(rig->sql(u"SELECT state FROM server_uploads"_s), u"returned"_s);
    }

    QCOMPARE(used(), 0);
    QCOMPARE(rig->askRaw(photoOfSize(2)).status, 200);
}

void TestQuota::storedBytesAreCountedOnce()
{
    setQuota(3 * Size);
    const Photo one = photoOfSize(1, u"a.jpg"_s);
    const Photo twin = photoOfSize(1, u"b.jpg"_s); // asked before either is stored: both travel
    const wire::Offer first = rig->ask(one);
    const wire::Offer second = rig->ask(twin);
    QCOMPARE(used(), 2 * Size);

    for (const auto &[offer, brought] : {std::pair(first, one), std::pair(second, twin)}) {
        rig->put(offer, brought);
        QCOMPARE(rig->commit(offer.uploadId, brought).status, 202);
        rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); });
    }

    QCOMPARE(used(), Size);
}

void TestQuota::duplicatesAndRepeatsCostNothing()
{
    setQuota(Size);
    const Photo first = photoOfSize(1, u"a.jpg"_s);
    const wire::Offer offer = rig->ask(first);
    QCOMPARE(rig->ask(first).uploadId, offer.uploadId);                // the same question
    QCOMPARE(rig->ask(nextAttempt(first)).uploadId, offer.uploadId);   // another attempt goes on with it
    rig->put(offer, first);
    QCOMPARE(used(), Size);
    QVERIFY(rig->abort(rig->ask(nextAttempt(first)).uploadId).isAborted);
    rig->upload(nextAttempt(first));

    QCOMPARE(rig->ask(photoOfSize(1, u"b.jpg"_s)).kind, wire::Offer::Kind::Duplicate);

    QCOMPARE(used(), Size);
}

void TestQuota::refusedBytesCostNothing()
{
    setQuota(Size);
    const Photo bad = photoOfSize(1);
    rig->script->failures.insert(bad.bytes.size(), Error{ErrorCode::ValidationTruncated, u"cut"_s});

    QCOMPARE(rig->upload(bad).status, Status::Failed);

    QCOMPARE(used(), 0);
}

void TestQuota::lostBytesCostNothing()
{
    setQuota(Size);
    const Photo first = photoOfSize(1);
    rig->upload(first);
    rig->store.loseObject(first.sha256, first.bytes.size());

    QCOMPARE(rig->upload(photoOfSize(1, u"again.jpg"_s)).status, Status::Succeeded); // there is room for its own bytes

    QCOMPARE(used(), Size);
}

void TestQuota::otherBytesInTheSameAttemptTakeTheRoomOfTheFirst()
{
    setQuota(Size);
    const Photo first = photoOfSize(1);
    rig->ask(first);
    Photo edited = photoOfSize(2);
    edited.question.attempt = first.question.attempt;

    QCOMPARE(rig->askRaw(edited).status, 200);

    QCOMPARE(used(), Size);
}

void TestQuota::manyAtOnceDoNotTakeMoreThanThereIs()
{
    setQuota(7 * Size);
    QList<Photo> unanswered;
    for (int i = 0; i < 40; ++i)
        unanswered.append(inProjectOfItsOwn(photoOfSize(i + 1))); // those of one project wait for each other anyway

    int taken = 0;
    while (!unanswered.isEmpty()) {
        const QList<Photo> asked = std::exchange(unanswered, {});
        QList<std::shared_ptr<std::optional<ApiRig::Answer>>> answers;
        for (const Photo &photo : asked)
            answers.append(rig->callLater("POST", "/v1/uploads", jsonBytes(wire::toJson(photo.question))));
        for (int i = 0; i < asked.size(); ++i) {
            QTRY_VERIFY(answers[i]->has_value());
            const ApiRig::Answer &answer = **answers[i];
            if (answer.status == 503) // too many were in each other's way: to be asked again
                unanswered.append(asked[i]);
            else if (answer.status == 200)
                ++taken;
            else
                QCOMPARE(answer.code(), u"INITIATION_QUOTA_FULL"_s);
        }
    }

    QCOMPARE(taken, 7);
    QCOMPARE(used(), 7 * Size);
}

void TestQuota::quotaSetLaterCountsWhatIsThere()
{
    rig->upload(photoOfSize(1));
    rig->upload(photoOfSize(2));
    const Photo underWay = photoOfSize(3);
    rig->ask(underWay);

    setQuota(2 * Size);

    QCOMPARE(used(), 3 * Size);
    QCOMPARE(rig->askRaw(photoOfSize(4)).status, 507);
    rig->upload(underWay);
    QCOMPARE(used(), 3 * Size);
}

void TestQuota::quotaTakenAwayTakesEverything()
{
    setQuota(1);
    QCOMPARE(rig->askRaw(photoOfSize(1)).status, 507);

    setQuota({});

    QCOMPARE(rig->askRaw(photoOfSize(1)).status, 200);
}

void TestQuota::otherAccountsAreNotCounted()
{
    setQuota(Size);
    rig->onDatabase([](const QSqlDatabase &database) {
        const server::PeopleTable people(database);
        QVERIFY(people.add(server::Account{u"b"_s, u"Studio B"_s, u"organisation"_s, false, {}, true}, 1));
        QVERIFY(people.add(server::User{u"bertha"_s, u"b"_s, u"bertha"_s, Role::Photographer, true}, 1));
    });
    const server::Caller local = rig->caller;
    rig->caller = {u"b"_s, u"bertha"_s, Role::Photographer, {}};
    QCOMPARE(rig->upload(inProjectOfItsOwn(photoOfSize(1))).status, Status::Succeeded);

    rig->caller = local;
    QCOMPARE(used(), 0);
    QCOMPARE(rig->upload(photoOfSize(1)).status, Status::Succeeded); // the same bytes are its own here
    QCOMPARE(used(), Size);
}

QTEST_GUILESS_MAIN(TestQuota)
#include "tst_quota.moc"
