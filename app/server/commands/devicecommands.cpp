#include "app/server/commands/devicecommands.h"

#include "app/server/people/auditlog.h"
#include "app/server/work/lastseen.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/pathtext.h"

#include <QDateTime>
#include <QTimeZone>

using namespace Qt::StringLiterals;

namespace photolift::server {

Result<> listDevices(Writing &writing, const Command &, QByteArray &output)
{
    const Result<QList<ClientSeen>> clients = lastSeen(writing.database);
    if (!clients)
        return clients.error();
    output.clear();
    for (const ClientSeen &client : *clients) { // all but the times is what a client says of itself
        const QString seen = QDateTime::fromMSecsSinceEpoch(client.receivedMs, QTimeZone::utc()).toString(Qt::ISODate);
        output += QString(displayName(client.deviceId) + u"  user "_s + displayName(client.userName.isEmpty() ? client.userId : client.userName) + u"  app "_s
                          + displayName(client.appVersion) + u"  last seen "_s + seen + u'\n')
                      .toUtf8();
    }
    // Not of one account, but of the whole server.
    return AuditLog(writing.database).append({u"server"_s, nowMs(), u"command"_s, {}, {}, u"devices.viewed"_s, u"server"_s, {{u"devices"_s, clients->size()}}});
}

} // namespace photolift::server
