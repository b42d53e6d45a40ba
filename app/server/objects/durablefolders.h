#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QSet>

#include <mutex>

namespace photolift::server {

/// The folders below one root whose names are known to be on disk. One that merely is there is not: another thread, or a life that was
/// killed, may have made it a moment ago and not synced the folder above it. Blocking, thread-safe.
class DurableFolders
{
public:
    explicit DurableFolders(QByteArray root) : m_root(std::move(root)) {} ///< exists, durably

    /// Makes the folder (0700) and what is missing above it, down from the root; every name on the way is durable on return.
    Result<> make(const QByteArray &relative);

private:
    const QByteArray m_root;
    std::mutex m_mutex; ///< guards m_durable, and holds back who needs a folder that is just being synced
    QSet<QByteArray> m_durable;
};

} // namespace photolift::server
