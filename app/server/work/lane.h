#pragma once

#include <QUuid>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>

namespace photolift::server {

/// Uploads waiting for one kind of thread, first come first served; one that has to wait (a full disk) comes later. Only ids: the
/// durable queue is the table server_jobs. Thread-safe.
class Lane
{
public:
    using Clock = std::chrono::steady_clock;

    void add(const QUuid &uploadId, Clock::time_point notBefore = Clock::now());
    /// Blocks until one is due; nullopt after close().
    std::optional<QUuid> take();
    /// Who waits, for later too.
    qsizetype size();
    void close();

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::multimap<Clock::time_point, QUuid> m_waiting;
    bool m_isClosed = false;
};

} // namespace photolift::server
