#include "tests/support/flood.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace photolift::support {

namespace {

using namespace std::chrono_literals;

constexpr auto Tick = 100ms;
constexpr int MostTriesOfATick = 150;
constexpr auto DripEvery = 500ms;
constexpr auto ComesAgainAfter = 5s;
constexpr int SocketsOfAnAddress = 1000;
constexpr int SmallestBuffer = 2048;
constexpr int SmallSegment = 536; ///< the kernel sizes the server's buffers by it

sockaddr_in loopback(int last, quint16 port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl((127U << 24U) | static_cast<std::uint32_t>(last));
    return address;
}

} // namespace

Flood::Flood(quint16 port)
    : m_port(port)
    , m_poll(::epoll_create1(EPOLL_CLOEXEC))
{
}

Flood::~Flood()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_isOver = true;
    }
    if (m_thread.joinable())
        m_thread.join();
    ::close(m_poll);
}

void Flood::begin(const std::vector<Attack> &attacks)
{
    m_attacks = attacks;
    m_tallies.resize(attacks.size());
    for (std::size_t i = 0; i < attacks.size(); ++i) {
        for (int n = 0; n < attacks[i].sockets; ++n) {
            Client &client = m_clients.emplace_back();
            client.attack = i;
            client.address = attacks[i].address + n / SocketsOfAnAddress;
        }
    }
    m_thread = std::thread([this] { run(); });
}

Flood::Tally Flood::tally(const QByteArray &name) const
{
    const std::scoped_lock lock(m_mutex);
    Tally all;
    for (std::size_t i = 0; i < m_attacks.size(); ++i) {
        if (m_attacks[i].name != name)
            continue;
        const Tally &one = m_tallies[i];
        all.opened += one.opened;
        all.now += one.now;
        all.cut += one.cut;
        all.longestMs = std::max(all.longestMs, one.longestMs);
        for (const auto &[status, count] : one.answers.asKeyValueRange())
            all.answers[status] += count;
    }
    return all;
}

void Flood::run()
{
    std::array<epoll_event, 256> events{};
    Clock::time_point nextTick = Clock::now();
    for (;;) {
        const Clock::time_point now = Clock::now();
        if (now >= nextTick) {
            const std::scoped_lock lock(m_mutex);
            if (m_isOver)
                break;
            nextTick = now + Tick;
            int tries = 0;
            for (Client &client : m_clients) {
                if (client.socket < 0 && client.next <= now && tries < MostTriesOfATick) {
                    ++tries;
                    open(client, now);
                } else if (client.socket >= 0) {
                    Tally &tally = m_tallies[client.attack];
                    tally.longestMs = std::max<qint64>(tally.longestMs, (now - client.begun) / 1ms);
                    if (client.next <= now)
                        say(client);
                }
            }
        }
        const auto left = std::max<qint64>(1, (nextTick - Clock::now()) / 1ms);
        const int count = ::epoll_wait(m_poll, events.data(), static_cast<int>(events.size()), static_cast<int>(left));
        const std::scoped_lock lock(m_mutex);
        for (int i = 0; i < count; ++i) {
            Client &client = m_clients[static_cast<std::size_t>(events[static_cast<std::size_t>(i)].data.u64)];
            const std::uint32_t what = events[static_cast<std::size_t>(i)].events;
            if (client.socket >= 0 && (what & (EPOLLHUP | EPOLLERR)) != 0)
                end(client);
            if (client.socket >= 0 && (what & EPOLLOUT) != 0)
                say(client);
            if (client.socket >= 0 && (what & (EPOLLIN | EPOLLRDHUP)) != 0)
                hear(client);
        }
    }
    for (const Client &client : m_clients) {
        if (client.socket >= 0)
            ::close(client.socket);
    }
}

void Flood::open(Client &client, Clock::time_point now)
{
    const Attack &attack = m_attacks[client.attack];
    client.next = now + ComesAgainAfter;
    const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0)
        return;
    if (!attack.isReading) {
        ::setsockopt(made, SOL_SOCKET, SO_RCVBUF, &SmallestBuffer, sizeof SmallestBuffer);
        ::setsockopt(made, IPPROTO_TCP, TCP_MAXSEG, &SmallSegment, sizeof SmallSegment);
    }
    const sockaddr_in from = loopback(client.address, 0);
    const sockaddr_in to = loopback(1, m_port);
    if (::bind(made, reinterpret_cast<const sockaddr *>(&from), sizeof from) != 0
        || (::connect(made, reinterpret_cast<const sockaddr *>(&to), sizeof to) != 0 && errno != EINPROGRESS)) {
        ::close(made);
        return;
    }
    epoll_event event{};
    event.events = static_cast<std::uint32_t>(EPOLLOUT | EPOLLRDHUP | EPOLLET) | (attack.isReading ? static_cast<std::uint32_t>(EPOLLIN) : 0U);
    event.data.u64 = static_cast<std::uint64_t>(&client - m_clients.data());
    ::epoll_ctl(m_poll, EPOLL_CTL_ADD, made, &event);
    client.socket = made;
    client.said = 0;
    client.hasAnswer = false;
    client.begun = now;
    client.next = now + DripEvery;
    ++m_tallies[client.attack].opened;
    ++m_tallies[client.attack].now;
}

void Flood::say(Client &client)
{
    const Attack &attack = m_attacks[client.attack];
    client.next = Clock::now() + DripEvery;
    while (client.said < attack.opening.size()) {
        const ssize_t sent = ::send(client.socket, attack.opening.constData() + client.said, static_cast<std::size_t>(attack.opening.size() - client.said),
                                    MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0)
            return; // later, or its end is told
        client.said += sent;
    }
    if (attack.drip != 0)
        (void)::send(client.socket, &attack.drip, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Flood::hear(Client &client)
{
    if (!m_attacks[client.attack].isReading)
        return end(client); // an end is all that it is told of
    std::array<char, 4096> piece{};
    for (;;) {
        const ssize_t got = ::recv(client.socket, piece.data(), piece.size(), MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK))
            return end(client);
        if (got < 0)
            return;
        if (!std::exchange(client.hasAnswer, true))
            ++m_tallies[client.attack].answers[QByteArray(piece.data(), got).split(' ').value(1).toInt()];
    }
}

void Flood::end(Client &client)
{
    ::close(client.socket);
    client.socket = -1;
    const Clock::time_point now = Clock::now();
    client.next = now + ComesAgainAfter;
    Tally &tally = m_tallies[client.attack];
    --tally.now;
    ++tally.cut;
    tally.longestMs = std::max<qint64>(tally.longestMs, (now - client.begun) / 1ms);
}

} // namespace photolift::support
