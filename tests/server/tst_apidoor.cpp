#include "app/server/http/httpserver.h"
#include "app/server/people/devicetoken.h"
#include "app/server/people/peopletable.h"
#include "models/transfer/gzip.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"
#include "tests/server/recordsearch.h"
#include "tests/support/rawclient.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

/// What the API says to one who asks too often, and of a body that was damaged on its way: over a socket, with device tokens.
class TestApiDoor : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void limitsAreThoseOfC27();
    void exchangesOfOneDeviceTokenAreLimited();
    void refusedExchangesOfOneAddressAreLimited();
    void linksAreCountedWhoeverGivesThem();
    void linksThatWereNotGivenAreNotCounted();
    void batchOfDamagedGzipIsSetAsideWhole();
    void cleanup()
    {
        m_server.reset(); // before the API that it asks
        rig.reset();
    }

private:
    void prepare() override { } // each function sets its limits first
    void serve();
    QByteArray newToken(const QString &person);
    RawAnswer send(const QByteArray &line, const QByteArray &token, const QByteArray &body, const QByteArray &fields = {});
    RawAnswer exchange(const QByteArray &deviceToken, const QByteArray &from = "10.0.0.1");
    QByteArray signedIn(const QByteArray &deviceToken);
    RawAnswer ask(const QByteArray &token, const Photo &photo);
    RawAnswer links(const QByteArray &token, const QByteArray &uploadId, const Photo &photo, int count);

    std::unique_ptr<server::HttpServer> m_server;
    quint16 m_port = 0;
};

namespace {

QJsonObject jsonOf(const RawAnswer &answer)
{
    return QJsonDocument::fromJson(answer.body).object();
}

/// Told to come again, after a time that is neither nothing nor longer than a minute.
bool isAskedToWait(const RawAnswer &answer)
{
    const int seconds = answer.headers.value("retry-after").toInt();
    return answer.status == 429 && jsonOf(answer).value("code"_L1) == "API_RATE_LIMITED"_L1 && seconds >= 1 && seconds <= 60;
}

/// A photo of so many parts that its question names all of; nobody sends them.
Photo ofParts(int seed, int count)
{
    Photo photo = photoOf(seed);
    wire::Question &question = photo.question;
    question.size = count * wire::PartBytes;
    question.attempt.fileSize = question.size;
    question.sha256 = sha256Of(QByteArray::number(seed));
    for (int number = 1; number <= count; ++number)
        question.parts.append({number, wire::PartBytes, sha256Of(QByteArray::number(number))});
    return photo;
}

} // namespace

void TestApiDoor::serve()
{
    rig->options.lookAtTokensEvery = std::chrono::milliseconds(100);
    rig->start();
    rig->change(u"INSERT INTO server_accounts (account_id, account_name, account_type, created_ms) VALUES ('studio', 'Studio', 'organisation', 0)"_s);
    for (const QString &person : {u"anna"_s, u"bert"_s}) {
        rig->change(
            u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms) VALUES ('%1', 'studio', '%1', 'photographer', 0)"_s.arg(person));
    }
    server::HttpServer::Options options;
    options.trustedProxies = {"127.0.0.1"};
    m_server = std::make_unique<server::HttpServer>(options, rig->api->routes(), [this](QByteArrayView token) { return rig->api->recognise(token); });
    const Result<quint16> port = m_server->start();
    QVERIFY(port);
    m_port = *port;
}

QByteArray TestApiDoor::newToken(const QString &person)
{
    const QByteArray token = server::newDeviceToken();
    rig->onDatabase([&](const QSqlDatabase &database) {
        const qint64 now = nowMs();
        if (!server::PeopleTable(database).addToken(person, {newUuid7(), u"laptop"_s, now, now + 3'600'000, {}}, server::hashOfDeviceToken(token)))
            qFatal("no device token");
    });
    return token;
}

RawAnswer TestApiDoor::send(const QByteArray &line, const QByteArray &token, const QByteArray &body, const QByteArray &fields)
{
    RawClient client(m_port);
    QByteArray head = line + " HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(m_port) + "\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n";
    if (!token.isEmpty())
        head += "Authorization: Bearer " + token + "\r\n";
    if (line.startsWith("POST") && !fields.contains("Idempotency-Key"))
        head += "Idempotency-Key: " + idText(newUuid7()).toLatin1() + "\r\n";
    return client.ask(QByteArray(head + fields + "\r\n" + body));
}

RawAnswer TestApiDoor::exchange(const QByteArray &deviceToken, const QByteArray &from)
{
    return send("POST /v1/token", {}, jsonBytes(wire::toJson(wire::TokenRequest{QString::fromLatin1(deviceToken)})), "X-Forwarded-For: " + from + "\r\n");
}

QByteArray TestApiDoor::signedIn(const QByteArray &deviceToken)
{
    const Result<wire::TokenAnswer> answer = wire::tokenAnswerFromJson(jsonOf(exchange(deviceToken)));
    return answer ? answer->accessToken.toLatin1() : QByteArray();
}

RawAnswer TestApiDoor::ask(const QByteArray &token, const Photo &photo)
{
    return send("POST /v1/uploads", token, jsonBytes(wire::toJson(photo.question)));
}

RawAnswer TestApiDoor::links(const QByteArray &token, const QByteArray &uploadId, const Photo &photo, int count)
{
    return send("POST /v1/uploads/" + uploadId + "/links", token, jsonBytes(wire::toJson(wire::LinkRequest{photo.question.parts.first(count)})));
}

void TestApiDoor::limitsAreThoseOfC27()
{
    const server::UploadApi::Options standard;

    QCOMPARE(standard.eventBatchesPerMinute, 60);
    QCOMPARE(standard.linksPerMinute, 6000);
    QCOMPARE(standard.exchangesPerMinute, 5);
    QCOMPARE(standard.refusedExchangesPerMinute, 20);
}

void TestApiDoor::exchangesOfOneDeviceTokenAreLimited()
{
    rig->options.exchangesPerMinute = 3; // so that the next one is 20 s away, however busy this computer is
    serve();
    const QByteArray laptop = newToken(u"anna"_s);
    const QByteArray desktop = newToken(u"anna"_s);

    for (int i = 0; i < 3; ++i)
        QCOMPARE(exchange(laptop).status, 200);

    QVERIFY(isAskedToWait(exchange(laptop)));
    QVERIFY(isAskedToWait(exchange(laptop, "10.0.0.2"))); // from wherever it comes
    QCOMPARE(exchange(desktop).status, 200);
}

void TestApiDoor::refusedExchangesOfOneAddressAreLimited()
{
    rig->options.refusedExchangesPerMinute = 3;
    serve();
    const QByteArray laptop = newToken(u"anna"_s);

    for (int i = 0; i < 4; ++i)
        QCOMPARE(exchange(laptop).status, 200); // right ones are an office's
    for (int i = 0; i < 3; ++i)
        QCOMPARE(exchange(server::newDeviceToken()).status, 401);

    QVERIFY(isAskedToWait(exchange(server::newDeviceToken())));
    QVERIFY(isAskedToWait(exchange(newToken(u"bert"_s)))); // who guesses is not told that this one was right
    QCOMPARE(exchange(laptop, "10.0.0.2").status, 200);
}

void TestApiDoor::linksAreCountedWhoeverGivesThem()
{
    rig->options.linksPerMinute = 20; // one in 3 s
    serve();
    const QByteArray anna = signedIn(newToken(u"anna"_s));
    const QByteArray bert = signedIn(newToken(u"bert"_s));
    const Photo photo = ofParts(1, 16);

    const RawAnswer offer = ask(anna, photo);
    QCOMPARE(offer.status, 200);
    QCOMPARE(jsonOf(offer).value("links"_L1).toArray().size(), 16);
    const QByteArray uploadId = jsonOf(offer).value("upload_id"_L1).toString().toLatin1();
    QVERIFY(isAskedToWait(links(anna, uploadId, photo, 16)));
    QVERIFY(isAskedToWait(ask(anna, ofParts(2, 16))));
    QCOMPARE(links(anna, uploadId, photo, 2).status, 200); // of the four that were left, less the one call that was refused
    QVERIFY(QTest::qWaitFor([&] { return isAskedToWait(send("GET /v1/photos/" + uploadId + "/link", anna, {})); }));
    Photo later = ofParts(3, 16);
    later.question.parts.clear();
    QCOMPARE(ask(anna, later).status, 200); // no part is named: no link is made
    const RawAnswer others = ask(bert, ofParts(4, 16));
    QCOMPARE(others.status, 200);
    QCOMPARE(jsonOf(others).value("links"_L1).toArray().size(), 16);
}

void TestApiDoor::linksThatWereNotGivenAreNotCounted()
{
    rig->options.linksPerMinute = 4; // one in 15 s
    serve();
    const QByteArray token = signedIn(newToken(u"anna"_s));
    Photo photo = photoOf(1);
    rig->caller = {u"studio"_s, u"anna"_s, Role::Photographer, {}};
    QCOMPARE(rig->upload(photo).status, Status::Succeeded);
    photo.question.parts = {{1, photo.question.size, photo.sha256}};

    for (int i = 0; i < 12; ++i) {
        const RawAnswer answer = ask(token, nextAttempt(photo));
        QCOMPARE(answer.status, 200);
        QCOMPARE(jsonOf(answer).value("answer"_L1), u"duplicate"_s);
    }
}

void TestApiDoor::batchOfDamagedGzipIsSetAsideWhole()
{
    serve();
    const QByteArray token = signedIn(newToken(u"anna"_s));
    const Photo photo = photoOf(1, u"Wedding/IMG_0001.JPG"_s);
    QByteArray lines;
    for (const auto &[kind, row] : {std::pair(wire::MirrorEvent::Kind::Project, toJson(photo.question.project)),
                                    std::pair(wire::MirrorEvent::Kind::Batch, toJson(photo.question.batch)),
                                    std::pair(wire::MirrorEvent::Kind::Attempt, toJson(photo.question.attempt))})
        lines += jsonBytes(wire::toJson(wire::MirrorEvent{newUuid7(), kind, row})) + '\n';
    const QByteArray packed = transfer::gzipped(lines);
    const QByteArray fields = "Content-Encoding: gzip\r\nIdempotency-Key: " + idText(newUuid7()).toLatin1() + "\r\n";

    const RawAnswer refused = send("POST /v1/events", token, packed.chopped(20), fields);

    QCOMPARE(refused.status, 400);
    QCOMPARE(jsonOf(refused).value("code"_L1), u"API_REQUEST_REFUSED"_s); // the mirror sends it by halves, and keeps it until it is taken
    QCOMPARE(rowsOf(*rig, u"SELECT user_id, error FROM staging_batch"_s), QStringList{u"anna|the gzip body is damaged or cut"_s});
    const QString kept = rig->sql(u"SELECT payload FROM staging_batch"_s).toString();
    QVERIFY(kept.contains(QLatin1StringView(packed.chopped(20).toBase64())));
    QVERIFY(kept.contains(idText(photo.question.project.projectId))); // readable, as far as it came: a purge finds it
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_attempts"_s), 0);

    // The same batch, whole this time: its key is not used up.
    const RawAnswer taken = send("POST /v1/events", token, packed, fields);
    QCOMPARE(taken.status, 200);
    QCOMPARE(jsonOf(taken).value("applied"_L1).toInt(), 3);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM staging_batch"_s), 1);
}

QTEST_GUILESS_MAIN(TestApiDoor)
#include "tst_apidoor.moc"
