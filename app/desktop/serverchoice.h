#pragma once

#include "models/vocabulary/result.h"

#include <QString>
#include <QUrl>

namespace photolift::desktop {

/// Which server the person chose for this data folder, in a small file there. Blocks on the disk.
struct ServerChoice {
    QUrl server;          ///< an organisation's, in use or used last; empty: none yet
    bool isUsed = false;  ///< false: the server on this computer
    QUrl used() const { return isUsed ? server : QUrl(); }

    static ServerChoice read(const QString &dataFolder);
    Result<> write(const QString &dataFolder) const; ///< on the disk when it says so
};

} // namespace photolift::desktop
