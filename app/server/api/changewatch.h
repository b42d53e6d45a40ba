#pragma once

#include <QList>
#include <QSet>
#include <QUuid>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace photolift::server {

/// Status calls that wait. A waiter is looked at when one of its uploads changed (a little later, so that changes are gathered)
/// and at its deadline; it leaves when its look says that it has answered. Thread-safe; looks run on the watch's own thread and
/// must only post.
class ChangeWatch
{
public:
    using Clock = std::chrono::steady_clock;
    /// `isLast`: answer with whatever there is. Afterwards again() or nothing.
    using Look = std::function<void(quint64 waiter, bool isLast)>;

    explicit ChangeWatch(std::chrono::milliseconds gather);
    ~ChangeWatch(); ///< stop()
    ChangeWatch(const ChangeWatch &) = delete;
    ChangeWatch &operator=(const ChangeWatch &) = delete;

    /// Before anything is noted: who is told of each change in this process, for other servers; must not block.
    void setTellOthers(std::function<void(const QUuid &uploadId)> tell) { m_tellOthers = std::move(tell); }
    /// The first look follows at once: a change between the client's last answer and this call is seen by it.
    void wait(const QSet<QUuid> &uploads, Clock::time_point deadline, Look look);
    /// The look found nothing new: goes on waiting. What changed since the look began leads to another one.
    void again(quint64 waiter);
    /// The look has answered.
    void leave(quint64 waiter);
    void noteChanged(const QUuid &uploadId);
    void noteChangedElsewhere(const QUuid &uploadId); ///< by another server, which has told all others
    void noteAnythingChanged(); ///< nobody knows what: every waiter looks
    /// Every waiter has its last look now, and new ones get theirs at once.
    void stop();

private:
    struct Waiter {
        QSet<QUuid> uploads;
        Clock::time_point deadline;
        Clock::time_point lookAt;
        Look look;
        bool isLooking = false;
        bool hasChanged = false;
        bool isLast = false;
    };
    void loop();
    void noteWhere(const std::function<bool(const Waiter &)> &isConcerned);

    const std::chrono::milliseconds m_gather;
    std::function<void(const QUuid &uploadId)> m_tellOthers;
    std::mutex m_mutex;
    std::condition_variable m_wakes;
    std::map<quint64, Waiter> m_waiters;
    quint64 m_next = 1;
    bool m_isStopping = false;
    std::thread m_thread;
};

} // namespace photolift::server
