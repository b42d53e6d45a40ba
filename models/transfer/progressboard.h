#pragma once

#include <QHash>
#include <QUuid>

#include <atomic>
#include <mutex>

namespace photolift::transfer {

/// Where the data plane writes down how far it is, and where a timer of the window reads it. Any thread.
class ProgressBoard
{
public:
    /// `delta` more (or, when a part ends, fewer) acknowledged bytes of this upload's running parts.
    void add(const QUuid &clientUploadId, qint64 delta);
    void addTotal(qint64 bytes) { m_total.fetch_add(bytes, std::memory_order_relaxed); }

    qint64 running(const QUuid &clientUploadId) const;
    qint64 total() const { return m_total.load(std::memory_order_relaxed); }

private:
    mutable std::mutex m_mutex; ///< guards m_running
    QHash<QUuid, qint64> m_running;
    std::atomic<qint64> m_total = 0;
};

} // namespace photolift::transfer
