#include "tests/server/folderstorerig.h"

#include <QDir>

#include <sys/stat.h>

using namespace photolift;
using namespace photolift::server;
using namespace photolift::server::test;
using namespace Qt::StringLiterals;

/// The folder store from the first part to the object, with the accidents in between.
class ObjectsFolderTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void partsInAnyOrderBecomeThePhoto();
    void tornPartIsNotThere();
    void wrongBytesAreNotThere();
    void acknowledgedPartIsNeverOverwritten();
    void returningSenderTakesOver();
    void acknowledgedPartsSurviveARestart();
    void missingPartIsNotAssembled();
    void everyStepAfterTheCommitMayBeRepeated();
    void discardedUploadIsGone();
    void tooLargeForTheDiskIsRefusedAtOnce();
    void linksOnlyForRealParts_data();
    void linksOnlyForRealParts();
    void staleUploadsAreFound();
};

void ObjectsFolderTest::partsInAnyOrderBecomeThePhoto()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(3 * PartSize + 123);
    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, photo.size(), PartSize));

    for (const int number : {4, 2, 1, 3})
        QCOMPARE(fixture.put(id, number, FolderStoreRig::part(photo, number)), 200);

    const auto parts = fixture.store->parts(id);
    QVERIFY(parts);
    QCOMPARE(parts->size(), 4);
    QCOMPARE(parts->at(3).size, 123);
    QVERIFY(fixture.store->assemble(id, *parts));
    const std::atomic<bool> cancelled = false;
    const auto reread = fixture.store->reread(id, cancelled);
    QVERIFY(reread);
    QCOMPARE(reread->sha256, sha256(photo));
    QCOMPARE(reread->size, photo.size());
    QVERIFY(fixture.store->promote(id, reread->sha256, reread->size));
    QCOMPARE(contentOf(fixture.objectFile(photo)), photo);
    QVERIFY(fixture.store->discard(id));
    QVERIFY(QDir(fixture.folder.filePath(u"incoming"_s)).isEmpty());
}

void ObjectsFolderTest::tornPartIsNotThere()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(PartSize);
    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, photo.size(), PartSize));

    {
        auto made = fixture.admit(id, 1, photo);
        const auto &sink = std::get<0>(made);
        QVERIFY(sink->write(QByteArrayView(photo).first(999)));
    }

    QVERIFY(fixture.store->parts(id)->isEmpty());
    QCOMPARE(fixture.put(id, 1, photo), 200);
}

void ObjectsFolderTest::wrongBytesAreNotThere()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(PartSize);
    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, photo.size(), PartSize));

    auto made = fixture.admit(id, 1, photo);
    const auto &sink = std::get<0>(made);
    QByteArray flipped = photo;
    flipped[500] = static_cast<char>(flipped[500] ^ 1);
    QVERIFY(sink->write(flipped));
    const HttpResponse answer = sink->finish();

    QCOMPARE(answer.status, 400);
    QVERIFY(answer.body.contains("<Code>BadDigest</Code>"));
    QVERIFY(fixture.store->parts(id)->isEmpty());
}

void ObjectsFolderTest::acknowledgedPartIsNeverOverwritten()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(PartSize);
    const QUuid id = fixture.upload(photo);
    QVERIFY(!id.isNull());

    QCOMPARE(fixture.put(id, 1, photo), 200);
    QCOMPARE(fixture.put(id, 1, photoOf(PartSize, 2)), 412);
    auto lying = fixture.admit(id, 1, photo); // the right link, other bytes
    QVERIFY(std::get<0>(lying)->write(photoOf(PartSize, 3)));
    QCOMPARE(std::get<0>(lying)->finish().status, 400);

    QCOMPARE(contentOf(*fixture.store->openAssembled(id)), photo);
    QCOMPARE(fixture.store->parts(id)->size(), 1);
}

void ObjectsFolderTest::returningSenderTakesOver()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(PartSize);
    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, photo.size(), PartSize));
    auto dead = fixture.admit(id, 1, photo);
    QVERIFY(std::get<0>(dead)->write(QByteArrayView(photo).first(400)));

    QCOMPARE(fixture.put(id, 1, photo), 200);

    QVERIFY(!std::get<0>(dead)->write(QByteArray(600, 'x'))); // it wakes up late and may not write
    QCOMPARE(contentOf(*fixture.store->openAssembled(id)), photo);
    std::get<0>(dead).reset();
    QCOMPARE(fixture.put(id, 1, photo), 200);
}

void ObjectsFolderTest::acknowledgedPartsSurviveARestart()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(2 * PartSize + 1);
    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, photo.size(), PartSize));
    QCOMPARE(fixture.put(id, 1, FolderStoreRig::part(photo, 1)), 200);

    fixture.open();

    QCOMPARE(fixture.store->parts(id)->size(), 1);
    QCOMPARE(fixture.store->parts(id)->first().checksum, sha256(FolderStoreRig::part(photo, 1)));
    QVERIFY(fixture.store->begin(id, photo.size(), PartSize)); // a repeated begin harms nothing
    QCOMPARE(fixture.put(id, 2, FolderStoreRig::part(photo, 2)), 200);
    QCOMPARE(fixture.put(id, 3, FolderStoreRig::part(photo, 3)), 200);
    QVERIFY(fixture.store->assemble(id, {}));
    QCOMPARE(contentOf(*fixture.store->openAssembled(id)), photo);
}

void ObjectsFolderTest::missingPartIsNotAssembled()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(2 * PartSize);
    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, photo.size(), PartSize));
    QCOMPARE(fixture.put(id, 2, FolderStoreRig::part(photo, 2)), 200);

    const auto assembled = fixture.store->assemble(id, *fixture.store->parts(id));
    QVERIFY(!assembled);
    QCOMPARE(assembled.error().code, ErrorCode::ReceptionPartsMissing);
    QCOMPARE(fixture.put(id, 1, FolderStoreRig::part(photo, 1)), 200);
    const auto other = fixture.store->assemble(id, {{1, PartSize, sha256("other")}});
    QVERIFY(!other);
    QCOMPARE(other.error().code, ErrorCode::ReceptionPartsMissing);
    QVERIFY(fixture.store->assemble(id, *fixture.store->parts(id)));
}

void ObjectsFolderTest::everyStepAfterTheCommitMayBeRepeated()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(PartSize + 5);
    const QUuid id = fixture.upload(photo);
    const auto parts = *fixture.store->parts(id);
    const std::atomic<bool> cancelled = false;

    for (int round = 0; round < 3; ++round) {
        QVERIFY(fixture.store->assemble(id, parts));
        const auto reread = fixture.store->reread(id, cancelled);
        QVERIFY(reread);
        QCOMPARE(reread->sha256, sha256(photo));
        QVERIFY(fixture.store->promote(id, sha256(photo), photo.size()));
        QCOMPARE(contentOf(*fixture.store->openAssembled(id)), photo);
        fixture.open();
    }
    QVERIFY(fixture.store->discard(id));
    QVERIFY(fixture.store->discard(id));
    QCOMPARE(contentOf(*fixture.store->openObject(sha256(photo), photo.size())), photo);
}

void ObjectsFolderTest::discardedUploadIsGone()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(2 * PartSize);
    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, photo.size(), PartSize));
    auto open = fixture.admit(id, 1, FolderStoreRig::part(photo, 1));

    QVERIFY(fixture.store->discard(id));

    QVERIFY(!std::get<0>(open)->write(FolderStoreRig::part(photo, 1)));
    QCOMPARE(fixture.store->parts(id).error().code, ErrorCode::TransferUploadGone);
    QCOMPARE(fixture.store->assemble(id, {}).error().code, ErrorCode::TransferUploadGone);
    QCOMPARE(fixture.store->links(id, {{1, PartSize, sha256("x")}}, Origin).error().code, ErrorCode::TransferUploadGone);
}

void ObjectsFolderTest::tooLargeForTheDiskIsRefusedAtOnce()
{
    FolderStoreRig fixture;
    const auto tooLarge = fixture.store->begin(newUuid7(), wire::MaxFileBytes + 1, wire::PartBytes);
    QVERIFY(!tooLarge);
    QVERIFY(!fixture.store->begin(newUuid7(), 0, wire::PartBytes));
    QVERIFY(fixture.store->freeBytes().value_or(0) > 0);

    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, 5 * 1024 * 1024, wire::PartBytes));
    QDir upload(fixture.folder.filePath(u"incoming/"_s % idText(id)));
    struct stat facts{};
    QCOMPARE(::stat(QFile::encodeName(upload.filePath(upload.entryList({u"bytes-*"_s}).first())).constData(), &facts), 0);
    QVERIFY(facts.st_blocks * 512 >= 5 * 1024 * 1024); // the space is ours before the first byte comes
}

void ObjectsFolderTest::linksOnlyForRealParts_data()
{
    QTest::addColumn<int>("number");
    QTest::addColumn<qint64>("size");
    QTest::addColumn<QString>("checksum");
    QTest::addColumn<bool>("isGiven");
    const QString hash = sha256("x");
    QTest::newRow("a whole part") << 1 << PartSize << hash << true;
    QTest::newRow("the shorter last part") << 2 << qint64(1) << hash << true;
    QTest::newRow("part 0") << 0 << PartSize << hash << false;
    QTest::newRow("part behind the end") << 3 << PartSize << hash << false;
    QTest::newRow("too large") << 2 << PartSize << hash << false;
    QTest::newRow("too small") << 1 << qint64(1) << hash << false;
    QTest::newRow("no checksum") << 1 << PartSize << QString() << false;
    QTest::newRow("half a checksum") << 1 << PartSize << hash.first(32) << false;
    QTest::newRow("checksum in capitals") << 1 << PartSize << hash.toUpper() << false;
}

void ObjectsFolderTest::linksOnlyForRealParts()
{
    QFETCH(int, number);
    QFETCH(qint64, size);
    QFETCH(QString, checksum);
    QFETCH(bool, isGiven);
    FolderStoreRig fixture;
    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, PartSize + 1, PartSize));

    const auto links = fixture.store->links(id, {{number, size, checksum}}, Origin);

    QCOMPARE(static_cast<bool>(links), isGiven);
    if (isGiven) {
        QVERIFY(links->first().url.toEncoded().startsWith("http://127.0.0.1:1/store/incoming/"));
        QVERIFY(links->first().expiresMs > nowMs() + 290'000);
    } else {
        QCOMPARE(links.error().code, ErrorCode::ApiRequestRefused);
    }
}

void ObjectsFolderTest::staleUploadsAreFound()
{
    FolderStoreRig fixture;
    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, 100, PartSize));

    QVERIFY(fixture.store->stale(3600 * 1000)->isEmpty());
    QCOMPARE(*fixture.store->stale(-1000), QList<QUuid>{id});
}

QTEST_GUILESS_MAIN(ObjectsFolderTest)
#include "tst_objectsfolder.moc"
