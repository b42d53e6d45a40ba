#pragma once

#include "models/vocabulary/result.h"

#include <QSqlDatabase>
#include <QString>

#include <optional>

namespace photolift::server {

/// How much an account may keep, and does. Only accounts with a quota are counted.
class QuotaTable
{
public:
    explicit QuotaTable(const QSqlDatabase &database);

    struct Use {
        qint64 quotaBytes = 0;
        qint64 usedBytes = 0; ///< stored, each content once, and reserved by uploads whose bytes are not decided yet
    };
    Result<std::optional<Use>> useOf(const QString &accountId) const; ///< nullopt: no quota
    /// INITIATION_QUOTA_FULL when so many bytes more would not fit. In the transaction that reserves them, which has to be
    /// DatabaseThreads' Serializable one: then two at once cannot both take the last room.
    Result<> checkRoom(const QString &accountId, qint64 bytes) const;
    /// Sets it, or takes it away, and counts anew what is stored. Less than is used refuses new uploads, nothing else.
    Result<> setQuota(const QString &accountId, std::optional<qint64> quotaBytes) const;

private:
    QSqlDatabase m_database;
};

} // namespace photolift::server
