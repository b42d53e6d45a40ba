#include "app/server/http/connection.h"

#include "app/server/http/accesslog.h"
#include "app/server/http/bodypace.h"
#include "app/server/http/headrules.h"
#include "app/server/http/inflate.h"
#include "app/server/http/pledge.h"
#include "app/server/http/responsehead.h"
#include "models/vocabulary/ids.h"
#include "models/wire/messages.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <exception>
#include <optional>
#include <vector>

// This file is above 300 lines on purpose: each file that sees Beast costs a minute of compiling.

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
constexpr std::size_t MaxHeadBytes = 16 * 1024;
/// Less than this is read in steps of 512 bytes, at six times the CPU.
constexpr std::size_t ReadBytes = 64 * 1024;
/// One chunk for the disk pool. Each is two changes of thread, and on a busy computer each of them waits its turn: a quarter of this
/// made a photo of 5 MB take 12 % longer.
constexpr std::size_t ChunkBytes = 1024 * 1024;
/// What is thrown away behind a refusal: a whole part may be on its way already.
constexpr std::size_t LingerBytes = 17 * 1024 * 1024;

QByteArrayView view(const beast::flat_buffer &buffer)
{
    return {static_cast<const char *>(buffer.data().data()), static_cast<qsizetype>(buffer.size())};
}

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
    Private(tcp::socket socket, ServerParts &shared, bool tooMany)
        : stream(std::move(socket))
        , parts(shared)
        , isOneTooMany(tooMany)
    {
        buffer.reserve(ReadBytes);
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
    Task<std::size_t> readHead();
    Task<Reply> answer(Parser &parser, HttpRequest &request, const Router::Match &match);
    Task<std::optional<HttpResponse>> collect(Parser &parser, HttpRequest &request, const Route &route, bool &isTorn);
    Task<HttpResponse> handle(const HttpRequest &request, const Handler &handler);
    Task<Reply> takeStream(const HttpRequest &request, const Route &route, std::optional<qint64> length);
    Task<HttpResponse> fill(BodySink &sink, const HttpRequest &request, qint64 length, Reply &reply);
    Task<void> allowBody(const HttpRequest &request);
    Task<bool> write(const HttpRequest &request, const HttpResponse &response, bool isKept);
    Task<void> linger();
    template <typename Work> Task<void> onDisk(Work work);

    bool fillRequest(const Parser &parser, HttpRequest &request, BodyFraming &framing);
    void close();

    beast::tcp_stream stream;
    ServerParts &parts;
    const bool isOneTooMany;
    beast::flat_buffer buffer;
    QByteArray peer;
    // All below is touched on the strand only.
    bool isFirst = true;
    bool isIdle = false;      ///< between two requests, no byte of the next one yet
    bool isAbandoned = false;
    std::shared_ptr<net::steady_timer> answerWait; ///< while a handler's answer is awaited
};

/// Runs `work` on the disk pool and comes back to the strand. The frame of the caller lives until then.
template <typename Work> Task<void> Connection::Private::onDisk(Work work)
{
    std::exception_ptr failure;
    net::thread_pool &pool = parts.disk;
    auto initiate = [&work, &failure, &pool](auto handler) {
        net::post(pool, [&work, &failure, handler = std::move(handler)]() mutable {
            try {
                work();
            } catch (...) {
                failure = std::current_exception();
            }
            const auto executor = net::get_associated_executor(handler);
            net::post(executor, std::move(handler));
        });
    };
    co_await net::async_initiate<const net::use_awaitable_t<> &, void()>(initiate, net::use_awaitable);
    if (failure)
        std::rethrow_exception(failure);
}

Task<void> Connection::Private::serve()
{
    error_code ec;
    const tcp::endpoint endpoint = stream.socket().remote_endpoint(ec);
    if (!ec)
        peer = QByteArray::fromStdString(endpoint.address().to_string());
    if (isOneTooMany) {
        HttpRequest nobody;
        nobody.requestId = idText(newUuid7());
        const HttpResponse busy =
            problemResponse(503, Error{ErrorCode::ApiUnavailable, u"too many connections"_s}, nobody, 1);
        if (co_await write(nobody, busy, false))
            co_await linger();
        co_return;
    }
    while (!parts.isStopping) {
        const Next next = co_await serveOne();
        isFirst = false;
        if (next == Next::Linger)
            co_await linger();
        if (next != Next::Keep)
            break;
    }
}

/// The number of bytes of the next head; 0: there is none and never will be.
Task<std::size_t> Connection::Private::readHead()
{
    isIdle = buffer.size() == 0;
    stream.expires_after(isIdle && !isFirst ? parts.options.idleFor : parts.options.headerDeadline);
    qsizetype searched = 0;
    while (true) {
        const QByteArrayView bytes = view(buffer);
        const qsizetype end = bytes.indexOf(QByteArrayView("\r\n\r\n"), std::max<qsizetype>(0, searched - 3));
        if (end >= 0 && static_cast<std::size_t>(end) + 4 <= MaxHeadBytes)
            co_return static_cast<std::size_t>(end) + 4;
        if (buffer.size() >= MaxHeadBytes)
            co_return MaxHeadBytes + 1;
        searched = bytes.size();
        error_code ec;
        const std::size_t got =
            co_await stream.async_read_some(buffer.prepare(MaxHeadBytes), net::redirect_error(net::use_awaitable, ec));
        if (ec)
            co_return 0;
        buffer.commit(got);
        if (isIdle && !isFirst)
            stream.expires_after(parts.options.headerDeadline);
        isIdle = false;
    }
}

Task<Connection::Private::Next> Connection::Private::serveOne()
{
    const std::size_t headBytes = co_await readHead();
    isIdle = false;
    if (headBytes == 0)
        co_return Next::Close;
    const auto begin = Clock::now();

    HttpRequest request;
    request.requestId = idText(newUuid7());
    request.peer = peer;
    Parser parser;
    parser.header_limit(MaxHeadBytes);
    // The limit of the route comes later; "none" would refuse every length here (Beast 1.74 compares it as smaller than all).
    parser.body_limit(std::uint64_t{1} << 62);
    Reply reply{{}, Next::Linger, 0};
    Router::Match match;
    if (headBytes > MaxHeadBytes) {
        reply.response = refusedHead(431, "head too large", request);
    } else if (const auto fault = faultInHead(view(buffer).first(static_cast<qsizetype>(headBytes)))) {
        reply.response = refusedHead(400, *fault, request);
    } else {
        error_code ec;
        const std::size_t parsed = parser.put(net::buffer(buffer.data().data(), headBytes), ec);
        BodyFraming framing;
        if (ec || parsed != headBytes || !parser.is_header_done()) {
            reply.response = refusedHead(400, "head not understood", request);
        } else if (!fillRequest(parser, request, framing)) {
            reply.response = refusedHead(400, "target not understood", request);
        } else {
            buffer.consume(headBytes);
            match = parts.router.find(request.method, request.path);
            request.captures = match.captures;
            if (auto refusal = parts.admission.refusal(request, match, framing)) {
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
    const bool isWritten = co_await write(request, reply.response, isKept);
    logRequest(request, match.route, reply.response.status, reply.bodyBytes, Clock::now() - begin);
    if (!isWritten)
        co_return Next::Close;
    co_return reply.next == Next::Keep && !isKept ? Next::Linger : reply.next;
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
    co_return reply;
}

/// Reads the whole body into the request. A refusal, or nullopt; isTorn: the peer is gone or too slow.
Task<std::optional<HttpResponse>> Connection::Private::collect(Parser &parser, HttpRequest &request, const Route &route, bool &isTorn)
{
    if (!parser.is_done()) {
        parser.body_limit(static_cast<std::uint64_t>(route.maxBodyBytes));
        co_await allowBody(request);
        BodyPace pace(parts.options.bodyStall, parts.options.minimumBodyRate);
        while (!parser.is_done()) {
            stream.expires_after(pace.left());
            const auto asked = Clock::now();
            error_code ec;
            const std::size_t got =
                co_await http::async_read_some(stream, buffer, parser, net::redirect_error(net::use_awaitable, ec));
            pace.received(got, Clock::now() - asked);
            if (ec == http::error::body_limit)
                co_return refusedHead(413, "body over the limit of the route", request);
            if (ec && ec.category() == make_error_code(http::error::bad_chunk).category() && ec != http::error::end_of_stream
                && ec != http::error::partial_message)
                co_return refusedHead(400, "body not understood", request);
            if (ec) {
                isTorn = true;
                co_return std::nullopt;
            }
        }
    }
    const std::string &body = parser.get().body();
    request.body = QByteArray(body.data(), static_cast<qsizetype>(body.size()));
    if (request.headers.value("content-encoding").toLower() != "gzip")
        co_return std::nullopt;
    Result<QByteArray> plain;
    const QByteArray packed = request.body;
    co_await onDisk([&plain, &packed, &route] { plain = inflated(packed, route.maxBodyBytes); });
    if (!plain)
        co_return problemResponse(plain.error().code == ErrorCode::ApiRequestRefused ? 413 : 500, plain.error(), request);
    request.body = std::move(*plain);
    co_return std::nullopt;
}

Task<HttpResponse> Connection::Private::handle(const HttpRequest &request, const Handler &handler)
{
    const auto executor = stream.get_executor();
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
        stream.expires_never();
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
        if (announced == 0)
            reply.next = Next::Keep;
        co_return reply;
    }
    std::unique_ptr<BodySink> sink = std::move(std::get<0>(made));
    if (!length || sink == nullptr) {
        reply.response = length ? brokenHandler(request, u"no sink"_s) : refusedHead(411, "no Content-Length", request);
    } else {
        co_await allowBody(request);
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
    std::vector<char> chunk(static_cast<std::size_t>(std::min<qint64>(length, ChunkBytes)));
    BodyPace pace(parts.options.bodyStall, parts.options.minimumBodyRate);
    qint64 left = length;
    while (left > 0) {
        const auto wanted = static_cast<std::size_t>(std::min<qint64>(left, static_cast<qint64>(chunk.size())));
        std::size_t have = std::min(wanted, buffer.size());
        std::memcpy(chunk.data(), buffer.data().data(), have);
        buffer.consume(have);
        while (have < wanted) {
            stream.expires_after(pace.left());
            const auto asked = Clock::now();
            error_code ec;
            const std::size_t got = co_await stream.async_read_some(net::buffer(chunk.data() + have, wanted - have),
                                                                    net::redirect_error(net::use_awaitable, ec));
            if (ec) {
                isAbandoned = true; // torn: nobody is there to be told
                co_return HttpResponse{};
            }
            pace.received(got, Clock::now() - asked);
            have += got;
        }
        left -= static_cast<qint64>(have);
        reply.bodyBytes += static_cast<qint64>(have);
        stream.expires_never();
        Result<> written;
        const QByteArrayView bytes(chunk.data(), static_cast<qsizetype>(have));
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

/// Who asked for it and was let in is told to go on; unless the body is here already.
Task<void> Connection::Private::allowBody(const HttpRequest &request)
{
    if (buffer.size() > 0 || request.headers.value("expect").toLower() != "100-continue")
        co_return;
    static constexpr std::string_view Continue = "HTTP/1.1 100 Continue\r\n\r\n";
    error_code ec;
    stream.expires_after(parts.options.headerDeadline);
    co_await net::async_write(stream, net::buffer(Continue.data(), Continue.size()), net::redirect_error(net::use_awaitable, ec));
    // A failure shows again in the read that follows.
}

Task<bool> Connection::Private::write(const HttpRequest &request, const HttpResponse &response, bool isKept)
{
    const QByteArray head = responseHead(response, request.requestId, isKept, nowMs() / 1000);
    const std::array<net::const_buffer, 2> pieces{
        net::buffer(head.constData(), static_cast<std::size_t>(head.size())),
        net::buffer(response.body.constData(), static_cast<std::size_t>(response.body.size()))};
    const auto rateTime = std::chrono::seconds(response.body.size() / std::max(1, parts.options.minimumBodyRate));
    stream.expires_after(parts.options.bodyStall + rateTime);
    error_code ec;
    co_await net::async_write(stream, pieces, net::redirect_error(net::use_awaitable, ec));
    co_return !ec;
}

/// Closing with unread bytes in the socket would send a reset, and the peer would lose the answer it was just given.
Task<void> Connection::Private::linger()
{
    error_code ec;
    stream.socket().shutdown(tcp::socket::shutdown_send, ec);
    buffer.consume(buffer.size());
    stream.expires_after(parts.isStopping ? std::min(parts.options.lingerFor, parts.options.drainFor / 4) : parts.options.lingerFor);
    for (std::size_t thrown = 0; !ec && thrown < LingerBytes;) {
        thrown += co_await stream.async_read_some(buffer.prepare(ReadBytes), net::redirect_error(net::use_awaitable, ec));
    }
}

void Connection::Private::close()
{
    stream.close();
}

Connection::Connection(tcp::socket socket, ServerParts &parts, bool isOneTooMany)
    : d(new Private(std::move(socket), parts, isOneTooMany))
{
}

Connection::~Connection() = default;

void Connection::start(std::function<void()> onEnd)
{
    net::co_spawn(d->stream.get_executor(), d->serve(), [self = shared_from_this(), onEnd = std::move(onEnd)](std::exception_ptr failure) {
        if (failure) {
            try {
                std::rethrow_exception(failure);
            } catch (const std::exception &exception) {
                logTrouble({}, u"a connection ended by an exception: "_s % QString::fromLocal8Bit(exception.what()));
            } catch (...) {
                logTrouble({}, u"a connection ended by an unknown exception"_s);
            }
        }
        self->d->close();
        onEnd();
    });
}

void Connection::stopSoon()
{
    net::post(d->stream.get_executor(), [self = shared_from_this()] {
        if (self->d->isIdle)
            self->d->close();
    });
}

void Connection::abandon()
{
    net::post(d->stream.get_executor(), [self = shared_from_this()] {
        self->d->isAbandoned = true;
        if (self->d->answerWait)
            self->d->answerWait->cancel();
        self->d->close();
    });
}

} // namespace photolift::server
