#pragma once

#include "models/photo/filedescriptor.h"
#include "models/vocabulary/result.h"

#include <QByteArray>

namespace photolift::server {

/// The right to be the one server of a data folder, from construction to destruction; the kernel takes it back when the process dies.
class FolderLock
{
public:
    /// LOCAL_LIST_BUSY when another server has it.
    static Result<FolderLock> take(const QByteArray &folder);

    FolderLock() = default;

private:
    photo::FileDescriptor m_file;
};

} // namespace photolift::server
