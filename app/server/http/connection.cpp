#include "app/server/http/connection.h"

#include "app/server/http/accesslog.h"
#include "app/server/http/bodypace.h"
#include "app/server/http/calllimit.h"
#include "app/server/http/headrules.h"
#include "app/server/http/inflate.h"
#include "app/server/http/ondisk.h"
#include "app/server/http/peerstream.h"
#include "app/server/http/pledge.h"
#include "models/vocabulary/ids.h"
#include "models/wire/messages.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <atomic>
#include <exception>
#include <memory>
#include <optional>

// Above 300 lines on purpose: each file that sees Beast's parser costs a minute of compiling.

namespace photolift::server {

using namespace Qt::StringLiterals;
namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using net::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Parser = http::request_parser<http::string_body>;
template <typename T> using Task = net::awaitable<T>;

namespace {
/// One chunk for the disk pool. Each is two changes of thread, and on a busy computer each of them waits its turn: a quarter of this
/// made a photo of 5 MB take 12 % longer.
constexpr std::size_t ChunkBytes = 1024 * 1024;
HttpResponse refusedHead(int status, const QByteArray &why, const HttpRequest &request)
{
    return problemResponse(status, Error{ErrorCode::ApiRequestRefused, QString::fromLatin1(why)}, request);
}

HttpResponse brokenHandler(const HttpRequest &request, const QString &why)
{
    return problemResponse(500, Error{ErrorCode::ApiServerError, why}, request);
}
}

class Connection::Private
{
public:
    Private(tcp::socket socket, ServerParts &shared, Crowd::Place ofAddress, bool tooMany)
        : addressPlace(std::move(ofAddress))
        , peer(std::move(socket), shared.options, shared.tls())
        , parts(shared)
        , isOneTooMany(tooMany)
    {
    }

    /// What became of one request on the wire.
    enum class Next { Keep, Close, Linger };
    struct Reply {
        HttpResponse response;
        Next next = Next::Keep;
        qint64 bodyBytes = 0;
    };

    Task<void> serve();
    Task<Next> serveOne();
    Task<Reply> answer(Parser &parser, HttpRequest &request, const Router::Match &match);
    Task<std::optional<HttpResponse>> collect(Parser &parser, HttpRequest &request, const Route &route, bool &isTorn);
    Task<HttpResponse> handle(const HttpRequest &request, const Handler &handler);
    Task<Reply> takeStream(const HttpRequest &request, const Route &route, std::optional<qint64> length);
    Task<HttpResponse> fill(BodySink &sink, const HttpRequest &request, qint64 length, Reply &reply);
    template <typename Work> Task<void> onDisk(Work work) { return server::onDisk(parts.disk, std::move(work)); }

    std::chrono::milliseconds lingerTime() const;
    bool fillRequest(const Parser &parser, HttpRequest &request, BodyFraming &framing);
    void believeProxy(HttpRequest &request) const;
    std::optional<HttpResponse> admit(HttpRequest &request, const Router::Match &match, const BodyFraming &framing);

    Crowd::Place addressPlace; ///< the listener's to take back
    bool isLeaving = false; ///< the listener's
    std::atomic<bool> isLetIn = false;
    Crowd::Place tokenPlace; ///< of the token of the newest request
    PeerStream peer;
    ServerParts &parts;
    const bool isOneTooMany;
    // All below is touched on the strand only.
    QByteArray peerAddress;
    bool isOfProxy = false; ///< one that is trusted
    bool isAbandoned = false;
    std::shared_ptr<net::steady_timer> answerWait; ///< while a handler's answer is awaited
};

Task<void> Connection::Private::serve()
{
    peerAddress = peer.address();
    isOfProxy = parts.proxies.contains(peerAddress);
    if (!co_await peer.open())
        co_return;
    if (isOneTooMany) {
        HttpRequest nobody;
        nobody.requestId = idText(newUuid7());
        const HttpResponse busy =
            problemResponse(503, Error{ErrorCode::ApiUnavailable, u"too many connections"_s}, nobody, 1);
        if (co_await peer.write(nobody, busy, false))
            co_await peer.linger(lingerTime());
        co_return;
    }
    while (!parts.isStopping) {
        const Next next = co_await serveOne();
        if (next == Next::Linger)
            co_await peer.linger(lingerTime());
        if (next != Next::Keep)
            break;
    }
}

Task<Connection::Private::Next> Connection::Private::serveOne()
{
    const std::size_t headBytes = co_await peer.readHead();
    if (headBytes == 0)
        co_return Next::Close;
    const auto begin = Clock::now();
    if (isOfProxy)
        isLetIn = false; // its next request is another person's

    HttpRequest request;
    request.requestId = idText(newUuid7());
    request.peer = peerAddress;
    request.isSecure = peer.isEncrypted();
    Parser parser;
    parser.header_limit(PeerStream::MaxHeadBytes);
    // The limit of the route comes later; "none" would refuse every length here (Beast 1.74 compares it as smaller than all).
    parser.body_limit(std::uint64_t{1} << 62);
    Reply reply{{}, Next::Linger, 0};
    Router::Match match;
    if (headBytes > PeerStream::MaxHeadBytes) {
        reply.response = refusedHead(431, "head too large", request);
    } else if (const auto fault = faultInHead(peer.bytes().first(static_cast<qsizetype>(headBytes)))) {
        reply.response = refusedHead(400, *fault, request);
    } else {
        error_code ec;
        const std::size_t parsed = parser.put(net::buffer(peer.buffer().data(), headBytes), ec);
        BodyFraming framing;
        if (ec || parsed != headBytes || !parser.is_header_done()) {
            reply.response = refusedHead(400, "head not understood", request);
        } else if (!fillRequest(parser, request, framing)) {
            reply.response = refusedHead(400, "target not understood", request);
        } else {
            peer.buffer().consume(headBytes);
            match = parts.router.find(request.method, request.path);
            request.captures = match.captures;
            believeProxy(request);
            if (auto refusal = admit(request, match, framing)) {
                reply.response = std::move(*refusal);
                if (!framing.hasBody() && parser.keep_alive())
                    reply.next = Next::Keep;
            } else {
                reply = co_await answer(parser, request, match);
            }
        }
    }
    if (isAbandoned)
        co_return Next::Close;
    const bool isKept = reply.next == Next::Keep && !parts.isStopping;
    bool isWritten = co_await peer.write(request, reply.response, isKept);
    if (isWritten && reply.response.source)
        isWritten = co_await peer.writeFrom(*reply.response.source, parts.disk);
    const auto duration = Clock::now() - begin;
    logRequest(request, match.route, reply.response.status, reply.bodyBytes, duration);
    if (parts.options.onAnswered)
        parts.options.onAnswered(match.route, reply.response.status, duration);
    if (!isWritten)
        co_return Next::Close;
    co_return reply.next == Next::Keep && !isKept ? Next::Linger : reply.next;
}

void Connection::Private::believeProxy(HttpRequest &request) const
{
    if (!isOfProxy)
        return;
    request.peer = parts.proxies.clientOf(peerAddress, request.headers.value("x-forwarded-for"));
    const QByteArray scheme = request.headers.value("x-forwarded-proto").trimmed().toLower();
    if (!scheme.isEmpty())
        request.isSecure = scheme == "https";
}

std::optional<HttpResponse> Connection::Private::admit(HttpRequest &request, const Router::Match &match, const BodyFraming &framing)
{
    if (auto refusal = parts.admission.refusal(request, match, framing)) {
        // Who could say whose token it is may have ended: nobody has to sign in anew for that.
        if (refusal->status == 401 && parts.isStopping)
            return problemResponse(503, Error{ErrorCode::ApiUnavailable, u"the server is stopping"_s}, request, 1);
        return refusal;
    }
    isLetIn = isLetIn || match.route->access == Access::Token;
    if (match.route->access != Access::Token || (tokenPlace && tokenPlace.key() == callerKey(request.caller)))
        return std::nullopt;
    tokenPlace = {}; // a proxy's connection carries one token after the other
    tokenPlace = parts.tokens.enter(callerKey(request.caller));
    if (tokenPlace)
        return std::nullopt;
    return problemResponse(429, Error{ErrorCode::ApiRateLimited, u"too many connections of one token"_s}, request, 1);
}

std::chrono::milliseconds Connection::Private::lingerTime() const
{
    return parts.isStopping ? std::min(parts.options.lingerFor, parts.options.drainFor / 4) : parts.options.lingerFor;
}

bool Connection::Private::fillRequest(const Parser &parser, HttpRequest &request, BodyFraming &framing)
{
    const auto bytes = [](beast::string_view text) { return QByteArray(text.data(), static_cast<qsizetype>(text.size())); };
    const auto &head = parser.get();
    request.method = bytes(head.method_string());
    request.target = bytes(head.target());
    for (const auto &field : head)
        request.headers.insert(bytes(field.name_string()).toLower(), bytes(field.value()));
    request.correlation = QUuid::fromString(QLatin1StringView(request.headers.value(QByteArray(wire::CorrelationHeader).toLower())));
    if (const auto length = parser.content_length())
        framing.contentLength = static_cast<qint64>(*length);
    framing.isChunked = parser.chunked();

    const qsizetype mark = request.target.indexOf('?');
    request.query = mark < 0 ? QByteArray() : request.target.sliced(mark + 1);
    const auto path = decodedPath(mark < 0 ? QByteArrayView(request.target) : QByteArrayView(request.target).first(mark));
    if (!path)
        return false;
    request.path = *path;
    return true;
}

Task<Connection::Private::Reply> Connection::Private::answer(Parser &parser, HttpRequest &request, const Router::Match &match)
{
    const Route &route = *match.route;
    const Next afterBody = parser.keep_alive() ? Next::Keep : Next::Close;
    Reply reply{{}, afterBody, 0};
    if (route.sinkMaker) {
        std::optional<qint64> length;
        if (parser.content_length())
            length = static_cast<qint64>(*parser.content_length());
        reply.next = afterBody;
        Reply streamed = co_await takeStream(request, route, length);
        if (streamed.next == Next::Keep)
            streamed.next = afterBody;
        co_return streamed;
    }
    bool isTorn = false;
    if (auto refusal = co_await collect(parser, request, route, isTorn)) {
        reply.response = std::move(*refusal);
        reply.next = parser.is_done() ? afterBody : Next::Linger;
        co_return reply;
    }
    if (isTorn) {
        isAbandoned = true;
        co_return reply;
    }
    reply.bodyBytes = request.body.size();
    reply.response = co_await handle(request, route.handler);
    if (route.access == Access::Signed && reply.response.status < 400)
        isLetIn = true;
    co_return reply;
}

/// Reads the whole body into the request. A refusal, or nullopt; isTorn: the peer is gone or too slow.
Task<std::optional<HttpResponse>> Connection::Private::collect(Parser &parser, HttpRequest &request, const Route &route, bool &isTorn)
{
    if (!parser.is_done()) {
        parser.body_limit(static_cast<std::uint64_t>(route.maxBodyBytes));
        co_await peer.allowBody(request);
        const auto stall = route.access == Access::Open ? std::min(parts.options.bodyStall, parts.options.strangersStall) : parts.options.bodyStall;
        BodyPace pace(stall, parts.options.minimumBodyRate);
        bool needsMore = peer.bytes().isEmpty();
        while (!parser.is_done()) {
            if (needsMore && !co_await peer.readMore(pace)) {
                isTorn = true;
                co_return std::nullopt;
            }
            error_code ec;
            peer.buffer().consume(parser.put(peer.buffer().data(), ec));
            if (ec == http::error::body_limit)
                co_return refusedHead(413, "body over the limit of the route", request);
            // What it cannot take yet is a chunk's head or a trailer: as long as our heads at most.
            const bool isCutShort = ec == http::error::need_more;
            if ((ec && !isCutShort) || (isCutShort && peer.bytes().size() > static_cast<qsizetype>(PeerStream::MaxHeadBytes)))
                co_return refusedHead(400, "body not understood", request);
            needsMore = isCutShort || peer.bytes().isEmpty();
        }
    }
    const std::string &body = parser.get().body();
    request.body = QByteArray(body.data(), static_cast<qsizetype>(body.size()));
    if (request.headers.value("content-encoding").toLower() != "gzip")
        co_return std::nullopt;
    Inflated plain;
    const QByteArray packed = request.body;
    co_await onDisk([&plain, &packed, &route] { plain = inflated(packed, route.maxBodyBytes); });
    switch (plain.end) {
    case Inflated::End::Whole:
        request.body = std::move(plain.bytes);
        co_return std::nullopt;
    case Inflated::End::TooLarge:
        co_return refusedHead(413, "the gzip body inflates beyond its limit", request);
    case Inflated::End::Damaged:
        request.isBodyDamaged = route.isDamagedGzipKept;
        if (request.isBodyDamaged)
            co_return std::nullopt;
        co_return refusedHead(400, "the gzip body is damaged or cut", request);
    case Inflated::End::NotBegun:
        break;
    }
    co_return problemResponse(500, Error{ErrorCode::ApiServerError, u"zlib does not start"_s}, request);
}

Task<HttpResponse> Connection::Private::handle(const HttpRequest &request, const Handler &handler)
{
    const auto executor = peer.executor();
    auto timer = std::make_shared<net::steady_timer>(executor, Clock::time_point::max());
    // Posted, so that a handler that answers at once, on this very thread, finds nobody half asleep.
    auto slot = std::make_shared<AnswerSlot>([executor, timer] { net::post(executor, [timer] { timer->cancel(); }); });
    QString failure;
    try {
        // Made without problemResponse(): most requests are answered, and this one would be logged each time.
        HttpResponse unanswered;
        unanswered.status = 500;
        handler(request, responderFor(slot, unanswered));
    } catch (const std::exception &exception) {
        failure = QString::fromLocal8Bit(exception.what());
    } catch (...) {
        failure = u"an exception of unknown kind"_s;
    }
    if (!failure.isEmpty())
        slot->put(brokenHandler(request, failure));

    if (!slot->isFilled()) {
        answerWait = timer;
        error_code ec;
        peer.noDeadline();
        co_await timer->async_wait(net::redirect_error(net::use_awaitable, ec));
        answerWait.reset();
    }
    std::optional<HttpResponse> response = slot->close();
    if (!response)
        isAbandoned = true;
    else if (response->status == 500 && response->body.isEmpty())
        response = brokenHandler(request, u"the handler dropped the request"_s);
    co_return response ? std::move(*response) : HttpResponse{};
}

Task<Connection::Private::Reply> Connection::Private::takeStream(const HttpRequest &request, const Route &route, std::optional<qint64> length)
{
    Reply reply{{}, Next::Linger, 0};
    std::variant<std::unique_ptr<BodySink>, HttpResponse> made;
    const qint64 announced = length.value_or(-1);
    co_await onDisk([&made, &route, &request, announced] { made = route.sinkMaker(request, announced); });
    if (auto *refusal = std::get_if<HttpResponse>(&made)) {
        reply.response = std::move(*refusal);
        if (reply.response.status < 400) // an answer to a signed link, and no refusal
            isLetIn = true;
        if (announced == 0)
            reply.next = Next::Keep;
        co_return reply;
    }
    isLetIn = true;
    std::unique_ptr<BodySink> sink = std::move(std::get<0>(made));
    if (!length || sink == nullptr) {
        reply.response = length ? brokenHandler(request, u"no sink"_s) : refusedHead(411, "no Content-Length", request);
    } else {
        co_await peer.allowBody(request);
        std::exception_ptr failure;
        try {
            reply.response = co_await fill(*sink, request, *length, reply);
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure) {
            co_await onDisk([&sink] { sink.reset(); });
            std::rethrow_exception(failure);
        }
    }
    co_await onDisk([&sink] { sink.reset(); });
    co_return reply;
}

/// Carries the body from the socket to the sink, one chunk in flight. Sets what comes next on the connection.
Task<HttpResponse> Connection::Private::fill(BodySink &sink, const HttpRequest &request, qint64 length, Reply &reply)
{
    // Not filled with zeros: pages that no byte came for cost no memory, however many links are begun and left hanging.
    const auto chunkBytes = std::min<qint64>(length, ChunkBytes);
    const auto chunk = std::make_unique_for_overwrite<char[]>(static_cast<std::size_t>(chunkBytes));
    BodyPace pace(parts.options.bodyStall, parts.options.minimumBodyRate);
    qint64 left = length;
    while (left > 0) {
        const auto wanted = static_cast<std::size_t>(std::min(left, chunkBytes));
        if (!co_await peer.readBody(chunk.get(), wanted, pace)) {
            isAbandoned = true; // torn: nobody is there to be told
            co_return HttpResponse{};
        }
        left -= static_cast<qint64>(wanted);
        reply.bodyBytes += static_cast<qint64>(wanted);
        Result<> written;
        const QByteArrayView bytes(chunk.get(), static_cast<qsizetype>(wanted));
        co_await onDisk([&written, &sink, bytes] { written = sink.write(bytes); });
        if (!written) {
            if (left == 0)
                reply.next = Next::Keep;
            co_return problemResponse(httpStatusFor(written.error().code), written.error(), request);
        }
        if (isAbandoned)
            co_return HttpResponse{};
    }
    HttpResponse response;
    co_await onDisk([&response, &sink] { response = sink.finish(); });
    reply.next = Next::Keep;
    co_return response;
}

Connection::Connection(tcp::socket socket, ServerParts &parts, Crowd::Place place, bool isOneTooMany)
    : d(new Private(std::move(socket), parts, std::move(place), isOneTooMany))
{
}

Connection::~Connection() = default;

void Connection::start(std::function<void()> onEnd)
{
    net::co_spawn(d->peer.executor(), d->serve(), [self = shared_from_this(), onEnd = std::move(onEnd)](std::exception_ptr failure) {
        if (failure) {
            try {
                std::rethrow_exception(failure);
            } catch (const std::exception &exception) {
                logTrouble({}, u"a connection ended by an exception: "_s % QString::fromLocal8Bit(exception.what()));
            } catch (...) {
                logTrouble({}, u"a connection ended by an unknown exception"_s);
            }
        }
        self->d->peer.close();
        onEnd();
    });
}

void Connection::stopSoon()
{
    net::post(d->peer.executor(), [self = shared_from_this()] {
        if (self->d->peer.isIdle())
            self->d->peer.close();
    });
}

void Connection::abandon()
{
    net::post(d->peer.executor(), [self = shared_from_this()] {
        self->d->isAbandoned = true;
        if (self->d->answerWait)
            self->d->answerWait->cancel();
        self->d->peer.close();
    });
}

bool Connection::isStranger() const
{
    return !d->isLetIn && !d->isLeaving && !d->isOneTooMany;
}

Crowd::Place Connection::leave()
{
    d->isLeaving = true;
    abandon();
    return std::move(d->addressPlace);
}

bool Connection::isLeaving() const
{
    return d->isLeaving;
}

const QByteArray &Connection::addressKey() const
{
    return d->addressPlace.key();
}

} // namespace photolift::server
