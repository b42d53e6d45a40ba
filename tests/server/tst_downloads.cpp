#include "app/server/http/httpserver.h"
#include "app/server/objects/folderstore.h"
#include "app/server/objects/objectdoor.h"
#include "models/photo/digest.h"
#include "models/vocabulary/ids.h"
#include "tests/support/rawclient.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>

using namespace photolift;
using namespace photolift::server;
using photolift::test::RawAnswer;
using photolift::test::RawClient;
using namespace Qt::StringLiterals;

/// Links to stored photos of a folder, over real sockets: each gives one object away, for reading and for a while.
class TestDownloads : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void theLinkGivesTheObject();
    void aRangeOfIt_data();
    void aRangeOfIt();
    void aLargeObjectComesInRanges();
    void nothingElsePasses_data();
    void nothingElsePasses();
    void whatIsGoneIsNotThere();

private:
    QByteArray keep(const QByteArray &bytes); ///< its name in the store
    RawAnswer ask(const QByteArray &method, const QByteArray &target, const QByteArray &more = {})
    {
        return RawClient(m_port).ask(QByteArray(method + ' ' + target + " HTTP/1.1\r\nHost: " + host() + "\r\n" + more + "Content-Length: 0\r\n\r\n"));
    }
    QByteArray host() const { return "127.0.0.1:" + QByteArray::number(m_port); }
    QByteArray linkTo(const QByteArray &name)
    {
        const qsizetype dash = name.indexOf('-');
        const Result<wire::PartLink> link = m_store->downloadLink(QString::fromLatin1(name.first(dash)), name.sliced(dash + 1).toLongLong(), "http://" + host());
        return link ? link->url.path(QUrl::FullyEncoded).toLatin1() + '?' + link->url.query(QUrl::FullyEncoded).toLatin1() : QByteArray();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::atomic<qint64> m_clockOffset = 0;
    std::unique_ptr<FolderStore> m_store;
    std::unique_ptr<HttpServer> m_server;
    quint16 m_port = 0;
};

void TestDownloads::init()
{
    m_server.reset();
    m_clockOffset = 0;
    m_folder = std::make_unique<QTemporaryDir>();
    FolderStore::Options options;
    options.folder = QFile::encodeName(m_folder->path());
    options.now = [this] { return QDateTime::currentDateTimeUtc().addSecs(m_clockOffset); };
    m_store = std::make_unique<FolderStore>(options);
    QVERIFY(m_store->probe());
    m_server = std::make_unique<HttpServer>(HttpServer::Options(), m_store->routes(), [](QByteArrayView) { return std::nullopt; });
    m_port = *m_server->start();
}

QByteArray TestDownloads::keep(const QByteArray &bytes)
{
    photo::Sha256 hash;
    hash.add(bytes);
    const QByteArray sha256 = hash.result().toHex();
    const QByteArray name = sha256 + '-' + QByteArray::number(bytes.size());
    const QString folder = m_folder->filePath(u"objects/"_s + QString::fromLatin1(QByteArray(sha256.first(2) + '/' + sha256.sliced(2, 2))));
    QFile file(folder + u'/' + QString::fromLatin1(name));
    if (!QDir().mkpath(folder) || !file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("the object could not be written");
    return name;
}

void TestDownloads::theLinkGivesTheObject()
{
    const QByteArray name = keep("the bytes of a photo");
    keep("other bytes");
    const RawAnswer answer = ask("GET", linkTo(name));
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.body, QByteArray("the bytes of a photo"));
}

void TestDownloads::aRangeOfIt_data()
{
    QTest::addColumn<QByteArray>("range");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("the beginning") << QByteArray("bytes=0-2") << 206 << QByteArray("012");
    QTest::newRow("the middle") << QByteArray("bytes=3-3") << 206 << QByteArray("3");
    QTest::newRow("to the end") << QByteArray("bytes=8-") << 206 << QByteArray("89");
    QTest::newRow("beyond the end") << QByteArray("bytes=8-100") << 206 << QByteArray("89");
    for (const char *wrong : {"bytes=10-", "bytes=5-4", "bytes=-1", "bytes=a-b", "bytes=0-1,3-4", "bytes=", "items=0-1", "bytes=00-1"})
        QTest::newRow(wrong) << QByteArray(wrong) << 416 << QByteArray();
}

void TestDownloads::aRangeOfIt()
{
    QFETCH(const QByteArray, range);
    QFETCH(const QByteArray, body);
    const RawAnswer answer = ask("GET", linkTo(keep("0123456789")), "Range: " + range + "\r\n");
    QTEST(answer.status, "status");
    if (answer.status == 206)
        QCOMPARE(answer.body, body);
    else
        QVERIFY(answer.body.contains("<Code>InvalidRange</Code>"));
}

void TestDownloads::aLargeObjectComesInRanges()
{
    const QByteArray bytes = QByteArray(ObjectDoor::MaxAnswerBytes, 'a') + "the end";
    const QByteArray link = linkTo(keep(bytes));
    QCOMPARE(ask("GET", link).status, 416);
    const QByteArray last = QByteArray::number(ObjectDoor::MaxAnswerBytes - 1);
    QCOMPARE(ask("GET", link, "Range: bytes=0-" + QByteArray::number(ObjectDoor::MaxAnswerBytes) + "\r\n").status, 416);
    const RawAnswer first = ask("GET", link, "Range: bytes=0-" + last + "\r\n");
    const RawAnswer second = ask("GET", link, "Range: bytes=" + QByteArray::number(ObjectDoor::MaxAnswerBytes) + "-\r\n");
    QCOMPARE(first.status, 206);
    QVERIFY(QByteArray(first.body + second.body) == bytes);
}

void TestDownloads::nothingElsePasses_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("what");
    QTest::addColumn<int>("status");
    QTest::newRow("another object") << QByteArray("GET") << QByteArray("object") << 403;
    QTest::newRow("a link that was changed") << QByteArray("GET") << QByteArray("signature") << 403;
    QTest::newRow("no signature") << QByteArray("GET") << QByteArray("bare") << 403;
    QTest::newRow("later than it is good") << QByteArray("GET") << QByteArray("late") << 403;
    QTest::newRow("a header of S3 that is not signed") << QByteArray("GET") << QByteArray("header") << 403;
    for (const char *method : {"PUT", "DELETE", "POST"})
        QTest::newRow(method) << QByteArray(method) << QByteArray() << 401; // no such route
}

void TestDownloads::nothingElsePasses()
{
    QFETCH(const QByteArray, method);
    QFETCH(const QByteArray, what);
    const QByteArray name = keep("the bytes of a photo");
    const QByteArray other = keep("the bytes of another");
    QByteArray link = linkTo(name);
    QByteArray more;
    if (what == "object")
        link.replace(name, other);
    if (what == "signature")
        link.back() = link.back() == '0' ? '1' : '0';
    if (what == "bare")
        link.truncate(link.indexOf('?'));
    if (what == "late")
        m_clockOffset = wire::LinkSeconds + 1;
    if (what == "header")
        more = "x-amz-acl: public-read\r\n";
    const RawAnswer answer = ask(method, link, more);
    QTEST(answer.status, "status");
    QVERIFY(!answer.body.contains("the bytes of"));
}

void TestDownloads::whatIsGoneIsNotThere()
{
    const QByteArray name = keep("the bytes of a photo");
    const QByteArray link = linkTo(name);
    QVERIFY(m_store->removeObject(QString::fromLatin1(name.first(64)), 20));
    QCOMPARE(ask("GET", link).status, 404);
    QVERIFY(linkTo("../../etc/passwd-5").isEmpty());
}

QTEST_GUILESS_MAIN(TestDownloads)
#include "tst_downloads.moc"
