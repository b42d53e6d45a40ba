#include "app/server/objects/folderstore.h"

#include "models/photo/filedescriptor.h"
#include "models/photo/hasher.h"
#include "models/vocabulary/ids.h"

#include <QDir>
#include <QDirIterator>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace photolift;
using namespace photolift::server;
using namespace Qt::StringLiterals;

namespace {
constexpr qint64 PartSize = 1000;
constexpr char Host[] = "127.0.0.1:1";
constexpr char Origin[] = "http://127.0.0.1:1";

QString sha256(QByteArrayView bytes)
{
    photo::Sha256 hash;
    hash.add(bytes);
    return QString::fromLatin1(hash.result().toHex());
}

QByteArray photoOf(qsizetype size, char seed = 1)
{
    QByteArray bytes(size, Qt::Uninitialized);
    for (qsizetype i = 0; i < size; ++i)
        bytes[i] = static_cast<char>(i * 7 + seed + (i >> 8));
    return bytes;
}

/// A store on a folder of its own; parts come through its route, without sockets.
struct Fixture {
    QTemporaryDir folder;
    int unsound = 0;
    std::unique_ptr<FolderStore> store;

    Fixture() { open(); }
    void open()
    {
        FolderStore::Options options;
        options.folder = QFile::encodeName(folder.path());
        options.onUnsound = [this] { ++unsound; };
        store = std::make_unique<FolderStore>(options);
        const auto proven = store->probe();
        if (!proven)
            qFatal("probe: %s", qPrintable(proven.error().detail));
    }
    static QByteArray part(const QByteArray &photo, int number) { return photo.mid((number - 1) * PartSize, PartSize); }

    std::variant<std::unique_ptr<BodySink>, HttpResponse> admit(const QUuid &id, int number, const QByteArray &bytes)
    {
        const auto links = store->links(id, {{number, bytes.size(), sha256(bytes)}}, Origin);
        if (!links)
            return HttpResponse{-1, {}, {}, {}};
        HttpRequest request;
        request.method = "PUT";
        request.path = links->first().url.path(QUrl::FullyEncoded).toLatin1();
        request.query = links->first().url.query(QUrl::FullyEncoded).toLatin1();
        request.target = request.path + '?' + request.query;
        request.captures = {{"upload", request.path.split('/').value(3)}, {"part", request.path.split('/').value(4)}};
        request.headers = {{"host", Host}, {"content-length", QByteArray::number(bytes.size())}};
        for (const auto &[name, value] : links->first().headers)
            request.headers.insert(name, value);
        return store->routes().first().sinkMaker(request, bytes.size());
    }
    int put(const QUuid &id, int number, const QByteArray &bytes)
    {
        auto made = admit(id, number, bytes);
        if (const auto *refusal = std::get_if<HttpResponse>(&made))
            return refusal->status;
        const auto &sink = std::get<0>(made);
        for (qsizetype at = 0; at < bytes.size(); at += 300) {
            if (!sink->write(QByteArrayView(bytes).sliced(at, std::min<qsizetype>(300, bytes.size() - at))))
                return -2;
        }
        return sink->finish().status;
    }
    /// An upload with all its parts.
    QUuid upload(const QByteArray &photo)
    {
        const QUuid id = newUuid7();
        if (!store->begin(id, photo.size(), PartSize))
            return {};
        for (int number = 1; (number - 1) * PartSize < photo.size(); ++number) {
            if (put(id, number, part(photo, number)) != 200)
                return {};
        }
        return id;
    }
    QString objectFile(const QByteArray &photo) const
    {
        const QString hash = sha256(photo);
        return folder.filePath(u"objects/"_s % hash.first(2) % u'/' % hash.sliced(2, 2) % u'/' % hash % u'-' % QString::number(photo.size()));
    }
};

QByteArray contentOf(int descriptor)
{
    const photo::FileDescriptor file(descriptor);
    QFile reader;
    if (!reader.open(file.get(), QIODevice::ReadOnly))
        return {};
    return reader.readAll();
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}
}

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
    void equalBytesBecomeOneObject();
    void damagedObjectDoesNotCount();
    void whatIsRemovedTakesItsPicturesAlong();
    void rereadSeesWhatTheDiskHolds();
    void discardedUploadIsGone();
    void tooLargeForTheDiskIsRefusedAtOnce();
    void linksOnlyForRealParts_data();
    void linksOnlyForRealParts();
    void derivedPicturesAreKeptAndReplaced();
    void foldersSomebodyClearedAreMadeAgain();
    void staleUploadsAreFound();
    void nobodyElseMayRead();
    void hostileNamesMakeNoPath();
};

void ObjectsFolderTest::partsInAnyOrderBecomeThePhoto()
{
    Fixture fixture;
    const QByteArray photo = photoOf(3 * PartSize + 123);
    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, photo.size(), PartSize));

    for (const int number : {4, 2, 1, 3})
        QCOMPARE(fixture.put(id, number, Fixture::part(photo, number)), 200);

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
    Fixture fixture;
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
    Fixture fixture;
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
    Fixture fixture;
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
    Fixture fixture;
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
    Fixture fixture;
    const QByteArray photo = photoOf(2 * PartSize + 1);
    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, photo.size(), PartSize));
    QCOMPARE(fixture.put(id, 1, Fixture::part(photo, 1)), 200);

    fixture.open();

    QCOMPARE(fixture.store->parts(id)->size(), 1);
    QCOMPARE(fixture.store->parts(id)->first().checksum, sha256(Fixture::part(photo, 1)));
    QVERIFY(fixture.store->begin(id, photo.size(), PartSize)); // a repeated begin harms nothing
    QCOMPARE(fixture.put(id, 2, Fixture::part(photo, 2)), 200);
    QCOMPARE(fixture.put(id, 3, Fixture::part(photo, 3)), 200);
    QVERIFY(fixture.store->assemble(id, {}));
    QCOMPARE(contentOf(*fixture.store->openAssembled(id)), photo);
}

void ObjectsFolderTest::missingPartIsNotAssembled()
{
    Fixture fixture;
    const QByteArray photo = photoOf(2 * PartSize);
    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, photo.size(), PartSize));
    QCOMPARE(fixture.put(id, 2, Fixture::part(photo, 2)), 200);

    const auto assembled = fixture.store->assemble(id, *fixture.store->parts(id));
    QVERIFY(!assembled);
    QCOMPARE(assembled.error().code, ErrorCode::ReceptionPartsMissing);
    QCOMPARE(fixture.put(id, 1, Fixture::part(photo, 1)), 200);
    const auto other = fixture.store->assemble(id, {{1, PartSize, sha256("other")}});
    QVERIFY(!other);
    QCOMPARE(other.error().code, ErrorCode::ReceptionPartsMissing);
    QVERIFY(fixture.store->assemble(id, *fixture.store->parts(id)));
}

void ObjectsFolderTest::everyStepAfterTheCommitMayBeRepeated()
{
    Fixture fixture;
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

void ObjectsFolderTest::equalBytesBecomeOneObject()
{
    Fixture fixture;
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

void ObjectsFolderTest::damagedObjectDoesNotCount()
{
    Fixture fixture;
    const QByteArray photo = photoOf(PartSize);
    QVERIFY(fixture.store->promote(fixture.upload(photo), sha256(photo), photo.size()));
    QVERIFY(QFile(fixture.objectFile(photo)).resize(10));

    QVERIFY(!*fixture.store->hasObject(sha256(photo), photo.size()));
    QVERIFY(fixture.store->promote(fixture.upload(photo), sha256(photo), photo.size()));
    QCOMPARE(contentOf(fixture.objectFile(photo)), photo);
}

void ObjectsFolderTest::whatIsRemovedTakesItsPicturesAlong()
{
    Fixture fixture;
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

void ObjectsFolderTest::rereadSeesWhatTheDiskHolds()
{
    Fixture fixture;
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

void ObjectsFolderTest::discardedUploadIsGone()
{
    Fixture fixture;
    const QByteArray photo = photoOf(2 * PartSize);
    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, photo.size(), PartSize));
    auto open = fixture.admit(id, 1, Fixture::part(photo, 1));

    QVERIFY(fixture.store->discard(id));

    QVERIFY(!std::get<0>(open)->write(Fixture::part(photo, 1)));
    QCOMPARE(fixture.store->parts(id).error().code, ErrorCode::TransferUploadGone);
    QCOMPARE(fixture.store->assemble(id, {}).error().code, ErrorCode::TransferUploadGone);
    QCOMPARE(fixture.store->links(id, {{1, PartSize, sha256("x")}}, Origin).error().code, ErrorCode::TransferUploadGone);
}

void ObjectsFolderTest::tooLargeForTheDiskIsRefusedAtOnce()
{
    Fixture fixture;
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
    Fixture fixture;
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

void ObjectsFolderTest::derivedPicturesAreKeptAndReplaced()
{
    Fixture fixture;
    const QString hash = sha256("photo");

    QVERIFY(!fixture.store->derived(hash, 5, "thumbnail"_L1));
    QVERIFY(fixture.store->putDerived(hash, 5, "thumbnail"_L1, "small"));
    QVERIFY(fixture.store->putDerived(hash, 5, "thumbnail"_L1, "smaller"));
    QVERIFY(fixture.store->putDerived(hash, 5, "rendition"_L1, QByteArray(100000, 'r')));

    QCOMPARE(*fixture.store->derived(hash, 5, "thumbnail"_L1), QByteArray("smaller"));
    QCOMPARE(fixture.store->derived(hash, 5, "rendition"_L1)->size(), 100000);
}

void ObjectsFolderTest::foldersSomebodyClearedAreMadeAgain()
{
    Fixture fixture;
    const QString hash = sha256("photo");
    QVERIFY(fixture.store->putDerived(hash, 5, "thumbnail"_L1, "small"));
    QVERIFY(QDir(fixture.folder.filePath(u"derived/"_s + hash.left(2))).removeRecursively());

    QVERIFY(fixture.store->putDerived(hash, 5, "thumbnail"_L1, "again"));

    QCOMPARE(*fixture.store->derived(hash, 5, "thumbnail"_L1), QByteArray("again"));
}

void ObjectsFolderTest::staleUploadsAreFound()
{
    Fixture fixture;
    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, 100, PartSize));

    QVERIFY(fixture.store->stale(3600 * 1000)->isEmpty());
    QCOMPARE(*fixture.store->stale(-1000), QList<QUuid>{id});
}

void ObjectsFolderTest::nobodyElseMayRead()
{
    Fixture fixture;
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

void ObjectsFolderTest::hostileNamesMakeNoPath()
{
    Fixture fixture;
    const QString dots = u"../"_s.repeated(21) + u"x"_s;

    for (const QString &name : {dots, QString(u"/etc/passwd"_s), QString(64, u'.'), QString(64, u'A'), QString()}) {
        QVERIFY(!fixture.store->openObject(name, 5));
        QVERIFY(!fixture.store->hasObject(name, 5));
        QVERIFY(!fixture.store->putDerived(name, 5, "thumbnail"_L1, "x"));
    }
    QVERIFY(!fixture.store->hasObject(sha256("x"), -1));
}

QTEST_GUILESS_MAIN(ObjectsFolderTest)
#include "tst_objectsfolder.moc"
