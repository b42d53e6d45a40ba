#include "app/server/http/httpserver.h"
#include "app/server/objects/folderstore.h"
#include "models/photo/filedescriptor.h"
#include "models/photo/hasher.h"
#include "models/vocabulary/ids.h"
#include "tests/support/rawclient.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <thread>

using namespace photolift;
using namespace photolift::server;
using photolift::test::RawAnswer;
using photolift::test::RawClient;
using namespace Qt::StringLiterals;

namespace {
QString sha256(QByteArrayView bytes)
{
    photo::Sha256 hash;
    hash.add(bytes);
    return QString::fromLatin1(hash.result().toHex());
}

QByteArray base64Hash(QByteArrayView bytes)
{
    return QByteArray::fromHex(sha256(bytes).toLatin1()).toBase64();
}

const QByteArray Part = "the bytes of the first part";
const QByteArray Other = "other bytes, the same size!";

/// The store behind the real listener, an upload of two parts, and a link for the first.
struct Fixture {
    QTemporaryDir folder;
    std::atomic<qint64> clockOffset = 0; ///< seconds the store's clock is ahead
    std::unique_ptr<FolderStore> store;
    std::unique_ptr<HttpServer> server;
    quint16 port = 0;
    bool isLoopbackOnly = true;
    QByteArray address; ///< where it listens
    QUuid id = newUuid7();
    wire::PartLink link;

    explicit Fixture(QByteArray listenAt = "127.0.0.1")
        : address(std::move(listenAt))
    {
        openStore();
        if (!store->begin(id, Part.size() * 2, Part.size()))
            qFatal("begin");
        link = linkFor(1, Part);
    }
    void openStore()
    {
        server.reset();
        FolderStore::Options options;
        options.folder = QFile::encodeName(folder.path());
        options.now = [this] { return QDateTime::currentDateTimeUtc().addSecs(clockOffset); };
        store = std::make_unique<FolderStore>(options);
        const auto proven = store->probe();
        if (!proven)
            qFatal("%s", qPrintable(proven.error().detail));
        HttpServer::Options http;
        http.address = address;
        http.port = port;
        http.isLoopbackOnly = isLoopbackOnly;
        server = std::make_unique<HttpServer>(http, store->routes(), [](QByteArrayView) { return std::nullopt; });
        port = *server->start();
    }
    QByteArray host() const { return "127.0.0.1:" + QByteArray::number(port); }
    wire::PartLink linkFor(int number, const QByteArray &bytes)
    {
        return store->links(id, {{number, bytes.size(), sha256(bytes)}}, "http://" + host())->first();
    }
    /// The request the link was made for.
    struct Request {
        QByteArray method = "PUT";
        QByteArray target;
        QList<std::pair<QByteArray, QByteArray>> headers;
        QByteArray body = Part;
        QByteArray from; ///< the address of whoever sends it; empty: that of whom the link was made for

        void set(const QByteArray &name, const QByteArray &value)
        {
            headers.removeIf([&name](const auto &pair) { return pair.first == name; });
            if (!value.isNull())
                headers.emplaceBack(name, value);
        }
        QByteArray text() const
        {
            QByteArray head = method + ' ' + target + " HTTP/1.1\r\n";
            for (const auto &[name, value] : headers)
                head += name + ": " + value + "\r\n";
            return head + "\r\n" + body;
        }
    };
    Request request(const wire::PartLink &from, const QByteArray &body) const
    {
        Request request;
        request.target = from.url.path(QUrl::FullyEncoded).toLatin1() + '?' + from.url.query(QUrl::FullyEncoded).toLatin1();
        request.headers = from.headers;
        request.set("host", host());
        request.set("content-length", QByteArray::number(body.size()));
        request.body = body;
        return request;
    }
    RawAnswer send(const Request &request) const { return RawClient(port, std::chrono::seconds(20), request.from).ask(request.text()); }
};

/// Qt's child shares the memory of the thread that starts it until it is curl, which leaves the thread sanitizer's idea
/// of that thread in disorder. So it is one that does nothing else.
void runCurl(const QStringList &arguments, QByteArray &output, QByteArray &talk)
{
    std::thread([&arguments, &output, &talk] {
        QProcess curl;
        curl.start(u"curl"_s, arguments);
        curl.waitForFinished(20000);
        output = curl.readAllStandardOutput();
        talk = curl.readAllStandardError();
    }).join();
}

QByteArray s3CodeOf(const RawAnswer &answer)
{
    const qsizetype begin = answer.body.indexOf("<Code>");
    return begin < 0 ? QByteArray() : answer.body.mid(begin + 6, answer.body.indexOf("</Code>") - begin - 6);
}
}

/// FAULTS F54: a link that was replayed or has leaked does exactly one thing. Over real sockets.
class ObjectsLinksTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void onlyTheIdenticalPutPasses_data();
    void onlyTheIdenticalPutPasses();
    void linkAfterSuccess();
    void tornPutLeavesNothing();
    void linkOfAnEarlierLifeIsOld();
    void secondSenderFromElsewhereIsTheSame();
    void curlIsAClient();
    void curlSendsTheHostThatIsSigned_data();
    void curlSendsTheHostThatIsSigned();
};

using Change = void (*)(Fixture &fixture, Fixture::Request &request);
Q_DECLARE_METATYPE(Change)

void ObjectsLinksTest::onlyTheIdenticalPutPasses_data()
{
    QTest::addColumn<Change>("change");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("code");
    QTest::addColumn<QByteArray>("from");
    // Who holds the link is who may use it: photographers change their network in the middle of a photo. So an address changes nothing either way.
    const auto row = [](const char *name, int status, const char *code, Change change) {
        QTest::newRow(name) << change << status << QByteArray(code) << QByteArray();
        QTest::addRow("%s, from another address", name) << change << status << QByteArray(code) << QByteArray("127.0.0.2");
    };
    using R = Fixture::Request;
    row("as signed -> taken", 200, "", [](Fixture &, R &) {});
    row("verb GET", 403, "AccessDenied", [](Fixture &, R &r) { r.method = "GET"; r.body.clear(); r.set("content-length", {}); });
    row("verb DELETE", 403, "AccessDenied", [](Fixture &, R &r) { r.method = "DELETE"; });
    row("verb POST", 403, "AccessDenied", [](Fixture &, R &r) { r.method = "POST"; });
    row("other part", 403, "SignatureDoesNotMatch", [](Fixture &, R &r) { r.target.replace("/1?", "/2?"); });
    row("other upload", 403, "SignatureDoesNotMatch", [](Fixture &f, R &r) {
        r.target.replace(idText(f.id).toLatin1(), idText(newUuid7()).toLatin1());
    });
    row("an object as the key", 401, "", [](Fixture &, R &r) { r.target.replace("/store/incoming/", "/store/objects/x/"); });
    row("larger body", 403, "SignatureDoesNotMatch", [](Fixture &, R &r) { r.body += "more"; r.set("content-length", QByteArray::number(r.body.size())); });
    row("smaller body", 403, "SignatureDoesNotMatch", [](Fixture &, R &r) { r.body.chop(3); r.set("content-length", QByteArray::number(r.body.size())); });
    row("huge body", 403, "SignatureDoesNotMatch", [](Fixture &, R &r) { r.set("content-length", "99999999999"); r.body.clear(); });
    row("no length", 403, "SignatureDoesNotMatch", [](Fixture &, R &r) {
        r.set("content-length", {});
        r.set("transfer-encoding", "chunked");
        r.body = QByteArray::number(Part.size(), 16) + "\r\n" + Part + "\r\n0\r\n\r\n";
    });
    row("other bytes", 400, "BadDigest", [](Fixture &, R &r) { r.body = Other; });
    row("other bytes with their checksum", 403, "SignatureDoesNotMatch", [](Fixture &, R &r) {
        r.body = Other;
        r.set("x-amz-checksum-sha256", base64Hash(Other));
    });
    row("checksum left out", 403, "SignatureDoesNotMatch", [](Fixture &, R &r) { r.set("x-amz-checksum-sha256", {}); });
    row("longer life", 403, "SignatureDoesNotMatch", [](Fixture &, R &r) { r.target.replace("Expires=300", "Expires=86400"); });
    row("expired", 403, "AccessDenied", [](Fixture &f, R &) { f.clockOffset = 301; });
    row("made for tomorrow", 403, "RequestTimeTooSkewed", [](Fixture &f, R &) { f.clockOffset = -86400; });
    row("anonymous", 403, "AccessDenied", [](Fixture &, R &r) { r.target.truncate(r.target.indexOf('?')); });
    row("signature guessed", 403, "SignatureDoesNotMatch", [](Fixture &, R &r) {
        r.target = r.target.first(r.target.indexOf("Signature=") + 10) + QByteArray(64, 'a');
    });
    row("signature cut", 403, "SignatureDoesNotMatch", [](Fixture &, R &r) { r.target.chop(1); });
    row("half a query", 400, "AuthorizationQueryParametersError", [](Fixture &, R &r) { r.target.replace("X-Amz-Date", "X-Amz-Day"); });
    row("acl changed", 403, "SignatureDoesNotMatch", [](Fixture &, R &r) { r.set("x-amz-acl", "public-read"); });
    row("acl left out", 403, "SignatureDoesNotMatch", [](Fixture &, R &r) { r.set("x-amz-acl", {}); });
    row("grant added", 403, "AccessDenied", [](Fixture &, R &r) { r.set("x-amz-grant-read", "uri=\"http://acs.amazonaws.com/groups/global/AllUsers\""); });
    row("copy source added", 403, "AccessDenied", [](Fixture &, R &r) { r.set("x-amz-copy-source", "/objects/ab/cd/secret"); });
    row("tagging added", 403, "AccessDenied", [](Fixture &, R &r) { r.set("x-amz-tagging", "a=b"); });
    row("other host", 421, "", [](Fixture &, R &r) { r.set("host", "photos.example:80"); });
    row("host by another name", 403, "SignatureDoesNotMatch", [](Fixture &f, R &r) { r.set("host", "localhost:" + QByteArray::number(f.port)); });
    row("key written otherwise", 200, "", [](Fixture &, R &r) { r.target.replace("/incoming/", "/%69ncoming/"); }); // the same key
}

void ObjectsLinksTest::onlyTheIdenticalPutPasses()
{
    QFETCH(Change, change);
    QFETCH(int, status);
    QFETCH(QByteArray, code);
    QFETCH(QByteArray, from);
    Fixture fixture;
    Fixture::Request request = fixture.request(fixture.link, Part);
    request.from = from;
    change(fixture, request);

    const RawAnswer answer = fixture.send(request);

    QCOMPARE(answer.status, status);
    QCOMPARE(s3CodeOf(answer), code);
    QCOMPARE(fixture.store->parts(fixture.id)->size(), status == 200 ? 1 : 0);
    if (status == 200)
        QCOMPARE(answer.headers.value("etag"), QByteArray('"' + sha256(Part).toLatin1() + '"'));
    QVERIFY(!answer.body.contains("X-Amz-Signature") && !answer.body.contains(fixture.folder.path().toLatin1()));
}

void ObjectsLinksTest::linkAfterSuccess()
{
    Fixture fixture;
    const Fixture::Request right = fixture.request(fixture.link, Part);
    QCOMPARE(fixture.send(right).status, 200);

    QCOMPARE(fixture.send(right).status, 200); // the identical PUT: its answer may have been lost
    Fixture::Request elsewhere = right;
    elsewhere.from = "127.0.0.2";
    QCOMPARE(fixture.send(elsewhere).status, 200);
    for (Fixture::Request lying : {right, elsewhere}) {
        lying.body = Other;
        QCOMPARE(s3CodeOf(fixture.send(lying)), QByteArray("BadDigest"));
    }
    const RawAnswer other = fixture.send(fixture.request(fixture.linkFor(1, Other), Other));
    QCOMPARE(other.status, 412);
    QCOMPARE(s3CodeOf(other), QByteArray("PreconditionFailed"));
    QCOMPARE(fixture.store->parts(fixture.id)->first().checksum, sha256(Part));

    QVERIFY(fixture.store->discard(fixture.id));
    const RawAnswer gone = fixture.send(right);
    QCOMPARE(gone.status, 404);
    QCOMPARE(s3CodeOf(gone), QByteArray("NoSuchUpload"));
}

void ObjectsLinksTest::tornPutLeavesNothing()
{
    Fixture fixture;
    QByteArray text = fixture.request(fixture.link, Part).text();
    text.chop(5);

    RawClient ended(fixture.port);
    ended.send(text);
    ended.endSending();
    QCOMPARE(ended.read().status, 0);
    RawClient reset(fixture.port);
    reset.send(text);
    reset.reset();

    QVERIFY(fixture.store->parts(fixture.id)->isEmpty());
    // A thread of its own may admit the torn one after the whole one, which is then told to come again.
    QTRY_COMPARE(fixture.send(fixture.request(fixture.link, Part)).status, 200);
}

void ObjectsLinksTest::linkOfAnEarlierLifeIsOld()
{
    Fixture fixture;
    const Fixture::Request old = fixture.request(fixture.link, Part);

    fixture.openStore();

    QCOMPARE(s3CodeOf(fixture.send(old)), QByteArray("ExpiredToken"));
    QCOMPARE(fixture.send(fixture.request(fixture.linkFor(1, Part), Part)).status, 200);
}

void ObjectsLinksTest::secondSenderFromElsewhereIsTheSame()
{
    Fixture fixture;
    const QByteArray text = fixture.request(fixture.link, Part).text();
    RawClient hanging(fixture.port);
    hanging.send(QByteArrayView(text).chopped(5)); // the network went away under it

    // As above: the hanging one may be admitted after this one, which is then told to come again.
    QTRY_COMPARE(fixture.send(fixture.request(fixture.link, Part)).status, 200);

    hanging.send("xxxxx");
    QVERIFY(hanging.read().status >= 400);
    const auto opened = fixture.store->openAssembled(fixture.id);
    QVERIFY(opened);
    const photo::FileDescriptor file(*opened);
    QByteArray bytes(Part.size(), Qt::Uninitialized);
    QCOMPARE(::pread(file.get(), bytes.data(), static_cast<std::size_t>(bytes.size()), 0), static_cast<ssize_t>(bytes.size()));
    QCOMPARE(bytes, Part);
}

void ObjectsLinksTest::curlIsAClient()
{
    Fixture fixture;
    QFile source(fixture.folder.filePath(u"source"_s));
    const QByteArray photo(3 * 1024 * 1024 + 7, 'p');
    QVERIFY(source.open(QIODevice::WriteOnly) && source.write(photo) == photo.size());
    source.close();
    const QUuid id = newUuid7();
    QVERIFY(fixture.store->begin(id, photo.size(), wire::PartBytes));
    const auto link = fixture.store->links(id, {{1, photo.size(), sha256(photo)}}, "http://" + fixture.host())->first();
    QStringList arguments{u"-sS"_s, u"-v"_s, u"-T"_s, source.fileName(), u"-w"_s, u"%{http_code}"_s};
    for (const auto &[name, value] : link.headers)
        arguments << u"-H"_s << QString::fromLatin1(QByteArray(name + ": " + value));
    arguments << QString::fromLatin1(link.url.toEncoded());
    QByteArray output, talk;

    runCurl(arguments, output, talk);

    QCOMPARE(output, QByteArray("200"));
    QVERIFY(talk.contains("100 Continue"));
    QCOMPARE(fixture.store->parts(id)->first().checksum, sha256(photo));
}

void ObjectsLinksTest::curlSendsTheHostThatIsSigned_data()
{
    QTest::addColumn<QByteArray>("listenAt");
    QTest::addColumn<QByteArray>("dialled"); ///< as the field Host of a desktop's question says it; PORT stands for the server's
    QTest::addColumn<QByteArray>("host");
    QTest::newRow("an address of IPv6") << QByteArray("::1") << QByteArray("[::1]:PORT") << QByteArray("[::1]:PORT");
    QTest::newRow("a name") << QByteArray("127.0.0.1") << QByteArray("photos.example:PORT") << QByteArray("photos.example:PORT");
    QTest::newRow("a name in large letters") << QByteArray("127.0.0.1") << QByteArray("Photos.EXAMPLE:PORT") << QByteArray("photos.example:PORT");
    QTest::newRow("the port that is meant anyway") << QByteArray("127.0.0.1") << QByteArray("photos.example:80") << QByteArray("photos.example");
    QTest::newRow("the same, at an address of IPv6") << QByteArray("::1") << QByteArray("[::1]:80") << QByteArray("[::1]");
}

/// From a question's field Host (`originOf`) to the real PUT behind it; curl's library is what sends parts.
void ObjectsLinksTest::curlSendsTheHostThatIsSigned()
{
    QFETCH(const QByteArray, listenAt);
    QFETCH(QByteArray, dialled);
    QFETCH(QByteArray, host);
    Fixture fixture(listenAt);
    fixture.isLoopbackOnly = false; // else it wants a port in each Host
    fixture.openStore();
    const QByteArray port = QByteArray::number(fixture.port);
    dialled.replace("PORT", port);
    host.replace("PORT", port);
    QFile source(fixture.folder.filePath(u"source"_s));
    QVERIFY(source.open(QIODevice::WriteOnly) && source.write(Part) == Part.size());
    source.close();
    HttpRequest question;
    question.headers.insert("host", dialled);

    const auto links = fixture.store->links(fixture.id, {{1, Part.size(), sha256(Part)}}, originOf(question));
    QVERIFY(links);
    QStringList arguments{u"-sS"_s, u"-v"_s, u"-T"_s, source.fileName(), u"-w"_s, u"%{http_code}"_s, u"--connect-to"_s};
    arguments << u"::%1:%2"_s.arg(listenAt == "::1" ? u"[::1]"_s : u"127.0.0.1"_s).arg(fixture.port);
    for (const auto &[name, value] : links->first().headers)
        arguments << u"-H"_s << QString::fromLatin1(QByteArray(name + ": " + value));
    arguments << u"-g"_s << QString::fromLatin1(links->first().url.toEncoded());
    QByteArray output, talk;
    runCurl(arguments, output, talk);

    QVERIFY2(output == "200", talk.constData());
    QVERIFY2(talk.contains(QByteArray("> Host: " + host + "\r\n")) || talk.contains(QByteArray("> Host: " + host + "\n")), talk.constData());
    QCOMPARE(fixture.store->parts(fixture.id)->first().checksum, sha256(Part));
}

QTEST_GUILESS_MAIN(ObjectsLinksTest)
#include "tst_objectslinks.moc"
