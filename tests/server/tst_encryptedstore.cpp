#include "app/server/objects/s3/s3client.h"
#include "app/server/objects/s3/s3store.h"
#include "models/vocabulary/ids.h"
#include "tests/server/storeprogram.h"
#include "tests/support/cephgateway.h"
#include "tests/support/clirun.h"
#include "tests/support/faultproxy.h"
#include "tests/support/smallphotos.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>
#include <QTest>
#include <QUrlQuery>

#include <future>

using namespace Qt::StringLiterals;
using namespace photolift;
using support::CephGateway;
using support::FaultProxy;
using support::SeenRequest;
using test::StoreProgram;

namespace {

constexpr auto Field = "x-amz-server-side-encryption";
constexpr qint64 TwoParts = 20'000'000;

QByteArray pathOf(const SeenRequest &request)
{
    return request.target.left(request.target.indexOf('?'));
}

bool asksForEncryption(const SeenRequest &request)
{
    const QUrlQuery query(QUrl(QString::fromLatin1(request.target)));
    const QString names = query.queryItemValue(u"X-Amz-SignedHeaders"_s, QUrl::FullyDecoded);
    return request.headers.value(Field) == "AES256" && names.split(u';').contains(QLatin1StringView(Field));
}

/// Begins a multipart upload, copies, or writes a small object: what an object is made by. Parts are not asked, S3 takes no such header there.
bool makesObject(const SeenRequest &request)
{
    const bool begins = request.method == "POST" && request.target.contains("uploads=");
    const bool isPart = request.target.contains("partNumber=");
    return begins || (request.method == "PUT" && !isPart && (request.target.contains("/objects/") || request.target.contains("/derived/")));
}

}

/// store.require_encryption, with the real RADOS Gateway, which ignores what it is asked, and with a store that does as AWS: the same gateway
/// behind a proxy that says of each object whether it was asked to encrypt it. (Nothing is encrypted: that is the store's affair, not ours.)
class TestEncryptedStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aStoreThatSaysNothingIsRefused_data();
    void aStoreThatSaysNothingIsRefused();
    void withoutTheLineItIsTaken();
    void aStoreThatConfirmsGetsThePhotos();
    void eachWayToMakeAnObjectHasToBeConfirmed_data();
    void eachWayToMakeAnObjectHasToBeConfirmed();

private:
    StoreProgram::Said run(const QUrl &endpoint, bool isRequired, const QStringList &words);
    /// Confirms like AWS whatever `isConfirmed` lets it.
    void confirm(std::function<bool(const SeenRequest &)> isConfirmed);
    server::S3Account account(const QUrl &endpoint) const;
    /// A try that was refused has left an upload in the store.
    bool hasUnfinished() const;

    CephGateway m_ceph;
    FaultProxy m_store;
    QSet<QByteArray> m_encrypted; ///< paths of what was asked for so
    StoreProgram m_program;
};

void TestEncryptedStore::initTestCase()
{
    QVERIFY2(m_ceph.start(), qPrintable(m_ceph.failure()));
    m_store.setUpstream(m_ceph.endpoint());
    m_store.keepHost();
    confirm([](const SeenRequest &) { return true; });
    const StoreProgram::Said prepared = run(m_ceph.endpoint(), false, {u"store"_s, u"prepare"_s});
    QVERIFY2(prepared.exitCode == 0, prepared.complaints.constData());
}

void TestEncryptedStore::confirm(std::function<bool(const SeenRequest &)> isConfirmed)
{
    m_encrypted.clear();
    m_store.setAnswerFields([this, isConfirmed = std::move(isConfirmed)](const SeenRequest &request) {
        if (makesObject(request) && asksForEncryption(request))
            m_encrypted.insert(pathOf(request));
        const bool isSaid = m_encrypted.contains(pathOf(request)) && isConfirmed(request);
        return isSaid ? QByteArray(Field) + ": AES256\r\n" : QByteArray();
    });
}

server::S3Account TestEncryptedStore::account(const QUrl &endpoint) const
{
    server::S3Account account;
    account.endpoint = endpoint;
    account.bucket = "photos";
    account.credentials = {CephGateway::accessKey(), CephGateway::secretKey(), CephGateway::region()};
    account.mustEncrypt = true;
    return account;
}

bool TestEncryptedStore::hasUnfinished() const
{
    server::S3Client client(account(m_ceph.endpoint()));
    server::S3Request list;
    list.query = {{"uploads", ""}};
    const auto left = client.sendExpectingGood(list);
    return !left || left->body.contains("<UploadId>");
}

StoreProgram::Said TestEncryptedStore::run(const QUrl &endpoint, bool isRequired, const QStringList &words)
{
    return m_program.run(endpoint, words, isRequired ? u"require_encryption = true"_s : u"require_encryption = false"_s);
}

void TestEncryptedStore::aStoreThatSaysNothingIsRefused_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::newRow("at the start") << QStringList();
    QTest::newRow("store prepare") << QStringList{u"store"_s, u"prepare"_s};
    QTest::newRow("check") << QStringList{u"check"_s};
}

void TestEncryptedStore::aStoreThatSaysNothingIsRefused()
{
    QFETCH(const QStringList, words);

    const StoreProgram::Said said = run(m_ceph.endpoint(), true, words);

    QCOMPARE(said.exitCode, 1);
    const QByteArray &told = said.complaints; // at the start: its log
    QVERIFY2(told.contains("STORAGE_NOT_READY"), told.constData());
    QCOMPARE(said.output.contains("\"STORAGE_NOT_READY\""), words.isEmpty());
    QVERIFY2(told.contains("store.require_encryption is true, and the store at 127.0.0.1 does not confirm that it encrypts"), told.constData());
    QVERIFY2(told.contains("switch encryption on there"), told.constData());
    QVERIFY(!hasUnfinished());
}

void TestEncryptedStore::withoutTheLineItIsTaken()
{
    const StoreProgram::Said said = run(m_ceph.endpoint(), false, {u"check"_s});
    QVERIFY2(said.exitCode == 0, said.complaints.constData());
}

void TestEncryptedStore::aStoreThatConfirmsGetsThePhotos()
{
    confirm([](const SeenRequest &) { return true; });
    for (const QStringList &words : {QStringList{u"store"_s, u"prepare"_s}, QStringList{u"check"_s},
                                     QStringList{u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s}}) {
        const StoreProgram::Said said = run(m_store.url({}), true, words);
        QVERIFY2(said.exitCode == 0, said.complaints.constData());
    }
    const StoreProgram::Said token = run(m_store.url({}), true, {u"token"_s, u"create"_s, u"anna"_s});
    QVERIFY(m_program.writePrivate(u"token"_s, token.output));
    const QString photos = m_program.path(u"photos"_s);
    support::writeJpeg(photos + u"/IMG_1.JPG"_s, 1);
    QFile large(support::writeJpeg(photos + u"/IMG_2.JPG"_s, 2));
    QVERIFY(large.resize(TwoParts)); // the zeros are behind the picture's end
    const StoreProgram::Said started = run(m_store.url({}), true, {});
    const QUrl address(QJsonDocument::fromJson(started.output).object().value(u"address"_s).toString());
    QVERIFY2(address.isValid() && !address.isEmpty(), started.output.constData());

    support::CliRun cli(m_program.path(u"anna"_s));
    QVERIFY(cli.start({u"upload"_s, photos, u"--server"_s, address.toString(), u"--token-file"_s, m_program.path(u"token"_s)}));
    const support::CliAnswer answer = cli.finish();

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0 && answer.count("succeeded"_L1) == 2, qPrintable(answer.toText()));
    int begun = 0;
    int objects = 0;
    int pictures = 0;
    for (const SeenRequest &request : m_store.requests()) {
        if (!makesObject(request))
            continue;
        QVERIFY2(asksForEncryption(request), QByteArray(request.method + ' ' + request.target).constData());
        begun += request.method == "POST" ? 1 : 0;
        objects += request.target.contains("/objects/") ? 1 : 0;
        pictures += request.target.contains("/derived/") ? 1 : 0;
    }
    QVERIFY(begun >= 2 && objects == 2 && pictures >= 2);
    m_program.server().terminate();
    QVERIFY(QTest::qWaitFor([this] { return m_program.server().state() == QProcess::NotRunning; }, 30'000));
    QCOMPARE(m_program.server().exitCode(), 0);
}

void TestEncryptedStore::eachWayToMakeAnObjectHasToBeConfirmed_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("part"); ///< of the target
    QTest::addColumn<QString>("refused");
    QTest::newRow("everything is") << QByteArray("-") << QByteArray() << QString();
    QTest::newRow("an upload is not") << QByteArray("POST") << QByteArray("uploads=") << u"begin"_s;
    QTest::newRow("what was put together is not") << QByteArray("GET") << QByteArray("/incoming/") << u"reread"_s;
    QTest::newRow("the copy to its place is not") << QByteArray("PUT") << QByteArray("/objects/") << u"promote"_s;
    QTest::newRow("a picture is not") << QByteArray("PUT") << QByteArray("/derived/") << u"picture"_s;
}

void TestEncryptedStore::eachWayToMakeAnObjectHasToBeConfirmed()
{
    QFETCH(const QByteArray, method);
    QFETCH(const QByteArray, part);
    confirm([method, part](const SeenRequest &request) { return request.method != method || !request.target.contains(part); });
    const QByteArray photo = support::jpegBytes(static_cast<int>(qHash(QTest::currentDataTag())));
    const QString sha256 = QString::fromLatin1(QCryptographicHash::hash(photo, QCryptographicHash::Sha256).toHex());
    const QString md5 = QString::fromLatin1(QCryptographicHash::hash(photo, QCryptographicHash::Md5).toHex());

    // On a thread of its own: the proxy needs this one.
    auto story = std::async(std::launch::async, [&]() -> std::pair<QString, Error> {
        server::S3Store store({account(m_store.url({})), QFile::encodeName(m_program.path({}))});
        server::S3Client client(account(m_store.url({})));
        const QUuid id = newUuid7();
        if (const auto begun = store.begin(id, photo.size(), wire::PartBytes); !begun)
            return {u"begin"_s, begun.error()};
        const auto links = store.links(id, {{1, photo.size(), md5}}, {});
        server::S3Request put;
        put.method = "PUT";
        put.headers = links ? links->first().headers : server::S3Request::Fields();
        put.body = photo;
        if (const auto answer = client.sendTo(links->first().url, put); !answer || !answer->isGood())
            return {u"put"_s, answer ? Error() : answer.error()};
        const auto parts = store.parts(id);
        if (const auto assembled = store.assemble(id, *parts); !assembled)
            return {u"assemble"_s, assembled.error()};
        if (const auto reread = store.reread(id, false); !reread)
            return {u"reread"_s, reread.error()};
        if (const auto promoted = store.promote(id, sha256, photo.size()); !promoted)
            return {u"promote"_s, promoted.error()};
        if (const auto made = store.putDerived(sha256, photo.size(), "thumbnail"_L1, "picture"); !made)
            return {u"picture"_s, made.error()};
        (void)store.discard(id);
        return {};
    });
    QVERIFY(QTest::qWaitFor([&story] { return story.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }, 60'000));
    const auto [refused, error] = story.get();

    QTEST(refused, "refused");
    if (!refused.isEmpty()) {
        QCOMPARE(errorName(error.code), errorName(ErrorCode::StorageNotReady));
        QVERIFY(error.detail.contains(u"does not confirm that it encrypts"_s));
    }
    QVERIFY(!hasUnfinished());
}

QTEST_GUILESS_MAIN(TestEncryptedStore)
#include "tst_encryptedstore.moc"
