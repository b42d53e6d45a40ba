#pragma once

#include "models/vocabulary/result.h"

#include <QList>
#include <QSqlDatabase>
#include <QString>

namespace photolift::server {

/// A client as the heartbeat left it that came last. What its own clock says decides nothing: it may once have been a year ahead.
struct ClientSeen {
    QString deviceId;
    QString userId;
    QString userName; ///< empty: nobody of this server, or erased
    QString appVersion;
    qint64 capturedMs = 0; ///< by its own clock
    qint64 receivedMs = 0; ///< by ours: when it was seen
};
/// Every client that ever sent a heartbeat, once, the most silent one first. One look into an index for each.
Result<QList<ClientSeen>> lastSeen(const QSqlDatabase &database);

} // namespace photolift::server
