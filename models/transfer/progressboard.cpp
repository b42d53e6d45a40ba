#include "models/transfer/progressboard.h"

namespace photolift::transfer {

void ProgressBoard::add(const QUuid &clientUploadId, qint64 delta)
{
    if (delta == 0)
        return;
    const std::lock_guard lock(m_mutex);
    qint64 &bytes = m_running[clientUploadId];
    bytes += delta;
    if (bytes <= 0)
        m_running.remove(clientUploadId);
}

qint64 ProgressBoard::running(const QUuid &clientUploadId) const
{
    const std::lock_guard lock(m_mutex);
    return m_running.value(clientUploadId);
}

} // namespace photolift::transfer
