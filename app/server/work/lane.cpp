#include "app/server/work/lane.h"

namespace photolift::server {

void Lane::add(const QUuid &uploadId, Clock::time_point notBefore)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_waiting.emplace(notBefore, uploadId);
    }
    m_changed.notify_one();
}

std::optional<QUuid> Lane::take()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        if (m_isClosed)
            return std::nullopt;
        if (m_waiting.empty()) {
            m_changed.wait(lock);
            continue;
        }
        const auto first = m_waiting.begin();
        if (first->first <= Clock::now()) {
            const QUuid uploadId = first->second;
            m_waiting.erase(first);
            return uploadId;
        }
        // A copy: another thread may take the entry while this one sleeps.
        const Clock::time_point due = first->first;
        m_changed.wait_until(lock, due);
    }
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
