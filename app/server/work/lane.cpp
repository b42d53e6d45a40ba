#include "app/server/work/lane.h"

#include <algorithm>

namespace photolift::server {

void Lane::add(const QUuid &uploadId, Clock::time_point notBefore)
{
    {
        const std::scoped_lock lock(m_mutex);
        const auto [time, isNew] = m_times.try_emplace(uploadId, notBefore);
        if (!isNew) {
            if (time->second <= notBefore)
                return;
            const auto [begin, end] = m_waiting.equal_range(time->second);
            m_waiting.erase(std::ranges::find(begin, end, uploadId, &std::pair<const Clock::time_point, QUuid>::second));
            time->second = notBefore;
        }
        m_waiting.emplace(notBefore, uploadId);
    }
    m_changed.notify_one();
}

std::optional<QUuid> Lane::take()
{
    std::unique_lock lock(m_mutex);
    while (!m_isClosed) {
        const auto first = std::ranges::find_if(m_waiting, [this](const auto &waiting) { return !m_inHand.contains(waiting.second); });
        if (first == m_waiting.end()) {
            m_changed.wait(lock);
        } else if (first->first <= Clock::now()) {
            const QUuid uploadId = first->second;
            m_waiting.erase(first);
            m_times.erase(uploadId);
            m_inHand.insert(uploadId);
            return uploadId;
        } else {
            // A copy: another thread may take the entry while this one sleeps.
            const Clock::time_point due = first->first;
            m_changed.wait_until(lock, due);
        }
    }
    return std::nullopt;
}

void Lane::done(const QUuid &uploadId)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_inHand.erase(uploadId);
    }
    m_changed.notify_one(); // it may have been added meanwhile
}

bool Lane::has(const QUuid &uploadId)
{
    const std::scoped_lock lock(m_mutex);
    return m_times.contains(uploadId) || m_inHand.contains(uploadId);
}

qsizetype Lane::size()
{
    const std::scoped_lock lock(m_mutex);
    return static_cast<qsizetype>(m_waiting.size());
}

void Lane::close()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_isClosed = true;
    }
    m_changed.notify_all();
}

} // namespace photolift::server
