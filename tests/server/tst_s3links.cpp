#include "app/server/objects/s3/s3client.h"
#include "app/server/objects/s3/s3prepare.h"
#include "app/server/objects/s3/s3store.h"
#include "models/photo/filedescriptor.h"
#include "models/vocabulary/ids.h"
#include "tests/support/cephgateway.h"
#include "tests/support/rawclient.h"

#include <QCryptographicHash>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace photolift;
using namespace photolift::server;
using namespace Qt::StringLiterals;
using photolift::test::RawAnswer;
using photolift::test::RawClient;
using support::CephGateway;

namespace {

constexpr qint64 PartBytes = 5 * 1024 * 1024; // the smallest that S3 takes for all but the last
const QByteArray Last = "the bytes of the last part";
const QByteArray Other = "other bytes, the same size";
const QByteArray Secret = "what another account has photographed";

QByteArray md5(QByteArrayView bytes)
{
    return QCryptographicHash::hash(bytes.toByteArray(), QCryptographicHash::Md5);
}

QString sha256(QByteArrayView bytes)
{
    return QString::fromLatin1(QCryptographicHash::hash(bytes.toByteArray(), QCryptographicHash::Sha256).toHex());
}

QByteArray s3CodeOf(const RawAnswer &answer)
{
    const qsizetype begin = answer.body.indexOf("<Code>");
    return begin < 0 ? QByteArray() : answer.body.mid(begin + 6, answer.body.indexOf("</Code>") - begin - 6);
}

/// One request as it goes over the wire.
struct Request {
    QByteArray method = "PUT";
    QByteArray target;
    QList<std::pair<QByteArray, QByteArray>> headers;
    QByteArray body;
    QByteArray from; ///< the address of whoever sends it; empty: that of whom the link was made for

    void set(const QByteArray &name, const QByteArray &value)
    {
        headers.removeIf([&name](const auto &pair) { return pair.first == name; });
        if (!value.isNull())
            headers.emplaceBack(name, value);
    }
    void setBody(const QByteArray &bytes)
    {
        body = bytes;
        set("content-length", QByteArray::number(bytes.size()));
    }
    QByteArray text() const
    {
        QByteArray head = method + ' ' + target + " HTTP/1.1\r\nConnection: close\r\n";
        for (const auto &[name, value] : headers)
            head += name + ": " + value + "\r\n";
        return head + "\r\n" + body;
    }
};

/// An upload of two parts in a real store, a link for the second, and somebody else's object beside it.
struct World {
    std::unique_ptr<S3Store> store;
    QByteArray host;
    QByteArray victim; ///< path of the other object, in the bucket's name
    QUuid id = newUuid7();
    QByteArray photo = QByteArray(PartBytes, 'p') + Last;
    wire::PartLink link;

    wire::PartLink linkFor(int number, QByteArrayView bytes) const
    {
        const auto links = store->links(id, {{number, bytes.size(), QString::fromLatin1(md5(bytes).toHex())}}, {});
        return links ? links->first() : wire::PartLink();
    }
    Request request(const wire::PartLink &from, const QByteArray &body) const
    {
        Request request;
        request.target = from.url.path(QUrl::FullyEncoded).toLatin1() + '?' + from.url.query(QUrl::FullyEncoded).toLatin1();
        request.headers = from.headers;
        request.set("host", host);
        request.setBody(body);
        return request;
    }
    Request right() const { return request(link, Last); }
    RawAnswer send(const Request &request) const
    {
        return RawClient(static_cast<quint16>(host.mid(host.indexOf(':') + 1).toUInt()), std::chrono::seconds(20), request.from).ask(request.text());
    }
};

using Change = void (*)(const World &world, Request &request);

}
Q_DECLARE_METATYPE(Change)

/// FAULTS F54 on S3: a link that was replayed or has leaked does exactly one thing. Against a real RADOS Gateway, with its bucket as
/// `store prepare` leaves it; the folder store's table is in tst_objectslinks.
class TestS3Links : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void onlyTheIdenticalPutPasses_data();
    void onlyTheIdenticalPutPasses();
    void afterItsSuccessALinkChangesNothing();
    void anExpiredLinkIsNone();

private:
    S3Account account() const
    {
        S3Account account;
        account.endpoint = m_ceph.endpoint();
        account.bucket = "photos";
        account.credentials = {CephGateway::accessKey(), CephGateway::secretKey(), CephGateway::region()};
        return account;
    }
    /// What lies under a key, read as the owner; nullopt when nothing does.
    std::optional<QByteArray> content(const QByteArray &key) const
    {
        S3Client client(account());
        S3Request request;
        request.key = key;
        const auto answer = client.send(request);
        return answer && answer->isGood() ? std::optional(answer->body) : std::nullopt;
    }

    CephGateway m_ceph;
    QTemporaryDir m_spool;
    std::unique_ptr<World> m_world;
};

void TestS3Links::initTestCase()
{
    QVERIFY2(m_ceph.start(), qPrintable(m_ceph.failure()));
    const Result<> prepared = prepareBucket(account());
    QVERIFY2(prepared, prepared ? "" : qPrintable(prepared.error().detail));
}

void TestS3Links::init()
{
    m_world = std::make_unique<World>();
    m_world->store = std::make_unique<S3Store>(S3Store::Options{account(), QFile::encodeName(m_spool.path())});
    m_world->host = account().endpoint.authority().toLatin1();
    S3Client client(account());
    S3Request put;
    put.method = "PUT";
    put.key = "objects/victim";
    put.body = Secret;
    QVERIFY(client.sendExpectingGood(put));
    m_world->victim = "/photos/objects/victim";
    QVERIFY(m_world->store->begin(m_world->id, m_world->photo.size(), PartBytes));
    m_world->link = m_world->linkFor(2, Last);
    QVERIFY(m_world->link.url.isValid());
}

void TestS3Links::cleanup()
{
    QVERIFY(m_world->store->discard(m_world->id));
}

void TestS3Links::onlyTheIdenticalPutPasses_data()
{
    QTest::addColumn<Change>("change");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("code");
    QTest::addColumn<QByteArray>("from");
    // An address changes nothing either way: who holds the link is who may use it.
    const auto row = [](const char *name, int status, const char *code, Change change) {
        QTest::newRow(name) << change << status << QByteArray(code) << QByteArray();
        if (qstrcmp(code, "RequestTimeout") != 0) // the gateway takes its time over these
            QTest::addRow("%s, from another address", name) << change << status << QByteArray(code) << QByteArray("127.0.0.2");
    };
    using W = World;
    using R = Request;
    constexpr auto Mismatch = "SignatureDoesNotMatch";
    row("as signed -> taken", 200, "", [](const W &, R &) {});
    row("verb GET", 403, Mismatch, [](const W &, R &r) { r.method = "GET"; r.setBody({}); });
    row("verb DELETE", 403, Mismatch, [](const W &, R &r) { r.method = "DELETE"; r.setBody({}); });
    row("verb POST", 403, Mismatch, [](const W &, R &r) { r.method = "POST"; });
    row("another part", 403, Mismatch, [](const W &, R &r) { r.target.replace("partNumber=2", "partNumber=1"); });
    row("a part that is none of it", 403, Mismatch, [](const W &, R &r) { r.target.replace("partNumber=2", "partNumber=3"); });
    row("the whole key without its part", 403, Mismatch, [](const W &, R &r) { r.target.replace("partNumber=2&", ""); });
    row("another upload", 403, Mismatch, [](const W &w, R &r) { r.target.replace(idText(w.id).toLatin1(), idText(newUuid7()).toLatin1()); });
    row("an object as the key", 403, Mismatch, [](const W &w, R &r) { r.target = w.victim + r.target.sliced(r.target.indexOf('?')); });
    row("reading an object with it", 403, Mismatch, [](const W &w, R &r) {
        r.method = "GET";
        r.setBody({});
        r.target = w.victim + r.target.sliced(r.target.indexOf('?'));
    });
    row("listing the bucket with it", 403, Mismatch, [](const W &, R &r) {
        r.method = "GET";
        r.setBody({});
        r.target = "/photos/" + r.target.sliced(r.target.indexOf('?'));
    });
    row("a larger body", 403, Mismatch, [](const W &, R &r) { r.setBody(r.body + "more"); });
    row("a smaller body", 403, Mismatch, [](const W &, R &r) { r.setBody(r.body.chopped(3)); });
    row("an empty body", 403, Mismatch, [](const W &, R &r) { r.setBody({}); });
    row("no length", 403, Mismatch, [](const W &, R &r) {
        r.set("content-length", {});
        r.set("transfer-encoding", "chunked");
        r.body = QByteArray::number(Last.size(), 16) + "\r\n" + Last + "\r\n0\r\n\r\n";
    });
    row("other bytes", 400, "BadDigest", [](const W &, R &r) { r.body = Other; });
    row("other bytes with their checksum", 403, Mismatch, [](const W &, R &r) {
        r.body = Other;
        r.set("content-md5", md5(Other).toBase64());
    });
    row("checksum left out", 403, Mismatch, [](const W &, R &r) { r.set("content-md5", {}); });
    row("another checksum in the query", 403, Mismatch, [](const W &, R &r) {
        r.body = Other;
        r.set("content-md5", {});
        r.target += "&content-md5=" + md5(Other).toBase64().toPercentEncoding();
    });
    row("longer life", 403, Mismatch, [](const W &, R &r) { r.target.replace("Expires=300", "Expires=86400"); });
    row("anonymous", 403, "AccessDenied", [](const W &, R &r) { r.target.truncate(r.target.indexOf("&X-Amz-")); });
    row("signature guessed", 403, Mismatch,
        [](const W &, R &r) { r.target = r.target.first(r.target.indexOf("Signature=") + 10) + QByteArray(64, 'a'); });
    row("acl changed", 403, Mismatch, [](const W &, R &r) { r.set("x-amz-acl", "public-read"); });
    row("acl left out", 403, Mismatch, [](const W &, R &r) { r.set("x-amz-acl", {}); });
    // Not signed, and so not by the signature: this gateway refuses a grant beside an ACL, and waits in vain for the body of a copy.
    row("grant added", 400, "InvalidRequest", [](const W &, R &r) { r.set("x-amz-grant-read", "uri=\"http://acs.amazonaws.com/groups/global/AllUsers\""); });
    row("copy source added", 400, "RequestTimeout", [](const W &w, R &r) { r.set("x-amz-copy-source", w.victim); });
    row("copy source and no body", 403, Mismatch, [](const W &w, R &r) {
        r.set("x-amz-copy-source", w.victim);
        r.setBody({});
    });
    row("a range of a copy source", 400, "RequestTimeout", [](const W &w, R &r) {
        r.set("x-amz-copy-source", w.victim);
        r.set("x-amz-copy-source-range", "bytes=0-" + QByteArray::number(Last.size() - 1));
    });
    row("copy source instead of a part", 403, Mismatch, [](const W &w, R &r) {
        r.set("x-amz-copy-source", w.victim);
        r.target.replace("partNumber=2&", "");
    });
    row("the ACL of the key", 403, Mismatch, [](const W &, R &r) { r.target.replace("partNumber=2", "acl="); });
    row("ended with it", 403, Mismatch, [](const W &, R &r) {
        r.method = "POST";
        r.target.replace("partNumber=2&", "");
        r.setBody("<CompleteMultipartUpload/>");
    });
    row("host by another name", 403, Mismatch, [](const W &, R &r) { r.set("host", "photos.example.org"); });
}

void TestS3Links::onlyTheIdenticalPutPasses()
{
    QFETCH(const Change, change);
    QFETCH(const int, status);
    QFETCH(const QByteArray, code);
    QFETCH(const QByteArray, from);
    Request request = m_world->right();
    request.from = from;
    change(*m_world, request);

    const RawAnswer answer = m_world->send(request);

    QVERIFY2(answer.status == status, QByteArray(QByteArray::number(answer.status) + answer.body).constData());
    QCOMPARE(s3CodeOf(answer), code);
    QVERIFY(!answer.body.contains(Secret));
    const auto parts = m_world->store->parts(m_world->id);
    QVERIFY(parts);
    QCOMPARE(parts->size(), status == 200 ? 1 : 0);
    if (status == 200)
        QCOMPARE(parts->first().checksum.toLatin1(), md5(Last).toHex());
    QCOMPARE(content("objects/victim"), std::optional(Secret));
    Request stranger; // nothing was made readable for everybody
    stranger.method = "GET";
    stranger.set("host", m_world->host);
    stranger.target = m_world->victim;
    QCOMPARE(m_world->send(stranger).status, 403);
}

void TestS3Links::afterItsSuccessALinkChangesNothing()
{
    const World &world = *m_world;
    const QByteArray first = world.photo.first(PartBytes);
    QCOMPARE(world.send(world.right()).status, 200);
    QCOMPARE(world.send(world.request(world.linkFor(1, first), first)).status, 200);

    QCOMPARE(world.send(world.right()).status, 200); // the identical PUT: its answer may have been lost
    for (const QByteArray &from : {QByteArray(), QByteArray("127.0.0.2")}) {
        Request lying = world.right();
        lying.body = Other;
        lying.from = from;
        QCOMPARE(s3CodeOf(world.send(lying)), QByteArray("BadDigest"));
    }
    auto parts = world.store->parts(world.id);
    QVERIFY(parts && parts->size() == 2);
    QCOMPARE(parts->at(1).checksum.toLatin1(), md5(Last).toHex());

    QVERIFY(world.store->assemble(world.id, *parts));
    QCOMPARE(s3CodeOf(world.send(world.right())), QByteArray("NoSuchUpload")); // one object by now
    QVERIFY(world.store->promote(world.id, sha256(world.photo), world.photo.size()));
    QCOMPARE(s3CodeOf(world.send(world.right())), QByteArray("NoSuchUpload"));
    QVERIFY(world.store->discard(world.id));
    QCOMPARE(s3CodeOf(world.send(world.right())), QByteArray("NoSuchUpload"));
    const auto reread = world.store->openObject(sha256(world.photo), world.photo.size());
    QVERIFY(reread);
    const photo::FileDescriptor file(*reread);
    QFile kept;
    QVERIFY(kept.open(file.get(), QIODevice::ReadOnly) && kept.readAll() == world.photo);
}

void TestS3Links::anExpiredLinkIsNone()
{
    S3Store::Options before{account(), QFile::encodeName(m_spool.path())};
    before.linkLife = std::chrono::seconds(20);
    before.now = [] { return QDateTime::currentDateTimeUtc().addSecs(-40); };
    S3Store earlier(before);
    const auto links = earlier.links(m_world->id, {{2, Last.size(), QString::fromLatin1(md5(Last).toHex())}}, {});
    QVERIFY(links);

    const RawAnswer answer = m_world->send(m_world->request(links->first(), Last));

    QCOMPARE(answer.status, 403);
    QCOMPARE(s3CodeOf(answer), QByteArray("AccessDenied"));
    QVERIFY(m_world->store->parts(m_world->id)->isEmpty());
}

QTEST_GUILESS_MAIN(TestS3Links)
#include "tst_s3links.moc"
