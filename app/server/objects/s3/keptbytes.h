#pragma once

#include "models/photo/filedescriptor.h"

#include <QUuid>

#include <chrono>
#include <functional>
#include <map>
#include <mutex>

namespace photolift::server {

/// Bytes of photos that were read back from the store a moment ago and are to be examined soon: files without names, so that each photo leaves the
/// store once for both. Of a bounded sum and number; who finds no room fetches again, and so does who comes late: of what was read long ago nobody
/// knows whether the store still has it. Thread-safe.
class KeptBytes
{
public:
    using Clock = std::chrono::steady_clock;
    struct Options {
        qint64 mostBytes = 256LL * 1024 * 1024;
        int mostFiles = 64;
        std::chrono::seconds keptFor{60};
        std::function<Clock::time_point()> now = [] { return Clock::now(); };
    };
    explicit KeptBytes(Options options);

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
        Clock::time_point since;
    };
    void release(qint64 size);
    void dropOld();

    const Options m_options;
    std::mutex m_mutex; ///< guards everything below
    std::map<QUuid, Kept> m_kept;
    qint64 m_bytes = 0; ///< kept or reserved
    int m_files = 0;    ///< likewise
};

} // namespace photolift::server
