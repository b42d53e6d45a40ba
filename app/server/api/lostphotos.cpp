#include "app/server/api/lostphotos.h"

#include "app/server/work/statement.h"

#include <QRandomGenerator>

using namespace Qt::StringLiterals;

namespace photolift::server {

Result<QList<QUuid>> attemptsOfLostPhotos(const QSqlDatabase &database, const Caller &caller)
{
    // From anywhere among the hashes: what nobody can bring any more is not in the way of the rest for ever.
    const QString from = QString::number(QRandomGenerator::global()->generate(), 16).rightJustified(8, u'0');
    QList<QUuid> lost;
    for (const auto &[first, end] : {std::pair(from, u"g"_s), std::pair(u""_s, from)}) {
        const Result<QList<QUuid>> some =
            idsOf(execute(database,
                          "SELECT DISTINCT u.client_upload_id, o.sha256 FROM server_objects o"
                          " JOIN server_uploads u ON u.account_id = o.account_id AND u.sha256 = o.sha256 AND u.size = o.size"
                          " JOIN server_assets a ON a.account_id = u.account_id AND a.sha256 = u.sha256 AND a.size = u.size"
                          "  AND a.project_id = u.project_id AND a.relative_path = u.relative_path"
                          " WHERE o.account_id = ? AND o.state = 'lost' AND o.sha256 >= ? AND o.sha256 < ?"
                          " AND u.user_id = ? AND u.state IN ('ended', 'duplicate', 'recalled') AND a.purge_ms IS NULL"
                          " AND NOT EXISTS (SELECT 1 FROM server_withdrawals w WHERE w.asset_id = a.asset_id AND w.user_id = u.user_id)"
                          " AND NOT EXISTS (SELECT 1 FROM fact_upload_attempts f WHERE f.item_id = u.item_id{::uuid} AND f.client_upload_id > u.client_upload_id{::uuid})"
                          " ORDER BY o.sha256, u.client_upload_id LIMIT ?"_L1,
                          {caller.accountId, first, end, caller.userId, MostLostAtOnce - lost.size()}));
        if (!some)
            return some.error();
        lost += *some;
        if (lost.size() >= MostLostAtOnce)
            break;
    }
    return lost;
}

} // namespace photolift::server
