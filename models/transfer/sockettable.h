#pragma once

#include <QtGlobal>

#include <optional>
#include <vector>

struct curl_sockaddr;

namespace photolift::transfer {

/// What the kernel knows of one connection (TCP_INFO).
struct SocketFacts {
    quint64 ackedBytes = 0; ///< since the connection stands, whatever they were
    quint32 rttUs = 0;
    quint32 retransmits = 0; ///< since the connection stands
    int unackedBytes = 0;    ///< still in the kernel: unsent, or sent and not acknowledged
};

std::optional<SocketFacts> socketFacts(int socket);

/// The sockets of the data plane: made and closed here, so that a request can be tied to the kernel's view of its connection.
/// libcurl names a request's connection by its local address and port only. One thread.
class SocketTable
{
public:
    /// A TCP socket whose send queue stays short: an upload's progress is what the peer has, not what the kernel holds.
    int open(const curl_sockaddr &address);
    void close(int socket);
    bool isOpen(int socket) const;
    /// The open socket with this local end, -1 when there is none.
    int find(const char *localAddress, int localPort) const;

private:
    std::vector<int> m_open;
};

} // namespace photolift::transfer
