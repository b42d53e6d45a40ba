#include "app/server/objects/s3/keptbytes.h"

namespace photolift::server {

KeptBytes::KeptBytes(Options options)
    : m_options(std::move(options))
{
}

void KeptBytes::release(qint64 size)
{
    m_bytes -= size;
    --m_files;
}

/// Their jobs were taken up elsewhere, or are late.
void KeptBytes::dropOld()
{
    const auto oldest = m_options.now() - m_options.keptFor;
    for (auto it = m_kept.begin(); it != m_kept.end();) {
        if (it->second.since >= oldest) {
            ++it;
            continue;
        }
        release(it->second.size);
        it = m_kept.erase(it);
    }
}

bool KeptBytes::reserve(qint64 size)
{
    const std::scoped_lock lock(m_mutex);
    dropOld();
    if (m_bytes + size > m_options.mostBytes || m_files >= m_options.mostFiles)
        return false;
    m_bytes += size;
    ++m_files;
    return true;
}

void KeptBytes::giveUp(qint64 size)
{
    const std::scoped_lock lock(m_mutex);
    release(size);
}

void KeptBytes::keep(const QUuid &uploadId, photo::FileDescriptor bytes, qint64 size)
{
    const std::scoped_lock lock(m_mutex);
    if (const auto earlier = m_kept.find(uploadId); earlier != m_kept.end())
        release(earlier->second.size);
    m_kept[uploadId] = {std::move(bytes), size, m_options.now()};
}

photo::FileDescriptor KeptBytes::take(const QUuid &uploadId)
{
    const std::scoped_lock lock(m_mutex);
    dropOld();
    const auto found = m_kept.find(uploadId);
    if (found == m_kept.end())
        return {};
    photo::FileDescriptor bytes = std::move(found->second.bytes);
    release(found->second.size);
    m_kept.erase(found);
    return bytes;
}

} // namespace photolift::server
