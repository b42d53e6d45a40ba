#include "app/server/http/peerstream.h"

#include "app/server/http/accesslog.h"
#include "app/server/http/ondisk.h"
#include "app/server/http/responsehead.h"
#include "models/vocabulary/ids.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace photolift::server {

using namespace Qt::StringLiterals;
namespace net = boost::asio;
namespace beast = boost::beast;
using net::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {
/// Less than this is read in steps of 512 bytes, at six times the CPU.
constexpr std::size_t ReadBytes = 64 * 1024;
/// What is thrown away behind a refusal: a whole part may be on its way already.
constexpr std::size_t LingerBytes = 17 * 1024 * 1024;
/// Of an answer from a source. Each connection may hold one for as long as it is slow to take it: 4,000 of them hold half a GiB.
constexpr qint64 PieceBytes = 128 * 1024;
}

/// Hidden here, because Asio's TLS is slow to compile.
class PeerStream::Tls
{
public:
    Tls(beast::tcp_stream &under, const TlsContext &given)
        : context(owned(given))
        , stream(under, context)
    {
    }

    net::ssl::context context;
    net::ssl::stream<beast::tcp_stream &> stream;

private:
    /// Asio's context frees what it is given, so it gets a reference of its own.
    static SSL_CTX *owned(const TlsContext &given)
    {
        SSL_CTX_up_ref(given.get());
        return given.get();
    }
};

PeerStream::PeerStream(tcp::socket socket, const HttpServer::Options &options, const TlsContext &tls)
    : m_options(options)
    , m_stream(std::move(socket))
    , m_tls(tls ? std::make_unique<Tls>(m_stream, tls) : nullptr)
{
    m_buffer.reserve(ReadBytes);
}

PeerStream::~PeerStream() = default;

PeerStream::Task<bool> PeerStream::open()
{
    if (!m_tls)
        co_return true;
    error_code ec;
    m_stream.expires_at(m_begin + m_options.headerDeadline);
    co_await m_tls->stream.async_handshake(net::ssl::stream_base::server, net::redirect_error(net::use_awaitable, ec));
    co_return !ec;
}

PeerStream::Task<std::size_t> PeerStream::readSome(net::mutable_buffer to, error_code &ec)
{
    if (m_tls)
        co_return co_await m_tls->stream.async_read_some(to, net::redirect_error(net::use_awaitable, ec));
    co_return co_await m_stream.async_read_some(to, net::redirect_error(net::use_awaitable, ec));
}

QByteArray PeerStream::address() const
{
    error_code ec;
    const tcp::endpoint endpoint = m_stream.socket().remote_endpoint(ec);
    return ec ? QByteArray() : QByteArray::fromStdString(endpoint.address().to_string());
}

QByteArrayView PeerStream::bytes() const
{
    return {static_cast<const char *>(m_buffer.data().data()), static_cast<qsizetype>(m_buffer.size())};
}

PeerStream::Task<std::size_t> PeerStream::readHead()
{
    const bool isFirst = std::exchange(m_isFirst, false);
    m_isIdle = m_buffer.size() == 0;
    if (isFirst)
        m_stream.expires_at(m_begin + m_options.headerDeadline);
    else
        m_stream.expires_after(m_isIdle ? m_options.idleFor : m_options.headerDeadline);
    qsizetype searched = 0;
    while (true) {
        const QByteArrayView read = bytes();
        const qsizetype end = read.indexOf(QByteArrayView("\r\n\r\n"), std::max<qsizetype>(0, searched - 3));
        if (end >= 0 && static_cast<std::size_t>(end) + 4 <= MaxHeadBytes) {
            m_isIdle = false;
            co_return static_cast<std::size_t>(end) + 4;
        }
        if (m_buffer.size() >= MaxHeadBytes)
            co_return MaxHeadBytes + 1;
        searched = read.size();
        error_code ec;
        const std::size_t got = co_await readSome(m_buffer.prepare(MaxHeadBytes), ec);
        if (ec) {
            m_isIdle = false;
            co_return 0;
        }
        m_buffer.commit(got);
        if (m_isIdle && !isFirst)
            m_stream.expires_after(m_options.headerDeadline);
        m_isIdle = false;
    }
}

PeerStream::Task<void> PeerStream::allowBody(const HttpRequest &request)
{
    if (m_buffer.size() > 0 || request.headers.value("expect").toLower() != "100-continue")
        co_return;
    static constexpr std::string_view Continue = "HTTP/1.1 100 Continue\r\n\r\n";
    error_code ec;
    m_stream.expires_after(m_options.headerDeadline);
    const net::const_buffer bytes(Continue.data(), Continue.size());
    if (m_tls)
        co_await net::async_write(m_tls->stream, bytes, net::redirect_error(net::use_awaitable, ec));
    else
        co_await net::async_write(m_stream, bytes, net::redirect_error(net::use_awaitable, ec));
    // A failure shows again in the read that follows.
}

PeerStream::Task<bool> PeerStream::readMore(BodyPace &pace)
{
    m_stream.expires_after(pace.left());
    const auto asked = Clock::now();
    error_code ec;
    const std::size_t got = co_await readSome(m_buffer.prepare(ReadBytes), ec);
    if (ec)
        co_return false;
    pace.received(got, Clock::now() - asked);
    m_buffer.commit(got);
    co_return true;
}

PeerStream::Task<bool> PeerStream::readBody(char *to, std::size_t wanted, BodyPace &pace)
{
    std::size_t have = std::min(wanted, m_buffer.size());
    std::memcpy(to, m_buffer.data().data(), have);
    m_buffer.consume(have);
    while (have < wanted) {
        m_stream.expires_after(pace.left());
        const auto asked = Clock::now();
        error_code ec;
        const std::size_t got = co_await readSome(net::buffer(to + have, wanted - have), ec);
        if (ec)
            co_return false;
        pace.received(got, Clock::now() - asked);
        have += got;
    }
    m_stream.expires_never();
    co_return true;
}

PeerStream::Task<bool> PeerStream::write(const HttpRequest &request, const HttpResponse &response, bool isKept)
{
    QByteArray head = responseHead(response, request.requestId, isKept, nowMs() / 1000);
    const auto bufferOf = [](const QByteArray &bytes) { return net::const_buffer(bytes.constData(), static_cast<std::size_t>(bytes.size())); };
    if (m_tls)
        head += response.body; // else each would be a packet of its own
    // Whoever does not take the answer holds it in memory: the same pace as for a body that comes.
    BodyPace pace(m_options.bodyStall, m_options.minimumBodyRate);
    co_return co_await writePieces({bufferOf(head), m_tls ? net::const_buffer() : bufferOf(response.body)}, pace);
}

PeerStream::Task<bool> PeerStream::writeFrom(BodySource &source, net::thread_pool &disk)
{
    const qint64 pieceBytes = std::min(source.size(), PieceBytes);
    const auto piece = std::make_unique_for_overwrite<char[]>(static_cast<std::size_t>(pieceBytes));
    BodyPace pace(m_options.bodyStall, m_options.minimumBodyRate);
    for (qint64 left = source.size(); left > 0;) {
        const auto wanted = static_cast<std::size_t>(std::min(left, pieceBytes));
        Result<> read;
        const std::span<char> bytes(piece.get(), wanted);
        co_await onDisk(disk, [&read, &source, bytes] { read = source.read(bytes); });
        if (!read) {
            logTrouble({}, u"an answer was cut: "_s % read.error().detail);
            co_return false;
        }
        if (!co_await writePieces({net::const_buffer(piece.get(), wanted), net::const_buffer()}, pace))
            co_return false;
        left -= static_cast<qint64>(wanted);
    }
    co_return true;
}

PeerStream::Task<bool> PeerStream::writePieces(Pieces pieces, BodyPace &pace)
{
    while (pieces[0].size() + pieces[1].size() > 0) {
        m_stream.expires_after(pace.left());
        const auto asked = Clock::now();
        error_code ec;
        std::size_t sent = 0;
        if (m_tls)
            sent = co_await m_tls->stream.async_write_some(pieces[0], net::redirect_error(net::use_awaitable, ec));
        else
            sent = co_await m_stream.async_write_some(pieces, net::redirect_error(net::use_awaitable, ec));
        if (ec)
            co_return false;
        pace.received(sent, Clock::now() - asked);
        const std::size_t ofHead = std::min(sent, pieces[0].size());
        pieces[0] += ofHead;
        pieces[1] += sent - ofHead;
    }
    co_return true;
}

PeerStream::Task<void> PeerStream::linger(std::chrono::milliseconds time)
{
    error_code ec;
    m_stream.expires_after(time);
    // Says that this was all, and fails when the peer still sends; what it sends is thrown away undecrypted.
    if (m_tls)
        co_await m_tls->stream.async_shutdown(net::redirect_error(net::use_awaitable, ec));
    m_stream.socket().shutdown(tcp::socket::shutdown_send, ec);
    m_buffer.consume(m_buffer.size());
    for (std::size_t thrown = 0; !ec && thrown < LingerBytes;)
        thrown += co_await m_stream.async_read_some(m_buffer.prepare(ReadBytes), net::redirect_error(net::use_awaitable, ec));
}

void PeerStream::close()
{
    m_stream.close();
}

} // namespace photolift::server
