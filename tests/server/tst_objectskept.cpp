#include "tests/server/folderstorerig.h"

#include <QDirIterator>

#include <sys/stat.h>

using namespace photolift;
using namespace photolift::server;
using namespace photolift::server::test;
using namespace Qt::StringLiterals;

/// What the folder store keeps: one object for equal bytes, its pictures, and nothing for anybody else.
class ObjectsKeptTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void equalBytesBecomeOneObject();
    void damagedObjectDoesNotCount();
    void whatIsRemovedTakesItsPicturesAlong();
    void rereadSeesWhatTheDiskHolds();
    void derivedPicturesAreKeptAndReplaced();
    void foldersSomebodyClearedAreMadeAgain();
    void nobodyElseMayRead();
    void hostileNamesMakeNoPath();
};

void ObjectsKeptTest::equalBytesBecomeOneObject()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(PartSize);
    for (int i = 0; i < 3; ++i) {
        const QUuid id = fixture.upload(photo);
        QVERIFY(fixture.store->promote(id, sha256(photo), photo.size()));
        QVERIFY(fixture.store->discard(id));
    }

    int files = 0;
    for (QDirIterator it(fixture.folder.filePath(u"objects"_s), QDir::Files, QDirIterator::Subdirectories); it.hasNext(); it.next())
        ++files;
    QCOMPARE(files, 1);
    QVERIFY(*fixture.store->hasObject(sha256(photo), photo.size()));
    QVERIFY(!*fixture.store->hasObject(sha256("other"), 5));
}

void ObjectsKeptTest::damagedObjectDoesNotCount()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(PartSize);
    QVERIFY(fixture.store->promote(fixture.upload(photo), sha256(photo), photo.size()));
    QVERIFY(QFile(fixture.objectFile(photo)).resize(10));

    QVERIFY(!*fixture.store->hasObject(sha256(photo), photo.size()));
    QVERIFY(fixture.store->promote(fixture.upload(photo), sha256(photo), photo.size()));
    QCOMPARE(contentOf(fixture.objectFile(photo)), photo);
}

void ObjectsKeptTest::whatIsRemovedTakesItsPicturesAlong()
{
    FolderStoreRig fixture;
    FolderStore &store = *fixture.store;
    const QByteArray photo = photoOf(PartSize);
    const QByteArray other = photoOf(PartSize, 2);
    for (const QByteArray &bytes : {photo, other}) {
        QVERIFY(store.promote(fixture.upload(bytes), sha256(bytes), bytes.size()));
        for (const auto what : {"thumbnail"_L1, "rendition"_L1})
            QVERIFY(store.putDerived(sha256(bytes), bytes.size(), what, "picture"));
    }

    QVERIFY(store.removeObject(sha256(photo), photo.size()));
    QVERIFY(store.removeObject(sha256(photo), photo.size())); // again, as after a crash

    QVERIFY(!*store.hasObject(sha256(photo), photo.size()));
    QVERIFY(*store.hasObject(sha256(other), other.size()));
    for (const auto what : {"thumbnail"_L1, "rendition"_L1}) {
        QVERIFY(!store.derived(sha256(photo), photo.size(), what));
        QVERIFY(store.derived(sha256(other), other.size(), what));
    }
    QVERIFY(!store.removeObject(u"../escape"_s, 1));
}

void ObjectsKeptTest::rereadSeesWhatTheDiskHolds()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(PartSize);
    const QUuid id = fixture.upload(photo);
    QDir upload(fixture.folder.filePath(u"incoming/"_s % idText(id)));
    QFile bytes(upload.filePath(upload.entryList({u"bytes-*"_s}).first()));
    QVERIFY(bytes.open(QIODevice::ReadWrite) && bytes.seek(10) && bytes.write("?") == 1);
    bytes.close();

    const std::atomic<bool> cancelled = false;
    QVERIFY(fixture.store->reread(id, cancelled)->sha256 != sha256(photo));
    const std::atomic<bool> stopped = true;
    QCOMPARE(fixture.store->reread(id, stopped).error().code, ErrorCode::UserCancelled);
}

void ObjectsKeptTest::derivedPicturesAreKeptAndReplaced()
{
    FolderStoreRig fixture;
    const QString hash = sha256("photo");

    QVERIFY(!fixture.store->derived(hash, 5, "thumbnail"_L1));
    QVERIFY(fixture.store->putDerived(hash, 5, "thumbnail"_L1, "small"));
    QVERIFY(fixture.store->putDerived(hash, 5, "thumbnail"_L1, "smaller"));
    QVERIFY(fixture.store->putDerived(hash, 5, "rendition"_L1, QByteArray(100000, 'r')));

    QCOMPARE(*fixture.store->derived(hash, 5, "thumbnail"_L1), QByteArray("smaller"));
    QCOMPARE(fixture.store->derived(hash, 5, "rendition"_L1)->size(), 100000);
}

void ObjectsKeptTest::foldersSomebodyClearedAreMadeAgain()
{
    FolderStoreRig fixture;
    const QString hash = sha256("photo");
    QVERIFY(fixture.store->putDerived(hash, 5, "thumbnail"_L1, "small"));
    QVERIFY(QDir(fixture.folder.filePath(u"derived/"_s + hash.left(2))).removeRecursively());

    QVERIFY(fixture.store->putDerived(hash, 5, "thumbnail"_L1, "again"));

    QCOMPARE(*fixture.store->derived(hash, 5, "thumbnail"_L1), QByteArray("again"));
}

void ObjectsKeptTest::nobodyElseMayRead()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(PartSize);
    const QUuid id = fixture.upload(photo);
    QVERIFY(fixture.store->promote(id, sha256(photo), photo.size()));
    QVERIFY(fixture.store->putDerived(sha256(photo), photo.size(), "thumbnail"_L1, "x"));

    for (QDirIterator it(fixture.folder.path(), QDir::AllEntries | QDir::NoDotAndDotDot, QDirIterator::Subdirectories); it.hasNext();) {
        const QFileInfo entry(it.next());
        struct stat facts{};
        QCOMPARE(::lstat(QFile::encodeName(entry.filePath()).constData(), &facts), 0);
        QCOMPARE(facts.st_mode & 0777u, entry.isDir() ? 0700u : 0600u);
    }
}

void ObjectsKeptTest::hostileNamesMakeNoPath()
{
    FolderStoreRig fixture;
    const QString dots = u"../"_s.repeated(21) + u"x"_s;

    for (const QString &name : {dots, QString(u"/etc/passwd"_s), QString(64, u'.'), QString(64, u'A'), QString()}) {
        QVERIFY(!fixture.store->openObject(name, 5));
        QVERIFY(!fixture.store->hasObject(name, 5));
        QVERIFY(!fixture.store->putDerived(name, 5, "thumbnail"_L1, "x"));
    }
    QVERIFY(!fixture.store->hasObject(sha256("x"), -1));
}

QTEST_GUILESS_MAIN(ObjectsKeptTest)
#include "tst_objectskept.moc"
