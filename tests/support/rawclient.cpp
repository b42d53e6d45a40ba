#include "tests/support/rawclient.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QList>

namespace photolift::test {

namespace {
bool waitFor(int socket, short what, std::chrono::milliseconds time)
{
    pollfd entry{socket, what, 0};
    return ::poll(&entry, 1, static_cast<int>(time.count())) > 0;
}
}

RawClient::RawClient(quint16 port, std::chrono::milliseconds patience, const QByteArray &from)
    : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    , m_patience(patience)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in own{};
    own.sin_family = AF_INET;
    const bool isPlaced = from.isEmpty()
        || (::inet_pton(AF_INET, from.constData(), &own.sin_addr) == 1 && ::bind(m_socket, reinterpret_cast<const sockaddr *>(&own), sizeof own) == 0);
    if (m_socket >= 0 && !isPlaced) {
        ::close(m_socket);
        m_socket = -1;
    }
    if (m_socket >= 0 && ::connect(m_socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) {
        ::close(m_socket);
        m_socket = -1;
    }
}

RawClient::~RawClient()
{
    if (m_socket >= 0)
        ::close(m_socket);
}

bool RawClient::send(QByteArrayView bytes)
{
    while (!bytes.isEmpty()) {
        if (!waitFor(m_socket, POLLOUT, m_patience))
            return false;
        const ssize_t sent = ::send(m_socket, bytes.data(), static_cast<std::size_t>(bytes.size()), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN)
            return false;
        if (sent > 0)
            bytes = bytes.sliced(sent);
    }
    return true;
}

void RawClient::endSending()
{
    ::shutdown(m_socket, SHUT_WR);
}

void RawClient::reset()
{
    const linger hard{1, 0};
    ::setsockopt(m_socket, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    ::close(m_socket);
    m_socket = -1;
}

bool RawClient::fill(std::chrono::milliseconds time)
{
    if (!waitFor(m_socket, POLLIN, time))
        return false;
    char piece[64 * 1024];
    const ssize_t got = ::recv(m_socket, piece, sizeof piece, 0);
    if (got <= 0)
        return false;
    m_pending.append(piece, got);
    return true;
}

RawAnswer RawClient::read()
{
    RawAnswer answer;
    qsizetype end = -1;
    while ((end = m_pending.indexOf("\r\n\r\n")) < 0) {
        if (!fill(m_patience))
            return answer;
    }
    const QList<QByteArray> lines = m_pending.first(end).split('\n');
    m_pending = m_pending.sliced(end + 4);
    for (const QByteArray &line : lines.sliced(1)) {
        const qsizetype colon = line.indexOf(':');
        answer.headers.insert(line.first(colon).toLower(), line.sliced(colon + 1).trimmed());
    }
    const int status = lines.first().split(' ').value(1).toInt();
    const qsizetype length = answer.headers.value("content-length").toLongLong();
    while (m_pending.size() < length) {
        if (!fill(m_patience))
            return answer;
    }
    answer.status = status;
    answer.body = m_pending.first(length);
    m_pending = m_pending.sliced(length);
    return answer;
}

RawAnswer RawClient::ask(QByteArrayView bytes)
{
    send(bytes); // a server may answer and close before it has everything
    return read();
}

bool RawClient::isClosedWithin(std::chrono::milliseconds time)
{
    const auto end = std::chrono::steady_clock::now() + time;
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0 || !waitFor(m_socket, POLLIN, left))
            return false;
        char piece[4096];
        if (::recv(m_socket, piece, sizeof piece, 0) <= 0)
            return true;
    }
}

bool RawClient::hasDataWithin(std::chrono::milliseconds time)
{
    return !m_pending.isEmpty() || waitFor(m_socket, POLLIN, time);
}

} // namespace photolift::test
