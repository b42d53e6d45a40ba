#include "app/server/work/lastseen.h"

#include "app/server/work/statement.h"

#include <QHash>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace photolift::server {

Result<QList<ClientSeen>> lastSeen(const QSqlDatabase &database)
{
    auto query = execute(database,
                         "SELECT d.device_id, u.user_id, v.app_version_number, unix_ms(h.captured_timestamp) AS captured,"
                         " unix_ms(h.received_timestamp) AS received, p.user_name FROM dim_devices d"
                         " JOIN fact_client_heartbeats h ON h.heartbeat_id = (SELECT n.heartbeat_id FROM fact_client_heartbeats n"
                         " WHERE n.device_key = d.device_key AND n.received_timestamp IS NOT NULL"
                         " ORDER BY n.received_timestamp DESC, n.captured_timestamp DESC LIMIT 1)"
                         " JOIN dim_users u ON u.user_key = h.user_key LEFT JOIN server_users p ON p.user_id = u.user_id"
                         " JOIN dim_app_versions v ON v.app_version_key = h.app_version_key"_L1);
    if (!query)
        return query.error();
    QHash<QString, ClientSeen> clients; // a device has one row for each system it ran
    while (query->next()) {
        const ClientSeen seen{query->value(0).toString(), query->value(1).toString(), query->value(5).toString(), query->value(2).toString(),
                              query->value(3).toLongLong(), query->value(4).toLongLong()};
        const auto known = clients.constFind(seen.deviceId);
        if (known == clients.cend() || std::pair(known->receivedMs, known->capturedMs) < std::pair(seen.receivedMs, seen.capturedMs))
            clients.insert(seen.deviceId, seen);
    }
    QList<ClientSeen> list = clients.values();
    std::sort(list.begin(), list.end(), [](const ClientSeen &a, const ClientSeen &b) { return a.receivedMs < b.receivedMs; });
    return list;
}

} // namespace photolift::server
