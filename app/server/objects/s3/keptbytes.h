#pragma once

#include "models/photo/filedescriptor.h"

#include <QUuid>

#include <map>
#include <mutex>

namespace photolift::server {

/// Bytes of photos that were read back from the store a moment ago and are to be examined soon: files without names, so that each photo leaves the
/// store once for both. Of a bounded sum; who finds no room fetches again. Thread-safe.
class KeptBytes
{
public:
    explicit KeptBytes(qint64 most)
        : m_room(most)
    {
    }

    /// False: there is no room for so many. What was reserved ends with keep() or giveUp().
    bool reserve(qint64 size);
    void giveUp(qint64 size);
    void keep(const QUuid &uploadId, photo::FileDescriptor bytes, qint64 size);
    /// They are the caller's from here on; not open when none are kept.
    photo::FileDescriptor take(const QUuid &uploadId);

private:
    struct Kept {
        photo::FileDescriptor bytes;
        qint64 size = 0;
    };
    std::mutex m_mutex; ///< guards both
    std::map<QUuid, Kept> m_kept;
    qint64 m_room;
};

} // namespace photolift::server
