#pragma once

#include "models/vocabulary/result.h"

#include <QList>
#include <QSqlDatabase>
#include <QString>
#include <QUuid>

#include <optional>

namespace photolift::server {

/// How long projects keep their photos, and which photos are about to go: server_project_rules, the purge of server_assets, server_purges.
/// A photo's days count from when it came, was asked for again, or was taken back from a purge. What is said of a whole project holds for its originals in
/// quarantine, too, which are counted as photos (quarantinetable.h). In the transaction at hand.
class RetentionTable
{
public:
    explicit RetentionTable(const QSqlDatabase &database);

    static constexpr int MostDays = 36500;
    /// nullopt: it keeps them.
    Result<std::optional<int>> daysOf(const QUuid &projectId) const;
    /// What the rule before has marked is marked no more.
    Result<> setDays(const QString &accountId, const QUuid &projectId, std::optional<int> days) const;

    /// What becomes of a project that has a rule.
    struct Standing {
        QUuid projectId;
        int days = 0;
        qint64 marked = 0; ///< photos that go
        qint64 markedBytes = 0;
        std::optional<qint64> firstPurgeMs; ///< when the first of them does
        qint64 overdue = 0; ///< photos that the next round marks
        qint64 overdueBytes = 0;
    };
    Result<QList<Standing>> standings(const QString &accountId, qint64 nowMs) const;

    /// Photos whose days are over, which nobody has marked yet.
    Result<QList<qint64>> overdue(qint64 nowMs, int most) const;
    /// Phase one (purgeTime()); false when the photo is not overdue any more. `isClockSteady`: it has been right for a day.
    Result<bool> mark(qint64 assetId, qint64 nowMs, bool isClockSteady) const;
    /// How many photos of the project go no more: marked ones, and those that the next round would mark, which nobody sees any more either.
    Result<int> undo(const QUuid &projectId, qint64 nowMs) const;
    /// Every first phase begins anew, in every project: how many photos.
    Result<int> unmarkAll() const;
    /// Photos whose second phase has come.
    Result<QList<qint64>> due(qint64 nowMs, int most) const;
    /// Phase two (leavingphoto.h). False when its time has not come, after all.
    Result<bool> remove(qint64 assetId, qint64 nowMs, std::optional<int> backupsKeptDays) const;

private:
    QSqlDatabase m_database;
};

} // namespace photolift::server
