#pragma once

#include "models/vocabulary/result.h"

#include <QList>
#include <QSqlDatabase>
#include <QString>
#include <QUuid>

#include <optional>

namespace photolift::server {

/// Photos that their person takes out of what the server keeps: the table server_withdrawals, and phase two of it (purge.h). A photo is the person's
/// whose token brought it; one that several people brought to the same slot is each one's, and goes with the last of them. Their originals in quarantine
/// (quarantinetable.h) are counted, removed and taken back with them. In the transaction at hand.
class WithdrawalTable
{
public:
    struct Person {
        QString accountId;
        QString userId;
    };
    WithdrawalTable(const QSqlDatabase &database, Person person);

    /// Which of the person's photos.
    enum class By {
        Photo, ///< the id of one of its attempts, or of its item
        Batch,
        Everything, ///< the id says nothing
    };
    struct Photo {
        qint64 assetId = 0;
        QUuid clientUploadId; ///< the person's own attempt, the newest
        QUuid itemId;
        QString sha256;
        qint64 size = 0;
        QString projectId;
        QString relativePath;
        QString mediaType;
        std::optional<qint64> removedMs; ///< when its person removed it
        bool isOverdue = false;          ///< the days of its project's rule are over (retentiontable.h): it is about to go
    };
    /// Behind this asset, in their order.
    Result<QList<Photo>> photos(By by, const QUuid &id, qint64 nowMs, qint64 behind, int most) const;
    struct Standing {
        int photos = 0;
        int removed = 0;              ///< of these
        int underWay = 0;             ///< no photos yet: their commit came, or may come
        std::optional<qint64> goneMs; ///< when the first of the removed goes for good
    };
    Result<Standing> standing(By by, const QUuid &id) const;
    /// Phase one; how many were not removed before.
    Result<int> withdraw(By by, const QUuid &id, qint64 nowMs) const;
    /// As if they had been removed then.
    Result<int> withdrawFrom(By by, const QUuid &id, qint64 removedMs) const;
    /// How many are there again.
    Result<int> takeBack(By by, const QUuid &id) const;

    /// The day of everybody's photos begins again: how many.
    static Result<int> beginAnew(const QSqlDatabase &database, qint64 nowMs);
    /// Photos whose second phase has come, of anybody.
    static Result<QList<qint64>> due(const QSqlDatabase &database, qint64 nowMs, int most);
    /// Phase two, for everybody whose time has come. False when there is nobody any more.
    static Result<bool> remove(const QSqlDatabase &database, qint64 assetId, qint64 nowMs, std::optional<int> backupsKeptDays);

private:
    QVariantList with(QVariantList values, By by, const QUuid &id) const;

    QSqlDatabase m_database;
    const Person m_person;
};

} // namespace photolift::server
