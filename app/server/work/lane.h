#pragma once

#include <QUuid>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>

namespace photolift::server {

/// Uploads waiting for one kind of thread, first come first served; one that has to wait (a full disk) comes later. An upload waits here
/// once, and while one thread has it in hand no other gets it. Only ids: the durable queue is the table server_jobs. Thread-safe.
class Lane
{
public:
    using Clock = std::chrono::steady_clock;

    /// Of several times for one upload the earliest counts. One that is in hand comes again once it is not.
    void add(const QUuid &uploadId, Clock::time_point notBefore = Clock::now());
    /// Blocks until one is due, which is in hand then until done(); nullopt after close().
    std::optional<QUuid> take();
    void done(const QUuid &uploadId);
    /// It waits here, for later too, or a thread has it in hand.
    bool has(const QUuid &uploadId);
    /// Who waits, for later too.
    qsizetype size();
    void close();

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::multimap<Clock::time_point, QUuid> m_waiting;
    std::map<QUuid, Clock::time_point> m_times; ///< of those that wait
    std::set<QUuid> m_inHand;
    bool m_isClosed = false;
};

} // namespace photolift::server
