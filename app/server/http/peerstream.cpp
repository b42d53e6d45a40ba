#include "app/server/http/peerstream.h"

#include "app/server/http/responsehead.h"
#include "models/vocabulary/ids.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstring>
#include <string_view>

namespace photolift::server {

namespace net = boost::asio;
using net::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {
/// Less than this is read in steps of 512 bytes, at six times the CPU.
constexpr std::size_t ReadBytes = 64 * 1024;
/// What is thrown away behind a refusal: a whole part may be on its way already.
constexpr std::size_t LingerBytes = 17 * 1024 * 1024;
}

PeerStream::PeerStream(tcp::socket socket, const HttpServer::Options &options)
    : m_options(options)
    , m_stream(std::move(socket))
{
    m_buffer.reserve(ReadBytes);
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
    m_stream.expires_after(m_isIdle && !isFirst ? m_options.idleFor : m_options.headerDeadline);
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
        const std::size_t got =
            co_await m_stream.async_read_some(m_buffer.prepare(MaxHeadBytes), net::redirect_error(net::use_awaitable, ec));
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
    co_await net::async_write(m_stream, net::buffer(Continue.data(), Continue.size()), net::redirect_error(net::use_awaitable, ec));
    // A failure shows again in the read that follows.
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
        const std::size_t got =
            co_await m_stream.async_read_some(net::buffer(to + have, wanted - have), net::redirect_error(net::use_awaitable, ec));
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
    const QByteArray head = responseHead(response, request.requestId, isKept, nowMs() / 1000);
    const std::array<net::const_buffer, 2> pieces{
        net::buffer(head.constData(), static_cast<std::size_t>(head.size())),
        net::buffer(response.body.constData(), static_cast<std::size_t>(response.body.size()))};
    const auto rateTime = std::chrono::seconds(response.body.size() / std::max(1, m_options.minimumBodyRate));
    m_stream.expires_after(m_options.bodyStall + rateTime);
    error_code ec;
    co_await net::async_write(m_stream, pieces, net::redirect_error(net::use_awaitable, ec));
    co_return !ec;
}

PeerStream::Task<void> PeerStream::linger(std::chrono::milliseconds time)
{
    error_code ec;
    m_stream.socket().shutdown(tcp::socket::shutdown_send, ec);
    m_buffer.consume(m_buffer.size());
    m_stream.expires_after(time);
    for (std::size_t thrown = 0; !ec && thrown < LingerBytes;)
        thrown += co_await m_stream.async_read_some(m_buffer.prepare(ReadBytes), net::redirect_error(net::use_awaitable, ec));
}

void PeerStream::close()
{
    m_stream.close();
}

} // namespace photolift::server
