#include "models/transfer/sockettable.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <curl/curl.h>
#include <linux/sockios.h>
#include <linux/tcp.h> // not <netinet/tcp.h>: glibc's tcp_info ends before the acknowledged bytes
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace photolift::transfer {

namespace {
/// Unsent bytes the kernel may hold. Without it "writable" comes in steps of megabytes on a slow line.
constexpr int UnsentLowMark = 256 * 1024;
}

std::optional<SocketFacts> socketFacts(int socket)
{
    tcp_info info{};
    socklen_t size = sizeof info;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || size < offsetof(tcp_info, tcpi_bytes_received))
        return {};
    int unacked = 0;
    ioctl(socket, SIOCOUTQ, &unacked);
    return SocketFacts{info.tcpi_bytes_acked, info.tcpi_rtt, info.tcpi_total_retrans, unacked};
}

int SocketTable::open(const curl_sockaddr &address)
{
    const int handle = socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
    if (handle < 0)
        return handle;
    setsockopt(handle, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &UnsentLowMark, sizeof UnsentLowMark);
    m_open.push_back(handle);
    return handle;
}

void SocketTable::close(int socket)
{
    std::erase(m_open, socket);
    ::close(socket);
}

bool SocketTable::isOpen(int socket) const
{
    return std::find(m_open.cbegin(), m_open.cend(), socket) != m_open.cend();
}

int SocketTable::find(const char *localAddress, int localPort) const
{
    const auto isIt = [&](int handle) {
        sockaddr_storage own{};
        socklen_t size = sizeof own;
        if (getsockname(handle, reinterpret_cast<sockaddr *>(&own), &size) != 0)
            return false;
        char text[INET6_ADDRSTRLEN] = "";
        if (own.ss_family == AF_INET) {
            const auto *v4 = reinterpret_cast<const sockaddr_in *>(&own);
            return ntohs(v4->sin_port) == localPort && inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text) && !std::strcmp(text, localAddress);
        }
        const auto *v6 = reinterpret_cast<const sockaddr_in6 *>(&own);
        return own.ss_family == AF_INET6 && ntohs(v6->sin6_port) == localPort
            && inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text) && !std::strcmp(text, localAddress);
    };
    const auto found = std::find_if(m_open.begin(), m_open.end(), isIt);
    return found == m_open.end() ? -1 : *found;
}

} // namespace photolift::transfer
