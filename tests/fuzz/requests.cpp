#include "app/server/http/headrules.h"
#include "app/server/http/httpserver.h"
#include "app/server/http/inflate.h"
#include "models/wire/messages.h"
#include "tests/fuzz/fuzzing.h"

#include <QElapsedTimer>
#include <QJsonObject>
#include <QLoggingCategory>
#include <QSet>

#include <algorithm>
#include <cstdio>

#ifndef PHOTOLIFT_LIBFUZZER
#include "models/transfer/gzip.h"
#include "tests/support/rawclient.h"

#include <atomic>
#endif

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::server;
using fuzz::hold;

namespace {

constexpr qint64 MostBody = 64 * 1024;

bool hasControl(QByteArrayView text)
{
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void checkPath(const QByteArray &path)
{
    hold(path.startsWith('/') && !hasControl(path), "a path is one line and absolute");
    const QList<QByteArray> segments = path.split('/');
    hold(!segments.contains("..") && !segments.contains("."), "a path leads nowhere else");
}

/// Reads a head that was let through once more, in the plainest way: no two readers may understand it differently.
void checkHead(const QByteArray &head)
{
    hold(head.count('\n') == head.count("\r\n") && head.count('\r') == head.count("\r\n") && !head.contains('\0'), "lines end in one way");
    QSet<QByteArray> names;
    const QList<QByteArray> lines = head.split('\n');
    for (qsizetype i = 1; i + 2 < lines.size(); ++i) { // behind the request line, before the empty one
        const QByteArray name = lines[i].left(lines[i].indexOf(':')).toLower();
        hold(name == name.trimmed() && !name.isEmpty() && !names.contains(name), "each field has a name, and stands there once");
        names.insert(name);
    }
    hold(names.contains("host"), "who is dialled is said");
    hold(!names.contains("content-length") || !names.contains("transfer-encoding"), "a body ends in one place");
}

void readBody(const QByteArray &body)
{
    hold(inflated(body, MostBody).bytes.size() <= MostBody, "inflated within the limit");
    const Result<QJsonObject> object = wire::parseObject(body);
    if (!object)
        return;
    const auto tried = [](const auto &result) { return bool(result); };
    static_cast<void>(tried(wire::tokenRequestFromJson(*object)) || tried(wire::questionFromJson(*object))
                      || tried(wire::linkRequestFromJson(*object)) || tried(wire::commitFromJson(*object))
                      || tried(wire::mirrorEventFromJson(*object)));
    if (const auto query = wire::statusQueryFromJson(*object)) {
        const auto again = wire::statusQueryFromJson(wire::toJson(*query));
        hold(again && again->uploads.size() == query->uploads.size(), "what was believed stays what it is");
    }
}

/// Everything that is judged without a socket. True: the head was let through.
bool read(const QByteArray &request)
{
    const qsizetype end = request.indexOf("\r\n\r\n");
    const QByteArray head = end < 0 ? request : request.first(end + 4);
    const bool isLetThrough = !faultInHead(head);
    if (isLetThrough)
        checkHead(head);
    const QList<QByteArray> line = head.left(head.indexOf("\r\n")).split(' ');
    if (const auto path = decodedPath(line.value(1).split('?').first()))
        checkPath(*path);
    if (end >= 0)
        readBody(request.sliced(end + 4));
    return isLetThrough;
}

} // namespace

/// For libFuzzer, see README.md.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read(QByteArray(reinterpret_cast<const char *>(data), static_cast<qsizetype>(size)));
    return 0;
}

#ifndef PHOTOLIFT_LIBFUZZER
namespace {

constexpr char Token[] = "token-of-the-fuzzer";

/// The real listener, with a route of each kind behind it that looks at what it gets.
class Door
{
public:
    Door()
        : m_server(options(), routes(), recognised)
    {
        const auto started = m_server.start();
        hold(bool(started), "it listens");
        m_port = *started;
    }

    /// Sends the request on a connection of its own, and reads to the end what comes back: the status of each answer.
    QList<int> ask(const QByteArray &request)
    {
        const int before = m_calls;
        test::RawClient client(m_port, std::chrono::seconds(10));
        hold(client.isConnected(), "it still listens");
        client.send(request);
        client.endSending();
        QList<int> answers;
        while (const int status = client.read().status) {
            hold(status >= 100 && status < 600 && status != 500, "an answer is one, and no handler broke");
            answers.append(status);
        }
        hold(client.isClosedWithin(std::chrono::seconds(10)), "what has no answer is closed");
        const qsizetype signedIn = request.count(Token);
        hold(m_calls - before <= signedIn, "nobody calls without a token");
        return answers;
    }

    QByteArray head(const QByteArray &line, const QByteArray &fields) const
    {
        return line + " HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(m_port) + "\r\n" + fields + "\r\n";
    }

private:
    static HttpServer::Options options()
    {
        HttpServer::Options options;
        options.lingerFor = std::chrono::milliseconds(200);
        return options;
    }

    static std::optional<Caller> recognised(QByteArrayView token)
    {
        return token == QByteArrayView(Token) ? std::optional(Caller{u"account"_s, u"user"_s, Role::Photographer, {}}) : std::nullopt;
    }

    static void check(const HttpRequest &request)
    {
        checkPath(request.path);
        hold(!hasControl(request.target) && !hasControl(request.query) && !request.target.contains(' '), "a target is one word");
        for (auto field = request.headers.cbegin(); field != request.headers.cend(); ++field)
            hold(field.key() == field.key().toLower() && !field.value().contains('\n') && !field.value().contains('\0'), "a field is one line");
        hold(request.body.size() <= MostBody, "no body beyond its limit");
        for (const QByteArray &capture : request.captures)
            hold(!capture.isEmpty() && !capture.contains('/'), "a name in a path is one segment");
    }

    class Sink final : public BodySink
    {
    public:
        explicit Sink(qint64 announced) : m_announced(announced) {}
        Result<> write(QByteArrayView chunk) override
        {
            m_written += chunk.size();
            hold(m_written <= m_announced, "no more than announced");
            return {};
        }
        HttpResponse finish() override
        {
            hold(m_written == m_announced, "all that was announced");
            return {};
        }

    private:
        qint64 m_announced;
        qint64 m_written = 0;
    };

    QList<Route> routes()
    {
        static constexpr RouteRight Post{"post", "POST", "/v1/post/{id}", Access::Token, RoleSet::of(Role::Photographer)};
        static constexpr RouteRight Health{"health", "GET", "/healthz", Access::Open, {}};
        static constexpr RouteRight Put{"put", "PUT", "/parts/{name}", Access::Signed, {}};
        Route post(Post);
        post.maxBodyBytes = MostBody;
        post.isGzipAccepted = true;
        post.handler = [this](const HttpRequest &request, const Responder &answer) {
            ++m_calls;
            check(request);
            hold(request.caller.accountId == u"account"_s, "somebody calls");
            readBody(request.body);
            answer({});
        };
        Route health(Health);
        health.handler = [](const HttpRequest &request, const Responder &answer) {
            check(request);
            answer({});
        };
        Route put(Put);
        put.maxBodyBytes = MostBody;
        put.sinkMaker = [](const HttpRequest &request, qint64 length) -> std::variant<std::unique_ptr<BodySink>, HttpResponse> {
            check(request);
            hold(length <= MostBody, "no part beyond its limit");
            if (length < 0)
                return problemResponse(411, Error{ErrorCode::ApiRequestRefused, {}}, request);
            return std::make_unique<Sink>(length);
        };
        return {post, health, put};
    }

    std::atomic<int> m_calls = 0; ///< that take a token
    HttpServer m_server;
    quint16 m_port = 0;
};

/// `LENGTH` in the head becomes that of the body, after both were damaged: most damage is to reach the reader behind it.
struct Whole {
    QByteArray head;
    QByteArray body;
};

QByteArray text(const Whole &whole, const QByteArray &length)
{
    return QByteArray(whole.head).replace("LENGTH", length) + whole.body;
}

QList<Whole> seeds(const Door &door)
{
    const QByteArray token = QByteArray("Authorization: Bearer ") + Token + "\r\n";
    const QByteArray json = R"({"uploads":[{"upload_id":"018f3c5e-7d6a-7cc3-98c4-dc0c0c07398f","version":3}],"wait_seconds":20})";
    const QByteArray packed = transfer::gzipped(json);
    const QByteArray line = "POST /v1/post/018f3c5e";
    return {{door.head("GET /healthz", {}), {}},
            {door.head(line, token + "Content-Length: LENGTH\r\n"), json},
            {door.head(line, token + "Transfer-Encoding: chunked\r\n"), QByteArray::number(json.size(), 16) + "\r\n" + json + "\r\n0\r\n\r\n"},
            {door.head(line, token + "Content-Encoding: gzip\r\nContent-Length: LENGTH\r\n"), packed},
            {door.head(line, token + "Expect: 100-continue\r\nContent-Length: LENGTH\r\n"), json},
            {door.head("PUT /parts/1?X-Amz-Expires=300", "Content-Length: LENGTH\r\n"), QByteArray(3000, 'p')},
            {door.head("GET /healthz", {}) + door.head(line, token + "Content-Length: LENGTH\r\n"), json}};
}

QByteArray damaged(Whole whole, fuzz::Dice &dice)
{
    static const QByteArrayList HeadPieces{"\r\n", "\n", " ", "\t", QByteArray("\0", 1), ":", "Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\n", "Host: b\r\n",
                                           "/../", "/%2e%2e/", "%00", "%2f", "//", "?", "#", "Expect: 100-continue\r\n", "Content-Encoding: gzip\r\n", "HTTP/1.0",
                                           "HTTP/2.0", "\xff", "99999999999999999999", "-1", "0x10", "Connection: close\r\n", "Origin: http://elsewhere.example\r\n",
                                           "Authorization: Bearer other\r\n", "X-Correlation: \r\n", "\r\n\r\n"};
    static const QByteArrayList BodyPieces{"{", "[[[[[[[[", "\"", "null", "-1e400", "-99999", "99999999999999999999", "\\ud800", "\xc3\x28", "\r\n", "0\r\n\r\n",
                                           "ffffffffffffffff\r\n", "-1\r\n", ";x=y\r\n", "GET /healthz HTTP/1.1\r\n\r\n"};
    const auto damage = [&dice](QByteArray &bytes, const QByteArrayList &pieces) {
        for (qsizetype change = dice.below(3) + 1; change > 0 && !bytes.isEmpty(); --change) {
            const qsizetype at = dice.below(bytes.size());
            const qsizetype lineEnd = bytes.indexOf("\r\n", at);
            switch (dice.below(6)) {
            case 0: // where a line begins
                bytes.insert(lineEnd < 0 ? at : lineEnd + 2, dice.oneOf(pieces));
                break;
            case 1: // within the target
                bytes.insert(std::min(bytes.size(), bytes.indexOf('/') + 1 + dice.below(8)), dice.oneOf(pieces));
                break;
            default:
                fuzz::damageAt(bytes, at, pieces, dice);
            }
        }
    };
    const qsizetype where = dice.below(4);
    if (where != 0)
        damage(whole.head, HeadPieces);
    if (where == 0 || where == 3)
        damage(whole.body, BodyPieces);
    return text(whole, dice.below(10) == 0 ? dice.oneOf(HeadPieces) : QByteArray::number(whole.body.size()));
}

} // namespace

/// fuzz_requests [COUNT [SEED]]: so many damaged requests, the same ones for the same seed, read in memory; one in SocketShare of them is
/// sent to the real listener, too.
int main(int argc, char **argv)
{
    constexpr qint64 SocketShare = 40;
    QLoggingCategory::setFilterRules(u"*=false"_s);
    fuzz::Order order(argc, argv, 100'000);
    Door door;
    const QList<Whole> whole = seeds(door);
    for (const Whole &request : whole) {
        const QByteArray bytes = text(request, QByteArray::number(request.body.size()));
        hold(read(bytes), "the whole ones are let through");
        const QList<int> answers = door.ask(bytes);
        hold(!answers.isEmpty() && answers.last() == 200, "the whole ones are answered");
    }
    qint64 letThrough = 0;
    qint64 sent = 0;
    qint64 answered = 0;
    QElapsedTimer timer;
    timer.start();
    for (qint64 i = 0; i < order.count; ++i) {
        const QByteArray bytes = damaged(order.dice.oneOf(whole), order.dice);
        letThrough += read(bytes);
        if (i % SocketShare == 0) {
            ++sent;
            answered += door.ask(bytes).contains(200);
        }
    }
    std::printf("%lld damaged requests in %lld ms, %lld let through; %lld sent, %lld of them answered 200\n", static_cast<long long>(order.count),
                static_cast<long long>(timer.elapsed()), static_cast<long long>(letThrough), static_cast<long long>(sent), static_cast<long long>(answered));
    hold(letThrough > order.count / 1000 && letThrough < order.count, "damage reaches the reader and is seen by it");
    hold(answered > 0 && answered < sent, "and by the listener");
    return 0;
}
#endif
