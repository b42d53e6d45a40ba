#pragma once

#include "app/server/folderlock.h"

#include <QString>

namespace photolift::server {

/// A data folder that this process alone serves, and the name it gives it among the servers of one database.
class Home
{
public:
    /// Makes the name at the first start. LOCAL_LIST_BUSY while another process serves the folder.
    static Result<Home> take(const QString &folder);

    const QString &id() const { return m_id; } ///< a UUID, the same in each life of the server

private:
    FolderLock m_lock;
    QString m_id;
};

} // namespace photolift::server
