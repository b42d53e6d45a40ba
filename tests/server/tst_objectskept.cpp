#include "tests/server/folderstorerig.h"

#include <QDirIterator>

#include <future>
#include <sys/stat.h>

using namespace photolift;
using namespace photolift::server;
using namespace photolift::server::test;
using namespace Qt::StringLiterals;

namespace {

using Damage = void (*)(const QString &path);

/// As a disk does it: the size stays.
void flipBit(const QString &path)
{
    QFile file(path);
    char byte = 0;
    const bool isDone = file.open(QIODevice::ReadWrite) && file.seek(file.size() / 2) && file.getChar(&byte) && file.seek(file.size() / 2)
        && file.putChar(static_cast<char>(byte ^ 1));
    QVERIFY(isDone);
}

quint64 inodeOf(const QString &path)
{
    struct stat facts{};
    return ::stat(QFile::encodeName(path).constData(), &facts) == 0 ? facts.st_ino : 0;
}

}
Q_DECLARE_METATYPE(Damage)

/// What the folder store keeps: one object for equal bytes, its pictures, and nothing for anybody else.
class ObjectsKeptTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void equalBytesBecomeOneObject();
    void damagedObjectDoesNotCount();
    void damagedObjectIsReplaced_data();
    void damagedObjectIsReplaced();
    void rightObjectStaysAsItIs();
    void damagedBytesReplaceNothing();
    void severalAtOnceReplaceADamagedObject();
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

void ObjectsKeptTest::damagedObjectIsReplaced_data()
{
    QTest::addColumn<Damage>("damage");
    QTest::newRow("a bit") << Damage(flipBit);
    QTest::newRow("its end") << Damage([](const QString &path) { QVERIFY(QFile::resize(path, 10)); });
    QTest::newRow("more behind it") << Damage([](const QString &path) { QVERIFY(QFile::resize(path, 3 * PartSize)); });
    QTest::newRow("a link in its place") << Damage([](const QString &path) {
        QVERIFY(QFile::rename(path, path + u".elsewhere"_s) && QFile::link(path + u".elsewhere"_s, path));
    });
}

void ObjectsKeptTest::damagedObjectIsReplaced()
{
    QFETCH(const Damage, damage);
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(PartSize * 2 + 10);
    const QString path = fixture.objectFile(photo);
    const QUuid first = fixture.upload(photo);
    QVERIFY(fixture.store->promote(first, sha256(photo), photo.size()));
    QVERIFY(fixture.store->discard(first));
    damage(path);

    const QUuid again = fixture.upload(photo);
    QVERIFY(fixture.store->promote(again, sha256(photo), photo.size()));
    QVERIFY(fixture.store->promote(again, sha256(photo), photo.size())); // as after a kill
    QVERIFY(fixture.store->discard(again));

    QVERIFY(QFileInfo(path).isFile() && !QFileInfo(path).isSymLink());
    QCOMPARE(contentOf(path), photo);
}

void ObjectsKeptTest::rightObjectStaysAsItIs()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(PartSize);
    QVERIFY(fixture.store->promote(fixture.upload(photo), sha256(photo), photo.size()));
    const quint64 inode = inodeOf(fixture.objectFile(photo));

    QVERIFY(fixture.store->promote(fixture.upload(photo), sha256(photo), photo.size()));

    QVERIFY(inode != 0);
    QCOMPARE(inodeOf(fixture.objectFile(photo)), inode);
    QCOMPARE(contentOf(fixture.objectFile(photo)), photo);
}

void ObjectsKeptTest::damagedBytesReplaceNothing()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(PartSize);
    const QString path = fixture.objectFile(photo);
    const auto rottenUpload = [&] {
        const QUuid id = fixture.upload(photo);
        const QDir upload(fixture.folder.filePath(u"incoming/"_s % idText(id)));
        flipBit(upload.filePath(upload.entryList({u"bytes-*"_s}).value(0)));
        return id;
    };
    QVERIFY(fixture.store->promote(fixture.upload(photo), sha256(photo), photo.size()));

    QVERIFY(fixture.store->promote(rottenUpload(), sha256(photo), photo.size())); // the right ones are there
    QCOMPARE(contentOf(path), photo);

    flipBit(path);
    const QByteArray damaged = contentOf(path);
    const QUuid id = rottenUpload();
    QCOMPARE(fixture.store->promote(id, sha256(photo), photo.size()).error().code, ErrorCode::StorageCopyDamaged);
    QCOMPARE(contentOf(path), damaged);
    QCOMPARE(contentOf(*fixture.store->openAssembled(id)).size(), photo.size()); // and nothing was taken away
}

void ObjectsKeptTest::severalAtOnceReplaceADamagedObject()
{
    FolderStoreRig fixture;
    const QByteArray photo = photoOf(PartSize);
    const QString path = fixture.objectFile(photo);
    QVERIFY(fixture.store->promote(fixture.upload(photo), sha256(photo), photo.size()));
    for (int round = 0; round < 20; ++round) {
        flipBit(path);
        const QUuid ids[] = {fixture.upload(photo), fixture.upload(photo), fixture.upload(photo)};
        std::vector<std::future<bool>> promoted;
        for (const QUuid &id : ids)
            promoted.push_back(std::async(std::launch::async, [&fixture, &photo, id] {
                return fixture.store->promote(id, sha256(photo), photo.size()) && fixture.store->discard(id);
            }));
        for (auto &done : promoted)
            QVERIFY(done.get());
        QCOMPARE(contentOf(path), photo);
    }
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
