#include "app/server/objects/s3/s3xml.h"
#include "tests/server/s3storerig.h"

#include <QTest>

#include <future>

using namespace photolift;
using namespace photolift::server;
using namespace photolift::server::test;
using namespace Qt::StringLiterals;

namespace {

QByteArray photoOf(qsizetype size, char seed)
{
    QByteArray bytes(size, Qt::Uninitialized);
    for (qsizetype i = 0; i < size; ++i)
        bytes[i] = static_cast<char>(i * 7 + seed + (i >> 8));
    return bytes;
}

/// As a disk does it: the size stays.
QByteArray flipped(QByteArray bytes)
{
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    return bytes;
}

template <typename T> QByteArray why(const Result<T> &result)
{
    return result ? QByteArray() : errorName(result.error().code).toString().toLatin1() + ' ' + result.error().detail.toUtf8();
}

}

/// What lies under a key of a real RADOS Gateway and is not what the key says, and uploads of the right bytes: one, and several at once.
class TestS3Rot : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void whatLiesThereIsReadToItsEnd();
    void aDamagedObjectIsReplaced_data();
    void aDamagedObjectIsReplaced();
    void aRightObjectIsNotWrittenAgain();
    void damagedBytesReplaceNothing();
    void ofDamagedBytesAloneNothingIsStored();
    void onlyAWholePutCanBeToldToReplaceNothing();
    void severalAtOnceLeaveTheRightBytes_data();
    void severalAtOnceLeaveTheRightBytes();

private:
    S3StoreRig m_rig;
};

void TestS3Rot::initTestCase()
{
    QVERIFY2(m_rig.start(), qPrintable(m_rig.failure));
}

void TestS3Rot::whatLiesThereIsReadToItsEnd()
{
    const auto s3 = m_rig.store();
    const QByteArray photo = photoOf(2 * S3StoreRig::PartBytes + 1000, 9);
    std::atomic<bool> cancelled = false;
    const auto holds = [&] { return s3->holdsObject(sha256(photo), photo.size(), cancelled); };
    QVERIFY(holds() && !*holds()); // nothing there
    const QUuid id = m_rig.assembled(*s3, photo);
    QVERIFY(s3->promote(id, sha256(photo), photo.size()) && s3->discard(id));
    QVERIFY2(holds() && *holds(), why(holds()).constData());

    for (const QByteArray &other : QByteArrayList{flipped(photo), photo.chopped(1), photo + 'x'}) {
        QCOMPARE(m_rig.status("PUT", S3StoreRig::keyOf(photo), other), 200);
        QVERIFY(holds() && !*holds());
    }
    QCOMPARE(m_rig.status("PUT", S3StoreRig::keyOf(photo), photo), 200);
    QVERIFY(holds() && *holds());
    cancelled = true;
    const Result<bool> stopped = holds();
    QVERIFY2(stopped ? *stopped : stopped.error().code == ErrorCode::UserCancelled, why(stopped).constData()); // or it was over before that was looked at
}

void TestS3Rot::aDamagedObjectIsReplaced_data()
{
    QTest::addColumn<QByteArray>("photo");
    QTest::addColumn<QByteArray>("there");
    const QByteArray small = photoOf(1000, 1);
    QTest::newRow("a bit") << small << flipped(small);
    const QByteArray other = photoOf(1001, 2);
    QTest::newRow("its end") << other << other.chopped(3);
    const QByteArray large = photoOf(2 * S3StoreRig::PartBytes + 1000, 3);
    QTest::newRow("a bit of several parts") << large << flipped(large);
}

void TestS3Rot::aDamagedObjectIsReplaced()
{
    QFETCH(const QByteArray, photo);
    QFETCH(const QByteArray, there);
    const auto s3 = m_rig.store();
    const QUuid first = m_rig.assembled(*s3, photo);
    QVERIFY(s3->promote(first, sha256(photo), photo.size()) && s3->discard(first));
    QCOMPARE(m_rig.status("PUT", S3StoreRig::keyOf(photo), there), 200);

    const QUuid again = m_rig.assembled(*s3, photo);
    const Result<> promoted = s3->promote(again, sha256(photo), photo.size());
    QVERIFY2(promoted, why(promoted).constData());
    QVERIFY(m_rig.store()->promote(again, sha256(photo), photo.size())); // as after a kill, by another server
    QVERIFY(s3->discard(again));

    QVERIFY(m_rig.content(S3StoreRig::keyOf(photo)) == photo);
}

void TestS3Rot::aRightObjectIsNotWrittenAgain()
{
    const auto s3 = m_rig.store();
    const QByteArray photo = photoOf(1000, 4);
    const QUuid ids[] = {m_rig.assembled(*s3, photo), m_rig.assembled(*s3, photo)};
    QVERIFY(s3->promote(ids[0], sha256(photo), photo.size()));

    const qint64 before = s3->requestsSent();
    QVERIFY(s3->promote(ids[1], sha256(photo), photo.size()));

    QCOMPARE(s3->requestsSent() - before, 2); // is it there, and what
    for (const QUuid &id : ids)
        QVERIFY(s3->discard(id));
    QCOMPARE(m_rig.content(S3StoreRig::keyOf(photo)), photo);
}

void TestS3Rot::damagedBytesReplaceNothing()
{
    const auto s3 = m_rig.store();
    const QByteArray photo = photoOf(1000, 5);
    const QUuid first = m_rig.assembled(*s3, photo);
    QVERIFY(s3->promote(first, sha256(photo), photo.size()) && s3->discard(first));
    const QUuid again = m_rig.assembled(*s3, photo);
    QCOMPARE(m_rig.status("PUT", S3StoreRig::incomingKeyOf(again, photo), flipped(photo)), 200);

    QVERIFY(s3->promote(again, sha256(photo), photo.size())); // the right ones are there
    QCOMPARE(m_rig.content(S3StoreRig::keyOf(photo)), photo);

    const QByteArray other = flipped(flipped(photo).replace(0, 1, "?"));
    QCOMPARE(m_rig.status("PUT", S3StoreRig::keyOf(photo), other), 200);
    QCOMPARE(s3->promote(again, sha256(photo), photo.size()).error().code, ErrorCode::StorageCopyDamaged);
    QCOMPARE(m_rig.content(S3StoreRig::keyOf(photo)), other);
    QVERIFY(s3->discard(again));
}

void TestS3Rot::ofDamagedBytesAloneNothingIsStored()
{
    const auto s3 = m_rig.store();
    const QByteArray photo = photoOf(1000, 6);
    QCOMPARE(m_rig.status("PUT", S3StoreRig::keyOf(photo), flipped(photo)), 200);

    // Its upload was discarded before this was recorded, or by another server.
    QCOMPARE(s3->promote(newUuid7(), sha256(photo), photo.size()).error().code, ErrorCode::StorageCopyDamaged);
}

/// What this gateway does with `If-None-Match: *` on an existing key, and so why a photo gets to its place without it.
void TestS3Rot::onlyAWholePutCanBeToldToReplaceNothing()
{
    const auto s3 = m_rig.store();
    const QByteArray photo = photoOf(1000, 7);
    const QUuid id = newUuid7();
    const QByteArray name = *s3->begin(id, photo.size(), S3StoreRig::PartBytes);
    s3->know(id, photo.size(), S3StoreRig::PartBytes, name);
    QCOMPARE(m_rig.put(*s3, id, 1, photo), 200);
    const S3Request::Fields nothingThere{{"if-none-match", "*"}};
    const QByteArray key = S3StoreRig::incomingKeyOf(id, photo);
    const QByteArray copy = S3StoreRig::keyOf(photo);
    for (const QByteArray &there : {key, copy})
        QCOMPARE(m_rig.status("PUT", there, "something", nothingThere), 200);

    QCOMPARE(m_rig.status("PUT", copy, "something else", nothingThere), 412);
    QCOMPARE(m_rig.content(copy), QByteArray("something"));
    QCOMPARE(m_rig.status("POST", key, completionOf({{1, photo.size(), md5(photo)}}), nothingThere, {{"uploadId", name}}), 200);
    QCOMPARE(m_rig.content(key), photo);
    QCOMPARE(m_rig.status("PUT", copy, {}, nothingThere + S3Request::Fields{{"x-amz-copy-source", "/photos/" + key}}), 200);
    QCOMPARE(m_rig.content(copy), photo);
}

void TestS3Rot::severalAtOnceLeaveTheRightBytes_data()
{
    QTest::addColumn<bool>("isDamaged");
    QTest::newRow("in a free place") << false;
    QTest::newRow("in the place of damaged ones") << true;
}

/// Servers that each have an upload of the same bytes.
void TestS3Rot::severalAtOnceLeaveTheRightBytes()
{
    QFETCH(const bool, isDamaged);
    for (int round = 0; round < 5; ++round) {
        const QByteArray photo = photoOf(S3StoreRig::PartBytes + 1000, static_cast<char>(10 + 2 * round + (isDamaged ? 1 : 0)));
        const std::unique_ptr<S3Store> servers[] = {m_rig.store(), m_rig.store(), m_rig.store()};
        if (isDamaged)
            QCOMPARE(m_rig.status("PUT", S3StoreRig::keyOf(photo), flipped(photo)), 200);
        std::vector<QUuid> ids;
        for (const auto &server : servers)
            ids.push_back(m_rig.assembled(*server, photo));

        std::vector<std::future<Result<>>> promoted;
        for (std::size_t i = 0; i < ids.size(); ++i)
            promoted.push_back(std::async(std::launch::async, [&server = *servers[i], &photo, id = ids[i]]() -> Result<> {
                const Result<> kept = server.promote(id, sha256(photo), photo.size());
                return kept ? server.discard(id) : kept; // at once, whatever the others are at
            }));

        for (auto &done : promoted) {
            const Result<> ended = done.get();
            QVERIFY2(ended, why(ended).constData());
        }
        QVERIFY(m_rig.content(S3StoreRig::keyOf(photo)) == photo);
    }
}

QTEST_GUILESS_MAIN(TestS3Rot)
#include "tst_s3rot.moc"
