#pragma once

#include "models/transfer/dataplane.h"
#include "models/transfer/partverdict.h"

#include <array>
#include <chrono>
#include <memory>
#include <optional>

struct curl_slist;
struct curl_sockaddr;

namespace photolift::transfer {

class ProgressBoard;
class ProxyMemory;
class RateBudget;
class SocketTable;

/// One slot of the data plane: one libcurl handle that sends one part after the other. Only the data plane's thread uses it.
class PartSender final
{
    Q_DISABLE_COPY_MOVE(PartSender)
public:
    using Clock = std::chrono::steady_clock;
    struct Tools {
        SocketTable &sockets;
        RateBudget &budget;
        ProgressBoard &progress;
        ProxyMemory &proxies;
    };
    enum class Reason { Cancelled, Stalled };

    PartSender(const DataPlane::Options &options, Tools tools);
    ~PartSender();

    void *handle() const { return m_handle.get(); } ///< CURL *
    bool isBusy() const { return m_isBusy; }
    bool isPaused() const { return m_isPaused; }
    const QUuid &upload() const { return m_job.clientUploadId; }

    /// Makes the handle ready for the multi handle; or says at once why this part cannot be tried.
    std::optional<PartOutcome> begin(const PartJob &job);
    /// Looks at the connection; true when it stalled.
    bool sample(Clock::time_point now);
    /// Goes on after the bandwidth limit stopped it.
    void resume();
    /// The transfer has ended; the handle is out of the multi handle already. The slot is free then.
    PartOutcome finish(int curlCode);
    PartOutcome abandon(Reason reason);

private:
    static size_t onRead(char *buffer, size_t size, size_t count, void *self);
    static int onSeek(void *self, long long offset, int origin);
    static size_t onBody(char *bytes, size_t size, size_t count, void *self);
    static size_t onHead(char *bytes, size_t size, size_t count, void *self);
    static int onRequest(void *self, char *peer, char *local, int peerPort, int localPort);
    static int onOpenSocket(void *table, int purpose, curl_sockaddr *address);
    static int onCloseSocket(void *table, int socket);

    size_t read(char *buffer, size_t room);
    bool addHeaders();
    void configure();
    PartOutcome outcome(int curlCode);
    QJsonObject timings() const;
    void noteAcknowledged(qint64 bytes);

    struct FreeHandle {
        void operator()(void *handle) const;
    };
    struct FreeList {
        void operator()(curl_slist *list) const;
    };

    const DataPlane::Options &m_options;
    Tools m_tools;
    std::unique_ptr<void, FreeHandle> m_handle;
    std::unique_ptr<curl_slist, FreeList> m_headers;
    std::array<char, 256> m_errorText{}; // CURL_ERROR_SIZE

    bool m_isBusy = false;
    bool m_isPaused = false;
    PartJob m_job;
    PartEnd m_end;             ///< what is known of the end so far
    qint64 m_position = 0;     ///< bytes handed to libcurl
    int m_requests = 0;        ///< how often libcurl began to send the request
    int m_socket = -1;
    quint64 m_ackedBefore = 0; ///< of the connection, when this request began
    quint32 m_retransmitsBefore = 0;
    int m_localPort = 0;
    quint64 m_ackedSeen = 0;
    qint64 m_acknowledged = 0; ///< body bytes, as reported to the board
    qint64 m_answerBytes = 0;
    qint64 m_answerSeen = 0;
    Clock::time_point m_progressed; ///< when something last moved
};

} // namespace photolift::transfer
