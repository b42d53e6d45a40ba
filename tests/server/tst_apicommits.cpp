#include "tests/server/apitest.h"

#include "models/vocabulary/ids.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

/// What follows an offer: links, commits, aborts.
class TestApiCommits : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void linksOnlyForPartsOfThatUpload_data();
    void linksOnlyForPartsOfThatUpload();
    void linksOfTheFirstPartsComeWithTheOffer();
    void commitIsRepeatable();
    void commitOfOtherBytesIsRefused();
    void abortBeforeCommitWins();
    void commitBeforeAbortWins();
    void twoClientsWithEqualBytesMakeOneObject();
};

void TestApiCommits::linksOnlyForPartsOfThatUpload_data()
{
    QTest::addColumn<int>("number");
    QTest::addColumn<qint64>("size");
    QTest::addColumn<int>("checksumLength");
    QTest::addColumn<int>("status");
    QTest::newRow("first part, full size -> link") << 1 << wire::PartBytes << 64 << 200;
    QTest::newRow("last part, the rest -> link") << 2 << qint64(1000) << 64 << 200;
    QTest::newRow("last part, full size -> refused") << 2 << wire::PartBytes << 64 << 422;
    QTest::newRow("first part, a byte more -> refused") << 1 << wire::PartBytes + 1 << 64 << 422;
    QTest::newRow("part behind the last -> refused") << 3 << qint64(1000) << 64 << 422;
    QTest::newRow("part zero -> refused") << 0 << wire::PartBytes << 64 << 400;
    QTest::newRow("checksum of the wrong kind -> refused") << 1 << wire::PartBytes << 32 << 422;
}

void TestApiCommits::linksOnlyForPartsOfThatUpload()
{
    QFETCH(int, number);
    QFETCH(qint64, size);
    QFETCH(int, checksumLength);
    const wire::Offer offer = rig->ask(photoOf(1, {}, wire::PartBytes + 1000));
    const wire::LinkRequest order{{{number, size, QString(checksumLength, u'a')}}};

    const ApiRig::Answer answer =
        rig->call("POST", "/v1/uploads/" + idText(offer.uploadId).toLatin1() + "/links", jsonBytes(wire::toJson(order)));

    QTEST(answer.status, "status");
    if (answer.status == 200)
        QCOMPARE(wire::linkAnswerFromJson(answer.json)->links.size(), 1);
}

void TestApiCommits::linksOfTheFirstPartsComeWithTheOffer()
{
    Photo photo = photoOf(1, {}, wire::PartBytes + 1000);
    const QString first = sha256Of(photo.bytes.first(wire::PartBytes));
    const QString second = sha256Of(photo.bytes.sliced(wire::PartBytes));
    photo.question.parts = {{1, wire::PartBytes, first}, {2, 1000, second}};

    const wire::Offer offer = rig->ask(photo);
    QCOMPARE(offer.links.size(), 2);
    QCOMPARE(offer.links.at(1).number, 2);

    rig->store.put(offer.uploadId, 1, photo.bytes.first(wire::PartBytes));
    const wire::Offer resumed = rig->ask(photo);
    QCOMPARE(resumed.kind, wire::Offer::Kind::Resume);
    QCOMPARE(resumed.links.size(), 1); // the other one is held
    QCOMPARE(resumed.links.first().number, 2);

    photo.question.parts = {{2, 999, second}}; // not a part of this upload: the offer stands, without a link
    const wire::Offer without = rig->ask(photo);
    QCOMPARE(without.uploadId, offer.uploadId);
    QVERIFY(without.links.isEmpty());
}

void TestApiCommits::commitIsRepeatable()
{
    const Photo photo = photoOf(1);
    const wire::Offer offer = rig->ask(photo);
    rig->put(offer, photo);

    QCOMPARE(rig->commit(offer.uploadId, photo, "commit-1").status, 202);
    QCOMPARE(rig->commit(offer.uploadId, photo, "commit-1").status, 202);
    QCOMPARE(rig->commit(offer.uploadId, photo, "commit-2").status, 202);

    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); });
    QCOMPARE(rig->commit(offer.uploadId, photo, "commit-3").status, 202);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_assets"_s), 1);
}

void TestApiCommits::commitOfOtherBytesIsRefused()
{
    const Photo photo = photoOf(1);
    const wire::Offer offer = rig->ask(photo);
    Photo other = photoOf(2);
    other.question.attempt = photo.question.attempt;

    const ApiRig::Answer answer = rig->commit(offer.uploadId, other);

    QCOMPARE(answer.status, 422);
    QCOMPARE(answer.code(), u"API_REQUEST_REFUSED"_s);
}

void TestApiCommits::abortBeforeCommitWins()
{
    const Photo photo = photoOf(1);
    const wire::Offer offer = rig->ask(photo);
    rig->put(offer, photo);

    QVERIFY(rig->abort(offer.uploadId).isAborted);
    QVERIFY(rig->abort(offer.uploadId).isAborted);
    const ApiRig::Answer late = rig->commit(offer.uploadId, photo);

    QCOMPARE(late.status, 409);
    QCOMPARE(late.code(), u"USER_CANCELLED"_s);
    QTRY_COMPARE(rig->store.incoming().size(), 0);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_jobs"_s), 0);
    // Undone by the person: the same attempt begins again.
    QCOMPARE(rig->ask(photo).kind, wire::Offer::Kind::Upload);
}

void TestApiCommits::commitBeforeAbortWins()
{
    const Photo photo = photoOf(1);
    const wire::Offer offer = rig->ask(photo);
    rig->put(offer, photo);
    QCOMPARE(rig->commit(offer.uploadId, photo).status, 202);

    QVERIFY(!rig->abort(offer.uploadId).isAborted);

    const wire::UploadStatus end =
        rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); });
    QCOMPARE(end.status, Status::Succeeded);
}

void TestApiCommits::twoClientsWithEqualBytesMakeOneObject()
{
    const Photo one = photoOf(1, u"a.jpg"_s);
    const Photo two = photoOf(1, u"a.jpg"_s);
    const wire::Offer offerOne = rig->ask(one);
    const wire::Offer offerTwo = rig->ask(two);
    rig->put(offerOne, one);
    rig->put(offerTwo, two);
    QCOMPARE(rig->commit(offerOne.uploadId, one).status, 202);
    QCOMPARE(rig->commit(offerTwo.uploadId, two).status, 202);

    for (const wire::Offer &offer : {offerOne, offerTwo}) {
        const wire::UploadStatus end =
            rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); });
        QCOMPARE(end.status, Status::Succeeded);
    }
    QCOMPARE(rig->store.objectCount(), 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_assets"_s), 1);
}

QTEST_GUILESS_MAIN(TestApiCommits)
#include "tst_apicommits.moc"
