#include "tests/server/apirig.h"
#include "tests/support/rawclient.h"
#include "tests/support/serverrun.h"

#include "models/vocabulary/ids.h"

#include <QFile>
#include <QJsonDocument>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

namespace {
const QByteArray Id = "0190f5d2-0000-7000-8000-000000000001";
const QList<QByteArray> Posts{"/v1/uploads", "/v1/uploads/" + Id + "/links", "/v1/uploads/" + Id + "/commit", "/v1/uploads/" + Id + "/abort", "/v1/status",
                              "/v1/events"};
/// Abort reads no body: its limits are those of every route, its fields nobody's.
const QList<QByteArray> JsonPosts{Posts[0], Posts[1], Posts[2], Posts[4]};
}

/// What the real embedded server takes from anybody at each of its routes, over a socket. The listener's own rules: tst_httpserver.
class TestApiLimits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_server.start());
        QFile token(m_server.tokenFile());
        QVERIFY(token.open(QIODevice::ReadOnly));
        m_token = token.readAll().trimmed();
    }
    void requestIsRefused_data();
    void requestIsRefused();
    void usedKeyIsRefusedWithAnotherBody_data();
    void usedKeyIsRefusedWithAnotherBody();
    void serverStillServes();

private:
    RawAnswer send(const QByteArray &line, const QByteArray &fields, const QByteArray &body)
    {
        RawClient client(static_cast<quint16>(m_server.address().port()));
        return client.ask(QByteArray(line + " HTTP/1.1\r\nHost: " + m_server.address().authority().toLatin1() + "\r\nContent-Length: "
                          + QByteArray::number(body.size()) + "\r\n" + fields + "\r\n" + body));
    }
    QByteArray rightToken() const { return "Authorization: Bearer " + m_token + "\r\n"; }
    static QByteArray freshKey() { return "Idempotency-Key: " + idText(newUuid7()).toLatin1() + "\r\n"; }

    QTemporaryDir m_folder;
    support::ServerRun m_server{m_folder.path()};
    QByteArray m_token;
};

void TestApiLimits::requestIsRefused_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<bool>("hasToken");
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QList<int>>("expected");
    const auto row = [](const QByteArray &what, const QByteArray &line, bool hasToken, const QByteArray &fields, const QByteArray &body, QList<int> expected) {
        QTest::newRow(QByteArray(what + ": " + line).constData()) << line << hasToken << fields << body << expected;
    };
    for (const QByteArray &path : Posts) {
        row("no token", "POST " + path, false, {}, "{}", {401});
        row("wrong token", "POST " + path, false, "Authorization: Bearer 0123456789abcdef\r\n", "{}", {401});
        for (const char *method : {"GET", "PUT", "DELETE", "PATCH", "TRACE"})
            row("wrong method", method + QByteArray(" ") + path, true, {}, {}, {405});
        row("a byte more than 1 MiB", "POST " + path, true, freshKey(), QByteArray(wire::MaxJsonBytes + 1, ' '), {413});
        row("head of 64 KiB", "POST " + path, true, "X-Long: " + QByteArray(65536, 'x') + "\r\n", {}, {431});
    }
    row("no token", "GET /v1/info", false, {}, {}, {401});
    row("a body where none is taken", "GET /v1/info", true, {}, "{}", {413});
    for (const QByteArray &path : JsonPosts) {
        row("no JSON", "POST " + path, true, freshKey(), "sha256=1", {400});
        row("no object", "POST " + path, true, freshKey(), "[]", {400});
        row("33 levels", "POST " + path, true, freshKey(), "{\"a\":" + QByteArray(32, '[') + QByteArray(32, ']') + "}", {400});
        row("100,000 levels", "POST " + path, true, freshKey(), QByteArray(100000, '['), {400});
        row("a key twice", "POST " + path, true, freshKey(), "{\"size\":1,\"size\":2}", {400});
        row("an unknown field", "POST " + path, true, freshKey(), "{\"surplus\":1}", {400});
        row("1e400", "POST " + path, true, freshKey(), "{\"size\":1e400}", {400});
        row("half a surrogate", "POST " + path, true, freshKey(), "{\"name\":\"\\ud800\"}", {400});
        row("gzip where it is not taken", "POST " + path, true, freshKey() + "Content-Encoding: gzip\r\n", "\x1f\x8b", {415});
    }
    const QByteArray question = jsonBytes(wire::toJson(photoOf(1).question));
    row("no key", "POST /v1/uploads", true, {}, question, {400});
    row("a key of 101 letters", "POST /v1/uploads", true, "Idempotency-Key: " + QByteArray(101, 'k') + "\r\n", question, {400});
    row("no key", "POST /v1/events", true, {}, "{}", {400});
}

void TestApiLimits::requestIsRefused()
{
    QFETCH(QByteArray, line);
    QFETCH(bool, hasToken);
    QFETCH(QByteArray, fields);
    QFETCH(QByteArray, body);
    QFETCH(QList<int>, expected);

    const RawAnswer answer = send(line, (hasToken ? rightToken() : QByteArray()) + fields, body);

    QVERIFY2(expected.contains(answer.status), QByteArray::number(answer.status).constData());
    QCOMPARE(answer.headers.value("photolift-api"), QByteArray("1"));
    QVERIFY2(!QJsonDocument::fromJson(answer.body).object().value("code"_L1).toString().isEmpty(), answer.body.constData());
}

void TestApiLimits::usedKeyIsRefusedWithAnotherBody_data()
{
    QTest::addColumn<QByteArray>("path");
    for (const QByteArray &path : {Posts[0], Posts[2], Posts[3], Posts[5]}) // what writes
        QTest::newRow(path.constData()) << path;
}

void TestApiLimits::usedKeyIsRefusedWithAnotherBody()
{
    QFETCH(QByteArray, path);
    const QByteArray key = freshKey();
    const QByteArray question = jsonBytes(wire::toJson(photoOf(1).question));
    QCOMPARE(send("POST /v1/uploads", rightToken() + key, question).status, 200);
    QCOMPARE(send("POST /v1/uploads", rightToken() + key, question).status, 200);
    const wire::MirrorEvent event{newUuid7(), wire::MirrorEvent::Kind::Project, toJson(photoOf(2).question.project)};
    const QByteArray body = path == Posts[0] ? jsonBytes(wire::toJson(photoOf(2).question))
                            : path == Posts[2] ? jsonBytes(wire::toJson(commitOf(photoOf(2))))
                            : path == Posts[5] ? jsonBytes(wire::toJson(event)) + '\n'
                                               : QByteArray();

    const RawAnswer answer = send("POST " + path, rightToken() + key, body);

    QCOMPARE(answer.status, 422);
    QCOMPARE(QJsonDocument::fromJson(answer.body).object().value("code"_L1).toString(), u"API_REQUEST_REFUSED"_s);
}

void TestApiLimits::serverStillServes()
{
    QCOMPARE(send("GET /v1/info", rightToken(), {}).status, 200);
    QCOMPARE(m_server.stop(), 0);
}

QTEST_GUILESS_MAIN(TestApiLimits)
#include "tst_apilimits.moc"
