#pragma once

#include <QStringList>

namespace photolift::test {

/// Notes what the thread that made it asks of the file system meanwhile: folders made and listed, files renamed and removed, rights
/// changed, local sockets bound. It stands in front of libc's functions of the whole process, libraries included, and hands every
/// call on; other threads are not noted. One at a time on a thread.
class DiskWatch
{
    Q_DISABLE_COPY_MOVE(DiskWatch)
public:
    DiskWatch();
    ~DiskWatch();
    QStringList calls() const; ///< such as "mkdir /tmp/a"

private:
    QStringList m_calls;
};

} // namespace photolift::test
