#include "app/server/api/changewatch.h"

namespace photolift::server {

ChangeWatch::ChangeWatch(std::chrono::milliseconds gather)
    : m_gather(gather)
    , m_thread([this] { loop(); })
{
}

ChangeWatch::~ChangeWatch()
{
    stop();
}

void ChangeWatch::wait(const QSet<QUuid> &uploads, Clock::time_point deadline, Look look)
{
    {
        const std::scoped_lock lock(m_mutex);
        if (!m_isStopping) {
            Waiter waiter;
            waiter.uploads = uploads;
            waiter.deadline = deadline;
            waiter.lookAt = Clock::now();
            waiter.look = std::move(look);
            m_waiters.emplace(m_next++, std::move(waiter));
        }
    }
    if (look)
        return look(0, true); // nobody of that number: leave() and again() do nothing
    m_wakes.notify_all();
}

void ChangeWatch::again(quint64 waiter)
{
    {
        const std::scoped_lock lock(m_mutex);
        const auto found = m_waiters.find(waiter);
        if (found == m_waiters.end())
            return;
        found->second.isLooking = false;
        found->second.lookAt = found->second.hasChanged ? Clock::now() + m_gather : found->second.deadline;
        found->second.hasChanged = false;
    }
    m_wakes.notify_all();
}

void ChangeWatch::leave(quint64 waiter)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_waiters.erase(waiter);
    }
    m_wakes.notify_all();
}

void ChangeWatch::noteChanged(const QUuid &uploadId)
{
    noteChangedElsewhere(uploadId);
    if (m_tellOthers)
        m_tellOthers(uploadId);
}

void ChangeWatch::noteChangedElsewhere(const QUuid &uploadId)
{
    noteWhere([&uploadId](const Waiter &waiter) { return waiter.uploads.contains(uploadId); });
}

void ChangeWatch::noteAnythingChanged()
{
    noteWhere([](const Waiter &) { return true; });
}

void ChangeWatch::noteWhere(const std::function<bool(const Waiter &)> &isConcerned)
{
    {
        const std::scoped_lock lock(m_mutex);
        const Clock::time_point soon = Clock::now() + m_gather;
        for (auto &[id, waiter] : m_waiters) {
            if (!isConcerned(waiter))
                continue;
            waiter.hasChanged = true;
            if (!waiter.isLooking)
                waiter.lookAt = std::min(waiter.lookAt, soon);
        }
    }
    m_wakes.notify_all();
}

void ChangeWatch::stop()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_isStopping = true;
    }
    m_wakes.notify_all();
    if (m_thread.joinable())
        m_thread.join();
}

void ChangeWatch::loop()
{
    struct Due {
        quint64 waiter;
        bool isLast;
        Look look;
    };
    std::unique_lock lock(m_mutex);
    for (;;) {
        const Clock::time_point now = Clock::now();
        Clock::time_point next = now + std::chrono::hours(1);
        std::vector<Due> due;
        bool areAllLast = true;
        for (auto &[id, waiter] : m_waiters) {
            if (!waiter.isLooking && (waiter.lookAt <= now || m_isStopping)) {
                waiter.isLooking = true;
                waiter.hasChanged = false;
                waiter.isLast = m_isStopping || waiter.deadline <= now;
                due.push_back({id, waiter.isLast, waiter.look});
            } else if (!waiter.isLooking) {
                next = std::min(next, waiter.lookAt);
            }
            areAllLast = areAllLast && waiter.isLast;
        }
        if (!due.empty()) {
            // Without the lock: a look that cannot be posted answers and leaves at once.
            lock.unlock();
            for (const Due &look : due)
                look.look(look.waiter, look.isLast);
            lock.lock();
            continue;
        }
        if (m_isStopping && areAllLast)
            return;
        m_wakes.wait_until(lock, next);
    }
}

} // namespace photolift::server
