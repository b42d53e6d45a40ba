#include "app/server/api/projectboard.h"
#include "app/server/people/peopletable.h"
#include "app/server/work/catalogue.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using server::Catalogue;

/// What is retired takes nothing new, lets go on what is under way, and keeps what there is.
class TestCatalogue : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void retiredProjectTakesNoNewPhotos();
    void retiredAppVersionIsToldToUpdate();
    void retiredAppVersionIsToldAtOnce_data();
    void retiredAppVersionIsToldAtOnce();
    void retiredPhotoTypeIsNotAccepted();
    void retiredLocationTakesNoNewObjects();
    void whatNobodyToldOfCannotBeRetired();
    void peopleHaveTypeAndMarkOfTheirAccount();

private:
    void set(const std::function<Result<bool>(const Catalogue &)> &change) const
    {
        rig->onDatabase([&change](const QSqlDatabase &database) {
            const Result<bool> isKnown = change(Catalogue(database));
            QVERIFY(isKnown && *isKnown);
        });
    }
};

void TestCatalogue::retiredProjectTakesNoNewPhotos()
{
    const Photo stored = photoOf(1);
    rig->upload(stored);
    const Photo underWay = photoOf(2);
    const wire::Offer offer = rig->ask(underWay);
    const auto setActive = [this, &stored](bool isActive) {
        rig->onDatabase([&](const QSqlDatabase &database) {
            QVERIFY(server::ProjectBoard(database).say(stored.question.project.projectId, {u"open"_s, isActive}));
        });
    };

    setActive(false);

    for (const Photo &photo : {photoOf(3), photoOf(1, u"another/slot.jpg"_s)}) { // known bytes, too
        const ApiRig::Answer answer = rig->askRaw(photo);
        QCOMPARE(answer.status, 410);
        QCOMPARE(answer.code(), u"PROJECT_DELETED"_s);
    }
    QCOMPARE(rig->ask(underWay).uploadId, offer.uploadId);
    rig->put(offer, underWay);
    QCOMPARE(rig->commit(offer.uploadId, underWay).status, 202);
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return status.status == Status::Succeeded; });
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_assets"_s), 2);
    setActive(true);
    QCOMPARE(rig->askRaw(photoOf(3)).status, 200);
}

void TestCatalogue::retiredAppVersionIsToldToUpdate()
{
    rig->upload(photoOf(1));

    set([](const Catalogue &catalogue) { return catalogue.setAppVersionActive(u"0.1.0"_s, false); });

    Photo onAnotherPlatform = photoOf(2);
    onAnotherPlatform.question.attempt.surroundings.app.platform = u"windows"_s; // that version was not seen there before
    for (const Photo &photo : {photoOf(3), onAnotherPlatform}) {
        const ApiRig::Answer answer = rig->askRaw(photo);
        QCOMPARE(answer.status, 426);
        QCOMPARE(answer.code(), u"API_CLIENT_TOO_OLD"_s);
    }
    Photo updated = photoOf(3);
    updated.question.attempt.surroundings.app.version = u"0.2.0"_s;
    QCOMPARE(rig->askRaw(updated).status, 200);
    set([](const Catalogue &catalogue) { return catalogue.setAppVersionActive(u"0.1.0"_s, true); });
    QCOMPARE(rig->askRaw(onAnotherPlatform).status, 200);
}

void TestCatalogue::retiredAppVersionIsToldAtOnce_data()
{
    QTest::addColumn<QByteArray>("userAgent");
    QTest::addColumn<int>("toldAtInfo");
    QTest::addColumn<int>("toldOfANewPhoto"); // of an attempt that the retired version had begun
    QTest::newRow("the retired version") << QByteArray("Photolift/0.1.0") << 426 << 426;
    QTest::newRow("the retired version, and more words") << QByteArray("Photolift/0.1.0 (linux)") << 426 << 426;
    QTest::newRow("after the update") << QByteArray("Photolift/0.2.0") << 200 << 200;
    QTest::newRow("a version that begins likewise") << QByteArray("Photolift/0.1.0.1") << 200 << 200;
    QTest::newRow("another program") << QByteArray("curl/0.1.0") << 200 << 426;
    QTest::newRow("nothing said") << QByteArray() << 200 << 426;
}

void TestCatalogue::retiredAppVersionIsToldAtOnce()
{
    QFETCH(const QByteArray, userAgent);
    rig->upload(photoOf(1));
    set([](const Catalogue &catalogue) { return catalogue.setAppVersionActive(u"0.1.0"_s, false); });

    rig->userAgent = userAgent;

    const ApiRig::Answer info = rig->call("GET", "/v1/info", {}, ApiRig::WithoutKey);
    QTEST(info.status, "toldAtInfo");
    QCOMPARE(info.code(), info.status == 426 ? u"API_CLIENT_TOO_OLD"_s : QString());
    QTEST(rig->askRaw(photoOf(2)).status, "toldOfANewPhoto");
}

void TestCatalogue::retiredPhotoTypeIsNotAccepted()
{
    rig->upload(photoOf(1));
    const Photo underWay = photoOf(2);
    const wire::Offer offer = rig->ask(underWay);

    set([](const Catalogue &catalogue) { return catalogue.setPhotoTypeActive(u"JPEG"_s, false); });

    Photo anotherEnding = photoOf(3, u"a/b.jpe"_s); // not seen before
    for (const Photo &photo : {photoOf(3), anotherEnding}) {
        const ApiRig::Answer answer = rig->askRaw(photo);
        QCOMPARE(answer.status, 413);
        QCOMPARE(answer.code(), u"SELECTION_NOT_ACCEPTED"_s);
    }
    Photo raw = photoOf(4);
    raw.question.mediaType = u"image/x-canon-cr2"_s;
    QCOMPARE(rig->askRaw(raw).status, 200);
    rig->put(offer, underWay);
    QCOMPARE(rig->commit(offer.uploadId, underWay).status, 202);
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return status.status == Status::Succeeded; });
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_assets"_s), 2);
    set([](const Catalogue &catalogue) { return catalogue.setPhotoTypeActive(u"JPEG"_s, true); });
    QCOMPARE(rig->askRaw(anotherEnding).status, 200);
}

void TestCatalogue::retiredLocationTakesNoNewObjects()
{
    rig->upload(photoOf(1));
    const QString location = server::locationOf(rig->store);
    const wire::Offer underWay = rig->ask(photoOf(2));

    set([&location](const Catalogue &catalogue) { return catalogue.setLocationActive(location, false); });

    const ApiRig::Answer answer = rig->askRaw(photoOf(3));
    QCOMPARE(answer.status, 503);
    QCOMPARE(answer.code(), u"STORAGE_NOT_READY"_s);
    QCOMPARE(rig->ask(photoOf(1, u"another/slot.jpg"_s)).kind, wire::Offer::Kind::Duplicate); // needs no place
    const Photo photo = photoOf(2);
    rig->put(underWay, photo);
    set([&location](const Catalogue &catalogue) { return catalogue.setLocationActive(location, true); });
    QCOMPARE(rig->askRaw(photoOf(3)).status, 200);
}

void TestCatalogue::whatNobodyToldOfCannotBeRetired()
{
    rig->onDatabase([](const QSqlDatabase &database) {
        const Catalogue catalogue(database);
        for (const Result<bool> &isKnown : {catalogue.setAppVersionActive(u"9.9.9"_s, false), catalogue.setAppVersionActive(u"unknown"_s, false),
                                            catalogue.setPhotoTypeActive(u"MP3"_s, false),
                                            catalogue.setPhotoTypeActive(u"unknown"_s, false), catalogue.setLocationActive(u"tape"_s, false), catalogue.setLocationActive(u"unknown"_s, false)})
            QVERIFY(isKnown && !*isKnown);
    });
}

void TestCatalogue::peopleHaveTypeAndMarkOfTheirAccount()
{
    rig->onDatabase([](const QSqlDatabase &database) {
        const server::PeopleTable people(database);
        QVERIFY(people.add(server::Account{u"t"_s, u"Try"_s, u"test"_s, true, {}, true}, 1));
        QVERIFY(people.add(server::User{u"tom"_s, u"t"_s, u"tom"_s, Role::Photographer, true}, 1234));
    });
    rig->caller = {u"t"_s, u"tom"_s, Role::Photographer, {}};
    Photo photo = photoOf(1);
    photo.question.project.projectId = photo.question.batch.projectId = photo.question.attempt.projectId = newUuid7();
    photo.question.batch.batchId = photo.question.attempt.batchId = newUuid7();
    rig->ask(photo);

    QCOMPARE(rig->sql(u"SELECT u.account_type FROM fact_upload_attempts a JOIN dim_users u ON u.user_key = a.user_key WHERE u.is_test_account"_s)
                 .toString(),
             u"test"_s);
    QCOMPARE(rig->sql(u"SELECT unix_ms(user_created_at) FROM dim_users WHERE user_id = 'tom'"_s).toLongLong(), 1234);
}

QTEST_GUILESS_MAIN(TestCatalogue)
#include "tst_catalogue.moc"
