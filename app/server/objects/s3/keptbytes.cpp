#include "app/server/objects/s3/keptbytes.h"

namespace photolift::server {

bool KeptBytes::reserve(qint64 size)
{
    const std::scoped_lock lock(m_mutex);
    if (size > m_room)
        return false;
    m_room -= size;
    return true;
}

void KeptBytes::giveUp(qint64 size)
{
    const std::scoped_lock lock(m_mutex);
    m_room += size;
}

void KeptBytes::keep(const QUuid &uploadId, photo::FileDescriptor bytes, qint64 size)
{
    const std::scoped_lock lock(m_mutex);
    Kept &kept = m_kept[uploadId];
    m_room += kept.size; // of an earlier re-read
    kept = {std::move(bytes), size};
}

photo::FileDescriptor KeptBytes::take(const QUuid &uploadId)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_kept.find(uploadId);
    if (found == m_kept.end())
        return {};
    photo::FileDescriptor bytes = std::move(found->second.bytes);
    m_room += found->second.size;
    m_kept.erase(found);
    return bytes;
}

} // namespace photolift::server
