#include "app/server/folderlock.h"

#include "models/vocabulary/systemerror.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>

namespace photolift::server {

using namespace Qt::StringLiterals;

Result<FolderLock> FolderLock::take(const QByteArray &folder)
{
    FolderLock lock;
    lock.m_file = photo::FileDescriptor(::open(QByteArray(folder + "/server.lock").constData(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock.m_file.isOpen())
        return systemError(ErrorCode::LocalDiskError, "server.lock"_L1, errno);
    if (::flock(lock.m_file.get(), LOCK_EX | LOCK_NB) != 0) {
        const bool isTaken = errno == EWOULDBLOCK;
        return systemError(isTaken ? ErrorCode::LocalListBusy : ErrorCode::LocalDiskError, "server.lock"_L1, errno);
    }
    return lock;
}

} // namespace photolift::server
