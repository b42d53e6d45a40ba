#include "models/photo/filedescriptor.h"
#include "tests/server/s3storerig.h"

#include <QTest>

using namespace photolift;
using namespace photolift::server;
using namespace Qt::StringLiterals;
using test::md5;
using test::S3StoreRig;
using test::sha256;

namespace {

constexpr qint64 PartBytes = S3StoreRig::PartBytes;

QByteArray photoOf(qsizetype size, char seed)
{
    QByteArray bytes(size, Qt::Uninitialized);
    for (qsizetype i = 0; i < size; ++i)
        bytes[i] = static_cast<char>(i * 7 + seed + (i >> 8));
    return bytes;
}

/// As a question names them.
QList<StoredPart> partsOf(const QByteArray &photo)
{
    QList<StoredPart> parts;
    for (qint64 from = 0; from < photo.size(); from += PartBytes) {
        const QByteArray part = photo.mid(from, PartBytes);
        parts.append({static_cast<int>(parts.size()) + 1, part.size(), md5(part)});
    }
    return parts;
}

QByteArray contentOf(int descriptor)
{
    const photo::FileDescriptor file(descriptor);
    QFile reader;
    return reader.open(file.get(), QIODevice::ReadOnly) ? reader.readAll() : QByteArray();
}

template <typename T> QByteArray why(const Result<T> &result)
{
    return result ? QByteArray() : errorName(result.error().code).toString().toLatin1() + ' ' + result.error().detail.toUtf8();
}

}

/// The S3 store against a real RADOS Gateway, from the first part to the object, with the accidents in between.
class TestS3Store : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();

    void theProbePasses_data();
    void theProbePasses();
    void theProbeNamesABucketThatIsNotThere();
    void aPhotoOfPartsBecomesAnObject();
    void aPhotoTakesFewRequests();
    void signedPartsAreHeldAgainstWhatLiesThere();
    void whatAnotherServerAssembledHasNoPartsAnyMore();
    void theNameOnRecordCounts();
    void whatWasReadBackIsExaminedWithoutBeingFetchedAgain();
    void whatTheOtherServerBeganIsSwept();
    void whatIsMissingIsNamed();
    void everythingMayBeRepeatedByAnotherServer();
    void whatAnotherServerDiscardedIsGone();
    void whatIsDiscardedIsGone();
    void staleUploadsAreFound();
    void picturesComeBack();
    void whatIsRemovedTakesItsPicturesAlong();
    void anEncryptedStoreHasToSaySo();

private:
    std::unique_ptr<S3Store> store(const S3Account &of) const { return std::make_unique<S3Store>(m_rig.options(of)); }
    std::unique_ptr<S3Store> store() const { return m_rig.store(); }

    S3StoreRig m_rig;
};

void TestS3Store::initTestCase()
{
    QVERIFY2(m_rig.start(), qPrintable(m_rig.failure));
}

void TestS3Store::theProbePasses_data()
{
    QTest::addColumn<S3Account::Addressing>("addressing");
    QTest::newRow("bucket in the path") << S3Account::Addressing::Path;
    QTest::newRow("bucket in the host") << S3Account::Addressing::VirtualHost;
}

void TestS3Store::theProbePasses()
{
    QFETCH(S3Account::Addressing, addressing);
    S3Account account = m_rig.account();
    account.addressing = addressing;
    account.endpoint.setHost(u"localhost"_s); // every name below it is this machine
    const Result<> proven = store(account)->probe();
    QVERIFY2(proven, why(proven).constData());
}

void TestS3Store::theProbeNamesABucketThatIsNotThere()
{
    S3Account other = m_rig.account();
    other.bucket = "nothing";
    const Result<> proven = store(other)->probe();
    QVERIFY(!proven);
    QCOMPARE(proven.error().code, ErrorCode::StorageNotReady);
    QVERIFY(proven.error().detail.contains(u"NoSuchBucket"_s));
}

void TestS3Store::aPhotoOfPartsBecomesAnObject()
{
    const auto s3 = store();
    const QByteArray photo = photoOf(2 * PartBytes + 1000, 1);
    const QUuid id = m_rig.uploaded(*s3, photo);
    QVERIFY(!id.isNull());
    const auto parts = s3->parts(id);
    QVERIFY2(parts, why(parts).constData());
    QCOMPARE(parts->size(), 3);
    QCOMPARE(parts->at(2).size, 1000);
    QCOMPARE(parts->at(0).checksum, md5(photo.first(PartBytes)));

    const Result<> assembled = s3->assemble(id, *parts);
    QVERIFY2(assembled, why(assembled).constData());
    const auto reread = s3->reread(id, false);
    QVERIFY2(reread, why(reread).constData());
    QCOMPARE(reread->sha256, sha256(photo));
    QCOMPARE(reread->size, photo.size());
    QCOMPARE(contentOf(*s3->openAssembled(id)), photo);

    const Result<> promoted = s3->promote(id, reread->sha256, reread->size);
    QVERIFY2(promoted, why(promoted).constData());
    QVERIFY(*s3->hasObject(reread->sha256, reread->size));
    QVERIFY(s3->discard(id));
    QCOMPARE(contentOf(*s3->openObject(reread->sha256, reread->size)), photo);
}

/// Each is a trip that a client waits for, or one that is in the way of those.
void TestS3Store::aPhotoTakesFewRequests()
{
    const auto s3 = store();
    const auto sentBy = [&s3](const auto &step) {
        const qint64 before = s3->requestsSent();
        return step() ? s3->requestsSent() - before : -1;
    };
    const QByteArray photo = photoOf(PartBytes + 1000, 10);
    const QString hash = sha256(photo);
    const QUuid id = newUuid7();
    QByteArray name;
    QCOMPARE(sentBy([&] { return !(name = *s3->begin(id, photo.size(), PartBytes)).isEmpty(); }), 1);
    s3->know(id, photo.size(), PartBytes, name);
    const auto send = [&](int number, const QByteArray &bytes) { return m_rig.put(*s3, id, number, bytes) == 200; };
    QCOMPARE(sentBy([&] { return send(1, photo.first(PartBytes)) && send(2, photo.mid(PartBytes)); }), 0);

    QCOMPARE(sentBy([&] { return s3->assemble(id, partsOf(photo)); }), 1);
    QCOMPARE(sentBy([&] { return s3->reread(id, false); }), 1);
    QCOMPARE(sentBy([&] { return s3->promote(id, hash, photo.size()); }), 3); // is it there, copy, is it there
    QCOMPARE(sentBy([&] { return s3->discard(id); }), 1);

    QCOMPARE(s3->parts(id).error().code, ErrorCode::TransferUploadGone);
    QCOMPARE(contentOf(*s3->openObject(hash, photo.size())), photo);
}

/// What links were signed for is what lies there, or the store says that it is not.
void TestS3Store::signedPartsAreHeldAgainstWhatLiesThere()
{
    const auto s3 = store();
    const QByteArray photo = photoOf(PartBytes + 1000, 12);
    const QUuid id = newUuid7();
    s3->know(id, photo.size(), PartBytes, *s3->begin(id, photo.size(), PartBytes));
    QCOMPARE(m_rig.put(*s3, id, 1, photo.first(PartBytes)), 200);

    QCOMPARE(s3->assemble(id, partsOf(photo)).error().code, ErrorCode::ReceptionPartsMissing); // the second part is not there
    QCOMPARE(m_rig.put(*s3, id, 2, photo.mid(PartBytes)), 200);
    QByteArray other = photo;
    other[PartBytes + 1] = static_cast<char>(other[PartBytes + 1] ^ 1);
    QCOMPARE(s3->assemble(id, partsOf(other)).error().code, ErrorCode::ReceptionPartsMissing); // nor has it this checksum
    const Result<> assembled = s3->assemble(id, partsOf(photo));
    QVERIFY2(assembled, why(assembled).constData());
    QCOMPARE(s3->reread(id, false)->sha256, sha256(photo));
    QVERIFY(s3->discard(id));
}

/// Two servers have kept the same name; the one that comes second finds one object where it knew an upload.
void TestS3Store::whatAnotherServerAssembledHasNoPartsAnyMore()
{
    const auto first = store();
    const auto second = store();
    const QByteArray photo = photoOf(1000, 13);
    const QUuid id = newUuid7();
    const QByteArray name = *first->begin(id, photo.size(), PartBytes);
    for (const auto &server : {&first, &second})
        (*server)->know(id, photo.size(), PartBytes, name);
    QCOMPARE(m_rig.put(*second, id, 1, photo), 200);
    QVERIFY(first->assemble(id, partsOf(photo)));

    const auto parts = second->parts(id);

    QVERIFY2(parts, qPrintable(parts ? QString() : parts.error().detail));
    QVERIFY(parts->isEmpty());
    QVERIFY(second->assemble(id, *parts));
    QCOMPARE(second->reread(id, false)->sha256, sha256(photo));
    QVERIFY(second->discard(id));
    second->know(id, photo.size(), PartBytes, name);
    QCOMPARE(second->parts(id).error().code, ErrorCode::TransferUploadGone); // and now it is neither
}

/// Of two uploads under one key each server has the one that is on record, whichever of them the store lists first.
void TestS3Store::theNameOnRecordCounts()
{
    const QByteArray photo = photoOf(1000, 14);
    const QUuid id = newUuid7();
    const auto first = store();
    const QByteArray names[] = {*first->begin(id, photo.size(), PartBytes), *first->begin(id, photo.size(), PartBytes)};
    QVERIFY(names[0] != names[1]);
    for (const QByteArray &name : names) {
        const auto server = store();
        const auto other = store();
        server->know(id, photo.size(), PartBytes, name);
        other->know(id, photo.size(), PartBytes, name);
        QVERIFY(other->parts(id)->isEmpty()); // the other one's part is none of its own
        QCOMPARE(m_rig.put(*server, id, 1, photo), 200);
        QCOMPARE(other->parts(id)->size(), 1);
    }
    QVERIFY(first->discard(id));
}

void TestS3Store::whatWasReadBackIsExaminedWithoutBeingFetchedAgain()
{
    S3Store::Options options = m_rig.options(m_rig.account());
    options.kept.mostBytes = 5000;
    S3Store s3(options);
    const auto assembled = [&](const QByteArray &photo) { return m_rig.assembled(s3, photo); };
    const auto fetched = [&s3](const QUuid &id, const QByteArray &photo) {
        const qint64 before = s3.requestsSent();
        const auto opened = s3.openAssembled(id);
        return opened && contentOf(*opened) == photo ? s3.requestsSent() - before : -1;
    };
    const QByteArray photos[] = {photoOf(3000, 15), photoOf(3000, 16), photoOf(2000, 17)};
    const QUuid ids[] = {assembled(photos[0]), assembled(photos[1]), assembled(photos[2])};
    for (const int i : {0, 1, 2})
        QCOMPARE(s3.reread(ids[i], false)->sha256, sha256(photos[i]));

    QCOMPARE(fetched(ids[0], photos[0]), 0);
    QCOMPARE(fetched(ids[0], photos[0]), 1); // is asked for again
    QCOMPARE(fetched(ids[1], photos[1]), 1); // there was no room for it
    QVERIFY(s3.reread(ids[1], false));       // now there is
    QVERIFY(s3.reread(ids[1], false));       // and none of it is lost
    QCOMPARE(fetched(ids[1], photos[1]), 0);
    QVERIFY(s3.discard(ids[2]));
    QVERIFY(!s3.openAssembled(ids[2])); // nothing of what is gone
    const QByteArray whole = photoOf(5000, 18);
    const QUuid last = assembled(whole);
    QVERIFY(s3.reread(last, false));
    QCOMPARE(fetched(last, whole), 0); // all the room is there again
    for (const QUuid &id : {ids[0], ids[1], last})
        QVERIFY(s3.discard(id));
}

/// The one of two that nobody took stays behind when the server that assembled the other discards without a list.
void TestS3Store::whatTheOtherServerBeganIsSwept()
{
    const auto s3 = store();
    const QByteArray photo = photoOf(1000, 11);
    const QUuid id = newUuid7();
    QVERIFY(s3->begin(id, photo.size(), PartBytes));
    QVERIFY(store()->begin(id, photo.size(), PartBytes));
    QCOMPARE(m_rig.put(*s3, id, 1, photo), 200);
    QVERIFY(s3->assemble(id, *s3->parts(id)));
    QVERIFY(s3->discard(id));
    S3Store::Options options = m_rig.options(m_rig.account());
    options.now = [] { return QDateTime::currentDateTimeUtc().addSecs(7200); };
    S3Store later(options);

    QVERIFY(later.stale(3600'000)->contains(id));
    QVERIFY(later.discard(id));

    QVERIFY(!later.stale(3600'000)->contains(id));
}

void TestS3Store::whatIsMissingIsNamed()
{
    const auto s3 = store();
    const QByteArray photo = photoOf(2 * PartBytes, 2);
    const QUuid id = newUuid7();
    QVERIFY(s3->begin(id, photo.size(), PartBytes));
    QCOMPARE(m_rig.put(*s3, id, 1, photo.first(PartBytes)), 200);

    const Result<> assembled = s3->assemble(id, *s3->parts(id));

    QVERIFY(!assembled);
    QCOMPARE(assembled.error().code, ErrorCode::ReceptionPartsMissing);
    QCOMPARE(s3->parts(newUuid7()).error().code, ErrorCode::TransferUploadGone);
    QCOMPARE(s3->openObject(sha256(photo), photo.size()).error().code, ErrorCode::StorageCopyDamaged);
    QVERIFY(!*s3->hasObject(sha256(photo), photo.size()));
    QVERIFY(s3->discard(id));
}

void TestS3Store::everythingMayBeRepeatedByAnotherServer()
{
    const auto first = store();
    const auto second = store();
    const QByteArray photo = photoOf(1000, 3);
    const QUuid id = newUuid7();
    QVERIFY(first->begin(id, photo.size(), PartBytes));
    QVERIFY(second->begin(id, photo.size(), PartBytes)); // the same question, asked of two
    QCOMPARE(m_rig.put(*first, id, 1, photo), 200);
    QCOMPARE(m_rig.put(*second, id, 1, photo), 200);

    const auto parts = second->parts(id);
    QVERIFY(parts);
    QCOMPARE(parts->size(), 1);
    QVERIFY(second->assemble(id, *parts));
    const Result<> again = first->assemble(id, *parts); // it does not know yet
    QVERIFY2(again, why(again).constData());
    for (const auto &server : {&first, &second}) {
        const Result<> promoted = (*server)->promote(id, sha256(photo), photo.size());
        QVERIFY2(promoted, why(promoted).constData());
    }
    QCOMPARE(contentOf(*second->openAssembled(id)), photo); // until it is discarded
    QVERIFY(first->discard(id));
    QVERIFY(second->discard(id));
    QVERIFY(second->promote(id, sha256(photo), photo.size())); // a kill came before this was recorded
    QCOMPARE(contentOf(*first->openObject(sha256(photo), photo.size())), photo);
}

void TestS3Store::whatAnotherServerDiscardedIsGone()
{
    const auto first = store();
    const auto second = store();
    const QByteArray photo = photoOf(1000, 7);
    const QUuid id = m_rig.assembled(*first, photo);
    QCOMPARE(*first->assembledSize(id), photo.size());
    QCOMPARE(*second->assembledSize(id), photo.size());

    QVERIFY(second->discard(id)); // the first one remembers where it was

    QCOMPARE(first->assembledSize(id).error().code, ErrorCode::TransferUploadGone);
    QCOMPARE(first->reread(id, false).error().code, ErrorCode::StorageCopyDamaged);
    QCOMPARE(first->openAssembled(id).error().code, ErrorCode::StorageCopyDamaged);
    QCOMPARE(first->promote(id, sha256(photo), photo.size()).error().code, ErrorCode::StorageCopyDamaged);
    QVERIFY(!*first->hasObject(sha256(photo), photo.size()));
}

void TestS3Store::whatIsDiscardedIsGone()
{
    const auto s3 = store();
    const QByteArray photo = photoOf(1000, 4);
    const QUuid unfinished = m_rig.uploaded(*s3, photo);
    const QUuid assembled = m_rig.assembled(*s3, photo);
    QVERIFY(!assembled.isNull());

    for (const QUuid &id : {unfinished, assembled, newUuid7()})
        QVERIFY(s3->discard(id));

    for (const QUuid &id : {unfinished, assembled})
        QCOMPARE(s3->parts(id).error().code, ErrorCode::TransferUploadGone);
    QCOMPARE(m_rig.put(*s3, unfinished, 1, photo), -1);
}

void TestS3Store::staleUploadsAreFound()
{
    const QByteArray photo = photoOf(1000, 5);
    const auto now = store();
    const QUuid unfinished = m_rig.uploaded(*now, photo);
    const QUuid assembled = m_rig.assembled(*now, photo);
    S3Store::Options later = m_rig.options(m_rig.account());
    later.now = [] { return QDateTime::currentDateTimeUtc().addSecs(7200); };

    QVERIFY(now->stale(3600'000)->isEmpty());
    const auto found = S3Store(later).stale(3600'000);

    QVERIFY2(found, why(found).constData());
    QVERIFY(found->contains(unfinished));
    QVERIFY(found->contains(assembled));
    QVERIFY(now->discard(unfinished));
    QVERIFY(now->discard(assembled));
}

void TestS3Store::picturesComeBack()
{
    const auto s3 = store();
    const QString hash = sha256("a photo");
    QVERIFY(s3->putDerived(hash, 7, "thumbnail"_L1, "first"));
    QVERIFY(s3->putDerived(hash, 7, "thumbnail"_L1, "second"));
    QCOMPARE(*s3->derived(hash, 7, "thumbnail"_L1), "second");
    QVERIFY(!s3->derived(hash, 7, "rendition"_L1));
}

void TestS3Store::whatIsRemovedTakesItsPicturesAlong()
{
    const auto s3 = store();
    const QByteArray photo = photoOf(1000, 8);
    const QByteArray other = photoOf(1000, 9);
    for (const QByteArray &bytes : {photo, other}) {
        const QUuid id = m_rig.assembled(*s3, bytes);
        QVERIFY(s3->promote(id, sha256(bytes), bytes.size()));
        QVERIFY(s3->discard(id));
        for (const auto what : {"thumbnail"_L1, "rendition"_L1})
            QVERIFY(s3->putDerived(sha256(bytes), bytes.size(), what, "picture"));
    }

    QVERIFY(s3->removeObject(sha256(photo), photo.size()));
    QVERIFY(s3->removeObject(sha256(photo), photo.size())); // again, as after a crash

    QVERIFY(!*s3->hasObject(sha256(photo), photo.size()));
    QVERIFY(*s3->hasObject(sha256(other), other.size()));
    for (const auto what : {"thumbnail"_L1, "rendition"_L1}) {
        QVERIFY(!s3->derived(sha256(photo), photo.size(), what));
        QVERIFY(s3->derived(sha256(other), other.size(), what));
    }
}

void TestS3Store::anEncryptedStoreHasToSaySo()
{
    S3Account encrypted = m_rig.account();
    encrypted.mustEncrypt = true;
    const auto begun = store(encrypted)->begin(newUuid7(), 10, PartBytes);
    QVERIFY(!begun); // this gateway ignores what it is asked
    QCOMPARE(begun.error().code, ErrorCode::StorageNotReady);
}

QTEST_GUILESS_MAIN(TestS3Store)
#include "tst_s3store.moc"
