#pragma once

#include "app/server/http/bodypace.h"
#include "app/server/http/httpserver.h"
#include "app/server/http/tlscontext.h"

#include <utility> // Asio 1.74 forgets it

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <array>
#include <memory>

namespace photolift::server {

/// The socket of one connection, plain or with TLS, and what was read ahead: every wait on the peer has its deadline here. Knows heads,
/// bodies and answers as bytes; what they mean is the connection's. All of it on the connection's strand.
class PeerStream
{
public:
    template <typename T> using Task = boost::asio::awaitable<T>;
    static constexpr std::size_t MaxHeadBytes = 16 * 1024;

    /// Without `tls`: plain.
    PeerStream(boost::asio::ip::tcp::socket socket, const HttpServer::Options &options, const TlsContext &tls);
    ~PeerStream();

    QByteArray address() const; ///< text, without the port; empty when the peer is gone already
    bool isEncrypted() const { return m_tls != nullptr; }
    boost::beast::tcp_stream::executor_type executor() { return m_stream.get_executor(); }
    boost::beast::flat_buffer &buffer() { return m_buffer; } ///< read and not yet consumed
    QByteArrayView bytes() const;
    /// Between two requests, no byte of the next one yet.
    bool isIdle() const { return m_isIdle; }

    /// Once, before anything else. False: the peer did not manage. One deadline holds for the handshake and the first head together.
    Task<bool> open();
    /// The number of bytes of the next head, which then is at the begin of the buffer; more than MaxHeadBytes: it is too large;
    /// 0: there is none and never will be.
    Task<std::size_t> readHead();
    /// Who asked for it and was let in is told to go on; unless the body is here already.
    Task<void> allowBody(const HttpRequest &request);
    /// Reads what comes next of a body into the buffer; false when the peer is gone or slower than `pace` allows.
    Task<bool> readMore(BodyPace &pace);
    /// Exactly `wanted` bytes of a body; false when the peer is gone or slower than `pace` allows.
    Task<bool> readBody(char *to, std::size_t wanted, BodyPace &pace);
    /// The head of the answer and its body, unless that has a source: then writeFrom() follows.
    Task<bool> write(const HttpRequest &request, const HttpResponse &response, bool isKept);
    /// A body from its source, which is read on this pool, one piece in memory. False: the connection is of no use any more.
    Task<bool> writeFrom(BodySource &source, boost::asio::thread_pool &disk);
    /// Throws away for a moment what still comes: closing with unread bytes in the socket would send a reset, and the peer would lose
    /// the answer it was just given.
    Task<void> linger(std::chrono::milliseconds time);
    void noDeadline() { m_stream.expires_never(); } ///< while it is the server who lets the peer wait
    void close();

private:
    class Tls;

    using Pieces = std::array<boost::asio::const_buffer, 2>;
    Task<bool> writePieces(Pieces pieces, BodyPace &pace); ///< with TLS the first one only
    Task<std::size_t> readSome(boost::asio::mutable_buffer to, boost::system::error_code &ec);

    const HttpServer::Options &m_options;
    boost::beast::tcp_stream m_stream;
    std::unique_ptr<Tls> m_tls; ///< around m_stream, whose deadlines hold for it, too
    boost::beast::flat_buffer m_buffer;
    const std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now();
    bool m_isFirst = true; ///< no head has been read yet
    bool m_isIdle = false;
};

} // namespace photolift::server
