#pragma once

#include "models/vocabulary/result.h"

#include <QList>
#include <QSqlDatabase>
#include <QString>

namespace photolift::server {

/// Bytes that no account has any more and that are to leave the store: the table server_removals.
///
/// Others may bring equal bytes at any time, and a store knows no transactions. So whoever removes claims first and looks then, in
/// another transaction, whether somebody has them or is bringing them; the worker looks for a claim once the commit that makes an upload
/// its own is durable, and waits while there is one. At least one of the two sees the other.
class RemovalTable
{
public:
    explicit RemovalTable(const QSqlDatabase &database);

    struct Bytes {
        QString sha256 = QStringLiteral(""); ///< not null, which would be before and behind nothing
        qint64 size = 0;
    };
    Result<> add(const QString &sha256, qint64 size) const;
    /// The account forgets these bytes, unless it has them as a photo or in quarantine still; then they are added.
    Result<> forget(const QString &accountId, const Bytes &bytes) const;
    /// Behind this one in their order.
    Result<QList<Bytes>> behind(const Bytes &bytes, int most) const;
    /// False: another one has claimed them a moment ago, who may be just removing them.
    Result<bool> claim(const Bytes &bytes, qint64 nowMs) const;
    Result<bool> isClaimed(const QString &sha256, qint64 size) const;
    enum class Need {
        Nobodys,
        Kept,   ///< an account has them again; also as a photo whose copy was lost, which keeps its pictures
        Coming, ///< an upload may be about to keep them
    };
    Result<Need> needOf(const Bytes &bytes) const;
    Result<> release(const Bytes &bytes, qint64 claimedMs) const;
    Result<> end(const Bytes &bytes, qint64 claimedMs) const;

private:
    QSqlDatabase m_database;
};

} // namespace photolift::server
